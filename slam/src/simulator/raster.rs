//! The quick renderer: surfaces filled row by row into a depth row, four samples a pixel.
//!
//! In and out: as `render`, for a pinhole. A flat surface covers one interval of a row, and the reciprocal of its
//! depth is affine along it (Heckbert and Moreton, "Interpolation for Polygon Texture Mapping and Shading", 1991),
//! so that visibility costs a comparison a sample; curved ones are met by their formula. A pixel is shaded once for
//! every surface in it.

use nalgebra::Vector3;

use super::bvh::Hit;
use super::render::{
    EDGE_SAMPLES, Eye, FAR_M, NEAR_M, NOTHING, Stage, World, developed, nothing, shade,
};
use super::rows::for_each_part;
use super::shape::{Ray, Shape};
use super::texture::Rgb;

/// A surface that may be seen, and the rows and columns it may be seen in.
struct Candidate {
    number: u32,
    rows: [usize; 2],
    columns: [usize; 2],
}

/// For one of a pixel's samples, what is nearest along a row: the reciprocal of its depth, and its number.
struct DepthRow {
    inverse_depth: Vec<f32>,
    number: Vec<u32>,
}

/// As [`super::render::render`]; the eyes must have no distortion.
pub(crate) fn render(
    stage: &Stage<'_>,
    eyes: &[Eye],
    gain: &(dyn Fn(usize, usize) -> f32 + Sync),
    sum: &mut [Rgb],
) {
    let width = eyes[0].camera.width;
    let candidates = candidates(&stage.world, eyes);
    // Several rows at once: their scratch is made once.
    const ROWS: usize = 16;
    for_each_part(sum, ROWS * width, |part, rows| {
        let mut scratch: [DepthRow; 4] = std::array::from_fn(|_| DepthRow {
            inverse_depth: vec![0.0; width],
            number: vec![NOTHING; width],
        });
        for (k, row) in rows.chunks_mut(width).enumerate() {
            let y = part * ROWS + k;
            for (depth_row, sample) in scratch.iter_mut().zip(EDGE_SAMPLES) {
                depth_row.inverse_depth.fill(1.0 / FAR_M as f32);
                depth_row.number.fill(NOTHING);
                let line = Line::new(&eyes[y], y, sample);
                for candidate in &candidates {
                    if candidate.rows[0] <= y && y <= candidate.rows[1] {
                        let shape = &stage.world.surface(candidate.number).shape;
                        fill(shape, candidate, &line, depth_row);
                    }
                }
            }
            shade_row(stage, &eyes[y], y, &scratch, gain, row);
        }
    });
}

/// The rays of a row: `start + x * step`, their parameter the depth.
struct Line {
    origin: Vector3<f64>,
    start: Vector3<f64>,
    step: Vector3<f64>,
}

impl Line {
    fn new(eye: &Eye, y: usize, [dx, dy]: [f64; 2]) -> Self {
        let start = eye.ray([dx, y as f64 + dy]);
        let step = eye.world_from_camera.rotation * Vector3::x() / eye.camera.focal_px;
        Self {
            origin: start.origin,
            start: start.direction,
            step,
        }
    }
}

/// The surfaces that are not outside the picture in all of its rows' poses.
fn candidates(world: &World<'_>, eyes: &[Eye]) -> Vec<Candidate> {
    let last = eyes.len() - 1;
    let views: Vec<&Eye> = if eyes[0].world_from_camera == eyes[last].world_from_camera {
        vec![&eyes[0]]
    } else {
        vec![&eyes[0], &eyes[last / 2], &eyes[last]]
    };
    let total = world.scene.surfaces.len() + world.moving.len();
    (0..total as u32)
        .filter_map(|number| {
            let shape = &world.surface(number).shape;
            let mut around: Option<[f64; 4]> = None;
            for view in &views {
                let Some([x0, x1, y0, y1]) = extent(shape, view) else {
                    continue;
                };
                let [a, b, c, d] = around.unwrap_or([x0, x1, y0, y1]);
                around = Some([a.min(x0), b.max(x1), c.min(y0), d.max(y1)]);
            }
            // Between the three poses the way of a corner bends by less than this.
            let slack = if views.len() > 1 { 4.0 } else { 1.0 };
            let [x0, x1, y0, y1] = around?;
            let clamp = |value: f64, side: usize| value.clamp(0.0, side as f64 - 1.0) as usize;
            let camera = &eyes[0].camera;
            Some(Candidate {
                number,
                rows: [
                    clamp(y0 - slack, camera.height),
                    clamp(y1 + slack, camera.height),
                ],
                columns: [
                    clamp(x0 - slack, camera.width),
                    clamp(x1 + slack, camera.width),
                ],
            })
        })
        .collect()
}

