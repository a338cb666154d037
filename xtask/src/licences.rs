//! `cargo xtask licences`: every crate, shipped or for development, and every npm package must be under a
//! permissive licence. Licences are SPDX expressions, so `MIT OR GPL-3.0` is fine and `MIT AND GPL-3.0` is not.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, LicenseReq, ParseMode};

use crate::workspace::Workspace;

/// Licences that ask for no more than a notice; `Apache-2.0` also with LLVM's exception, which only gives more.
const PERMISSIVE: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Where npm packages are locked.
const NPM_FOLDERS: [&str; 3] = [
    "web",
    "web/tests/render_reference",
    "chat-relay/tests/foreign",
];

/// npm packages that name their licence in a file alone, and what that file says.
const IN_A_FILE: [(&str, &str); 1] = [("node_modules/@webxr-input-profiles/assets", "MIT")];

/// Checks both worlds and prints what offends.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let (crates, mut offenders) = check_crates(&workspace.metadata()?)?;
    let mut packages = 0;
    for folder in NPM_FOLDERS {
        let lock = fs::read(workspace.path(folder).join("package-lock.json"))
            .with_context(|| format!("{folder}/package-lock.json is missing"))?;
        let (count, more) = check_npm(&serde_json::from_slice(&lock)?, |path| {
            let manifest = fs::read(workspace.path(folder).join(path).join("package.json")).ok()?;
            serde_json::from_slice::<Value>(&manifest)
                .ok()?
                .get("license")?
                .as_str()
                .map(str::to_owned)
        })?;
        packages += count;
        offenders.extend(more);
    }
    for offender in &offenders {
        println!("not permissive: {offender}");
    }
    if !offenders.is_empty() {
        bail!(
            "{} of {} packages are not under a permissive licence",
            offenders.len(),
            crates + packages
        );
    }
    println!("{crates} crates and {packages} npm packages are under permissive licences");
    Ok(())
}

/// How many crates there are, and which offend.
fn check_crates(metadata: &Value) -> Result<(usize, Vec<String>)> {
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata without packages")?;
    let offenders = packages
        .iter()
        .filter_map(|package| {
            let licence = package["license"].as_str().unwrap_or_default();
            let name = format!(
                "{} {}",
                package["name"].as_str()?,
                package["version"].as_str()?
            );
            offence(licence).map(|reason| format!("crate {name}: {reason}"))
        })
        .collect();
    Ok((packages.len(), offenders))
}

/// The same for a `package-lock.json`; `installed` gives the licence of a package that the lock file says none of.
fn check_npm(
    lock: &Value,
    installed: impl Fn(&str) -> Option<String>,
) -> Result<(usize, Vec<String>)> {
    let packages = lock["packages"]
        .as_object()
        .context("package-lock.json without packages")?;
    let foreign: Vec<_> = packages
        .iter()
        .filter(|(path, _)| path.starts_with("node_modules/"))
        .collect();
    let offenders = foreign
        .iter()
        .filter_map(|(path, package)| {
            let licence = package["license"]
                .as_str()
                .map(str::to_owned)
                .or_else(|| installed(path))
                .or_else(|| {
                    let (_, licence) = IN_A_FILE.iter().find(|(package, _)| package == path)?;
                    Some((*licence).to_owned())
                })
                .unwrap_or_default();
            offence(&licence)
                .map(|reason| format!("npm {}: {reason}", path.trim_start_matches("node_modules/")))
        })
        .collect();
    Ok((foreign.len(), offenders))
}

/// Why a licence expression is not acceptable, if it is not.
fn offence(licence: &str) -> Option<String> {
    if licence.trim().is_empty() {
        return Some("names no licence".to_owned());
    }
    // Older crates write `MIT/Apache-2.0`.
    match Expression::parse_mode(licence, ParseMode::LAX) {
        Ok(expression) if expression.evaluate(is_permissive) => None,
        Ok(_) => Some(licence.to_owned()),
        Err(error) => Some(format!(
            "{licence} is not an SPDX expression: {}",
            error.reason
        )),
    }
}

fn is_permissive(requirement: &LicenseReq) -> bool {
    let exception = requirement.addition.as_ref().map(ToString::to_string);
    let Some(licence) = requirement.license.id() else {
        return false;
    };
    PERMISSIVE.contains(&licence.name)
        && matches!(exception.as_deref(), None | Some("LLVM-exception"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert_eq!(offence(good), None, "{good}");
        }
        for bad in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-or-later",
            "MPL-2.0",
            "LGPL-2.1-or-later",
            "",
            "SEE LICENSE IN FILE",
            "LicenseRef-own",
        ] {
            assert!(offence(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_gpl_crate_is_refused_by_name() {
        let metadata = json!({ "packages": [
            { "name": "good", "version": "1.0.0", "license": "MIT" },
            { "name": "bad", "version": "2.0.0", "license": "GPL-2.0-only" },
            { "name": "silent", "version": "0.1.0", "license": null },
        ] });
        let (count, offenders) = check_crates(&metadata).unwrap();
        assert_eq!(count, 3);
        assert_eq!(
            offenders,
            [
                "crate bad 2.0.0: GPL-2.0-only",
                "crate silent 0.1.0: names no licence"
            ]
        );
    }

    #[test]
    fn npm_packages_fall_back_on_their_manifest() {
        let lock = json!({ "packages": {
            "": { "license": "GPL-3.0-only" },
            "node_modules/a": { "license": "MIT" },
            "node_modules/b": {},
            "node_modules/c": { "license": "AGPL-3.0-only" },
        } });
        let (count, offenders) = check_npm(&lock, |path| {
            (path == "node_modules/b").then(|| "ISC".to_owned())
        })
        .unwrap();
        assert_eq!(count, 3);
        assert_eq!(offenders, ["npm c: AGPL-3.0-only"]);
    }
}
