//! Random values of the protocol's types, for property tests.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

pub(crate) mod bodies;
pub(crate) mod messages;
pub(crate) mod rooms;

use chat_relay_protocol::{AnnotationId, DeviceId, Fields, MemberId, OpId, Role, Value};
use proptest::{collection, prelude::*};

pub(crate) fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        -10.0..10.0_f64,
        (-100..100_i32).prop_map(f64::from),
    ]
}

pub(crate) fn spot() -> impl Strategy<Value = [f64; 3]> {
    [finite(), finite(), finite()]
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    collection::vec(any::<char>(), 0..12).prop_map(|chars| chars.into_iter().collect())
}

pub(crate) fn id_text() -> impl Strategy<Value = String> {
    const ALPHABET: &[u8] = b"ABCXYZabcxyz0123456789-_.";
    collection::vec(0..ALPHABET.len(), 1..=64)
        .prop_map(|indices| indices.iter().map(|i| char::from(ALPHABET[*i])).collect())
}

pub(crate) fn device() -> impl Strategy<Value = DeviceId> {
    id_text().prop_map(|text| DeviceId::new(text).unwrap())
}

pub(crate) fn member_id() -> impl Strategy<Value = MemberId> {
    id_text().prop_map(|text| MemberId::new(text).unwrap())
}

pub(crate) fn annotation() -> impl Strategy<Value = AnnotationId> {
    id_text().prop_map(|text| AnnotationId::new(text).unwrap())
}

pub(crate) fn op_id() -> impl Strategy<Value = OpId> {
    (device(), any::<u64>()).prop_map(|(device, counter)| OpId { device, counter })
}

pub(crate) fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Owner), Just(Role::Editor), Just(Role::Viewer)]
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        finite().prop_map(Value::Number),
        text().prop_map(Value::Text),
        collection::vec(finite().prop_map(Value::Number), 0..8).prop_map(Value::List),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            collection::btree_map(text(), inner, 0..6).prop_map(Value::Map),
        ]
    })
}

pub(crate) fn fields() -> impl Strategy<Value = Fields> {
    collection::btree_map(text(), value(), 0..5)
}
