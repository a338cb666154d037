//! Twenty things of a class-room, each one draw of about 3,300 triangles with a picture of its own: turned
//! bodies, balls, and furniture of soft blocks. Written as GLB.

use std::f32::consts::{PI, TAU};

use render::glam::{Mat4, Vec3};
use serde_json::json;

use crate::demo_models::{ModelFile, Shape, mixed, noise, srgb};

/// Triangles that a thing should have.
const TRIANGLES: u32 = 3_333;
const PICTURE_PX: [u32; 2] = [128, 128];

/// A thing: its file and the triangles in it.
pub struct Thing {
    /// A name for files.
    pub name: &'static str,
    /// GLB, 0.2 to 0.5 m large, standing on its origin.
    pub glb: Vec<u8>,
    /// Triangles of its only draw.
    pub triangles: u32,
}

/// What a surface is made of: two colours `0xRRGGBB`, how they alternate, metallic, roughness.
struct Look {
    colors: [u32; 2],
    pattern: Pattern,
    metallic: f32,
    roughness: f32,
}

#[derive(Clone, Copy)]
enum Pattern {
    Rings(f32),
    Sectors(f32),
    Clouds,
    Grain,
}

impl Pattern {
    /// How much of the second colour is at u and v.
    fn share(self, u: f32, v: f32) -> f32 {
        match self {
            Pattern::Rings(count) => ((v * count).fract() * 2.0 - 1.0).abs().round(),
            Pattern::Sectors(count) => ((u * count).fract() * 2.0 - 1.0).abs().round(),
            Pattern::Clouds => {
                let (longitude, polar) = (u * TAU, v * PI);
                let at = Vec3::new(
                    polar.sin() * longitude.sin(),
                    polar.cos(),
                    polar.sin() * longitude.cos(),
                );
                (noise(at * 2.2, 5) * 3.0 + 0.5).clamp(0.0, 1.0)
            }
            Pattern::Grain => {
                let bent = v + 0.03 * noise(Vec3::new(u * 2.0, v * 3.0, 0.5), 2);
                0.5 + 0.5 * (bent * 40.0 + 2.0 * noise(Vec3::new(u, bent * 6.0, 3.5), 2)).sin()
            }
        }
    }
}

const fn look(colors: [u32; 2], pattern: Pattern, metallic: f32, roughness: f32) -> Look {
    Look {
        colors,
        pattern,
        metallic,
        roughness,
    }
}

/// All twenty.
pub fn things() -> Vec<Thing> {
    use Pattern::{Clouds, Grain, Rings, Sectors};
    let wood = [0xcfa06a, 0x9a6a3e];
    let paint = |first, second, pattern| look([first, second], pattern, 0.0, 0.5);
    let metal = |first, second, roughness| look([first, second], Rings(6.0), 1.0, roughness);
    let made: [(&str, Shape, Look); 20] = [
        ("globe", ball(0.17), paint(0x2f6fb4, 0x5fa06f, Clouds)),
        (
            "beach-ball",
            ball(0.15),
            paint(0xf4f5f2, 0xd6336c, Sectors(3.0)),
        ),
        ("moon", ball(0.13), paint(0xb9b6ae, 0x7d7a72, Clouds)),
        ("vase", turned(VASE), paint(0x2c4a6e, 0xe9e4d6, Rings(5.0))),
        ("bowl", turned(BOWL), paint(0xc9553a, 0xf0c9a0, Rings(3.0))),
        ("cup", turned(CUP), paint(0xf4f5f2, 0x2f7df6, Rings(4.0))),
        (
            "bottle",
            turned(BOTTLE),
            paint(0x2f7d63, 0xa8d5c2, Rings(2.0)),
        ),
        ("bin", turned(BIN), metal(0x8f959b, 0xc7ccd1, 0.35)),
        ("cone", turned(CONE), paint(0xff6a3d, 0xf7f6f2, Rings(3.0))),
        ("bell", turned(BELL), metal(0xd9a441, 0xe8c27a, 0.25)),
        ("pawn", turned(PAWN), look(wood, Grain, 0.0, 0.4)),
        ("top", turned(TOP), paint(0xe2a100, 0xd6336c, Rings(6.0))),
        ("stool", turned(STOOL), look(wood, Grain, 0.0, 0.6)),
        (
            "lamp",
            turned(LAMP),
            paint(0xf0e6c8, 0xe2a100, Sectors(12.0)),
        ),
        ("weight", turned(WEIGHT), metal(0x5d6167, 0x7f858c, 0.4)),
        (
            "drum",
            turned(DRUM),
            paint(0xd6336c, 0xf4f5f2, Sectors(8.0)),
        ),
        ("chair", chair(), look(wood, Grain, 0.0, 0.55)),
        (
            "table",
            table(),
            look([0x9a6a3e, 0x7a5230], Grain, 0.0, 0.5),
        ),
        ("books", books(), paint(0x2c4a6e, 0xc9553a, Rings(2.0))),
        ("bricks", bricks(), paint(0xff6a3d, 0x2f7df6, Sectors(2.0))),
    ];
    made.into_iter()
        .map(|(name, shape, look)| thing(name, &shape, &look))
        .collect()
}

