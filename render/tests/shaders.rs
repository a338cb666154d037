//! Every shader is valid WGSL and can be said in GLSL ES 3.00, the language of WebGL2.
#![cfg(not(target_arch = "wasm32"))]

use naga::back::glsl;
use naga::valid::{Capabilities, ValidationFlags, Validator};

fn validated(name: &str, wgsl: &str) -> (naga::Module, naga::valid::ModuleInfo) {
    let module = naga::front::wgsl::parse_str(wgsl)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(wgsl)));
    // No capability beyond the core: what WebGL2 and every WebGPU device have.
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(wgsl)));
    (module, info)
}

#[test]
fn every_shader_is_valid() {
    assert!(render::shaders().count() >= 9);
    for (name, wgsl) in render::shaders() {
        let (module, _) = validated(name, wgsl);
        assert!(!module.entry_points.is_empty(), "{name} has no entry point");
    }
}

#[test]
fn compute_shaders_are_valid() {
    assert!(render::compute_shaders().count() >= 1);
    for (name, wgsl) in render::compute_shaders() {
        let (module, _) = validated(name, wgsl);
        let stages: Vec<_> = module
            .entry_points
            .iter()
            .map(|entry| entry.stage)
            .collect();
        assert_eq!(stages, [naga::ShaderStage::Compute], "{name}");
    }
}

#[test]
fn every_entry_point_translates_to_webgl2() {
    for (name, wgsl) in render::shaders() {
        let (module, info) = validated(name, wgsl);
        for entry in &module.entry_points {
            assert_ne!(
                entry.stage,
                naga::ShaderStage::Compute,
                "WebGL2 has no compute"
            );
            let options = glsl::Options {
                version: glsl::Version::Embedded {
                    version: 300,
                    is_webgl: true,
                },
                ..Default::default()
            };
            let pipeline = glsl::PipelineOptions {
                shader_stage: entry.stage,
                entry_point: entry.name.clone(),
                multiview: None,
            };
            let mut text = String::new();
            glsl::Writer::new(
                &mut text,
                &module,
                &info,
                &options,
                &pipeline,
                Default::default(),
            )
            .and_then(|mut writer| writer.write())
            .unwrap_or_else(|error| panic!("{name}, {}: {error}", entry.name));
            assert!(text.starts_with("#version 300 es"), "{name}: {text}");
        }
    }
}

#[test]
fn uniform_blocks_fit_webgl2() {
    for (name, wgsl) in render::shaders() {
        let (module, _) = validated(name, wgsl);
        let mut layouter = naga::proc::Layouter::default();
        layouter
            .update(module.to_ctx())
            .expect("valid modules can be laid out");
        for (_, global) in module.global_variables.iter() {
            assert!(
                !matches!(global.space, naga::AddressSpace::Storage { .. }),
                "{name}: WebGL2 has no storage buffers"
            );
            if global.space == naga::AddressSpace::Uniform {
                assert!(layouter[global.ty].size <= 16 * 1024, "{name}");
            }
        }
    }
}
