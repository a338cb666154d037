//! Writes GLB and glTF files of any content, sound or not: the JSON is a value that can be changed at
//! will, numbers are written in any component type. For tests, and for programs that need a model of
//! their own.

use serde_json::{Value, json};

/// How a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Component {
    I8,
    U8,
    I16,
    U16,
    U32,
    F32,
}

impl Component {
    /// As glTF numbers them.
    pub(crate) fn number(self) -> u32 {
        match self {
            Component::I8 => 5120,
            Component::U8 => 5121,
            Component::I16 => 5122,
            Component::U16 => 5123,
            Component::U32 => 5125,
            Component::F32 => 5126,
        }
    }

    /// Bytes a number.
    pub(crate) fn size(self) -> usize {
        match self {
            Component::I8 | Component::U8 => 1,
            Component::I16 | Component::U16 => 2,
            Component::U32 | Component::F32 => 4,
        }
    }

    fn write(self, number: f64, bytes: &mut Vec<u8>) {
        match self {
            Component::I8 => bytes.extend((number as i8).to_le_bytes()),
            Component::U8 => bytes.extend((number as u8).to_le_bytes()),
            Component::I16 => bytes.extend((number as i16).to_le_bytes()),
            Component::U16 => bytes.extend((number as u16).to_le_bytes()),
            Component::U32 => bytes.extend((number as u32).to_le_bytes()),
            Component::F32 => bytes.extend((number as f32).to_le_bytes()),
        }
    }
}

/// A file in the making.
#[derive(Clone, Debug)]
pub(crate) struct GlbBuilder {
    /// The JSON so far, without the first buffer, which [`glb`](Self::glb) adds.
    pub(crate) json: Value,
    /// The first buffer so far.
    pub(crate) binary: Vec<u8>,
}

impl Default for GlbBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl GlbBuilder {
    /// An empty file.
    pub(crate) fn new() -> Self {
        GlbBuilder {
            json: json!({ "asset": { "version": "2.0" } }),
            binary: Vec::new(),
        }
    }

    /// Adds to one of the file's lists; gives the place.
    pub(crate) fn push(&mut self, list: &str, value: Value) -> usize {
        pushed(&mut self.json[list], value)
    }

    /// Adds bytes as a buffer view, with a stride where elements are further apart than they are
    /// long.
    pub(crate) fn view(&mut self, bytes: &[u8], stride: Option<usize>) -> usize {
        while !self.binary.len().is_multiple_of(4) {
            self.binary.push(0);
        }
        let mut view = json!({
            "buffer": 0,
            "byteOffset": self.binary.len(),
            "byteLength": bytes.len(),
        });
        if let Some(stride) = stride {
            view["byteStride"] = json!(stride);
        }
        self.binary.extend_from_slice(bytes);
        self.push("bufferViews", view)
    }

    /// Adds numbers as they are to be stored, elements packed one after the other.
    pub(crate) fn accessor(&mut self, shape: &str, component: Component, numbers: &[f64]) -> usize {
        self.spaced(shape, component, numbers, None, 0)
    }

    /// As [`accessor`](Self::accessor), the numbers meant as -1 or 0 to 1.
    pub(crate) fn normalized(
        &mut self,
        shape: &str,
        component: Component,
        numbers: &[f64],
    ) -> usize {
        let place = self.accessor(shape, component, numbers);
        self.json["accessors"][place]["normalized"] = json!(true);
        place
    }

    /// As [`accessor`](Self::accessor), elements `stride` bytes apart from `offset` on, with garbage
    /// between.
    pub(crate) fn spaced(
        &mut self,
        shape: &str,
        component: Component,
        numbers: &[f64],
        stride: Option<usize>,
        offset: usize,
    ) -> usize {
        let width = width(shape);
        let mut bytes = vec![0xa5; offset];
        for element in numbers.chunks(width) {
            let start = bytes.len();
            for number in element {
                component.write(*number, &mut bytes);
            }
            if let Some(stride) = stride {
                bytes.resize(start + stride, 0xa5);
            }
        }
        let view = self.view(&bytes, stride);
        let as_stored = |number: f64| match component {
            Component::F32 => f64::from(number as f32),
            _ => number,
        };
        let column = |least: f64, pick: fn(f64, f64) -> f64| -> Vec<f64> {
            (0..width)
                .map(|column| {
                    let column = numbers.iter().skip(column).step_by(width);
                    column.map(|number| as_stored(*number)).fold(least, pick)
                })
                .collect()
        };
        let mut accessor = json!({
            "bufferView": view,
            "componentType": component.number(),
            "type": shape,
            "count": numbers.len() / width,
            "min": column(f64::INFINITY, f64::min),
            "max": column(f64::NEG_INFINITY, f64::max),
        });
        if offset > 0 {
            accessor["byteOffset"] = json!(offset);
        }
        self.push("accessors", accessor)
    }

