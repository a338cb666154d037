//! Every layout on a small one of its kind, and what is said of broken ones.

use std::path::Path;

use nalgebra::{Isometry3, UnitQuaternion, Vector3};
use tempfile::TempDir;

use super::*;
use crate::camera::{Camera, Distortion};

/// A folder with these files; pictures (their names end with `.png` or `.jpg`) are gray with the luma given as text.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        match content.parse::<u8>() {
            Ok(luma) if name.ends_with(".png") || name.ends_with(".jpg") => {
                image::GrayImage::from_pixel(16, 8, image::Luma([luma]))
                    .save(&path)
                    .expect("saved");
            }
            _ => std::fs::write(&path, content).expect("written"),
        }
    }
    folder
}

fn open(files: &[(&str, &str)]) -> Result<(TempDir, Dataset), String> {
    let folder = folder(files);
    let dataset = Dataset::open(folder.path())
        .map_err(|error| error.to_string().replace(&shown(folder.path()), ""))?;
    Ok((folder, dataset))
}

fn shown(folder: &Path) -> String {
    format!("{}/", folder.display())
}

/// Places, times in ms of playback and sequence, and the luma of the frames played.
fn played(dataset: &Dataset, playback: Playback) -> Vec<(usize, i64, i64, u8)> {
    dataset
        .play(&playback)
        .expect("played")
        .map(|frame| {
            let frame = frame.expect("a frame");
            assert_eq!(
                (frame.image.view().width(), frame.image.view().height()),
                (16, 8)
            );
            (
                frame.index,
                frame.capture_time_nanos / 1_000_000,
                frame.sequence_time_nanos / 1_000_000,
                frame.image.view().row(3)[5],
            )
        })
        .collect()
}

const LIST: [(&str, &str); 8] = [
    ("list.txt", "1.0 a.png\n1.1 b.png\n1.2 c.png\n1.5 d.png\n"),
    ("a.png", "10"),
    ("b.png", "20"),
    ("c.png", "30"),
    ("d.png", "40"),
    ("camera.txt", "PINHOLE 16 8 12 12 8 4"),
    ("truth.tum", "1.0 1 2 3 0 0 0 1"),
    (
        "imu.csv",
        "#t_nanos,gyro,accel\n1000000000,1,2,3,4,5,6\n1400000000,7,8,9,10,11,12\n",
    ),
];

#[test]
fn a_list_is_played_in_every_order() {
    let (_folder, dataset) = open(&LIST).expect("a sequence");
    assert_eq!(dataset.format(), Format::List);
    assert_eq!(dataset.truth().len(), 1);
    let all = Playback::default();
    let forward = [
        (0, 1000, 1000, 10),
        (1, 1100, 1100, 20),
        (2, 1200, 1200, 30),
        (3, 1500, 1500, 40),
    ];
    assert_eq!(played(&dataset, all), forward);
    assert_eq!(
        played(&dataset, Playback { every: 2, ..all }),
        [forward[0], forward[2]]
    );
    assert_eq!(
        played(
            &dataset,
            Playback {
                drop_every: 3,
                ..all
            }
        ),
        [forward[0], forward[1], forward[3]]
    );
    assert_eq!(
        played(
            &dataset,
            Playback {
                limit: Some(1),
                ..all
            }
        ),
        [forward[0]]
    );
    let backward = Playback {
        reverse: true,
        ..all
    };
    assert_eq!(
        played(&dataset, backward),
        [
            (3, 1000, 1500, 40),
            (2, 1300, 1200, 30),
            (1, 1400, 1100, 20),
            (0, 1500, 1000, 10)
        ]
    );
    let imu = dataset.play_imu(&all);
    assert_eq!(imu, dataset.imu());
    let imu = dataset.play_imu(&backward);
    assert_eq!(imu[0].capture_time_nanos, 1_100_000_000);
    assert_eq!(imu[0].angular_velocity_rad_s, -Vector3::new(7.0, 8.0, 9.0));
    assert_eq!(imu[1].specific_force_m_s2, Vector3::new(4.0, 5.0, 6.0));

    let mut frames = dataset.play(&all).expect("played");
    assert_eq!(frames.left(), 4);
    frames.skip_frame();
    assert_eq!(frames.next_time_nanos(), Some(1_100_000_000));
    assert_eq!(frames.second_time_nanos(), Some(1_200_000_000));
    assert_eq!(frames.next().expect("one").expect("read").index, 1);
}

