// One level of the pyramid: the one below filtered by (1 4 6 4 1) / 16 in each direction, rounded once, and halved.
// Its border mirrors it. An invocation makes four pixels, one word.

struct Halving {
    fine: Level,
    coarse: Level,
    picture_words: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}

@group(0) @binding(0) var<uniform> halving: Halving;
@group(0) @binding(1) var<storage, read_write> pyramids: array<u32>;

fn fine_word(x_words: i32, y: i32) -> u32 {
    let row = halving.picture_words + halving.fine.start_words + u32(y + BORDER_PX) * halving.fine.stride_words;
    return pyramids[row + u32(x_words + BORDER_PX / 4)];
}

fn fine_pixel(x: i32, y: i32) -> u32 {
    return (fine_word(x >> 2u, y) >> (u32(x & 3) * 8u)) & 255u;
}

// A pixel of the coarse level, inside of it.
fn filtered(x: i32, y: i32) -> u32 {
    var sum = 128u;
    for (var row = 0; row < 5; row++) {
        let v = 2 * y + row - 2;
        let along = fine_pixel(2 * x - 2, v) + 4u * fine_pixel(2 * x - 1, v) + 6u * fine_pixel(2 * x, v)
            + 4u * fine_pixel(2 * x + 1, v) + fine_pixel(2 * x + 2, v);
        sum += along * weight(row);
    }
    return sum >> 8u;
}

fn weight(row: i32) -> u32 {
    return select(select(4u, 1u, row == 0 || row == 4), 6u, row == 2);
}

// Four pixels of a row inside of the coarse level, from a multiple of four on. Two columns of sums share a word.
fn filtered_word(x: i32, y: i32) -> u32 {
    var even = array<u32, 4>(0u, 0u, 0u, 0u);
    var odd = array<u32, 4>(0u, 0u, 0u, 0u);
    for (var row = 0; row < 5; row++) {
        let v = 2 * y + row - 2;
        for (var k = 0; k < 4; k++) {
            let word = fine_word(x / 2 + k - 1, v);
            even[k] += (word & 0x00ff00ffu) * weight(row);
            odd[k] += ((word >> 8u) & 0x00ff00ffu) * weight(row);
        }
    }
    var pixels = 0u;
    for (var i = 0; i < 4; i++) {
        let sum = half_of(even[(i + 1) >> 1u], i + 1) + 4u * half_of(odd[(i + 1) >> 1u], i + 1)
            + 6u * half_of(even[(i + 2) >> 1u], i + 2) + 4u * half_of(odd[(i + 2) >> 1u], i + 2)
            + half_of(even[(i + 3) >> 1u], i + 3) + 128u;
        pixels |= (sum >> 8u) << (u32(i) * 8u);
    }
    return pixels;
}

fn half_of(pair: u32, index: i32) -> u32 {
    return select(pair & 0xffffu, pair >> 16u, (index & 1) == 1);
}

@compute @workgroup_size(8, 8)
fn halve(@builtin(global_invocation_id) at: vec3<u32>) {
    let coarse = halving.coarse;
    let width = i32(coarse.width);
    let height = i32(coarse.height);
    let y = i32(at.y) - BORDER_PX;
    if at.x >= coarse.stride_words || y >= height + BORDER_PX {
        return;
    }
    let x = 4 * i32(at.x) - BORDER_PX;
    let inner_y = mirrored(y, height);
    var pixels = 0u;
    if x >= 0 && x + 4 <= width {
        pixels = filtered_word(x, inner_y);
    } else {
        for (var i = 0; i < 4; i++) {
            pixels |= filtered(mirrored(x + i, width), inner_y) << (u32(i) * 8u);
        }
    }
    pyramids[halving.picture_words + coarse.start_words + at.y * coarse.stride_words + at.x] = pixels;
}
