//! The sofa with its cushions, and the dining chairs.

use super::super::materials::Picture;
use super::super::scene::{Bench, Paint};
use super::super::texture::srgb;

/// A two-seat sofa, 1.9 m wide, its back at `y = 0`.
pub(super) fn sofa(at: &mut Bench<'_>) {
    let cloth = Paint::cloth(srgb(0x6f8796));
    let seam = Paint::cloth(srgb(0x5b707e));
    let leg = Paint::wood(Picture::Walnut);
    for x in [-0.86, 0.80] {
        for y in [-0.82, -0.10] {
            at.cuboid([x, y, 0.0], [x + 0.06, y + 0.06, 0.13], &leg);
        }
    }
    at.cuboid([-0.92, -0.84, 0.12], [0.92, -0.02, 0.26], &seam);
    at.cuboid([-0.92, -0.24, 0.26], [0.92, -0.03, 0.82], &cloth);
    for side in [-1.0, 1.0] {
        let (a, b) = (side * 0.95, side * 0.75);
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        at.cuboid([low, -0.86, 0.12], [high, -0.03, 0.54], &cloth);
        // A round top to the arm.
        let arm = &mut at.leaning(
            [(low + high) / 2.0, -0.86, 0.54],
            -std::f64::consts::FRAC_PI_2,
            0.0,
        );
        arm.tube([0.0; 3], [0.1; 2], 0.83, &cloth);
        arm.disc([0.0, 0.0, 0.83], 0.1, &cloth);
        at.round_picture([(low + high) / 2.0, -0.861, 0.54], 0.1, &seam);
    }
    for x in [-0.745, 0.005] {
        at.cuboid([x, -0.86, 0.26], [x + 0.74, -0.20, 0.40], &cloth);
        at.ball([x + 0.37, -0.52, 0.40], [0.355, 0.31, 0.045], &cloth);
        at.ball([x + 0.37, -0.25, 0.62], [0.36, 0.10, 0.22], &cloth);
    }
    for (x, turn, paint) in [
        (-0.50, 0.35, Paint::fitted(Picture::CushionZigzag)),
        (0.50, -0.35, Paint::fitted(Picture::CushionDots)),
        (0.20, 0.12, Paint::fitted(Picture::CushionZigzag)),
    ] {
        let cushion = &mut at.bench([x, -0.42, 0.60], turn);
        let cushion = &mut cushion.leaning([0.0; 3], -0.35, 0.0);
        cushion.ball([0.0; 3], [0.21, 0.085, 0.20], &paint);
    }
    // A folded blanket over the arm.
    let wool = Paint::cloth(srgb(0xd9b779));
    at.cuboid([0.735, -0.62, 0.36], [0.965, -0.30, 0.655], &wool);
}

/// A wooden chair, its back at `y = 0.2`.
pub(super) fn chair(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Oak);
    let seat = Paint::cloth(srgb(0xb0563f));
    for (x, y, top) in [
        (-0.20, -0.20, 0.44),
        (0.165, -0.20, 0.44),
        (-0.20, 0.165, 0.9),
        (0.165, 0.165, 0.9),
    ] {
        at.cuboid([x, y, 0.0], [x + 0.035, y + 0.035, top], &wood);
    }
    at.cuboid([-0.20, -0.20, 0.40], [0.20, 0.20, 0.435], &wood);
    at.cuboid([-0.19, -0.19, 0.435], [0.19, 0.155, 0.462], &seat);
    at.cuboid([-0.165, 0.172, 0.80], [0.165, 0.192, 0.89], &wood);
    at.cuboid([-0.165, 0.172, 0.52], [0.165, 0.192, 0.56], &wood);
    for x in [-0.11, -0.04, 0.03, 0.10] {
        at.cuboid([x, 0.176, 0.56], [x + 0.022, 0.188, 0.80], &wood);
    }
    at.cuboid([-0.165, -0.195, 0.18], [0.165, -0.175, 0.205], &wood);
    for x in [-0.195, 0.172] {
        at.cuboid([x, -0.165, 0.24], [x + 0.022, 0.165, 0.265], &wood);
    }
}
