//! `cargo xtask web`: the module in its eight artefacts, their bindings, the page, and the compressed twins of both.
//!
//! All of it ends in `web/dist`, which the relay serves. The artefacts share one file name in cargo's target
//! folder, so each is bound before the next is built.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::bindgen;
use crate::toolchain::{self, WASM_TARGET};
use crate::workspace::{self, Workspace};

/// One build of `xr-core` for the browser.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Artefact {
    /// The features that make it.
    pub(crate) features: &'static [&'static str],
    /// The profile that it is built in.
    pub(crate) profile: &'static str,
    /// The name of its files.
    pub(crate) name: &'static str,
}

/// What a page downloads: the tracker for speed, the views for size, views with models and their reader where one is
/// shown alone, and the post-processing of videos, also alone.
pub(crate) const ARTEFACTS: [Artefact; 8] = [
    Artefact {
        features: &["tracker"],
        profile: "wasm-tracker",
        name: "sightline_tracker",
    },
    Artefact {
        features: &["view-webgpu"],
        profile: "wasm-view",
        name: "sightline_view_webgpu",
    },
    Artefact {
        features: &["view-webgl2"],
        profile: "wasm-view",
        name: "sightline_view_webgl2",
    },
    Artefact {
        features: &["view-webgpu", "model-view", "timings"],
        profile: "wasm-view",
        name: "sightline_model_view_webgpu",
    },
    Artefact {
        features: &["view-webgl2", "model-view"],
        profile: "wasm-view",
        name: "sightline_model_view_webgl2",
    },
    Artefact {
        features: &["models"],
        profile: "wasm-view",
        name: "sightline_models",
    },
    Artefact {
        features: &["streams", "webgpu"],
        profile: "wasm-view",
        name: "sightline_streams_webgpu",
    },
    Artefact {
        features: &["streams", "webgl2"],
        profile: "wasm-view",
        name: "sightline_streams_webgl2",
    },
];

/// Builds `web/dist` from nothing but Rust and Node.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    toolchain::require_node()?;
    toolchain::require_wasm_target(workspace)?;
    install(workspace)?;
    build_module(workspace)?;
    build_page(workspace)
}

/// Installs the npm packages of `web/`, unless they are those of the lock file already.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    install_in(workspace, "web")
}

/// The same for another folder of the repository that has a lock file.
pub(crate) fn install_in(workspace: &Workspace, folder: &str) -> Result<()> {
    let lock = fs::read(workspace.path(&format!("{folder}/package-lock.json")))
        .with_context(|| format!("{folder}/package-lock.json is missing"))?;
    let installed = workspace.path(&format!("{folder}/node_modules/.installed-lock.json"));
    if fs::read(&installed).is_ok_and(|known| known == lock) {
        return Ok(());
    }
    step("npm packages", || {
        let mut npm = workspace.npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        workspace::run(npm.current_dir(workspace.path(folder))).with_context(|| {
            format!("npm could not install the packages of {folder}/package-lock.json")
        })
    })?;
    fs::write(installed, lock).context("cannot note which packages are installed")
}

/// Builds and binds all artefacts into `web/dist/wasm`.
pub(crate) fn build_module(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("web/dist/wasm");
    fs::create_dir_all(&folder)?;
    for artefact in ARTEFACTS {
        step(artefact.name, || {
            build_artefact(
                workspace,
                artefact,
                &Build::default(),
                artefact.name,
                &folder,
            )
        })?;
    }
    Ok(())
}

/// How a build of an artefact differs from the one that ships.
#[derive(Default)]
pub(crate) struct Build {
    features: Vec<&'static str>,
    without_vectors: bool,
}

impl Build {
    /// Without simd128, which every browser that the module runs in has: for comparing. It has a target folder of its
    /// own, so that neither build makes the other one stale.
    pub(crate) fn without_vectors() -> Self {
        Self {
            without_vectors: true,
            ..Self::default()
        }
    }

    /// With a further feature.
    pub(crate) fn with(mut self, feature: &'static str) -> Self {
        self.features.push(feature);
        self
    }
}

/// Builds one artefact and writes its bindings to `folder` as `name`.
pub(crate) fn build_artefact(
    workspace: &Workspace,
    artefact: Artefact,
    build: &Build,
    name: &str,
    folder: &Path,
) -> Result<()> {
    let features = [artefact.features, &build.features].concat().join(",");
    let (mut flags, mut target) = (
        machine_paths_removed(workspace, WASM_TARGET),
        workspace.target(""),
    );
    if build.without_vectors {
        // The last word counts.
        flags = flags.replace("rustflags=[", "rustflags=[\"-Ctarget-feature=-simd128\",");
        target = workspace.target("without-vectors");
    }
    workspace::run(&mut workspace.cargo([
        "--config",
        &flags,
        "build",
        "--target-dir",
        &target.display().to_string(),
        "--quiet",
        "--package=xr-core",
        "--lib",
        "--target",
        WASM_TARGET,
        "--no-default-features",
        "--features",
        &features,
        "--profile",
        artefact.profile,
    ]))?;
    let wasm = target.join(format!("{WASM_TARGET}/{}/xr_core.wasm", artefact.profile));
    bindgen::generate(&wasm, name, folder)
}

/// Panic messages name source files: what ships names them without the folders of the machine that built it. Cargo
/// adds this to the flags of `.cargo/config.toml`.
pub(crate) fn machine_paths_removed(workspace: &Workspace, target: &str) -> String {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(home?.join(".cargo")));
    let flags: Vec<String> = [
        (cargo_home, "cargo"),
        (Some(workspace.path("")), "sightline"),
    ]
    .into_iter()
    .filter_map(|(folder, name)| {
        Some(format!(
            "{:?}",
            format!("--remap-path-prefix={}={name}", folder?.display())
        ))
    })
    .collect();
    format!("target.{target}.rustflags=[{}]", flags.join(","))
}

/// Bundles the page and compresses everything in `web/dist`.
pub(crate) fn build_page(workspace: &Workspace) -> Result<()> {
    step("page", || {
        workspace::run(&mut workspace.npm(&["run", "--silent", "build"]))
    })?;
    step("compression", || {
        workspace::run(
            workspace
                .command("node")
                .arg(workspace.path("xtask/compress.mjs"))
                .arg(workspace.path("web/dist")),
        )
    })
}

/// How many bytes are left of a text in brotli, compressed as shipped files are.
pub(crate) fn brotli_bytes(workspace: &Workspace, text: &[u8]) -> Result<u64> {
    let folder = workspace.target("bench/compressed");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("text.txt"), text)?;
    workspace::run(
        workspace
            .command("node")
            .arg(workspace.path("xtask/compress.mjs"))
            .arg(&folder),
    )?;
    Ok(fs::metadata(folder.join("text.txt.br"))?.len())
}

/// Runs one step of a build and says how long it took.
fn step(name: &str, body: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    println!("building {name} ...");
    body()?;
    println!("building {name}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}
