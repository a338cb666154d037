/**
 * Moving content that a codec has trouble with, drawn by code: each scene is a function of the frame's number alone, so
 * that a received picture can be compared with the one that was sent.
 */

export const SCENE_PX = { width: 640, height: 360 };
export const FRAMES_PER_SEC = 30;

export type SceneName = "lesson" | "meadow";

/** Draws frame `frame` of a scene over all of a canvas of `SCENE_PX`. */
export type Scene = (context: CanvasRenderingContext2D, frame: number) => void;

/** A scene ready to be drawn. */
export function scene(name: SceneName): Scene {
  return name === "lesson" ? lesson() : meadow();
}

const { width: WIDTH, height: HEIGHT } = SCENE_PX;
const TURN = 2 * Math.PI;
const FONT = 'system-ui, "Liberation Sans", sans-serif';

/** A board with writing, fine lines, a gradient, and a pendulum in front of it. */
function lesson(): Scene {
  return (context, frame) => {
    const secs = frame / FRAMES_PER_SEC;
    const board = context.createLinearGradient(0, 0, WIDTH, HEIGHT);
    board.addColorStop(0, "#f7f6f2");
    board.addColorStop(1, "#c9d3dc");
    context.fillStyle = board;
    context.fillRect(0, 0, WIDTH, HEIGHT);
    squared(context);
    writing(context);
    curve(context, secs);
    ramps(context);
    pendulum(context, secs);
  };
}

function squared(context: CanvasRenderingContext2D): void {
  context.strokeStyle = "rgb(47 125 246 / 0.25)";
  context.lineWidth = 1;
  context.beginPath();
  for (let x = 10.5; x < WIDTH; x += 15) {
    context.moveTo(x, 0);
    context.lineTo(x, HEIGHT);
  }
  for (let y = 10.5; y < HEIGHT; y += 15) {
    context.moveTo(0, y);
    context.lineTo(WIDTH, y);
  }
  context.stroke();
}

const LINES = [
  "A pendulum of length l swings in T = 2π √(l / g),",
  "whatever its mass and, while it swings little,",
  "however far. At l = 1 m and g = 9.81 m/s² that is",
  "2.006 s. On the Moon the same one takes 4.93 s.",
];

function writing(context: CanvasRenderingContext2D): void {
  context.fillStyle = "#10151c";
  context.textAlign = "left";
  context.font = `650 26px ${FONT}`;
  context.fillText("The pendulum", 28, 62);
  context.font = `14px ${FONT}`;
  LINES.forEach((line, index) => {
    context.fillText(line, 28, 92 + index * 20);
  });
  context.font = `11px ${FONT}`;
  context.fillStyle = "#5d6672";
  context.fillText("Fig. 1: angle over time, with its envelope", 28, 336);
}

