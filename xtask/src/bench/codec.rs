//! The bench `codec`: bytes of each kind of message in each codec, and nanoseconds to encode and to decode it; then
//! what compression costs and saves.
//!
//! The measuring is done by an example of `chat-relay-protocol`, built in release; here its rows become tables and
//! `target/bench/codec.json`. Rows are its own, over messages and codecs: there is no bar to meet.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::number;
use crate::workspace::Workspace;

const CODECS: [&str; 3] = ["json", "msgpack", "protobuf"];

/// Measures, prints, and writes.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let program = workspace.measuring_program("chat-relay-protocol", "measure_codec", "binary")?;
    let output = workspace.command(program).output()?;
    if !output.status.success() {
        bail!(
            "measure_codec failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let rows: Value = serde_json::from_slice(&output.stdout)?;
    let codecs = list(&rows, "codecs")?;
    for line in codec_table(codecs) {
        println!("{line}");
    }
    for line in compression_table(list(&rows, "compression")?) {
        println!("{line}");
    }
    let folder = workspace.target("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("codec.json");
    fs::write(&file, serde_json::to_string_pretty(&rows)? + "\n")?;
    println!("written to {}", file.display());
    Ok(())
}

fn list<'a>(rows: &'a Value, name: &str) -> Result<&'a [Value]> {
    rows[name]
        .as_array()
        .map(Vec::as_slice)
        .with_context(|| format!("measure_codec printed no list {name}"))
}

/// A line a message; under each codec bytes, nanoseconds to encode, nanoseconds to decode.
fn codec_table(rows: &[Value]) -> Vec<String> {
    let mut head = format!("\n{:<40}", "message");
    let mut units = format!("{:<40}", "");
    for codec in CODECS {
        head += &format!("{codec:>27}");
        units += &format!("{:>9}{:>9}{:>9}", "bytes", "encode", "decode");
    }
    let mut lines = vec![head, units];
    let mut messages: Vec<_> = rows.iter().map(|row| text(row, "message")).collect();
    messages.dedup();
    for message in messages {
        let mut line = format!("{message:<40}");
        for codec in CODECS {
            let row = rows
                .iter()
                .find(|row| text(row, "message") == message && text(row, "codec") == codec);
            for figure in ["bytes", "encode_nanos", "decode_nanos"] {
                line += &format!(
                    "{:>9}",
                    row.map_or_else(|| "-".into(), |row| whole(row, figure))
                );
            }
        }
        lines.push(line);
    }
    lines
}

/// A line a body and level: bytes, and nanoseconds with a compressor that is kept or made anew, and to inflate.
fn compression_table(rows: &[Value]) -> Vec<String> {
    let mut lines = vec![format!(
        "\n{:<40}{:<10}{:>5}{:>9}{:>9}{:>11}{:>11}{:>11}",
        "deflate", "codec", "level", "plain", "bytes", "kept ns", "fresh ns", "inflate ns"
    )];
    lines.extend(rows.iter().map(|row| {
        format!(
            "{:<40}{:<10}{:>5}{:>9}{:>9}{:>11}{:>11}{:>11}",
            text(row, "message"),
            text(row, "codec"),
            whole(row, "level"),
            whole(row, "plain_bytes"),
            whole(row, "bytes"),
            whole(row, "kept_nanos"),
            whole(row, "fresh_nanos"),
            whole(row, "inflate_nanos"),
        )
    }));
    lines
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

fn whole(row: &Value, name: &str) -> String {
    row[name]
        .as_f64()
        .map_or_else(|| "-".into(), |figure| number(figure.round()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_is_one_line_with_all_its_codecs() {
        let row = |codec, bytes| json!({ "message": "ping", "codec": codec, "bytes": bytes, "encode_nanos": 1.6, "decode_nanos": 3.2 });
        let lines = codec_table(&[row("json", 27), row("protobuf", 5)]);
        let words: Vec<_> = lines[2].split_whitespace().collect();
        assert_eq!(
            words,
            ["ping", "27", "2", "3", "-", "-", "-", "5", "2", "3"]
        );
        assert_eq!(lines.len(), 3);
    }
}
