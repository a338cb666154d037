//! What the simulator promises: depths, tracks, pictures and sensors that agree.

use std::time::Duration;

use nalgebra::{Point3, Vector3};

use super::noise::Random;
use super::*;

/// Small frames: the promises do not depend on the size.
fn simulator(frame_count: usize) -> Simulator {
    Simulator::new(SimulatorConfig {
        width: 160,
        height: 120,
        frame_count,
        ..SimulatorConfig::default()
    })
}

fn random_pixel(random: &mut Random, camera: &Pinhole) -> [f64; 2] {
    [
        random.range(0.0, camera.width as f64 - 1.0),
        random.range(0.0, camera.height as f64 - 1.0),
    ]
}

#[test]
fn depth_of_the_floor_is_exact() {
    let simulator = simulator(150);
    let (mut exact, mut covered) = (0, 0);
    for index in (0..150).step_by(10) {
        let pose = simulator.world_from_camera(index);
        let depth = simulator.depth(index);
        for (k, &measured) in depth.iter().enumerate() {
            let pixel = [(k % 160) as f64, (k / 160) as f64];
            let direction = pose.rotation * simulator.camera().ray(pixel);
            let to_floor = -pose.translation.vector.z / direction.z;
            let at = pose.translation.vector + direction * to_floor;
            // A bare part of the floor between the rug, the basket and the cupboard.
            if to_floor > 0.0 && (0.9..1.8).contains(&at.x) && (-1.4..-0.6).contains(&at.y) {
                let error = f64::from(measured) - to_floor;
                assert!(
                    error < 1e-6 * to_floor,
                    "{measured} m lies behind the floor"
                );
                if error > -1e-6 * to_floor {
                    exact += 1;
                } else {
                    covered += 1;
                }
            }
        }
    }
    assert!(exact > 500, "the floor was seen in {exact} pixels only");
    assert!(covered * 4 < exact, "{covered} of its pixels were covered");
}

#[test]
fn a_point_transferred_there_and_back_returns() {
    let simulator = simulator(150);
    let camera = simulator.camera();
    let mut random = Random::new(5);
    let (mut returned, mut tried) = (0, 0);
    for _ in 0..4_000 {
        let from = (random.unit() * 140.0) as usize;
        let to = from + 1 + (random.unit() * 9.0) as usize;
        let pixel = random_pixel(&mut random, &camera);
        let Some(there) = simulator.transfer(from, to, pixel) else {
            continue;
        };
        tried += 1;
        let back = simulator
            .transfer(to, from, there)
            .expect("what was seen is seen back");
        assert!((back[0] - pixel[0]).hypot(back[1] - pixel[1]) < 1e-6);
        returned += 1;
    }
    assert!(tried > 2_500, "only {tried} of 4000 stayed in view");
    assert_eq!(returned, tried);
}

#[test]
fn a_point_behind_something_is_not_transferred() {
    let simulator = simulator(150);
    let camera = simulator.camera();
    let mut random = Random::new(6);
    let mut hidden = 0;
    for _ in 0..3_000 {
        let (from, to) = (60, 80);
        let pixel = random_pixel(&mut random, &camera);
        let Some(depth) = simulator.depth_at(from, pixel) else {
            continue;
        };
        let in_world = simulator.world_from_camera(from) * Point3::from(camera.ray(pixel) * depth);
        let in_target = simulator.world_from_camera(to).inverse() * in_world;
        let Some(expected) = camera.project(&in_target.coords) else {
            assert!(simulator.transfer(from, to, pixel).is_none());
            continue;
        };
        // What stands at that pixel of the other frame decides whether the point is seen there.
        let nearest = simulator
            .depth_at(to, expected)
            .expect("the room is closed");
        let is_seen = nearest > in_target.z - 1e-4;
        match simulator.transfer(from, to, pixel) {
            Some(found) => {
                assert!(
                    is_seen,
                    "a point at {} m was seen through one at {nearest} m",
                    in_target.z
                );
                assert!((found[0] - expected[0]).hypot(found[1] - expected[1]) < 1e-9);
            }
            None => {
                assert!(!is_seen);
                hidden += 1;
            }
        }
    }
    assert!(hidden > 20, "only {hidden} points were hidden");
}

