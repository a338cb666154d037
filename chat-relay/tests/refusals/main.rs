//! The tables of `docs/refusals.md`, row by row: what a relay answers to those who do not keep to the protocol, and
//! that others do not feel it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod case;
#[path = "../client/mod.rs"]
mod client;
mod connections;
mod first_message;
mod frames;
mod handshake;
mod ops;
mod table;

/// A test for each case, called as its row.
macro_rules! cases {
    ($($module:ident: $($case:ident)+;)+) => {
        $($(
            #[tokio::test]
            async fn $case() {
                let case = $module::$case(case::Setup::of(stringify!($case))).await;
                case.end().await;
            }
        )+)+

        const CASES: &[&str] = &[$($(stringify!($case)),+),+];
    };
}

cases! {
    handshake:
        foreign_origin other_subprotocol no_websocket too_many_of_an_address too_many_sockets too_many_of_all wrong_code
        guessed_codes closed_room large_body unreadable_body half_a_body unknown_session;
    first_message:
        late_hello half_a_hello no_hello garbage_first large_hello other_version forged_token expired_token
        token_of_another_room no_such_room expired_room full_room too_many_devices removed_member many_hellos;
    frames:
        garbage much_garbage not_utf8 wrong_kind unmasked_frame unknown_opcode reserved_bit large_message
        large_in_fragments half_a_frame zip_bomb broken_deflate flood_of_pings too_fast flood flood_between
        flood_of_unreadable_ops flood_of_presence flood_of_large_presence second_hello large_presence nan_head
        nan_head_json;
    ops:
        foreign_device replayed_op late_op counter_zero nan_pose nan_pose_json pose_of_six unknown_op long_chat
        control_characters many_reactions too_many_bytes deep_fields viewer_edits muted_member locked_room locked_annotation no_moderator deleted_annotation full_scene
        direct_to_nobody;
    connections:
        slow_reader never_reads replaced logged_out removed shutting_down;
}

#[test]
fn every_row_has_a_test_and_every_test_a_row() {
    let mut rows: Vec<String> = table::rows().into_iter().map(|row| row.case).collect();
    let mut cases = CASES.to_vec();
    rows.sort_unstable();
    cases.sort_unstable();
    assert_eq!(rows, cases);
}
