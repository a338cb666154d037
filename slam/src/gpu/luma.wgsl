// The finest level from a picture in colour that is on the device already: its luma, and a mirrored border.

struct Reading {
    level: Level,
    picture_words: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}

@group(0) @binding(0) var<uniform> reading: Reading;
@group(0) @binding(1) var<storage, read_write> pyramids: array<u32>;
@group(0) @binding(2) var picture: texture_2d<f32>;

@compute @workgroup_size(8, 8)
fn read_luma(@builtin(global_invocation_id) at: vec3<u32>) {
    let level = reading.level;
    let height = i32(level.height);
    let y = i32(at.y) - BORDER_PX;
    if at.x >= level.stride_words || y >= height + BORDER_PX {
        return;
    }
    var pixels = 0u;
    for (var i = 0; i < 4; i++) {
        let x = mirrored(4 * i32(at.x) - BORDER_PX + i, i32(level.width));
        let color = vec3<u32>(round(textureLoad(picture, vec2<i32>(x, mirrored(y, height)), 0).rgb * 255.0));
        // BT.601, as pictures that come through memory are read.
        let luma = (77u * color.r + 150u * color.g + 29u * color.b) >> 8u;
        pixels |= luma << (u32(i) * 8u);
    }
    pyramids[reading.picture_words + level.start_words + at.y * level.stride_words + at.x] = pixels;
}