/// The box `[x0, x1, y0, y1]` that a shape may cover, px; `None` where it is outside the picture.
fn extent(shape: &Shape, eye: &Eye) -> Option<[f64; 4]> {
    /// Wider than the picture, so that a row's pose that is a little off misses nothing.
    const MARGIN_PX: f64 = 40.0;
    let camera = &eye.camera;
    let (f, [cx, cy]) = (camera.focal_px, camera.center_px);
    let (w, h) = (
        camera.width as f64 + MARGIN_PX,
        camera.height as f64 + MARGIN_PX,
    );
    let mut outside = [true; 5];
    let mut crosses = false;
    let mut around = [
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    for corner in corners(shape) {
        let p = eye
            .world_from_camera
            .inverse_transform_point(&corner.into());
        let (x, y) = (f * p.x + cx * p.z, f * p.y + cy * p.z);
        let out = [
            x < -MARGIN_PX * p.z,
            x > w * p.z,
            y < -MARGIN_PX * p.z,
            y > h * p.z,
            p.z < NEAR_M,
        ];
        for (all, out) in outside.iter_mut().zip(out) {
            *all &= out;
        }
        crosses |= out[4];
        let (x, y) = (x / p.z, y / p.z);
        around = [
            around[0].min(x),
            around[1].max(x),
            around[2].min(y),
            around[3].max(y),
        ];
    }
    if outside.contains(&true) {
        return None;
    }
    // Part of it is behind the camera: it may be seen anywhere.
    Some(if crosses { [0.0, w, 0.0, h] } else { around })
}

/// Corners of a solid that holds the shape; a flat one repeats its own.
fn corners(shape: &Shape) -> [Vector3<f64>; 8] {
    if let Shape::Rect {
        top_left,
        right,
        down,
        size,
        ..
    } = shape
    {
        let (a, b) = (right * size[0], down * size[1]);
        let four = [*top_left, top_left + a, top_left + b, top_left + a + b];
        return std::array::from_fn(|k| four[k % 4]);
    }
    let [low, high] = shape.bounds();
    std::array::from_fn(|k| {
        Vector3::from_fn(|axis, _| {
            if k >> axis & 1 == 0 {
                low[axis]
            } else {
                high[axis]
            }
        })
    })
}

/// Puts a shape into a row where it is nearest.
fn fill(shape: &Shape, candidate: &Candidate, line: &Line, row: &mut DepthRow) {
    let Shape::Rect {
        top_left,
        right,
        down,
        normal,
        size,
        round,
    } = shape
    else {
        let [first, last] = candidate.columns;
        for x in first..=last {
            let ray = Ray {
                origin: line.origin,
                direction: line.start + line.step * x as f64,
            };
            if let Some(t) = shape.intersect(&ray, NEAR_M, FAR_M) {
                let inverse_depth = (1.0 / t) as f32;
                if inverse_depth > row.inverse_depth[x] {
                    row.inverse_depth[x] = inverse_depth;
                    row.number[x] = candidate.number;
                }
            }
        }
        return;
    };
    let to_plane = (top_left - line.origin).dot(normal);
    if to_plane.abs() < 1e-9 {
        return;
    }
    // 1/t, and u/t and v/t of the surface's coordinates, as `at_0 + x * by_x`.
    let from_corner = line.origin - top_left;
    let w = [
        line.start.dot(normal) / to_plane,
        line.step.dot(normal) / to_plane,
    ];
    let coordinate = |axis: &Vector3<f64>| {
        let offset = from_corner.dot(axis);
        [
            offset * w[0] + line.start.dot(axis),
            offset * w[1] + line.step.dot(axis),
        ]
    };
    let (u, v) = (coordinate(right), coordinate(down));
    let mut span = [candidate.columns[0] as f64, candidate.columns[1] as f64];
    let rest = |a: [f64; 2], side: f64| [side * w[0] - a[0], side * w[1] - a[1]];
    let nearest = [1.0 / NEAR_M - w[0], -w[1]];
    for [at_0, by_x] in [u, v, rest(u, size[0]), rest(v, size[1]), w, nearest] {
        if by_x > 0.0 {
            span[0] = span[0].max(-at_0 / by_x);
        } else if by_x < 0.0 {
            span[1] = span[1].min(-at_0 / by_x);
        } else if at_0 < 0.0 {
            return;
        }
    }
    if span[0] > span[1] {
        return;
    }
    let (first, end) = (span[0].ceil() as usize, span[1].floor() as usize + 1);
    if first >= end {
        return;
    }
    if *round {
        for x in first..end {
            let at = |a: [f64; 2]| a[0] + a[1] * x as f64;
            let inverse = at(w);
            let (a, b) = (
                at(u) / (inverse * size[0]) - 0.5,
                at(v) / (inverse * size[1]) - 0.5,
            );
            if a * a + b * b <= 0.25 && inverse as f32 > row.inverse_depth[x] {
                row.inverse_depth[x] = inverse as f32;
                row.number[x] = candidate.number;
            }
        }
        return;
    }
    let (mut inverse, step) = ((w[0] + w[1] * first as f64) as f32, w[1] as f32);
    let base = inverse;
    let depths = &mut row.inverse_depth[first..end];
    let numbers = &mut row.number[first..end];
    for (k, (depth, number)) in depths.iter_mut().zip(numbers).enumerate() {
        let nearer = inverse > *depth;
        *depth = if nearer { inverse } else { *depth };
        *number = if nearer { candidate.number } else { *number };
        inverse = base + step * (k + 1) as f32;
    }
}

/// Shades a row from its four samples.
fn shade_row(
    stage: &Stage<'_>,
    eye: &Eye,
    y: usize,
    samples: &[DepthRow; 4],
    gain: &(dyn Fn(usize, usize) -> f32 + Sync),
    row: &mut [Rgb],
) {
    let aside = eye.world_from_camera.rotation * Vector3::x() / eye.camera.focal_px;
    let below = eye.world_from_camera.rotation * Vector3::y() / eye.camera.focal_px;
    let start = eye.ray([0.0, y as f64]);
    let look = |x: usize, [dx, dy]: [f64; 2], number: u32, inverse_depth: f32, footprint: f64| {
        if number == NOTHING {
            return nothing();
        }
        let direction = start.direction + aside * (x as f64 + dx) + below * dy;
        let ray = Ray {
            origin: start.origin,
            direction,
        };
        let hit = Hit {
            t: 1.0 / f64::from(inverse_depth),
            shape: number,
        };
        let neighbours = [direction + aside * footprint, direction + below * footprint];
        shade(stage, &ray, &hit, &neighbours)
    };
    for (x, sum) in row.iter_mut().enumerate() {
        let gain = gain(x, y);
        let numbers = [0, 1, 2, 3].map(|k: usize| samples[k].number[x]);
        let depths = [0, 1, 2, 3].map(|k: usize| samples[k].inverse_depth[x]);
        if numbers[1..].iter().all(|&number| number == numbers[0]) {
            // The samples' mean place is the pixel's middle.
            let mean = depths.iter().sum::<f32>() * 0.25;
            *sum += developed(&look(x, [0.0; 2], numbers[0], mean, 1.0), gain);
            continue;
        }
        let mut color = Rgb::zeros();
        for k in 0..4 {
            if numbers[..k].contains(&numbers[k]) {
                continue;
            }
            let (mut count, mut depth, mut place) = (0.0, 0.0, [0.0; 2]);
            for j in k..4 {
                if numbers[j] == numbers[k] {
                    count += 1.0;
                    depth += depths[j];
                    place[0] += EDGE_SAMPLES[j][0];
                    place[1] += EDGE_SAMPLES[j][1];
                }
            }
            let mean = place.map(|sum| sum / f64::from(count));
            let seen = look(x, mean, numbers[k], depth / count, 0.6);
            color += developed(&seen, gain) * (count * 0.25);
        }
        *sum += color;
    }
}

/// Depth and number at the first sample of every pixel.
#[cfg(test)]
pub(crate) fn nearest_at_first_sample(world: &World<'_>, eyes: &[Eye]) -> Vec<(f32, u32)> {
    let width = eyes[0].camera.width;
    let candidates = candidates(world, eyes);
    let mut found = Vec::new();
    for (y, eye) in eyes.iter().enumerate() {
        let mut row = DepthRow {
            inverse_depth: vec![1.0 / FAR_M as f32; width],
            number: vec![NOTHING; width],
        };
        let line = Line::new(eye, y, EDGE_SAMPLES[0]);
        for candidate in &candidates {
            if candidate.rows[0] <= y && y <= candidate.rows[1] {
                fill(
                    &world.surface(candidate.number).shape,
                    candidate,
                    &line,
                    &mut row,
                );
            }
        }
        found.extend(row.inverse_depth.iter().map(|w| 1.0 / w).zip(row.number));
    }
    found
}
