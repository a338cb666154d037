// Reflections: a cube that is copied level by level, and one that is blurred as surfaces of growing roughness mirror it.
// A face and level are drawn by the vertices from 3 * (face + 6 * level) on.

@group(0) @binding(0) var source: texture_cube<f32>;
@group(0) @binding(1) var source_sampler: sampler;

const PI: f32 = 3.14159265;
// Levels of the blurred cube: roughness 0 to 1.
const LEVELS: f32 = 7.0;
const SAMPLES: u32 = 64u;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) on_face: vec2<f32>,
    @location(1) @interpolate(flat) face: u32,
    @location(2) @interpolate(flat) level: u32,
}

@vertex
fn vs_reflections(@builtin(vertex_index) index: u32) -> Varyings {
    let corner = index % 3u;
    let unit = vec2<f32>(f32(corner & 1u) * 2.0, f32(corner >> 1u) * 2.0);
    var out: Varyings;
    out.clip = vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
    out.on_face = unit * 2.0 - 1.0;
    out.face = (index / 3u) % 6u;
    out.level = index / 18u;
    return out;
}

// Faces in the order +X, -X, +Y, -Y, +Z, -Z; `on_face`: right and down, -1 to 1.
fn direction_of(face: u32, on_face: vec2<f32>) -> vec3<f32> {
    let u = on_face.x;
    let v = on_face.y;
    switch face {
        case 0u: { return normalize(vec3<f32>(1.0, -v, -u)); }
        case 1u: { return normalize(vec3<f32>(-1.0, -v, u)); }
        case 2u: { return normalize(vec3<f32>(u, 1.0, v)); }
        case 3u: { return normalize(vec3<f32>(u, -1.0, -v)); }
        case 4u: { return normalize(vec3<f32>(u, -v, 1.0)); }
        default: { return normalize(vec3<f32>(-u, -v, -1.0)); }
    }
}

@fragment
fn fs_copy(in: Varyings) -> @location(0) vec4<f32> {
    return vec4<f32>(textureSampleLevel(source, source_sampler, direction_of(in.face, in.on_face), 0.0).rgb, 1.0);
}

// What is mirrored where nothing was measured: a room without colour, bright above, with one window. Its mean is about 1.
@fragment
fn fs_neutral_room(in: Varyings) -> @location(0) vec4<f32> {
    let direction = direction_of(in.face, in.on_face);
    let ceiling = smoothstep(0.35, 0.9, direction.y);
    let floor = smoothstep(0.1, 0.7, -direction.y);
    let toward = normalize(vec3<f32>(0.5, 0.5, 0.7));
    let window = smoothstep(0.90, 0.96, dot(direction, toward));
    let light = 0.92 + 0.55 * ceiling - 0.42 * floor + 2.6 * window;
    return vec4<f32>(vec3<f32>(light), 1.0);
}

// Van der Corput's sequence and an even one: Hammersley's points.
fn hammersley(index: u32) -> vec2<f32> {
    var bits = index;
    bits = (bits << 16u) | (bits >> 16u);
    bits = ((bits & 0x55555555u) << 1u) | ((bits & 0xaaaaaaaau) >> 1u);
    bits = ((bits & 0x33333333u) << 2u) | ((bits & 0xccccccccu) >> 2u);
    bits = ((bits & 0x0f0f0f0fu) << 4u) | ((bits & 0xf0f0f0f0u) >> 4u);
    bits = ((bits & 0x00ff00ffu) << 8u) | ((bits & 0xff00ff00u) >> 8u);
    return vec2<f32>((f32(index) + 0.5) / f32(SAMPLES), f32(bits) * 2.3283064e-10);
}

// The mean over GGX's lobe seen along the normal, samples by importance (Karis 2013), each from a level that covers its
// share (Krivanek and Colbert 2008).
@fragment
fn fs_blur(in: Varyings) -> @location(0) vec4<f32> {
    let normal = direction_of(in.face, in.on_face);
    let roughness = f32(in.level) / (LEVELS - 1.0);
    if in.level == 0u {
        return vec4<f32>(textureSampleLevel(source, source_sampler, normal, 0.0).rgb, 1.0);
    }
    let alpha = roughness * roughness;
    let alpha2 = alpha * alpha;
    let side = select(vec3<f32>(0.0, 1.0, 0.0), vec3<f32>(1.0, 0.0, 0.0), abs(normal.y) > 0.9);
    let tangent = normalize(cross(side, normal));
    let bitangent = cross(normal, tangent);
    let texels = 6.0 * f32(textureDimensions(source).x) * f32(textureDimensions(source).x);
    var sum = vec3<f32>(0.0);
    var weight = 0.0;
    for (var i = 0u; i < SAMPLES; i += 1u) {
        let point = hammersley(i);
        let cosine2 = (1.0 - point.x) / (1.0 + (alpha2 - 1.0) * point.x);
        let n_h = sqrt(cosine2);
        let sine = sqrt(max(1.0 - cosine2, 0.0));
        let angle = 2.0 * PI * point.y;
        let half_way = tangent * (sine * cos(angle)) + bitangent * (sine * sin(angle)) + normal * n_h;
        let direction = 2.0 * n_h * half_way - normal;
        let n_l = dot(normal, direction);
        if n_l > 0.0 {
            let lobe = cosine2 * (alpha2 - 1.0) + 1.0;
            let density = alpha2 / (PI * lobe * lobe) * 0.25;
            let level = 0.5 * log2(texels / (4.0 * PI * density * f32(SAMPLES))) + 1.0;
            sum += textureSampleLevel(source, source_sampler, direction, max(level, 0.0)).rgb * n_l;
            weight += n_l;
        }
    }
    return vec4<f32>(sum / max(weight, 1e-4), 1.0);
}
