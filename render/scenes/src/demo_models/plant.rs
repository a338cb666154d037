//! A plant in a clay pot: leaves cut out by their picture's alpha, seen from both sides, which bend in
//! the wind by two morph targets.

use std::f32::consts::PI;

use render::glam::{Quat, Vec3};
use render::model::Model;
use render::palette;
use serde_json::json;

use super::{file::ModelFile, mixed, noise::noise, shapes::Shape, srgb};

const LEAVES: usize = 11;
/// Across and along.
const CELLS: [u32; 2] = [4, 10];

/// How a leaf hangs over; the wind changes it.
struct Leaf {
    turn_rad: f32,
    length_m: f32,
    width_m: f32,
    /// From upright at its foot to this at its tip.
    droop_rad: f32,
    /// Sideways at its tip.
    sway_rad: f32,
}

impl Leaf {
    fn number(index: usize) -> Leaf {
        let part = index as f32 / (LEAVES - 1) as f32;
        Leaf {
            turn_rad: index as f32 * 2.399_963,
            length_m: 0.17 - 0.045 * part + 0.02 * ((index * 7 % 5) as f32 / 4.0 - 0.5),
            width_m: 0.05 - 0.008 * part,
            droop_rad: 0.7 + 1.15 * (1.0 - part) + 0.25 * ((index * 3 % 7) as f32 / 6.0 - 0.5),
            sway_rad: 0.0,
        }
    }

    /// u across, v from the foot to the tip.
    fn at(&self, u: f32, v: f32) -> Vec3 {
        // Along an arc of growing slope, in steps, so that its length stays.
        let steps = 12;
        let mut place = Vec3::ZERO;
        let mut along = Vec3::Y;
        for step in 0..steps {
            let here = (step as f32 + 0.5) / steps as f32 * v;
            let slope = 0.12 + self.droop_rad * here;
            let side = self.sway_rad * here * here;
            along = Vec3::new(
                side.sin() * slope.cos().abs().max(0.4),
                slope.cos(),
                slope.sin(),
            )
            .normalize();
            place += along * (self.length_m * v / steps as f32);
        }
        let across = Vec3::X - along * along.x;
        // A fold along the middle.
        let fold = along.cross(across).normalize() * -((u - 0.5).abs() * 0.35 * self.width_m);
        let leaf = place + across * ((u - 0.5) * self.width_m) + fold;
        Quat::from_rotation_y(self.turn_rad) * leaf + Vec3::Y * 0.088
    }

    fn shape(&self) -> Shape {
        Shape::sheet(CELLS, |u, v| self.at(u, v))
    }
}

/// All leaves, each a little changed.
fn leaves(change: impl Fn(usize, &mut Leaf)) -> Shape {
    (0..LEAVES)
        .map(|index| {
            let mut leaf = Leaf::number(index);
            change(index, &mut leaf);
            leaf.shape()
        })
        .fold(Shape::default(), Shape::and)
}

/// 0.24 m high. Its animation "wind" lasts 3 s.
pub(crate) fn plant() -> Model {
    let mut file = ModelFile::default();
    let clay = file.paint(palette::linear_from_hex(0xc4694a), 0.0, 0.8);
    let earth = file.paint([0.035, 0.022, 0.015], 0.0, 1.0);
    let picture = file.picture([128, 256], leaf_color);
    let green = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": picture, "metallicFactor": 0.0, "roughnessFactor": 0.5,
        },
        "alphaMode": "MASK", "alphaCutoff": 0.5, "doubleSided": true,
    }));
    let pot = Shape::turned(
        &[
            [0.0, 0.0],
            [0.038, 0.0],
            [0.041, 0.003],
            [0.052, 0.072],
            [0.058, 0.073],
            [0.0605, 0.076],
            [0.0605, 0.092],
            [0.058, 0.095],
            [0.053, 0.095],
            [0.051, 0.09],
            [0.0505, 0.082],
        ],
        40,
    );
    let soil = Shape::turned(&[[0.0515, 0.082], [0.03, 0.086], [0.0, 0.088]], 24);
    let parts = vec![file.part(&pot, clay), file.part(&soil, earth)];
    file.stand(parts);

    let rest = leaves(|_, _| {});
    let mut part = file.part(&rest, green);
    let bent = leaves(|index, leaf| leaf.sway_rad = 0.55 + 0.1 * (index % 3) as f32);
    let bowed = leaves(|index, leaf| leaf.droop_rad += 0.22 + 0.08 * (index % 4) as f32);
    let mut targets = Vec::new();
    for target in [bent, bowed] {
        let change = |to: &[Vec3], from: &[Vec3]| -> Vec<f32> {
            to.iter()
                .zip(from)
                .flat_map(|(to, from)| (*to - *from).to_array())
                .collect()
        };
        targets.push(json!({
            "POSITION": file.glb.floats("VEC3", &change(&target.positions, &rest.positions)),
            "NORMAL": file.glb.floats("VEC3", &change(&target.normals, &rest.normals)),
        }));
    }
    part["targets"] = json!(targets);
    let mesh = file.mesh(vec![part]);
    let node = file
        .glb
        .root(json!({ "mesh": mesh, "weights": [0.0, 0.0] }));

    let times: Vec<f32> = (0..=24).map(|step| step as f32 * 0.125).collect();
    let weights: Vec<f32> = times
        .iter()
        .flat_map(|time| {
            let phase = time / 3.0 * 2.0 * PI;
            [phase.sin(), 0.5 - 0.5 * (phase + 0.8).cos()]
        })
        .collect();
    let sampler = file.sampler(&times, "SCALAR", &weights);
    file.glb.push(
        "animations",
        json!({
            "name": "wind", "samplers": [sampler],
            "channels": [{ "sampler": 0, "target": { "node": node, "path": "weights" } }],
        }),
    );
    file.read()
}

/// A pointed leaf with veins; clear around it.
fn leaf_color(u: f32, v: f32) -> [f32; 4] {
    let from_middle = (u - 0.5).abs() * 2.0;
    // Narrow stalk, widest at a third, pointed.
    let blade = ((v - 0.08) / 0.92).clamp(0.0, 1.0);
    let width = (2.6 * blade.powf(0.62) * (1.0 - blade).powf(0.85)).min(0.96);
    let wide = if v < 0.14 { width.max(0.09) } else { width };
    let inside = (wide - from_middle) * 24.0 + 0.5;
    let vein = ((v * 9.0 - from_middle * 1.6).fract() - 0.5).abs() < 0.035;
    let rib = from_middle < 0.035;
    let spots = 0.5 + 0.5 * noise(Vec3::new(u * 6.0, v * 12.0, 1.5), 3);
    let base = mixed(
        srgb(0x2f7a4c),
        srgb(0x56a35a),
        spots * 0.6 + 0.4 * from_middle,
    );
    let [red, green, blue] = if rib || vein {
        mixed(base, srgb(0xa9cf8a), 0.55)
    } else {
        base
    };
    [red, green, blue, inside.clamp(0.0, 1.0)]
}
