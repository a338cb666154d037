//! A cube of light on the device, for what surfaces mirror.

/// Puts a cube of `face_px` texels a side there: RGBA half floats in linear light, faces +X, -X, +Y, -Y, +Z, -Z one after
/// the other; `half_floats` has as many numbers as that takes.
pub(crate) fn cube(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    face_px: u32,
    half_floats: &[u16],
) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("given reflections"),
        size: wgpu::Extent3d {
            width: face_px,
            height: face_px,
            depth_or_array_layers: 6,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba16Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let bytes: Vec<u8> = half_floats
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    queue.write_texture(
        texture.as_image_copy(),
        &bytes,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(face_px * 8),
            rows_per_image: Some(face_px),
        },
        texture.size(),
    );
    texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::Cube),
        ..Default::default()
    })
}
