/** Shapes of the generated models as arrays by glTF's names of attributes; metres, +Y up, front faces +Z. */

/** What an attribute is, by its name. */
const TYPES = {
  POSITION: "VEC3",
  NORMAL: "VEC3",
  TANGENT: "VEC4",
  TEXCOORD_0: "VEC2",
};

function shape(attributes, indices) {
  const typed = Object.entries(attributes).map(([name, values]) => [
    name,
    { type: TYPES[name], array: new Float32Array(values) },
  ]);
  return { attributes: Object.fromEntries(typed), indices: indices && new Uint16Array(indices) };
}

/** A grid of `columns` by `rows` quads from a function of u to the right and v downwards. */
function grid(columns, rows, at) {
  const all = { POSITION: [], NORMAL: [], TANGENT: [], TEXCOORD_0: [] };
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const [u, v] = [column / columns, row / rows];
      const { position, normal, tangent } = at(u, v);
      all.POSITION.push(...position);
      all.NORMAL.push(...normal);
      all.TANGENT.push(...tangent, 1);
      all.TEXCOORD_0.push(u, v);
    }
  }
  const indices = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const a = row * (columns + 1) + column;
      const b = a + columns + 1;
      indices.push(a, b, a + 1, a + 1, b, b + 1);
    }
  }
  return shape(all, indices);
}

/** A sphere; u runs around it eastwards, v from the north pole to the south pole. */
export function sphere(radius = 1, columns = 48, rows = 24) {
  return grid(columns, rows, (u, v) => {
    const [east, down] = [2 * Math.PI * u, Math.PI * v];
    const normal = [Math.sin(down) * Math.sin(east), Math.cos(down), Math.sin(down) * Math.cos(east)];
    return {
      position: normal.map((value) => value * radius),
      normal,
      tangent: [Math.cos(east), 0, -Math.sin(east)],
    };
  });
}

/** A sheet that faces +Z. */
export function sheet(width = 2, height = 2, columns = 1, rows = 1) {
  return grid(columns, rows, (u, v) => ({
    position: [(u - 0.5) * width, (0.5 - v) * height, 0],
    normal: [0, 0, 1],
    tangent: [1, 0, 0],
  }));
}

/** A sheet that is bent around the Y axis by an angle, hollow towards +Z. */
export function bentSheet(radius = 1, height = 1.6, angleRad = 4.2, columns = 40) {
  return grid(columns, 8, (u, v) => {
    const turn = (u - 0.5) * angleRad;
    const out = [Math.sin(turn), 0, -Math.cos(turn)];
    return {
      position: [out[0] * radius, (0.5 - v) * height, out[2] * radius],
      normal: out.map((value) => -value),
      tangent: [Math.cos(turn), 0, Math.sin(turn)],
    };
  });
}

/** A tube that stands on the ground, open at both ends. */
export function tube(radius = 0.25, height = 2, columns = 24, rows = 20) {
  return grid(columns, rows, (u, v) => {
    const turn = 2 * Math.PI * u;
    const out = [Math.sin(turn), 0, Math.cos(turn)];
    return {
      position: [out[0] * radius, (1 - v) * height, out[2] * radius],
      normal: out,
      tangent: [Math.cos(turn), 0, -Math.sin(turn)],
    };
  });
}

/** A box, each face with the whole picture. */
export function box(size = 1) {
  const all = { POSITION: [], NORMAL: [], TANGENT: [], TEXCOORD_0: [] };
  const indices = [];
  const sides = [
    [
      [0, 0, 1],
      [1, 0, 0],
    ],
    [
      [0, 0, -1],
      [-1, 0, 0],
    ],
    [
      [1, 0, 0],
      [0, 0, -1],
    ],
    [
      [-1, 0, 0],
      [0, 0, 1],
    ],
    [
      [0, 1, 0],
      [1, 0, 0],
    ],
    [
      [0, -1, 0],
      [1, 0, 0],
    ],
  ];
  for (const [n, t] of sides) {
    const up = [n[1] * t[2] - n[2] * t[1], n[2] * t[0] - n[0] * t[2], n[0] * t[1] - n[1] * t[0]];
    const first = all.POSITION.length / 3;
    for (const [u, v] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]) {
      all.POSITION.push(
        ...n.map((value, k) => (value + t[k] * (2 * u - 1) + up[k] * (1 - 2 * v)) * (size / 2)),
      );
      all.NORMAL.push(...n);
      all.TANGENT.push(...t, 1);
      all.TEXCOORD_0.push(u, v);
    }
    indices.push(first, first + 1, first + 2, first + 2, first + 1, first + 3);
  }
  return shape(all, indices);
}

/** A shape with these attributes alone. */
export function only({ attributes, indices }, ...names) {
  return { attributes: Object.fromEntries(names.map((name) => [name, attributes[name]])), indices };
}

/** Position, normal and texture coordinates: what most shapes are shown with. */
export const plain = (shape) => only(shape, "POSITION", "NORMAL", "TEXCOORD_0");

/** Each triangle with vertices of its own and no indices. */
export function unindexed({ attributes, indices }) {
  const width = { VEC2: 2, VEC3: 3, VEC4: 4 };
  const spread = Object.entries(attributes).map(([name, { type, array }]) => {
    const n = width[type];
    const values = [...indices].flatMap((index) => [...array.subarray(index * n, index * n + n)]);
    return [name, { type, array: new Float32Array(values) }];
  });
  return { attributes: Object.fromEntries(spread) };
}
