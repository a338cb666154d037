//! The bytes behind a file: its own chunk, data in addresses, and other files, which are asked for.

use std::borrow::Cow;

use super::document::{self, Document};
use super::faults::{broken, limited};
use super::uris::{self, Uri};
use crate::Error;

/// Asks for other files, and for not too many bytes of them.
pub(super) struct Resources<'a> {
    pub(super) ask: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>,
    pub(super) bytes: usize,
    pub(super) limit: usize,
}

impl Resources<'_> {
    /// What stands behind an address; `at` names the place in the file.
    pub(super) fn read(&mut self, uri: &str, at: &str) -> Result<Vec<u8>, Error> {
        match uris::read(uri, at)? {
            Uri::Data(bytes) => Ok(bytes),
            Uri::External(uri) => {
                let bytes = (self.ask)(&uri).ok_or(Error::ModelResource { uri })?;
                self.bytes = self.bytes.saturating_add(bytes.len());
                limited("bytes of the file's resources", self.bytes, self.limit)?;
                Ok(bytes)
            }
        }
    }
}

/// All buffers of a file. One that has no bytes at all is missed only when it is used: compressed
/// files have such beside their fallback.
pub(super) struct Buffers<'a> {
    bytes: Vec<Option<Cow<'a, [u8]>>>,
}

impl<'a> Buffers<'a> {
    pub(super) fn load(
        document: &Document,
        binary: Option<&'a [u8]>,
        resources: &mut Resources<'_>,
    ) -> Result<Buffers<'a>, Error> {
        let mut bytes = Vec::with_capacity(document.buffers.len());
        for (place, buffer) in document.buffers.iter().enumerate() {
            let at = format!("buffer {place}");
            let whole = match &buffer.uri {
                Some(uri) => Some(Cow::Owned(resources.read(uri, &at)?)),
                None if place == 0 => binary.map(Cow::Borrowed),
                None => None,
            };
            if let Some(whole) = &whole
                && whole.len() < buffer.byte_length
            {
                let (needs, has) = (buffer.byte_length, whole.len());
                return Err(broken(at, format!("needs {needs} bytes, there are {has}")));
            }
            bytes.push(whole);
        }
        Ok(Buffers { bytes })
    }

    /// The bytes of a view, and how far apart its elements are if it says so.
    pub(super) fn view<'b>(
        &'b self,
        document: &'b Document,
        place: usize,
    ) -> Result<(&'b [u8], Option<usize>), Error> {
        let at = || format!("bufferView {place}");
        let view: &document::BufferView = document
            .buffer_views
            .get(place)
            .ok_or_else(|| broken(at(), "does not exist"))?;
        let buffer = self
            .bytes
            .get(view.buffer)
            .ok_or_else(|| broken(at(), format!("buffer {} does not exist", view.buffer)))?
            .as_deref()
            .ok_or_else(|| broken(at(), format!("buffer {} has no bytes", view.buffer)))?;
        let bytes = view
            .byte_offset
            .checked_add(view.byte_length)
            .and_then(|end| buffer.get(view.byte_offset..end))
            .ok_or_else(|| broken(at(), format!("reaches beyond buffer {}", view.buffer)))?;
        Ok((bytes, view.byte_stride))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_that_overflows_is_refused() {
        let document = Document {
            buffer_views: vec![document::BufferView {
                buffer: 0,
                byte_offset: usize::MAX,
                byte_length: 2,
                byte_stride: None,
            }],
            ..Document::default()
        };
        let buffers = Buffers {
            bytes: vec![Some(Cow::Borrowed(&[1, 2, 3]))],
        };
        assert!(buffers.view(&document, 0).is_err());
        assert!(buffers.view(&document, 1).is_err());
    }
}
