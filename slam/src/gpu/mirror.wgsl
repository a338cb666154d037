// The index within a row or column that stands for one outside of it, mirrored at the first and the last one.
fn mirrored(i: i32, length: i32) -> i32 {
    if length == 1 {
        return 0;
    }
    let period = 2 * (length - 1);
    let within = ((i % period) + period) % period;
    return min(within, period - within);
}