fn thing(name: &'static str, shape: &Shape, look: &Look) -> Thing {
    let mut file = ModelFile::default();
    let [first, second] = look.colors.map(srgb);
    let picture = file.picture(PICTURE_PX, |u, v| {
        let [red, green, blue] = mixed(first, second, look.pattern.share(u, v));
        [red, green, blue, 1.0]
    });
    let material = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": picture,
            "metallicFactor": look.metallic,
            "roughnessFactor": look.roughness,
        },
    }));
    let mut shape = shape.clone();
    shape.tangents.clear();
    let parts = vec![file.part(&shape, material)];
    file.stand(parts);
    Thing {
        name,
        glb: file.glb.glb(),
        triangles: (shape.indices.len() / 3) as u32,
    }
}

/// A ball on the ground.
fn ball(radius_m: f32) -> Shape {
    Shape::ball(radius_m, 58).at(0.0, radius_m, 0.0)
}

/// A profile turned with as many sides as its triangles allow.
fn turned(profile: &[[f32; 2]]) -> Shape {
    // Two triangles a side and stretch, one where it meets the axis.
    let at_axis = |stretch: &[[f32; 2]]| stretch.iter().any(|end| end[0] < 1e-6);
    let a_side: u32 = profile
        .windows(2)
        .map(|stretch| if at_axis(stretch) { 1 } else { 2 })
        .sum();
    Shape::turned(profile, (TRIANGLES + a_side / 2) / a_side)
}

/// Blocks with a cushion whose triangles make up for what they lack.
fn with_cushion(blocks: Shape, middle: Vec3, half: Vec3) -> Shape {
    let left = TRIANGLES.saturating_sub((blocks.indices.len() / 3) as u32);
    // A ball of n segments has n (n - 2) triangles.
    let segments = (1.0 + (1.0 + left as f32).sqrt()) as u32 & !1;
    let stretched = |shape: Shape| {
        let mut shape = shape;
        for (position, normal) in shape.positions.iter_mut().zip(&mut shape.normals) {
            *position = *position * half + middle;
            *normal = (*normal / half).normalize_or(Vec3::Y);
        }
        shape
    };
    blocks.and(stretched(Shape::ball(1.0, segments)))
}

fn block(middle: [f32; 3], half: [f32; 3]) -> Shape {
    let [x, y, z] = middle;
    Shape::block(Vec3::from_array(half), 0.006).at(x, y, z)
}

fn legs(half: [f32; 2], height_m: f32) -> Shape {
    let leg = |x: f32, z: f32| block([x, height_m * 0.5, z], [0.014, height_m * 0.5, 0.014]);
    let [x, z] = half;
    leg(-x, -z).and(leg(x, -z)).and(leg(-x, z)).and(leg(x, z))
}

fn chair() -> Shape {
    let seat = block([0.0, 0.22, 0.0], [0.13, 0.012, 0.13]);
    let back = block([0.0, 0.38, -0.12], [0.13, 0.09, 0.01]);
    let posts = block([-0.11, 0.28, -0.12], [0.012, 0.06, 0.01])
        .and(block([0.11, 0.28, -0.12], [0.012, 0.06, 0.01]));
    let wood = legs([0.11, 0.11], 0.21).and(seat).and(back).and(posts);
    with_cushion(
        wood,
        Vec3::new(0.0, 0.245, 0.01),
        Vec3::new(0.11, 0.022, 0.1),
    )
}

fn table() -> Shape {
    let wood = legs([0.2, 0.13], 0.26).and(block([0.0, 0.275, 0.0], [0.24, 0.014, 0.16]));
    with_cushion(
        wood,
        Vec3::new(0.05, 0.33, 0.0),
        Vec3::new(0.05, 0.045, 0.05),
    )
}

fn books() -> Shape {
    let mut shape = Shape::default();
    for (index, (half, turn)) in [
        ([0.15, 0.022, 0.11], 0.06),
        ([0.14, 0.018, 0.1], -0.2),
        ([0.12, 0.02, 0.09], 0.3),
    ]
    .into_iter()
    .enumerate()
    {
        let lifted = Mat4::from_translation(Vec3::Y * (0.022 + 0.042 * index as f32));
        let turned = lifted * Mat4::from_rotation_y(turn);
        shape = shape.and(Shape::block(Vec3::from_array(half), 0.006).moved(turned));
    }
    with_cushion(shape, Vec3::new(0.0, 0.16, 0.0), Vec3::splat(0.04))
}

