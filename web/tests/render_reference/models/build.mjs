/** What all generated models are built of: a document, its meshes, its nodes, and its bytes as one GLB. */

import { Document, NodeIO } from "@gltf-transform/core";
import { ALL_EXTENSIONS } from "@gltf-transform/extensions";

/** A document under construction. */
export class Model {
  constructor() {
    this.document = new Document();
    this.buffer = this.document.createBuffer();
    this.scene = this.document.createScene();
    this.document.getRoot().setDefaultScene(this.scene);
  }

  /** An accessor over a typed array. */
  accessor(type, array, normalized = false) {
    return this.document
      .createAccessor()
      .setType(type)
      .setArray(array)
      .setNormalized(normalized)
      .setBuffer(this.buffer);
  }

  /** A primitive of the arrays of a shape, by glTF's names of attributes. */
  primitive(shape, material) {
    const primitive = this.document.createPrimitive().setMaterial(material ?? null);
    for (const [name, { type, array, normalized }] of Object.entries(shape.attributes)) {
      primitive.setAttribute(name, this.accessor(type, array, normalized));
    }
    if (shape.indices) primitive.setIndices(this.accessor("SCALAR", shape.indices));
    return primitive;
  }

  /** A mesh of primitives. */
  mesh(...primitives) {
    const mesh = this.document.createMesh();
    for (const primitive of primitives) mesh.addPrimitive(primitive);
    return mesh;
  }

  /** A node of the scene that shows a shape. */
  show(shape, material, translation = [0, 0, 0]) {
    const node = this.document
      .createNode()
      .setMesh(this.mesh(this.primitive(shape, material)))
      .setTranslation(translation);
    this.scene.addChild(node);
    return node;
  }

  /** A material of factors: base colour with alpha, metalness, roughness. */
  material({ colour = [1, 1, 1, 1], metal = 0, rough = 0.6 } = {}) {
    return this.document
      .createMaterial()
      .setBaseColorFactor(colour)
      .setMetallicFactor(metal)
      .setRoughnessFactor(rough);
  }

  texture(png) {
    return this.document.createTexture().setImage(png).setMimeType("image/png");
  }

  extension(Extension, isRequired = false) {
    return this.document.createExtension(Extension).setRequired(isRequired);
  }

  /** The GLB. */
  bytes() {
    return new NodeIO().registerExtensions(ALL_EXTENSIONS).writeBinary(this.document);
  }
}
