//! From a model to bytes. Each function here has its twin in `unpack`.

use bytemuck::NoUninit;

use super::super::animation::{Animation, Channel};
use super::super::bounds::Bounds;
use super::super::content::Model;
use super::super::material::{Alpha, Image, Material, TextureUse};
use super::super::node::{Local, Node, Skin};
use super::super::vertex::{MorphTarget, Primitive};
use super::{
    BLEND, FLAGS, FORMAT, INTERPOLATIONS, MASK, MATRIX, MIPS, NOWHERE, OPAQUE, PARTS, PROPERTIES,
    WRAPS,
};

/// The model as bytes that [`unpack`](super::unpack) takes. The model is to be as
/// [`read_model`](crate::model::read_model) gives it: what breaks the promises of its fields is refused when it is
/// unpacked.
pub fn pack(model: &Model) -> Vec<u8> {
    let mut packer = Packer {
        bytes: Vec::with_capacity(most_bytes(model)),
    };
    packer.plain(&[FORMAT]);
    packer.each(&model.notes, |packer, note| packer.text(note));
    packer.each(&model.images, Packer::image);
    packer.each(&model.materials, Packer::material);
    packer.each(&model.primitives, Packer::primitive);
    packer.each(&model.meshes, |packer, mesh| {
        packer.number(mesh.start);
        packer.number(mesh.end);
    });
    packer.each(&model.nodes, Packer::node);
    packer.each(&model.skins, Packer::skin);
    packer.each(&model.animations, Packer::animation);
    packer.bounds(&model.bounds);
    packer.bytes
}

/// What nearly all of a model is made of, so that it is not copied while the bytes grow.
fn most_bytes(model: &Model) -> usize {
    let images = model.images.iter().map(|image| image.encoded.len());
    let primitives = model.primitives.iter().map(|primitive| {
        size_of_val(primitive.vertices.as_slice())
            + size_of_val(primitive.skin.as_slice())
            + size_of_val(primitive.indices.as_slice())
            + primitive
                .morph_targets
                .iter()
                .map(|target| {
                    12 * (target.positions.len() + target.normals.len() + target.tangents.len())
                })
                .sum::<usize>()
    });
    let channels = model
        .animations
        .iter()
        .flat_map(|animation| &animation.channels)
        .map(|channel| 4 * (channel.times_secs.len() + channel.values.len()));
    let rest = 4096 + 256 * (model.nodes.len() + model.materials.len() + model.primitives.len());
    images.chain(primitives).chain(channels).sum::<usize>() + rest
}

struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    fn image(&mut self, image: &Image) {
        self.one_of(&FLAGS, image.color);
        self.list(&image.encoded);
    }

    fn material(&mut self, material: &Material) {
        self.text(&material.name);
        self.plain(&material.base_color);
        self.plain(&[material.metallic, material.roughness]);
        self.plain(&material.emissive);
        self.plain(&[material.normal_scale, material.occlusion_strength]);
        match material.alpha {
            Alpha::Opaque => self.plain(&[OPAQUE]),
            Alpha::Mask { cutoff } => {
                self.plain(&[MASK]);
                self.plain(&[cutoff]);
            }
            Alpha::Blend => self.plain(&[BLEND]),
        }
        self.one_of(&FLAGS, material.double_sided);
        self.one_of(&FLAGS, material.unlit);
        for map in [
            &material.base_color_map,
            &material.metallic_roughness_map,
            &material.normal_map,
            &material.occlusion_map,
            &material.emissive_map,
        ] {
            self.texture_use(map.as_ref());
        }
    }

    fn texture_use(&mut self, map: Option<&TextureUse>) {
        self.place(map.map(|map| map.image));
        let Some(map) = map else { return };
        self.plain(&[map.coordinates]);
        self.one_of(&WRAPS, map.sampler.wrap_u);
        self.one_of(&WRAPS, map.sampler.wrap_v);
        self.one_of(&FLAGS, map.sampler.mag_linear);
        self.one_of(&FLAGS, map.sampler.min_linear);
        self.one_of(&MIPS, map.sampler.mips);
        self.plain(&map.transform);
    }

    fn primitive(&mut self, primitive: &Primitive) {
        self.list(&primitive.vertices);
        self.list(&primitive.skin);
        self.list(&primitive.indices);
        self.number(primitive.material);
        self.each(&primitive.morph_targets, Packer::morph_target);
        self.bounds(&primitive.bounds);
    }

    fn morph_target(&mut self, target: &MorphTarget) {
        self.list(&target.positions);
        self.list(&target.normals);
        self.list(&target.tangents);
    }

    fn node(&mut self, node: &Node) {
        self.text(&node.name);
        self.place(node.parent);
        self.place(node.mesh);
        self.place(node.skin);
        match node.local {
            Local::Parts {
                translation,
                rotation,
                scale,
            } => {
                self.plain(&[PARTS]);
                self.plain(&translation.to_array());
                self.plain(&rotation.to_array());
                self.plain(&scale.to_array());
            }
            Local::Matrix(matrix) => {
                self.plain(&[MATRIX]);
                self.plain(&matrix.to_cols_array());
            }
        }
        self.list(&node.weights);
    }

    fn skin(&mut self, skin: &Skin) {
        self.each(&skin.joints, |packer, joint| packer.number(*joint));
        self.list(&skin.inverse_bind);
    }

    fn animation(&mut self, animation: &Animation) {
        self.text(&animation.name);
        self.plain(&[animation.duration_secs]);
        self.each(&animation.channels, Packer::channel);
    }

    fn channel(&mut self, channel: &Channel) {
        self.number(channel.node);
        self.one_of(&PROPERTIES, channel.property);
        self.one_of(&INTERPOLATIONS, channel.interpolation);
        self.list(&channel.times_secs);
        self.list(&channel.values);
    }

    fn bounds(&mut self, bounds: &Bounds) {
        self.plain(&bounds.min.to_array());
        self.plain(&bounds.max.to_array());
    }

    fn text(&mut self, text: &str) {
        self.list(text.as_bytes());
    }

    fn each<T>(&mut self, list: &[T], one: impl Fn(&mut Packer, &T)) {
        self.number(list.len());
        for entry in list {
            one(self, entry);
        }
    }

    fn list<T: NoUninit>(&mut self, list: &[T]) {
        self.number(list.len());
        self.plain(list);
    }

    fn one_of<T: PartialEq>(&mut self, kinds: &[T], kind: T) {
        let place = kinds.iter().position(|known| *known == kind);
        // All lists are short. A kind that is in none is no place, which is refused when it is read.
        self.plain(&[place.map_or(u8::MAX, |place| place as u8)]);
    }

    fn place(&mut self, place: Option<usize>) {
        self.number(place.unwrap_or(NOWHERE as usize));
    }

    /// What does not fit is behind the end of everything, and refused when it is read.
    fn number(&mut self, number: usize) {
        self.plain(&[u32::try_from(number).unwrap_or(u32::MAX)]);
    }

    fn plain<T: NoUninit>(&mut self, numbers: &[T]) {
        self.bytes.extend_from_slice(bytemuck::cast_slice(numbers));
    }
}
