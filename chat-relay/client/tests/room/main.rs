//! The client against a simulated relay: nothing is lost, nothing comes twice, and everybody ends with the same room.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the helpers of tests stop the test too"
)]

mod chat;
mod connection;
mod convergence;
mod greeting;
mod moderation;
mod snapshots;

use chat_relay_client::{Client, simulation};
use chat_relay_protocol::{AnnotationId, Fields, MemberId, SceneOp, Value};

type World = simulation::World<Client>;

fn member(id: &str) -> MemberId {
    MemberId::new(id).unwrap()
}

/// Puts an annotation with a label.
fn put(world: &mut World, index: usize, id: &str, label: &str) {
    let id = AnnotationId::new(id).unwrap();
    let fields = Fields::from([
        ("kind".into(), Value::from("pin")),
        ("label".into(), Value::from(label)),
    ]);
    let op = SceneOp::Put { id, fields };
    world
        .update(index, |client, now| client.change_scene(op, now))
        .unwrap();
}

/// Gives an annotation another label, so that it can be taken back.
fn relabel(world: &mut World, index: usize, id: &AnnotationId, label: &str) {
    let fields = Fields::from([("label".into(), Value::from(label))]);
    let id = id.clone();
    world
        .update(index, |client, now| client.patch_undoably(id, fields, now))
        .unwrap();
}

fn chat(world: &mut World, index: usize, text: &str) {
    world
        .update(index, |client, now| client.chat(text, now))
        .unwrap();
}

/// The label that a device shows.
fn label(world: &World, index: usize, id: &str) -> Option<String> {
    let id = AnnotationId::new(id).unwrap();
    let annotation = world.client(index).scene().get(&id)?;
    Some(annotation.text("label").to_owned())
}

/// The texts that a device shows.
fn texts(world: &World, index: usize) -> Vec<String> {
    let entries = world.client(index).chat_entries();
    entries
        .iter()
        .map(|entry| entry.message.text.clone())
        .collect()
}
