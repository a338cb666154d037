// Lines as chains of round pieces on the screen. A piece knows those before and after it and leaves them every pixel
// that is nearer to them, so that each pixel of a chain is shaded once: what is translucent stays even where they meet.

// Four points that follow each other; the piece goes from the second to the third. xyz in the world, w: radius in
// metres.
struct Piece {
    @location(0) before_position: vec4<f32>,
    @location(1) before_style: vec4<u32>,
    @location(2) a_position: vec4<f32>,
    @location(3) a_color: vec4<f32>,
    @location(4) a_style: vec4<u32>,
    @location(5) b_position: vec4<f32>,
    @location(6) b_color: vec4<f32>,
    @location(7) b_style: vec4<u32>,
    @location(8) after_position: vec4<f32>,
    @location(9) after_style: vec4<u32>,
}

struct LinePoint {
    position: vec3<f32>,
    radius_m: f32,
    // sRGB; alpha is straight.
    color: vec4<f32>,
    // Flags, least radius in sixteenths of a CSS pixel, two unused.
    style: vec4<u32>,
}

// A piece goes from this point to the next.
const LINKED: u32 = 1u;
// It ends in a flat disc here.
const DISC: u32 = 2u;
// A dot with a bright middle.
const RING: u32 = 4u;

// sRGB #f7f6f2 in linear light.
const PAPER: vec3<f32> = vec3<f32>(0.930111, 0.921582, 0.887923);
// CSS pixels of the dark breath around a line, and how dark it is.
const BREATH: f32 = 2.2;
const BREATH_ALPHA: f32 = 0.26;
// From this opacity on a line hides what is behind it.
const OPAQUE: f32 = 0.995;
// Pieces that are nearer by less than this (pixels) count as equally near.
const EQUAL: f32 = 0.002;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    // The piece's ends: pixels of the own picture, radius in pixels, metres along the view's axis.
    @location(0) @interpolate(flat) a: vec4<f32>,
    @location(1) @interpolate(flat) b: vec4<f32>,
    // The far ends of the pieces before and after; w: 1 where there is one.
    @location(2) @interpolate(flat) before: vec4<f32>,
    @location(3) @interpolate(flat) after: vec4<f32>,
    // Linear; alpha is straight.
    @location(4) @interpolate(flat) color_a: vec4<f32>,
    @location(5) @interpolate(flat) color_b: vec4<f32>,
    // 1 where a, b end in a disc; the part of the piece's direction that goes away from the eye; 1 for a ring.
    @location(6) @interpolate(flat) kind: vec4<f32>,
}

fn linear_from_srgb(encoded: vec3<f32>) -> vec3<f32> {
    let curve = pow((max(encoded, vec3<f32>(0.04045)) + 0.055) / 1.055, vec3<f32>(2.4));
    return select(curve, encoded / 12.92, encoded <= vec3<f32>(0.04045));
}

// Pixels, radius in pixels, metres along the view's axis. `clip`: before the near plane.
fn on_screen(clip: vec4<f32>, radius_m: f32, style: vec4<u32>) -> vec4<f32> {
    let unit = vec2<f32>(clip.x, -clip.y) / clip.w * 0.5 + 0.5;
    let least = f32(style.y) / 16.0 * view.viewport.w;
    let radius = max(radius_m * view.viewport.z / clip.w, least);
    return vec4<f32>(view.depth_terms.zw + unit * view.viewport.xy, radius, clip.w);
}

// The part of the way from a to b that lies before the near plane is cut off.
fn before_near(from_clip: vec4<f32>, to_clip: vec4<f32>, near: f32) -> vec4<f32> {
    if from_clip.w >= near {
        return from_clip;
    }
    let part = (near - from_clip.w) / max(to_clip.w - from_clip.w, 1e-6);
    return mix(from_clip, to_clip, clamp(part, 0.0, 1.0));
}

