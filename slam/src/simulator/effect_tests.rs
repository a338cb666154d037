//! The faults that can be switched on, the rooms and the motions: exact truth under each of them.

use std::time::Duration;

use nalgebra::{Isometry3, Point3, Translation3, UnitQuaternion, Vector2, Vector3};

use super::benchmark::{sequences, standing_still};
use super::noise::Random;
use super::*;
use crate::camera::Distortion;

/// Small, quick frames in the living room.
fn config() -> SimulatorConfig {
    SimulatorConfig {
        width: 160,
        height: 120,
        frame_count: 60,
        quality: Quality::Quick,
        ..SimulatorConfig::default()
    }
}

fn gray(simulator: &Simulator, index: usize) -> GrayImage {
    let mut image = GrayImage::new(1, 1).expect("a size");
    simulator.render(index, &mut image);
    image
}

fn mean(image: &GrayImage) -> f64 {
    image
        .data()
        .iter()
        .map(|&code| f64::from(code))
        .sum::<f64>()
        / image.data().len() as f64
}

/// Mean step between neighbours of a row.
fn detail(image: &GrayImage) -> f64 {
    let steps = image
        .data()
        .windows(2)
        .map(|pair| f64::from(pair[0].abs_diff(pair[1])));
    steps.sum::<f64>() / image.data().len() as f64
}

/// The median difference of frames at places that show the same point, as `transfer` says.
fn difference_of_transfers(simulator: &Simulator, from: usize, to: usize) -> f64 {
    let (first, second) = (gray(simulator, from), gray(simulator, to));
    let mut random = Random::new(7);
    let mut differences = Vec::new();
    while differences.len() < 2_000 {
        let pixel = [random.range(1.0, 157.0), random.range(1.0, 117.0)];
        let Some(there) = simulator.transfer(from, to, pixel) else {
            continue;
        };
        if (0.0..158.0).contains(&there[0]) && (0.0..118.0).contains(&there[1]) {
            let difference =
                super::tests::bilinear(&first, pixel) - super::tests::bilinear(&second, there);
            differences.push(difference.abs());
        }
    }
    differences.sort_by(f64::total_cmp);
    differences[1_000]
}

#[test]
fn the_quick_renderer_sees_what_rays_meet() {
    for (room, rolling_shutter_secs) in Room::ALL.into_iter().zip([0.0, 0.03, 0.0, 0.03]) {
        let simulator = Simulator::new(SimulatorConfig {
            room,
            motion: Motion::Walk,
            people: 1,
            effects: CameraEffects {
                rolling_shutter_secs,
                ..CameraEffects::default()
            },
            ..config()
        });
        for index in [0, 30, 59] {
            let people = simulator.people(index);
            let world = simulator.world(&people);
            let eyes: Vec<Eye> = (0..120)
                .map(|row| simulator.eye(index, f64::from(row)))
                .collect();
            let found = raster::nearest_at_first_sample(&world, &eyes);
            let mut wrong = 0;
            for (k, &(depth, number)) in found.iter().enumerate() {
                let (x, y) = (k % 160, k / 160);
                let [dx, dy] = render::EDGE_SAMPLES[0];
                let ray = eyes[y].ray([x as f64 + dx, y as f64 + dy]);
                let Some(hit) = world.nearest(&ray, NEAR_M, FAR_M) else {
                    // Out of the window, past the painted view.
                    wrong += usize::from(number != render::NOTHING);
                    continue;
                };
                // Where surfaces touch, either may be named.
                let same = number == hit.shape || (f64::from(depth) / hit.t - 1.0).abs() < 1e-4;
                wrong += usize::from(!same);
            }
            // Rays that graze an edge may fall on either side of it in single precision.
            assert!(wrong <= 6, "{room:?} frame {index}: {wrong} pixels differ");
        }
    }
}

