/**
 * Models on a page of somebody else, through the package: fetched, read in the worker, drawn in both views; what cannot
 * be shown says why and leaves the rest as it was; a device that is lost is replaced.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { NodeIO } from "@gltf-transform/core";
import { launchChromium } from "../chromium.mjs";
import { until } from "../page.mjs";
import { readPng } from "../png.mjs";
import { startRelay } from "../relay.mjs";
import { Model } from "../render_reference/models/build.mjs";
import { placeColours } from "../render_reference/models/pictures.mjs";
import { box, plain } from "../render_reference/models/shapes.mjs";

/** A red box of a metre that slides, by the animation "Slide", out of the picture within two seconds. */
function slidingBox() {
  const model = new Model();
  const node = model.show(plain(box(1)), model.material({ colour: [0.8, 0.05, 0.05, 1] }));
  const sampler = model.document
    .createAnimationSampler()
    .setInput(model.accessor("SCALAR", new Float32Array([0, 2])))
    .setOutput(model.accessor("VEC3", new Float32Array([0, 0, 0, 20, 0, 0])));
  const channel = model.document
    .createAnimationChannel()
    .setTargetNode(node)
    .setTargetPath("translation")
    .setSampler(sampler);
  model.document.createAnimation("Slide").addSampler(sampler).addChannel(channel);
  return model;
}

/** A box whose picture and numbers are files of their own. */
async function boxInParts() {
  const model = new Model();
  const material = model.material();
  material.setBaseColorTexture(model.texture(placeColours()).setURI("pictures/place colours.png"));
  model.show(plain(box(1)), material);
  model.buffer.setURI("numbers.bin");
  return new NodeIO().writeJSON(model.document);
}

/** A GLB whose JSON is changed. */
function changed(glb, change) {
  const jsonLength = glb.readUInt32LE(12);
  const json = JSON.parse(glb.subarray(20, 20 + jsonLength).toString());
  change(json);
  const text = Buffer.from(JSON.stringify(json));
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 3, " ")]);
  const head = Buffer.from(glb.subarray(0, 20));
  head.writeUInt32LE(glb.length - jsonLength + padded.length, 8);
  head.writeUInt32LE(padded.length, 12);
  return Buffer.concat([head, padded, glb.subarray(20 + jsonLength)]);
}

async function servedFiles() {
  const glb = Buffer.from(await slidingBox().bytes());
  const { json, resources } = await boxInParts();
  const files = {
    "sliding.glb": glb,
    "cut.glb": glb.subarray(0, glb.length - 64),
    "strange.glb": changed(glb, (json) => {
      json.extensionsUsed = json.extensionsRequired = ["EXT_from_the_future"];
    }),
    "parts.gltf": Buffer.from(JSON.stringify(json)),
    "half/parts.gltf": Buffer.from(JSON.stringify(json)),
  };
  for (const [name, bytes] of Object.entries(resources)) files[decodeURI(name)] = Buffer.from(bytes);
  return files;
}

const PAGE = `<!doctype html><title>Somebody else's page</title>
<style>canvas { width: 200px; height: 200px; }</style><canvas width="200" height="200"></canvas>`;

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

