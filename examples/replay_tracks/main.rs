//! Replays a sequence through the front end and draws the tracks of its points over the last frame.
//!
//! ```sh
//! cargo run --release -p slam --features cli --example replay_tracks -- tracks.png            # generated room
//! cargo run --release -p slam --features cli --example replay_tracks -- tracks.png SEQUENCE   # a folder
//! ```
//!
//! A point is sky blue when it is new and turns leaf green as it grows old; its tail is where it came from.

mod drawing;

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use image::RgbImage;
use slam::dataset::Sequence;
use slam::simulator::{ColorImage, Simulator, SimulatorConfig};
use slam::{Frame, FrontEnd, FrontEndConfig, ImageView, TrackedPoint};

use drawing::Canvas;

/// Frames that a tail is long.
const TAIL_FRAMES: usize = 9;
/// The age at which a point's colour no longer changes.
const OLD_FRAMES: f32 = 30.0;
/// The part of the generated sequence that is replayed: a walk from the window to the table.
const GENERATED_FRAMES: std::ops::RangeInclusive<usize> = 52..=98;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (last, tails) = match arguments.as_slice() {
        [_] => replay(generated_frames())?,
        [_, folder] => replay(frames_of(Path::new(folder))?)?,
        _ => bail!("usage: replay_tracks PICTURE.png [SEQUENCE_FOLDER]"),
    };
    let picture = draw(&last, &tails);
    picture
        .save(&arguments[0])
        .with_context(|| format!("cannot write {}", arguments[0]))?;
    Ok(())
}

/// A point and its last places, the newest at the end.
struct Tail {
    age_frames: u32,
    places: VecDeque<[f32; 2]>,
}

/// A colour frame and when it was captured, nanoseconds.
type ColorFrame = (i64, RgbImage);

/// Runs the front end over all frames; gives the last frame and the points alive in it.
fn replay(
    frames: impl Iterator<Item = anyhow::Result<ColorFrame>>,
) -> anyhow::Result<(RgbImage, Vec<Tail>)> {
    let mut front_end = FrontEnd::new(FrontEndConfig {
        max_points: 600,
        ..FrontEndConfig::default()
    })?;
    let mut tails: HashMap<u32, Tail> = HashMap::new();
    let mut last = None;
    for frame in frames {
        let (capture_time_nanos, picture) = frame?;
        let luma = image::DynamicImage::from(picture.clone()).into_luma8();
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        let image = ImageView::new(luma.as_raw(), width, height, width)?;
        let ticket = front_end.submit(&Frame::new(image, capture_time_nanos))?;
        let tracks = front_end
            .poll(ticket)
            .context("the CPU's tracks are there at once")?;
        follow(&mut tails, &tracks.points);
        last = Some(picture);
    }
    let last = last.context("the sequence has no frames")?;
    let mut tails: Vec<Tail> = tails.into_values().collect();
    // The old ones are drawn last, over the many that are new.
    tails.sort_by_key(|tail| tail.age_frames);
    Ok((last, tails))
}

fn follow(tails: &mut HashMap<u32, Tail>, points: &[TrackedPoint]) {
    let mut alive = HashMap::with_capacity(points.len());
    for point in points {
        let mut tail = tails.remove(&point.id).unwrap_or(Tail {
            age_frames: 0,
            places: VecDeque::new(),
        });
        tail.age_frames = point.age_frames;
        tail.places.push_back(point.position_px);
        if tail.places.len() > TAIL_FRAMES {
            tail.places.pop_front();
        }
        alive.insert(point.id, tail);
    }
    *tails = alive;
}

fn generated_frames() -> impl Iterator<Item = anyhow::Result<ColorFrame>> {
    let simulator = Simulator::new(SimulatorConfig {
        width: 1120,
        height: 840,
        ..SimulatorConfig::default()
    });
    GENERATED_FRAMES.map(move |index| {
        let mut image = ColorImage::default();
        simulator.render_color(index, &mut image);
        let picture = RgbImage::from_raw(image.width as u32, image.height as u32, image.rgb)
            .context("three bytes a pixel")?;
        Ok((simulator.capture_time_nanos(index), picture))
    })
}

fn frames_of(
    folder: &Path,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<ColorFrame>> + use<>> {
    let sequence = Sequence::open(folder)?;
    ensure!(
        !sequence.frames.is_empty(),
        "{} lists no frames",
        folder.display()
    );
    Ok(sequence.frames.into_iter().map(|entry| {
        let picture = image::open(&entry.path)
            .with_context(|| format!("cannot read {}", entry.path.display()))?;
        Ok((entry.capture_time_nanos, picture.into_rgb8()))
    }))
}

fn draw(last: &RgbImage, tails: &[Tail]) -> RgbImage {
    let mut canvas = Canvas::over(last);
    let unit = last.width() as f32 / 640.0;
    for tail in tails {
        let color = drawing::color_of_age(tail.age_frames as f32 / OLD_FRAMES);
        let steps = tail.places.len() - 1;
        for k in 0..steps {
            let freshness = (k + 1) as f32 / steps as f32;
            canvas.line(
                tail.places[k],
                tail.places[k + 1],
                0.75 * unit,
                color,
                0.75 * freshness,
            );
        }
    }
    for tail in tails {
        let color = drawing::color_of_age(tail.age_frames as f32 / OLD_FRAMES);
        let head = tail.places[tail.places.len() - 1];
        canvas.dot(head, 2.5 * unit, [255.0; 3], 0.9);
        canvas.dot(head, 1.8 * unit, color, 1.0);
    }
    canvas.into_picture()
}
