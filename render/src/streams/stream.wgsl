// What all stream passes share: their uniforms, one triangle over the target, and tones.

// Mirrors `StreamUniforms` in uniforms.rs.
struct Stream {
    // Rows of the matrix from the picture's linear colours to the adjusted ones, exposure included.
    // The fourth parts: the brightest value that it can give, the saturation, the sharpness.
    red: vec4<f32>,
    green: vec4<f32>,
    blue: vec4<f32>,
    picture_size: vec2<f32>,
    target_size: vec2<f32>,
    // Where the picture's top left edge lies in the target, in target pixels.
    offset: vec2<f32>,
    // Target pixels per picture pixel.
    scale: f32,
    // Where the split is, in target pixels; outside the target where there is none.
    split: f32,
    // Tones that differ less are taken for one surface.
    deblocking_threshold: f32,
    // 1 where the pass reads the video itself (linear light), 0 where it reads tones.
    sharpen_reads_video: f32,
    present_reads_video: f32,
    // 1 where the last target holds its rows from the bottom.
    from_bottom: f32,
}

@group(0) @binding(0) var<uniform> stream: Stream;
// What the pass before this one has drawn.
@group(0) @binding(1) var previous: texture_2d<f32>;
// The video as it came.
@group(0) @binding(2) var video: texture_2d<f32>;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    // 0 to 1 from the target's top left corner.
    @location(0) unit: vec2<f32>,
}

@vertex
fn vs_stream(@builtin(vertex_index) index: u32) -> Varyings {
    let unit = vec2<f32>(f32(index & 1u) * 2.0, f32(index >> 1u) * 2.0);
    var out: Varyings;
    out.clip = vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
    out.unit = unit;
    return out;
}

// The picture's last column and row.
fn last_pixel() -> vec2<i32> {
    return vec2<i32>(stream.picture_size) - 1;
}

// A tone is the square root of linear light: close to even steps for the eye, and cheap both ways.
fn previous_tone(pixel: vec2<i32>, is_linear: f32) -> vec3<f32> {
    let value = textureLoad(previous, clamp(pixel, vec2<i32>(0), last_pixel()), 0).rgb;
    return select(value, sqrt(value), is_linear > 0.5);
}
