//! Measures the codecs: bytes, and nanoseconds to encode and to decode, for each kind of message; and what compression
//! costs and saves. Prints JSON for `cargo xtask bench codec`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program to be watched: it ends where it cannot go on, and prints what it measured"
)]

mod messages;

use std::{hint::black_box, time::Instant};

use chat_relay_protocol::{Codec, codec::COMPRESS_OVER_BYTES};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use messages::Message;
use serde_json::{Value, json};

fn main() {
    let messages = messages::all();
    let codecs: Vec<Value> = messages
        .iter()
        .flat_map(|(name, message)| {
            Codec::ALL
                .iter()
                .map(move |codec| measured(name, message, *codec))
        })
        .collect();
    let compression: Vec<Value> = messages
        .iter()
        .flat_map(|(name, message)| {
            let binary = Codec::ALL.iter().filter(|codec| !codec.is_text());
            binary.filter_map(move |codec| compressed(name, message, *codec))
        })
        .flatten()
        .collect();
    println!(
        "{}",
        json!({ "codecs": codecs, "compression": compression })
    );
}

fn measured(name: &str, message: &Message, codec: Codec) -> Value {
    let mut bytes = Vec::new();
    message.encode(codec, COMPRESS_OVER_BYTES, &mut bytes);
    let mut plain = Vec::new();
    message.encode(codec, usize::MAX, &mut plain);
    let mut buffer = Vec::new();
    let encode_nanos = nanos(|| {
        buffer.clear();
        message.encode(codec, COMPRESS_OVER_BYTES, &mut buffer);
        black_box(&buffer);
    });
    let decode_nanos = nanos(|| message.decode(codec, black_box(&bytes)));
    json!({
        "message": name,
        "codec": format!("{codec:?}").to_lowercase(),
        "bytes": bytes.len(),
        "plain_bytes": plain.len(),
        "encode_nanos": encode_nanos,
        "decode_nanos": decode_nanos,
    })
}

/// For a body that is worth it: each level, with a compressor that is kept and one that is made for each message.
fn compressed(name: &str, message: &Message, codec: Codec) -> Option<Vec<Value>> {
    let mut body = Vec::new();
    message.encode(codec, usize::MAX, &mut body);
    body.remove(0);
    if body.len() <= COMPRESS_OVER_BYTES {
        return None;
    }
    let row = |level: u32| {
        let fresh = || Compress::new(Compression::new(level), false);
        let mut out = Vec::with_capacity(body.len() * 2);
        let mut deflate = |deflater: &mut Compress| {
            out.clear();
            deflater
                .compress_vec(&body, &mut out, FlushCompress::Finish)
                .unwrap();
            out.len()
        };
        let bytes = deflate(&mut fresh());
        let mut kept = fresh();
        let kept_nanos = nanos(|| {
            kept.reset();
            black_box(deflate(&mut kept));
        });
        let fresh_nanos = nanos(|| {
            black_box(deflate(&mut fresh()));
        });
        let mut inflater = Decompress::new(false);
        let mut inflated = Vec::with_capacity(body.len() + 1);
        let inflate_nanos = nanos(|| {
            inflater.reset(false);
            inflated.clear();
            inflater
                .decompress_vec(&out, &mut inflated, FlushDecompress::None)
                .unwrap();
        });
        json!({
            "message": name,
            "codec": format!("{codec:?}").to_lowercase(),
            "level": level,
            "plain_bytes": body.len(),
            "bytes": bytes,
            "kept_nanos": kept_nanos,
            "fresh_nanos": fresh_nanos,
            "inflate_nanos": inflate_nanos,
        })
    };
    Some([1, 3, 6].map(row).to_vec())
}

/// Nanoseconds of one call: the median of batches that are long beside the clock's step.
fn nanos(mut work: impl FnMut()) -> f64 {
    const BATCHES: usize = 15;
    const BATCH_NANOS: u128 = 4_000_000;
    let start = Instant::now();
    let mut calls = 0_u32;
    while start.elapsed().as_nanos() < BATCH_NANOS {
        work();
        calls += 1;
    }
    let mut batches = [0.0; BATCHES];
    for batch in &mut batches {
        let start = Instant::now();
        for _ in 0..calls {
            work();
        }
        *batch = start.elapsed().as_secs_f64() * 1e9 / f64::from(calls);
    }
    batches.sort_by(f64::total_cmp);
    (batches[BATCHES / 2] * 10.0).round() / 10.0
}
