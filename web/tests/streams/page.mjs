/**
 * In the page of the bench `streams`: sends a scene through a connection, keeps what comes, and compares it with what
 * was sent, plain and processed. Bundled by `measure_streams.mjs`.
 */

import { setArtefactBase } from "../../src/modules.ts";
import { StreamView } from "../../src/stream_view.ts";
import { PoorLink } from "../../src/streams/poor_link.ts";
import { FRAMES_PER_SEC, SCENE_PX, scene } from "../../src/streams/scenes.ts";
import { luma, ssim } from "../ssim.mjs";

const { width: WIDTH, height: HEIGHT } = SCENE_PX;

/** The number of a frame stands in its top rows as so many white or black blocks; the score leaves these rows out. */
const BITS = 16;
const BLOCK_PX = { width: WIDTH / BITS, height: 24 };
/** So many rows are left out: those of the number, and what the codec and the chain smear of it. */
const ROWS_LEFT_OUT = 40;

/** How long the bit rate may take to settle. */
const SETTLING_FRAMES = 150;

setArtefactBase("/dist/wasm/");

/** A photograph that the camera moves over, with the noise of a sensor. */
async function photographs(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const grains = Array.from({ length: 8 }, grainPicture);
  return (context, frame) => {
    const secs = frame / FRAMES_PER_SEC;
    const zoom = 0.62 + 0.06 * Math.sin(secs * 0.7);
    const [w, h] = [image.width * zoom, (image.width * zoom * HEIGHT) / WIDTH];
    const x = (image.width - w) * (0.5 + 0.4 * Math.sin(secs * 0.9) + 0.01 * Math.sin(secs * 11));
    const y = (image.height - h) * (0.5 + 0.4 * Math.cos(secs * 0.8) + 0.01 * Math.sin(secs * 13));
    context.drawImage(image, x, y, w, h, 0, 0, WIDTH, HEIGHT);
    context.globalAlpha = 0.03;
    context.drawImage(grains[frame % grains.length], 0, 0);
    context.globalAlpha = 1;
  };
}

function grainPicture(_, index) {
  const canvas = sheet();
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixels = context.createImageData(WIDTH, HEIGHT);
  let state = index + 1;
  for (let at = 0; at < pixels.data.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels.data.fill(state >>> 24, at, at + 3);
    pixels.data[at + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function sheet() {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  return canvas;
}

function draw(scene, context, frame) {
  scene(context, frame);
  for (let bit = 0; bit < BITS; bit++) {
    context.fillStyle = (frame >> bit) & 1 ? "#ffffff" : "#000000";
    context.fillRect(bit * BLOCK_PX.width, 0, BLOCK_PX.width, BLOCK_PX.height);
  }
}

/** The number that stands in a picture; absent where it cannot be read. */
function frameOf(rgba) {
  let frame = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const [x, y] = [Math.floor((bit + 0.5) * BLOCK_PX.width), BLOCK_PX.height / 2];
    const value = rgba[(y * WIDTH + x) * 4 + 1];
    if (value > 80 && value < 175) return undefined;
    if (value >= 128) frame |= 1 << bit;
  }
  return frame;
}

/** Sends a scene and keeps `count` of the pictures that come once the rate has settled. */
async function received({ scene, codec, kbitPerSec, count }) {
  const canvas = sheet();
  const context = canvas.getContext("2d", { willReadFrequently: true });
  draw(scene, context, 0);
  const [track] = canvas.captureStream(0).getVideoTracks();
  let frame = 0;
  const timer = setInterval(() => {
    draw(scene, context, ++frame);
    track.requestFrame();
  }, 1000 / FRAMES_PER_SEC);
  track.requestFrame();
  const isLoopback = ({ address }) => address === "127.0.0.1";
  const link = await PoorLink.open(track, { kbitPerSec, codec, takes: isLoopback });
  try {
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = link.received;
    const reader = sheet().getContext("2d", { willReadFrequently: true });
    const pictures = new Map();
    await video.play();
    let from = 0;
    let seen = 0;
    const end = performance.now() + 60_000;
    while (pictures.size < count && performance.now() < end) {
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      if (frame < SETTLING_FRAMES) continue;
      if (!from) {
        from = performance.now();
        await link.figures();
      }
      // Every third picture: what follows at once is nearly the same.
      if (seen++ % 3 || video.videoWidth !== WIDTH) continue;
      reader.drawImage(video, 0, 0);
      const rgba = reader.getImageData(0, 0, WIDTH, HEIGHT).data;
      const number = frameOf(rgba);
      if (number !== undefined && number <= frame && number > frame - 120) pictures.set(number, rgba);
    }
    const figures = await link.figures();
    return { pictures, figures };
  } finally {
    clearInterval(timer);
    track.stop();
    link.close();
  }
}

/**
 * @param job `{ content, photograph, codec, kbitPerSec, count, backend, presets }`; a preset without numbers is the poor
 * stream's own
 * @returns the link's figures, and per preset the mean SSIM and how many of the pictures came nearer to their source
 */
export async function measure(job) {
  const shown = job.content === "photograph" ? await photographs(job.photograph) : scene(job.content);
  const { pictures, figures } = await received({ ...job, scene: shown });
  const canvas = sheet();
  const view = await StreamView.open(canvas, { backend: job.backend });
  const feed = sheet();
  const feedContext = feed.getContext("2d");
  const source = sheet().getContext("2d", { willReadFrequently: true });
  const back = sheet().getContext("2d", { willReadFrequently: true });
  const scoreOf = (rgba, truth) => ssim(luma(rgba, WIDTH, ROWS_LEFT_OUT), truth, WIDTH);
  const presets = job.presets ?? [view.poorStream];
  const sums = presets.map(() => ({ ssim: 0, nearer: 0 }));
  let before = 0;
  for (const [number, rgba] of pictures) {
    draw(shown, source, number);
    const truth = luma(source.getImageData(0, 0, WIDTH, HEIGHT).data, WIDTH, ROWS_LEFT_OUT);
    const plain = scoreOf(rgba, truth);
    before += plain;
    feedContext.putImageData(new ImageData(rgba, WIDTH, HEIGHT), 0, 0);
    presets.forEach((preset, index) => {
      view.adjust(preset);
      view.draw(feed);
      back.drawImage(canvas, 0, 0);
      const after = scoreOf(back.getImageData(0, 0, WIDTH, HEIGHT).data, truth);
      sums[index].ssim += after;
      if (after > plain) sums[index].nearer++;
    });
  }
  const backend = view.backend;
  const sample = job.keep && [...pictures].at(-1);
  let kept;
  if (sample) {
    feedContext.putImageData(new ImageData(sample[1], WIDTH, HEIGHT), 0, 0);
    view.adjust(presets.at(-1));
    view.draw(feed);
    back.drawImage(canvas, 0, 0);
    draw(shown, source, sample[0]);
    kept = [source.canvas, feed, back.canvas].map((each) => each.toDataURL("image/png"));
  }
  view.dispose();
  return {
    figures,
    backend,
    pictures: pictures.size,
    before: before / pictures.size,
    after: presets.map((preset, index) => ({
      preset,
      ssim: sums[index].ssim / pictures.size,
      nearer: sums[index].nearer,
    })),
    kept,
  };
}

window.measure = measure;
