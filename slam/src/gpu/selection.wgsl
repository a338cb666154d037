// Which of the cells' corners start a point: the best, away from each other, as many as are wanted.
//
// One workgroup. An offer is decided once all better ones around it are, which ends as the choice from the best to the
// worst does.

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<uniform> round_settings: Round;
@group(0) @binding(2) var<storage, read_write> cells: array<Cell>;
@group(0) @binding(3) var<storage, read_write> members: array<Member>;
@group(0) @binding(4) var<storage, read_write> offers: array<Offer>;
@group(0) @binding(5) var<storage, read_write> corners: Starts;
@group(0) @binding(6) var<storage, read_write> work: Work;

struct Round {
    // 0 in the first round, 1 in the second.
    points: u32,
    is_last: u32,
    unused_1: u32,
    unused_2: u32,
}

const THREADS: u32 = 256u;
// A corner climbs out of its cell by less than this, so that those two cells away may be near.
const CELLS_AROUND: i32 = 2;

var<workgroup> shared_wanted: u32;
var<workgroup> shared_open: u32;
var<workgroup> open: atomic<u32>;
var<workgroup> accepted: atomic<u32>;

fn is_better(a: u32, b: u32) -> bool {
    return offers[a].score > offers[b].score
        || (offers[a].score == offers[b].score && offers[a].order < offers[b].order);
}

fn decide(index: u32) -> u32 {
    let position = offers[index].position;
    let distance = frame.min_distance_px;
    let cell = vec2<i32>(i32(index % frame.columns), i32(index / frame.columns));
    let low = max(cell - CELLS_AROUND, vec2<i32>(0));
    let high = min(cell + CELLS_AROUND, vec2<i32>(i32(frame.columns), i32(frame.rows)) - 1);
    var decision = KEPT;
    for (var row = low.y; row <= high.y; row++) {
        for (var column = low.x; column <= high.x; column++) {
            let other = u32(row) * frame.columns + u32(column);
            let mark = atomicLoad(&offers[other].mark);
            if other == index || mark == DROPPED {
                continue;
            }
            let off = offers[other].position - position;
            if dot(off, off) < distance * distance && is_better(other, index) {
                if mark == KEPT {
                    return DROPPED;
                }
                decision = UNDECIDED;
            }
        }
    }
    return decision;
}

@compute @workgroup_size(256)
fn pick(@builtin(local_invocation_index) thread: u32) {
    if thread == 0u {
        shared_wanted = work.wanted - work.picked;
        if round_settings.points == 0u {
            corners.count = 0u;
        }
    }
    let wanted = workgroupUniformLoad(&shared_wanted);
    if wanted == 0u {
        return;
    }
    let cell_count = frame.columns * frame.rows;
    loop {
        if thread == 0u {
            atomicStore(&open, 0u);
        }
        workgroupBarrier();
        for (var c = thread; c < cell_count; c += THREADS) {
            if atomicLoad(&offers[c].mark) == UNDECIDED {
                let decision = decide(c);
                if decision == UNDECIDED {
                    atomicStore(&open, 1u);
                } else {
                    atomicStore(&offers[c].mark, decision);
                }
            }
        }
        storageBarrier();
        workgroupBarrier();
        if thread == 0u {
            shared_open = atomicLoad(&open);
        }
        if workgroupUniformLoad(&shared_open) == 0u {
            break;
        }
    }

    let before = work.picked;
    for (var c = thread; c < cell_count; c += THREADS) {
        if atomicLoad(&offers[c].mark) != KEPT {
            continue;
        }
        atomicAdd(&accepted, 1u);
        var rank = 0u;
        for (var other = 0u; other < cell_count; other++) {
            if atomicLoad(&offers[other].mark) == KEPT && is_better(other, c) {
                rank += 1u;
            }
        }
        if rank < wanted {
            let place = before + rank;
            let position = offers[c].position;
            corners.items[place] = Start(position, position, 0u, 0u);
            let member = frame.max_points + place;
            let cell = cell_index(position);
            members[member].position = position;
            atomicStore(&members[member].mark, KEPT);
            members[member].next = atomicExchange(&cells[cell].head, member);
            atomicAdd(&cells[cell].count, 1u);
        }
    }
    workgroupBarrier();
    if thread == 0u {
        let picked = before + min(atomicLoad(&accepted), wanted);
        corners.count = picked;
        work.picked = picked;
        if round_settings.is_last == 0u {
            work.second_round = vec4<u32>(select(0u, frame.columns, picked < work.wanted), frame.rows, 1u, 0u);
        }
        if frame.has_earlier != 0u {
            let stride = pilot_stride(picked);
            work.pilots = vec4<u32>((picked + stride - 1u) / stride, 1u, 1u, 0u);
            work.others = vec4<u32>(picked, 1u, 1u, 0u);
        }
    }
}
