/**
 * Sightline's side: its own renderer in a page, over WebGL2, or over WebGPU where the module is `sightline_webgpu_side`.
 */

/** Opens the side over WebGL2. */
export function openSide() {
  return openSightline("webgl2");
}

/** Opens the side over one of the two backends. */
export async function openSightline(backend) {
  const glue = `/dist/wasm/sightline_model_view_${backend}.js`;
  const { default: start, ModelView } = await import(glue);
  await start({ module_or_path: `/dist/wasm/sightline_model_view_${backend}_bg.wasm` });
  const reader = "/dist/wasm/sightline_models.js";
  const { default: startReader, readModel } = await import(reader);
  await startReader({ module_or_path: "/dist/wasm/sightline_models_bg.wasm" });
  return {
    about: `Sightline over ${backend}`,
    draw: (scene) => draw(ModelView, readModel, scene),
  };
}

/** A view for each case: what one leaves behind cannot reach the next. */
async function draw(ModelView, readModel, { model, animation, size, background, camera, light, shadow }) {
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  document.body.append(canvas);
  const view = await ModelView.open(canvas);
  try {
    const bytes = new Uint8Array(await (await fetch(model)).arrayBuffer());
    const number = await view.addModel(readModel(bytes));
    if (animation) view.animate(number, animation.index, animation.timeSecs, true);
    view.place(new Uint32Array([number]), new Float32Array(identity()));
    const reflected = light.environment ? 1 : 0;
    view.setLight(
      new Float32Array(light.directionToLight),
      new Float32Array(light.intensityOverPi),
      new Float32Array(light.sh),
      reflected,
    );
    view.setEffects(shadow ? 1 : 0, 0, false, false);
    if (light.environment) {
      const { facePx, url } = light.environment;
      const floats = new Float32Array(await (await fetch(url)).arrayBuffer());
      view.setReflections(facePx, halfFloats(floats));
    }
    const projection = perspective(camera);
    const fromWorld = lookAt(camera.position, camera.target);
    // The second frame stands after the new reflections have faded in.
    view.draw(projection, fromWorld, new Float32Array(background), 0);
    view.draw(projection, fromWorld, new Float32Array(background), 10_000);
    return pixels(canvas);
  } finally {
    view.dispose();
    canvas.remove();
  }
}

/** The canvas as it was drawn in this task. */
function pixels(canvas) {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return new Uint8Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
}

function identity() {
  return [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
}

/** As WebXR gives it: clip z from -1 to 1. Column by column. */
function perspective({ fovYDeg, aspect, near, far }) {
  const f = 1 / Math.tan((fovYDeg * Math.PI) / 360);
  const depth = near - far;
  return new Float32Array([
    ...[f / aspect, 0, 0, 0],
    ...[0, f, 0, 0],
    ...[0, 0, (far + near) / depth, -1],
    ...[0, 0, (2 * far * near) / depth, 0],
  ]);
}

function lookAt(position, target) {
  const back = unit(position.map((value, k) => value - target[k]));
  const right = unit(cross([0, 1, 0], back));
  const up = cross(back, right);
  const axes = [right, up, back];
  const columns = [0, 1, 2].flatMap((k) => [...axes.map((axis) => axis[k]), 0]);
  const moved = axes.map((axis) => -axis.reduce((sum, value, k) => sum + value * position[k], 0));
  return new Float32Array([...columns, ...moved, 1]);
}

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** IEEE 754 halves of finite floats, rounded to the nearest; what is too large becomes the largest. */
export function halfFloats(floats) {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(bits, (word) => {
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude >= 0x477ff000) return sign | 0x7bff;
    // Below the least normal half: multiples of 2^-24.
    if (magnitude < 0x38800000) {
      const value = new Float32Array(new Uint32Array([magnitude]).buffer)[0];
      return sign | Math.round(value * 2 ** 24);
    }
    return sign | ((magnitude - 0x38000000 + 0x1000) >>> 13);
  });
}