for (const backend of ["webgpu", "webgl2"]) {
  describe(`models through ${backend}`, () => {
    let browser;
    let page;
    const asked = [];
    before(async () => {
      browser = await launchChromium({ webgpu: backend === "webgpu" });
      page = await browser.page();
      const files = await servedFiles();
      await page.route("**/theirs/**", (route) => {
        const name = decodeURIComponent(new URL(route.request().url()).pathname.slice("/theirs/".length));
        if (name === "") return route.fulfill({ body: PAGE, contentType: "text/html" });
        return files[name] ? route.fulfill({ body: files[name] }) : route.fulfill({ status: 404 });
      });
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      await page.goto(`${relay.url}/theirs/`);
      const drawnBy = await page.evaluate(open, [backend, {}]);
      assert.equal(drawnBy, backend);
    });
    after(() => browser.close());

    /** The colour in the middle of the canvas, once the scene is drawn. */
    async function middle() {
      await page.evaluate(() => window.draw());
      const { at } = readPng(await page.locator("canvas").screenshot());
      return at(100, 100);
    }

    test("a model appears, and moves", async () => {
      const modules = asked.filter((path) => path.endsWith(".wasm"));
      assert.deepEqual(modules, [`/wasm/sightline_model_view_${backend}_bg.wasm`]);
      assert.ok(!asked.some((path) => path.includes("models")), "the reader came before there was a model");
      assert.deepEqual((await middle()).slice(0, 3), [0, 0, 0]);
      const added = await page.evaluate(add, "sliding.glb");
      assert.equal(added.code, undefined, JSON.stringify(added));
      const { bounds, animations, notes, progress } = added;
      assert.deepEqual(bounds, { min: [-0.5, -0.5, -0.5], max: [0.5, 0.5, 0.5] });
      assert.deepEqual(animations, [{ name: "Slide", durationSecs: 2 }]);
      assert.deepEqual(notes, []);
      assert.ok(progress.loaded > 0 && progress.loaded === progress.total, JSON.stringify(progress));
      assert.ok(asked.some((path) => path.endsWith("sightline_models_bg.wasm")));
      const [red, green] = await middle();
      assert.ok(red > 60 && red > 2 * green, `${red}, ${green}`);
      await page.evaluate(() => window.view.animate(window.models[0], 0, 1, false));
      assert.deepEqual((await middle()).slice(0, 3), [0, 0, 0], "it has slid out of the picture");
      await page.evaluate(() => window.view.animate(window.models[0], 0, 0, false));
    });

    test("what cannot be shown says why, and the scene stays", async () => {
      const shown = await middle();
      assert.ok(shown[0] > 60);
      const failures = {
        "cut.glb": ["model", /GLB|ends|length|bytes/],
        "strange.glb": ["model", /EXT_from_the_future/],
        "half/parts.gltf": ["model-unreachable", /"(numbers\.bin|pictures\/place colours\.png)".*404/],
        "absent.glb": ["model-unreachable", /absent\.glb.*404/],
      };
      for (const [name, [code, message]] of Object.entries(failures)) {
        const failure = await page.evaluate(add, name);
        assert.equal(failure.code, code, `${name}: ${JSON.stringify(failure)}`);
        assert.match(failure.message, message, name);
        assert.deepEqual(await middle(), shown, name);
      }
    });

    test("a model comes in parts", async () => {
      await page.evaluate(() => {
        window.view.remove(window.models.pop());
      });
      const added = await page.evaluate(add, "parts.gltf");
      assert.equal(added.code, undefined, JSON.stringify(added));
      const colour = await middle();
      assert.ok(Math.max(...colour.slice(0, 3)) > 40, `${colour}`);
    });

    test("a lost device is replaced, with all that was there", async () => {
      await page.evaluate(mirror);
      const added = await page.evaluate(add, "sliding.glb");
      assert.equal(added.code, undefined, JSON.stringify(added));
      await page.evaluate(() => window.view.animate(window.models[1], 0, 0.03, false));
      const before = await middle();
      assert.ok(before[0] > 60, `${before}`);
      for (const time of ["first", "second"]) {
        await page.evaluate(() => {
          window.heard.length = 0;
        });
        await page.evaluate(loseDevice, backend);
        await until(page, "word of the loss", () => window.heard[0] === "lost");
        if (backend === "webgl2") {
          assert.equal(await page.evaluate(() => window.draw()), false, "nothing is drawn on a lost device");
          await page.evaluate(() => {
            window.adding = window.view.add("/theirs/sliding.glb");
          });
          await page.evaluate(() => window.loser.restoreContext());
          // It waited for the new device.
          await page.evaluate(() => window.adding.then((model) => window.view.remove(model)));
        }
        await until(page, "a new device", () => window.heard.includes("restored"));
        assert.deepEqual(await page.evaluate(() => window.heard), ["lost", "restored"]);
        assert.deepEqual(await middle(), before, `after the ${time} loss`);
      }
      const pipelines = await page.evaluate(() => window.view.description.pipelines.made);
      assert.ok(pipelines > 30);
      assert.deepEqual(
        page.log.filter((line) => /panicked|unreachable|uncaught|INVALID/.test(line)),
        [],
      );
    });

    test("a view that shall not restore tells that its device is gone", async () => {
      const other = await browser.page();
      await other.route("**/theirs/", (route) => route.fulfill({ body: PAGE, contentType: "text/html" }));
      await other.goto(`${relay.url}/theirs/`);
      await other.evaluate(open, [backend, { restores: false }]);
      assert.equal(await other.evaluate(() => window.draw()), true);
      await other.evaluate(loseDevice, backend);
      await until(other, "word of the end", () => window.heard.includes("gone"));
      assert.deepEqual(await other.evaluate(() => window.heard), ["lost", "gone"]);
      const code = await other.evaluate(() => {
        try {
          return `drew: ${window.draw()}`;
        } catch (thrown) {
          return thrown.code;
        }
      });
      assert.equal(code, "device");
      await other.close();
    });
  });
}

