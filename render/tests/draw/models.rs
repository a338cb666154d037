//! Models are where they stand and look as their materials say: flat shapes whose pixels can be worked
//! out by hand.

use render::glam::{Mat4, Vec3};
use render::model::{Alpha, Image, ImageKind, Material, Model};
use render::{
    Backdrop, Effects, Light, ModelId, ModelInstance, Renderer, RendererConfig, Scene,
    SphericalHarmonics, View,
};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::shading;
use crate::shapes::{boxes, one_box, paint};
use crate::{draw_lit, project, view};

const SIZE: [u32; 2] = [160, 120];
const BLUE: Backdrop = Backdrop::Color([0.0, 0.0, 0.25]);

/// Nothing but what a test sets.
pub(crate) fn plain_effects() -> Effects {
    Effects {
        shadows: 0.0,
        ambient_occlusion: 0.0,
        rolls_off_highlights: false,
    }
}

fn unlit(color: [f32; 4]) -> Material {
    Material {
        base_color: color,
        unlit: true,
        ..Material::default()
    }
}

/// A main light from `direction` and the same light from everywhere; nothing is mirrored from around.
pub(crate) fn light(direction: Vec3, intensity: f32, around: f32) -> Light {
    Light {
        direction_to_light_in_world: direction,
        intensity: Vec3::splat(intensity),
        around: SphericalHarmonics::uniform(Vec3::splat(around)),
        reflections: Vec3::ZERO,
    }
}

/// Straight at the origin from two metres.
fn front() -> View {
    view(
        [0, 0, SIZE[0], SIZE[1]],
        Vec3::new(0.0, 0.0, 2.0),
        Vec3::ZERO,
    )
}

pub(crate) fn added(renderer: &mut Renderer, model: &Model) -> ModelId {
    renderer
        .add_model(model, &[])
        .expect("the model fits the device")
}

/// One picture of instances of one model.
fn picture_of(offscreen: &Offscreen, model: &Model, places: &[Mat4], light: &Light) -> Pixels {
    let mut renderer = offscreen.renderer(RendererConfig::default());
    let id = added(&mut renderer, model);
    let models: Vec<_> = places
        .iter()
        .map(|place| ModelInstance {
            stands: false,
            casts_shadow: false,
            ..ModelInstance::new(id, *place)
        })
        .collect();
    let scene = Scene {
        models: &models,
        effects: plain_effects(),
        ..Scene::default()
    };
    draw_lit(
        offscreen,
        &mut renderer,
        &[front()],
        SIZE,
        &scene,
        BLUE,
        light,
    )
    .0
}

fn srgb(linear: f32) -> f32 {
    255.0
        * if linear <= 0.003_130_8 {
            linear * 12.92
        } else {
            1.055 * linear.powf(1.0 / 2.4) - 0.055
        }
}

fn assert_color(actual: [u8; 4], linear: Vec3, what: &str) {
    for channel in 0..3 {
        let expected = srgb(linear[channel].clamp(0.0, 1.0));
        let error = (f32::from(actual[channel]) - expected).abs();
        assert!(
            error < 2.0,
            "{what}: {actual:?}, expected {expected} in channel {channel}"
        );
    }
}

#[test]
fn unlit_colours_are_exact_and_where_the_projection_says() {
    on_every_backend(|offscreen| {
        let model = one_box(Vec3::splat(0.2), unlit([0.5, 0.25, 0.125, 1.0]));
        let place = Mat4::from_translation(Vec3::new(0.3, 0.2, 0.0));
        let pixels = picture_of(offscreen, &model, &[place], &Light::default());
        let at = |x: f32, y: f32| {
            let pixel = project(&front(), Vec3::new(x, y, 0.2));
            pixels.at(pixel.x as u32, pixel.y as u32)
        };
        assert_color(at(0.3, 0.2), Vec3::new(0.5, 0.25, 0.125), "middle");
        assert_color(at(0.48, 0.38), Vec3::new(0.5, 0.25, 0.125), "just inside");
        assert_color(at(0.54, 0.44), Vec3::new(0.0, 0.0, 0.25), "just outside");
    });
}

#[test]
fn lit_colours_are_those_of_the_twin() {
    let direction = Vec3::new(0.3, 0.5, 1.0);
    let light = light(direction, 0.6, 0.3);
    on_every_backend(|offscreen| {
        for (metallic, roughness) in [(0.0, 0.9), (0.0, 0.35), (1.0, 0.5), (0.5, 0.7)] {
            let material = Material {
                metallic,
                roughness,
                ..paint([0.6, 0.4, 0.2])
            };
            let pixels = picture_of(
                offscreen,
                &one_box(Vec3::splat(0.3), material),
                &[Mat4::IDENTITY],
                &light,
            );
            for (x, y) in [(0.0, 0.0), (-0.2, 0.1), (0.2, -0.2)] {
                let point = Vec3::new(x, y, 0.3);
                let expected = shading::shaded(
                    &shading::Surface {
                        base: Vec3::new(0.6, 0.4, 0.2),
                        metallic,
                        roughness,
                        normal: Vec3::Z,
                        to_eye: (Vec3::new(0.0, 0.0, 2.0) - point).normalize(),
                    },
                    direction.normalize(),
                    0.6,
                    0.3,
                );
                let pixel = project(&front(), point);
                let actual = pixels.at(pixel.x as u32, pixel.y as u32);
                let what = format!("metallic {metallic}, roughness {roughness}, at {point}");
                assert_color(actual, expected, &what);
            }
        }
    });
}

