//! Caffeine as balls and sticks on a small foot: two flat rings and what hangs on them.

use std::f32::consts::PI;

use render::glam::{Mat4, Vec2, Vec3};
use render::model::Model;
use render::palette;

use super::{file::ModelFile, shapes::Shape};

/// Metres to an angstrom.
const SCALE: f32 = 0.021;
/// Of the bonds in both rings, in angstroms; the others are written beside their use.
const RING: f32 = 1.39;
const BOND_RADIUS: f32 = 0.12;

#[derive(Clone, Copy, PartialEq)]
enum Element {
    Hydrogen,
    Carbon,
    Nitrogen,
    Oxygen,
}
use Element::{Carbon, Hydrogen, Nitrogen, Oxygen};

/// Atoms and bonds; the plane of the rings is x and y.
#[derive(Default)]
struct Skeleton {
    atoms: Vec<(Element, Vec3)>,
    bonds: Vec<(usize, usize)>,
}

impl Skeleton {
    fn atom(&mut self, element: Element, at: Vec3) -> usize {
        self.atoms.push((element, at));
        self.atoms.len() - 1
    }

    /// An atom away from a ring's middle.
    fn outwards(&mut self, element: Element, ring: Vec2, from: usize, length: f32) -> usize {
        let start = self.atoms[from].1;
        let away = (start - ring.extend(0.0)).normalize();
        let made = self.atom(element, start + away * length);
        self.bonds.push((from, made));
        made
    }

    /// CH3: three hydrogens, tetrahedral.
    fn methyl(&mut self, ring: Vec2, from: usize) {
        let carbon = self.outwards(Carbon, ring, from, 1.46);
        let at = self.atoms[carbon].1;
        let away = (at - self.atoms[from].1).normalize();
        let side = away.cross(Vec3::Z);
        let (sine, cosine) = (70.5_f32).to_radians().sin_cos();
        for third in 0..3 {
            let (across, up) = (third as f32 * 2.0 * PI / 3.0).sin_cos();
            let turned = side * across + Vec3::Z * up;
            let hydrogen = self.atom(Hydrogen, at + (away * cosine + turned * sine) * 1.09);
            self.bonds.push((carbon, hydrogen));
        }
    }
}

fn caffeine() -> Skeleton {
    let mut made = Skeleton::default();
    let apothem = RING * 0.5 / (PI / 5.0).tan();
    let (six, five) = (
        Vec2::ZERO,
        Vec2::new(RING * (PI / 6.0).cos() + apothem, 0.0),
    );
    let on = |middle: Vec2, radius: f32, degrees: f32| {
        (middle + Vec2::from_angle(degrees.to_radians()) * radius).extend(0.0)
    };
    let radius_of_five = RING * 0.5 / (PI / 5.0).sin();
    // C4, C5, C6, N1, C2, N3 around the ring of six; N7, C8, N9 close that of five.
    let hexagon = [
        (Carbon, 30.0),
        (Carbon, -30.0),
        (Carbon, -90.0),
        (Nitrogen, -150.0),
        (Carbon, 150.0),
        (Nitrogen, 90.0),
    ]
    .map(|(element, degrees)| made.atom(element, on(six, RING, degrees)));
    let [n7, c8, n9] = [(Nitrogen, -72.0), (Carbon, 0.0), (Nitrogen, 72.0)]
        .map(|(element, degrees)| made.atom(element, on(five, radius_of_five, degrees)));
    let [c4, c5, c6, n1, c2, n3] = hexagon;
    made.bonds.extend([
        (c4, c5),
        (c5, c6),
        (c6, n1),
        (n1, c2),
        (c2, n3),
        (n3, c4),
        (c5, n7),
        (n7, c8),
        (c8, n9),
        (n9, c4),
    ]);
    made.outwards(Oxygen, six, c6, 1.22);
    made.outwards(Oxygen, six, c2, 1.22);
    made.outwards(Hydrogen, five, c8, 1.08);
    made.methyl(six, n1);
    made.methyl(six, n3);
    made.methyl(five, n7);
    made
}

/// 0.24 m high; the rings face the front, a little turned.
pub(crate) fn molecule() -> Model {
    let skeleton = caffeine();
    let mut file = ModelFile::default();
    let turned = Mat4::from_translation(Vec3::new(-0.008, 0.155, 0.0))
        * Mat4::from_rotation_y(-0.35)
        * Mat4::from_rotation_x(-0.3)
        * Mat4::from_rotation_z(0.25)
        * Mat4::from_scale(Vec3::splat(SCALE));
    let looks = [
        (Hydrogen, [0.80, 0.79, 0.76], 0.30, 14),
        (Carbon, [0.035, 0.042, 0.055], 0.42, 22),
        (Nitrogen, palette::SKY, 0.42, 22),
        (Oxygen, palette::linear_from_hex(0xe04a3a), 0.42, 22),
    ];
    let mut parts = Vec::new();
    for (element, color, radius, segments) in looks {
        let paint = file.paint(color, 0.0, 0.3);
        let balls = skeleton.atoms.iter().filter(|atom| atom.0 == element);
        let shape = balls
            .map(|atom| Shape::ball(radius, segments).moved(Mat4::from_translation(atom.1)))
            .fold(Shape::default(), Shape::and);
        parts.push(file.part(&shape.moved(turned), paint));
    }
    let stick = file.paint([0.42, 0.43, 0.45], 0.0, 0.4);
    let ends = |bond: &(usize, usize)| [skeleton.atoms[bond.0].1, skeleton.atoms[bond.1].1];
    let sticks = skeleton
        .bonds
        .iter()
        .map(|bond| Shape::tube(&ends(bond), 10, |_| BOND_RADIUS))
        .fold(Shape::default(), Shape::and);
    parts.push(file.part(&sticks.moved(turned), stick));

    let foot = file.paint(palette::PAPER, 0.0, 0.55);
    let lowest = skeleton
        .atoms
        .iter()
        .map(|atom| turned.transform_point3(atom.1));
    let rest = lowest.fold(
        Vec3::splat(f32::MAX),
        |low, at| if at.y < low.y { at } else { low },
    );
    let stand = Shape::rod(Vec3::new(rest.x, 0.01, rest.z), rest, 0.0022, 10).and(
        Shape::turned(
            &[
                [0.0, 0.0],
                [0.044, 0.0],
                [0.046, 0.002],
                [0.046, 0.008],
                [0.044, 0.011],
                [0.0, 0.013],
            ],
            32,
        )
        .at(rest.x * 0.6, 0.0, rest.z * 0.6),
    );
    parts.push(file.part(&stand, foot));
    file.stand(parts);
    file.read()
}
