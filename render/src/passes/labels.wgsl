// Paper cards that face the viewer; where and how large is decided in labels.rs.

@group(1) @binding(0) var card: texture_2d<f32>;
@group(1) @binding(1) var card_sampler: sampler;

struct LabelInstance {
    // Clip position of the anchor.
    @location(0) anchor: vec4<f32>,
    // From the anchor to the card's middle, and half the card's width as a vector: pixels, y down.
    @location(1) middle_right: vec4<f32>,
    // Half the card's height as a vector up; zw unused.
    @location(2) up: vec4<f32>,
}

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) coordinates: vec2<f32>,
    // Pixels from the card's middle, y up along the card.
    @location(1) from_middle: vec2<f32>,
    @location(2) @interpolate(flat) half_size: vec2<f32>,
}

// CSS pixels: room around the card for its shadow, its corners, how far the shadow falls.
const MARGIN: f32 = 14.0;
const CORNER: f32 = 8.0;
const FALL: f32 = 2.5;

@vertex
fn vs_label(@builtin(vertex_index) index: u32, label: LabelInstance) -> Varyings {
    let half_size = vec2<f32>(length(label.middle_right.zw), length(label.up.xy));
    // The card's corners, moved out by the margin.
    let corner = strip_corner(index) * (1.0 + MARGIN * view.viewport.w / half_size);
    let offset = label.middle_right.xy + corner.x * label.middle_right.zw + corner.y * label.up.xy;
    let in_clip = vec2<f32>(offset.x, -offset.y) * 2.0 / view.viewport.xy;
    var out: Varyings;
    out.clip = vec4<f32>(label.anchor.xy + in_clip * label.anchor.w, label.anchor.zw);
    out.coordinates = vec2<f32>(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5);
    out.from_middle = corner * half_size;
    out.half_size = half_size;
    return out;
}

@fragment
fn fs_label(in: Varyings) -> @location(0) vec4<f32> {
    let from_edge = abs(in.from_middle) - in.half_size;
    let covered = clamp(0.5 - max(from_edge.x, from_edge.y), 0.0, 1.0);
    let paper = textureSample(card, card_sampler, in.coordinates) * covered;

    let css_px = view.viewport.w;
    let corner = min(CORNER * css_px, min(in.half_size.x, in.half_size.y));
    let fallen = abs(in.from_middle + vec2<f32>(0.0, FALL * css_px)) - in.half_size + corner;
    let distance = length(max(fallen, vec2<f32>(0.0))) + min(max(fallen.x, fallen.y), 0.0) - corner;
    let fade = 1.0 - smoothstep(-5.0 * css_px, (MARGIN - FALL) * css_px, distance);
    let shadow = 0.26 * fade * fade;
    return vec4<f32>(paper.rgb, paper.a + (1.0 - paper.a) * shadow);
}
