import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capabilities } from "../capabilities";
import { strings } from "../strings";
import { deviceFacts } from "./start_screen";

const everything: Capabilities = {
  secureContext: true,
  camera: true,
  webgpu: true,
  webgl2: true,
  immersiveAr: true,
  xrGpuBinding: true,
  wasmSimd: true,
};
const words = (found: Partial<Capabilities>) =>
  deviceFacts({ ...everything, ...found }).map((fact) => fact.words);

test("a browser that draws nothing is told only that", () => {
  assert.deepEqual(words({ webgpu: false, webgl2: false }), [strings.device.noView]);
  assert.deepEqual(words({ wasmSimd: false }), [strings.device.noView]);
});

test("what is missing is said, the reason that can be mended first", () => {
  assert.deepEqual(words({ immersiveAr: false, camera: false, secureContext: false, webgpu: false }), [
    strings.device.insecure,
    strings.device.webgl2,
  ]);
  assert.deepEqual(words({ immersiveAr: false }), [
    strings.device.camera,
    strings.device.noAr,
    strings.device.webgpu,
  ]);
});
