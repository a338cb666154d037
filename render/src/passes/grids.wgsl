// Planes as fine dots that fade at the plane's edge, and where they would run together.

const DOT_RADIUS: f32 = 0.0026;

struct GridInstance {
    @location(0) row_x: vec4<f32>,
    @location(1) row_y: vec4<f32>,
    @location(2) row_z: vec4<f32>,
    @location(3) color_opacity: vec4<f32>,
    // Half extents, spacing; w unused.
    @location(4) extent: vec4<f32>,
}

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) on_plane: vec2<f32>,
    @location(1) @interpolate(flat) color_opacity: vec4<f32>,
    @location(2) @interpolate(flat) extent: vec3<f32>,
    // Along the view's axis.
    @location(3) distance: f32,
}

@vertex
fn vs_grid(@builtin(vertex_index) index: u32, grid: GridInstance) -> Varyings {
    let on_plane = strip_corner(index) * grid.extent.xy;
    let world = transform(grid.row_x, grid.row_y, grid.row_z, vec3<f32>(on_plane.x, 0.0, on_plane.y));
    var out: Varyings;
    out.clip = view.clip_from_world * vec4<f32>(world, 1.0);
    out.on_plane = on_plane;
    out.color_opacity = grid.color_opacity;
    out.extent = grid.extent.xyz;
    out.distance = out.clip.w;
    return out;
}

// Coverage of the dots of one spacing. `step_x`, `step_y`: metres on the plane per pixel.
fn dots(on_plane: vec2<f32>, spacing: f32, radius: f32, step_x: vec2<f32>, step_y: vec2<f32>) -> f32 {
    let from_dot = on_plane - round(on_plane / spacing) * spacing;
    let distance = length(from_dot);
    let direction = from_dot / max(distance, 1e-6);
    let per_px = max(length(vec2<f32>(dot(direction, step_x), dot(direction, step_y))), 1e-6);
    // At least about a pixel wide, then paler instead of smaller.
    let least = 0.75 * view.viewport.w * per_px;
    let shown = max(radius, least);
    let coverage = clamp((shown - distance) / per_px + 0.5, 0.0, 1.0) * sqrt(clamp(radius / least, 0.0, 1.0));
    // Gone before neighbours touch.
    let coarsest = max(length(vec2<f32>(step_x.x, step_y.x)), length(vec2<f32>(step_x.y, step_y.y)));
    return coverage * smoothstep(3.5, 9.0, spacing / (coarsest * view.viewport.w));
}

@fragment
fn fs_grid(in: Varyings) -> @location(0) vec4<f32> {
    let step_x = dpdx(in.on_plane);
    let step_y = dpdy(in.on_plane);
    let spacing = in.extent.z;
    let fine = dots(in.on_plane, spacing, DOT_RADIUS, step_x, step_y);
    let strong = dots(in.on_plane, spacing * 5.0, DOT_RADIUS * 1.9, step_x, step_y);
    let unit = abs(in.on_plane) / in.extent.xy;
    let squares = unit * unit;
    let edge = 1.0 - smoothstep(0.55, 1.0, pow(dot(squares, squares), 0.25));
    let visible = real_visibility(in.clip.xy, in.distance);
    let alpha = max(fine * 0.55, strong) * edge * in.color_opacity.a * visible;
    return vec4<f32>(in.color_opacity.rgb * alpha, alpha);
}
