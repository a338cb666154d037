//! Golden images of whole scenes with models.

use crate::demo_scene::card;
use crate::goldens::{SIZE_PX, check};
use crate::model_scenes::{MODEL_SCENES, draw_scene};

#[test]
fn scenes_are_those_of_the_golden_images() {
    for (name, scene) in MODEL_SCENES {
        check(name, |offscreen| {
            let mut plain_card = |text: &str, accent: u32| {
                let width = 70 + 15 * text.len() as u32;
                let [_, rgb @ ..] = accent.to_be_bytes();
                (width, 60, card(width, 60, rgb))
            };
            draw_scene(offscreen, scene, SIZE_PX, 0.5, &mut plain_card)
        });
    }
}
