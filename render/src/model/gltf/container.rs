//! The outermost layer of a file: GLB with its chunks, or bare JSON. glTF 2.0, section 4.

use super::faults::broken;
use crate::Error;

const MAGIC: &[u8] = b"glTF";
const JSON_CHUNK: &[u8] = b"JSON";
const BINARY_CHUNK: &[u8] = b"BIN\0";
const HEADER_BYTES: usize = 12;
const CHUNK_HEADER_BYTES: usize = 8;

pub(super) struct Container<'a> {
    pub(super) json: &'a [u8],
    /// The chunk that is the first buffer.
    pub(super) binary: Option<&'a [u8]>,
}

/// Takes a file apart.
pub(super) fn open(bytes: &[u8]) -> Result<Container<'_>, Error> {
    if bytes.starts_with(MAGIC) {
        return open_glb(bytes);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii_start().starts_with(b"{") {
        return Ok(Container {
            json: text,
            binary: None,
        });
    }
    Err(Error::ModelNotGltf)
}

fn open_glb(bytes: &[u8]) -> Result<Container<'_>, Error> {
    let version = number_at(bytes, 4).ok_or_else(|| too_short("header"))?;
    if version != 2 {
        return Err(Error::ModelVersion {
            version: version.to_string(),
        });
    }
    let length = number_at(bytes, 8).ok_or_else(|| too_short("header"))?;
    // Bytes behind the stated end are padding.
    let bytes = bytes.get(..length).ok_or_else(|| {
        broken(
            "GLB header",
            format!("says {length} bytes, the file has {}", bytes.len()),
        )
    })?;
    let mut chunks = Chunks {
        bytes,
        at: HEADER_BYTES,
    };
    let first = chunks.next()?.ok_or_else(|| too_short("first chunk"))?;
    if first.kind != JSON_CHUNK {
        return Err(broken("GLB chunk 0", "is not the JSON chunk"));
    }
    // Chunks of other kinds are for others.
    let mut binary = None;
    while let Some(chunk) = chunks.next()? {
        if chunk.kind == BINARY_CHUNK && binary.is_none() {
            binary = Some(chunk.bytes);
        }
    }
    Ok(Container {
        json: first.bytes,
        binary,
    })
}

struct Chunk<'a> {
    kind: &'a [u8],
    bytes: &'a [u8],
}

struct Chunks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Chunks<'a> {
    /// The next chunk; `None` at the end.
    fn next(&mut self) -> Result<Option<Chunk<'a>>, Error> {
        let Some(kind) = self.bytes.get(self.at + 4..self.at + CHUNK_HEADER_BYTES) else {
            return match self.bytes.len() {
                end if end > self.at => Err(too_short("chunk header")),
                _ => Ok(None),
            };
        };
        let length = number_at(self.bytes, self.at).unwrap_or_default();
        let start = self.at + CHUNK_HEADER_BYTES;
        let rest = &self.bytes[start..];
        let bytes = rest.get(..length).ok_or_else(|| {
            broken(
                format!("GLB chunk at byte {}", self.at),
                format!("says {length} bytes, the file has {} more", rest.len()),
            )
        })?;
        self.at = start + length;
        Ok(Some(Chunk { kind, bytes }))
    }
}

fn number_at(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}

fn too_short(part: &str) -> Error {
    broken("GLB", format!("the file ends within the {part}"))
}
