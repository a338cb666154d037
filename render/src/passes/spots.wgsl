// Rings on surfaces: taps of the alignment and the reticle of a hit test.

struct SpotInstance {
    @location(0) row_x: vec4<f32>,
    @location(1) row_y: vec4<f32>,
    @location(2) row_z: vec4<f32>,
    @location(3) color_opacity: vec4<f32>,
    // Radius, dot, breathing; w unused.
    @location(4) shape: vec4<f32>,
}

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    // In radii from the middle.
    @location(0) place: vec2<f32>,
    @location(1) @interpolate(flat) color_opacity: vec4<f32>,
    @location(2) @interpolate(flat) dot_breathing: vec2<f32>,
    // Along the view's axis.
    @location(3) distance: f32,
}

const REACH: f32 = 1.5;

@vertex
fn vs_spot(@builtin(vertex_index) index: u32, spot: SpotInstance) -> Varyings {
    let center = vec3<f32>(spot.row_x.w, spot.row_y.w, spot.row_z.w);
    let depth = (view.clip_from_world * vec4<f32>(center, 1.0)).w;
    let radius = max(spot.shape.x, 7.0 * metres_per_css_px(max(depth, 0.0)));
    let place = strip_corner(index) * REACH;
    let world = transform(spot.row_x, spot.row_y, spot.row_z, vec3<f32>(place.x * radius, 0.001, place.y * radius));
    var out: Varyings;
    out.clip = view.clip_from_world * vec4<f32>(world, 1.0);
    out.place = place;
    out.color_opacity = spot.color_opacity;
    out.dot_breathing = spot.shape.yz;
    out.distance = out.clip.w;
    return out;
}

// Coverage of what lies within `signed_distance` < 0, `per_px` distance per pixel.
fn inside(signed_distance: f32, per_px: f32) -> f32 {
    return clamp(0.5 - signed_distance / per_px, 0.0, 1.0);
}

@fragment
fn fs_spot(in: Varyings) -> @location(0) vec4<f32> {
    let distance = length(in.place);
    let per_px = max(length(vec2<f32>(dpdx(distance), dpdy(distance))), 1e-5);
    let breath = sin(frame.direction_to_light.w * 2.4) * 0.5 + 0.5;
    let half_width = max(0.075, 0.8 * per_px * view.viewport.w);
    let ring = inside(abs(distance - 0.92) - half_width, per_px);
    let middle = inside(distance - 0.3 * in.dot_breathing.x, per_px) * step(0.01, in.dot_breathing.x);
    // A wave that runs out and pales.
    let wave = inside(abs(distance - (1.0 + 0.38 * breath)) - half_width * 0.5, per_px)
        * 0.5 * (1.0 - breath) * in.dot_breathing.y;
    let mark = max(max(ring, middle), wave);
    // A dark breath around it keeps the ring readable on bright surfaces.
    let near = min(abs(distance - 0.92) - half_width, select(1.0, distance - 0.3 * in.dot_breathing.x, in.dot_breathing.x > 0.01));
    let halo = 0.30 * (1.0 - smoothstep(0.0, max(0.16, 2.5 * per_px), near));
    let opacity = in.color_opacity.a * real_visibility(in.clip.xy, in.distance);
    let alpha = mark + (1.0 - mark) * halo;
    return vec4<f32>(in.color_opacity.rgb * mark, alpha) * opacity;
}
