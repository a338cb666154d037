//! Any text as a camera's line: a camera or an error that names the place, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slam::camera::Camera;
use slam::dataset::CameraModel;

fuzz_target!(|text: &str| {
    if let Ok(model) = CameraModel::from_line(text) {
        let again = CameraModel::from_line(&model.to_string());
        assert!(again.is_ok(), "{model} is not read again");
        let _ = Camera::from(model).check();
    }
});
