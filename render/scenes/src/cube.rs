//! Cubes that shiny things mirror, filled by a function of the direction.

use render::glam::Vec3;

/// A cube of half floats: light from each direction, linear. Faces as WebGPU orders them.
pub(crate) fn filled(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    side_px: u32,
    radiance: impl Fn(Vec3) -> Vec3,
) -> wgpu::TextureView {
    let size = wgpu::Extent3d {
        width: side_px,
        height: side_px,
        depth_or_array_layers: 6,
    };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("measured reflections"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba16Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let mut bytes = Vec::with_capacity((side_px * side_px * 6 * 8) as usize);
    for face in 0..6 {
        for y in 0..side_px {
            for x in 0..side_px {
                let on_face = |place: u32| (place as f32 + 0.5) / side_px as f32 * 2.0 - 1.0;
                let light = radiance(direction(face, on_face(x), on_face(y)));
                for value in [light.x, light.y, light.z, 1.0] {
                    bytes.extend(half_from(value).to_le_bytes());
                }
            }
        }
    }
    queue.write_texture(
        texture.as_image_copy(),
        &bytes,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(side_px * 8),
            rows_per_image: Some(side_px),
        },
        size,
    );
    texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::Cube),
        ..Default::default()
    })
}

/// +X, -X, +Y, -Y, +Z, -Z; u right, v down.
fn direction(face: u32, u: f32, v: f32) -> Vec3 {
    match face {
        0 => Vec3::new(1.0, -v, -u),
        1 => Vec3::new(-1.0, -v, u),
        2 => Vec3::new(u, 1.0, v),
        3 => Vec3::new(u, -1.0, -v),
        4 => Vec3::new(u, -v, 1.0),
        _ => Vec3::new(-u, -v, -1.0),
    }
    .normalize()
}

/// IEEE 754 binary16 of a number of 0 to 65504, cut off; what is below its normal numbers is 0.
fn half_from(value: f32) -> u16 {
    let bits = value.clamp(0.0, 65504.0).to_bits();
    let exponent = (bits >> 23) as i32 - 127 + 15;
    if exponent <= 0 {
        return 0;
    }
    (exponent as u16) << 10 | (bits >> 13 & 0x3ff) as u16
}
