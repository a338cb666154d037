//! Random names and secrets: tokens, their hashes, room codes, ids. All from the system's generator.

use ring::digest;

use crate::error::Error;

/// Characters of a room code: no look-alikes (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V), no vowels and so no words.
const CODE_ALPHABET: &[u8] = b"CDFGHJKMNPQRTVWXY3479";
/// Characters in a room code.
pub(crate) const CODE_CHARS: usize = 6;
/// Characters of ids: 32 of them, so that five bits choose one evenly.
const ID_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters in an id, 80 bits.
const ID_CHARS: usize = 16;

/// SHA-256 of a token: what the store keeps of it.
pub(crate) type TokenHash = [u8; 32];

/// A new token of 256 bits, in hexadecimal.
///
/// # Errors
/// [`Error::System`] when the system has no random numbers.
pub(crate) fn token() -> Result<String, Error> {
    let bytes: [u8; 32] = random()?;
    Ok(hex(&bytes))
}

/// What the store keeps of `token`.
pub(crate) fn token_hash(token: &str) -> TokenHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    hash
}

/// A new id with a letter in front that tells what it names.
///
/// # Errors
/// [`Error::System`] when the system has no random numbers.
pub(crate) fn id(letter: char) -> Result<String, Error> {
    let bytes: [u8; ID_CHARS] = random()?;
    let tail = bytes
        .iter()
        .map(|byte| char::from(ID_ALPHABET[usize::from(byte & 31)]));
    Ok(std::iter::once(letter).chain(tail).collect())
}

/// A new room code.
///
/// # Errors
/// [`Error::System`] when the system has no random numbers.
pub(crate) fn room_code() -> Result<String, Error> {
    let mut code = String::with_capacity(CODE_CHARS);
    // Bytes from 252 on are passed over: 252 is 12 times 21, so that the rest chooses evenly.
    let even = 256 - 256 % CODE_ALPHABET.len();
    while code.len() < CODE_CHARS {
        let [byte]: [u8; 1] = random()?;
        if usize::from(byte) < even {
            code.push(char::from(
                CODE_ALPHABET[usize::from(byte) % CODE_ALPHABET.len()],
            ));
        }
    }
    Ok(code)
}

/// A code as people type it, brought to the form that the store keeps: capitals, without spaces and hyphens.
/// `None` when no code looks so.
pub(crate) fn normalized_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .take(CODE_CHARS + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let known = code.bytes().all(|c| CODE_ALPHABET.contains(&c));
    (code.len() == CODE_CHARS && known).then_some(code)
}

/// Random bytes.
///
/// # Errors
/// [`Error::System`] when the system has none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::System {
        what: "random numbers",
        reason: error.to_string(),
    })?;
    Ok(bytes)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_taken_as_people_type_them() {
        let code = room_code().unwrap();
        let typed = format!(" {}-{} ", &code[..3].to_lowercase(), &code[3..]);
        assert_eq!(normalized_code(&typed), Some(code));
        for wrong in ["", "CDF", "CDFGHJK", "CDFGH0", "CDF GHÄ"] {
            assert_eq!(normalized_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tokens_differ_and_hash_to_sha_256() {
        assert_ne!(token().unwrap(), token().unwrap());
        assert_eq!(token().unwrap().len(), 64);
        assert_eq!(
            hex(&token_hash("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
