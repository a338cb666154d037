// Which points go on: those that came back, and of those that came close to each other the oldest. They move together
// at the front of the frame's tracks, and what is missing is told to the passes that look for corners.
//
// One workgroup. Whether a point stays depends on the older ones around it; the choice is made in rounds, in each of
// which a point is decided once all older ones around it are. It ends as the choice one after the other does.

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> starts: Starts;
@group(0) @binding(2) var<storage, read> flows: array<Flow>;
@group(0) @binding(3) var<storage, read_write> cells: array<Cell>;
@group(0) @binding(4) var<storage, read_write> members: array<Member>;
@group(0) @binding(5) var<storage, read_write> tracks: array<Track>;
@group(0) @binding(6) var<storage, read_write> work: Work;

const THREADS: u32 = 256u;

var<workgroup> open: atomic<u32>;
var<workgroup> still_open: u32;

// KEPT or DROPPED, or UNDECIDED while an older point around it is.
fn decide(i: u32, position: vec2<f32>, distance: f32) -> u32 {
    let first = cell_at(position - distance);
    let last = cell_at(position + distance);
    var decision = KEPT;
    for (var row = first.y; row <= last.y; row++) {
        for (var column = first.x; column <= last.x; column++) {
            var other = atomicLoad(&cells[row * frame.columns + column].head);
            while other != NONE {
                if other < i {
                    let off = members[other].position - position;
                    if dot(off, off) < distance * distance {
                        let mark = atomicLoad(&members[other].mark);
                        if mark == KEPT {
                            return DROPPED;
                        }
                        if mark == UNDECIDED {
                            decision = UNDECIDED;
                        }
                    }
                }
                other = members[other].next;
            }
        }
    }
    return decision;
}

@compute @workgroup_size(256)
fn compact(@builtin(local_invocation_index) thread: u32) {
    let count = starts.count;
    let cell_count = frame.columns * frame.rows;
    for (var c = thread; c < cell_count; c += THREADS) {
        atomicStore(&cells[c].head, NONE);
        atomicStore(&cells[c].count, 0u);
    }
    storageBarrier();
    for (var i = thread; i < count; i += THREADS) {
        let flow = flows[i];
        if flow.status == TRACKED && flow.error_px <= frame.max_back_error_px {
            members[i].position = flow.position;
            atomicStore(&members[i].mark, UNDECIDED);
            members[i].next = atomicExchange(&cells[cell_index(flow.position)].head, i);
        } else {
            // What could not be followed will not be followed the next time either.
            atomicStore(&members[i].mark, DROPPED);
            cells[cell_index(starts.items[i].point)].resting = frame.rest_images + 1u;
        }
    }
    storageBarrier();

    let distance = frame.min_distance_px * 0.5;
    loop {
        if thread == 0u {
            atomicStore(&open, 0u);
        }
        workgroupBarrier();
        for (var i = thread; i < count; i += THREADS) {
            if atomicLoad(&members[i].mark) == UNDECIDED {
                let position = members[i].position;
                let decision = decide(i, position, distance);
                if decision == UNDECIDED {
                    atomicStore(&open, 1u);
                } else {
                    atomicStore(&members[i].mark, decision);
                    if decision == KEPT {
                        atomicAdd(&cells[cell_index(position)].count, 1u);
                    }
                }
            }
        }
        storageBarrier();
        workgroupBarrier();
        if thread == 0u {
            still_open = atomicLoad(&open);
        }
        if workgroupUniformLoad(&still_open) == 0u {
            break;
        }
    }

    // Every invocation moves a run of points; the sums of all runs before it tell it where to.
    let run = (count + THREADS - 1u) / THREADS;
    let first = min(thread * run, count);
    let end = min(first + run, count);
    var mine = 0u;
    for (var i = first; i < end; i++) {
        mine += u32(atomicLoad(&members[i].mark) == KEPT);
    }
    let end_of_mine = sum_so_far(thread, mine);
    var to = end_of_mine - mine;
    for (var i = first; i < end; i++) {
        if atomicLoad(&members[i].mark) == KEPT {
            tracks[to] = Track(members[i].position, starts.items[i].age + 1u, i);
            to += 1u;
        }
    }

    if thread == THREADS - 1u {
        let kept = end_of_mine;
        let missing = frame.max_points - min(kept, frame.max_points);
        let wanted = select(0u, missing, missing >= frame.min_missing);
        work.vertex_count = 4u;
        work.instance_count = kept;
        work.first_vertex = 0u;
        work.first_instance = 0u;
        work.first_round = vec4<u32>(select(0u, frame.columns, wanted > 0u), frame.rows, 1u, 0u);
        work.second_round = vec4<u32>(0u, 1u, 1u, 0u);
        work.pilots = vec4<u32>(0u, 1u, 1u, 0u);
        work.others = vec4<u32>(0u, 1u, 1u, 0u);
        work.kept = kept;
        work.wanted = wanted;
        work.picked = 0u;
        work.started = 0u;
    }
}
