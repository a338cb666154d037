//! Golden images: the whole look, small. Run with `SIGHTLINE_UPDATE_GOLDENS=1` to write them anew
//! after looking at what changed (the example `picture` draws them large).

use std::cell::Cell;
use std::path::{Path, PathBuf};

use crate::demo_scene::{LOOKS, draw};
use crate::offscreen::{Pixels, on_every_backend};

const SIZE_PX: [u32; 2] = [256, 160];
const LARGEST_FILE_BYTES: u64 = 100 * 1024;
/// Mean difference of a channel over the picture, of 255. Other drivers round edges otherwise: that
/// gives some tenths; a mark that is missing or moved gives more.
const MEAN_LIMIT: f32 = 0.6;
/// Mean difference over the worst block of 8 x 8 pixels: a small mark that is missing shows here.
const BLOCK_LIMIT: f32 = 14.0;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/goldens/{name}.png"))
}

/// Mean difference over all channels, and over the worst block.
fn difference(actual: &[u8], golden: &[u8]) -> (f32, f32) {
    let [width, height] = SIZE_PX;
    let mut worst = 0.0_f32;
    let mut sum = 0.0;
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(8) {
            let mut block = 0.0;
            for y in top..top + 8 {
                for x in left..left + 8 {
                    let start = ((y * width + x) * 4) as usize;
                    for at in start..start + 3 {
                        block += f32::from(actual[at].abs_diff(golden[at]));
                    }
                }
            }
            worst = worst.max(block / (64.0 * 3.0));
            sum += block;
        }
    }
    (sum / (width * height * 3) as f32, worst)
}

#[test]
fn looks_are_those_of_the_golden_images() {
    let update = std::env::var("SIGHTLINE_UPDATE_GOLDENS").is_ok_and(|value| value == "1");
    // The first backend writes, the next one already compares.
    let to_write = Cell::new(update);
    on_every_backend(|offscreen| {
        for (name, look) in LOOKS {
            let drawn = draw(offscreen, look, SIZE_PX, 0.5);
            if to_write.get() {
                save(&drawn, &path(name));
            } else {
                compare(name, &drawn);
            }
        }
        to_write.set(false);
    });
}

fn save(drawn: &Pixels, path: &Path) {
    let Pixels {
        width,
        height,
        rgba,
    } = drawn;
    image::save_buffer(path, rgba, *width, *height, image::ExtendedColorType::Rgba8)
        .expect("the picture can be written");
}

fn compare(name: &str, drawn: &Pixels) {
    let golden_path = path(name);
    let golden = image::open(&golden_path).unwrap_or_else(|error| {
        panic!(
            "no golden image {}: {error}. Run the tests once with SIGHTLINE_UPDATE_GOLDENS=1, \
             look at the file, and commit it.",
            golden_path.display()
        )
    });
    let golden = golden.into_rgba8();
    assert_eq!([golden.width(), golden.height()], SIZE_PX, "{name}");
    let bytes = std::fs::metadata(&golden_path).map_or(u64::MAX, |file| file.len());
    assert!(bytes <= LARGEST_FILE_BYTES, "{name} has {bytes} bytes");
    let (mean, block) = difference(&drawn.rgba, golden.as_raw());
    if mean > MEAN_LIMIT || block > BLOCK_LIMIT {
        let actual = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        save(drawn, &actual);
        panic!(
            "{name}: mean difference {mean:.2} (limit {MEAN_LIMIT}), worst block {block:.1} \
             (limit {BLOCK_LIMIT}). Drawn: {}. If the change is meant, run with \
             SIGHTLINE_UPDATE_GOLDENS=1 and commit.",
            actual.display()
        );
    }
}
