//! The invariants of ARCHITECTURE.md that can be read off `cargo metadata` and the tree, each as an absence.
//!
//! Every rule takes plain data and gives the breaches as sentences, so that the tests below can feed it a made-up
//! workspace that breaks it, and the stage `architecture` of `cargo xtask test` the real one.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// Which crates of the workspace a crate may depend on; examples and xtask may use anything.
const MAY_USE: [(&str, &[&str]); 7] = [
    ("slam", &[]),
    ("render", &[]),
    ("render-scenes", &["render"]),
    ("chat-relay-protocol", &[]),
    ("chat-relay-client", &["chat-relay-protocol"]),
    (
        "xr-core",
        &[
            "slam",
            "render",
            "render-scenes",
            "chat-relay-protocol",
            "chat-relay-client",
        ],
    ),
    ("chat-relay", &["chat-relay-protocol", "chat-relay-client"]),
];

/// The crates that speak to JavaScript.
const WEB_CRATES: [&str; 4] = ["wasm-bindgen", "wasm-bindgen-futures", "js-sys", "web-sys"];

/// Names that say nothing about what a module is for.
const VAGUE: [&str; 7] = [
    "util", "utils", "common", "helper", "helpers", "misc", "stuff",
];

/// Past this, a file is split or says why it is not.
const LONGEST_LINES: usize = 600;

/// What a file over the limit writes near its top, followed by its reason.
const LONG_REASON: &str = "Longer than 600 lines";

/// The crates of a workspace with the names they depend on, whatever the kind of dependency.
fn members(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let ids: Vec<_> = metadata["workspace_members"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| ids.contains(&&package["id"]))
        .map(|package| {
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            let names = dependencies
                .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned));
            (
                package["name"].as_str().unwrap_or_default().to_owned(),
                names.collect(),
            )
        })
        .collect()
}

/// Breaches of the layers: who depends on whom.
fn layer_breaches(metadata: &Value) -> Vec<String> {
    let members = members(metadata);
    let mut breaches = Vec::new();
    for (member, dependencies) in &members {
        let layer = MAY_USE
            .iter()
            .find(|(name, _)| name == member)
            .map(|(_, may_use)| *may_use);
        for dependency in dependencies {
            // A crate's tests may name the crate itself, to turn its features on.
            let in_workspace = members.contains_key(dependency) && dependency != member;
            if in_workspace && layer.is_some_and(|may_use| !may_use.contains(&dependency.as_str()))
            {
                breaches.push(format!("{member} depends on {dependency}"));
            }
            if in_workspace
                && layer.is_none()
                && !MAY_USE.iter().any(|(name, _)| name == dependency)
            {
                breaches.push(format!(
                    "{member} depends on {dependency}, which nothing may use"
                ));
            }
            if in_workspace && layer.is_none() && dependency == "chat-relay" {
                breaches.push(format!(
                    "{member} depends on chat-relay, which is a program"
                ));
            }
            if WEB_CRATES.contains(&dependency.as_str()) && member != "xr-core" {
                breaches.push(format!(
                    "{member} names {dependency}; only xr-core speaks to JavaScript"
                ));
            }
        }
    }
    breaches
}

/// Breaches of slam's purity among the names of all crates that it needs without features.
fn purity_breaches(needed_by_slam: &BTreeSet<String>) -> Vec<String> {
    [
        "serde",
        "serde_json",
        "image",
        "wgpu",
        "clap",
        "rand",
        "getrandom",
    ]
    .iter()
    .filter(|name| needed_by_slam.contains(**name))
    .map(|name| format!("slam needs {name} without any feature"))
    .collect()
}

/// What an artefact may bring that no other may: each is paid for by those alone who use it.
const BROUGHT_BY: [(&str, &str); 5] = [
    ("slam", "tracker"),
    ("render?/gltf", "models"),
    ("render?/streams", "streams"),
    ("render-scenes", "measure-render"),
    ("model-view", "model-view"),
];

