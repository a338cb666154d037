//! Any bytes to any decoder: an error or a message that every codec brings back, never a panic.
//!
//! Shared by the bounded test with a seed and by the fuzz targets in `fuzz`. In: any bytes. Out: nothing; it panics
//! where a decoder breaks its word.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails by panicking, and each user takes a part of it"
)]

use chat_relay_protocol::{ClientMessage, Codec, DecodeError, ServerMessage};

/// Feeds `bytes` to all decoders of a codec; gives whether one took them.
pub(crate) fn decode(codec: Codec, bytes: &[u8]) -> bool {
    let client = codec.decode_client(bytes);
    let server = codec.decode_server(bytes);
    let _ = codec.op_id_of_unreadable(bytes);
    for error in [client.as_ref().err(), server.as_ref().err()]
        .into_iter()
        .flatten()
    {
        // It may repeat a part of what it refuses, never all of it.
        assert!(error.to_string().len() < 1024, "{error}");
    }
    client.is_ok() || server.is_ok()
}

/// What a codec makes of `bytes` is the same after a way through every codec.
pub(crate) fn compare(codec: Codec, bytes: &[u8]) {
    if let Ok(message) = codec.decode_client(bytes) {
        for codec in Codec::ALL {
            client_comes_back(*codec, &message);
        }
    }
    if let Ok(message) = codec.decode_server(bytes) {
        for codec in Codec::ALL {
            server_comes_back(*codec, &message);
        }
    }
}

fn client_comes_back(codec: Codec, message: &ClientMessage) {
    let mut bytes = Vec::new();
    codec.encode_client(message, &mut bytes);
    match codec.decode_client(&bytes) {
        Ok(again) => assert_eq!(&again, message, "{codec:?}"),
        // The codecs count depth and length each in its own way.
        Err(DecodeError::TooDeep { .. } | DecodeError::TooLarge { .. }) => {}
        Err(error) => panic!("{codec:?} does not read what it wrote: {error}: {message:?}"),
    }
}

fn server_comes_back(codec: Codec, message: &ServerMessage) {
    let mut bytes = Vec::new();
    codec.encode_server(message, &mut bytes);
    match codec.decode_server(&bytes) {
        Ok(again) => assert_eq!(&again, message, "{codec:?}"),
        Err(DecodeError::TooDeep { .. } | DecodeError::TooLarge { .. }) => {}
        Err(error) => panic!("{codec:?} does not read what it wrote: {error}: {message:?}"),
    }
}
