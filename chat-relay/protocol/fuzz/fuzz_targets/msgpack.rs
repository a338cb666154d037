//! Any bytes to the MessagePack decoders: a message or an error, never a panic.

#![no_main]

#[path = "../../tests/abuse/mod.rs"]
mod abuse;

use chat_relay_protocol::Codec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    abuse::decode(Codec::MsgPack, bytes);
});