/// Breaches of the artefacts of `xr-core`, each the features that make it, by what these turn on.
fn artefact_breaches(metadata: &Value, artefacts: &[&[&str]]) -> Vec<String> {
    let no_package = Value::Null;
    let xr_core = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "xr-core")
        .unwrap_or(&no_package);
    let mut breaches = Vec::new();
    for features in artefacts {
        let artefact = features.join(" ");
        let turned_on = features
            .iter()
            .map(|feature| xr_core["features"][feature].as_array());
        let Some(turned_on) = turned_on.collect::<Option<Vec<_>>>() else {
            breaches.push(format!("xr-core lacks a feature of {artefact}"));
            continue;
        };
        let parts: Vec<_> = turned_on
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .chain(features.iter().copied())
            .collect();
        for (part, owner) in BROUGHT_BY {
            let brings = parts
                .iter()
                .any(|known| *known == part || *known == format!("dep:{part}"));
            if brings != features.contains(&owner) {
                let verb = if brings { "brings" } else { "lacks" };
                breaches.push(format!("the artefact {artefact} {verb} {part}"));
            }
        }
    }
    let by_default = xr_core["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|dependency| dependency["name"] == "render" && dependency["kind"].is_null())
        .any(|dependency| dependency["uses_default_features"] != false);
    if by_default {
        breaches.push("xr-core takes the default features of render, glTF among them".to_owned());
    }
    breaches
}

/// Breaches within one file, by its path inside the repository.
fn file_breaches(path: &Path, text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let shown = path.display();
    let is_rust = path.extension().is_some_and(|ending| ending == "rs");
    let is_generated_manifest = path.file_name().is_some_and(|name| name == "build.rs");
    if is_rust && !is_generated_manifest && !text.trim_start().starts_with("//!") {
        breaches.push(format!("{shown} does not open with what it is for (//!)"));
    }
    let lines = text.lines().count();
    if lines > LONGEST_LINES && !text.lines().take(40).any(|line| line.contains(LONG_REASON)) {
        breaches.push(format!(
            "{shown} has {lines} lines and no `{LONG_REASON}: reason`"
        ));
    }
    let names = path
        .iter()
        .filter_map(|part| part.to_str())
        .map(|part| part.split('.').next().unwrap_or(part));
    for name in names {
        if VAGUE.contains(&name.to_lowercase().as_str()) {
            breaches.push(format!("{shown}: {name} names no subject"));
        }
    }
    let ignored = text
        .lines()
        .filter(|line| line.trim_start().starts_with("#[ignore"));
    for line in ignored.filter(|line| !line.trim_start().starts_with("#[ignore = \"long")) {
        breaches.push(format!(
            "{shown}: {} gives no reason that begins with \"long\", so the test command counts a skip",
            line.trim()
        ));
    }
    let in_pure_slam = path.starts_with("slam/src")
        && ![
            "simulator",
            "dataset",
            "cli",
            "bin",
            "opencv",
            "opencv.rs",
            "main.rs",
        ]
        .iter()
        .any(|impure| path.starts_with(Path::new("slam/src").join(impure)));
    if in_pure_slam {
        for word in [
            "std::time::Instant",
            "SystemTime",
            "Instant::now",
            "std::fs",
            "std::net",
            "std::env",
            "thread_rng",
        ] {
            if text.contains(word) {
                breaches.push(format!(
                    "{shown} names {word}; slam has no clock, no files and no global randomness"
                ));
            }
        }
    }
    for name in VAGUE {
        if is_rust
            && text.lines().any(|line| {
                line.trim_start_matches("pub(crate) ")
                    .trim_start_matches("pub ")
                    .trim()
                    == format!("mod {name} {{")
            })
        {
            breaches.push(format!("{shown}: mod {name} names no subject"));
        }
    }
    breaches
}

mod tests {
    use serde_json::json;

