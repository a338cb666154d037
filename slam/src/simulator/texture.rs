//! Pictures on surfaces, prefiltered so that they do not alias.
//!
//! In: a function of metres that gives linear colour, evaluated once over a grid of texels; later, a footprint on
//! the surface. Out: the mean linear colour under that footprint: a mip pyramid, read by trilinear probes along
//! the longer axis of the footprint. Outside its area a picture goes on as its own mirror image.

use std::sync::LazyLock;

use nalgebra::Vector3;
use wide::f32x4;

use super::noise::whole;

/// Linear red, green, blue; 1 is a white surface.
pub(crate) type Rgb = Vector3<f32>;

const MAX_PROBES: f32 = 8.0;
/// Of [`Texture::sample_quickly`].
const FEW_PROBES: f32 = 4.0;

#[derive(Debug, Clone)]
pub(crate) struct Texture {
    levels: Vec<Level>,
    texel_m: f32,
}

/// Texels hold the square root of linear colour in 8 bits, which spends them as the eye does.
#[derive(Debug, Clone)]
struct Level {
    width: i32,
    height: i32,
    texels: Vec<[u8; 4]>,
}

impl Texture {
    /// Paints `size_m` of surface with texels of `texel_m`; `paint` takes metres, `v` downwards.
    pub(crate) fn paint(size_m: [f32; 2], texel_m: f32, paint: impl Fn(f32, f32) -> Rgb) -> Self {
        let width = (size_m[0] / texel_m).round().max(1.0) as i32;
        let height = (size_m[1] / texel_m).round().max(1.0) as i32;
        let mut texels = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                // Two samples a texel, on its diagonal: the painters draw hard edges.
                let (x, y) = (x as f32, y as f32);
                let first = paint((x + 0.25) * texel_m, (y + 0.25) * texel_m);
                let second = paint((x + 0.75) * texel_m, (y + 0.75) * texel_m);
                texels.push(encode(&((first + second) * 0.5)));
            }
        }
        let mut levels = vec![Level {
            width,
            height,
            texels,
        }];
        while let Some(next) = levels.last().and_then(Level::halved) {
            levels.push(next);
        }
        Self { levels, texel_m }
    }

    /// A single grey texel, for pictures that nothing carries.
    pub(crate) fn unused() -> Self {
        Self::paint([1.0, 1.0], 1.0, |_, _| Rgb::repeat(0.5))
    }

    /// The mean colour over the parallelogram of two footprint vectors (metres) around a place.
    pub(crate) fn sample(&self, uv_m: [f32; 2], dx_m: [f32; 2], dy_m: [f32; 2]) -> Rgb {
        let probes = self.probes(uv_m, dx_m, dy_m, MAX_PROBES);
        let mut sum = Rgb::zeros();
        for k in 0..probes.count as i32 {
            let [u, v] = probes.place(k);
            sum += self.trilinear(u, v, probes.width);
        }
        sum / probes.count
    }

    /// As [`Texture::sample`], to rounding and with fewer probes along footprints that are long and thin.
    pub(crate) fn sample_quickly(&self, uv_m: [f32; 2], dx_m: [f32; 2], dy_m: [f32; 2]) -> Rgb {
        let probes = self.probes(uv_m, dx_m, dy_m, FEW_PROBES);
        let last = self.levels.len() - 1;
        let level = rough_log2(probes.width.max(1.0)).min(last as f32);
        let lower = level as usize;
        let part = level - lower as f32;
        let (fine, coarse) = (&self.levels[lower], &self.levels[(lower + 1).min(last)]);
        let mut sum = f32x4::ZERO;
        for k in 0..probes.count as i32 {
            let [u, v] = probes.place(k);
            // Half a level of blend on either side of a boundary is enough to hide it.
            let blend = (2.0 * part - 0.5).clamp(0.0, 1.0);
            if blend < 1.0 {
                sum += fine.bilinear_quickly(u, v, lower) * f32x4::splat(1.0 - blend);
            }
            if blend > 0.0 {
                let level = (lower + 1).min(last);
                sum += coarse.bilinear_quickly(u, v, level) * f32x4::splat(blend);
            }
        }
        let [r, g, b, _] = (sum * f32x4::splat(1.0 / (probes.count * 255.0 * 255.0))).to_array();
        Rgb::new(r, g, b)
    }

    fn probes(&self, uv_m: [f32; 2], dx_m: [f32; 2], dy_m: [f32; 2], most: f32) -> Probes {
        let scale = 1.0 / self.texel_m;
        let (u, v) = (uv_m[0] * scale, uv_m[1] * scale);
        let a = [dx_m[0] * scale, dx_m[1] * scale];
        let b = [dy_m[0] * scale, dy_m[1] * scale];
        let (length_a, length_b) = (
            (a[0] * a[0] + a[1] * a[1]).sqrt(),
            (b[0] * b[0] + b[1] * b[1]).sqrt(),
        );
        let (major, longer, shorter) = if length_a > length_b {
            (a, length_a, length_b)
        } else {
            (b, length_b, length_a)
        };
        let width = shorter.max(longer / most).max(1e-6);
        Probes {
            middle: [u, v],
            along: major,
            width,
            count: (longer / width).ceil().clamp(1.0, most),
        }
    }

    /// The mean colour of the whole picture.
    pub(crate) fn mean(&self) -> Rgb {
        self.levels
            .last()
            .map_or_else(Rgb::zeros, |level| decode(level.texels[0]))
    }

    fn trilinear(&self, u: f32, v: f32, width_texels: f32) -> Rgb {
        let last = self.levels.len() - 1;
        let level = rough_log2(width_texels.max(1.0)).min(last as f32);
        let lower = level as usize;
        let part = level - lower as f32;
        let fine = self.levels[lower].bilinear(u, v, lower);
        if part < 0.02 || lower == last {
            return fine;
        }
        let coarse = self.levels[lower + 1].bilinear(u, v, lower + 1);
        fine + (coarse - fine) * part
    }
}

