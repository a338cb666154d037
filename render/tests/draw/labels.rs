//! Cards over pins.

use render::glam::{Mat4, Vec3};
use render::{Backdrop, Error, LabelId, Pin, RendererConfig, Scene, View, label_size_px};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::{draw_with, project, view};

const CARD_PX: [u32; 2] = [200, 60];
/// Where a pin's card hangs, from `pins.rs`.
const TOP: Vec3 = Vec3::new(0.0, 0.137, 0.0);

fn magenta_card() -> Vec<u8> {
    [255, 0, 255, 255].repeat((CARD_PX[0] * CARD_PX[1]) as usize)
}

fn draw_card(offscreen: &Offscreen, view: View) -> Pixels {
    let mut renderer = offscreen.renderer(RendererConfig::default());
    renderer
        .set_label(LabelId(7), CARD_PX[0], CARD_PX[1], &magenta_card())
        .expect("the bytes match the size");
    let size_px = [view.viewport_px[2], view.viewport_px[3]];
    draw_with(
        offscreen,
        &mut renderer,
        &[view],
        size_px,
        &scene(&labelled_pin()),
        Backdrop::Transparent,
    )
    .0
}

fn labelled_pin() -> [Pin; 1] {
    [Pin {
        world_from_pin: Mat4::IDENTITY,
        color: [0.1, 0.8, 0.1],
        label: Some(LabelId(7)),
        drop: 0.0,
    }]
}

fn scene(pins: &[Pin]) -> Scene<'_> {
    Scene {
        pins,
        ..Scene::default()
    }
}

/// Left, top, right, bottom of the magenta pixels, edges at integers.
fn bounds(pixels: &Pixels) -> Option<[f32; 4]> {
    let mut bounds: Option<[f32; 4]> = None;
    for y in 0..pixels.height {
        for x in 0..pixels.width {
            let [red, green, blue, alpha] = pixels.at(x, y);
            if alpha > 127 && red > 127 && blue > 127 && green < 60 {
                let (x, y) = (x as f32, y as f32);
                let known = bounds.unwrap_or([x, y, x, y]);
                bounds = Some([
                    known[0].min(x),
                    known[1].min(y),
                    known[2].max(x + 1.0),
                    known[3].max(y + 1.0),
                ]);
            }
        }
    }
    bounds
}

#[test]
fn card_has_its_bounded_size_and_hangs_over_the_pin() {
    on_every_backend(|offscreen| {
        for (view_px, distance) in [
            ([600, 400], 0.4),
            ([600, 400], 1.0),
            ([600, 400], 6.0),
            ([240, 500], 0.3),
            ([240, 500], 3.0),
        ] {
            let eye = Vec3::new(0.0, 0.137, distance);
            let view = view([0, 0, view_px[0], view_px[1]], eye, TOP);
            let drawn = draw_card(offscreen, view);
            let [left, top, right, bottom] = bounds(&drawn).expect("the card is seen");
            let [width, height] = label_size_px(CARD_PX, distance, view_px, 1.0);
            assert!(
                (right - left - width).abs() <= 1.5,
                "{} is not {width}",
                right - left
            );
            assert!(
                (bottom - top - height).abs() <= 1.5,
                "{} is not {height}",
                bottom - top
            );
            assert!(right - left <= view_px[0] as f32 / 3.0 + 1.0);
            let anchor = project(&view, TOP);
            assert!(((left + right) * 0.5 - anchor.x).abs() <= 1.0);
            assert!(
                bottom < anchor.y && bottom > anchor.y - 12.0,
                "{bottom} over {}",
                anchor.y
            );
        }
    });
}

#[test]
fn card_keeps_off_the_pin_when_seen_from_above() {
    on_every_backend(|offscreen| {
        let view = view([0, 0, 400, 400], Vec3::new(0.0, 0.6, 0.01), Vec3::ZERO);
        let drawn = draw_card(offscreen, view);
        let [_, _, _, bottom] = bounds(&drawn).expect("the card is seen");
        let sphere = project(&view, Vec3::new(0.0, 0.115, -0.022));
        assert!(
            bottom <= sphere.y,
            "{bottom} covers the sphere at {}",
            sphere.y
        );
    });
}

#[test]
fn card_is_not_seen_behind_the_viewer_or_once_removed() {
    on_every_backend(|offscreen| {
        let away = view(
            [0, 0, 300, 200],
            Vec3::new(0.0, 0.1, 0.5),
            Vec3::new(0.0, 0.1, 2.0),
        );
        assert_eq!(bounds(&draw_card(offscreen, away)), None);

        let mut renderer = offscreen.renderer(RendererConfig::default());
        renderer
            .set_label(LabelId(7), CARD_PX[0], CARD_PX[1], &magenta_card())
            .expect("the bytes match the size");
        renderer.remove_label(LabelId(7));
        renderer.remove_label(LabelId(8));
        let view = view([0, 0, 300, 200], Vec3::new(0.0, 0.2, 0.6), TOP);
        let (drawn, _) = draw_with(
            offscreen,
            &mut renderer,
            &[view],
            [300, 200],
            &scene(&labelled_pin()),
            Backdrop::Transparent,
        );
        assert_eq!(bounds(&drawn), None);
    });
}

#[test]
fn nearer_cards_cover_farther_ones() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let card = |color: [u8; 4]| color.repeat((CARD_PX[0] * CARD_PX[1]) as usize);
        for (id, color) in [(1, [255, 0, 255, 255]), (2, [0, 0, 255, 255])] {
            renderer
                .set_label(LabelId(id), CARD_PX[0], CARD_PX[1], &card(color))
                .expect("the bytes match the size");
        }
        let pin = |z: f32, id: u64| Pin {
            world_from_pin: Mat4::from_translation(Vec3::new(0.0, 0.0, z)),
            label: Some(LabelId(id)),
            ..labelled_pin()[0]
        };
        let view = view([0, 0, 400, 300], Vec3::new(0.0, 0.137, 1.0), TOP);
        let near_is_magenta = |pins: [Pin; 2], renderer: &mut render::Renderer| {
            let (drawn, report) = draw_with(
                offscreen,
                renderer,
                &[view],
                [400, 300],
                &scene(&pins),
                Backdrop::Transparent,
            );
            // Pins, shadow catcher, two cards, composite, and the shadow map unless it is kept.
            assert_eq!(report.draw_calls - u32::from(report.shadow_map_drawn), 5);
            drawn.at(200, 125)[0] > 127
        };
        assert!(near_is_magenta([pin(0.0, 1), pin(-0.3, 2)], &mut renderer));
        assert!(near_is_magenta([pin(-0.3, 2), pin(0.0, 1)], &mut renderer));
        assert!(!near_is_magenta([pin(-0.3, 1), pin(0.0, 2)], &mut renderer));
    });
}

#[test]
fn bitmaps_that_do_not_fit_are_errors() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        assert!(matches!(
            renderer.set_label(LabelId(1), 2, 2, &[0; 15]),
            Err(Error::LabelSize {
                required: 16,
                actual: 15,
                ..
            })
        ));
        for (width, height) in [(0, 4), (4, 0), (u32::MAX, 1)] {
            let refused = renderer.set_label(LabelId(1), width, height, &[]);
            assert!(matches!(refused, Err(Error::LabelSize { required: 0, .. })));
        }
    });
}
