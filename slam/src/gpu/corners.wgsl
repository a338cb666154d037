// The best free corner of each cell: FAST-9 pixels, ranked by Shi-Tomasi's score, away from places that are taken. A
// workgroup looks at a cell.
//
// As on the CPU (slam::corners): Rosten & Drummond 2006, Shi & Tomasi 1994.

struct Round {
    // The most points that a cell may have to be looked at.
    points: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<uniform> round_settings: Round;
@group(0) @binding(2) var<storage, read> pyramids: array<u32>;
@group(0) @binding(3) var<storage, read_write> cells: array<Cell>;
@group(0) @binding(4) var<storage, read_write> members: array<Member>;
@group(0) @binding(5) var<storage, read_write> offers: array<Offer>;

const THREADS: u32 = 64u;
const CIRCLE = array<vec2<i32>, 16>(
    vec2<i32>(0, -3), vec2<i32>(1, -3), vec2<i32>(2, -2), vec2<i32>(3, -1),
    vec2<i32>(3, 0), vec2<i32>(3, 1), vec2<i32>(2, 2), vec2<i32>(1, 3),
    vec2<i32>(0, 3), vec2<i32>(-1, 3), vec2<i32>(-2, 2), vec2<i32>(-3, 1),
    vec2<i32>(-3, 0), vec2<i32>(-3, -1), vec2<i32>(-2, -2), vec2<i32>(-1, -3));
// Half of the score's window.
const HALF: i32 = 3;

var<workgroup> is_looked_at: u32;
var<workgroup> best_score: atomic<u32>;
var<workgroup> best_order: atomic<u32>;
var<workgroup> chosen: u32;
var<workgroup> around: array<f32, 9>;

fn pixel(x: i32, y: i32) -> i32 {
    let level = frame.levels[0];
    let column = u32(x + BORDER_PX);
    let row = frame.later_words + level.start_words + u32(y + BORDER_PX) * level.stride_words;
    return i32((pyramids[row + (column >> 2u)] >> ((column & 3u) * 8u)) & 255u);
}

// Nine set bits of sixteen in a circle, next to each other.
fn has_arc(bits: u32) -> bool {
    let twice = bits | (bits << 16u);
    var runs = twice & (twice >> 1u);
    runs &= runs >> 2u;
    runs &= runs >> 4u;
    return (runs & (twice >> 8u) & 0xffffu) != 0u;
}

fn is_corner(x: i32, y: i32) -> bool {
    let centre = pixel(x, y);
    let threshold = i32(frame.fast_threshold);
    // Nine of sixteen hold the top or the bottom, and the left or the right.
    let compass = vec4<i32>(pixel(x, y - 3), pixel(x, y + 3), pixel(x - 3, y), pixel(x + 3, y)) - centre;
    let high = compass > vec4<i32>(threshold);
    let low = compass < vec4<i32>(-threshold);
    if !(((high.x || high.y) && (high.z || high.w)) || ((low.x || low.y) && (low.z || low.w))) {
        return false;
    }
    var bright = 0u;
    var dark = 0u;
    for (var k = 0u; k < 16u; k++) {
        var circle = CIRCLE;
        let off = circle[k];
        let difference = pixel(x + off.x, y + off.y) - centre;
        bright |= u32(difference > threshold) << k;
        dark |= u32(difference < -threshold) << k;
    }
    return has_arc(bright) || has_arc(dark);
}

// The smaller eigenvalue of the mean gradient product over 7 x 7 pixels.
fn score(x: i32, y: i32) -> f32 {
    var xx = 0;
    var xy = 0;
    var yy = 0;
    for (var row = y - HALF; row <= y + HALF; row++) {
        for (var column = x - HALF; column <= x + HALF; column++) {
            let gx = pixel(column + 1, row) - pixel(column - 1, row);
            let gy = pixel(column, row + 1) - pixel(column, row - 1);
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
        }
    }
    // Central differences are over two pixels: a quarter when squared.
    let mean = vec3<f32>(f32(xx), f32(xy), f32(yy)) / 196.0;
    let difference = mean.x - mean.z;
    return (mean.x + mean.z - sqrt(difference * difference + 4.0 * mean.y * mean.y)) * 0.5;
}

fn is_free(position: vec2<f32>) -> bool {
    let distance = frame.min_distance_px;
    let first = cell_at(position - distance);
    let last = cell_at(position + distance);
    for (var row = first.y; row <= last.y; row++) {
        for (var column = first.x; column <= last.x; column++) {
            var other = atomicLoad(&cells[row * frame.columns + column].head);
            while other != NONE {
                let off = members[other].position - position;
                if dot(off, off) < distance * distance && atomicLoad(&members[other].mark) == KEPT {
                    return false;
                }
                other = members[other].next;
            }
        }
    }
    return true;
}

// Where the parabola through three values at -1, 0, 1 is highest; 0 unless the middle one is the largest.
fn vertex(left: f32, middle: f32, right: f32) -> f32 {
    let bend = left + right - 2.0 * middle;
    if middle < left || middle < right || bend >= 0.0 {
        return 0.0;
    }
    return (left - right) / (2.0 * bend);
}

@compute @workgroup_size(64)
fn offer(@builtin(workgroup_id) cell: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let index = cell.y * frame.columns + cell.x;
    if thread == 0u {
        var resting = cells[index].resting;
        if round_settings.points == 0u && resting > 0u {
            resting -= 1u;
            cells[index].resting = resting;
        }
        is_looked_at = u32(resting == 0u && atomicLoad(&cells[index].count) <= round_settings.points);
        atomicStore(&offers[index].mark, DROPPED);
        atomicStore(&best_order, NONE);
    }
    if workgroupUniformLoad(&is_looked_at) == 0u {
        return;
    }
    let level = frame.levels[0];
    let size = vec2<u32>(level.width, level.height);
    let low = max(cell.xy * frame.cell_px, vec2<u32>(frame.margin_px));
    let high = min((cell.xy + 1u) * frame.cell_px, size - min(size, vec2<u32>(frame.margin_px)));
    var best = frame.min_score;
    var order = NONE;
    if all(low < high) {
        let width = high.x - low.x;
        let count = width * (high.y - low.y);
        for (var k = thread; k < count; k += THREADS) {
            let x = low.x + k % width;
            let y = low.y + k / width;
            if is_corner(i32(x), i32(y)) && is_free(vec2<f32>(f32(x), f32(y))) {
                let its = score(i32(x), i32(y));
                if its > best {
                    best = its;
                    order = y * level.width + x;
                }
            }
        }
    }
    if order != NONE {
        atomicMax(&best_score, bitcast<u32>(best));
    }
    workgroupBarrier();
    if order != NONE && bitcast<u32>(best) == atomicLoad(&best_score) {
        atomicMin(&best_order, order);
    }
    workgroupBarrier();
    if thread == 0u {
        chosen = atomicLoad(&best_order);
    }
    let found = workgroupUniformLoad(&chosen);
    if found == NONE {
        return;
    }

    // Nine invocations climb to the score's local maximum; the climb ends after two steps.
    var x = i32(found % level.width);
    var y = i32(found / level.width);
    var scores = array<f32, 9>();
    for (var climb = 0; climb < 3; climb++) {
        if thread < 9u {
            around[thread] = score(x + i32(thread % 3u) - 1, y + i32(thread / 3u) - 1);
        }
        scores = workgroupUniformLoad(&around);
        var highest = 4u;
        for (var k = 0u; k < 9u; k++) {
            if scores[k] > scores[highest] {
                highest = k;
            }
        }
        if highest == 4u {
            break;
        }
        x += i32(highest % 3u) - 1;
        y += i32(highest / 3u) - 1;
    }
    if thread == 0u {
        let position = vec2<f32>(f32(x) + vertex(scores[3], scores[4], scores[5]),
            f32(y) + vertex(scores[1], scores[4], scores[7]));
        if is_free(position) {
            offers[index].position = position;
            offers[index].score = bitcast<f32>(atomicLoad(&best_score));
            offers[index].order = found;
            atomicStore(&offers[index].mark, UNDECIDED);
        }
    }
}
