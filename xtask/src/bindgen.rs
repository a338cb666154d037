//! The bindings between the module and JavaScript: what `wasm-bindgen` does, as a library, so that nobody has to
//! install its command.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Turns one WASM file into `NAME.js`, `NAME.d.ts` and `NAME_bg.wasm` in `folder`, for loading by a page or a worker.
///
/// # Errors
///
/// When the file is not a module made with the same version of wasm-bindgen.
pub(crate) fn generate(wasm: &Path, name: &str, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(name)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(folder)
        .with_context(|| format!("no bindings for {name}"))
}