fn bricks() -> Shape {
    let mut shape = Shape::default();
    for (x, y) in [
        (-0.11, 0),
        (0.0, 0),
        (0.11, 0),
        (-0.055, 1),
        (0.055, 1),
        (0.0, 2),
    ] {
        shape = shape.and(block([x, 0.05 + 0.1 * y as f32, 0.0], [0.05, 0.05, 0.05]));
    }
    with_cushion(shape, Vec3::new(0.0, 0.335, 0.0), Vec3::splat(0.035))
}

const VASE: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.06, 0.0],
    [0.08, 0.02],
    [0.11, 0.08],
    [0.12, 0.14],
    [0.1, 0.2],
    [0.06, 0.26],
    [0.045, 0.3],
    [0.05, 0.34],
    [0.07, 0.37],
    [0.062, 0.37],
    [0.042, 0.335],
    [0.036, 0.3],
];
const BOWL: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.07, 0.0],
    [0.075, 0.015],
    [0.12, 0.05],
    [0.155, 0.1],
    [0.17, 0.15],
    [0.162, 0.15],
    [0.145, 0.1],
    [0.11, 0.055],
    [0.06, 0.025],
    [0.0, 0.02],
];
const CUP: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.08, 0.0],
    [0.09, 0.01],
    [0.1, 0.08],
    [0.11, 0.2],
    [0.103, 0.2],
    [0.093, 0.08],
    [0.08, 0.02],
    [0.0, 0.015],
];
const BOTTLE: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.065, 0.0],
    [0.075, 0.012],
    [0.075, 0.2],
    [0.06, 0.24],
    [0.03, 0.28],
    [0.027, 0.34],
    [0.033, 0.345],
    [0.033, 0.37],
    [0.022, 0.37],
    [0.0, 0.36],
];
const BIN: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.1, 0.0],
    [0.105, 0.006],
    [0.14, 0.3],
    [0.148, 0.31],
    [0.142, 0.316],
    [0.133, 0.3],
    [0.098, 0.012],
    [0.0, 0.01],
];
const CONE: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.14, 0.0],
    [0.14, 0.015],
    [0.1, 0.02],
    [0.075, 0.13],
    [0.05, 0.24],
    [0.03, 0.33],
    [0.022, 0.345],
    [0.0, 0.35],
];
const BELL: &[[f32; 2]] = &[
    [0.0, 0.02],
    [0.11, 0.0],
    [0.125, 0.005],
    [0.1, 0.05],
    [0.085, 0.12],
    [0.07, 0.18],
    [0.03, 0.22],
    [0.015, 0.235],
    [0.025, 0.26],
    [0.015, 0.285],
    [0.0, 0.29],
];
const PAWN: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.1, 0.0],
    [0.1, 0.03],
    [0.08, 0.05],
    [0.05, 0.09],
    [0.035, 0.18],
    [0.06, 0.2],
    [0.035, 0.215],
    [0.06, 0.25],
    [0.066, 0.28],
    [0.05, 0.32],
    [0.0, 0.34],
];
const TOP: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.02, 0.03],
    [0.08, 0.09],
    [0.13, 0.14],
    [0.135, 0.16],
    [0.08, 0.19],
    [0.02, 0.2],
    [0.016, 0.27],
    [0.022, 0.29],
    [0.0, 0.3],
];
const STOOL: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.13, 0.0],
    [0.13, 0.02],
    [0.04, 0.05],
    [0.03, 0.2],
    [0.05, 0.24],
    [0.14, 0.255],
    [0.15, 0.27],
    [0.14, 0.29],
    [0.0, 0.295],
];
const LAMP: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.08, 0.0],
    [0.08, 0.012],
    [0.015, 0.03],
    [0.012, 0.2],
    [0.14, 0.2],
    [0.145, 0.205],
    [0.08, 0.36],
    [0.07, 0.36],
    [0.0, 0.35],
];
const WEIGHT: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.09, 0.0],
    [0.095, 0.01],
    [0.095, 0.16],
    [0.08, 0.18],
    [0.03, 0.19],
    [0.025, 0.21],
    [0.045, 0.22],
    [0.045, 0.25],
    [0.0, 0.255],
];
const DRUM: &[[f32; 2]] = &[
    [0.0, 0.0],
    [0.15, 0.0],
    [0.155, 0.01],
    [0.15, 0.02],
    [0.14, 0.03],
    [0.14, 0.19],
    [0.15, 0.2],
    [0.155, 0.21],
    [0.15, 0.22],
    [0.0, 0.215],
];
