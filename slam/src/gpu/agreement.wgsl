// What pilots agree on: by how much the guesses miss, and how far from that they are themselves.

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> starts: Starts;
@group(0) @binding(2) var<storage, read> flows: array<Flow>;
@group(0) @binding(3) var<storage, read_write> agreement: Agreement;

const FEWEST_ARRIVALS: u32 = 20u;
const COUNTED_SHARE: f32 = 0.8;
// How far from its end, in pixels of the coarsest level, a search may start.
const REACH_PX: f32 = 1.5;

// What arrived comes first.
var<workgroup> values: array<f32, 64>;
var<workgroup> arrivals: atomic<u32>;
var<workgroup> arrived: u32;
var<workgroup> answer: f32;

// The value that this share of the others is less than, of the first `count` values; every invocation with a value
// counts how many are below its own.
fn quantile(thread: u32, count: u32, share: f32) -> f32 {
    let place = min(u32(f32(count) * share), count - 1u);
    if thread < count {
        let mine = values[thread];
        var below = 0u;
        for (var k = 0u; k < count; k++) {
            below += u32(values[k] < mine || (values[k] == mine && k < thread));
        }
        if below == place {
            answer = mine;
        }
    }
    return workgroupUniformLoad(&answer);
}

@compute @workgroup_size(64)
fn agree(@builtin(local_invocation_index) thread: u32) {
    let count = starts.count;
    if count == 0u {
        return;
    }
    let stride = pilot_stride(count);
    let pilots = (count + stride - 1u) / stride;
    if stride == 1u {
        if thread == 0u {
            agreement = Agreement(vec2<f32>(0.0), frame.level_count, 0u);
        }
        return;
    }
    var miss = vec2<f32>(0.0);
    var slot = 64u;
    if thread < pilots {
        let flow = flows[thread * stride];
        if flow.status == TRACKED {
            miss = flow.position - starts.items[thread * stride].guess;
            slot = atomicAdd(&arrivals, 1u);
        }
    }
    workgroupBarrier();
    if thread == 0u {
        arrived = atomicLoad(&arrivals);
    }
    let found = workgroupUniformLoad(&arrived);
    if found < FEWEST_ARRIVALS {
        if thread == 0u {
            agreement = Agreement(vec2<f32>(0.0), frame.level_count, 0u);
        }
        return;
    }
    if slot < 64u {
        values[slot] = miss.x;
    }
    workgroupBarrier();
    let x = quantile(thread, found, 0.5);
    if slot < 64u {
        values[slot] = miss.y;
    }
    workgroupBarrier();
    let y = quantile(thread, found, 0.5);
    if slot < 64u {
        values[slot] = length(miss - vec2<f32>(x, y));
    }
    workgroupBarrier();
    let spread = quantile(thread, found, COUNTED_SHARE);
    if thread == 0u {
        var levels = 2u;
        var reach = 2.0 * REACH_PX;
        while levels < frame.level_count && spread > reach {
            levels += 1u;
            reach *= 2.0;
        }
        agreement = Agreement(vec2<f32>(x, y), min(levels, frame.level_count), 0u);
    }
}
