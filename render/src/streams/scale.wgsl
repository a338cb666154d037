// The picture at a place between its pixels, in linear light.

fn linear_at(pixel: vec2<i32>, plain: bool) -> vec3<f32> {
    let inside = clamp(pixel, vec2<i32>(0), last_pixel());
    if plain {
        return textureLoad(video, inside, 0).rgb;
    }
    let value = textureLoad(previous, inside, 0).rgb;
    return select(value * value, value, stream.present_reads_video > 0.5);
}

// Weights of the pixels at -1, 0, 1 and 2 for a place `part` of the way from 0 to 1.
fn cubic_weights(part: f32) -> vec4<f32> {
    let square = part * part;
    let cube = square * part;
    return vec4<f32>(
        -0.5 * part + square - 0.5 * cube,
        1.0 - 2.5 * square + 1.5 * cube,
        0.5 * part + 2.0 * square - 1.5 * cube,
        -0.5 * square + 0.5 * cube,
    );
}

// Picture pixels are smaller than the target's or the same: a curve through their tones, kept
// between the darkest and the brightest of them so that edges get no halo. Plain: straight lines.
fn enlarged(place: vec2<f32>, plain: bool) -> vec3<f32> {
    let base = floor(place);
    let part = place - base;
    var columns = cubic_weights(part.x);
    var rows = cubic_weights(part.y);
    if plain {
        columns = vec4<f32>(0.0, 1.0 - part.x, part.x, 0.0);
        rows = vec4<f32>(0.0, 1.0 - part.y, part.y, 0.0);
    }
    var sum = vec3<f32>(0.0);
    var lowest = vec3<f32>(1.0);
    var highest = vec3<f32>(0.0);
    for (var y = 0; y < 4; y += 1) {
        for (var x = 0; x < 4; x += 1) {
            let near = sqrt(linear_at(vec2<i32>(base) + vec2<i32>(x - 1, y - 1), plain));
            sum += near * (columns[x] * rows[y]);
            lowest = min(lowest, near);
            highest = max(highest, near);
        }
    }
    let tone = clamp(sum, lowest, highest);
    return tone * tone;
}

// Picture pixels that the target's pixel covers, each by the part that is covered. Where these are
// many, evenly spread ones stand for all.
fn reduced(place: vec2<f32>, plain: bool) -> vec3<f32> {
    let half = 0.5 / stream.scale;
    let first = floor(place - half + 0.5);
    let count = min(floor(place + half + 0.5) - first + 1.0, vec2<f32>(9.0));
    let step = max(2.0 * half / 8.0, 1.0);
    var sum = vec3<f32>(0.0);
    var total = 0.0;
    for (var y = 0.0; y < count.y; y += 1.0) {
        for (var x = 0.0; x < count.x; x += 1.0) {
            let near = first + floor(vec2<f32>(x, y) * step);
            let covered = clamp(
                min(near + 0.5, place + half) - max(near - 0.5, place - half),
                vec2<f32>(0.0),
                vec2<f32>(1.0),
            );
            let weight = covered.x * covered.y;
            sum += linear_at(vec2<i32>(near), plain) * weight;
            total += weight;
        }
    }
    return sum / total;
}

// The place has pixel centres at integers.
fn scaled(place: vec2<f32>, plain: bool) -> vec3<f32> {
    if stream.scale < 1.0 {
        return reduced(place, plain);
    }
    return enlarged(place, plain);
}