#[test]
fn masks_blends_and_sides_are_respected() {
    on_every_backend(|offscreen| {
        let red = [0.8, 0.0, 0.0];
        let shown = |material: Material, place: Mat4| {
            let model = one_box(Vec3::new(0.3, 0.3, 0.0001), material);
            let pixels = picture_of(offscreen, &model, &[place], &Light::default());
            pixels.at(SIZE[0] / 2, SIZE[1] / 2)
        };
        let with_alpha = |alpha, mode| Material {
            alpha: mode,
            ..unlit([red[0], red[1], red[2], alpha])
        };
        let behind = Vec3::new(0.0, 0.0, 0.25);
        let masked = Alpha::Mask { cutoff: 0.5 };
        let here = Mat4::IDENTITY;
        assert_color(shown(with_alpha(0.4, masked), here), behind, "cut off");
        assert_color(
            shown(with_alpha(0.6, masked), here),
            red.into(),
            "kept, opaque",
        );
        assert_color(
            shown(with_alpha(0.4, Alpha::Opaque), here),
            red.into(),
            "alpha ignored",
        );
        let mixed = Vec3::from(red) * 0.4 + behind * 0.6;
        // Front and back face of the thin box, one over the other, each 0.4.
        let blended = shown(with_alpha(0.4, Alpha::Blend), here);
        assert_color(blended, mixed, "one side is drawn");
        let double_sided = Material {
            double_sided: true,
            ..with_alpha(0.4, Alpha::Blend)
        };
        let twice = Vec3::from(red) * 0.4 + mixed * 0.6;
        assert_color(shown(double_sided, here), twice, "both sides are drawn");
        // Mirrored, the outside stays outside.
        let mirror = Mat4::from_scale(Vec3::new(-1.0, 1.0, 1.0));
        assert_color(
            shown(unlit([0.8, 0.0, 0.0, 1.0]), mirror),
            red.into(),
            "mirrored",
        );
        assert_color(
            shown(with_alpha(0.4, Alpha::Blend), mirror),
            mixed,
            "mirrored, blended",
        );
    });
}

#[test]
fn what_is_blended_lies_over_what_is_behind_it_in_any_order() {
    on_every_backend(|offscreen| {
        let glass = |color: [f32; 3]| Material {
            alpha: Alpha::Blend,
            ..unlit([color[0], color[1], color[2], 0.5])
        };
        let thin = Vec3::new(0.3, 0.3, 0.0001);
        let at = |z: f32| Mat4::from_translation(Vec3::new(0.0, 0.0, z));
        let (near, far) = ([0.0, 0.8, 0.0], [0.8, 0.0, 0.0]);
        let expected =
            Vec3::from(near) * 0.5 + (Vec3::from(far) * 0.5 + Vec3::new(0.0, 0.0, 0.125)) * 0.5;
        for parts in [
            [(at(0.3), thin, glass(near)), (at(-0.3), thin, glass(far))],
            [(at(-0.3), thin, glass(far)), (at(0.3), thin, glass(near))],
        ] {
            let pixels = picture_of(
                offscreen,
                &boxes(&parts),
                &[Mat4::IDENTITY],
                &Light::default(),
            );
            assert_color(pixels.at(SIZE[0] / 2, SIZE[1] / 2), expected, "two panes");
        }
    });
}

#[test]
fn maps_are_read_where_their_transform_says() {
    let quarters = [
        [255, 0, 0, 255],
        [0, 255, 0, 255],
        [0, 0, 255, 255],
        [255, 255, 255, 255],
    ];
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let texture_use = render::model::TextureUse {
            image: 0,
            sampler: render::model::Sampler {
                mag_linear: false,
                ..Default::default()
            },
            coordinates: 0,
            // Half the picture, from its middle on.
            transform: [[0.5, 0.0, 0.5], [0.0, 0.5, 0.5]],
        };
        let mut model = one_box(
            Vec3::splat(0.3),
            Material {
                base_color_map: Some(texture_use),
                ..unlit([1.0; 4])
            },
        );
        model.images.push(Image {
            encoded: Vec::new(),
            kind: ImageKind::Png,
            color: true,
        });
        let texture = renderer.model_texture(true, 2, 2).expect("a small texture");
        offscreen.queue.write_texture(
            texture.as_image_copy(),
            &quarters.concat(),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(8),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width: 2,
                height: 2,
                depth_or_array_layers: 1,
            },
        );
        let id = renderer.add_model(&model, &[texture]).expect("it fits");
        let models = [ModelInstance::new(id, Mat4::IDENTITY)];
        let scene = Scene {
            models: &models,
            effects: plain_effects(),
            ..Scene::default()
        };
        let (pixels, _) = draw_lit(
            offscreen,
            &mut renderer,
            &[front()],
            SIZE,
            &scene,
            BLUE,
            &Light::default(),
        );
        let middle = pixels.at(SIZE[0] / 2, SIZE[1] / 2);
        assert_eq!(
            middle,
            [255, 255, 255, 255],
            "the last quarter fills the face"
        );
    });
}

