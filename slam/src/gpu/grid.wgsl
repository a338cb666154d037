// The grid that tells which places are taken.

fn cell_at(position: vec2<f32>) -> vec2<u32> {
    let inner = clamp(position, vec2<f32>(0.0), vec2<f32>(65535.0));
    return min(vec2<u32>(inner) / frame.cell_px, vec2<u32>(frame.columns, frame.rows) - 1u);
}

fn cell_index(position: vec2<f32>) -> u32 {
    let cell = cell_at(position);
    return cell.y * frame.columns + cell.x;
}
