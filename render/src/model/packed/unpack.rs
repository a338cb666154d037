//! From bytes to a model. Each function here has its twin in `pack`.

use glam::{Mat4, Quat, Vec3};

use super::super::animation::{Animation, Channel};
use super::super::bounds::Bounds;
use super::super::content::Model;
use super::super::material::{Alpha, Image, ImageKind, Material, Sampler, TextureUse};
use super::super::node::{Local, Node, Skin};
use super::super::vertex::{MorphTarget, Primitive};
use super::bytes::{Bytes, Read};
use super::checks;
use super::{
    BLEND, FLAGS, FORMAT, INTERPOLATIONS, MASK, MATRIX, MIPS, OPAQUE, PARTS, PROPERTIES, WRAPS,
};
use crate::Error;

/// The model of which [`pack`](super::pack) made these bytes. What comes of other bytes keeps all promises of a model,
/// too; it takes no more memory than a small multiple of them.
///
/// # Errors
/// [`Error::PackedModel`] for bytes that `pack` does not make.
pub fn unpack(bytes: &[u8]) -> Result<Model, Error> {
    model(&mut Bytes::new(bytes)).map_err(|reason| Error::PackedModel { reason })
}

fn model(bytes: &mut Bytes<'_>) -> Read<Model> {
    if bytes.plain::<u32, 1>()? != [FORMAT] {
        return Err("it is none, or another version's");
    }
    let model = Model {
        notes: bytes.each(Bytes::text)?,
        images: bytes.each(image)?,
        materials: bytes.each(material)?,
        primitives: bytes.each(primitive)?,
        meshes: bytes.each(|bytes| Ok(bytes.number()?..bytes.number()?))?,
        nodes: bytes.each(node)?,
        skins: bytes.each(skin)?,
        animations: bytes.each(animation)?,
        bounds: bounds(bytes)?,
    };
    if !bytes.is_empty() {
        return Err("something stands behind its end");
    }
    checks::check(&model)?;
    Ok(model)
}

fn image(bytes: &mut Bytes<'_>) -> Read<Image> {
    let color = bytes.one_of(&FLAGS)?;
    let encoded: Vec<u8> = bytes.list()?;
    Ok(Image {
        kind: ImageKind::of(&encoded).ok_or("an image is of no known kind")?,
        encoded,
        color,
    })
}

fn material(bytes: &mut Bytes<'_>) -> Read<Material> {
    Ok(Material {
        name: bytes.text()?,
        base_color: bytes.plain()?,
        metallic: bytes.float()?,
        roughness: bytes.float()?,
        emissive: bytes.plain()?,
        normal_scale: bytes.float()?,
        occlusion_strength: bytes.float()?,
        alpha: match bytes.byte()? {
            OPAQUE => Alpha::Opaque,
            MASK => Alpha::Mask {
                cutoff: bytes.float()?,
            },
            BLEND => Alpha::Blend,
            _ => return Err("a material's alpha is of no known kind"),
        },
        double_sided: bytes.one_of(&FLAGS)?,
        unlit: bytes.one_of(&FLAGS)?,
        base_color_map: texture_use(bytes)?,
        metallic_roughness_map: texture_use(bytes)?,
        normal_map: texture_use(bytes)?,
        occlusion_map: texture_use(bytes)?,
        emissive_map: texture_use(bytes)?,
    })
}

fn texture_use(bytes: &mut Bytes<'_>) -> Read<Option<TextureUse>> {
    let Some(image) = bytes.place()? else {
        return Ok(None);
    };
    Ok(Some(TextureUse {
        image,
        coordinates: bytes.byte()?,
        sampler: Sampler {
            wrap_u: bytes.one_of(&WRAPS)?,
            wrap_v: bytes.one_of(&WRAPS)?,
            mag_linear: bytes.one_of(&FLAGS)?,
            min_linear: bytes.one_of(&FLAGS)?,
            mips: bytes.one_of(&MIPS)?,
        },
        transform: bytes.plain()?,
    }))
}

fn primitive(bytes: &mut Bytes<'_>) -> Read<Primitive> {
    Ok(Primitive {
        vertices: bytes.list()?,
        skin: bytes.list()?,
        indices: bytes.list()?,
        material: bytes.number()?,
        morph_targets: bytes.each(morph_target)?,
        bounds: bounds(bytes)?,
    })
}

fn morph_target(bytes: &mut Bytes<'_>) -> Read<MorphTarget> {
    Ok(MorphTarget {
        positions: bytes.list()?,
        normals: bytes.list()?,
        tangents: bytes.list()?,
    })
}

fn node(bytes: &mut Bytes<'_>) -> Read<Node> {
    Ok(Node {
        name: bytes.text()?,
        parent: bytes.place()?,
        mesh: bytes.place()?,
        skin: bytes.place()?,
        local: match bytes.byte()? {
            PARTS => Local::Parts {
                translation: Vec3::from_array(bytes.plain()?),
                rotation: Quat::from_array(bytes.plain()?),
                scale: Vec3::from_array(bytes.plain()?),
            },
            MATRIX => Local::Matrix(Mat4::from_cols_array(&bytes.plain()?)),
            _ => return Err("a node's transform is of no known kind"),
        },
        weights: bytes.list()?,
    })
}

fn skin(bytes: &mut Bytes<'_>) -> Read<Skin> {
    Ok(Skin {
        joints: bytes.each(Bytes::number)?,
        inverse_bind: bytes.list()?,
    })
}

fn animation(bytes: &mut Bytes<'_>) -> Read<Animation> {
    Ok(Animation {
        name: bytes.text()?,
        duration_secs: bytes.float()?,
        channels: bytes.each(channel)?,
    })
}

fn channel(bytes: &mut Bytes<'_>) -> Read<Channel> {
    Ok(Channel {
        node: bytes.number()?,
        property: bytes.one_of(&PROPERTIES)?,
        interpolation: bytes.one_of(&INTERPOLATIONS)?,
        times_secs: bytes.list()?,
        values: bytes.list()?,
    })
}

fn bounds(bytes: &mut Bytes<'_>) -> Read<Bounds> {
    Ok(Bounds {
        min: Vec3::from_array(bytes.plain()?),
        max: Vec3::from_array(bytes.plain()?),
    })
}
