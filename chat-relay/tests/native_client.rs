//! The relay and the native client of a room together: every codec, reconnecting, roles, direct messages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the helpers of tests stop the test too"
)]

mod client;

use std::net::SocketAddr;

use chat_relay_client::{
    Client, ConnectionState, News,
    native::{Device, Handle, rest},
};
use chat_relay_protocol::{Body, Codec, RoomChange, rest::Joined};
use client::PATIENCE;
use tokio::{sync::mpsc, time::timeout};

async fn create(address: SocketAddr) -> Joined {
    rest::create_room(&rest::tcp(), &address.to_string(), "Ada")
        .await
        .unwrap()
}

async fn join(address: SocketAddr, code: &str) -> Joined {
    rest::join_room(&rest::tcp(), &address.to_string(), code, "Ben")
        .await
        .unwrap()
}

fn device(address: SocketAddr, joined: &Joined, codec: Codec) -> Device {
    Device::new(rest::tcp(), &address.to_string(), joined).codec(codec)
}

async fn until(handle: &Handle, holds: impl Fn(&Client) -> bool + Send + Sync + Clone + 'static) {
    let held = timeout(PATIENCE, handle.until(holds)).await;
    assert!(held.expect("it never came to hold"), "the device ended");
}

async fn send(handle: &Handle, body: Body) {
    let sent = handle
        .update(move |client, now| client.send(body, now))
        .await;
    sent.unwrap().unwrap();
}

async fn change(handle: &Handle, change: RoomChange) {
    send(handle, Body::Room { change }).await;
    until(handle, |client| client.pending_count() == 0).await;
}

fn texts(client: &Client) -> Vec<String> {
    let entries = client.chat_entries();
    entries
        .iter()
        .map(|entry| entry.message.text.clone())
        .collect()
}

#[tokio::test]
async fn devices_of_every_codec_have_the_same_log() {
    let data = tempfile::tempdir().unwrap();
    let relay = client::start(data.path()).await;
    let address = relay.http_address();
    let owner = create(address).await;
    let (news, mut heard) = mpsc::unbounded_channel();
    let ada = device(address, &owner, Codec::Json).news(news).spawn();
    let mut devices = vec![ada.clone()];
    for codec in [Codec::MsgPack, Codec::Protobuf] {
        let joined = join(address, &owner.code).await;
        devices.push(device(address, &joined, codec).spawn());
    }
    for (index, handle) in devices.iter().enumerate() {
        for number in 0..20 {
            send(handle, Body::chat(format!("{number} of {index}"))).await;
        }
    }
    for handle in &devices {
        until(handle, |client| {
            client.last_seq() == 60 && client.pending_count() == 0
        })
        .await;
    }
    let first = ada.update(|client, _| texts(client)).await.unwrap();
    for handle in &devices {
        assert_eq!(
            handle.update(|client, _| texts(client)).await.unwrap(),
            first
        );
    }
    let mut seqs = Vec::new();
    while let Ok(news) = heard.try_recv() {
        if let News::Event(event) = news {
            seqs.push(event.seq);
        }
    }
    assert_eq!(seqs, (1..=60).collect::<Vec<_>>());
    relay.shutdown().await;
}

#[tokio::test]
async fn what_is_said_while_the_relay_restarts_arrives_once() {
    let data = tempfile::tempdir().unwrap();
    let relay = client::start(data.path()).await;
    let address = relay.http_address();
    let owner = create(address).await;
    let ada = device(address, &owner, Codec::Protobuf).spawn();
    send(&ada, Body::chat("before")).await;
    until(&ada, |client| client.last_seq() == 1).await;
    relay.shutdown().await;
    until(&ada, |client| {
        client.connection() == ConnectionState::Reconnecting
    })
    .await;
    send(&ada, Body::chat("meanwhile")).await;
    let relay = client::start_with(data.path(), |config| config.port = address.port()).await;
    until(&ada, |client| {
        client.last_seq() == 2 && client.pending_count() == 0
    })
    .await;
    let all = ada.update(|client, _| texts(client)).await.unwrap();
    assert_eq!(all, ["before", "meanwhile"]);
    relay.shutdown().await;
}

