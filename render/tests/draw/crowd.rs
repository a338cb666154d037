//! Models share buffers that grow and are filled again: each keeps its shape while others come and go.

use render::glam::{Mat4, Vec3};
use render::model::Material;
use render::{Backdrop, ModelId, ModelInstance, Renderer, RendererConfig, Scene};

use crate::models::{added, light, plain_effects};
use crate::offscreen::on_every_backend;
use crate::shapes::{boxes, one_box};
use crate::{draw_lit, project, view};

const ACROSS: u32 = 20;
const DOWN: u32 = 14;
const SIZE: [u32; 2] = [320, 240];

fn unlit(color: Vec3) -> Material {
    Material {
        base_color: color.extend(1.0).to_array(),
        unlit: true,
        ..Material::default()
    }
}

/// Another one for each index, none of them black.
fn color(index: u32) -> Vec3 {
    let part = |step: f32| (index as f32 * step).fract();
    Vec3::new(0.1 + 0.9 * part(0.618), part(0.755), part(0.57))
}

fn place(index: u32) -> Vec3 {
    let (column, row) = ((index % ACROSS) as f32, (index / ACROSS) as f32);
    Vec3::new(
        (column - (ACROSS as f32 - 1.0) * 0.5) * 0.1,
        (row - (DOWN as f32 - 1.0) * 0.5) * 0.1,
        0.0,
    )
}

/// Something large that is never shown.
fn filler(renderer: &mut Renderer, parts: usize) -> ModelId {
    let part = (Mat4::IDENTITY, Vec3::ONE, unlit(Vec3::X));
    added(renderer, &boxes(&vec![part; parts]))
}

#[test]
fn each_keeps_its_shape_while_others_come_and_go() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let tile = |renderer: &mut Renderer, index| {
            added(
                renderer,
                &one_box(Vec3::new(0.03, 0.03, 0.001), unlit(color(index))),
            )
        };
        let mut shown = Vec::new();
        let mut fillers = Vec::new();
        for index in 0..ACROSS * DOWN {
            shown.push(tile(&mut renderer, index));
            fillers.push(filler(&mut renderer, 6));
        }
        for (index, filler) in fillers.iter().enumerate() {
            if index % 2 == 0 {
                renderer.remove_model(*filler);
            }
        }
        // Into the holes, and beyond them.
        for index in (0..ACROSS * DOWN).step_by(3) {
            renderer.remove_model(shown[index as usize]);
            filler(&mut renderer, 5);
            shown[index as usize] = tile(&mut renderer, index);
            filler(&mut renderer, 9);
        }
        let models: Vec<_> = (0..)
            .zip(&shown)
            .map(|(index, model)| ModelInstance {
                stands: false,
                casts_shadow: false,
                ..ModelInstance::new(*model, Mat4::from_translation(place(index)))
            })
            .collect();
        let scene = Scene {
            models: &models,
            effects: plain_effects(),
            ..Scene::default()
        };
        let eye = view(
            [0, 0, SIZE[0], SIZE[1]],
            Vec3::new(0.0, 0.0, 2.0),
            Vec3::ZERO,
        );
        let black = Backdrop::Color([0.0; 3]);
        let dark = light(Vec3::Y, 0.0, 0.0);
        let (pixels, report) =
            draw_lit(offscreen, &mut renderer, &[eye], SIZE, &scene, black, &dark);
        assert_eq!(report.skipped_models, 0);
        for index in 0..ACROSS * DOWN {
            let at = project(&eye, place(index)).as_uvec2();
            let seen = pixels.at(at.x, at.y);
            let wanted = color(index)
                .to_array()
                .map(render::palette::byte_from_linear);
            for (seen, wanted) in seen.into_iter().zip(wanted) {
                assert!(seen.abs_diff(wanted) <= 2, "{index}: {seen}, not {wanted}");
            }
            // Between the tiles there is nothing.
            let gap = project(&eye, place(index) + Vec3::X * 0.05).as_uvec2();
            assert_eq!(pixels.at(gap.x, gap.y)[..3], [0; 3], "{index}");
        }
    });
}
