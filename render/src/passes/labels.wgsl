// Paper cards that face the viewer; where and how large is decided in labels.rs.

// All cards of a renderer.
@group(2) @binding(0) var cards: texture_2d<f32>;
@group(2) @binding(1) var cards_sampler: sampler;

struct LabelInstance {
    // Clip position of the anchor.
    @location(0) anchor: vec4<f32>,
    // From the anchor to the card's middle, and half the card's width as a vector: pixels, y down.
    @location(1) middle_right: vec4<f32>,
    // Half the card's height as a vector up; z: 1 for a line from an anchor to a card; w: the part of the
    // distance by which it is nearer than its anchor.
    @location(2) up: vec4<f32>,
    // Corner and size of the card in the texture.
    @location(3) coordinates: vec4<f32>,
}

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) coordinates: vec2<f32>,
    // Pixels from the card's middle, y up along the card.
    @location(1) from_middle: vec2<f32>,
    @location(2) @interpolate(flat) half_size: vec2<f32>,
    // The anchor's, along the view's axis.
    @location(3) @interpolate(flat) distance: f32,
    @location(4) @interpolate(flat) area: vec4<f32>,
    @location(5) @interpolate(flat) is_line: f32,
}

// CSS pixels: room around the card for its shadow, its corners, how far the shadow falls.
const MARGIN: f32 = 14.0;
const CORNER: f32 = 8.0;
const FALL: f32 = 2.5;

@vertex
fn vs_label(@builtin(vertex_index) index: u32, label: LabelInstance) -> Varyings {
    let half_size = max(vec2<f32>(length(label.middle_right.zw), length(label.up.xy)), vec2<f32>(1e-3));
    // The card's corners, moved out by the margin.
    let corner = strip_corner(index) * (1.0 + MARGIN * view.viewport.w / half_size);
    let offset = label.middle_right.xy + corner.x * label.middle_right.zw + corner.y * label.up.xy;
    let in_clip = vec2<f32>(offset.x, -offset.y) * 2.0 / view.viewport.xy;
    var out: Varyings;
    let nearer = clamp(depth_from_distance(label.anchor.w * (1.0 - label.up.w)), 0.0, 1.0) * label.anchor.w;
    let z = select(label.anchor.z, nearer, label.up.w > 0.0);
    out.clip = vec4<f32>(label.anchor.xy + in_clip * label.anchor.w, z, label.anchor.w);
    out.coordinates = label.coordinates.xy + vec2<f32>(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5) * label.coordinates.zw;
    out.area = vec4<f32>(label.coordinates.xy, label.coordinates.xy + label.coordinates.zw);
    out.is_line = label.up.z;
    out.from_middle = corner * half_size;
    out.half_size = half_size;
    out.distance = label.anchor.w;
    return out;
}

// sRGB #f7f6f2 in linear light.
const PAPER: vec3<f32> = vec3<f32>(0.930111, 0.921582, 0.887923);

// A thin line of paper with a dot at the anchor, and a dark breath around both.
fn leader(in: Varyings) -> vec4<f32> {
    let css_px = view.viewport.w;
    let along = max(abs(in.from_middle.x) - in.half_size.x, 0.0);
    let line = length(vec2<f32>(along, in.from_middle.y)) - in.half_size.y;
    let dot = length(in.from_middle + vec2<f32>(in.half_size.x, 0.0)) - 2.5 * css_px;
    let outside = min(line, dot);
    let covered = clamp(0.5 - outside, 0.0, 1.0);
    let breath = 0.4 * (1.0 - smoothstep(-0.5 * css_px, 2.2 * css_px, outside)) * (1.0 - covered);
    return vec4<f32>(PAPER * covered, covered + breath);
}

@fragment
fn fs_label(in: Varyings) -> @location(0) vec4<f32> {
    let from_edge = abs(in.from_middle) - in.half_size;
    let covered = clamp(0.5 - max(from_edge.x, from_edge.y), 0.0, 1.0);
    let paper = textureSample(cards, cards_sampler, clamp(in.coordinates, in.area.xy, in.area.zw)) * covered;

    let css_px = view.viewport.w;
    let corner = min(CORNER * css_px, min(in.half_size.x, in.half_size.y));
    let fallen = abs(in.from_middle + vec2<f32>(0.0, FALL * css_px)) - in.half_size + corner;
    let distance = length(max(fallen, vec2<f32>(0.0))) + min(max(fallen.x, fallen.y), 0.0) - corner;
    let fade = 1.0 - smoothstep(-5.0 * css_px, (MARGIN - FALL) * css_px, distance);
    let shadow = 0.26 * fade * fade;
    // A label of something hidden stays readable, but steps back.
    let visible = mix(0.35, 1.0, real_visibility(in.clip.xy, in.distance));
    if in.is_line > 0.5 {
        return leader(in) * visible;
    }
    return vec4<f32>(paper.rgb, paper.a + (1.0 - paper.a) * shadow) * visible;
}
