//! Takes the comments and the indentation out of the shaders before they become part of the library: a
//! tenth of what the page downloads would be their text.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    println!("cargo::rerun-if-changed=src");
    shorten_all(Path::new("src"), &out)
}

/// All shaders under a folder, into the same folders under `out`.
fn shorten_all(folder: &Path, out: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            shorten_all(&path, out)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "wgsl")
        {
            let within = path.strip_prefix("src").map_err(io::Error::other)?;
            let target = out.join(within);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(target, shortened(&fs::read_to_string(&path)?))?;
        }
    }
    Ok(())
}

/// WGSL has no strings, so that two slashes always begin a comment. Our shaders have no block comments.
fn shortened(wgsl: &str) -> String {
    let mut short = String::with_capacity(wgsl.len());
    for line in wgsl.lines() {
        let code = line.split("//").next().unwrap_or_default().trim();
        if !code.is_empty() {
            short.push_str(code);
            short.push('\n');
        }
    }
    short
}
