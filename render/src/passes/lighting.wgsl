// How a smooth, non-metallic surface looks under one distant light and a hemisphere.

const PI: f32 = 3.14159265;
// Reflectance of plastics and lacquer at normal incidence.
const F0: f32 = 0.04;

fn fresnel(cosine: f32) -> f32 {
    let k = 1.0 - clamp(cosine, 0.0, 1.0);
    let k2 = k * k;
    return F0 + (1.0 - F0) * k2 * k2 * k;
}

// Light from around in a direction: darker from below.
fn hemisphere(direction_y: f32) -> vec3<f32> {
    return view.ambient.xyz * mix(0.5, 1.12, smoothstep(-1.0, 1.0, direction_y));
}

// Outgoing light. `reaching`: the part of the main light that is not in shadow.
// Specular: GGX (Walter et al. 2007) with the height-correlated Smith term in Hammon's
// approximation (2017).
fn shade(base: vec3<f32>, roughness: f32, normal: vec3<f32>, to_eye: vec3<f32>, reaching: f32) -> vec3<f32> {
    let to_light = view.direction_to_light.xyz;
    let half_way = normalize(to_light + to_eye);
    let n_l = clamp(dot(normal, to_light), 0.0, 1.0);
    let n_v = clamp(dot(normal, to_eye), 1e-3, 1.0);
    let n_h = clamp(dot(normal, half_way), 0.0, 1.0);
    let alpha = roughness * roughness;
    let lobe = n_h * n_h * (alpha * alpha - 1.0) + 1.0;
    let distribution = alpha * alpha / (PI * lobe * lobe);
    let visibility = 0.5 / mix(2.0 * n_l * n_v, n_l + n_v, alpha);
    let mirrored = fresnel(dot(to_eye, half_way));
    // The intensity is irradiance / pi, hence the factor on the specular part only.
    let direct = view.light_intensity.xyz * n_l * reaching
        * (base * (1.0 - mirrored) + vec3<f32>(PI * distribution * visibility * mirrored));

    let around = fresnel(n_v) * (1.0 - 0.5 * roughness);
    let reflected = 2.0 * dot(normal, to_eye) * normal.y - to_eye.y;
    return direct + base * hemisphere(normal.y) * (1.0 - around) + hemisphere(reflected) * around;
}

// Keeps colours below 0.8 and rolls highlights off to 1: the view is 8 bits deep.
fn roll_off(color: vec3<f32>) -> vec3<f32> {
    let over = max(color - 0.8, vec3<f32>(0.0));
    return min(color, vec3<f32>(0.8)) + 0.2 * (1.0 - exp(-over / 0.2));
}