    use super::*;
    use crate::web::ARTEFACTS;
    use crate::workspace::{Workspace, answer};

    #[test]
    fn the_layers_hold() {
        let metadata = Workspace::find().unwrap().metadata().unwrap();
        for (name, _) in MAY_USE {
            assert!(
                members(&metadata).contains_key(name),
                "{name} is no longer a crate: mend MAY_USE"
            );
        }
        assert_eq!(layer_breaches(&metadata), Vec::<String>::new());
    }

    #[test]
    fn artefacts_bring_their_own_parts_alone() {
        let metadata = Workspace::find().unwrap().metadata().unwrap();
        let artefacts = ARTEFACTS.map(|artefact| artefact.features);
        assert_eq!(
            artefact_breaches(&metadata, &artefacts),
            Vec::<String>::new()
        );
    }

    #[test]
    fn slam_is_pure_without_features() {
        let workspace = Workspace::find().unwrap();
        let tree = answer(&mut workspace.cargo([
            "tree",
            "--package=slam",
            "--edges=normal",
            "--prefix=none",
            "--format={p}",
        ]));
        let names: BTreeSet<_> = tree
            .unwrap()
            .lines()
            .filter_map(|line| line.split(' ').next().map(str::to_owned))
            .collect();
        assert!(names.contains("slam"), "{names:?}");
        assert_eq!(purity_breaches(&names), Vec::<String>::new());
    }

