//! Label cards: drawn by the browser, so that every script and emoji looks as it does on the page, and handed to the
//! renderer as bitmaps at twice their size.

use std::collections::HashMap;

use render::{LabelId, Renderer};
use wasm_bindgen::JsCast;
use web_sys::{OffscreenCanvas, OffscreenCanvasRenderingContext2d};

use crate::hues;

/// All in pixels of the bitmap, which has two for one of the card.
const FONT: &str = "500 28px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const LINE_HEIGHT: f64 = 36.0;
const PADDING: f64 = 20.0;
const RADIUS: f64 = 16.0;
const DOT_RADIUS: f64 = 8.0;
const TEXT_LEFT: f64 = PADDING + 2.0 * DOT_RADIUS + 12.0;
const MAX_TEXT_WIDTH: f64 = 480.0;
const MAX_LINES: usize = 3;

const PAPER: &str = "#f7f6f2";
const INK: &str = "#10151c";
const LINE: &str = "#d9d6cc";

/// Cards that were not drawn for this many frames are forgotten.
const KEEP_FRAMES: u64 = 600;

/// The cards that the renderer has.
#[derive(Default)]
pub(crate) struct Labels {
    /// By text, and then by hue: looked up in every frame, without a copy of the text.
    cards: HashMap<String, Vec<Card>>,
    next: u64,
    frame: u64,
}

struct Card {
    hue: u8,
    id: LabelId,
    used_in: u64,
}

impl Labels {
    /// The card with this text and the dot of this hue, made when it is new; `None` for an empty text or when the
    /// browser draws no text.
    pub(crate) fn card(&mut self, renderer: &mut Renderer, text: &str, hue: u8) -> Option<LabelId> {
        if text.is_empty() {
            return None;
        }
        let mut known = self.cards.get_mut(text).into_iter().flatten();
        if let Some(card) = known.find(|card| card.hue == hue) {
            card.used_in = self.frame;
            return Some(card.id);
        }
        let (width, height, pixels) = draw(text, hue)?;
        let id = LabelId(self.next);
        renderer.set_label(id, width, height, &pixels).ok()?;
        self.next += 1;
        let used_in = self.frame;
        let cards = self.cards.entry(text.to_owned()).or_default();
        cards.push(Card { hue, id, used_in });
        Some(id)
    }

    /// A frame is done.
    pub(crate) fn frame_done(&mut self, renderer: &mut Renderer) {
        self.frame += 1;
        if !self.frame.is_multiple_of(KEEP_FRAMES) {
            return;
        }
        let frame = self.frame;
        self.cards.retain(|_, cards| {
            cards.retain(|card| {
                let keep = card.used_in + KEEP_FRAMES > frame;
                if !keep {
                    renderer.remove_label(card.id);
                }
                keep
            });
            !cards.is_empty()
        });
    }
}

/// Draws a card; gives its width, height and premultiplied RGBA bytes.
fn draw(text: &str, hue: u8) -> Option<(u32, u32, Vec<u8>)> {
    let canvas = OffscreenCanvas::new(1, 1).ok()?;
    let context = context(&canvas)?;
    context.set_font(FONT);
    let lines = lines(text, |part| {
        context.measure_text(part).map_or(0.0, |size| size.width())
    });
    let text_width = lines
        .iter()
        .map(|line| context.measure_text(line).map_or(0.0, |size| size.width()))
        .fold(0.0, f64::max);
    #[allow(clippy::cast_precision_loss, reason = "at most three lines")]
    let line_count = lines.len() as f64;
    let width = (TEXT_LEFT + text_width + PADDING).ceil();
    let height = (line_count * LINE_HEIGHT + PADDING * 1.2).ceil();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred pixels"
    )]
    let (columns, rows) = (width as u32, height as u32);
    // A new size clears the canvas and its settings.
    canvas.set_width(columns);
    canvas.set_height(rows);
    context.set_font(FONT);
    context.set_text_baseline("middle");

    rounded_rectangle(&context, width, height);
    context.set_fill_style_str(PAPER);
    context.fill();
    context.set_stroke_style_str(LINE);
    context.set_line_width(2.0);
    context.stroke();

    context.begin_path();
    context
        .arc(
            PADDING + DOT_RADIUS,
            height / 2.0,
            DOT_RADIUS,
            0.0,
            std::f64::consts::TAU,
        )
        .ok()?;
    context.set_fill_style_str(&hues::css(hue));
    context.fill();

    context.set_fill_style_str(INK);
    let mut middle = height / 2.0 - (line_count - 1.0) * LINE_HEIGHT / 2.0;
    for line in &lines {
        context.fill_text(line, TEXT_LEFT, middle + 1.0).ok()?;
        middle += LINE_HEIGHT;
    }
    let (right, bottom) = (i32::try_from(columns).ok()?, i32::try_from(rows).ok()?);
    let mut pixels = context.get_image_data(0, 0, right, bottom).ok()?.data().0;
    premultiply(&mut pixels);
    Some((columns, rows, pixels))
}

fn context(canvas: &OffscreenCanvas) -> Option<OffscreenCanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

fn rounded_rectangle(context: &OffscreenCanvasRenderingContext2d, width: f64, height: f64) {
    let (left, top, right, bottom) = (1.0, 1.0, width - 1.0, height - 1.0);
    context.begin_path();
    context.move_to(left + RADIUS, top);
    // `arcTo` fails for a negative radius only.
    let _corners = [
        context.arc_to(right, top, right, bottom, RADIUS),
        context.arc_to(right, bottom, left, bottom, RADIUS),
        context.arc_to(left, bottom, left, top, RADIUS),
        context.arc_to(left, top, right, top, RADIUS),
    ];
    context.close_path();
}

/// Breaks a text into lines that fit: at spaces, else between characters. What does not fit into the last line is cut
/// with an ellipsis.
fn lines(text: &str, width_of: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && lines.len() < MAX_LINES {
        let fitting = fitting(rest, &width_of);
        let (line, after) = rest.split_at(fitting);
        let more = !after.trim().is_empty();
        if more && lines.len() + 1 == MAX_LINES {
            let mut cut: String = line.trim_end().to_owned();
            cut.pop();
            cut.push('…');
            lines.push(cut);
        } else {
            lines.push(line.trim_end().to_owned());
        }
        rest = after.trim_start();
    }
    lines
}

/// How many bytes of `text` fit into a line.
fn fitting(text: &str, width_of: &impl Fn(&str) -> f64) -> usize {
    if width_of(text) <= MAX_TEXT_WIDTH && !text.contains('\n') {
        return text.len();
    }
    let mut last_space = None;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        if character == '\n' {
            return at;
        }
        let next = at + character.len_utf8();
        if at > 0 && width_of(&text[..next]) > MAX_TEXT_WIDTH {
            break;
        }
        if character.is_whitespace() {
            last_space = Some(at);
        }
        end = next;
    }
    match last_space {
        Some(space) if space > 0 && end < text.len() => space,
        _ => end,
    }
}

fn premultiply(pixels: &mut [u8]) {
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = u16::from(pixel[3]);
        if alpha < 255 {
            for channel in &mut pixel[..3] {
                *channel = (u16::from(*channel) * alpha / 255) as u8;
            }
        }
    }
}
