/** Every sentence of the page about streams, in English; a translation replaces this file. */

export const words = {
  title: "A poor connection, made better",
  promise:
    "The first picture went through a real connection, at far too low a bit rate. In the second one Sightline has sharpened it and can mend its light and colours, here in the browser.",
  plain: "As it arrives",
  processed: "After Sightline",
  figures: (codec: string, kbit: number, pictures: number) =>
    `${codec ? `${codec}, ` : ""}${Math.round(kbit).toLocaleString("en")} kbit/s, ${Math.round(pictures)} ${Math.round(pictures) === 1 ? "picture" : "pictures"} a second`,
  backends: { webgpu: "Draws with WebGPU", webgl2: "Draws with WebGL2" },
  video: "The picture as it arrives",
  canvas: "The picture after processing",
  compare: "Before and after",
  compareValue: (percent: number) => `${percent} percent as it arrives`,
  pause: "Pause",
  play: "Go on",
  connection: "Connection",
  rate: "Bit rate in kbit/s",
  content: "What is sent",
  contents: { lesson: "A lesson", meadow: "A meadow" },
  picture: "Picture",
  sharpness: "Sharpen",
  deblocking: "Even out blocks",
  light: "Light and colour",
  exposure: "Exposure",
  stops: (value: number) => `${signed(value, 1)} stops`,
  temperature: "Cooler or warmer",
  tint: "Greener or more magenta",
  saturation: "Colour",
  percent: (share: number) => `${Math.round(share * 100)}%`,
  signedPercent: (share: number) => `${signed(share * 100, 0)}%`,
  pick: "Pick a gray spot",
  picking: "Tap something in the second picture that is gray or white.",
  balance: "Balance by itself",
  reset: "Reset",
  loading: (share: number | undefined) =>
    share === undefined ? "Getting ready" : `Getting ready, ${Math.round(share * 100)}%`,
  retry: "Try again",
  noWebRtc: {
    title: "This browser has no WebRTC",
    text: "This page sends its picture over a WebRTC connection. Current browsers have it, unless it was turned off.",
  },
  noLink: {
    title: "The connection did not come about",
    text: "The two ends are both in this page and did not find each other. An extension or a setting may keep WebRTC from using this device's addresses.",
  },
  noView: "This browser draws neither with WebGPU nor with WebGL2, so there is only the plain picture.",
  noModule: "The part that draws this picture did not load. Is the network gone?",
  lost: "The graphics driver stopped. Trying again helps.",
};

function signed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text.replace("-", "−");
}
