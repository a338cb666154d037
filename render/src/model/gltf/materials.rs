//! Materials, textures, samplers and images of a file. glTF 2.0, sections 3.8 and 3.9;
//! `KHR_texture_transform`, `KHR_materials_unlit`, `KHR_materials_emissive_strength`,
//! `EXT_texture_webp`.

use super::buffers::{Buffers, Resources};
use super::document::{self, Document};
use super::faults::{broken, limited};
use super::kept::Kept;
use super::notes::Notes;
use crate::Error;
use crate::model::limits::ModelLimits;
use crate::model::material::{Alpha, Image, ImageKind, Material, Mips, Sampler, TextureUse, Wrap};

/// The greatest light that a material may emit: what a half-precision picture holds.
const BRIGHTEST: f32 = 65504.0;

/// Reads materials and remembers which images they use.
pub(super) struct Materials<'a> {
    document: &'a Document,
    /// Each image of the file twice: for numbers and for colours.
    images: Kept,
}

impl<'a> Materials<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Materials {
            document,
            images: Kept::new(document.images.len().saturating_mul(2)),
        }
    }

    /// Reads one of the file.
    pub(super) fn read(&mut self, place: usize, notes: &mut Notes) -> Result<Material, Error> {
        let at = format!("material {place}");
        let material = self
            .document
            .materials
            .get(place)
            .ok_or_else(|| broken(&at, "does not exist"))?;
        let surface = &material.pbr_metallic_roughness;
        let strength = material.extensions.emissive_strength.as_ref();
        let strength = strength.and_then(|extension| extension.emissive_strength);
        let strength = strength.unwrap_or(1.0);
        let normal = material.normal_texture.as_ref();
        let occlusion = material.occlusion_texture.as_ref();
        let alpha = match material.alpha_mode.as_deref() {
            None | Some("OPAQUE") => Alpha::Opaque,
            Some("MASK") => Alpha::Mask {
                cutoff: material.alpha_cutoff.unwrap_or(0.5).max(0.0),
            },
            Some("BLEND") => Alpha::Blend,
            Some(other) => return Err(broken(at, format!("its alphaMode is \"{other}\""))),
        };
        let mut map = |info: Option<&document::TextureInfo>, is_color: bool| {
            self.texture_use(info, is_color, &at, notes)
        };
        Ok(Material {
            name: material.name.clone(),
            base_color: surface.base_color_factor.unwrap_or([1.0; 4]).map(unit),
            metallic: unit(surface.metallic_factor.unwrap_or(1.0)),
            roughness: unit(surface.roughness_factor.unwrap_or(1.0)),
            emissive: material
                .emissive_factor
                .map(|factor| emitted(factor, strength)),
            normal_scale: normal
                .and_then(|info| info.scale)
                .filter(|scale| scale.is_finite())
                .unwrap_or(1.0),
            occlusion_strength: unit(occlusion.and_then(|info| info.strength).unwrap_or(1.0)),
            alpha,
            double_sided: material.double_sided,
            unlit: material.extensions.unlit.is_some(),
            base_color_map: map(surface.base_color_texture.as_ref(), true)?,
            metallic_roughness_map: map(surface.metallic_roughness_texture.as_ref(), false)?,
            normal_map: map(normal, false)?,
            occlusion_map: map(occlusion, false)?,
            emissive_map: map(material.emissive_texture.as_ref(), true)?,
        })
    }

    fn texture_use(
        &mut self,
        info: Option<&document::TextureInfo>,
        is_color: bool,
        at: &str,
        notes: &mut Notes,
    ) -> Result<Option<TextureUse>, Error> {
        let Some(info) = info else { return Ok(None) };
        let missing =
            |what: &str, place: usize| broken(at, format!("{what} {place} does not exist"));
        let texture = self
            .document
            .textures
            .get(info.index)
            .ok_or_else(|| missing("texture", info.index))?;
        let webp = texture.extensions.webp.as_ref().map(|webp| webp.source);
        let Some(source) = webp.or(texture.source) else {
            notes.add("Textures whose picture is of an unknown extension are left out.");
            return Ok(None);
        };
        let transform = info.extensions.transform.as_ref();
        let coordinates = match transform
            .and_then(|transform| transform.tex_coord)
            .unwrap_or(info.tex_coord)
        {
            0 => 0,
            1 => 1,
            _ => {
                notes.add("Textures with coordinates beyond TEXCOORD_1 are left out.");
                return Ok(None);
            }
        };
        let key = source
            .checked_mul(2)
            .and_then(|even| even.checked_add(usize::from(is_color)));
        let image = key
            .and_then(|key| self.images.keep(key))
            .ok_or_else(|| missing("image", source))?;
        let sampler = match texture.sampler {
            Some(place) => {
                let sampler = self.document.samplers.get(place);
                read_sampler(sampler.ok_or_else(|| missing("sampler", place))?).ok_or_else(
                    || broken(format!("sampler {place}"), "has an unknown filter or wrap"),
                )?
            }
            None => Sampler::default(),
        };
        let transform = transform.map_or(UNMOVED, rows);
        if !transform
            .as_flattened()
            .iter()
            .all(|number| number.is_finite())
        {
            return Err(broken(at, "a texture's transform is not finite"));
        }
        Ok(Some(TextureUse {
            image,
            sampler,
            coordinates,
            transform,
        }))
    }

    /// Fetches the images that the materials read so far use.
    pub(super) fn images(
        self,
        buffers: &Buffers<'_>,
        resources: &mut Resources<'_>,
        limits: &ModelLimits,
    ) -> Result<Vec<Image>, Error> {
        limited("images", self.images.order().len(), limits.images)?;
        let mut images: Vec<Image> = Vec::new();
        let mut bytes: usize = 0;
        for key in self.images.order() {
            let (place, color) = (key / 2, key % 2 == 1);
            let at = format!("image {place}");
            let image = &self.document.images[place];
            // Its other use may already have brought it.
            let other = self.images.place(key ^ 1);
            let encoded = match (
                other.and_then(|other| images.get(other)),
                &image.uri,
                image.buffer_view,
            ) {
                (Some(other), ..) => other.encoded.clone(),
                (None, Some(uri), _) => resources.read(uri, &at)?,
                (None, None, Some(view)) => {
                    let (encoded, _) = buffers.view(self.document, view)?;
                    limited(
                        "bytes of images",
                        bytes.saturating_add(encoded.len()),
                        limits.image_bytes,
                    )?;
                    encoded.to_vec()
                }
                (None, None, None) => return Err(broken(at, "has neither a URI nor a bufferView")),
            };
            bytes = bytes.saturating_add(encoded.len());
            limited("bytes of images", bytes, limits.image_bytes)?;
            let kind = ImageKind::of(&encoded)
                .ok_or_else(|| broken(at, "is neither PNG nor JPEG nor WebP"))?;
            images.push(Image {
                encoded,
                kind,
                color,
            });
        }
        Ok(images)
    }
}

