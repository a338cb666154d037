/**
 * three.js' side of the bench, in the page: the same models in the same places under the same light, with shadows; for
 * `whole` also as many points, labels as sprites and particles as points that stand still. It has no ambient occlusion.
 */

import * as three from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { glSettled } from "./gl_settled.mjs";

/** Opens the side; `makeRenderer` gives a renderer, what tells that it is done, and its name. */
export async function openThree(canvas, room, makeRenderer) {
  const began = performance.now();
  const { renderer, settled, name } = await makeRenderer(canvas);
  const readyMillis = performance.now() - began;
  renderer.setSize(canvas.width, canvas.height, false);
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.type = three.PCFShadowMap;
  const scene = new three.Scene();
  scene.background = new three.Color().setRGB(...room.background);
  const turning = await furnish(scene, room);
  const light = lit(scene, room);
  const marks = marked(room);
  scene.add(marks);
  const { camera, walk } = walking(room, canvas.width / canvas.height);
  return {
    about: { name },
    readyMillis,
    draw(content, timeSecs, moves) {
      const moved = moves ? timeSecs : 0;
      for (const { mesh, matrix } of turning) {
        mesh.matrix.makeRotationY((moved / room.turnSecs) * 2 * Math.PI).premultiply(matrix);
        mesh.matrixWorldNeedsUpdate = true;
      }
      walk(moved);
      marks.visible = content === "whole";
      light.castShadow = content !== "models";
      renderer.render(scene, camera);
    },
    settled,
  };
}

/** Opens the side over WebGL2. */
export function openSide(canvas, room) {
  return openThree(canvas, room, () => {
    const renderer = new three.WebGLRenderer({ canvas, antialias: true });
    const settled = () => glSettled(renderer.getContext());
    return { renderer, settled, name: `three.js r${three.REVISION}, WebGLRenderer` };
  });
}

/** Puts the things on the floor; gives those that turn. */
async function furnish(scene, room) {
  const loader = new GLTFLoader();
  const models = [];
  for (const name of room.models) {
    const bytes = await (await fetch(`/room/${name}.glb`)).arrayBuffer();
    const gltf = await loader.parseAsync(bytes, "");
    let mesh;
    gltf.scene.traverse((one) => {
      mesh ??= one.isMesh ? one : undefined;
    });
    models.push(mesh);
  }
  const turning = [];
  for (const { model, matrix, turns } of room.places) {
    const mesh = new three.Mesh(models[model].geometry, models[model].material);
    mesh.matrixAutoUpdate = false;
    mesh.matrix.fromArray(matrix);
    mesh.castShadow = true;
    mesh.receiveShadow = true;
    scene.add(mesh);
    if (turns) turning.push({ mesh, matrix: new three.Matrix4().fromArray(matrix) });
  }
  const [x, z] = room.floorHalfM;
  const floor = new three.Mesh(
    new three.PlaneGeometry(2 * x, 2 * z),
    new three.ShadowMaterial({ opacity: 0.5 }),
  );
  floor.rotation.x = -Math.PI / 2;
  floor.receiveShadow = true;
  scene.add(floor);
  return turning;
}

function lit(scene, { light, floorHalfM }) {
  const main = new three.DirectionalLight();
  main.color.setRGB(...light.intensityOverPi);
  main.intensity = Math.PI;
  main.position.fromArray(light.directionToLight).multiplyScalar(10);
  main.castShadow = true;
  main.shadow.mapSize.set(2048, 2048);
  main.shadow.normalBias = 0.02;
  const reach = Math.hypot(...floorHalfM);
  Object.assign(main.shadow.camera, {
    left: -reach,
    right: reach,
    bottom: -reach,
    top: reach,
    near: 1,
    far: 20,
  });
  const around = new three.LightProbe();
  around.sh.fromArray(light.sh);
  scene.add(main, main.target, around);
  return main;
}

/** Points, labels and particles. */
function marked(room) {
  const marks = new three.Group();
  marks.add(cloud(room.points.flat(), 3));
  const particles = Array.from({ length: room.particles * 3 }, (_, k) => ((k * 0.618034) % 1) * 0.8);
  marks.add(cloud(particles, 4));
  for (const [k, at] of room.labels.entries()) {
    const picture = document.createElement("canvas");
    picture.width = 160;
    picture.height = 60;
    const context = picture.getContext("2d");
    context.fillStyle = "#f7f6f2";
    context.fillRect(0, 0, 160, 60);
    context.fillStyle = "#3a424c";
    context.font = "28px sans-serif";
    context.fillText(`Thing ${k}`, 20, 40);
    const sprite = new three.Sprite(new three.SpriteMaterial({ map: new three.CanvasTexture(picture) }));
    sprite.position.fromArray(at);
    sprite.scale.set(0.24, 0.09, 1);
    marks.add(sprite);
  }
  return marks;
}

function cloud(positions, size) {
  const geometry = new three.BufferGeometry();
  geometry.setAttribute("position", new three.Float32BufferAttribute(positions, 3));
  return new three.Points(
    geometry,
    new three.PointsMaterial({ size, sizeAttenuation: false, color: 0x2f7df6 }),
  );
}

function walking({ camera: way }, aspect) {
  const camera = new three.PerspectiveCamera((way.fovRad * 180) / Math.PI, aspect, way.near, way.far);
  const center = new three.Vector3().fromArray(way.center);
  const walk = (timeSecs) => {
    const angle = (timeSecs / way.walkSecs) * 2 * Math.PI;
    camera.position
      .set(Math.sin(angle) * way.distanceM, way.heightM, Math.cos(angle) * way.distanceM)
      .add(center);
    camera.lookAt(center);
  };
  return { camera, walk };
}
