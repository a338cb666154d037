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
}

@vertex
fn vs_label(@builtin(vertex_index) index: u32, label: LabelInstance) -> Varyings {
    let corner = strip_corner(index);
    let offset = label.middle_right.xy + corner.x * label.middle_right.zw + corner.y * label.up.xy;
    let in_clip = vec2<f32>(offset.x, -offset.y) * 2.0 / view.viewport.xy;
    var out: Varyings;
    out.clip = vec4<f32>(label.anchor.xy + in_clip * label.anchor.w, label.anchor.zw);
    out.coordinates = vec2<f32>(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5);
    return out;
}

@fragment
fn fs_label(in: Varyings) -> @location(0) vec4<f32> {
    return textureSample(card, card_sampler, in.coordinates);
}