// `core`: the pieces that hide; else the translucent ones and the edges.
fn corner(index: u32, piece: Piece, core: bool) -> Varyings {
    let a = LinePoint(piece.a_position.xyz, piece.a_position.w, piece.a_color, piece.a_style);
    let b = LinePoint(piece.b_position.xyz, piece.b_position.w, piece.b_color, piece.b_style);
    var out: Varyings;
    out.clip = vec4<f32>(0.0, 0.0, -2.0, 1.0);
    let clip_a = view.clip_from_world * vec4<f32>(a.position, 1.0);
    let clip_b = view.clip_from_world * vec4<f32>(b.position, 1.0);
    let near = max(view.depth_terms.y / min(view.depth_terms.x, -1e-6), 1e-3) * 1.01;
    let opaque = min(a.color.a, b.color.a) >= OPAQUE;
    if (a.style.x & LINKED) == 0u || max(clip_a.w, clip_b.w) <= near || (core && !opaque) {
        return out;
    }
    out.a = on_screen(before_near(clip_a, clip_b, near), a.radius_m, a.style);
    out.b = on_screen(before_near(clip_b, clip_a, near), b.radius_m, b.style);
    let clip_before = view.clip_from_world * vec4<f32>(piece.before_position.xyz, 1.0);
    let clip_after = view.clip_from_world * vec4<f32>(piece.after_position.xyz, 1.0);
    if (piece.before_style.x & LINKED) != 0u && clip_before.w > near {
        out.before = vec4<f32>(on_screen(clip_before, piece.before_position.w, piece.before_style).xyz, 1.0);
    }
    if (b.style.x & LINKED) != 0u && clip_after.w > near {
        out.after = vec4<f32>(on_screen(clip_after, piece.after_position.w, piece.after_style).xyz, 1.0);
    }
    out.color_a = vec4<f32>(linear_from_srgb(a.color.rgb), a.color.a);
    out.color_b = vec4<f32>(linear_from_srgb(b.color.rgb), b.color.a);
    let from_eye = normalize((a.position + b.position) * 0.5 - eye_in_world());
    let way = b.position - a.position;
    let away = dot(way, from_eye) / max(length(way), 1e-6);
    out.kind = vec4<f32>(
        select(0.0, 1.0, (a.style.x & DISC) != 0u),
        select(0.0, 1.0, (b.style.x & DISC) != 0u),
        away,
        select(0.0, 1.0, (a.style.x & RING) != 0u),
    );
    // A box around the piece, along it.
    let margin = BREATH * view.viewport.w + 1.0;
    let along = out.b.xy - out.a.xy;
    let far = length(along);
    let direction = select(vec2<f32>(1.0, 0.0), along / max(far, 1e-6), far > 1e-4);
    let side = strip_corner(index);
    let at_b = side.x > 0.0;
    let end = select(out.a, out.b, at_b);
    let reach = max(out.a.z, out.b.z) + margin;
    // A wide end may reach over the other one.
    let before_end = select(max(out.a.z, out.b.z - far), max(out.b.z, out.a.z - far), at_b) + margin;
    let pixel = end.xy + direction * (side.x * before_end) + vec2<f32>(-direction.y, direction.x) * (side.y * reach);
    // The front of a round line; edges a little behind, so that they give way where a line meets itself.
    let radius_m = end.z * end.w / view.viewport.z;
    let front = end.w - radius_m * select(0.2, 1.0, core);
    let unit = (pixel - view.depth_terms.zw) / view.viewport.xy;
    let depth = clamp(depth_from_distance(max(front, near)), 0.0, 1.0);
    out.clip = vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, depth, 1.0);
    return out;
}

@vertex
fn vs_line_core(@builtin(vertex_index) index: u32, piece: Piece) -> Varyings {
    return corner(index, piece, true);
}

@vertex
fn vs_line_edge(@builtin(vertex_index) index: u32, piece: Piece) -> Varyings {
    return corner(index, piece, false);
}

// From the nearest place of the line a-b: xy the way to the pixel, z the radius there, w the part of the way from a
// to b.
fn nearest(pixel: vec2<f32>, a: vec3<f32>, b: vec3<f32>) -> vec4<f32> {
    let along = b.xy - a.xy;
    let square = dot(along, along);
    var part = 0.0;
    if square > 1e-8 {
        part = clamp(dot(pixel - a.xy, along) / square, 0.0, 1.0);
    }
    // Exact at both ends: there two pieces have the same place.
    let place = a * (1.0 - part) + b * part;
    return vec4<f32>(pixel - place.xy, place.z, part);
}

fn outside(near: vec4<f32>) -> f32 {
    return length(near.xy) - near.z;
}

// Distance from a disc seen from the side: an ellipse, `s` along the piece and `c` across it; `f`: how round it looks.
fn outside_disc(s: f32, c: f32, radius: f32, f: f32) -> f32 {
    let scaled = vec2<f32>(s / f, c);
    let reach = length(scaled);
    let steepness = length(vec2<f32>(scaled.x / f, scaled.y)) / max(reach, 1e-3);
    return (reach - radius) / max(steepness, 1.0);
}

struct Place {
    // Pixels outside of the piece; negative within.
    outside: f32,
    // From the piece's middle to the pixel, in radii, y down.
    offset: vec2<f32>,
    radius: f32,
    part: f32,
    // 1 on a disc that faces the eye.
    disc: f32,
}

