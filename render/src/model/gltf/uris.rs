//! Addresses in a file: data that stands in the address itself (RFC 2397), and names of other files,
//! whose percent-encoding (RFC 3986, 2.1) is undone.

use super::faults::broken;
use crate::Error;

#[derive(Debug, PartialEq)]
pub(super) enum Uri {
    Data(Vec<u8>),
    /// Decoded.
    External(String),
}

/// Whether the data stands in the address itself.
pub(super) fn is_data(uri: &str) -> bool {
    uri.get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// `at` names the place in the file, for the error.
pub(super) fn read(uri: &str, at: &str) -> Result<Uri, Error> {
    if !is_data(uri) {
        let name = String::from_utf8(percent_decoded(uri))
            .map_err(|_| broken(at, "its URI is not UTF-8 once decoded"))?;
        return Ok(Uri::External(name));
    }
    let (kind, data) = uri
        .split_once(',')
        .ok_or_else(|| broken(at, "its data URI has no comma"))?;
    if kind.ends_with(";base64") {
        let bytes = base64_decoded(data).ok_or_else(|| broken(at, "its data URI is not base64"))?;
        Ok(Uri::Data(bytes))
    } else {
        Ok(Uri::Data(percent_decoded(data)))
    }
}

/// A percent sign without two hexadecimal digits behind it stays as it is.
fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let escaped = match behind {
            [high, low, ..] if byte == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                decoded.push(high << 4 | low);
                rest = &behind[2..];
            }
            None => {
                decoded.push(byte);
                rest = behind;
            }
        }
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// RFC 4648, section 4 or 5; white space is skipped, padding may be absent.
fn base64_decoded(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut gathered: u32 = 0;
    let mut bits = 0;
    let text = text.trim_end().trim_end_matches('=');
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        gathered = gathered << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            decoded.push((gathered >> bits) as u8);
        }
    }
    // One digit alone holds no byte.
    (bits < 6).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(uri: &str) -> Vec<u8> {
        match read(uri, "here").unwrap() {
            Uri::Data(bytes) => bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn base64_follows_the_vectors_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ];
        for (encoded, plain) in vectors {
            let uri = format!("data:application/octet-stream;base64,{encoded}");
            assert_eq!(data(&uri), plain.as_bytes(), "{encoded}");
            let bare = uri.trim_end_matches('=');
            assert_eq!(data(bare), plain.as_bytes(), "{bare}");
        }
        assert_eq!(data("data:;base64,+/-_"), [0xfb, 0xff, 0xbf]);
        for garbage in ["Z", "Zm9vZ", "Zm9*", "Zg=v"] {
            assert!(
                read(&format!("data:;base64,{garbage}"), "here").is_err(),
                "{garbage}"
            );
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(data("DATA:text/plain,a%20b%"), b"a b%");
        assert_eq!(
            read("my%20model%2Fa.bin%zz", "here").unwrap(),
            Uri::External("my model/a.bin%zz".into())
        );
        assert_eq!(
            read("ä.bin", "here").unwrap(),
            Uri::External("ä.bin".into())
        );
        assert!(read("%ff.bin", "here").is_err());
        assert!(read("data:no comma", "here").is_err());
    }
}
