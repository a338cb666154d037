//! A flask of thin glass with a coloured liquid: both are blended over what is behind.

use render::model::Model;
use serde_json::json;

use super::{file::ModelFile, shapes::Shape};

/// 0.19 m high, 0.13 m wide. Linear colour of the liquid.
pub(crate) fn flask(liquid: [f32; 3]) -> Model {
    let mut file = ModelFile::default();
    let clear = |color: [f32; 3], alpha: f32, roughness: f32, double_sided: bool| {
        let [red, green, blue] = color;
        json!({
            "pbrMetallicRoughness": {
                "baseColorFactor": [red, green, blue, alpha], "metallicFactor": 0.0, "roughnessFactor": roughness,
            },
            "alphaMode": "BLEND", "doubleSided": double_sided,
        })
    };
    let glass = file.material(clear([0.40, 0.47, 0.48], 0.16, 0.05, true));
    let fluid = file.material(clear(liquid, 0.72, 0.1, false));
    let rim = file.material(clear([0.62, 0.7, 0.72], 0.5, 0.08, false));
    let wall = Shape::turned(
        &[
            [0.0, 0.001],
            [0.056, 0.001],
            [0.0615, 0.003],
            [0.065, 0.009],
            [0.064, 0.016],
            [0.028, 0.108],
            [0.0215, 0.12],
            [0.019, 0.132],
            [0.019, 0.172],
            [0.0205, 0.178],
        ],
        48,
    );
    let lip = Shape::turned(
        &[
            [0.0205, 0.178],
            [0.0245, 0.181],
            [0.0248, 0.184],
            [0.0225, 0.1855],
            [0.0195, 0.183],
            [0.0185, 0.178],
        ],
        48,
    );
    let filling = Shape::turned(
        &[
            [0.0, 0.004],
            [0.056, 0.004],
            [0.0615, 0.009],
            [0.0615, 0.015],
            [0.0455, 0.056],
            [0.0, 0.056],
        ],
        48,
    );
    // Liquid first: what is blended is drawn from far to near, and the wall is nearer than it.
    let parts = vec![
        file.part(&filling, fluid),
        file.part(&wall, glass),
        file.part(&lip, rim),
    ];
    file.stand(parts);
    file.read()
}
