//! What is wrong with a sequence, a camera or a trajectory is said in one sentence that names it.

use std::path::Path;

use crate::run::fail;
use crate::sequence::Sequence;

fn replay(folder: &Path, more: &[&str]) -> String {
    let mut arguments = vec!["replay", folder.to_str().unwrap()];
    arguments.extend(more);
    fail(&arguments)
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert_eq!(said.matches(part).count(), 1, "{part:?} in {said:?}");
    }
}

#[test]
fn a_folder_without_a_sequence_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nowhere");
    assert_says(&replay(&missing, &[]), &["nowhere", "No such file"]);
    assert_says(&replay(folder.path(), &[]), &["no sequence is recognised"]);
    std::fs::write(folder.path().join("list.txt"), "# no frames\n").unwrap();
    assert_says(&replay(folder.path(), &[]), &["the sequence has no frames"]);
    std::fs::write(folder.path().join("list.txt"), "0.0 gone.jpg\n").unwrap();
    assert_says(&replay(folder.path(), &[]), &["gone.jpg", "No such file"]);
}

#[test]
fn a_camera_that_is_none_is_named() {
    let copy = Sequence::shared().copy(2);
    let line = "PINHOLE 320 240 256 256 160";
    let said = replay(copy.path(), &["--camera", line]);
    assert_says(
        &said,
        &["the camera given:1: PINHOLE takes 4 parameters, found 3"],
    );
    let said = replay(
        copy.path(),
        &["--camera", "SIMPLE_RADIAL 320 240 -256 160 120 0"],
    );
    assert_says(&said, &["a focal length is not positive"]);
    let said = replay(copy.path(), &["--camera", "nowhere.txt"]);
    assert_says(&said, &["nowhere.txt", "No such file"]);
    let said = replay(copy.path(), &["--fov", "200"]);
    assert_says(&said, &["--fov is 200"]);
    std::fs::write(copy.path().join("camera.txt"), "OPENCV 320 240 nonsense").unwrap();
    assert_says(&replay(copy.path(), &[]), &["camera.txt:1: "]);
}

#[test]
fn a_picture_that_breaks_off_is_named() {
    let copy = Sequence::shared().copy(4);
    let third = copy.path().join("frames/000002.jpg");
    let whole = std::fs::read(&third).unwrap();
    // In its head, and in the middle of its pixels.
    for length in [0, 2, 100, 600, whole.len() / 2] {
        std::fs::write(&third, &whole[..length]).unwrap();
        assert_says(&replay(copy.path(), &[]), &["000002.jpg"]);
    }
    std::fs::write(&third, b"<html>not found</html>").unwrap();
    assert_says(&replay(copy.path(), &[]), &["000002.jpg"]);
}

#[test]
fn trajectories_that_cannot_be_compared_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let pose = |secs: u32| format!("{secs} {secs} 0 0 0 0 0 1\n");
    let line = file("line.tum", &(0..9).map(pose).collect::<String>());
    let later = file("later.tum", &(100..109).map(pose).collect::<String>());
    let short = file("short.tum", "0 1 2 3 0 0 0\n");
    let said = fail(&["evaluate", &line, &later]);
    assert_says(&said, &["no pose of", "are both on one clock?"]);
    let said = fail(&["evaluate", &line, &line]);
    assert_says(&said, &["three that are not on a line"]);
    let said = fail(&["evaluate", &short, &line]);
    assert_says(&said, &["short.tum:1: a pose takes 8 numbers, found 7"]);
    let said = fail(&["evaluate", &line, "nowhere.tum"]);
    assert_says(&said, &["nowhere.tum", "No such file"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let copy = Sequence::shared().copy(2);
    let file = copy.path().join("list.txt");
    let under = file.join("out");
    let said = fail(&[
        "simulate",
        "--frames",
        "1",
        "--out",
        under.to_str().unwrap(),
    ]);
    assert_says(&said, &["cannot write to", "Not a directory"]);
    let poses = copy.path().join("no/folder/poses.tum");
    assert_says(
        &replay(copy.path(), &["--out", poses.to_str().unwrap()]),
        &["poses.tum", "No such file"],
    );
}
