// Physically based shading by metalness and roughness, as glTF 2.0 (appendix B) defines it. GGX (Walter et al. 2007) with
// height-correlated Smith masking (Heitz 2014) and Schlick's Fresnel (1994); light from around by the split sum (Karis
// 2013, table in gpu/split_sum.rs); multiple scattering after Fdez-Aguera 2019, for the main light after Turquin
// 2019. A dielectric and a metal are shaded apart and mixed.

// Reflectance of a dielectric at normal incidence.
const DIELECTRIC: f32 = 0.04;

struct Surface {
    base: vec3<f32>,
    metallic: f32,
    // Perceptual; alpha of GGX is its square.
    roughness: f32,
    normal: vec3<f32>,
    to_eye: vec3<f32>,
    // How open the place is to light from around.
    open: f32,
}

fn fifth_power(cosine: f32) -> f32 {
    let k = 1.0 - clamp(cosine, 0.0, 1.0);
    let k2 = k * k;
    return k2 * k2 * k;
}

// Scale and bias of the reflectance in the light that comes back from around.
fn split_sum(roughness: f32, n_v: f32) -> vec2<f32> {
    let place = vec2<f32>(sqrt(n_v), roughness) * (15.0 / 16.0) + 0.5 / 16.0;
    return textureSampleLevel(split_sum_table, reflections_sampler, place, 0.0).rg;
}

// Light of the main light that a surface sends to the eye; `reaching`: the part of it that is not in shadow.
fn direct(surface: Surface, reaching: f32) -> vec3<f32> {
    let to_light = frame.direction_to_light.xyz;
    let half_way = normalize(to_light + surface.to_eye);
    let n_l = clamp(dot(surface.normal, to_light), 0.0, 1.0);
    let n_v = clamp(dot(surface.normal, surface.to_eye), 1e-4, 1.0);
    let n_h = clamp(dot(surface.normal, half_way), 0.0, 1.0);
    let alpha = surface.roughness * surface.roughness;
    let alpha2 = alpha * alpha;
    let lobe = n_h * n_h * (alpha2 - 1.0) + 1.0;
    let distribution = alpha2 / (PI * lobe * lobe);
    let masking = n_l * sqrt(n_v * n_v * (1.0 - alpha2) + alpha2) + n_v * sqrt(n_l * n_l * (1.0 - alpha2) + alpha2);
    let visibility = 0.5 / max(masking, 1e-6);
    let grazing = fifth_power(dot(surface.to_eye, half_way));
    let f0 = mix(vec3<f32>(DIELECTRIC), surface.base, surface.metallic);
    let fit = split_sum(surface.roughness, n_v);
    let scattered_again = 1.0 + f0 * (1.0 / max(fit.x + fit.y, 1e-3) - 1.0);
    // The intensity is irradiance / pi, hence the factor on what is mirrored.
    let mirrored = mix(f0, vec3<f32>(1.0), grazing) * scattered_again * (distribution * visibility * PI);
    let passing = 1.0 - mix(DIELECTRIC, 1.0, grazing);
    let diffuse = surface.base * ((1.0 - surface.metallic) * passing);
    return frame.light_intensity.rgb * (n_l * reaching) * (diffuse + mirrored);
}

// What comes back from around by one reflection, and by more.
struct Returned {
    single: vec3<f32>,
    multiple: vec3<f32>,
}

fn returned(f0: vec3<f32>, fit: vec2<f32>) -> Returned {
    let single = f0 * fit.x + fit.y;
    let average = f0 + (1.0 - f0) / 21.0;
    let lost = 1.0 - (fit.x + fit.y);
    return Returned(single, single * average / (1.0 - average * lost) * lost);
}

fn from_around(surface: Surface) -> vec3<f32> {
    let n_v = clamp(dot(surface.normal, surface.to_eye), 1e-4, 1.0);
    let fit = split_sum(surface.roughness, n_v);
    let dielectric = returned(vec3<f32>(DIELECTRIC), fit);
    let metal = returned(surface.base, fit);
    let single = mix(dielectric.single, metal.single, surface.metallic);
    let multiple = mix(dielectric.multiple, metal.multiple, surface.metallic);
    let around = irradiance(surface.normal);
    // A rough surface looks more along its normal.
    let alpha = surface.roughness * surface.roughness;
    let mirror = reflect(-surface.to_eye, surface.normal);
    let direction = normalize(mix(mirror, surface.normal, alpha * alpha));
    let mirrored = reflected_light(direction, surface.roughness) * single + around * multiple * frame.sh[0].w;
    // Lagarde and de Rousiers 2014.
    let open_to_mirror = clamp(pow(n_v + surface.open, exp2(-16.0 * surface.roughness - 1.0)) - 1.0 + surface.open, 0.0, 1.0);
    let spread = surface.base * ((1.0 - surface.metallic) * (1.0 - dielectric.single.r - dielectric.multiple.r));
    return spread * around * surface.open + mirrored * open_to_mirror;
}
