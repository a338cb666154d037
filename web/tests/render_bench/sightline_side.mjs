/** Sightline's side of the bench, in the page: the class-room over one of the two backends. */

import { glSettled } from "./gl_settled.mjs";

/** As `RenderBench.draw` numbers them. */
const CONTENTS = { whole: 0, "models and shadows": 1, models: 2, points: 3 };

/** Opens the side; `oneByOne`: tells what each pipeline takes. */
export async function openSide(canvas, room, { backend, oneByOne = false }) {
  const name = `sightline_render_bench_${backend}`;
  const { default: start, RenderBench } = await import(/* @vite-ignore */ `/wasm/${name}.js`);
  const wasm = await start({ module_or_path: `/wasm/${name}_bg.wasm` });
  const reader = await import(/* @vite-ignore */ "/wasm/sightline_models.js");
  await reader.default({ module_or_path: "/wasm/sightline_models_bg.wasm" });
  const began = performance.now();
  const bench = await RenderBench.open(canvas, oneByOne);
  const readyMillis = performance.now() - began;
  for (const model of room.models) {
    const file = await fetch(`/room/${model}.glb`);
    await bench.addModel(reader.readModel(new Uint8Array(await file.arrayBuffer())));
  }
  bench.furnish();
  const context = backend === "webgl2" ? canvas.getContext("webgl2") : null;
  const about = JSON.parse(bench.about());
  return {
    about: { ...about, name: `Sightline, ${about.backend}`, pipelineTimes: JSON.parse(bench.pipelines()) },
    readyMillis,
    draw: (content, timeSecs, moves) => bench.draw(CONTENTS[content], timeSecs, moves),
    settled: () => (context ? glSettled(context) : bench.finished()),
    timePasses: (on) => bench.timePasses(on),
    passTimes: () => JSON.parse(bench.passTimes()),
    setPointCount: (count) => bench.setPointCount(count),
    wasmBytes: () => wasm.memory.buffer.byteLength,
  };
}
