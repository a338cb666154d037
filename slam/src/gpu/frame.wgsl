// What the passes of a frame share: where things lie in the buffers, and the settings.

// Pixels of mirrored border around every level of a pyramid.
const BORDER_PX: i32 = 32;

// A level of a pyramid, packed four pixels a word, border included. The start counts from its picture's.
struct Level {
    start_words: u32,
    stride_words: u32,
    width: u32,
    height: u32,
}

struct Frame {
    levels: array<Level, 8>,
    earlier_words: u32,
    later_words: u32,
    level_count: u32,
    has_earlier: u32,

    max_points: u32,
    min_missing: u32,
    window_px: u32,
    max_iterations: u32,

    epsilon_px: f32,
    // The least eigenvalue of a window's gradient matrix, in the shader's units.
    enough_gradient: f32,
    max_back_error_px: f32,
    proof_error_px: f32,

    columns: u32,
    rows: u32,
    cell_px: u32,
    margin_px: u32,

    min_distance_px: f32,
    min_score: f32,
    fast_threshold: u32,
    rest_images: u32,

    // Comes back with the answer.
    number: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}

// A point before it is followed.
struct Start {
    point: vec2<f32>,
    guess: vec2<f32>,
    age: u32,
    is_checked_later: u32,
}

struct Starts {
    count: u32,
    unused: u32,
    items: array<Start>,
}

// Where a point went: its position, how far from the start the way back ended, and what became of it.
struct Flow {
    position: vec2<f32>,
    error_px: f32,
    status: u32,
}

const OUTSIDE: u32 = 0u;
const TRACKED: u32 = 1u;
const LOW_TEXTURE: u32 = 2u;

// An error that no limit allows.
const LOST_PX: f32 = 1e30;

// What pilots found of the guesses: by how much they miss, and how many of the finest levels the others need.
struct Agreement {
    shift: vec2<f32>,
    levels: u32,
    unused: u32,
}

// Points searched from the coarsest level on, and fewer points than are worth to be led.
const PILOTS: u32 = 40u;
const FEWEST_POINTS: u32 = 120u;

// Every so manieth point is a pilot; 1 where all are searched from the coarsest level on.
fn pilot_stride(count: u32) -> u32 {
    return select((count + PILOTS - 1u) / PILOTS, 1u, count < FEWEST_POINTS);
}

// A point of the frame, as it is drawn and read back.
struct Track {
    position: vec2<f32>,
    age: u32,
    // Its place among the frame's starts; NEW for one that begins here.
    source: u32,
}

const NEW: u32 = 0xffffffffu;
const NONE: u32 = 0xffffffffu;

// A cell of the grid: the last of its members, how many there are, and for how many images it still rests.
struct Cell {
    head: atomic<u32>,
    count: atomic<u32>,
    resting: u32,
    unused: u32,
}

// A place that is taken, in the list of its cell. Points come first, corners after `max_points` of them.
struct Member {
    position: vec2<f32>,
    next: u32,
    mark: atomic<u32>,
}

const UNDECIDED: u32 = 0u;
const KEPT: u32 = 1u;
const DROPPED: u32 = 2u;

// The best free corner of a cell.
struct Offer {
    position: vec2<f32>,
    score: f32,
    // The pixel that it was found at, in the image's order.
    order: u32,
    mark: atomic<u32>,
    unused: u32,
}

// Counts, and how much work later passes have. The first four numbers draw the points.
struct Work {
    vertex_count: u32,
    instance_count: u32,
    first_vertex: u32,
    first_instance: u32,
    // Workgroups of the two rounds of corners and of the legs that prove them.
    first_round: vec4<u32>,
    second_round: vec4<u32>,
    pilots: vec4<u32>,
    others: vec4<u32>,
    kept: u32,
    wanted: u32,
    picked: u32,
    started: u32,
    // The frame's number: an answer without it is another frame's.
    number: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}
