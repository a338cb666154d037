//! Numbers in a file: elements of a type and shape, at some stride in a buffer view or all zero, some
//! of them replaced by sparse ones. Elements are decoded one by one where they stand; nothing of the
//! size that a file claims is allocated here. glTF 2.0, section 3.6.2.

use std::cell::Cell;

use super::buffers::Buffers;
use super::document::{self, Document};
use super::faults::broken;
use crate::Error;

/// All accessors of a file with the bytes behind them.
pub(super) struct Accessors<'a> {
    document: &'a Document,
    buffers: &'a Buffers<'a>,
    /// Whose sparse indices are known to be in order: the check is not repeated for each use.
    checked: Vec<Cell<bool>>,
}

/// How a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    I8,
    U8,
    I16,
    U16,
    U32,
    F32,
}

impl Component {
    fn of(number: u32) -> Option<Component> {
        Some(match number {
            5120 => Component::I8,
            5121 => Component::U8,
            5122 => Component::I16,
            5123 => Component::U16,
            5125 => Component::U32,
            5126 => Component::F32,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Component::I8 | Component::U8 => 1,
            Component::I16 | Component::U16 => 2,
            Component::U32 | Component::F32 => 4,
        }
    }
}

/// How many numbers an element has.
fn width_of(shape: &str) -> Option<usize> {
    Some(match shape {
        "SCALAR" => 1,
        "VEC2" => 2,
        "VEC3" => 3,
        "VEC4" => 4,
        "MAT4" => 16,
        _ => return None,
    })
}

impl<'a> Accessors<'a> {
    pub(super) fn new(document: &'a Document, buffers: &'a Buffers<'a>) -> Self {
        Accessors {
            document,
            buffers,
            checked: vec![Cell::new(false); document.accessors.len()],
        }
    }

    /// Opens an accessor of one of the given widths and component types; every element of it can
    /// then be read.
    pub(super) fn open(
        &'a self,
        place: usize,
        widths: &[usize],
        components: &[Component],
    ) -> Result<Accessor<'a>, Error> {
        let at = || format!("accessor {place}");
        let accessor = self
            .document
            .accessors
            .get(place)
            .ok_or_else(|| broken(at(), "does not exist"))?;
        let width = width_of(&accessor.shape)
            .filter(|width| widths.contains(width))
            .ok_or_else(|| {
                broken(
                    at(),
                    format!(
                        "its type is \"{}\", which does not fit its use",
                        accessor.shape
                    ),
                )
            })?;
        let component = Component::of(accessor.component_type)
            .filter(|component| components.contains(component))
            .ok_or_else(|| {
                let number = accessor.component_type;
                broken(
                    at(),
                    format!("its componentType is {number}, which does not fit its use"),
                )
            })?;
        if accessor.count == 0 {
            return Err(broken(at(), "has no elements"));
        }
        let size = width * component.bytes();
        let dense = match accessor.buffer_view {
            Some(view) => {
                let (bytes, stride) = self.buffers.view(self.document, view)?;
                Some(
                    Elements::new(bytes, accessor.byte_offset, stride, size, accessor.count)
                        .ok_or_else(|| {
                            broken(at(), format!("does not fit into bufferView {view}"))
                        })?,
                )
            }
            None => None,
        };
        let sparse = match &accessor.sparse {
            Some(sparse) => Some(self.open_sparse(place, sparse, size, accessor.count)?),
            None => None,
        };
        Ok(Accessor {
            count: accessor.count,
            width,
            component,
            is_normalized: accessor.normalized,
            dense,
            sparse,
        })
    }

    fn open_sparse(
        &'a self,
        place: usize,
        sparse: &document::Sparse,
        size: usize,
        count: usize,
    ) -> Result<Sparse<'a>, Error> {
        let at = || format!("accessor {place}, sparse");
        let component = Component::of(sparse.indices.component_type)
            .filter(|component| [Component::U8, Component::U16, Component::U32].contains(component))
            .ok_or_else(|| broken(at(), "its indices are not unsigned integers"))?;
        let (bytes, _) = self
            .buffers
            .view(self.document, sparse.indices.buffer_view)?;
        let indices = Elements::new(
            bytes,
            sparse.indices.byte_offset,
            None,
            component.bytes(),
            sparse.count,
        );
        let (bytes, _) = self
            .buffers
            .view(self.document, sparse.values.buffer_view)?;
        let values = Elements::new(bytes, sparse.values.byte_offset, None, size, sparse.count);
        let (Some(indices), Some(values)) = (indices, values) else {
            return Err(broken(at(), "does not fit into its bufferViews"));
        };
        let opened = Sparse {
            count: sparse.count,
            component,
            indices,
            values,
        };
        if !self.checked[place].replace(true) {
            let mut next = 0;
            for which in 0..opened.count {
                let index = opened.index(which);
                if index < next || index >= count {
                    return Err(broken(
                        at(),
                        format!("its index {index} is out of order or range"),
                    ));
                }
                next = index + 1;
            }
        }
        Ok(opened)
    }
}

