//! A compute pass: a shader's pipeline, and what it is bound to.

/// What every pass of a frame starts with.
pub(super) const FRAME_WGSL: &str = include_str!("frame.wgsl");
/// How the grid is indexed.
pub(super) const GRID_WGSL: &str = include_str!("grid.wgsl");

/// How borders mirror a picture.
pub(super) const MIRROR_WGSL: &str = include_str!("mirror.wgsl");
/// Sums over a workgroup.
pub(super) const SCAN_WGSL: &str = include_str!("scan.wgsl");

/// A pipeline. Its bindings are those of its shader, in group 0.
#[derive(Debug)]
pub(super) struct Stage {
    label: &'static str,
    pipeline: wgpu::ComputePipeline,
}

/// A stage with its buffers.
#[derive(Debug)]
pub(super) struct Bound {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
}

impl Stage {
    pub(super) fn new(
        device: &wgpu::Device,
        label: &'static str,
        parts: &[&str],
        entry: &str,
    ) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(parts.concat().into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: None,
            module: &module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        Self { label, pipeline }
    }

    /// Binds resources in the order of the shader's bindings.
    pub(super) fn bind(
        &self,
        device: &wgpu::Device,
        resources: &[wgpu::BindingResource<'_>],
    ) -> Bound {
        let entries: Vec<_> = resources
            .iter()
            .zip(0..)
            .map(|(resource, binding)| wgpu::BindGroupEntry {
                binding,
                resource: resource.clone(),
            })
            .collect();
        Bound {
            pipeline: self.pipeline.clone(),
            group: device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(self.label),
                layout: &self.pipeline.get_bind_group_layout(0),
                entries: &entries,
            }),
        }
    }
}

impl Bound {
    /// Runs so many workgroups.
    pub(super) fn dispatch(&self, pass: &mut wgpu::ComputePass<'_>, [x, y]: [u32; 2]) {
        if x > 0 && y > 0 {
            self.set(pass);
            pass.dispatch_workgroups(x, y, 1);
        }
    }

    /// Runs as many workgroups as a pass before has written.
    pub(super) fn dispatch_indirect(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        work: &wgpu::Buffer,
        offset: usize,
    ) {
        self.set(pass);
        pass.dispatch_workgroups_indirect(work, offset as u64);
    }

    fn set(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
    }
}