#[test]
fn quick_and_fine_pictures_are_alike() {
    let quick = gray(&Simulator::new(config()), 20);
    let fine = SimulatorConfig {
        quality: Quality::Fine,
        ..config()
    };
    let fine = gray(&Simulator::new(fine), 20);
    let mut differences: Vec<u8> = quick
        .data()
        .iter()
        .zip(fine.data())
        .map(|(a, b)| a.abs_diff(*b))
        .collect();
    differences.sort_unstable();
    // Coarser light changes brightness smoothly; a picture that is a pixel off would differ by tens.
    assert!(differences[9_600] <= 6, "median {}", differences[9_600]);
    assert!(differences[17_280] <= 20, "90% {}", differences[17_280]);
}

#[test]
fn a_rolling_shutter_takes_each_row_from_its_own_pose() {
    let readout = 0.03;
    let simulator = Simulator::new(SimulatorConfig {
        motion: Motion::LookAround,
        frame_count: 120,
        effects: CameraEffects {
            rolling_shutter_secs: readout,
            ..CameraEffects::default()
        },
        ..config()
    });
    let frame = 75;
    let time =
        Duration::from_nanos(simulator.capture_time_nanos(frame).unsigned_abs()).as_secs_f64();
    for (row, offset) in [(0.0, -0.5), (59.5, 0.0), (119.0, 0.5)] {
        let expected = simulator
            .trajectory()
            .at(time + offset * readout)
            .world_from_camera;
        assert_eq!(simulator.world_from_camera_at_row(frame, row), expected);
    }
    let mut random = Random::new(3);
    let (mut checked, mut moved) = (0, 0.0_f64);
    for _ in 0..500 {
        let pixel = [random.range(0.0, 159.0), random.range(0.0, 119.0)];
        let (Some(there), Some(point)) = (
            simulator.transfer(frame, frame + 1, pixel),
            simulator.point_at(frame, pixel),
        ) else {
            continue;
        };
        let pose = simulator.world_from_camera_at_row(frame + 1, there[1]);
        let seen = simulator
            .camera()
            .project(&pose.inverse_transform_point(&point).coords);
        let seen = seen.expect("it is in view");
        assert!((seen[0] - there[0]).hypot(seen[1] - there[1]) < 1e-7);
        let global = simulator.world_from_camera(frame + 1);
        if let Some(global) = simulator
            .camera()
            .project(&global.inverse_transform_point(&point).coords)
        {
            moved = moved.max((global[0] - there[0]).hypot(global[1] - there[1]));
        }
        checked += 1;
    }
    assert!(checked > 200, "{checked}");
    assert!(
        moved > 1.0,
        "the shutter moves points by {moved} px at most"
    );
    let difference = difference_of_transfers(&simulator, frame, frame + 1);
    assert!(
        difference < 4.0,
        "pictures differ by {difference} from the truth"
    );
}

#[test]
fn blur_keeps_the_mean_and_takes_detail() {
    let turning = SimulatorConfig {
        motion: Motion::LookAround,
        frame_count: 120,
        ..config()
    };
    let blurred = SimulatorConfig {
        effects: CameraEffects {
            exposure_secs: 0.02,
            exposure_samples: 8,
            ..CameraEffects::default()
        },
        ..turning.clone()
    };
    // In the middle of a swing.
    let sharp = gray(&Simulator::new(turning), 84);
    let blurred = gray(&Simulator::new(blurred), 84);
    assert!((mean(&sharp) - mean(&blurred)).abs() < 2.0);
    let (before, after) = (detail(&sharp), detail(&blurred));
    assert!(after < 0.8 * before, "detail {before} became {after}");
}

#[test]
fn a_lens_bends_pictures_and_truth_alike() {
    let lens = Lens {
        distortion: Distortion::Radial([-0.2, 0.0]),
        told_focal_factor: 1.05,
        told_distortion: false,
    };
    let simulator = Simulator::new(SimulatorConfig { lens, ..config() });
    let (camera, told) = (simulator.true_camera(), simulator.told_camera());
    assert_eq!(camera.distortion, lens.distortion);
    assert_eq!(told.distortion, Distortion::None);
    assert_eq!(told.focal_px, camera.focal_px.map(|focal| focal * 1.05));
    assert_eq!(told.size_px, [160, 120]);

    let pixel = [20.0, 15.0];
    let point = simulator.point_at(10, pixel).expect("the room is closed");
    let in_camera = simulator
        .world_from_camera(10)
        .inverse_transform_point(&point);
    let seen = camera.project(&in_camera.coords).expect("in front");
    assert!((seen - Vector2::from(pixel)).norm() < 1e-6, "{seen}");
    let difference = difference_of_transfers(&simulator, 10, 13);
    assert!(difference < 4.0, "{difference}");
}

