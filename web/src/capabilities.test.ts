import assert from "node:assert/strict";
import { test } from "node:test";
import { type Capabilities, chooseView } from "./capabilities";

const EVERYTHING: Capabilities = {
  secureContext: true,
  camera: true,
  webgpu: true,
  webgl2: true,
  immersiveAr: false,
  xrGpuBinding: false,
  wasmSimd: true,
};

test("WebGPU is taken where there is an adapter and no AR of the browser's own", () => {
  assert.equal(chooseView(EVERYTHING), "webgpu");
  assert.equal(chooseView({ ...EVERYTHING, webgpu: false }), "webgl2");
});

test("AR of the browser's own is drawn by the view that has sessions", () => {
  assert.equal(chooseView({ ...EVERYTHING, immersiveAr: true }), "webgl2");
  assert.equal(chooseView({ ...EVERYTHING, immersiveAr: true, xrGpuBinding: true }), "webgl2");
  assert.equal(chooseView({ ...EVERYTHING, immersiveAr: true, webgl2: false }), "webgpu");
});

test("a wish holds where it can be met", () => {
  assert.equal(chooseView(EVERYTHING, "webgl2"), "webgl2");
  assert.equal(chooseView({ ...EVERYTHING, webgpu: false }, "webgpu"), "webgl2");
});

test("a browser without what the module needs is told so", () => {
  const code = (expected: string) => (thrown: unknown) => (thrown as { code?: string }).code === expected;
  assert.throws(() => chooseView({ ...EVERYTHING, webgpu: false, webgl2: false }), code("view-unavailable"));
  assert.throws(() => chooseView({ ...EVERYTHING, wasmSimd: false }), code("module-unsupported"));
});