/// Elements of `size` bytes, `stride` apart; all of them lie within the bytes.
struct Elements<'a> {
    bytes: &'a [u8],
    stride: usize,
    size: usize,
}

impl<'a> Elements<'a> {
    /// `None` when they do not fit or overlap.
    fn new(
        bytes: &'a [u8],
        offset: usize,
        stride: Option<usize>,
        size: usize,
        count: usize,
    ) -> Option<Self> {
        let stride = stride.unwrap_or(size);
        if stride < size {
            return None;
        }
        let bytes = bytes.get(offset..)?;
        let end = stride
            .checked_mul(count.checked_sub(1)?)?
            .checked_add(size)?;
        (end <= bytes.len()).then_some(Elements {
            bytes,
            stride,
            size,
        })
    }

    fn get(&self, place: usize) -> &'a [u8] {
        let start = place * self.stride;
        &self.bytes[start..start + self.size]
    }
}

struct Sparse<'a> {
    count: usize,
    component: Component,
    indices: Elements<'a>,
    values: Elements<'a>,
}

impl<'a> Sparse<'a> {
    fn index(&self, which: usize) -> usize {
        integer(self.component, self.indices.get(which), 0) as usize
    }

    /// The replacement of an element, if there is one.
    fn get(&self, place: usize) -> Option<&'a [u8]> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.index(middle) < place {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.count && self.index(low) == place).then(|| self.values.get(low))
    }
}

/// One accessor, ready to be read.
pub(super) struct Accessor<'a> {
    pub(super) count: usize,
    /// Numbers an element.
    pub(super) width: usize,
    pub(super) component: Component,
    pub(super) is_normalized: bool,
    /// `None`: zeros.
    dense: Option<Elements<'a>>,
    sparse: Option<Sparse<'a>>,
}

impl Accessor<'_> {
    /// An element as it is meant: normalised integers as numbers of -1 or 0 to 1. Beyond the
    /// element's width `rest` stays. The place is below the count.
    pub(super) fn floats<const N: usize>(&self, place: usize, rest: [f32; N]) -> [f32; N] {
        self.decoded(place, rest, self.is_normalized)
    }

    /// As [`floats`](Self::floats), integers taken as normalised whatever the file says.
    pub(super) fn unit_floats<const N: usize>(&self, place: usize, rest: [f32; N]) -> [f32; N] {
        self.decoded(place, rest, true)
    }

    /// An element of unsigned integers; 0 beyond its width.
    pub(super) fn integers<const N: usize>(&self, place: usize) -> [u32; N] {
        let mut numbers = [0; N];
        if let Some(element) = self.element(place) {
            for (which, number) in numbers.iter_mut().enumerate().take(self.width) {
                *number = integer(self.component, element, which);
            }
        }
        numbers
    }

    fn element(&self, place: usize) -> Option<&[u8]> {
        let replaced = self.sparse.as_ref().and_then(|sparse| sparse.get(place));
        replaced.or_else(|| self.dense.as_ref().map(|dense| dense.get(place)))
    }

    fn decoded<const N: usize>(&self, place: usize, rest: [f32; N], as_unit: bool) -> [f32; N] {
        let mut numbers = rest;
        let element = self.element(place);
        for (which, number) in numbers.iter_mut().enumerate().take(self.width) {
            *number = match element {
                Some(element) => float(self.component, element, which, as_unit),
                None => 0.0,
            };
        }
        numbers
    }
}

/// One number of an element. Normalised ones as glTF 2.0 says in section 3.11.
fn float(component: Component, element: &[u8], which: usize, as_unit: bool) -> f32 {
    let (value, greatest) = match component {
        Component::F32 => return f32::from_le_bytes(bytes_at(element, which)),
        Component::I8 => (
            f32::from(i8::from_le_bytes(bytes_at(element, which))),
            127.0,
        ),
        Component::I16 => (
            f32::from(i16::from_le_bytes(bytes_at(element, which))),
            32767.0,
        ),
        Component::U8 => (integer(component, element, which) as f32, 255.0),
        Component::U16 => (integer(component, element, which) as f32, 65535.0),
        Component::U32 => (integer(component, element, which) as f32, 4_294_967_295.0),
    };
    if as_unit {
        (value / greatest).max(-1.0)
    } else {
        value
    }
}

/// One unsigned number of an element; 0 for other types.
fn integer(component: Component, element: &[u8], which: usize) -> u32 {
    match component {
        Component::U8 => u32::from(u8::from_le_bytes(bytes_at(element, which))),
        Component::U16 => u32::from(u16::from_le_bytes(bytes_at(element, which))),
        Component::U32 => u32::from_le_bytes(bytes_at(element, which)),
        Component::I8 | Component::I16 | Component::F32 => 0,
    }
}

/// Elements are as long as their width says, so that zeros are never given for want of bytes.
fn bytes_at<const N: usize>(element: &[u8], which: usize) -> [u8; N] {
    element
        .get(which * N..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .unwrap_or([0; N])
}