/// Where a footprint is probed, texels.
struct Probes {
    middle: [f32; 2],
    along: [f32; 2],
    width: f32,
    count: f32,
}

impl Probes {
    fn place(&self, k: i32) -> [f32; 2] {
        let share = (k as f32 + 0.5) / self.count - 0.5;
        [
            self.middle[0] + self.along[0] * share,
            self.middle[1] + self.along[1] * share,
        ]
    }
}

impl Level {
    /// As [`Level::bilinear`], all channels at once, times 255 squared.
    fn bilinear_quickly(&self, u: f32, v: f32, level: usize) -> f32x4 {
        let scale = 1.0 / (1_u32 << level) as f32;
        let (x, y) = (u * scale - 0.5, v * scale - 0.5);
        let ((ix, s), (iy, t)) = (whole(x), whole(y));
        let (x0, x1) = (mirror(ix, self.width), mirror(ix + 1, self.width));
        let (y0, y1) = (mirror(iy, self.height), mirror(iy + 1, self.height));
        let texel = |x: i32, y: i32| {
            let roots = self.texels[(y * self.width + x) as usize].map(f32::from);
            let roots = f32x4::new(roots);
            roots * roots
        };
        let (s, t) = (f32x4::splat(s), f32x4::splat(t));
        let (a, b) = (texel(x0, y0), texel(x0, y1));
        let top = a + (texel(x1, y0) - a) * s;
        let bottom = b + (texel(x1, y1) - b) * s;
        top + (bottom - top) * t
    }

    fn bilinear(&self, u: f32, v: f32, level: usize) -> Rgb {
        let scale = 1.0 / (1_u32 << level) as f32;
        let (x, y) = (u * scale - 0.5, v * scale - 0.5);
        let ((ix, s), (iy, t)) = (whole(x), whole(y));
        let (x0, x1) = (mirror(ix, self.width), mirror(ix + 1, self.width));
        let (y0, y1) = (mirror(iy, self.height), mirror(iy + 1, self.height));
        let texel = |x: i32, y: i32| decode(self.texels[(y * self.width + x) as usize]);
        let top = texel(x0, y0) * (1.0 - s) + texel(x1, y0) * s;
        let bottom = texel(x0, y1) * (1.0 - s) + texel(x1, y1) * s;
        top * (1.0 - t) + bottom * t
    }

