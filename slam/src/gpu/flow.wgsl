// Pyramidal Lucas-Kanade: a workgroup follows a point through the levels, from the coarsest to the finest.
//
// As on the CPU (slam::lucas_kanade): gradients of the earlier picture, taken once a level; correlations of them with
// the later picture at the four corners of a cell, taken once a cell in exact integers; iterations inside of a cell
// are arithmetic alone, which every invocation does for itself.

struct Leg {
    // Which points go: PILOTS_GO, OTHERS_GO, or ALL_RETURN.
    kind: u32,
    // Whether the leg starts in the later picture.
    starts_later: u32,
    unused_0: u32,
    unused_1: u32,
}

const PILOTS_GO: u32 = 0u;
const OTHERS_GO: u32 = 1u;
const ALL_RETURN: u32 = 2u;

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<uniform> leg: Leg;
@group(0) @binding(2) var<storage, read> pyramids: array<u32>;
@group(0) @binding(3) var<storage, read> starts: Starts;
@group(0) @binding(4) var<storage, read_write> flows: array<Flow>;
@group(0) @binding(5) var<storage, read> agreement: Agreement;

const THREADS: u32 = 64u;
// Side of the largest window with the pixels around it that gradients need.
const SIDE: u32 = 17u;
// Gradients and sampled pixels are in 1 / 32 grey levels, templates' corners in 1 / 8 pixels.
const SCALE: f32 = 32.0;
const STEPS: i32 = 8;
// Subtracted from every pixel: sums stay small, and the gradients' sum cancels out.
const GRAY: i32 = 128;

// Pixels that the window needs, sampled or as they are.
var<workgroup> tile: array<i32, 289>;
var<workgroup> parts: array<i32, 512>;
var<workgroup> eighths: array<i32, 64>;
var<workgroup> totals: array<i32, 8>;
var<workgroup> gone: Flow;

fn pixel(picture_words: u32, level: Level, x: i32, y: i32) -> i32 {
    let column = u32(x + BORDER_PX);
    let row = picture_words + level.start_words + u32(y + BORDER_PX) * level.stride_words;
    return i32((pyramids[row + (column >> 2u)] >> ((column & 3u) * 8u)) & 255u);
}

// Two pixels side by side.
fn pair(picture_words: u32, level: Level, x: i32, y: i32) -> vec2<i32> {
    let column = u32(x + BORDER_PX);
    let row = picture_words + level.start_words + u32(y + BORDER_PX) * level.stride_words;
    let word = pyramids[row + (column >> 2u)] >> ((column & 3u) * 8u);
    let next = pyramids[row + ((column + 1u) >> 2u)] >> (((column + 1u) & 3u) * 8u);
    return vec2<i32>(i32(word & 255u), i32(next & 255u));
}

// Whether a window's centre is at most half a window outside of the level.
fn near(level: Level, at: vec2<f32>, half: f32) -> bool {
    return all(at >= vec2<f32>(-half)) && at.x <= f32(level.width) + half && at.y <= f32(level.height) + half;
}

fn inside(level: Level, at: vec2<f32>) -> bool {
    return all(at >= vec2<f32>(0.0)) && at.x <= f32(level.width) - 1.0 && at.y <= f32(level.height) - 1.0;
}

// Leaves the sums of all invocations' eight numbers in `totals`, to be read by workgroupUniformLoad.
fn sum_up(thread: u32, mine: array<i32, 8>) {
    for (var k = 0u; k < 8u; k++) {
        parts[k * THREADS + thread] = mine[k];
    }
    workgroupBarrier();
    var sum = 0;
    for (var k = 0u; k < 8u; k++) {
        sum += parts[thread * 8u + k];
    }
    eighths[thread] = sum;
    workgroupBarrier();
    if thread < 8u {
        sum = 0;
        for (var k = 0u; k < 8u; k++) {
            sum += eighths[thread * 8u + k];
        }
        totals[thread] = sum;
    }
}