    /// Replaces some elements of an accessor; without `dense` all others are zero.
    pub(crate) fn sparse(
        &mut self,
        dense: Option<usize>,
        (shape, component, count): (&str, Component, usize),
        (index_component, indices): (Component, &[usize]),
        values: &[f64],
    ) -> usize {
        let mut index_bytes = Vec::new();
        for index in indices {
            index_component.write(*index as f64, &mut index_bytes);
        }
        let mut value_bytes = Vec::new();
        for value in values {
            component.write(*value, &mut value_bytes);
        }
        let indices_view = self.view(&index_bytes, None);
        let values_view = self.view(&value_bytes, None);
        let mut accessor = json!({
            "componentType": component.number(),
            "type": shape,
            "count": count,
            "sparse": {
                "count": indices.len(),
                "indices": { "bufferView": indices_view, "componentType": index_component.number() },
                "values": { "bufferView": values_view },
            },
        });
        if let Some(dense) = dense {
            accessor["bufferView"] = self.json["accessors"][dense]["bufferView"].clone();
        }
        self.push("accessors", accessor)
    }

    /// Adds 32-bit floats.
    pub(crate) fn floats(&mut self, shape: &str, numbers: &[f32]) -> usize {
        let numbers: Vec<f64> = numbers.iter().map(|number| f64::from(*number)).collect();
        self.accessor(shape, Component::F32, &numbers)
    }

    /// Adds indices of 16 bits.
    pub(crate) fn indices(&mut self, indices: &[u32]) -> usize {
        let numbers: Vec<f64> = indices.iter().map(|index| f64::from(*index)).collect();
        self.accessor("SCALAR", Component::U16, &numbers)
    }

    /// Adds a mesh of one primitive.
    pub(crate) fn mesh(&mut self, primitive: Value) -> usize {
        self.push("meshes", json!({ "primitives": [primitive] }))
    }

    /// Adds a node to the file and, as a root, to the default scene.
    pub(crate) fn root(&mut self, node: Value) -> usize {
        let place = self.push("nodes", node);
        if self.json["scenes"].is_null() {
            self.json["scenes"] = json!([{ "nodes": [] }]);
            self.json["scene"] = json!(0);
        }
        pushed(&mut self.json["scenes"][0]["nodes"], json!(place));
        place
    }

    /// The file as GLB.
    pub(crate) fn glb(&self) -> Vec<u8> {
        let mut binary = self.binary.clone();
        pad(&mut binary, 0);
        let mut json = self.json.clone();
        if !binary.is_empty() && json["buffers"].is_null() {
            json["buffers"] = json!([{ "byteLength": binary.len() }]);
        }
        let mut text = json.to_string().into_bytes();
        pad(&mut text, b' ');
        glb_of(&[(b"JSON", &text), (b"BIN\0", &binary)])
    }

    /// The file as JSON, its bytes in it.
    pub(crate) fn embedded(&self) -> Vec<u8> {
        let uri = format!(
            "data:application/octet-stream;base64,{}",
            base64(&self.binary)
        );
        self.beside(&uri)
    }

    /// The file as JSON that names the file where [`binary`](Self::binary) stands.
    pub(crate) fn beside(&self, uri: &str) -> Vec<u8> {
        let mut json = self.json.clone();
        json["buffers"] = json!([{ "byteLength": self.binary.len(), "uri": uri }]);
        json.to_string().into_bytes()
    }
}

/// A GLB of any chunks; empty ones are left out.
pub(crate) fn glb_of(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, chunk) in chunks.iter().filter(|(_, chunk)| !chunk.is_empty()) {
        body.extend((chunk.len() as u32).to_le_bytes());
        body.extend_from_slice(*kind);
        body.extend_from_slice(chunk);
    }
    let mut glb = b"glTF".to_vec();
    glb.extend(2_u32.to_le_bytes());
    glb.extend((12 + body.len() as u32).to_le_bytes());
    glb.extend(body);
    glb
}

/// Adds to a list, which is made if there is none; gives the place.
fn pushed(list: &mut Value, value: Value) -> usize {
    let mut values = match list.take() {
        Value::Array(values) => values,
        _ => Vec::new(),
    };
    values.push(value);
    let place = values.len() - 1;
    *list = Value::Array(values);
    place
}

fn pad(bytes: &mut Vec<u8>, filler: u8) {
    while !bytes.len().is_multiple_of(4) {
        bytes.push(filler);
    }
}

fn width(shape: &str) -> usize {
    match shape {
        "SCALAR" => 1,
        "VEC2" => 2,
        "VEC3" => 3,
        "VEC4" => 4,
        "MAT4" => 16,
        other => panic!("no such type: {other}"),
    }
}

/// RFC 4648, section 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            if digit <= three.len() {
                let six = bits >> (18 - 6 * digit) & 63;
                text.push(char::from(DIGITS[six as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
