//! Short-lived tokens: JSON Web Tokens (RFC 7519), signed with HMAC and SHA-256. In: who a device is. Out: a text that
//! proves it for a while without a look into the store. What is *not* here: whether the member is still one; who was
//! removed has a good token until it expires, so the caller asks the room as well.
//!
//! ```
//! # fn run(folder: &std::path::Path) -> Result<(), chat_relay::Error> {
//! use chat_relay::tokens::{Claims, Tokens};
//! let tokens = Tokens::open(folder, std::time::Duration::from_secs(900), &[])?;
//! let claims = Claims { room: "r1".into(), member: "m1".into(), device: "d1".into(), role: "editor".into() };
//! let token = tokens.issue(&claims, 1_800_000_000);
//! assert_eq!(tokens.verify(&token, 1_800_000_899), Ok(claims));
//! assert!(tokens.verify(&token, 1_800_000_900).is_err());
//! # Ok(())
//! # }
//! # run(tempfile::tempdir().unwrap().path()).unwrap();
//! ```
//!
//! The relay's own key is `token.key` in its data folder, made once. A program that embeds rooms may sign tokens
//! itself, with a key of its own that the operator names in `token_keys`: header `{"alg":"HS256","kid":ID}`, claims
//! `room`, `member`, `device`, `role`, `iat`, `exp` and `iss: "chat-relay"`.
//!
//! This is `ring::hmac`, which rustls brings along, and not the crate jsonwebtoken: that one brings RSA and four
//! elliptic curves with any of its two back ends. One algorithm is known here, and the header's only use is to refuse
//! all others: with no public key in the program there is none to be taken for a secret.

mod key_file;

use std::{path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{config::TokenKeyFile, error::Error};

/// Who issues these tokens.
const ISSUER: &str = "chat-relay";
/// The header of the relay's own tokens.
const OWN_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
/// How far the clock of another program that signs may be ahead.
const CLOCK_LEEWAY_SECS: u64 = 30;
/// The longest token that is looked at; an own one has some 300.
const LONGEST_BYTES: usize = 4096;

/// Who a device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The room that the token admits to.
    pub room: String,
    /// The member of that room.
    pub member: String,
    /// The member's device.
    pub device: String,
    /// The member's role when the token was issued; the room knows the current one.
    pub role: String,
}

/// Why a token does not admit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is no token, or lacks a claim.
    #[error("this is no token of a relay: join the room again")]
    Malformed,
    /// It is signed by another algorithm, or asks for something that is not known here.
    #[error("the token is not signed with HS256: sign it so, without critical headers")]
    Algorithm,
    /// The signature is none of a known key.
    #[error("the token was not signed by a key of this relay: join the room again")]
    Signature,
    /// Its time is over.
    #[error("the token has expired: ask for a new one with the device's secret")]
    Expired,
    /// Its time has not come.
    #[error("the token is from the future: set the clock of the machine that signed it")]
    NotYet,
    /// It was issued by, and for, something else.
    #[error("the token is not for a relay: its iss has to be \"chat-relay\"")]
    Issuer,
}

/// Issues tokens, and tells whom one admits. Cheap to share behind an `Arc`; nothing in it changes.
#[derive(Debug)]
pub struct Tokens {
    own: hmac::Key,
    others: Vec<(String, hmac::Key)>,
    lifetime_secs: u64,
}

#[derive(Deserialize)]
struct Header {
    alg: Option<String>,
    kid: Option<String>,
    /// Extensions that must be understood (RFC 7515, section 4.1.11): none is.
    crit: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    room: String,
    member: String,
    device: String,
    role: String,
    iat: u64,
    exp: u64,
    iss: String,
}

