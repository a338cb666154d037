// Sums over a workgroup of 256: where each invocation's share of a list begins.

var<workgroup> running: array<u32, 256>;

// The sum of what this invocation and those before it bring.
fn sum_so_far(thread: u32, mine: u32) -> u32 {
    running[thread] = mine;
    workgroupBarrier();
    for (var reach = 1u; reach < 256u; reach *= 2u) {
        var sum = running[thread];
        if thread >= reach {
            sum += running[thread - reach];
        }
        workgroupBarrier();
        running[thread] = sum;
        workgroupBarrier();
    }
    return running[thread];
}
