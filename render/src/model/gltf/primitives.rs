//! Meshes of a file as vertices, triangles and morph targets. glTF 2.0, section 3.7;
//! `KHR_mesh_quantization`.

use std::ops::Range;

use glam::{Vec3, Vec4};

use super::accessors::{Accessor, Accessors, Component};
use super::corners::{self, Mode};
use super::document;
use super::faults::{broken, limited};
use super::kept::Kept;
use super::normalized::{snorm16, unorm16};
use super::notes::Notes;
use super::skinning;
use crate::Error;
use crate::model::bounds::Bounds;
use crate::model::limits::ModelLimits;
use crate::model::vertex::{MorphTarget, Primitive, Vertex};

use Component::{F32, I8, I16, U8, U16, U32};

const WHITE: [u16; 4] = [65535; 4];
/// With `KHR_mesh_quantization`, which is granted whether the file asks for it or not.
const VECTORS: [Component; 5] = [F32, I8, U8, I16, U16];

/// All meshes that the scene shows.
#[derive(Default)]
pub(super) struct Meshes {
    pub(super) primitives: Vec<Primitive>,
    /// In the order in which they were kept.
    pub(super) meshes: Vec<Range<usize>>,
    /// Each primitive's material in the file.
    pub(super) materials: Vec<Option<usize>>,
    vertices: usize,
    triangles: usize,
    morph_vertices: usize,
}

/// Reads the kept meshes.
pub(super) fn read(
    document: &document::Document,
    kept: &Kept,
    accessors: &Accessors<'_>,
    limits: &ModelLimits,
    notes: &mut Notes,
) -> Result<Meshes, Error> {
    let mut meshes = Meshes::default();
    for mesh in kept.order() {
        let start = meshes.primitives.len();
        let primitives = &document.meshes[*mesh].primitives;
        let targets = primitives.first().map_or(0, |first| first.targets.len());
        for (place, primitive) in primitives.iter().enumerate() {
            let at = format!("mesh {mesh}, primitive {place}");
            if primitive.targets.len() != targets {
                return Err(broken(
                    at,
                    "has another number of morph targets than the first",
                ));
            }
            if let Some(read) = meshes.primitive(primitive, &at, accessors, limits, notes)? {
                meshes.primitives.push(read);
                meshes.materials.push(primitive.material);
            }
        }
        meshes.meshes.push(start..meshes.primitives.len());
    }
    Ok(meshes)
}

impl Meshes {
    /// `None` for what is left out: points, lines, and primitives without positions or triangles.
    fn primitive(
        &mut self,
        primitive: &document::Primitive,
        at: &str,
        accessors: &Accessors<'_>,
        limits: &ModelLimits,
        notes: &mut Notes,
    ) -> Result<Option<Primitive>, Error> {
        let mode = match primitive.mode.unwrap_or(4) {
            4 => Mode::Triangles,
            5 => Mode::Strip,
            6 => Mode::Fan,
            0..=3 => {
                notes.add("Points and lines are left out.");
                return Ok(None);
            }
            other => return Err(broken(at, format!("its mode is {other}"))),
        };
        let attributes = &primitive.attributes;
        let Some(place) = attributes.position else {
            notes.add("Primitives without positions are left out.");
            return Ok(None);
        };
        let positions = accessors.open(place, &[3], &VECTORS)?;
        let indices = match primitive.indices {
            Some(place) => Some((place, accessors.open(place, &[1], &[U8, U16, U32])?)),
            None => None,
        };
        let corners = indices
            .as_ref()
            .map_or(positions.count, |(_, indices)| indices.count);
        self.triangles = self.triangles.saturating_add(mode.triangles(corners));
        limited("triangles", self.triangles, limits.triangles)?;
        let indices = indices.as_ref().map(|(place, indices)| (*place, indices));
        let corners = corners::triangle_corners(mode, indices, positions.count)?;
        if corners.is_empty() {
            notes.add("Primitives without triangles are left out.");
            return Ok(None);
        }
        // Without normals every triangle is flat, and shares no vertex with another.
        let is_flat = attributes.normal.is_none();
        let (elements, indices) = if is_flat {
            let each = (0..corners.len() as u32).collect();
            (corners, each)
        } else {
            corners::compacted(&corners, positions.count)
        };
        self.vertices = self.vertices.saturating_add(elements.len());
        limited("vertices", self.vertices, limits.vertices)?;
        limited(
            "morph targets of a primitive",
            primitive.targets.len(),
            limits.morph_targets,
        )?;
        let morph_vertices = elements.len().saturating_mul(primitive.targets.len());
        self.morph_vertices = self.morph_vertices.saturating_add(morph_vertices);
        limited(
            "vertices of morph targets",
            self.morph_vertices,
            limits.morph_vertices,
        )?;

        note_left_out(primitive, notes);
        let attribute = Attribute {
            accessors,
            elements: &elements,
            count: positions.count,
            at,
        };
        let mut vertices = attribute.vertices(&positions, attributes, notes)?;
        let mut morph_targets = Vec::with_capacity(primitive.targets.len());
        for target in &primitive.targets {
            morph_targets.push(attribute.morph_target(target, is_flat)?);
        }
        if is_flat {
            flatten(&mut vertices, &mut morph_targets);
        }
        let skin = match (attributes.joints_0, attributes.weights_0) {
            (Some(joints), Some(weights)) => {
                let joints = attribute.open(joints, &[4], &[U8, U16])?;
                let weights = attribute.open(weights, &[4], &[F32, U8, U16])?;
                skinning::read(&joints, &weights, &elements)
            }
            (None, None) => Vec::new(),
            _ => {
                return Err(broken(
                    at,
                    "has joints without weights, or weights without joints",
                ));
            }
        };
        let bounds = vertices
            .iter()
            .map(|vertex| Vec3::from_array(vertex.position))
            .collect::<Bounds>();
        Ok(Some(Primitive {
            vertices,
            skin,
            indices,
            // Set when the materials are known.
            material: 0,
            morph_targets,
            bounds,
        }))
    }
}

