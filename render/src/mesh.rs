//! The meshes of pins and heads, made once.

use bytemuck::{Pod, Zeroable};
use glam::Vec3;
use wgpu::util::DeviceExt;

/// Half extents of a head in metres: X, Y, Z.
pub(crate) const HEAD_HALF_EXTENTS: Vec3 = Vec3::new(0.088, 0.068, 0.066);
/// Roundness: 2 is an ellipsoid, larger is more like a box.
const HEAD_POWER: f32 = 2.8;

/// Position and part, normal.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct MeshVertex {
    position_part: [f32; 4],
    normal: [f32; 3],
}

impl MeshVertex {
    const ATTRIBUTES: [wgpu::VertexAttribute; 2] =
        wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x3];

    pub(crate) const LAYOUT: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
        array_stride: size_of::<MeshVertex>() as u64,
        step_mode: wgpu::VertexStepMode::Vertex,
        attributes: &Self::ATTRIBUTES,
    };
}

/// Triangles on the device, counter-clockwise from outside.
pub(crate) struct Mesh {
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    index_count: u32,
}

impl Mesh {
    /// A unit sphere (part 0) and a unit cylinder along +Y without lids (part 1); the shader gives
    /// both their sizes.
    pub(crate) fn pin(device: &wgpu::Device) -> Self {
        let (mut vertices, mut indices) = sphere(40, 20, |direction| MeshVertex {
            position_part: direction.extend(0.0).to_array(),
            normal: direction.to_array(),
        });
        stem(10, 12, &mut vertices, &mut indices);
        Mesh::new(device, "pin", &vertices, &indices)
    }

    /// A rounded box, a superellipsoid (Barr 1981) in metres, its middle a little behind the eyes.
    pub(crate) fn head(device: &wgpu::Device) -> Self {
        let (vertices, indices) = sphere(48, 32, |direction| {
            let scaled = (direction / HEAD_HALF_EXTENTS).abs();
            let sum: f32 = scaled
                .to_array()
                .iter()
                .map(|axis| axis.powf(HEAD_POWER))
                .sum();
            let position = direction * sum.powf(-1.0 / HEAD_POWER);
            let unit = position / HEAD_HALF_EXTENTS;
            let gradient = Vec3::from_array(std::array::from_fn(|axis| {
                unit[axis].signum() * unit[axis].abs().powf(HEAD_POWER - 1.0)
                    / HEAD_HALF_EXTENTS[axis]
            }));
            MeshVertex {
                position_part: (position + Vec3::new(0.0, 0.0, 0.03))
                    .extend(0.0)
                    .to_array(),
                normal: gradient.normalize_or(direction).to_array(),
            }
        });
        Mesh::new(device, "head", &vertices, &indices)
    }

    fn new(device: &wgpu::Device, label: &str, vertices: &[MeshVertex], indices: &[u16]) -> Self {
        let vertices = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some(label),
            contents: bytemuck::cast_slice(vertices),
            usage: wgpu::BufferUsages::VERTEX,
        });
        let index_buffer = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some(label),
            contents: bytemuck::cast_slice(indices),
            usage: wgpu::BufferUsages::INDEX,
        });
        Mesh {
            vertices,
            indices: index_buffer,
            index_count: indices.len() as u32,
        }
    }

    /// Draws `instances` times; the instances stand in slot 1.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass, instances: u32) {
        pass.set_vertex_buffer(0, self.vertices.slice(..));
        pass.set_index_buffer(self.indices.slice(..), wgpu::IndexFormat::Uint16);
        pass.draw_indexed(0..self.index_count, 0, 0..instances);
    }
}

/// Directions over the sphere, from the top, by rings and segments.
fn sphere(
    segments: u16,
    rings: u16,
    vertex: impl Fn(Vec3) -> MeshVertex,
) -> (Vec<MeshVertex>, Vec<u16>) {
    let mut vertices = Vec::new();
    let mut indices = Vec::new();
    for ring in 0..=rings {
        let polar = std::f32::consts::PI * f32::from(ring) / f32::from(rings);
        for segment in 0..=segments {
            let around = std::f32::consts::TAU * f32::from(segment) / f32::from(segments);
            vertices.push(vertex(Vec3::new(
                polar.sin() * around.cos(),
                polar.cos(),
                -polar.sin() * around.sin(),
            )));
        }
    }
    quads(segments, rings, 0, &mut indices);
    (vertices, indices)
}

/// A unit cylinder; several rings, so that light and shadow vary along it.
fn stem(segments: u16, rings: u16, vertices: &mut Vec<MeshVertex>, indices: &mut Vec<u16>) {
    let first = vertices.len() as u16;
    for ring in 0..=rings {
        let height = 1.0 - f32::from(ring) / f32::from(rings);
        for segment in 0..=segments {
            let around = std::f32::consts::TAU * f32::from(segment) / f32::from(segments);
            let (x, z) = (around.cos(), -around.sin());
            vertices.push(MeshVertex {
                position_part: [x, height, z, 1.0],
                normal: [x, 0.0, z],
            });
        }
    }
    quads(segments, rings, first, indices);
}

/// Two triangles for each cell of a lattice of `rings + 1` rows of `segments + 1` vertices.
fn quads(segments: u16, rings: u16, first: u16, indices: &mut Vec<u16>) {
    let row = segments + 1;
    for ring in 0..rings {
        for segment in 0..segments {
            let corner = first + ring * row + segment;
            let below = corner + row;
            indices.extend([corner, below, corner + 1, corner + 1, below, below + 1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triangles_face_outwards() {
        let (vertices, indices) = sphere(16, 8, |direction| MeshVertex {
            position_part: direction.extend(0.0).to_array(),
            normal: direction.to_array(),
        });
        let at = |index: u16| Vec3::from_slice(&vertices[usize::from(index)].position_part[..3]);
        for triangle in indices.chunks_exact(3) {
            let [a, b, c] = [at(triangle[0]), at(triangle[1]), at(triangle[2])];
            let normal = (b - a).cross(c - a);
            // Those at the poles have no area.
            assert!(normal.length() < 1e-6 || normal.dot(a + b + c) > 0.0);
        }
    }
}
