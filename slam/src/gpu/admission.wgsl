// The corners that were found in the picture before, and from there again, start as points behind those that go on.

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> corners: Starts;
@group(0) @binding(2) var<storage, read> flows: array<Flow>;
@group(0) @binding(3) var<storage, read_write> tracks: array<Track>;
@group(0) @binding(4) var<storage, read_write> work: Work;

const THREADS: u32 = 256u;

fn is_proven(i: u32) -> bool {
    return frame.has_earlier == 0u || (flows[i].status == TRACKED && flows[i].error_px <= frame.proof_error_px);
}

@compute @workgroup_size(256)
fn admit(@builtin(local_invocation_index) thread: u32) {
    let count = corners.count;
    let kept = work.kept;
    let run = (count + THREADS - 1u) / THREADS;
    let first = min(thread * run, count);
    let end = min(first + run, count);
    var mine = 0u;
    for (var i = first; i < end; i++) {
        mine += u32(is_proven(i));
    }
    let end_of_mine = sum_so_far(thread, mine);
    var to = kept + end_of_mine - mine;
    for (var i = first; i < end; i++) {
        if is_proven(i) {
            tracks[to] = Track(corners.items[i].point, 0u, NEW);
            to += 1u;
        }
    }
    if thread == THREADS - 1u {
        work.started = end_of_mine;
        work.instance_count = kept + end_of_mine;
        work.number = frame.number;
    }
}