fn note_left_out(primitive: &document::Primitive, notes: &mut Notes) {
    let attributes = &primitive.attributes;
    if attributes.joints_1.is_some() {
        notes.add("Only four joints move a vertex; JOINTS_1 is left out.");
    }
    if attributes.texcoord_2.is_some() || attributes.color_1.is_some() {
        notes.add("Texture coordinates beyond TEXCOORD_1 and colours beyond COLOR_0 are left out.");
    }
    let is_only_moved = |target: &document::Attributes| {
        target.texcoord_0.is_none() && target.texcoord_1.is_none() && target.color_0.is_none()
    };
    if !primitive.targets.iter().all(is_only_moved) {
        notes.add("Morph targets of colours and texture coordinates are left out.");
    }
}

/// Reads the attributes of one primitive for the vertices that it uses.
struct Attribute<'a> {
    accessors: &'a Accessors<'a>,
    /// Places in the file's attribute lists, one a vertex.
    elements: &'a [u32],
    /// How long each of these lists must be.
    count: usize,
    at: &'a str,
}

impl Attribute<'_> {
    fn open(
        &self,
        place: usize,
        widths: &[usize],
        components: &[Component],
    ) -> Result<Accessor<'_>, Error> {
        let accessor = self.accessors.open(place, widths, components)?;
        if accessor.count < self.count {
            let (has, needs) = (accessor.count, self.count);
            let reason = format!("accessor {place} has {has} elements for {needs} positions");
            return Err(broken(self.at, reason));
        }
        Ok(accessor)
    }

    fn vertices(
        &self,
        positions: &Accessor<'_>,
        attributes: &document::Attributes,
        notes: &mut Notes,
    ) -> Result<Vec<Vertex>, Error> {
        let mut vertices = Vec::with_capacity(self.elements.len());
        for element in self.elements {
            let position = positions.floats(*element as usize, [0.0; 3]);
            if !Vec3::from_array(position).is_finite() {
                return Err(broken(
                    self.at,
                    format!("its vertex {element} is at no finite place"),
                ));
            }
            vertices.push(Vertex {
                position,
                normal: [0; 4],
                tangent: [0; 4],
                coordinates_0: [0.0; 2],
                coordinates_1: [0.0; 2],
                color: WHITE,
            });
        }
        if let Some(place) = attributes.normal {
            let normals = self.open(place, &[3], &[F32, I8, I16])?;
            self.each(&mut vertices, |vertex, element| {
                let normal = Vec3::from_array(normals.unit_floats(element, [0.0; 3]));
                vertex.normal = packed(direction(normal, notes), 0.0);
            });
            if let Some(place) = attributes.tangent {
                let tangents = self.open(place, &[4], &[F32, I8, I16])?;
                self.each(&mut vertices, |vertex, element| {
                    let tangent = Vec4::from_array(tangents.unit_floats(element, [0.0; 4]));
                    let handedness = if tangent.w < 0.0 { -1.0 } else { 1.0 };
                    // Without a direction it stays 0: the shader derives it.
                    if let Some(along) = tangent.truncate().try_normalize() {
                        vertex.tangent = packed(along, handedness);
                    }
                });
            }
        }
        for (place, set) in [(attributes.texcoord_0, 0), (attributes.texcoord_1, 1)] {
            let Some(place) = place else { continue };
            let coordinates = self.open(place, &[2], &VECTORS)?;
            self.each(&mut vertices, |vertex, element| {
                let point = coordinates.floats(element, [0.0; 2]);
                let point = point.map(|number| if number.is_finite() { number } else { 0.0 });
                match set {
                    0 => vertex.coordinates_0 = point,
                    _ => vertex.coordinates_1 = point,
                }
            });
        }
        if let Some(place) = attributes.color_0 {
            let colors = self.open(place, &[3, 4], &[F32, U8, U16])?;
            self.each(&mut vertices, |vertex, element| {
                vertex.color = colors.unit_floats(element, [1.0; 4]).map(unorm16);
            });
        }
        Ok(vertices)
    }

    fn each(&self, vertices: &mut [Vertex], mut set: impl FnMut(&mut Vertex, usize)) {
        for (vertex, element) in vertices.iter_mut().zip(self.elements) {
            set(vertex, *element as usize);
        }
    }

    fn morph_target(
        &self,
        target: &document::Attributes,
        is_flat: bool,
    ) -> Result<MorphTarget, Error> {
        let differences = |place: Option<usize>, components: &[Component]| {
            let Some(place) = place else {
                return Ok(Vec::new());
            };
            let accessor = self.open(place, &[3], components)?;
            let mut differences = Vec::with_capacity(self.elements.len());
            for element in self.elements {
                let difference = accessor.floats(*element as usize, [0.0; 3]);
                if !Vec3::from_array(difference).is_finite() {
                    let reason =
                        format!("its morph target moves vertex {element} to no finite place");
                    return Err(broken(self.at, reason));
                }
                differences.push(difference);
            }
            Ok(differences)
        };
        // What a flat primitive says of normals is left out, base and targets alike.
        let directions =
            |place: Option<usize>| differences(place.filter(|_| !is_flat), &[F32, I8, I16]);
        Ok(MorphTarget {
            positions: differences(target.position, &VECTORS)?,
            normals: directions(target.normal)?,
            tangents: directions(target.tangent)?,
        })
    }
}