#[test]
fn points_look_the_same_in_both_frames() {
    let simulator = simulator(150);
    let camera = simulator.camera();
    let mut first = GrayImage::new(1, 1).expect("a size");
    let mut second = first.clone();
    simulator.render(90, &mut first);
    simulator.render(93, &mut second);
    let mut random = Random::new(7);
    let mut differences: Vec<f64> = Vec::new();
    while differences.len() < 3_000 {
        let pixel = random_pixel(&mut random, &camera);
        let Some(there) = simulator.transfer(90, 93, pixel) else {
            continue;
        };
        if there[0] < 0.0 || there[1] < 0.0 || there[0] > 158.0 || there[1] > 118.0 {
            continue;
        }
        differences.push((bilinear(&first, pixel) - bilinear(&second, there)).abs());
    }
    differences.sort_by(f64::total_cmp);
    // Small frames alias fine patterns into different pixels, so the tail is long and the middle is not.
    assert!(differences[1_500] < 3.0, "median {}", differences[1_500]);
    assert!(
        differences[2_400] < 16.0,
        "80% within {}",
        differences[2_400]
    );
    let off = mean_difference_after_wrong_pose(&simulator, &first, &second);
    assert!(off > 3.0 * differences[1_500], "a wrong pose gives {off}");
}

/// The median difference where the second frame is taken for one that did not move.
fn mean_difference_after_wrong_pose(
    simulator: &Simulator,
    first: &GrayImage,
    second: &GrayImage,
) -> f64 {
    let mut random = Random::new(8);
    let mut differences: Vec<f64> = (0..2_000)
        .map(|_| random_pixel(&mut random, &simulator.camera()))
        .map(|pixel| (bilinear(first, pixel) - bilinear(second, pixel)).abs())
        .collect();
    differences.sort_by(f64::total_cmp);
    differences[1_000]
}

pub(super) fn bilinear(image: &GrayImage, [x, y]: [f64; 2]) -> f64 {
    let (x0, y0) = (x as usize, y as usize);
    let (x1, y1) = (
        (x0 + 1).min(image.width() - 1),
        (y0 + 1).min(image.height() - 1),
    );
    let (s, t) = (x - x0 as f64, y - y0 as f64);
    let at = |x: usize, y: usize| f64::from(image.data()[y * image.width() + x]);
    (at(x0, y0) * (1.0 - s) + at(x1, y0) * s) * (1.0 - t)
        + (at(x0, y1) * (1.0 - s) + at(x1, y1) * s) * t
}

#[test]
fn frames_are_repeatable_and_rich_in_detail() {
    let (one, two) = (simulator(150), simulator(150));
    let mut first = ColorImage::default();
    let mut second = ColorImage::default();
    one.render_color(40, &mut first);
    two.render_color(40, &mut second);
    assert_eq!(first, second);

    for index in (0..150).step_by(15) {
        one.render_color(index, &mut first);
        let luma = first.luma().expect("a size");
        let data = luma.data();
        let mean = data.iter().map(|&l| f64::from(l)).sum::<f64>() / data.len() as f64;
        assert!(
            (60.0..190.0).contains(&mean),
            "frame {index} has mean luma {mean}"
        );
        let steps = data
            .windows(2)
            .filter(|pair| pair[0].abs_diff(pair[1]) > 12)
            .count();
        assert!(
            steps * 25 > data.len(),
            "frame {index} has {steps} steps among {} pixels",
            data.len()
        );
    }
}

#[test]
fn the_camera_keeps_clear_of_everything() {
    for seed in 1..5 {
        let simulator = Simulator::new(SimulatorConfig {
            width: 16,
            height: 12,
            frame_count: 600,
            seed,
            ..SimulatorConfig::default()
        });
        for index in (0..600).step_by(3) {
            let depth = simulator.depth(index);
            let nearest = depth.iter().copied().fold(f32::INFINITY, f32::min);
            assert!(nearest > 0.15, "seed {seed}: {nearest} m in frame {index}");
            let position = simulator.world_from_camera(index).translation.vector;
            assert!(position.x.abs() < furniture::HALF_WIDTH - 0.3);
            assert!(position.y.abs() < furniture::HALF_DEPTH - 0.3);
            assert!((0.5..furniture::HEIGHT - 0.3).contains(&position.z));
        }
    }
}

