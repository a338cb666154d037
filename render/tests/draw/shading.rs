//! The twin of `pbr.wgsl` for light that comes from one direction and evenly from everywhere, nothing
//! mirrored from around. The integral behind the split sum is taken by its own quadrature.

use render::glam::Vec3;

pub(crate) struct Surface {
    pub(crate) base: Vec3,
    pub(crate) metallic: f32,
    pub(crate) roughness: f32,
    pub(crate) normal: Vec3,
    pub(crate) to_eye: Vec3,
}

/// Outgoing light. `intensity`: irradiance over pi of the main light; `around`: radiance of all around.
pub(crate) fn shaded(surface: &Surface, to_light: Vec3, intensity: f32, around: f32) -> Vec3 {
    let half_way = (to_light + surface.to_eye).normalize();
    let n_l = surface.normal.dot(to_light).max(0.0);
    let n_v = surface.normal.dot(surface.to_eye).max(1e-4);
    let n_h = surface.normal.dot(half_way).max(0.0);
    let alpha2 = surface.roughness.powi(4);
    let distribution = alpha2 / (std::f32::consts::PI * (n_h * n_h * (alpha2 - 1.0) + 1.0).powi(2));
    let smith = |a: f32, b: f32| a * (b * b * (1.0 - alpha2) + alpha2).sqrt();
    let visibility = 0.5 / (smith(n_l, n_v) + smith(n_v, n_l));
    let grazing = (1.0 - surface.to_eye.dot(half_way)).powi(5);
    let f0 = Vec3::splat(0.04).lerp(surface.base, surface.metallic);
    let [scale, bias] = split_sum(surface.roughness, n_v);
    let again = Vec3::ONE + f0 * (1.0 / (scale + bias) - 1.0);
    let mirrored =
        f0.lerp(Vec3::ONE, grazing) * again * (distribution * visibility * std::f32::consts::PI);
    let diffuse = surface.base * (1.0 - surface.metallic);
    let direct = (diffuse * (1.0 - (0.04 + 0.96 * grazing)) + mirrored) * (intensity * n_l);
    let single = 0.04 * scale + bias;
    let lost = 1.0 - scale - bias;
    let average = 0.04 + 0.96 / 21.0;
    let multiple = single * average / (1.0 - average * lost) * lost;
    direct + diffuse * (around * (1.0 - single - multiple))
}

fn split_sum(roughness: f32, n_v: f32) -> [f32; 2] {
    let alpha2 = roughness.powi(4);
    let eye = Vec3::new((1.0 - n_v * n_v).sqrt(), 0.0, n_v);
    let (rings, around) = (400, 200);
    let mut sums = [0.0_f64; 2];
    for ring in 0..rings {
        let part = (ring as f32 + 0.5) / rings as f32;
        let cosine2 = (1.0 - part) / (1.0 + (alpha2 - 1.0) * part);
        let (n_h, sine) = (cosine2.sqrt(), (1.0 - cosine2).max(0.0).sqrt());
        for step in 0..around {
            let angle = (step as f32 + 0.5) / around as f32 * std::f32::consts::TAU;
            let half = Vec3::new(sine * angle.cos(), sine * angle.sin(), n_h);
            let v_h = half.dot(eye);
            let n_l = 2.0 * v_h * n_h - n_v;
            if n_l > 0.0 && v_h > 0.0 {
                let smith = |a: f32, b: f32| a * (b * b * (1.0 - alpha2) + alpha2).sqrt();
                let weight = 2.0 * n_l * v_h / (n_h * (smith(n_l, n_v) + smith(n_v, n_l)));
                let fresnel = (1.0 - v_h).powi(5);
                sums[0] += f64::from(weight * (1.0 - fresnel));
                sums[1] += f64::from(weight * fresnel);
            }
        }
    }
    sums.map(|sum| (sum / f64::from(rings * around)) as f32)
}
