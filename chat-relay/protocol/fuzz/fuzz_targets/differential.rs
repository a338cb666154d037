//! Whatever one codec reads, every codec writes and reads back as the same message. The first byte chooses who reads.

#![no_main]

#[path = "../../tests/abuse/mod.rs"]
mod abuse;

use chat_relay_protocol::Codec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((first, message)) = bytes.split_first() {
        let codec = Codec::ALL[usize::from(*first) % Codec::ALL.len()];
        abuse::compare(codec, message);
    }
});