#[test]
fn instances_are_one_draw_call_and_unseen_ones_none() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let id = added(&mut renderer, &one_box(Vec3::splat(0.05), paint([0.5; 3])));
        let place = |x: f32, y: f32, z: f32| ModelInstance {
            casts_shadow: false,
            stands: false,
            ..ModelInstance::new(id, Mat4::from_translation(Vec3::new(x, y, z)))
        };
        let seen: Vec<_> = (0..20)
            .map(|index| place(index as f32 * 0.08 - 0.8, 0.0, 0.0))
            .collect();
        let mut all = seen.clone();
        all.extend([
            place(0.0, 0.0, 5.0),
            place(30.0, 0.0, 0.0),
            place(0.0, -20.0, 0.0),
        ]);
        let mut calls = |models: &[ModelInstance]| {
            let scene = Scene {
                models,
                effects: plain_effects(),
                ..Scene::default()
            };
            let light = Light::default();
            draw_lit(
                offscreen,
                &mut renderer,
                &[front()],
                SIZE,
                &scene,
                BLUE,
                &light,
            )
            .1
        };
        let (one, twenty, with_unseen) = (calls(&seen[..1]), calls(&seen), calls(&all));
        assert_eq!(one.draw_calls, twenty.draw_calls);
        assert_eq!(
            twenty.instances - one.instances,
            2 * 19,
            "in the depth of content and in colour"
        );
        assert_eq!(with_unseen.instances, twenty.instances);
        assert_eq!(with_unseen.skipped_models, 0);
    });
}

#[test]
fn unknown_models_and_places_that_are_none_are_skipped_and_counted() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let id = added(
            &mut renderer,
            &one_box(Vec3::splat(0.2), unlit([0.8, 0.0, 0.0, 1.0])),
        );
        let gone = added(
            &mut renderer,
            &one_box(Vec3::splat(0.2), unlit([0.0, 0.8, 0.0, 1.0])),
        );
        renderer.remove_model(gone);
        let models = [
            ModelInstance::new(gone, Mat4::IDENTITY),
            ModelInstance::new(id, Mat4::from_translation(Vec3::NAN)),
            ModelInstance::new(id, Mat4::from_scale(Vec3::INFINITY)),
            ModelInstance::new(id, Mat4::IDENTITY),
        ];
        let scene = Scene {
            models: &models,
            effects: plain_effects(),
            ..Scene::default()
        };
        let (pixels, report) = draw_lit(
            offscreen,
            &mut renderer,
            &[front()],
            SIZE,
            &scene,
            BLUE,
            &Light::default(),
        );
        assert_eq!(report.skipped_models, 3);
        assert_color(
            pixels.at(SIZE[0] / 2, SIZE[1] / 2),
            Vec3::new(0.8, 0.0, 0.0),
            "the good one",
        );
    });
}

#[test]
fn tint_and_highlight_show() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let id = added(&mut renderer, &one_box(Vec3::splat(0.3), paint([0.4; 3])));
        let mut middle = |tint: [f32; 3], highlight: f32| {
            let models = [ModelInstance {
                tint,
                highlight,
                ..ModelInstance::new(id, Mat4::IDENTITY)
            }];
            let scene = Scene {
                models: &models,
                effects: plain_effects(),
                ..Scene::default()
            };
            let light = light(Vec3::Z, 0.5, 0.2);
            draw_lit(
                offscreen,
                &mut renderer,
                &[front()],
                SIZE,
                &scene,
                BLUE,
                &light,
            )
            .0
            .at(SIZE[0] / 2, SIZE[1] / 2)
        };
        let plain = middle([1.0; 3], 0.0);
        let tinted = middle([1.0, 0.5, 1.0], 0.0);
        assert!(tinted[1] + 20 < plain[1] && tinted[0].abs_diff(plain[0]) <= 1);
        let highlighted = middle([1.0; 3], 1.0);
        assert!(highlighted[0] > plain[0] + 15, "{highlighted:?} {plain:?}");
    });
}

#[test]
fn a_model_that_is_too_big_for_the_device_is_an_error() {
    on_every_backend(|offscreen| {
        let renderer = offscreen.renderer(RendererConfig::default());
        let largest = offscreen.device.limits().max_texture_dimension_2d;
        let error = renderer
            .model_texture(true, largest + 1, 1)
            .expect_err("it is too large");
        assert!(error.to_string().contains(&largest.to_string()), "{error}");
        renderer
            .model_texture(true, 0, 4)
            .expect_err("it has no pixels");
    });
}
