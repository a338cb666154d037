//! Pictures for displays through which the world is seen: laid over it by alpha, or added to its light.
//! Here the world is the made-up room, put under the picture as a browser or a pair of glasses would.

use render::{Backdrop, RealWorld, Scene, palette};

use super::desk::{AT, EYE, FOV_RAD, things};
use super::stage::{Stage, desk_polygon, ground};
use crate::offscreen::Pixels;
use crate::real_room;

pub(super) fn draw(stage: &mut Stage, added: bool) -> Pixels {
    let view = stage.view(EYE, AT, FOV_RAD);
    stage.reflect(32, real_room::radiance);
    let models = things(stage);
    let desk = desk_polygon();
    let scene = Scene {
        models: &models,
        real_world: RealWorld {
            surfaces: &[ground(&desk)],
            ..RealWorld::default()
        },
        ..Scene::default()
    };
    let backdrop = if added {
        Backdrop::Additive
    } else {
        Backdrop::Transparent
    };
    let mut pixels = stage.draw(&[view], &real_room::light(), &scene, backdrop);
    let ([width, _], room) = stage.photograph(&view);
    let scale = pixels.width as f32 / width as f32;
    for index in 0..(pixels.width * pixels.height) as usize {
        let (x, y) = (index as u32 % pixels.width, index as u32 / pixels.width);
        let behind = ((y as f32 / scale) as u32 * width + (x as f32 / scale) as u32) as usize * 4;
        let alpha = f32::from(pixels.rgba[index * 4 + 3]) / 255.0;
        for channel in 0..3 {
            let over = pixels.rgba[index * 4 + channel];
            let under = room[behind + channel];
            pixels.rgba[index * 4 + channel] = if added {
                // Glasses dim the world a little.
                let light =
                    palette::linear_from_byte(over) + 0.6 * palette::linear_from_byte(under);
                palette::byte_from_linear(light)
            } else {
                (f32::from(over) + (1.0 - alpha) * f32::from(under) + 0.5).min(255.0) as u8
            };
        }
        pixels.rgba[index * 4 + 3] = 255;
    }
    pixels
}
