//! Cards over pins.

use render::glam::{Mat4, Vec3};
use render::{
    Backdrop, Error, FreeLabel, LabelId, Pin, RendererConfig, Scene, View, label_size_px,
};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::{centroid, draw_with, project, view};

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
            // Pins, their shadows, cards, composite, and the shadow map unless it is kept.
            assert_eq!(report.draw_calls - u32::from(report.shadow_map_drawn), 4);
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

/// Free labels at pseudo-random places before the eye.
fn crowd(count: u64) -> Vec<FreeLabel> {
    let place = |index: u64| {
        let part = |step: f64| ((index + 1) as f64 * step).fract() as f32 - 0.5;
        Vec3::new(
            part(0.618_034) * 0.9,
            part(0.754_878) * 2.0,
            part(0.569_84) * 0.3,
        )
    };
    (0..count)
        .map(|index| FreeLabel {
            id: LabelId(index),
            anchor_in_world: place(index),
            clearance_m: 0.0,
        })
        .collect()
}

fn is_magenta([red, green, blue, alpha]: [u8; 4]) -> bool {
    alpha > 127 && red > 127 && blue > 127 && green < 60
}

#[test]
fn thirty_cards_on_a_phone_are_one_draw_call_and_all_seen_whole() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let card_px = [140, 48];
        let magenta = [255, 0, 255, 255].repeat((card_px[0] * card_px[1]) as usize);
        for id in 0..30 {
            renderer
                .set_label(LabelId(id), card_px[0], card_px[1], &magenta)
                .expect("the bytes match the size");
        }
        let labels = crowd(30);
        let scene = Scene {
            labels: &labels,
            ..Scene::default()
        };
        let phone = view([0, 0, 390, 844], Vec3::Z * 2.0, Vec3::ZERO);
        let backdrop = Backdrop::Transparent;
        let size_px = [390, 844];
        let (drawn, report) = draw_with(
            offscreen,
            &mut renderer,
            &[phone],
            size_px,
            &scene,
            backdrop,
        );
        // Cards with the lines to them, composite.
        assert_eq!(report.draw_calls, 2);
        let areas = labels.iter().map(|label| {
            let [width, height] =
                label_size_px(card_px, 2.0 - label.anchor_in_world.z, size_px, 1.0);
            width * height
        });
        let expected: f32 = areas.sum();
        let (_, covered) = centroid(&drawn, is_magenta);
        // What two cards share would be missing here.
        let share = covered as f32 / expected;
        assert!((0.97..1.03).contains(&share), "{share}");
    });
}

#[test]
fn cards_stay_what_they_are_while_their_texture_grows() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let colors = |id: u64| [(id * 53 % 200) as u8, (id * 97 % 220) as u8, 90, 255];
        let size_of = |id: u64| [150 + (id * 31 % 90) as u32, 60 + (id * 17 % 70) as u32];
        let set = |id: u64, renderer: &mut render::Renderer| {
            let [width, height] = size_of(id);
            renderer
                .set_label(
                    LabelId(id),
                    width,
                    height,
                    &colors(id).repeat((width * height) as usize),
                )
                .expect("the bytes match the size");
        };
        for count in [3, 60, 90] {
            (0..count).for_each(|id| set(id, &mut renderer));
            for id in [0, 1, 2, count / 2, count - 1] {
                let labels = [FreeLabel {
                    id: LabelId(id),
                    anchor_in_world: Vec3::ZERO,
                    clearance_m: 0.0,
                }];
                let scene = Scene {
                    labels: &labels,
                    ..Scene::default()
                };
                let view = view([0, 0, 300, 300], Vec3::Z, Vec3::ZERO);
                let backdrop = Backdrop::Transparent;
                let (drawn, _) = draw_with(
                    offscreen,
                    &mut renderer,
                    &[view],
                    [300, 300],
                    &scene,
                    backdrop,
                );
                let alike = |pixel: [u8; 4]| {
                    pixel
                        .iter()
                        .zip(colors(id))
                        .all(|(a, b)| a.abs_diff(b) <= 2)
                };
                let (_, same) = centroid(&drawn, alike);
                let [width, height] = label_size_px(size_of(id), 1.0, [300, 300], 1.0);
                let share = same as f32 / (width * height);
                assert!((0.9..1.05).contains(&share), "{id} of {count}: {share}");
            }
        }
    });
}

#[test]
fn where_the_texture_is_full_cards_that_were_not_drawn_for_longest_go() {
    let Some(offscreen) = crate::offscreen::with_small_textures() else {
        return;
    };
    let mut renderer = offscreen.renderer(RendererConfig::default());
    // Six of them fill 2048 x 2048 pixels.
    let (width, height) = (1000, 600);
    let magenta = [255, 0, 255, 255].repeat((width * height) as usize);
    let mut seen_after = |drawn_before: &[u64], set: &[u64], asked: u64| {
        for id in set {
            renderer
                .set_label(LabelId(*id), width, height, &magenta)
                .expect("there is room for what is drawn");
        }
        let mut is_seen = |ids: &[u64]| {
            let labels: Vec<FreeLabel> = ids
                .iter()
                .map(|id| FreeLabel {
                    id: LabelId(*id),
                    anchor_in_world: Vec3::ZERO,
                    clearance_m: 0.0,
                })
                .collect();
            let scene = Scene {
                labels: &labels,
                ..Scene::default()
            };
            let view = view([0, 0, 100, 100], Vec3::Z, Vec3::ZERO);
            let backdrop = Backdrop::Transparent;
            let (drawn, _) = draw_with(
                &offscreen,
                &mut renderer,
                &[view],
                [100, 100],
                &scene,
                backdrop,
            );
            centroid(&drawn, is_magenta).1 > 0
        };
        let seen = is_seen(&[asked]);
        is_seen(drawn_before);
        seen
    };
    assert!(seen_after(&[1, 2, 3, 4, 5, 6], &[1, 2, 3, 4, 5, 6], 1));
    assert!(seen_after(&[1, 2, 4, 5, 6], &[], 3));
    // 3 was not drawn in the last frame and makes room for 7.
    assert!(seen_after(&[1, 2, 4, 5, 6], &[7], 7));
    assert!(!seen_after(&[1], &[], 3));
    assert!(seen_after(&[1], &[8, 9], 1));
    assert!(seen_after(&[1], &[], 9));
}
