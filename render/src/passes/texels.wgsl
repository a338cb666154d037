// Where a texel lies in a texture that is read by texel, row after row: the mirror is gpu/texels.rs.
fn texel_place(index: u32) -> vec2<i32> {
    return vec2<i32>(vec2<u32>(index % 1024u, index / 1024u));
}