fn place_on(in: Varyings) -> Place {
    let pixel = in.clip.xy;
    let near = nearest(pixel, in.a.xyz, in.b.xyz);
    var place = Place(outside(near), near.xy / max(near.z, 1e-3), near.z, near.w, 0.0);
    if in.kind.x + in.kind.y > 0.5 {
        let along = in.b.xy - in.a.xy;
        let far = max(length(along), 1e-3);
        let direction = along / far;
        let s = dot(pixel - in.a.xy, direction);
        let c = dot(pixel - in.a.xy, vec2<f32>(-direction.y, direction.x));
        let f = clamp(abs(in.kind.z), 0.03, 1.0);
        if in.kind.x > 0.5 {
            let on_disc = outside_disc(s, c, in.a.z, f);
            place.outside = min(max(place.outside, -s), on_disc);
            place.disc = select(0.0, 1.0, in.kind.z > 0.0) * clamp(0.5 - on_disc, 0.0, 1.0);
        }
        if in.kind.y > 0.5 {
            place.outside = min(max(place.outside, s - far), outside_disc(s - far, c, in.b.z, f));
        }
        place.offset = place.offset / max(length(place.offset), 1.0);
    }
    return place;
}

// Whether the pixel belongs to a neighbour.
fn is_neighbours(in: Varyings) -> bool {
    let pixel = in.clip.xy;
    let own = outside(nearest(pixel, in.a.xyz, in.b.xyz));
    if in.before.w > 0.5 && own > outside(nearest(pixel, in.before.xyz, in.a.xyz)) + EQUAL {
        return true;
    }
    return in.after.w > 0.5 && own >= outside(nearest(pixel, in.b.xyz, in.after.xyz)) - EQUAL;
}

// A strand of ink: softly lit from the main light, but never so dark that its colour could not be told.
fn ink(base: vec3<f32>, place: Place) -> vec3<f32> {
    let square = min(dot(place.offset, place.offset), 1.0);
    let in_view = vec3<f32>(place.offset.x, -place.offset.y, sqrt(1.0 - square));
    let normal = normalize((view.world_from_view * vec4<f32>(in_view, 0.0)).xyz);
    let to_light = frame.direction_to_light.xyz;
    let half_way = normalize(to_light + view.world_from_view[2].xyz);
    let lit = 0.5 + 0.5 * dot(normal, to_light);
    let gleam = pow(max(dot(normal, half_way), 0.0), 28.0);
    let rim = 1.0 - 0.22 * square * square;
    let round = base * ((0.62 + 0.52 * lit) * rim) + vec3<f32>(0.16 * gleam);
    // Thin lines stay flat: there is no room for light on them.
    let roundness = smoothstep(1.5, 4.0, place.radius);
    return min(mix(base, round, roundness), vec3<f32>(1.0));
}

fn shaded(in: Varyings, place: Place) -> vec4<f32> {
    // Evenly in space, not on the screen.
    let distance = 1.0 / mix(1.0 / in.a.w, 1.0 / in.b.w, place.part);
    let part = clamp(place.part * distance / in.b.w, 0.0, 1.0);
    let color = mix(in.color_a, in.color_b, part);
    var base = color.rgb;
    if in.kind.w > 0.5 {
        let from_middle = length(place.offset) * place.radius;
        base = mix(base, PAPER, clamp(place.radius * 0.46 - from_middle + 0.5, 0.0, 1.0));
    }
    let lit = mix(ink(base, place), base * 0.55, place.disc);
    let radius_m = place.radius * distance / view.viewport.z;
    return vec4<f32>(lit, color.a * real_visibility(in.clip.xy, distance - radius_m));
}

@fragment
fn fs_line_core(in: Varyings) -> @location(0) vec4<f32> {
    let place = place_on(in);
    if place.outside > -0.5 || is_neighbours(in) {
        discard;
    }
    let color = shaded(in, place);
    return vec4<f32>(color.rgb, 1.0) * color.a;
}

@fragment
fn fs_line_edge(in: Varyings) -> @location(0) vec4<f32> {
    let place = place_on(in);
    let opaque = min(in.color_a.a, in.color_b.a) >= OPAQUE;
    if (opaque && place.outside <= -0.5) || is_neighbours(in) {
        discard;
    }
    let covered = clamp(0.5 - place.outside, 0.0, 1.0);
    let color = shaded(in, place);
    let fade = 1.0 - smoothstep(-1.0, BREATH * view.viewport.w, place.outside);
    let breath = BREATH_ALPHA * fade * (1.0 - covered);
    return vec4<f32>(color.rgb * covered, covered + breath) * color.a;
}
