//! How a model's triangles look: the metallic-roughness material of glTF 2.0 and its textures. The
//! pictures stay encoded; whoever draws decodes them.

/// A metallic-roughness material. Every map multiplies the factor beside it.
#[derive(Clone, Debug)]
pub struct Material {
    /// From the file; empty without.
    pub name: String,
    /// Linear red, green, blue, and alpha.
    pub base_color: [f32; 4],
    /// 0 (dielectric) to 1 (metal).
    pub metallic: f32,
    /// Perceptual roughness, 0 to 1.
    pub roughness: f32,
    /// Linear red, green and blue; above 1 with `KHR_materials_emissive_strength`.
    pub emissive: [f32; 3],
    /// Scales the normal map's x and y.
    pub normal_scale: f32,
    /// 0 (the occlusion map has no effect) to 1.
    pub occlusion_strength: f32,
    /// What alpha means.
    pub alpha: Alpha,
    /// Drawn from both sides, with the normal turned towards the viewer.
    pub double_sided: bool,
    /// Shown in its base colour, whatever the light (`KHR_materials_unlit`).
    pub unlit: bool,
    /// sRGB and alpha.
    pub base_color_map: Option<TextureUse>,
    /// Green: roughness, blue: metallic.
    pub metallic_roughness_map: Option<TextureUse>,
    /// Tangent space, +Y up.
    pub normal_map: Option<TextureUse>,
    /// Red: how much of the surrounding light arrives.
    pub occlusion_map: Option<TextureUse>,
    /// sRGB.
    pub emissive_map: Option<TextureUse>,
}

impl Default for Material {
    /// What glTF gives a primitive without a material: a white metal, fully rough.
    fn default() -> Self {
        Material {
            name: String::new(),
            base_color: [1.0; 4],
            metallic: 1.0,
            roughness: 1.0,
            emissive: [0.0; 3],
            normal_scale: 1.0,
            occlusion_strength: 1.0,
            alpha: Alpha::Opaque,
            double_sided: false,
            unlit: false,
            base_color_map: None,
            metallic_roughness_map: None,
            normal_map: None,
            occlusion_map: None,
            emissive_map: None,
        }
    }
}

/// What a material's alpha means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Alpha {
    /// Nothing.
    Opaque,
    /// Below the cutoff there is no surface, elsewhere it is opaque.
    Mask {
        /// 0 to 1, or above: then nothing is left.
        cutoff: f32,
    },
    /// Mixed with what is behind.
    Blend,
}

/// An image, how it is sampled, and by which coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextureUse {
    /// Place in the model's images.
    pub image: usize,
    /// How it is sampled.
    pub sampler: Sampler,
    /// Which set of texture coordinates: 0 or 1.
    pub coordinates: u8,
    /// Rows of a matrix that takes (u, v, 1) to where the image is sampled
    /// (`KHR_texture_transform`).
    pub transform: [[f32; 3]; 2],
}

/// How a texture is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sampler {
    /// Beyond the left and right edges.
    pub wrap_u: Wrap,
    /// Beyond the upper and lower edges.
    pub wrap_v: Wrap,
    /// Between texels when enlarged, rather than the nearest.
    pub mag_linear: bool,
    /// Between texels when reduced, rather than the nearest.
    pub min_linear: bool,
    /// Which of the reduced pictures are used.
    pub mips: Mips,
}

impl Default for Sampler {
    /// Repeating and smooth, which is what is drawn where a file leaves the choice.
    fn default() -> Self {
        Sampler {
            wrap_u: Wrap::Repeat,
            wrap_v: Wrap::Repeat,
            mag_linear: true,
            min_linear: true,
            mips: Mips::Linear,
        }
    }
}

/// What lies beyond a picture's edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrap {
    /// The picture again.
    Repeat,
    /// The picture mirrored.
    MirroredRepeat,
    /// The edge's texels.
    ClampToEdge,
}

/// Which reduced pictures a sampler uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mips {
    /// None: always the full picture.
    None,
    /// The one that fits best.
    Nearest,
    /// A mixture of the two that fit best.
    Linear,
}

/// A picture as it stands in the file. One that is used both for colours and for other numbers
/// appears twice.
#[derive(Clone, Debug)]
pub struct Image {
    /// The bytes of a PNG, JPEG or WebP file; not checked beyond its first bytes.
    pub encoded: Vec<u8>,
    /// By the first bytes, whatever the file says.
    pub kind: ImageKind,
    /// Holds sRGB colours rather than linear numbers.
    pub color: bool,
}

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// Portable Network Graphics.
    Png,
    /// JPEG, any flavour.
    Jpeg,
    /// WebP (`EXT_texture_webp`).
    WebP,
}

impl ImageKind {
    /// By the first bytes; `None` for anything else.
    pub fn of(encoded: &[u8]) -> Option<ImageKind> {
        if encoded.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(ImageKind::Png)
        } else if encoded.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(ImageKind::Jpeg)
        } else if encoded.starts_with(b"RIFF") && encoded.get(8..12) == Some(b"WEBP") {
            Some(ImageKind::WebP)
        } else {
            None
        }
    }
}