    fn halved(&self) -> Option<Self> {
        if self.width == 1 && self.height == 1 {
            return None;
        }
        let (width, height) = ((self.width + 1) / 2, (self.height + 1) / 2);
        let mut texels = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            let rows = [2 * y, (2 * y + 1).min(self.height - 1)];
            for x in 0..width {
                let columns = [2 * x, (2 * x + 1).min(self.width - 1)];
                let mut sum = Rgb::zeros();
                for row in rows {
                    for column in columns {
                        sum += decode(self.texels[(row * self.width + column) as usize]);
                    }
                }
                texels.push(encode(&(sum * 0.25)));
            }
        }
        Some(Self {
            width,
            height,
            texels,
        })
    }
}

/// The logarithm to base 2 of a number from 1, straight between powers of two: at most 0.09 too small.
fn rough_log2(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as f32 - 127.0;
    exponent + (bits & 0x7f_ffff) as f32 / (1_u32 << 23) as f32
}

/// The linear colour of an sRGB hexadecimal value such as `0xf4e9d8`.
pub(crate) fn srgb(hex: u32) -> Rgb {
    static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
        std::array::from_fn(|byte| {
            let value = byte as f32 / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                libm::powf((value + 0.055) / 1.055, 2.4)
            }
        })
    });
    Rgb::from_fn(|channel, _| LINEAR[((hex >> (16 - 8 * channel)) & 0xff) as usize])
}

fn encode(color: &Rgb) -> [u8; 4] {
    let channel = |value: f32| (value.clamp(0.0, 1.0).sqrt() * 255.0 + 0.5) as u8;
    [channel(color.x), channel(color.y), channel(color.z), 255]
}

fn decode(texel: [u8; 4]) -> Rgb {
    let channel = |value: u8| {
        let root = f32::from(value) * (1.0 / 255.0);
        root * root
    };
    Rgb::new(channel(texel[0]), channel(texel[1]), channel(texel[2]))
}

/// Reflects an index into `0..size`: 0 1 2 2 1 0 0 1 2 ...
fn mirror(index: i32, size: i32) -> i32 {
    // Most indices lie in the picture or in its first reflection; a division costs more than the rest of a look.
    if index < 2 * size && index >= -size {
        return match index {
            _ if index < 0 => -1 - index,
            _ if index < size => index,
            _ => 2 * size - 1 - index,
        };
    }
    let folded = index.rem_euclid(2 * size);
    folded.min(2 * size - 1 - folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_footprint_sees_the_mean() {
        let checks = Texture::paint([1.0, 1.0], 1.0 / 64.0, |x, y| {
            let dark = ((x * 16.0) as i32 + (y * 16.0) as i32) % 2 == 0;
            Rgb::repeat(if dark { 0.1 } else { 0.9 })
        });
        let sharp = checks.sample([0.03, 0.03], [0.001, 0.0], [0.0, 0.001]);
        assert!((sharp.x - 0.1).abs() < 0.02, "{sharp}");
        for step in 0..20 {
            let place = [0.2 + 0.013 * step as f32, 0.4];
            let wide = checks.sample(place, [0.25, 0.0], [0.0, 0.25]);
            assert!((wide.x - 0.5).abs() < 0.05, "{wide}");
        }
    }

    #[test]
    fn quick_looks_see_the_same() {
        let waves = Texture::paint([1.0, 0.8], 1.0 / 128.0, |x, y| {
            Rgb::new(
                0.5 + 0.3 * (9.0 * x).sin(),
                0.4 + 0.2 * (7.0 * y).cos(),
                x * y,
            )
        });
        for k in 0..200 {
            let t = k as f32 * 0.037;
            let place = [2.3 * t.sin(), 1.9 * (1.3 * t).cos()];
            let size = 0.004 + 0.0005 * (k % 40) as f32;
            let (a, b) = ([size, 0.2 * size], [-0.1 * size, 0.5 * size]);
            let difference = waves.sample(place, a, b) - waves.sample_quickly(place, a, b);
            assert!(difference.abs().max() < 0.02, "{difference} at {place:?}");
        }
    }

    #[test]
    fn mirrored_indices_stay_inside() {
        let indices: Vec<i32> = (-4..6).map(|k| mirror(k, 3)).collect();
        assert_eq!(indices, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0]);
    }
}