#[test]
fn tum_rgbd_is_read_with_its_list_and_without() {
    let truth = ("groundtruth.txt", "# t\n5.0 1 2 3 0 0 0 1\n");
    let (_folder, dataset) = open(&[
        (
            "rgb.txt",
            "# color images\n5.0 rgb/5.000000.png\n5.1 rgb/5.100000.png\n",
        ),
        ("rgb/5.000000.png", "50"),
        truth,
    ])
    .expect("a sequence");
    assert_eq!(dataset.format(), Format::TumRgbd);
    assert_eq!(dataset.missing_frames(), 1);
    assert_eq!(played(&dataset, Playback::default()), [(0, 5000, 5000, 50)]);
    assert_eq!(
        dataset.truth()[0].world_from_camera,
        Isometry3::translation(1.0, 2.0, 3.0)
    );
    assert_eq!(dataset.camera(), None);

    let (_folder, dataset) = open(&[
        truth,
        ("7.5.png", "2"),
        ("6.25.png", "1"),
        ("notes.png", "3"),
    ])
    .expect("a sequence");
    assert_eq!(
        played(&dataset, Playback::default()),
        [(0, 6250, 6250, 1), (1, 7500, 7500, 2)]
    );
}

const SENSOR: &str = "%YAML:1.0
sensor_type: camera # cam0
T_BS:
  cols: 4
  rows: 4
  data: [0.0, -1.0, 0.0, 0.5,
         1.0, 0.0, 0.0, 0.0,
         0.0, 0.0, 1.0, 0.0,
         0.0, 0.0, 0.0, 1.0]
rate_hz: 20
resolution: [16, 8]
intrinsics: [12.5, 12.25, 7.5, 3.5] #fu, fv, cu, cv
distortion_model: radial-tangential
distortion_coefficients: [-0.28, 0.07, 0.0002, 1.76e-05]
";

fn euroc(sensor: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "mav0/cam0/data.csv",
            "#timestamp [ns],filename\r\n1403715273262142976,a.png\r\n1403715273312143104,b.png\r\n",
        ),
        ("mav0/cam0/data/a.png", "60"),
        ("mav0/cam0/data/b.png", "70"),
        ("mav0/cam0/sensor.yaml", sensor),
        (
            "mav0/imu0/data.csv",
            "#t,w,w,w,a,a,a\n1403715273262142976,1,2,3,4,5,6\n",
        ),
        (
            "mav0/state_groundtruth_estimate0/data.csv",
            "#t,p,q\n1403715273262142976, 1.0, 2.0, 3.0, 1.0, 0.0, 0.0, 0.0, 9, 9, 9\n",
        ),
    ]
}

#[test]
fn euroc_is_read_in_the_axes_of_its_camera() {
    let (folder, dataset) = open(&euroc(SENSOR)).expect("a sequence");
    assert_eq!(dataset.format(), Format::Euroc);
    let inner = Dataset::open(&folder.path().join("mav0")).expect("the folder inside");
    assert_eq!(inner.frame_count(), 2);
    let frames: Vec<DatasetFrame> = dataset
        .play(&Playback::default())
        .expect("played")
        .collect::<Result<_, _>>()
        .expect("frames");
    assert_eq!(frames[1].capture_time_nanos, 1_403_715_273_312_143_104);
    let camera = Camera::from(dataset.camera().expect("a camera"));
    assert_eq!(camera.size_px, [16, 8]);
    assert_eq!(camera.center_px, [7.5, 3.5]);
    assert_eq!(
        camera.distortion,
        Distortion::RadialTangential([-0.28, 0.07, 0.0002, 1.76e-5])
    );
    // The camera is turned by 90 degrees about the body's Z and half a metre along its X.
    let truth = &dataset.truth()[0].world_from_camera;
    assert!((truth.translation.vector - Vector3::new(1.5, 2.0, 3.0)).norm() < 1e-12);
    let expected = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), std::f64::consts::FRAC_PI_2);
    assert!(truth.rotation.angle_to(&expected) < 1e-7);
    // The camera's X is the body's Y, its Y the body's -X.
    let sample = dataset.imu()[0];
    assert!((sample.angular_velocity_rad_s - Vector3::new(2.0, -1.0, 3.0)).norm() < 1e-9);
    assert!((sample.specific_force_m_s2 - Vector3::new(5.0, -4.0, 6.0)).norm() < 1e-9);
}

const POSE: &str = "0 -1 0 4\n1 0 0 5\n0 0 1 6\n0 0 0 1\n";

#[test]
fn seven_scenes_is_read_in_both_layouts() {
    let (_folder, dataset) = open(&[
        ("frame-000003.color.png", "80"),
        ("frame-000003.pose.txt", POSE),
        ("frame-000000.color.png", "81"),
    ])
    .expect("a sequence");
    assert_eq!(dataset.format(), Format::SevenScenes);
    assert_eq!(
        played(&dataset, Playback::default()),
        [(0, 0, 0, 81), (1, 100, 100, 80)]
    );
    assert_eq!(dataset.truth().len(), 1);
    let truth = dataset.truth()[0];
    assert_eq!(truth.time_nanos, 100_000_000);
    assert_eq!(
        truth.world_from_camera.translation.vector,
        Vector3::new(4.0, 5.0, 6.0)
    );
    let x = truth.world_from_camera.rotation * Vector3::x();
    assert!((x - Vector3::y()).norm() < 1e-9);

    let (_folder, dataset) = open(&[
        ("color/frame-000000.color.jpg", "90"),
        (
            "reference_colmap_tum.txt",
            "0 1 2 3 0 0 0 1\n0.1 1 2 3 0 0 0 1\n",
        ),
        ("camera.txt", "SIMPLE_RADIAL 16 8 12 8 4 -0.02"),
    ])
    .expect("a sequence");
    assert_eq!(dataset.frame_count(), 1);
    assert_eq!(dataset.truth().len(), 2);
    assert!(dataset.camera().is_some());
}