/// A black surface stays black, however strong its light.
fn emitted(factor: f32, strength: f32) -> f32 {
    if factor > 0.0 && strength > 0.0 {
        (factor * strength).min(BRIGHTEST)
    } else {
        0.0
    }
}

fn unit(number: f32) -> f32 {
    number.clamp(0.0, 1.0)
}

const UNMOVED: [[f32; 3]; 2] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];

/// Scaled, then rotated, then moved. A positive angle turns the coordinates counter-clockwise as
/// they are seen, that is with v downwards: the extension's own example, a quarter turn and a move by
/// one down, which shows the lower left quadrant, fixes the sign.
fn rows(transform: &document::TextureTransform) -> [[f32; 3]; 2] {
    let [scale_u, scale_v] = transform.scale.unwrap_or([1.0; 2]);
    let [offset_u, offset_v] = transform.offset.unwrap_or_default();
    let (sine, cosine) = transform.rotation.sin_cos();
    [
        [cosine * scale_u, sine * scale_v, offset_u],
        [-sine * scale_u, cosine * scale_v, offset_v],
    ]
}

fn read_sampler(sampler: &document::Sampler) -> Option<Sampler> {
    let (min_linear, mips) = match sampler.min_filter.unwrap_or(9987) {
        9728 => (false, Mips::None),
        9729 => (true, Mips::None),
        9984 => (false, Mips::Nearest),
        9985 => (true, Mips::Nearest),
        9986 => (false, Mips::Linear),
        9987 => (true, Mips::Linear),
        _ => return None,
    };
    let mag_linear = match sampler.mag_filter.unwrap_or(9729) {
        9728 => false,
        9729 => true,
        _ => return None,
    };
    let wrap = |number: Option<u32>| {
        Some(match number.unwrap_or(10497) {
            10497 => Wrap::Repeat,
            33648 => Wrap::MirroredRepeat,
            33071 => Wrap::ClampToEdge,
            _ => return None,
        })
    };
    Some(Sampler {
        wrap_u: wrap(sampler.wrap_s)?,
        wrap_v: wrap(sampler.wrap_t)?,
        mag_linear,
        min_linear,
        mips,
    })
}