#[test]
fn rays_through_the_room_meet_what_trying_every_surface_meets() {
    let simulator = simulator(2);
    let surfaces = &simulator.scene.surfaces;
    let mut random = Random::new(9);
    for k in 0..4_000 {
        // From just above a surface, as light is gathered; every fourth ray along an axis.
        let surface = &surfaces[(random.unit() * surfaces.len() as f64) as usize];
        let point = surface.shape.point_at([random.unit(), random.unit()]);
        let normal = surface.shape.describe(&point).normal;
        let mut direction = Vector3::from_fn(|_, _| random.range(-1.0, 1.0));
        if k % 4 == 0 {
            direction = Vector3::ith((k / 4) % 3, direction.x);
        }
        let ray = shape::Ray {
            origin: point + normal * 1e-4,
            direction,
        };
        let mut slow: Option<(f64, u32)> = None;
        for (index, surface) in surfaces.iter().enumerate() {
            if let Some(t) = surface.shape.intersect(&ray, 0.0, 50.0)
                && slow.is_none_or(|(best, _)| t < best)
            {
                slow = Some((t, index as u32));
            }
        }
        let fast = simulator
            .bvh
            .nearest(&ray, 0.0, 50.0)
            .map(|hit| (hit.t, hit.shape));
        assert_eq!(fast, slow);
        assert_eq!(
            simulator.bvh.is_blocked(&ray, 0.0, 1.0),
            slow.is_some_and(|(t, _)| t <= 1.0)
        );
    }
}

#[test]
fn imu_covers_the_frames_at_its_rate() {
    let simulator = simulator(31);
    let imu = simulator.imu();
    assert_eq!(imu.len(), 61);
    assert_eq!(imu[60].capture_time_nanos, 1_000_000_000);
    assert_eq!(simulator.capture_time_nanos(1), 33_333_333);
    // A hand at rest on average: the mean specific force is gravity, upwards in the world.
    let mut mean = Vector3::zeros();
    for sample in &imu {
        let time = Duration::from_nanos(sample.capture_time_nanos.unsigned_abs()).as_secs_f64();
        let state = simulator.trajectory().at(time);
        mean += state.world_from_camera.rotation * sample.specific_force_m_s2 / imu.len() as f64;
    }
    assert!(
        (mean - Vector3::new(0.0, 0.0, GRAVITY_M_S2)).norm() < 1.0,
        "{mean}"
    );
}

#[test]
fn named_planes_lie_on_surfaces() {
    let simulator = simulator(2);
    let names: Vec<_> = simulator.planes().iter().map(|plane| plane.name).collect();
    for name in [
        "floor",
        "wall-north",
        "wall-east",
        "wall-south",
        "wall-west",
        "table-top",
    ] {
        assert!(names.contains(&name), "{name} is missing");
    }
    for plane in simulator.planes() {
        let middle = plane.world_from_plane.translation.vector;
        let normal = plane.world_from_plane.rotation * Vector3::z();
        assert!(
            normal.dot(&(Vector3::new(0.0, 0.0, 1.3) - middle)) > 0.0 || normal.z > 0.99,
            "{} faces away",
            plane.name
        );
        // Just in front of it, a look back meets a surface no farther away than the plane.
        let corner = plane.world_from_plane
            * Point3::new(0.9 * plane.half_size_m[0], 0.9 * plane.half_size_m[1], 0.0);
        let ray = shape::Ray {
            origin: corner.coords + normal * 0.01,
            direction: -normal,
        };
        let hit = simulator.bvh.nearest(&ray, 0.0, 0.5).expect(plane.name);
        assert!(hit.t < 0.35, "{} is {} m off", plane.name, hit.t);
    }
}
