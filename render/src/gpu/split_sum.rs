//! The table of the split sum: which part of the light from around a surface sends back, for one that
//! reflects nothing at normal incidence (bias) and what reflectance adds (scale).
//!
//! Karis 2013, "Real Shading in Unreal Engine 4", the integral of GGX with height-correlated Smith
//! masking. Sixteen rows by roughness and columns by the square root of the cosine between normal and
//! eye, both from 0 to 1; a pair of half floats each. Fits of the table that are in use were made for
//! another masking term and err by up to a half. The test works it out anew.

const SIDE: u32 = 16;
const TABLE: &[u8] = include_bytes!("split_sum.f16");

/// The table as a texture that can be filtered.
pub(crate) fn split_sum_texture(device: &wgpu::Device, queue: &wgpu::Queue) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("split sum"),
        size: wgpu::Extent3d {
            width: SIDE,
            height: SIDE,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rg16Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    queue.write_texture(
        texture.as_image_copy(),
        TABLE,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(SIDE * 4),
            rows_per_image: None,
        },
        texture.size(),
    );
    texture.create_view(&Default::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_half(bytes: [u8; 2]) -> f64 {
        let bits = u16::from_le_bytes(bytes);
        let exponent = i32::from(bits >> 10 & 31);
        let mantissa = f64::from(bits & 1023);
        match exponent {
            0 => mantissa * 2f64.powi(-24),
            _ => (1024.0 + mantissa) * 2f64.powi(exponent - 25),
        }
    }

    /// Scale and bias by integrating over the directions of light, cell by cell of the hemisphere.
    fn integral(roughness: f64, cosine: f64) -> [f64; 2] {
        let alpha2 = roughness.powi(4);
        let eye = [(1.0 - cosine * cosine).max(0.0).sqrt(), 0.0, cosine];
        let (rings, around) = (1200, 600);
        let mut sums = [0.0; 2];
        for ring in 0..rings {
            // Half vectors by the distribution's own importance, so that each counts alike.
            let part = (f64::from(ring) + 0.5) / f64::from(rings);
            let cosine2 = (1.0 - part) / (1.0 + (alpha2 - 1.0) * part);
            let (n_h, sine) = (cosine2.sqrt(), (1.0 - cosine2).max(0.0).sqrt());
            for step in 0..around {
                let angle = (f64::from(step) + 0.5) / f64::from(around) * std::f64::consts::TAU;
                let half = [sine * angle.cos(), sine * angle.sin(), n_h];
                let v_h: f64 = half.iter().zip(eye).map(|(a, b)| a * b).sum();
                let n_l = 2.0 * v_h * n_h - cosine;
                if n_l <= 0.0 || v_h <= 0.0 {
                    continue;
                }
                let smith = |a: f64, b: f64| a * (b * b * (1.0 - alpha2) + alpha2).sqrt();
                let visibility = 0.5 / (smith(n_l, cosine) + smith(cosine, n_l));
                let weight = visibility * 4.0 * n_l * v_h / n_h;
                let fresnel = (1.0 - v_h).powi(5);
                sums[0] += weight * (1.0 - fresnel);
                sums[1] += weight * fresnel;
            }
        }
        sums.map(|sum| sum / f64::from(rings * around))
    }

    #[test]
    fn the_table_is_the_integral() {
        assert_eq!(TABLE.len(), (SIDE * SIDE * 4) as usize);
        for row in [2, 5, 8, 11, 15] {
            for column in [4, 8, 12, 15] {
                let part = |index: usize| index as f64 / f64::from(SIDE - 1);
                let truth = integral(part(row), part(column).powi(2));
                let at = (row * SIDE as usize + column) * 4;
                for (number, truth) in truth.into_iter().enumerate() {
                    let start = at + 2 * number;
                    let value = from_half([TABLE[start], TABLE[start + 1]]);
                    assert!(
                        (value - truth).abs() < 4e-3,
                        "{row} {column}: {value} {truth}"
                    );
                }
            }
        }
        // Seen straight on, a fully rough one: 1 - ln 2 by hand.
        let last = TABLE.len() - 4;
        let scale = from_half([TABLE[last], TABLE[last + 1]]);
        assert!((scale - (1.0 - 2f64.ln())).abs() < 1e-3, "{scale}");
    }
}
