//! What is built to measure the renderer in a browser, and to compare its pictures there: the module with the feature
//! `measure-render` for both backends, the reader of models, and the class-room's files.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::web::{self, ARTEFACTS, Artefact, Build};
use crate::workspace::{self, Workspace};

/// The module for both backends; nothing of it ships.
pub(crate) const ARTEFACTS_TO_MEASURE: [Artefact; 2] = [
    Artefact {
        features: &["view-webgpu", "model-view", "timings", "measure-render"],
        profile: "wasm-view",
        name: "sightline_render_bench_webgpu",
    },
    Artefact {
        features: &["view-webgl2", "model-view", "measure-render"],
        profile: "wasm-view",
        name: "sightline_render_bench_webgl2",
    },
];

/// Builds the module; gives its folder.
pub(crate) fn build_module(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("bench/render/wasm");
    fs::create_dir_all(&folder)?;
    for artefact in ARTEFACTS_TO_MEASURE {
        let build = Build::default();
        web::build_artefact(workspace, artefact, &build, artefact.name, &folder)?;
    }
    Ok(folder)
}

/// Builds the module and, into the same folder, the reader of models.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let folder = build_module(workspace)?;
    let mut readers = ARTEFACTS.into_iter();
    if let Some(reader) = readers.find(|artefact| artefact.features == ["models"]) {
        web::build_artefact(workspace, reader, &Build::default(), reader.name, &folder)?;
    }
    Ok(folder)
}

/// Writes the class-room's models and where they stand; gives their folder.
pub(crate) fn class_room(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("bench/render/class_room");
    let mut write = workspace.cargo([
        "run",
        "--quiet",
        "--package=render-scenes",
        "--example=class_room",
        "--",
    ]);
    workspace::run(write.arg(&folder).arg("files"))?;
    Ok(folder)
}