#[tokio::test]
async fn an_owner_approves_and_removes() {
    let data = tempfile::tempdir().unwrap();
    let relay = client::start(data.path()).await;
    let address = relay.http_address();
    let owner = create(address).await;
    let guest = join(address, &owner.code).await;
    let ada = device(address, &owner, Codec::Json).spawn();
    let ben = device(address, &guest, Codec::MsgPack).spawn();
    change(&ada, RoomChange::SetApproval { required: true }).await;
    until(&ben, |client| client.settings().approval).await;
    send(&ben, Body::chat("may I?")).await;
    until(&ben, |client| {
        client.chat_entries().iter().any(|entry| entry.held)
    })
    .await;
    until(&ada, |client| client.held().len() == 1).await;
    let op_id = ada
        .update(|client, _| client.held()[0].op.op_id.clone())
        .await
        .unwrap();
    change(&ada, RoomChange::Approve { op_id }).await;
    for handle in [&ada, &ben] {
        until(handle, |client| {
            let entries = client.chat_entries();
            entries.len() == 1 && !entries[0].held && client.held().is_empty()
        })
        .await;
    }
    let member = guest.member.clone();
    change(&ada, RoomChange::Remove { member }).await;
    until(&ben, |client| {
        let problem = client.problem().map(|problem| problem.code.as_str());
        client.connection() == ConnectionState::Closed && problem == Some("removed")
    })
    .await;
    relay.shutdown().await;
}

#[tokio::test]
async fn direct_messages_and_reading_reach_all_devices_of_a_member() {
    let data = tempfile::tempdir().unwrap();
    let relay = client::start(data.path()).await;
    let address = relay.http_address();
    let owner = create(address).await;
    let guest = join(address, &owner.code).await;
    let second = rest::add_device(&rest::tcp(), &address.to_string(), &guest.secret)
        .await
        .unwrap();
    assert_eq!(second.member, guest.member);
    let ada = device(address, &owner, Codec::Json).spawn();
    let bens = [
        device(address, &guest, Codec::Json).spawn(),
        device(address, &second, Codec::Protobuf).spawn(),
    ];
    let to = guest.member.clone();
    let sent = ada
        .update(|client, now| client.direct(to, "psst", now))
        .await;
    sent.unwrap().unwrap();
    send(&ada, Body::chat("to all")).await;
    for handle in &bens {
        until(handle, |client| {
            let inbox = client.inbox();
            inbox.len() == 1 && inbox[0].direct.text == "psst" && client.unread() == 1
        })
        .await;
    }
    until(&ada, |client| {
        client.pending_count() == 0 && client.inbox().len() == 1
    })
    .await;
    bens[0].update(|client, now| client.mark_read(1, now)).await;
    until(&bens[1], |client| {
        client.unread() == 0 && client.read_seq() == 1
    })
    .await;
    relay.shutdown().await;
}

#[tokio::test]
async fn a_newcomer_gets_a_snapshot_and_pages_of_what_came_before() {
    let data = tempfile::tempdir().unwrap();
    let relay = client::start_with(data.path(), |config| config.limits.replay_events = 50).await;
    let address = relay.http_address();
    let owner = create(address).await;
    let ada = device(address, &owner, Codec::Json).spawn();
    for number in 0..180 {
        send(&ada, Body::chat(format!("message {number}"))).await;
    }
    send(&ada, Body::ChatDelete { message: 3 }).await;
    until(&ada, |client| client.last_seq() == 181).await;
    let guest = join(address, &owner.code).await;
    let ben = device(address, &guest, Codec::Protobuf).spawn();
    until(&ben, |client| client.last_seq() == 181).await;
    let (here, more) = ben
        .update(|client, _| (client.chat_entries().len(), client.has_older_messages()))
        .await
        .unwrap();
    assert!(here < 180 && more, "{here}");
    loop {
        let asked = ben.update(Client::fetch_older_messages).await.unwrap();
        if !asked {
            break;
        }
        until(&ben, |client| !client.is_fetching_messages()).await;
    }
    let [adas, bens] = [&ada, &ben].map(|handle| handle.clone());
    let adas = adas.update(|client, _| texts(client)).await.unwrap();
    assert_eq!(bens.update(|client, _| texts(client)).await.unwrap(), adas);
    assert_eq!(adas[2], "");
    relay.shutdown().await;
}
