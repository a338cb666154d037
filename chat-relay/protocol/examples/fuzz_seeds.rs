//! Writes seeds for the targets of `fuzz`: messages of every kind, the same each time.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program to be watched: it ends where it cannot go on, and says what it did"
)]

#[path = "../tests/strategies/mod.rs"]
mod strategies;

use std::{fs, path::Path};

use chat_relay_protocol::Codec;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use strategies::messages::{client_message, server_message};

const MESSAGES: usize = 200;

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut runner = TestRunner::deterministic();
    for folder in ["json", "msgpack", "protobuf", "differential"] {
        fs::create_dir_all(corpus.join(folder)).unwrap();
    }
    for index in 0..MESSAGES {
        let client = client_message().new_tree(&mut runner).unwrap().current();
        let server = server_message().new_tree(&mut runner).unwrap().current();
        // Some are deflated, however short.
        let compress_over_bytes = if index % 8 == 0 { 0 } else { usize::MAX };
        for (first, codec) in (0..).zip(Codec::ALL) {
            let (mut from_client, mut from_server) = (Vec::new(), Vec::new());
            codec.encode_client_over(&client, compress_over_bytes, &mut from_client);
            codec.encode_server_over(&server, compress_over_bytes, &mut from_server);
            let folder = codec.subprotocol().rsplit('.').next().unwrap();
            for (side, message) in [("client", from_client), ("server", from_server)] {
                let name = format!("{side}-{index}-{folder}");
                fs::write(corpus.join(folder).join(&name), &message).unwrap();
                let chosen = [&[first], &message[..]].concat();
                fs::write(corpus.join("differential").join(&name), chosen).unwrap();
            }
        }
    }
    println!("{} seeds in {}", MESSAGES * 12, corpus.display());
}