/** In the page: a view, and what draws all models where they are. Gives the backend. */
async function open([backend, options]) {
  window.devices = [];
  if (backend === "webgpu") {
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...wanted) {
      const device = await request.apply(this, wanted);
      window.devices.push(device);
      return device;
    };
  }
  const { ModelView } = await import("/sightline.js");
  window.heard = [];
  const onDevice = (state) => window.heard.push(state);
  window.view = await ModelView.open(document.querySelector("canvas"), { backend, onDevice, ...options });
  window.models = [];
  const none = new Array(24).fill(0);
  window.view.setLight({
    directionToLight: [0, 0, 1],
    intensity: [0.5, 0.5, 0.5],
    sphericalHarmonics: [1, 1, 1, ...none],
    reflections: 0,
  });
  window.timeMillis = 0;
  window.draw = () => {
    const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    window.view.place(window.models.map((model) => ({ model, worldFromModel: identity })));
    const drawAt = (timeMillis) =>
      window.view.draw({
        timeMillis,
        // Half a right angle high, from 0.1 m to 100 m.
        projectionFromView: [2.414, 0, 0, 0, 0, 2.414, 0, 0, 0, 0, -1.002, -1, 0, 0, -0.2002, 0],
        viewFromWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -3, 1],
        background: [0, 0, 0],
      });
    // Reflections fade in from the frame on that shows them first.
    drawAt(window.timeMillis);
    window.timeMillis += 10_000;
    return drawAt(window.timeMillis);
  };
  return window.view.backend;
}

/** In the page: surfaces mirror a blue room from now on. */
function mirror() {
  const [blue, one] = [0x3a00, 0x3c00]; // 0.75 and 1 as half floats
  const face = Array.from({ length: 16 }, () => [0, 0, blue, one]).flat();
  window.view.setReflections(4, new Uint16Array(Array(6).fill(face).flat()));
  window.view.setLight({
    directionToLight: [0, 0, 1],
    intensity: [0.5, 0.5, 0.5],
    sphericalHarmonics: [1, 1, 1, ...new Array(24).fill(0)],
    reflections: 1,
  });
  window.draw();
}

/** In the page: the graphics driver stops. */
function loseDevice(backend) {
  if (backend === "webgpu") {
    window.devices.at(-1).destroy();
    return;
  }
  window.loser ??= document.querySelector("canvas").getContext("webgl2").getExtension("WEBGL_lose_context");
  window.loser.loseContext();
}

/** In the page: adds a model; gives what it is like, or why it is not there. */
async function add(name) {
  let progress;
  try {
    const onProgress = (now) => {
      progress = now;
    };
    const model = await window.view.add(`/theirs/${name}`, { onProgress });
    window.models.push(model);
    return { ...model, progress };
  } catch (thrown) {
    return { code: thrown.code, message: thrown.message };
  }
}