#[test]
fn black_and_frozen_frames_are_what_they_say() {
    let simulator = Simulator::new(SimulatorConfig {
        effects: CameraEffects {
            noise: Some(SensorNoise::PHONE_INDOORS),
            faults: vec![
                Fault::Black { first: 5, end: 7 },
                Fault::Frozen { first: 10, end: 12 },
            ],
            ..CameraEffects::default()
        },
        ..config()
    });
    assert!(mean(&gray(&simulator, 4)) > 40.0);
    assert!(mean(&gray(&simulator, 5)) < 12.0);
    assert!(mean(&gray(&simulator, 6)) < 12.0);
    let before = gray(&simulator, 9);
    assert_eq!(gray(&simulator, 10), before);
    assert_eq!(gray(&simulator, 11), before);
    assert_ne!(gray(&simulator, 12), before);
}

#[test]
fn a_stills_frames_differ_by_noise_alone() {
    let still = standing_still(2.0);
    let simulator = Simulator::new(SimulatorConfig {
        width: 160,
        height: 120,
        ..still
    });
    let rest = simulator.world_from_camera(95);
    for index in 96..150 {
        let moved = rest.inverse() * simulator.world_from_camera(index);
        assert!(moved.translation.vector.norm() < 1e-12 && moved.rotation.angle() < 1e-7);
    }
    let parallax = simulator.world_from_camera(0).translation.vector
        - simulator.world_from_camera(48).translation.vector;
    assert!(parallax.norm() > 0.3);
    let (a, b) = (gray(&simulator, 100), gray(&simulator, 101));
    let square = |(a, b): (&u8, &u8)| (f64::from(*a) - f64::from(*b)).powi(2);
    let total: f64 = a.data().iter().zip(b.data()).map(square).sum();
    let deviation = (total / a.data().len() as f64 / 2.0).sqrt();
    assert!((1.0..4.0).contains(&deviation), "{deviation} grey levels");
}

#[test]
fn people_hide_the_room_and_are_no_part_of_it() {
    let empty = Simulator::new(SimulatorConfig {
        room: Room::Hall,
        motion: Motion::Walk,
        ..config()
    });
    let peopled = Simulator::new(SimulatorConfig {
        people: 2,
        ..empty.config().clone()
    });
    let mut hidden = 0;
    for index in (0..60).step_by(10) {
        let (free, taken) = (empty.depth(index), peopled.depth(index));
        for (k, (free, taken)) in free.iter().zip(&taken).enumerate() {
            assert!(taken <= free);
            if taken < free {
                hidden += 1;
                let pixel = [(k % 160) as f64, (k / 160) as f64];
                assert!(peopled.point_at(index, pixel).is_none());
                assert!(peopled.transfer(index, index, pixel).is_none());
            }
        }
    }
    assert!(hidden > 1_000, "people covered {hidden} pixels");
}

#[test]
fn blank_walls_have_nothing_to_see() {
    let wall = SimulatorConfig {
        room: Room::Classroom,
        motion: Motion::Scan,
        ..config()
    };
    let blank = SimulatorConfig {
        blank_walls: true,
        ..wall.clone()
    };
    let (papered, blank) = (Simulator::new(wall), Simulator::new(blank));
    let (before, after) = (detail(&gray(&papered, 40)), detail(&gray(&blank, 40)));
    assert!(after < before, "{before} {after}");
}