/// A unit vector, also of what has no direction.
fn direction(vector: Vec3, notes: &mut Notes) -> Vec3 {
    vector.try_normalize().unwrap_or_else(|| {
        notes.add("Some normals have no direction; they point along +Z.");
        Vec3::Z
    })
}

fn packed(direction: Vec3, fourth: f32) -> [i16; 4] {
    direction.extend(fourth).to_array().map(snorm16)
}

/// Gives each triangle, three vertices in a row, its own normal, and each morph target the
/// difference to the normal that the triangle has when the target counts fully.
fn flatten(vertices: &mut [Vertex], morph_targets: &mut [MorphTarget]) {
    for (triangle, corners) in vertices.chunks_exact_mut(3).enumerate() {
        let places = [0, 1, 2].map(|corner| Vec3::from_array(corners[corner].position));
        let normal = facing(places);
        for corner in corners {
            corner.normal = packed(normal, 0.0);
        }
        for target in morph_targets.iter_mut() {
            let Some(moves) = target.positions.get(triangle * 3..triangle * 3 + 3) else {
                continue;
            };
            let moved = [0, 1, 2].map(|corner| places[corner] + Vec3::from_array(moves[corner]));
            let difference = (facing(moved) - normal).to_array();
            target.normals.extend([difference; 3]);
        }
    }
}

/// The side from which the corners go counter-clockwise; +Z for a triangle without area.
fn facing([a, b, c]: [Vec3; 3]) -> Vec3 {
    // Normalised before the product, which otherwise vanishes for the smallest triangles.
    let side = |to: Vec3| (to - a).normalize_or_zero();
    side(b).cross(side(c)).normalize_or(Vec3::Z)
}
