//! Decoding takes memory for what a message holds, never for what it claims to hold.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use chat_relay_protocol::{Codec, MAX_MESSAGE_BYTES, codec::MAX_MEMORY_PER_BYTE};

/// The system's allocator, counting what is held of it and the most that was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[expect(
    unsafe_code,
    reason = "a global allocator is an unsafe trait; all calls go to the system's unchanged"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that was held at once while `work` ran, beyond what was held before.
fn most_held(work: impl FnOnce()) -> usize {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    work();
    MOST.load(Ordering::Relaxed) - before
}

/// `head`, then `piece` again and again up to the limit, then `tail`.
fn filled(head: &[u8], piece: &[u8], tail: &[u8]) -> Vec<u8> {
    let room = MAX_MESSAGE_BYTES - head.len() - tail.len();
    let middle = piece.repeat(room / piece.len());
    [head, &middle, tail].concat()
}

/// `head`, then entries of a map with names that differ up to the limit.
fn named(head: &[u8], entry: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut message = head.to_vec();
    for index in 0..u16::MAX {
        let name: Vec<u8> = index.to_string().into_bytes();
        let entry = entry(&name);
        if message.len() + entry.len() > MAX_MESSAGE_BYTES {
            break;
        }
        message.extend_from_slice(&entry);
    }
    message
}

/// A Protobuf field of the number `tag` that holds `inside`.
fn field(tag: u8, inside: &[u8]) -> Vec<u8> {
    let mut out = vec![tag << 3 | 2];
    let mut length = inside.len();
    while length > 0x7f {
        out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
    [&out, inside].concat()
}

// One test in this binary: another's allocations would be counted too.
#[test]
fn memory_is_bounded_by_what_came() {
    let op = b"\x82\xa4type\xa2op\xa5op_id";
    let op = [&[0], &op[..]].concat();
    let claims = |marker: &[u8]| [&op, marker, b"\xff\xff\xff\xff"].concat();
    let short_name = |value: &'static [u8]| {
        move |name: &[u8]| {
            let length = 0xa0 | u8::try_from(name.len()).unwrap();
            [&[length], name, value].concat()
        }
    };
    // In a presence, field 4: a list, or a map of empty values.
    let most = MAX_MESSAGE_BYTES - 64;
    let list = |item: &[u8]| field(1, item).repeat(most / field(1, item).len());
    let head = |value: &[u8]| [&[0][..], &field(4, &field(5, value))].concat();
    let mentions = field(3, b"m").repeat(most / 3);
    let more: Vec<u8> = (0..9000_u16)
        .flat_map(|index| field(6, &field(1, index.to_string().as_bytes())))
        .take(most)
        .collect();
    let cases = [
        (Codec::Json, filled(b"[", b"1,", b"1]")),
        (Codec::Json, filled(b"", b"[", b"")),
        (
            Codec::Json,
            filled(b"{\"type\":\"presence\",\"x\":[", b"1,", b"1]}"),
        ),
        (
            Codec::Json,
            filled(b"{\"type\":\"presence\",\"x\":[", b"\"\",", b"1]}"),
        ),
        (
            Codec::Json,
            filled(b"{\"type\":\"presence\",\"x\":[", b"[],", b"1]}"),
        ),
        (Codec::Json, filled(b"{\"type\":\"", b"x", b"\"}")),
        // A map of one entry weighs the most.
        (
            Codec::Json,
            filled(b"{\"type\":\"presence\",\"x\":[", b"{\"\":1},", b"1]}"),
        ),
        (
            Codec::MsgPack,
            filled(b"\x00\xdd\x00\x00\x55\x50", b"\x81\xa0\xc0", b""),
        ),
        (
            Codec::MsgPack,
            filled(
                b"\x00\x82\xa4type\xa8presence\xa1x\xdd\x00\x00\x55\x4a",
                b"\x81\xa0\xc0",
                b"",
            ),
        ),
        (Codec::Protobuf, head(&field(5, &list(b"\x32\x02\x0a\x00")))),
        // Lists, maps, texts, binary and extensions of 2^32 - 1.
        (Codec::MsgPack, claims(b"\xdd")),
        (Codec::MsgPack, claims(b"\xdf")),
        (Codec::MsgPack, claims(b"\xdb")),
        (Codec::MsgPack, claims(b"\xc6")),
        (Codec::MsgPack, claims(b"\xc9")),
        (
            Codec::MsgPack,
            filled(b"\x00\xdd\x00\x00\xff\xf0", b"\xc0", b""),
        ),
        (
            Codec::MsgPack,
            filled(b"\x00\xdd\x00\x00\xff\xf0", b"\xa0", b""),
        ),
        (
            Codec::MsgPack,
            filled(b"\x00\xdd\x00\x00\xff\xf0", b"\x91\xc0", b""),
        ),
        (
            Codec::MsgPack,
            filled(b"\x00", b"\xdd\xff\xff\xff\xff", b""),
        ),
        (
            Codec::MsgPack,
            named(b"\x00\xdf\x00\x00\xff\xff", short_name(b"\xc0")),
        ),
        (
            Codec::MsgPack,
            filled(
                b"\x00\x82\xa4type\xa8presence\xa1x\xdd\x00\x00\xff\xc0",
                b"\xc0",
                b"",
            ),
        ),
        (Codec::Protobuf, head(&field(5, &list(b"")))),
        (Codec::Protobuf, head(&field(5, &list(b"\x08\x01")))),
        (Codec::Protobuf, head(&field(5, &field(2, &vec![0; most])))),
        (Codec::Protobuf, [&[0][..], &field(4, &more)].concat()),
        (
            Codec::Protobuf,
            [&[0][..], &field(2, &field(2, &field(1, &mentions)))].concat(),
        ),
        (Codec::Protobuf, b"\x00\x12\xff\xff\xff\xff\x07".to_vec()),
    ];
    let mut most = 0;
    for (codec, message) in &cases {
        // What a thread keeps is there before it counts.
        drop(codec.decode_client(message));
        let held = most_held(|| drop(codec.decode_client(message)));
        let bound = MAX_MEMORY_PER_BYTE * message.len() + 64 * 1024;
        let start = &message[..message.len().min(40)];
        most = most.max(held * 100 / message.len());
        assert!(
            held <= bound,
            "{codec:?}: {} bytes take {held}, allowed are {bound}: {start:x?}",
            message.len()
        );
    } // The bound is near what is really reached, or it says nothing.
    assert!(most > MAX_MEMORY_PER_BYTE * 100 / 2, "{most} hundredths");
}