function curve(context: CanvasRenderingContext2D, secs: number): void {
  for (const [color, width, swings] of [
    ["#5d6672", 1, 0],
    ["#d6336c", 1.5, 1],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    for (let x = 0; x <= 320; x += 2) {
      const fades = Math.exp(-x / 240);
      const y = 250 - 52 * fades * (swings ? Math.cos((x / 36 - secs) * TURN * 0.5) : 1);
      if (x === 0) context.moveTo(28 + x, y);
      else context.lineTo(28 + x, y);
    }
    context.stroke();
  }
}

/** Steps of gray and of colour, with rays that come closer and closer. */
function ramps(context: CanvasRenderingContext2D): void {
  for (let step = 0; step < 16; step++) {
    context.fillStyle = `hsl(0 0% ${(step / 15) * 100}%)`;
    context.fillRect(400 + step * 13, 300, 13, 16);
    context.fillStyle = `hsl(${step * 22.5} 70% 55%)`;
    context.fillRect(400 + step * 13, 320, 13, 16);
  }
  context.strokeStyle = "#10151c";
  context.lineWidth = 1;
  context.beginPath();
  for (let ray = 0; ray <= 24; ray++) {
    const angle = Math.PI * (0.5 + ray / 48);
    context.moveTo(626, 34);
    context.lineTo(626 + 90 * Math.cos(angle), 34 + 90 * Math.sin(angle));
  }
  context.stroke();
}

function pendulum(context: CanvasRenderingContext2D, secs: number): void {
  const angle = 0.55 * Math.cos(secs * Math.PI);
  const [x, y] = [500 + 190 * Math.sin(angle), 44 + 190 * Math.cos(angle)];
  context.strokeStyle = "#5d6672";
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(500, 44);
  context.lineTo(x, y);
  context.stroke();
  const light = context.createRadialGradient(x - 11, y - 12, 3, x, y, 34);
  light.addColorStop(0, "#ffc9b3");
  light.addColorStop(0.4, "#ff6a3d");
  light.addColorStop(1, "#8c2a0c");
  context.fillStyle = light;
  context.beginPath();
  context.arc(x, y, 32, 0, TURN);
  context.fill();
  context.fillStyle = "#ffffff";
  context.font = `700 15px ${FONT}`;
  context.textAlign = "center";
  context.fillText("m", x, y + 5);
}

/** A meadow under clouds, as a slowly swinging camera sees it: grain of every size, as photographs have. */
function meadow(): Scene {
  const wide = { width: WIDTH + 120, height: HEIGHT + 40 };
  const picture = document.createElement("canvas");
  Object.assign(picture, wide);
  // It is read by a canvas that a codec reads: on the processor both ways cost least.
  const into = picture.getContext("2d", { willReadFrequently: true });
  if (!into) throw new Error("This browser gives a canvas no 2D context.");
  const pixels = into.createImageData(wide.width, wide.height);
  for (let y = 0, at = 0; y < wide.height; y++) {
    for (let x = 0; x < wide.width; x++, at += 4) pixels.data.set(meadowAt(x, y, wide.height), at);
  }
  into.putImageData(pixels, 0, 0);
  return (context, frame) => {
    const secs = frame / FRAMES_PER_SEC;
    const x = -60 - 55 * Math.sin(secs * 0.9) - 3 * Math.sin(secs * 7.1);
    const y = -20 - 12 * Math.sin(secs * 1.3) - 2 * Math.sin(secs * 9.7);
    context.drawImage(picture, x, y);
    balloon(context, 470 + x * 0.6, 120 + 14 * Math.sin(secs * 0.8));
  };
}

function meadowAt(x: number, y: number, height: number): [number, number, number, number] {
  const horizon = height * 0.42 + 26 * (grain(x / 90, 7, 3) - 0.5);
  if (y < horizon) {
    const cloud = Math.max(0, Math.min(1, (grain(x / 130, y / 60, 6) - 0.45) * 4));
    const blue = 1 - y / horizon;
    return [120 + 110 * cloud + 50 * (1 - blue), 165 + 70 * cloud + 30 * (1 - blue), 215 + 25 * cloud, 255];
  }
  const near = (y - horizon) / (height - horizon);
  const size = 3 + 26 * near;
  const blades = grain(x / size, y / (size * 2.2), 5);
  const flowers = grain(x / (2 + 7 * near) + 40, y / (2 + 6 * near), 1) > 0.93 ? 1 : 0;
  const light = 45 + 130 * blades + 30 * (1 - near);
  return [
    light * (0.62 + 0.9 * flowers),
    light * (0.95 + 0.1 * flowers),
    light * (0.38 + 0.9 * flowers),
    255,
  ];
}

function balloon(context: CanvasRenderingContext2D, x: number, y: number): void {
  // Stripes as on a ball: narrower ellipses over wider ones.
  [46, 33, 20, 7].forEach((halfWidth, stripe) => {
    context.fillStyle = stripe % 2 ? "#f7f6f2" : "#d6336c";
    context.beginPath();
    context.ellipse(x, y, halfWidth, 46, 0, 0, TURN);
    context.fill();
  });
  context.strokeStyle = "#10151c";
  context.lineWidth = 1;
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(x + side * 26, y + 38);
    context.lineTo(x + side * 7, y + 66);
  }
  context.stroke();
  context.fillStyle = "#7a4a20";
  context.fillRect(x - 9, y + 66, 18, 13);
}

/** Noise of several sizes, 0 to 1: values at whole places, smoothly between them, each octave half as strong. */
function grain(x: number, y: number, octaves: number): number {
  let [sum, most, weight] = [0, 0, 1];
  for (let octave = 0; octave < octaves; octave++) {
    const [scaledX, scaledY] = [x * 2 ** octave + octave * 17, y * 2 ** octave + octave * 31];
    const [left, top] = [Math.floor(scaledX), Math.floor(scaledY)];
    const [u, v] = [smooth(scaledX - left), smooth(scaledY - top)];
    const above = mix(dice(left, top), dice(left + 1, top), u);
    const below = mix(dice(left, top + 1), dice(left + 1, top + 1), u);
    sum += weight * mix(above, below, v);
    most += weight;
    weight *= 0.6;
  }
  return sum / most;
}

const mix = (a: number, b: number, share: number) => a + (b - a) * share;
const smooth = (share: number) => share * share * (3 - 2 * share);

/** A number from 0 to 1 for a whole place, always the same one. */
function dice(x: number, y: number): number {
  let bits = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return ((bits ^ (bits >>> 15)) >>> 0) / 0xffffffff;
}