impl Tokens {
    /// Takes the key of the data folder `folder`, making it when there is none, and the keys of others.
    ///
    /// # Errors
    /// [`Error::TokenKey`] when a key cannot be read, made, or is shorter than 32 bytes; [`Error::System`] when the
    /// system has no random numbers.
    pub fn open(folder: &Path, lifetime: Duration, others: &[TokenKeyFile]) -> Result<Self, Error> {
        let key = |bytes: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let others = others
            .iter()
            .map(|other| Ok((other.id.clone(), key(&key_file::read(&other.file)?))))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            own: key(&key_file::read_or_make(&folder.join("token.key"))?),
            others,
            lifetime_secs: lifetime.as_secs(),
        })
    }

    /// How long a token admits, in seconds.
    pub fn lifetime_secs(&self) -> u64 {
        self.lifetime_secs
    }

    /// A token that admits from now, in seconds since 1970, until its lifetime is over.
    pub fn issue(&self, claims: &Claims, now_secs: u64) -> String {
        let Claims {
            room,
            member,
            device,
            role,
        } = claims.clone();
        let payload = Payload {
            room,
            member,
            device,
            role,
            iat: now_secs,
            exp: now_secs.saturating_add(self.lifetime_secs),
            iss: ISSUER.into(),
        };
        // Strings and numbers always have a form in JSON.
        let payload = serde_json::to_vec(&payload).unwrap_or_default();
        sign(&self.own, OWN_HEADER.as_bytes(), &payload)
    }

    /// Whom `token` admits at `now_secs`, in seconds since 1970.
    ///
    /// # Errors
    /// [`TokenError`]. Nothing of a token's claims is looked at before its signature was found good.
    pub fn verify(&self, token: &str, now_secs: u64) -> Result<Claims, TokenError> {
        if token.len() > LONGEST_BYTES {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let key = self.key_of(&decoded(header)?)?;
        let payload = decoded(payload)?;
        let signature = decoded(signature)?;
        hmac::verify(key, signed.as_bytes(), &signature).map_err(|_| TokenError::Signature)?;
        let payload: Payload =
            serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)?;
        if payload.iss != ISSUER {
            return Err(TokenError::Issuer);
        }
        if payload.iat > now_secs.saturating_add(CLOCK_LEEWAY_SECS) {
            return Err(TokenError::NotYet);
        }
        if payload.exp <= now_secs {
            return Err(TokenError::Expired);
        }
        let Payload {
            room,
            member,
            device,
            role,
            ..
        } = payload;
        Ok(Claims {
            room,
            member,
            device,
            role,
        })
    }

    /// The key that a header names; none but HS256 is taken.
    fn key_of(&self, header: &[u8]) -> Result<&hmac::Key, TokenError> {
        // An own token's header is always this; reading JSON is for the others'.
        if header == OWN_HEADER.as_bytes() {
            return Ok(&self.own);
        }
        let header: Header = serde_json::from_slice(header).map_err(|_| TokenError::Malformed)?;
        if header.alg.as_deref() != Some("HS256") || header.crit.is_some() {
            return Err(TokenError::Algorithm);
        }
        let Some(kid) = header.kid else {
            return Ok(&self.own);
        };
        let found = self.others.iter().find(|(id, _)| *id == kid);
        found.map(|(_, key)| key).ok_or(TokenError::Signature)
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenError> {
    // Strict: no padding, and no bits beside the bytes, so that a token has one form only.
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)
}