    #[test]
    fn every_file_keeps_the_house_rules() {
        let workspace = Workspace::find().unwrap();
        let listed = answer(workspace.command("git").args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))
        .unwrap();
        let sources: Vec<_> = listed
            .lines()
            .filter(|path| {
                ["rs", "ts", "mjs", "wgsl", "css"]
                    .iter()
                    .any(|ending| path.ends_with(&format!(".{ending}")))
            })
            .collect();
        assert!(
            sources.len() > 30,
            "the list of files looks too short: {sources:?}"
        );
        let breaches: Vec<_> = sources
            .iter()
            // A file of the index that was just removed is not there to be read.
            .filter_map(|path| Some((path, std::fs::read_to_string(workspace.path(path)).ok()?)))
            .flat_map(|(path, text)| file_breaches(Path::new(path), &text))
            .collect();
        assert_eq!(breaches, Vec::<String>::new());
    }

    /// A workspace of crates with the names they depend on.
    fn made_up(crates: &[(&str, &[&str])]) -> Value {
        let packages: Vec<_> = crates
            .iter()
            .map(|(name, dependencies)| {
                let dependencies: Vec<_> = dependencies
                    .iter()
                    .map(|name| json!({ "name": name }))
                    .collect();
                json!({ "id": format!("path+{name}"), "name": name, "dependencies": dependencies })
            })
            .collect();
        let ids: Vec<_> = crates
            .iter()
            .map(|(name, _)| format!("path+{name}"))
            .collect();
        json!({ "packages": packages, "workspace_members": ids })
    }

    #[test]
    fn a_broken_layer_is_found() {
        let good = made_up(&[
            ("slam", &["nalgebra"]),
            ("render", &["wgpu"]),
            ("xr-core", &["slam", "web-sys"]),
            ("xtask", &["slam"]),
        ]);
        assert_eq!(layer_breaches(&good), Vec::<String>::new());

        let breaches = |crates: &[(&str, &[&str])]| layer_breaches(&made_up(crates));
        assert_eq!(
            breaches(&[("slam", &[]), ("render", &["slam"])]),
            ["render depends on slam"]
        );
        assert_eq!(
            breaches(&[("slam", &["js-sys"])]),
            ["slam names js-sys; only xr-core speaks to JavaScript"]
        );
        assert_eq!(
            breaches(&[("xtask", &[]), ("xr-core", &["xtask"])]),
            ["xr-core depends on xtask"]
        );
        assert_eq!(
            breaches(&[("chat-relay", &[]), ("example", &["chat-relay"])]),
            ["example depends on chat-relay, which is a program"]
        );
        assert_eq!(
            breaches(&[("example", &[]), ("xtask", &["example"])]),
            ["xtask depends on example, which nothing may use"]
        );
    }

    #[test]
    fn an_artefact_with_a_part_of_another_is_found() {
        let breaches = |features: Value, defaults: bool| {
            let render =
                json!({ "name": "render", "kind": null, "uses_default_features": defaults });
            let package =
                json!({ "name": "xr-core", "features": features, "dependencies": [render] });
            artefact_breaches(
                &json!({ "packages": [package] }),
                &[
                    &["tracker"],
                    &["view-webgpu"],
                    &["view-webgpu", "model-view"],
                    &["models"],
                    &["streams", "webgpu"],
                ],
            )
        };
        let sound = json!({
            "tracker": ["dep:slam"], "view-webgpu": ["dep:render"], "models": ["dep:render", "render?/gltf"],
            "model-view": [], "streams": ["dep:render", "render?/streams"], "webgpu": [],
        });
        assert_eq!(breaches(sound.clone(), false), Vec::<String>::new());
        assert_eq!(breaches(sound.clone(), true).len(), 1);
        let mut unsound = sound;
        unsound["view-webgpu"] = json!(["dep:render", "render?/gltf", "dep:slam", "model-view"]);
        unsound["webgpu"] = json!(["dep:slam"]);
        unsound["streams"] = json!([]);
        unsound["models"] = json!(["dep:render"]);
        assert_eq!(
            breaches(unsound, false),
            [
                "the artefact view-webgpu brings slam",
                "the artefact view-webgpu brings render?/gltf",
                "the artefact view-webgpu brings model-view",
                "the artefact view-webgpu model-view brings slam",
                "the artefact view-webgpu model-view brings render?/gltf",
                "the artefact models lacks render?/gltf",
                "the artefact streams webgpu brings slam",
                "the artefact streams webgpu lacks render?/streams",
            ]
        );
        assert_eq!(breaches(json!({}), false).len(), 5);
    }

    #[test]
    fn an_impure_slam_is_found() {
        let needed = ["slam", "nalgebra", "serde"].map(str::to_owned).into();
        assert_eq!(
            purity_breaches(&needed),
            ["slam needs serde without any feature"]
        );
    }

    #[test]
    fn a_file_against_the_rules_is_found() {
        let count = |path: &str, text: &str| file_breaches(Path::new(path), text).len();
        assert_eq!(count("slam/src/corners.rs", "//! Corners.\n"), 0);
        assert_eq!(count("slam/src/corners.rs", "fn f() {}\n"), 1);
        assert_eq!(count("render/src/utils.rs", "//! Things.\n"), 1);
        assert_eq!(count("web/src/helpers/time.ts", "export {};\n"), 1);
        assert_eq!(
            count(
                "slam/src/corners.rs",
                "//! Corners.\nuse std::time::Instant;\n"
            ),
            1
        );
        assert_eq!(
            count("slam/src/dataset/reader.rs", "//! Reads.\nuse std::fs;\n"),
            0
        );
        assert_eq!(count("render/src/a.rs", "//! A.\nmod common {\n}\n"), 1);
        let ignored = |reason: &str| format!("//! A.\n#[test]\n#[ignore{reason}]\nfn a() {{}}\n");
        assert_eq!(
            count("render/src/a.rs", &ignored(" = \"long: minutes\"")),
            0
        );
        assert_eq!(count("render/src/a.rs", &ignored(" = \"slow\"")), 1);
        assert_eq!(count("render/src/a.rs", &ignored("")), 1);
        let long = "//! A.\n".repeat(601);
        assert_eq!(count("render/src/a.rs", &long), 1);
        assert_eq!(
            count(
                "render/src/a.rs",
                &format!("//! A. Longer than 600 lines: one table.\n{long}")
            ),
            0
        );
    }
}
