// What content does to the light around it, at half size: occlusion from around on content; on real surfaces the shadow
// of content and the occlusion by it. Out: x how open content is, y what is left of the light on a real surface, z 1 on
// content.
//
// Occlusion: the estimator of McGuire, Mara and Luebke 2012 (Scalable Ambient Obscurance) over a disc of fixed size in
// the world. On a real surface only content counts: what real things do to each other is in the picture already.
// Shadows: percentage-closer soft shadows (Fernando 2005), wider with the distance to what throws them.

@group(2) @binding(0) var content_depth: texture_2d<f32>;
@group(2) @binding(1) var ground_depth: texture_2d<f32>;
@group(2) @binding(2) var shadow_depth: texture_2d<f32>;

const SAMPLES: i32 = 12;
const TURNS: f32 = 7.0;
const RADIUS_M: f32 = 0.12;
// Nearer to the surface's plane than this part of the radius, nothing counts.
const BIAS: f32 = 0.02;
const LARGEST_PX: f32 = 96.0;
const BLOCKERS: i32 = 8;
const FILTER: i32 = 12;
const TAU: f32 = 6.2831853;

struct Seen {
    point: vec3<f32>,
    content: bool,
    nothing: bool,
}

@vertex
fn vs_grounding(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

// What is seen in a pixel of half size, before the eye.
fn seen_at(pixel: vec2<i32>) -> Seen {
    let content = textureLoad(content_depth, pixel, 0).r;
    let ground = textureLoad(ground_depth, pixel, 0).r;
    let origin = view.depth_terms.zw * 0.5;
    let unit = (vec2<f32>(pixel) + 0.5 - origin) / (view.viewport.xy * 0.5);
    let nearest = min(content, ground);
    let is_content = ground > content;
    let nothing = nearest >= 1.0;
    return Seen(point_in_view(unit, distance_from_depth(nearest)), is_content, nothing);
}

// Where a line of sight meets content, or the ground, whatever is before it.
fn kind_at(pixel: vec2<i32>, content: bool) -> vec3<f32> {
    let depth = select(textureLoad(ground_depth, pixel, 0).r, textureLoad(content_depth, pixel, 0).r, content);
    let origin = view.depth_terms.zw * 0.5;
    let unit = (vec2<f32>(pixel) + 0.5 - origin) / (view.viewport.xy * 0.5);
    return point_in_view(unit, distance_from_depth(depth));
}

// The neighbour on the same surface, of the two on both sides.
fn edge(at: vec3<f32>, before: vec3<f32>, after: vec3<f32>) -> vec3<f32> {
    if abs(before.z - at.z) < abs(after.z - at.z) {
        return at - before;
    }
    return after - at;
}

fn openness(pixel: vec2<i32>, at: Seen, normal: vec3<f32>, turn: f32) -> f32 {
    let distance = -at.point.z;
    let radius_px = min(RADIUS_M * view.viewport.z * 0.5 / distance, LARGEST_PX);
    let strength = frame.settings.x;
    if radius_px < 1.5 || strength <= 0.0 {
        return 1.0;
    }
    let radius2 = RADIUS_M * RADIUS_M;
    let low = vec2<i32>(view.depth_terms.zw * 0.5);
    let high = low + vec2<i32>(ceil(view.viewport.xy * 0.5)) - 1;
    var sum = 0.0;
    for (var i = 0; i < SAMPLES; i += 1) {
        let part = (f32(i) + fract(turn * 5.0 / TAU + 0.03)) / f32(SAMPLES);
        let angle = part * TURNS * TAU + turn;
        let offset = vec2<i32>(round(vec2<f32>(cos(angle), sin(angle)) * (part * radius_px)));
        let other = seen_at(clamp(pixel + offset, low, high));
        if at.content || other.content {
            let across = other.point - at.point;
            let length2 = dot(across, across);
            let above = max(dot(across, normal) - BIAS * RADIUS_M, 0.0);
            let near = max(radius2 - length2, 0.0) / radius2;
            sum += near * near * near * above * RADIUS_M / (length2 + 0.01 * radius2);
        }
    }
    return clamp(1.0 - strength * 4.0 / f32(SAMPLES) * sum, 0.0, 1.0);
}

fn light_on_ground(point_in_world: vec3<f32>, normal: vec3<f32>, turn: f32) -> f32 {
    var place = shadow_place(point_in_world + normal * 0.002);
    if place.w < 0.0 {
        return 1.0;
    }
    let cascade = frame.cascades[i32(place.w)];
    let size = vec2<f32>(textureDimensions(shadow_depth));
    let start = vec2<f32>(cos(turn), sin(turn));
    let search = max(0.05 / cascade.x, 2.0);
    var turned = start;
    var sum = 0.0;
    var count = 0.0;
    for (var i = 0; i < BLOCKERS; i += 1) {
        let offset = turned * (sqrt((f32(i) + 0.5) / f32(BLOCKERS)) * search);
        let texel = clamp(vec2<i32>(place.xy * size + offset), vec2<i32>(0), vec2<i32>(size) - 1);
        let depth = textureLoad(shadow_depth, texel, 0).r;
        if depth < place.z {
            sum += depth;
            count += 1.0;
        }
        turned = GOLDEN_TURN * turned;
    }
    if count < 0.5 {
        return 1.0;
    }
    let to_blocker_m = (place.z - sum / count) * cascade.y;
    return light_in_disc(place, 0.002 + to_blocker_m * frame.settings.w, start, FILTER);
}

fn luminance(color: vec3<f32>) -> f32 {
    return dot(color, vec3<f32>(0.2126, 0.7152, 0.0722));
}

@fragment
fn fs_grounding(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(position.xy);
    let at = seen_at(pixel);
    if at.nothing {
        return vec4<f32>(1.0, 1.0, 0.0, 1.0);
    }
    // At the foot of content the ground's slope is that of the ground, and the other way round.
    let kind = at.content;
    let right = edge(at.point, kind_at(pixel - vec2<i32>(1, 0), kind), kind_at(pixel + vec2<i32>(1, 0), kind));
    let down = edge(at.point, kind_at(pixel - vec2<i32>(0, 1), kind), kind_at(pixel + vec2<i32>(0, 1), kind));
    let normal = normalize(cross(down, right));
    // Sixteen turns in each square of 4 x 4 pixels, which the blur covers, neighbours far apart (Bayer 1973).
    let x = u32(pixel.x) ^ u32(pixel.y);
    let y = u32(pixel.y);
    let order = ((x & 1u) << 3u) | ((y & 1u) << 2u) | (x & 2u) | ((y & 2u) >> 1u);
    let turn = f32(order) * (TAU / 16.0);
    let open = openness(pixel, at, normal, turn);
    if at.content {
        return vec4<f32>(open, 1.0, 1.0, 1.0);
    }
    let in_world = (view.world_from_view * vec4<f32>(at.point, 1.0)).xyz;
    let normal_in_world = (view.world_from_view * vec4<f32>(normal, 0.0)).xyz;
    let main = luminance(frame.light_intensity.rgb) * max(dot(normal_in_world, frame.direction_to_light.xyz), 0.0)
        * frame.light_intensity.w;
    let around = luminance(irradiance(normal_in_world));
    var reaching = 1.0;
    if main > 0.0 {
        reaching = light_on_ground(in_world, normal_in_world, turn);
    }
    let left = (main * reaching + around * open) / max(main + around, 1e-4);
    return vec4<f32>(1.0, left, 0.0, 1.0);
}