fn sign(key: &hmac::Key, header: &[u8], payload: &[u8]) -> String {
    let mut token = URL_SAFE_NO_PAD.encode(header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = hmac::sign(key, token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn of_keys(own: &[u8], others: &[(&str, &[u8])]) -> Tokens {
        let key = |bytes: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let others = others
            .iter()
            .map(|(id, bytes)| ((*id).to_owned(), key(bytes)));
        Tokens {
            own: key(own),
            others: others.collect(),
            lifetime_secs: 900,
        }
    }

    fn ada() -> Claims {
        let of = |text: &str| text.to_owned();
        Claims {
            room: of("r1"),
            member: of("m1"),
            device: of("d1"),
            role: of("owner"),
        }
    }

    /// A token with any header and payload, signed with `key`.
    fn forged(key: &[u8], header: &str, payload: &str) -> String {
        sign(
            &hmac::Key::new(hmac::HMAC_SHA256, key),
            header.as_bytes(),
            payload.as_bytes(),
        )
    }

    fn payload(iat: u64, exp: u64, iss: &str) -> String {
        format!(
            r#"{{"room":"r1","member":"m1","device":"d1","role":"owner","iat":{iat},"exp":{exp},"iss":"{iss}"}}"#
        )
    }

    #[test]
    fn a_token_admits_for_its_lifetime() {
        let tokens = of_keys(&[1; 32], &[]);
        let token = tokens.issue(&ada(), NOW);
        assert_eq!(tokens.verify(&token, NOW), Ok(ada()));
        assert_eq!(tokens.verify(&token, NOW + 899), Ok(ada()));
        assert_eq!(tokens.verify(&token, NOW + 900), Err(TokenError::Expired));
        // A clock that was set back a little does not shut everybody out.
        assert_eq!(tokens.verify(&token, NOW - 30), Ok(ada()));
        assert_eq!(tokens.verify(&token, NOW - 31), Err(TokenError::NotYet));
        assert_eq!(
            of_keys(&[2; 32], &[]).verify(&token, NOW),
            Err(TokenError::Signature)
        );
    }

    #[test]
    fn the_form_is_that_of_rfc_7519() {
        // Made with another program: Python's hmac, hashlib and base64.
        let token = concat!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
            "eyJyb29tIjoicjEiLCJtZW1iZXIiOiJtMSIsImRldmljZSI6ImQxIiwicm9sZSI6Im93bmVyIiwiaWF0",
            "IjoxODAwMDAwMDAwLCJleHAiOjE4MDAwMDA5MDAsImlzcyI6ImNoYXQtcmVsYXkifQ.",
            "Xrkbg_Sapce1oUi5NILUIdS0Eu-Oo3Xyge0jcFnQBkU"
        );
        let tokens = of_keys(&[1; 32], &[]);
        assert_eq!(tokens.issue(&ada(), NOW), token);
        assert_eq!(tokens.verify(token, NOW), Ok(ada()));
    }

    #[test]
    fn other_algorithms_are_refused_whatever_signed_them() {
        let tokens = of_keys(&[1; 32], &[]);
        let good = payload(NOW, NOW + 900, ISSUER);
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None","typ":"JWT"}"#,
            r#"{"alg":"RS256","typ":"JWT"}"#,
            r#"{"alg":"ES256"}"#,
            r#"{"alg":"HS384"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"typ":"JWT"}"#,
            r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        ] {
            let signed = forged(&[1; 32], header, &good);
            assert_eq!(
                tokens.verify(&signed, NOW),
                Err(TokenError::Algorithm),
                "{header}"
            );
            let bare = format!("{}.", signed.rsplit_once('.').unwrap().0);
            assert_eq!(
                tokens.verify(&bare, NOW),
                Err(TokenError::Algorithm),
                "{header}"
            );
        }
        let token = tokens.issue(&ada(), NOW);
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(tokens.verify(&unsigned, NOW), Err(TokenError::Signature));
    }

    #[test]
    fn others_sign_with_their_own_keys() {
        let tokens = of_keys(&[1; 32], &[("school", &[2; 32]), ("club", &[3; 40])]);
        let good = payload(NOW, NOW + 60, ISSUER);
        for (key, header, expected) in [
            (
                &[2; 32][..],
                r#"{"typ":"JWT","kid":"school","alg":"HS256"}"#,
                Ok(ada()),
            ),
            (&[3; 40], r#"{"alg":"HS256","kid":"club"}"#, Ok(ada())),
            (&[1; 32], r#"{ "alg": "HS256" }"#, Ok(ada())),
            (
                &[3; 40],
                r#"{"alg":"HS256","kid":"school"}"#,
                Err(TokenError::Signature),
            ),
            (&[2; 32], r#"{"alg":"HS256"}"#, Err(TokenError::Signature)),
            (
                &[2; 32],
                r#"{"alg":"HS256","kid":"nobody"}"#,
                Err(TokenError::Signature),
            ),
        ] {
            assert_eq!(
                tokens.verify(&forged(key, header, &good), NOW),
                expected,
                "{header}"
            );
        }
        for (wrong, expected) in [
            (payload(NOW, NOW + 60, "school.example"), TokenError::Issuer),
            (payload(NOW + 31, NOW + 60, ISSUER), TokenError::NotYet),
            (payload(NOW - 60, NOW, ISSUER), TokenError::Expired),
            (r#"{"iss":"chat-relay"}"#.into(), TokenError::Malformed),
            ("[]".into(), TokenError::Malformed),
        ] {
            let token = forged(&[2; 32], r#"{"alg":"HS256","kid":"school"}"#, &wrong);
            assert_eq!(tokens.verify(&token, NOW), Err(expected), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        let tokens = of_keys(&[1; 32], &[]);
        let long = "a.".repeat(LONGEST_BYTES);
        for text in [
            "",
            ".",
            "..",
            "a.b",
            "é.é.é",
            "e30=.e30.e30",
            &long,
            &"a".repeat(64),
        ] {
            assert_eq!(
                tokens.verify(text, NOW),
                Err(TokenError::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn no_bit_of_a_token_is_without_meaning() {
        let tokens = of_keys(&[1; 32], &[]);
        let token = tokens.issue(&ada(), NOW).into_bytes();
        for (at, bit) in (0..token.len()).flat_map(|at| (0..7).map(move |bit| (at, bit))) {
            let mut flipped = token.clone();
            flipped[at] ^= 1_u8 << bit;
            let flipped = String::from_utf8(flipped).unwrap();
            assert!(tokens.verify(&flipped, NOW).is_err(), "{flipped}");
        }
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_refused(room in "[a-z0-9]{1,16}", at in any::<proptest::sample::Index>(), bit in 0..7) {
            let tokens = of_keys(&[1; 32], &[("school", &[2; 32])]);
            let claims = Claims { room, ..ada() };
            let token = tokens.issue(&claims, NOW);
            prop_assert_eq!(tokens.verify(&token, NOW), Ok(claims));
            let mut bytes = token.into_bytes();
            let at = at.index(bytes.len());
            // Of seven bits, so that it stays text.
            bytes[at] ^= 1_u8 << bit;
            let flipped = String::from_utf8(bytes).unwrap();
            prop_assert!(tokens.verify(&flipped, NOW).is_err(), "{}", flipped);
        }

        #[test]
        fn no_text_makes_it_fail_in_another_way(text in "\\PC{0,80}", dots in 0..4_usize) {
            let tokens = of_keys(&[1; 32], &[]);
            prop_assert!(tokens.verify(&text, NOW).is_err());
            let text = text + &".e30".repeat(dots);
            prop_assert!(tokens.verify(&text, NOW).is_err());
        }

        #[test]
        fn whoever_is_named_comes_back(texts in prop::array::uniform4("\\PC{0,40}")) {
            let tokens = of_keys(&[1; 32], &[]);
            let [room, member, device, role] = texts;
            let claims = Claims { room, member, device, role };
            let token = tokens.issue(&claims, NOW);
            prop_assert_eq!(tokens.verify(&token, NOW), Ok(claims));
        }
    }
}