@compute @workgroup_size(64)
fn follow(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let count = starts.count;
    let stride = pilot_stride(count);
    let place = select(group.x, group.x * stride, leg.kind == PILOTS_GO);
    if place >= count {
        return;
    }
    if leg.kind == OTHERS_GO && place % stride == 0u {
        return;
    }
    let start = starts.items[place];
    var levels = frame.level_count;
    var guess = start.guess;
    if leg.kind != PILOTS_GO && stride > 1u {
        levels = clamp(agreement.levels, 1u, frame.level_count);
        guess += agreement.shift;
    }
    var point = start.point;
    if leg.kind == ALL_RETURN {
        if thread == 0u {
            gone = flows[place];
        }
        let there = workgroupUniformLoad(&gone);
        if there.status != TRACKED || start.is_checked_later != 0u {
            return;
        }
        // It starts with the opposite of the motion guessed, not at the point that it should find.
        guess = there.position - guess + start.point;
        point = there.position;
    }
    let from_words = select(frame.earlier_words, frame.later_words, leg.starts_later != 0u);
    let to_words = select(frame.later_words, frame.earlier_words, leg.starts_later != 0u);

    let window = frame.window_px;
    let half = f32(window / 2u);
    let column = thread & 15u;
    let first_row = thread >> 4u;
    var displacement = guess - point;
    var status = OUTSIDE;
    for (var below = levels; below > 0u; below--) {
        let l = below - 1u;
        let level = frame.levels[l];
        let scale = bitcast<f32>((127u - l) << 23u);
        let at_level = point * scale;
        var moved = displacement * scale;

        status = OUTSIDE;
        if !near(level, at_level, half) {
            continue;
        }
        // The template: the window and a pixel around it, sampled at eighths of a pixel.
        let corner_steps = vec2<i32>(floor((at_level - half) * f32(STEPS) + 0.5));
        let corner_cell = corner_steps >> vec2<u32>(3u);
        let right = corner_steps & vec2<i32>(STEPS - 1);
        let side = window + 2u;
        for (var k = thread; k < side * side; k += THREADS) {
            let x = corner_cell.x - 1 + i32(k % side);
            let y = corner_cell.y - 1 + i32(k / side);
            let top = pair(from_words, level, x, y);
            let bottom = pair(from_words, level, x, y + 1);
            let above = top.x * (STEPS - right.x) + top.y * right.x;
            let under = bottom.x * (STEPS - right.x) + bottom.y * right.x;
            tile[k] = (above * (STEPS - right.y) + under * right.y + 1) >> 1u;
        }
        workgroupBarrier();
        var gx = array<i32, 4>(0, 0, 0, 0);
        var gy = array<i32, 4>(0, 0, 0, 0);
        var sums = array<i32, 8>(0, 0, 0, 0, 0, 0, 0, 0);
        for (var i = 0u; i < 4u; i++) {
            let row = first_row + 4u * i;
            if column < window && row < window {
                let k = row * side + column;
                let top = vec3<i32>(tile[k], tile[k + 1u], tile[k + 2u]);
                let middle = vec3<i32>(tile[k + side], tile[k + side + 1u], tile[k + side + 2u]);
                let bottom = vec3<i32>(tile[k + 2u * side], tile[k + 2u * side + 1u], tile[k + 2u * side + 2u]);
                let x = (top.z + 2 * middle.z + bottom.z - top.x - 2 * middle.x - bottom.x) >> 3u;
                let y = (bottom.x + 2 * bottom.y + bottom.z - top.x - 2 * top.y - top.z) >> 3u;
                gx[i] = x;
                gy[i] = y;
                let sampled = middle.y - GRAY * i32(SCALE);
                // A pixel's whole grey levels and their fraction apart: neither sum overflows.
                let whole = sampled >> 5u;
                let fraction = sampled & 31;
                sums[0] += x * x;
                sums[1] += x * y;
                sums[2] += y * y;
                sums[3] += whole * x;
                sums[4] += whole * y;
                sums[5] += fraction * x;
                sums[6] += fraction * y;
                sums[7] += (x * y) >> 8u;
            }
        }
        sum_up(thread, sums);
        let window_sums = workgroupUniformLoad(&totals);
        let xx = f32(bitcast<u32>(window_sums[0]));
        let yy = f32(bitcast<u32>(window_sums[2]));
        // The products' sum may be beyond 32 bits; the sum of their upper parts tells.
        var xy = f32(window_sums[1]);
        let about = f32(window_sums[7]) * 256.0;
        if abs(about - xy) > 2147483648.0 {
            xy += select(-4294967296.0, 4294967296.0, about > xy);
        }
        let determinant = xx * yy - xy * xy;
        let least = (xx + yy - sqrt((xx - yy) * (xx - yy) + 4.0 * xy * xy)) * 0.5;
        if !(least >= frame.enough_gradient && determinant >= 1.0) {
            status = LOW_TEXTURE;
            continue;
        }
        let inverse = vec3<f32>(yy, -xy, xx) / -determinant;
        let whole = vec2<i32>(window_sums[3], window_sums[4]);
        let fraction = vec2<f32>(f32(window_sums[5]), f32(window_sums[6]));

        let corner = vec2<f32>(corner_steps) / f32(STEPS);
        var cell = vec2<i32>(-1000000);
        var products = array<i32, 8>(0, 0, 0, 0, 0, 0, 0, 0);
        var last = vec2<f32>(0.0);
        var left = false;
        for (var iteration = 0u; iteration < frame.max_iterations; iteration++) {
            let at = corner + moved;
            if !near(level, at + half, half) {
                left = true;
                break;
            }
            let floor_at = floor(at);
            let here = vec2<i32>(floor_at);
            if here.x != cell.x || here.y != cell.y {
                cell = here;
                let pixels = window + 1u;
                for (var k = thread; k < pixels * pixels; k += THREADS) {
                    tile[k] = pixel(to_words, level, here.x + i32(k % pixels), here.y + i32(k / pixels)) - GRAY;
                }
                workgroupBarrier();
                var mine = array<i32, 8>(0, 0, 0, 0, 0, 0, 0, 0);
                for (var i = 0u; i < 4u; i++) {
                    let row = first_row + 4u * i;
                    if column < window && row < window {
                        let k = row * pixels + column;
                        let around = vec4<i32>(tile[k], tile[k + 1u], tile[k + pixels], tile[k + pixels + 1u]);
                        mine[0] += around.x * gx[i];
                        mine[1] += around.x * gy[i];
                        mine[2] += around.y * gx[i];
                        mine[3] += around.y * gy[i];
                        mine[4] += around.z * gx[i];
                        mine[5] += around.z * gy[i];
                        mine[6] += around.w * gx[i];
                        mine[7] += around.w * gy[i];
                    }
                }
                sum_up(thread, mine);
                products = workgroupUniformLoad(&totals);
            }
            let part = at - floor_at;
            let weights = vec4<f32>(
                (1.0 - part.x) * (1.0 - part.y), part.x * (1.0 - part.y), (1.0 - part.x) * part.y, part.x * part.y);
            // What differs is taken in integers: what is left is small, and exact enough in 32 bits.
            let off_x = vec4<f32>(vec4<i32>(products[0], products[2], products[4], products[6]) - whole.x);
            let off_y = vec4<f32>(vec4<i32>(products[1], products[3], products[5], products[7]) - whole.y);
            let b = SCALE * vec2<f32>(dot(off_x, weights), dot(off_y, weights)) - fraction;
            let delta = vec2<f32>(inverse.x * b.x + inverse.y * b.y, inverse.y * b.x + inverse.z * b.y);
            moved += delta;
            if dot(delta, delta) <= frame.epsilon_px * frame.epsilon_px {
                break;
            }
            // To and fro over the minimum: the middle is it.
            if iteration > 0u && all(abs(delta + last) < vec2<f32>(frame.epsilon_px)) {
                moved -= delta * 0.5;
                break;
            }
            last = delta;
        }
        if left || !inside(level, at_level + moved) {
            continue;
        }
        status = TRACKED;
        displacement = moved * bitcast<f32>((127u + l) << 23u);
    }

    if thread != 0u {
        return;
    }
    let end = point + displacement;
    if leg.kind == ALL_RETURN {
        let off = end - start.point;
        flows[place].error_px = select(LOST_PX, length(off), status == TRACKED);
    } else {
        flows[place] = Flow(end, select(LOST_PX, 0.0, status == TRACKED), status);
    }
}
