//! Random and damaged bytes, bounded and with a seed; `fuzz` goes on from here without bounds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod abuse;
mod strategies;

use chat_relay_protocol::Codec;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use strategies::messages::{client_message, server_message};

/// Numbers that look random, the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

/// Damages a message: bits, bytes, lengths, cuts, repeats.
fn damage(bytes: &mut Vec<u8>, noise: &mut Noise) {
    for _ in 0..=noise.below(3) {
        let (at, other) = (noise.below(bytes.len()), noise.below(bytes.len()));
        match noise.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, noise.byte()),
            2 if !bytes.is_empty() => drop(bytes.remove(at)),
            3 if !bytes.is_empty() => bytes[at] ^= 1 << noise.below(8),
            4 if !bytes.is_empty() => bytes[at] = [0, 0x7f, 0x80, 0xff][noise.below(4)],
            _ => {
                let piece = bytes[at.min(other)..at.max(other)].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
}

#[test]
fn random_bytes_are_refused_without_a_panic() {
    let mut noise = Noise(1);
    for round in 0..30_000 {
        let length = noise.below(80);
        let mut bytes: Vec<u8> = std::iter::repeat_with(|| noise.byte())
            .take(length)
            .collect();
        // Half of them get past the first byte.
        if let (Some(first), 0) = (bytes.first_mut(), round % 2) {
            *first &= 1;
        }
        for codec in Codec::ALL {
            abuse::decode(*codec, &bytes);
        }
    }
}

#[test]
fn damaged_messages_are_refused_or_read_the_same_by_all() {
    let mut runner = TestRunner::deterministic();
    let mut noise = Noise(2);
    let (mut taken, mut all) = (0_u32, 0_u32);
    for round in 0..400 {
        let client = client_message().new_tree(&mut runner).unwrap().current();
        let server = server_message().new_tree(&mut runner).unwrap().current();
        for codec in Codec::ALL {
            let compress_over_bytes = if round % 8 == 0 { 0 } else { usize::MAX };
            let (mut from_client, mut from_server) = (Vec::new(), Vec::new());
            codec.encode_client_over(&client, compress_over_bytes, &mut from_client);
            codec.encode_server_over(&server, compress_over_bytes, &mut from_server);
            for whole in [from_client, from_server] {
                assert!(abuse::decode(*codec, &whole));
                for _ in 0..6 {
                    let mut bytes = whole.clone();
                    damage(&mut bytes, &mut noise);
                    all += 1;
                    if abuse::decode(*codec, &bytes) {
                        taken += 1;
                        abuse::compare(*codec, &bytes);
                    }
                }
            }
        }
    }
    // Enough of them have to get through, and enough have to break.
    assert!(taken > all / 50 && taken < all * 9 / 10, "{taken} of {all}");
}