#[test]
fn benchmark_ways_are_long_clear_and_begin_to_the_side() {
    for sequence in sequences() {
        let name = sequence.name;
        let simulator = Simulator::new(SimulatorConfig {
            width: 16,
            height: 12,
            ..sequence.config
        });
        let clearance = simulator.clearance_m();
        assert!(clearance > 0.15, "{name} comes within {clearance} m");
        let poses: Vec<_> = (0..450).map(|k| simulator.world_from_camera(k)).collect();
        let length: f64 = poses
            .windows(2)
            .map(|pair| (pair[1].translation.vector - pair[0].translation.vector).norm())
            .sum();
        assert!((5.0..20.0).contains(&length), "{name} is {length} m long");
        let moved = poses[0].inverse_transform_point(&Point3::from(poses[30].translation.vector));
        assert!(moved.x.abs() > 0.1, "{name} begins with {moved}");
        assert!(moved.x.abs() > moved.z.abs(), "{name} begins with {moved}");
        let mut turns: Vec<f64> = poses
            .windows(2)
            .map(|pair| pair[0].rotation.angle_to(&pair[1].rotation).to_degrees())
            .collect();
        turns.sort_by(f64::total_cmp);
        // The recordings of a person around a table: median 0.9 to 1.0, at most 2.8 degrees a frame.
        assert!(
            (0.3..2.0).contains(&turns[225]),
            "{name}: median {}",
            turns[225]
        );
        assert!(turns[448] < 5.0, "{name}: at most {}", turns[448]);
    }
}

#[test]
fn a_pure_rotation_has_no_motion() {
    let simulator = Simulator::new(SimulatorConfig {
        motion: Motion::PureRotation,
        ..config()
    });
    let start = simulator.world_from_camera(0);
    let end = simulator.world_from_camera(45);
    assert!((end.translation.vector - start.translation.vector).norm() < 1e-12);
    assert!(start.rotation.angle_to(&end.rotation) > 0.2);
}

#[test]
fn backwards_is_the_walk_reversed() {
    let of = |motion| Simulator::new(SimulatorConfig { motion, ..config() });
    let (forwards, backwards) = (of(Motion::Walk), of(Motion::Backwards));
    for time in [0.3, 0.9, 1.5] {
        let a = forwards.trajectory().at(2.0 - time).world_from_camera;
        let b = backwards.trajectory().at(time).world_from_camera;
        // The spline smooths the smoothed motion once more.
        assert!((a.translation.vector - b.translation.vector).norm() < 0.005);
    }
}

fn circling(count: u32) -> Vec<(f64, Isometry3<f64>)> {
    (0..count)
        .map(|k| {
            let t = 0.01 * f64::from(k);
            let place = Vector3::new(0.9 * t.cos(), 0.9 * t.sin(), 0.1 * (2.0 * t).sin());
            let turn = UnitQuaternion::from_euler_angles(0.1 * t.sin(), 0.0, t);
            (
                100.0 + t,
                Isometry3::from_parts(Translation3::from(place), turn),
            )
        })
        .collect()
}

#[test]
fn a_given_motion_is_followed() {
    let poses = circling(600);
    let motion = Trajectory::through(&poses).expect("good poses");
    assert!(motion.duration_secs() >= 5.99);
    for (time, pose) in poses.iter().skip(10).take(580) {
        let found = motion.at(time - 100.0).world_from_camera;
        assert!((found.translation.vector - pose.translation.vector).norm() < 1e-3);
        assert!(found.rotation.angle_to(&pose.rotation) < 1e-3);
    }
    assert!(Trajectory::through(&poses[..1]).is_err());
    let mut reversed = poses.clone();
    reversed.reverse();
    assert!(Trajectory::through(&reversed).is_err());
    let mut broken = poses;
    broken[7].1.translation.vector.x = f64::NAN;
    assert!(Trajectory::through(&broken).is_err());
}

#[test]
fn a_fitted_motion_keeps_clear() {
    let motion = fit_into_room(&circling(630), Room::LivingRoom, 0.25)
        .expect("good poses")
        .expect("there is room for it")
        .trajectory;
    let simulator = Simulator::new(SimulatorConfig {
        motion: Motion::Given(motion),
        frame_count: 180,
        ..config()
    });
    // The spline cuts its controls' corners by less than a centimetre.
    assert!(
        simulator.clearance_m() > 0.24,
        "{}",
        simulator.clearance_m()
    );
}
