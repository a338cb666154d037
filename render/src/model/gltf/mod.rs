//! glTF 2.0 (Khronos, and ISO/IEC 12113:2022): bytes in, a checked [`Model`] out. Nothing is drawn,
//! decoded or fetched here: other files are asked of the caller, pictures stay encoded.
//!
//! `container` and `uris` find the JSON and the bytes, `document` mirrors the JSON, `buffers` and
//! `accessors` decode numbers; each of the other files makes one kind of thing of a model.

mod accessors;
mod animations;
mod buffers;
mod container;
mod corners;
mod document;
mod extensions;
mod faults;
mod kept;
mod materials;
mod nodes;
mod normalized;
mod notes;
mod primitives;
mod skinning;
mod uris;

use accessors::Accessors;
use buffers::{Buffers, Resources};
use faults::{broken, limited};
use kept::Kept;
use materials::Materials;
use notes::Notes;

use super::bounds::Bounds;
use super::content::Model;
use super::limits::ModelLimits;
use super::material::Material;
use super::rest_bounds::rest_bounds;
use crate::Error;

/// Reads a glTF 2.0 file, GLB or JSON, told apart by its first bytes. Data in the file is decoded;
/// for other files `resource` is asked, with the name as [`resource_uris`] gives it, and answers
/// `None` for what it does not have or will not give: a name may hold `..` or a whole address.
///
/// Understood are the core of glTF 2.0 but for cameras, points and lines, and the extensions
/// `KHR_texture_transform`, `KHR_materials_unlit`, `KHR_mesh_quantization`,
/// `KHR_materials_emissive_strength` and `EXT_texture_webp`.
///
/// # Errors
/// [`Error::ModelNotGltf`], [`Error::ModelVersion`]: another kind of file.
/// [`Error::ModelExtension`]: it cannot be shown without an extension that is not understood.
/// [`Error::ModelBroken`]: it contradicts itself or the specification.
/// [`Error::ModelTooBig`]: it goes beyond a limit.
/// [`Error::ModelResource`]: `resource` does not have a file that is needed.
pub fn read_model(
    bytes: &[u8],
    resource: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    limits: &ModelLimits,
) -> Result<Model, Error> {
    limited("bytes of the file", bytes.len(), limits.file_bytes)?;
    let container = container::open(bytes)?;
    let document = document::parse(container.json, limits.json_objects)?;
    let mut notes = Notes::default();
    extensions::check_version(&document)?;
    extensions::check(&document, &mut notes)?;
    let mut resources = Resources {
        ask: resource,
        bytes: 0,
        limit: limits.file_bytes,
    };
    let buffers = Buffers::load(&document, container.binary, &mut resources)?;
    let accessors = Accessors::new(&document, &buffers);

    let mut tree = nodes::read(&document, limits)?;
    let mut meshes = primitives::read(&document, &tree.meshes, &accessors, limits, &mut notes)?;
    let skins = skinning::read_skins(&document, &tree.skins, &tree.kept, &accessors, limits)?;
    skinning::check_joints(&tree.nodes, &skins, &meshes.meshes, &meshes.primitives)?;
    let animations = animations::read(
        &document,
        &mut tree.nodes,
        &tree.kept,
        &accessors,
        limits,
        &mut notes,
    )?;

    let mut kept = Kept::new(document.materials.len());
    let mut reader = Materials::new(&document);
    let mut materials = Vec::new();
    for (primitive, in_file) in meshes.primitives.iter_mut().zip(&meshes.materials) {
        primitive.material = match in_file {
            Some(in_file) => kept.keep(*in_file).ok_or_else(|| {
                broken(format!("material {in_file}"), "is used but does not exist")
            })?,
            None => usize::MAX,
        };
        if primitive.material == materials.len() {
            materials.push(reader.read(kept.order()[materials.len()], &mut notes)?);
        }
    }
    let default_material = materials.len();
    for primitive in &mut meshes.primitives {
        if primitive.material == usize::MAX {
            primitive.material = default_material;
            materials.truncate(default_material);
            materials.push(Material::default());
        }
    }
    let images = reader.images(&buffers, &mut resources, limits)?;

    let mut model = Model {
        primitives: meshes.primitives,
        meshes: meshes.meshes,
        materials,
        images,
        nodes: tree.nodes,
        skins,
        animations,
        bounds: Bounds::EMPTY,
        notes: notes.into_sentences(),
    };
    model.bounds = rest_bounds(&model, limits)?;
    Ok(model)
}

/// The other files that a glTF file needs, each once, sorted, percent-decoded: relative to the file's own
/// address, or whole addresses. Fetch them before [`read_model`] is called.
///
/// # Errors
/// As [`read_model`], for what is found without the other files. The limit is the default one.
pub fn resource_uris(bytes: &[u8]) -> Result<Vec<String>, Error> {
    let container = container::open(bytes)?;
    let document = document::parse(container.json, ModelLimits::default().json_objects)?;
    extensions::check_version(&document)?;
    extensions::check(&document, &mut Notes::default())?;
    let buffers = document.buffers.iter().map(|buffer| &buffer.uri);
    let images = document.images.iter().map(|image| &image.uri);
    let mut names: Vec<String> = Vec::new();
    for uri in buffers.chain(images).flatten() {
        if !uris::is_data(uri)
            && let uris::Uri::External(name) = uris::read(uri, "a URI")?
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
