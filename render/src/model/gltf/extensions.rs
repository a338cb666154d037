//! Which extensions of glTF 2.0 are understood.

use super::document::Document;
use super::notes::Notes;
use crate::Error;

const KNOWN: [&str; 5] = [
    "KHR_texture_transform",
    "KHR_materials_unlit",
    "KHR_mesh_quantization",
    "KHR_materials_emissive_strength",
    "EXT_texture_webp",
];

/// Refuses a file that cannot be shown without an extension that is not known; notes those that it
/// can do without.
pub(super) fn check(document: &Document, notes: &mut Notes) -> Result<(), Error> {
    let is_known = |name: &&String| KNOWN.contains(&name.as_str());
    if let Some(name) = document
        .extensions_required
        .iter()
        .find(|name| !is_known(name))
    {
        return Err(Error::ModelExtension { name: name.clone() });
    }
    for name in document
        .extensions_used
        .iter()
        .filter(|name| !is_known(name))
    {
        notes.add(format!(
            "The optional extension {name} is not known and was left out."
        ));
    }
    Ok(())
}

/// Versions 2.x that can be read by one who knows 2.0.
pub(super) fn check_version(document: &Document) -> Result<(), Error> {
    let asset = &document.asset;
    let is_second = asset.version == "2" || asset.version.starts_with("2.");
    let newer = asset.min_version.as_ref().filter(|least| *least != "2.0");
    if let Some(least) = newer {
        return Err(Error::ModelVersion {
            version: least.clone(),
        });
    }
    if !is_second {
        return Err(Error::ModelVersion {
            version: asset.version.clone(),
        });
    }
    Ok(())
}
