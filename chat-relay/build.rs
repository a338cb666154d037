//! With the feature `embedded-page`: lists the files of the built page, `web/dist` or the folder that
//! `SIGHTLINE_PAGE` names, for `src/http/embedded_page.rs` to include. Without it, nothing.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_EMBEDDED_PAGE").is_none() {
        return Ok(());
    }
    println!("cargo::rerun-if-env-changed=SIGHTLINE_PAGE");
    let folder =
        env::var_os("SIGHTLINE_PAGE").map_or_else(|| PathBuf::from("../web/dist"), PathBuf::from);
    println!("cargo::rerun-if-changed={}", folder.display());
    if !folder.join("index.html").is_file() {
        println!(
            "cargo::error=there is no page in {}: build it with `cargo xtask web`, or name its folder in \
             SIGHTLINE_PAGE",
            folder.display()
        );
        return Ok(());
    }
    let folder = folder.canonicalize()?;
    let mut files = BTreeMap::new();
    collect(&folder, "", &mut files)?;
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    fs::write(out.join("page.rs"), table(&files))
}

/// Every file under `folder`, by its name in the page.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, entry.path());
        }
    }
    Ok(())
}

/// The table in Rust: a compressed form stands with its file, and not by itself.
fn table(files: &BTreeMap<String, PathBuf>) -> String {
    let include = |path: &PathBuf| format!("include_bytes!({:?})", path.display().to_string());
    let coded = |name: &str, suffix: &str| {
        files.get(&format!("{name}{suffix}")).map_or_else(
            || "None".to_owned(),
            |path| format!("Some({})", include(path)),
        )
    };
    let is_coded = |name: &str| {
        [".br", ".gz"].iter().any(|suffix| {
            name.strip_suffix(suffix)
                .is_some_and(|plain| files.contains_key(plain))
        })
    };
    let entries: String = files
        .iter()
        .filter(|(name, _)| !is_coded(name))
        .map(|(name, path)| {
            let (plain, brotli, gzip) = (include(path), coded(name, ".br"), coded(name, ".gz"));
            format!(
                "    File {{ name: {name:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},\n"
            )
        })
        .collect();
    format!("static FILES: &[File] = &[\n{entries}];\n")
}
