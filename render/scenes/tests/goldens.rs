//! Golden images: the whole look, small. Run with `SIGHTLINE_UPDATE_GOLDENS=1` to write them anew
//! after looking at what changed (the example `scenes` draws them large).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test ends where its device does")]
#![allow(clippy::print_stdout, reason = "a run tells its figures")]

#[path = "../../tests/draw/offscreen.rs"]
#[allow(dead_code, reason = "other tests draw into targets of their own")]
mod offscreen;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use nv_flip::{DEFAULT_PIXELS_PER_DEGREE, FlipImageRgb8, FlipPool, flip};

use offscreen::{Offscreen, Pixels, on_every_backend};
use render::RendererConfig;
use render_scenes::{DemoScene, SCENES, Studio, plain_card};

const SIZE_PX: [u32; 2] = [256, 160];
const LARGEST_FILE_BYTES: u64 = 100 * 1024;
/// Mean FLIP (Andersson et al. 2020): what the eye sees of a difference, 0 to 1. The project's bar between
/// backends and against golden images.
const FLIP_LIMIT: f32 = 0.03;
/// Mean difference over the worst block of 8 x 8 pixels: a small mark that is missing shows here.
const BLOCK_LIMIT: f32 = 14.0;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/goldens/{name}.png"))
}

/// Mean FLIP of two pictures, RGBA.
fn mean_flip(actual: &[u8], golden: &[u8]) -> f32 {
    let [width, height] = SIZE_PX;
    let picture = |rgba: &[u8]| {
        let (pixels, _) = rgba.as_chunks::<4>();
        let rgb: Vec<u8> = pixels
            .iter()
            .flat_map(|[r, g, b, _]| [*r, *g, *b])
            .collect();
        FlipImageRgb8::with_data(width, height, &rgb)
    };
    let differences = flip(picture(golden), picture(actual), DEFAULT_PIXELS_PER_DEGREE);
    FlipPool::from_image(&differences).mean()
}

/// Mean difference of a channel over the worst block, of 255.
fn worst_block(actual: &[u8], golden: &[u8]) -> f32 {
    let [width, height] = SIZE_PX;
    let mut worst = 0.0_f32;
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
        }
    }
    worst
}

#[test]
fn scenes_are_those_of_the_golden_images() {
    let update = std::env::var("SIGHTLINE_UPDATE_GOLDENS").is_ok_and(|value| value == "1");
    // The first backend writes, the next one already compares.
    let to_write = Cell::new(update);
    on_every_backend(|offscreen| {
        let renderer = offscreen.renderer(RendererConfig {
            half_float_targets: true,
            ..RendererConfig::default()
        });
        let (device, queue) = (offscreen.device.clone(), offscreen.queue.clone());
        let mut studio = Studio::new(renderer, device, queue, SIZE_PX, 0.5);
        for scene in SCENES {
            let drawn = draw_scene(offscreen, &mut studio, scene);
            if to_write.get() {
                save(&drawn, &path(scene.name));
            } else {
                compare(scene.name, &drawn);
            }
        }
        to_write.set(false);
    });
}

fn draw_scene(offscreen: &Offscreen, studio: &mut Studio, scene: DemoScene) -> Pixels {
    let mut drawing = render_scenes::draw(studio, scene, &mut plain_card);
    offscreen.wait();
    let picture = drawing
        .poll(&offscreen.device)
        .expect("the device is there")
        .expect("the picture has come");
    let [width, height] = picture.size_px;
    Pixels {
        width,
        height,
        rgba: picture.premultiplied_srgb_rgba,
    }
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
    let mean = mean_flip(&drawn.rgba, golden.as_raw());
    let block = worst_block(&drawn.rgba, golden.as_raw());
    println!("{name}: mean FLIP {mean:.4}, worst block {block:.1}");
    if mean > FLIP_LIMIT || block > BLOCK_LIMIT {
        let actual = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        save(drawn, &actual);
        panic!(
            "{name}: mean FLIP {mean:.4} (limit {FLIP_LIMIT}), worst block {block:.1} \
             (limit {BLOCK_LIMIT}). Drawn: {}. If the change is meant, run with \
             SIGHTLINE_UPDATE_GOLDENS=1 and commit.",
            actual.display()
        );
    }
}
