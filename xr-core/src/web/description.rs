//! What a page is told of a view: what draws it, and how long getting ready took.

use serde::Serialize;

use super::{
    gpu::{BACKEND, Gpu},
    gpu_info,
    opening::PipelineTimes,
};

#[derive(Serialize)]
struct Description<'a> {
    backend: &'static str,
    adapter: &'a str,
    software: bool,
    pipelines: &'a PipelineTimes,
}

/// JSON: `{backend, adapter, software, pipelines: {made, longest, longestMillis, totalMillis}}`.
pub(super) fn describe(gpu: &Gpu, pipelines: &PipelineTimes) -> String {
    let description = Description {
        backend: BACKEND,
        adapter: gpu_info::adapter_name(&gpu.info),
        software: gpu_info::is_software(&gpu.info),
        pipelines,
    };
    serde_json::to_string(&description).unwrap_or_default()
}
