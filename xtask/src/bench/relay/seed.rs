//! The rooms and devices that the load client speaks for: a dump that `chat-relay import` reads, written before the
//! relay starts.
//!
//! JSON Lines; the names follow the load client's templates: room `r{room5}`, device `d{id6}`, whose only member is
//! `m{id6}` and whose secret is `bench-{id6}`. The relay keeps secrets as SHA-256 only, and so does the dump. Nothing
//! here draws lots: the same numbers give the same file.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

/// When everything was made, in milliseconds since the Unix epoch: any fixed day.
const MADE_AT_MILLIS: i64 = 1_767_225_600_000;

/// Writes `rooms` rooms of `room_size` devices into a file.
pub(super) fn write(file: &Path, rooms: usize, room_size: usize) -> Result<()> {
    let create = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        for room in 0..rooms {
            for line in room_lines(room, room_size) {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()
    };
    create().with_context(|| format!("{} cannot be written", file.display()))
}

/// One room: itself, then a member and a device for each of its connections.
fn room_lines(room: usize, room_size: usize) -> Vec<Value> {
    let room_id = format!("r{room:05}");
    let mut lines = vec![json!({
        "type": "room", "id": room_id, "code": code(room), "epoch": format!("e{room:05}"),
        "created_at": MADE_AT_MILLIS,
    })];
    for place in 0..room_size {
        let id = room * room_size + place;
        let member_id = format!("m{id:06}");
        lines.push(json!({
            "type": "member", "room": room_id, "id": member_id, "name": format!("Member {id}"),
            "hue": place % 8, "role": if place == 0 { "owner" } else { "editor" },
            "muted": false, "removed": false, "created_at": MADE_AT_MILLIS,
        }));
        lines.push(json!({
            "type": "device", "room": room_id, "id": format!("d{id:06}"), "member": member_id,
            "secret_sha256": hex(digest(&SHA256, format!("bench-{id:06}").as_bytes()).as_ref()),
            "created_at": MADE_AT_MILLIS,
        }));
    }
    lines
}

/// A join code of six of the relay's characters, another for each room.
fn code(room: usize) -> String {
    const ALPHABET: &[u8; 21] = b"CDFGHJKMNPQRTVWXY3479";
    let mut rest = room;
    let mut code: Vec<char> = (0..6)
        .map(|_| {
            let letter = ALPHABET[rest % ALPHABET.len()];
            rest /= ALPHABET.len();
            char::from(letter)
        })
        .collect();
    code.reverse();
    code.into_iter().collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_dump_has_every_room_member_and_device() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dump.jsonl");
        write(&file, 3, 2).unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let ids = |kind: &str| -> Vec<&str> {
            let of_kind = lines.iter().filter(|line| line["type"] == kind);
            of_kind.map(|line| line["id"].as_str().unwrap()).collect()
        };
        assert_eq!(ids("room"), ["r00000", "r00001", "r00002"]);
        let devices = [
            "d000000", "d000001", "d000002", "d000003", "d000004", "d000005",
        ];
        assert_eq!(ids("device"), devices);
        assert_eq!(ids("member").len(), 6);
        assert_eq!(lines.len(), 3 + 6 + 6);
    }

    #[test]
    fn a_device_belongs_to_the_room_that_the_client_puts_it_in() {
        let lines = room_lines(7, 10);
        let device = lines.iter().find(|line| line["id"] == "d000073").unwrap();
        assert_eq!(device["room"], "r00007");
        assert_eq!(device["member"], "m000073");
        // A dump is read from the top: what is referred to stands above.
        let place = |id: &str| lines.iter().position(|line| line["id"] == id).unwrap();
        assert!(place("r00007") < place("m000073") && place("m000073") < place("d000073"));
    }

    #[test]
    fn a_secret_stands_there_as_its_hash_only() {
        let lines = room_lines(0, 1);
        // printf bench-000000 | sha256sum
        assert_eq!(lines[2]["secret_sha256"], BENCH_000000_SHA256);
        assert!(!lines.iter().any(|line| line.to_string().contains("bench-")));
    }

    #[test]
    fn codes_differ() {
        let codes: BTreeSet<String> = (0..3000).map(code).collect();
        assert_eq!(codes.len(), 3000);
        assert!(codes.iter().all(|code| code.len() == 6));
    }

    const BENCH_000000_SHA256: &str =
        "f3ea3a6b5f11d62bca49beca1afd18690b3cddb00c7fc07202661111373172a1";
}