#[test]
fn what_is_broken_is_said_with_its_file_and_line() {
    let bad = |files: &[(&str, &str)], expected: &str| {
        let error = open(files).expect_err(expected);
        assert!(error.starts_with(expected), "{error}");
    };
    let nothing = folder(&[("notes.txt", "hello")]);
    let error = Dataset::open(nothing.path())
        .expect_err("nothing")
        .to_string();
    assert!(
        error.contains("no sequence is recognised here; known are"),
        "{error}"
    );
    let gone = Dataset::open(&nothing.path().join("gone")).expect_err("gone");
    assert!(matches!(gone, DatasetError::File { .. }));
    let empty = folder(&[("list.txt", "# nothing\n")]);
    let error = Dataset::open(empty.path()).expect_err("empty").to_string();
    assert!(error.ends_with("the sequence has no frames"), "{error}");
    let pictureless = folder(&[("rgb.txt", "1 a.png\n2 b.png\n")]);
    let error = Dataset::open(pictureless.path()).expect_err("no pictures");
    assert!(
        error
            .to_string()
            .ends_with("none of the 2 pictures it lists is there")
    );

    bad(
        &[LIST[0], ("imu.csv", "5,1,2,3,4,5,6\n5,1,2,3,4,5,6")],
        "imu.csv:2: the time is not later than that of the reading before",
    );
    bad(
        &[LIST[0], ("imu.csv", "5,1,2,3,4,5")],
        "imu.csv:1: a reading takes 7 numbers, found 6",
    );
    bad(
        &[LIST[0], ("imu.csv", "x")],
        "imu.csv:1: a reading is T_NANOS",
    );
    bad(
        &[("rgb.txt", "1 a.png\n0.5 b.png")],
        "rgb.txt:2: the time is not later",
    );
    bad(&[("rgb.txt", "1")], "rgb.txt:1: a frame is TIME_SECS PATH");
    let pose = |text| {
        [
            ("frame-000000.color.png", "1"),
            ("frame-000000.pose.txt", text),
        ]
    };
    bad(
        &pose("0 -1 0 4\n1 0 0 5"),
        "frame-000000.pose.txt:3: a pose has four rows of four numbers",
    );
    bad(
        &pose("1 1 0 4\n1 0 0 5\n0 0 1 6"),
        "frame-000000.pose.txt:1: the upper left of the pose is not a rotation",
    );
    bad(
        &pose("nan 1 0 4"),
        "frame-000000.pose.txt:1: a row of the pose has nan, which is not finite",
    );

    let sensor = |from: &str, to: &str| -> String {
        assert!(SENSOR.contains(from), "{from}");
        SENSOR.replace(from, to)
    };
    for (sensor, expected) in [
        (
            sensor("[12.5, 12.25, 7.5, 3.5]", "[12.5, 12.25, 7.5]"),
            "mav0/cam0/sensor.yaml:12: intrinsics takes 4 numbers, found 3",
        ),
        (
            sensor("resolution", "# resolution"),
            "mav0/cam0/sensor.yaml:1: resolution is missing",
        ),
        (
            sensor("[16, 8]", "[16, 8.5]"),
            "mav0/cam0/sensor.yaml:11: resolution is not the size of a picture",
        ),
        (
            sensor("radial-tangential", "fov"),
            "mav0/cam0/sensor.yaml:13: distortion_model is \"fov\"; known are",
        ),
        (
            sensor("1.76e-05]", "much]"),
            "mav0/cam0/sensor.yaml:14: distortion_coefficients has something",
        ),
        (
            sensor("data: [0.0", "data: [3.0"),
            "mav0/cam0/sensor.yaml:6: data of T_BS does not hold a rotation",
        ),
    ] {
        let mut files = euroc("");
        files[3].1 = &sensor;
        bad(&files, expected);
    }
    let mut files = euroc(SENSOR);
    files[5].1 = "1,2,3";
    bad(
        &files,
        "mav0/state_groundtruth_estimate0/data.csv:1: a state begins with",
    );
    files = euroc(SENSOR);
    files[0].1 = "2,a.png\n1,b.png";
    bad(&files, "mav0/cam0/data.csv:2: the time is not later");
}

#[test]
fn a_picture_that_is_none_is_an_error_when_it_is_played() {
    let (_folder, dataset) = open(&[
        ("list.txt", "0 a.png\n1 b.png"),
        ("a.png", "no picture"),
        ("b.png", "5"),
    ])
    .expect("a sequence");
    let frames: Vec<_> = dataset
        .play(&Playback::default())
        .expect("played")
        .collect();
    assert!(matches!(frames[0], Err(DatasetError::Picture { .. })));
    assert!(frames[1].is_ok());
}
