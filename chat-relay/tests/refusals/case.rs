//! One case under way: a relay in which two others talk, and what has to come.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use chat_relay::{Config, Relay};
use chat_relay_protocol::{
    Body, ClientMessage, Codec, DeviceId, ErrorCode, Op, Retry, ServerMessage, WireError,
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{
    client::{Answer, Device, PATIENCE, Socket, create_room, error_of, join_room, start_with},
    table::{Row, rows},
};

/// How long a message of the witnesses may take, whatever the intruder does.
const BOUND: Duration = Duration::from_secs(5);
/// How long they wait between two.
const PAUSE: Duration = Duration::from_millis(25);

/// A case before its relay runs.
pub(crate) struct Setup {
    row: Row,
    pub(crate) data: TempDir,
}

/// A case whose relay runs.
pub(crate) struct Case {
    row: Row,
    /// Where the relay keeps its files.
    pub(crate) data: TempDir,
    /// None once it was shut down.
    pub(crate) relay: Option<Relay>,
    pub(crate) address: SocketAddr,
    /// Who made the room.
    pub(crate) owner: Device,
    /// The room's code.
    pub(crate) code: String,
    witnesses: Option<Witnesses>,
}

/// Two who talk in the room of the case.
struct Witnesses {
    enough: oneshot::Sender<()>,
    talk: JoinHandle<()>,
}

impl Setup {
    pub(crate) fn of(case: &str) -> Self {
        let row = rows().into_iter().find(|row| row.case == case);
        Self {
            row: row.unwrap_or_else(|| panic!("docs/refusals.md has no row {case}")),
            data: tempfile::tempdir().unwrap(),
        }
    }

    /// Starts the relay, and the others begin to talk.
    pub(crate) async fn start(self, change: impl FnOnce(&mut Config)) -> Case {
        let relay = start_with(self.data.path(), change).await;
        let address = relay.http_address();
        let owner = Device::create(address, "Owner").await;
        let code = owner.joined.code.clone();
        let speaker = Device::join(address, &code, "Speaker").await;
        let listener = Device::join_as(Codec::Protobuf, address, &code, "Listener").await;
        let (enough, until) = oneshot::channel();
        let talk = tokio::spawn(talk(speaker, listener, until));
        Case {
            row: self.row,
            data: self.data,
            relay: Some(relay),
            address,
            owner,
            code,
            witnesses: Some(Witnesses { enough, talk }),
        }
    }
}

/// Says something, waits until the other has heard it, and so on: at least once after it is enough.
async fn talk(mut speaker: Device, mut listener: Device, mut until: oneshot::Receiver<()>) {
    let mut last = false;
    for n in 0.. {
        let said = Instant::now();
        let exchange = async {
            let seq = speaker.say(Body::chat(format!("word {n}"))).await;
            listener.until_seq(seq).await;
        };
        timeout(BOUND, exchange).await.unwrap_or_else(|_| {
            panic!("the others wait for word {n} since {:?}", said.elapsed());
        });
        if last {
            break;
        }
        last = timeout(PAUSE, &mut until).await.is_ok();
    }
    let heard: Vec<&str> = listener.texts();
    let words = heard.iter().filter(|text| text.starts_with("word "));
    for (n, word) in words.enumerate() {
        assert_eq!(*word, format!("word {n}"), "each once, and in order");
    }
}

impl Case {
    /// A device of a new member.
    pub(crate) async fn join(&self) -> Device {
        self.join_as(Codec::Json).await
    }

    pub(crate) async fn join_as(&self, codec: Codec) -> Device {
        Device::join_as(codec, self.address, &self.code, "Intruder").await
    }

    /// A new member's admission, not connected.
    pub(crate) async fn admission(&self) -> chat_relay_protocol::rest::Joined {
        join_room(self.address, &self.code, "Intruder").await
    }

    /// A device in a room of its own.
    pub(crate) async fn elsewhere(&self) -> chat_relay_protocol::rest::Joined {
        create_room(self.address, "Elsewhere").await
    }

    /// That an error is that of the row, and that the connection ended as the row says.
    pub(crate) fn told(&self, error: &WireError, ends: &str) {
        let retry = match error.retry {
            Retry::Never => "never",
            Retry::Later { after_millis } => {
                assert!((1..=120_000).contains(&after_millis), "{after_millis}");
                "later"
            }
            Retry::Rejoin => "rejoin",
            Retry::Renew => "renew",
        };
        let told = Row {
            case: self.row.case.clone(),
            error: Some(error.code.name().into()),
            ends: ends.into(),
            retry: retry.into(),
        };
        assert_eq!(told, self.row, "{}", error.message);
        assert!(error.message.ends_with('.'), "{}", error.message);
    }

    /// That the row speaks of no error.
    pub(crate) fn untold(&self, ends: &str) {
        let told = Row {
            case: self.row.case.clone(),
            error: None,
            ends: ends.into(),
            retry: "-".into(),
        };
        assert_eq!(told, self.row);
    }

    /// An HTTP answer.
    pub(crate) fn answered(&self, answer: &Answer) {
        let error: WireError = answer.json();
        self.told(&error, &format!("HTTP {}", answer.status));
        let later = matches!(error.retry, Retry::Later { .. });
        assert_eq!(answer.header("Retry-After").is_some(), later);
    }

    /// That a connection is told and closed.
    pub(crate) async fn closes(&self, socket: &mut Socket) -> (WireError, CloseFrame) {
        let (error, close) = socket.ending().await;
        self.told(&error, &format!("close {}", u16::from(close.code)));
        assert_eq!(close.reason.as_str(), error.code.name());
        (error, close)
    }

    /// The same of one that says `first` in place of a good hello.
    pub(crate) async fn closes_after(
        &self,
        room: &chat_relay_protocol::RoomId,
        first: &ClientMessage,
    ) {
        for codec in Codec::ALL {
            let mut socket = Socket::open_as(*codec, self.address, room).await;
            socket.send(first).await;
            self.closes(&mut socket).await;
        }
    }

    /// That the next error is that of the row, and that the device goes on.
    pub(crate) async fn goes_on(&self, device: &mut Device) -> WireError {
        let error = device.until(error_of).await;
        self.told(&error, "goes on");
        device.settle().await;
        error
    }

    /// That an op is refused as the row says.
    pub(crate) async fn refuses(&self, device: &mut Device, body: Body) -> WireError {
        let op = device.op(body);
        self.refuses_op(device, op).await
    }

    pub(crate) async fn refuses_op(&self, device: &mut Device, op: Op) -> WireError {
        let op_id = op.op_id.clone();
        device.socket.send(&ClientMessage::Op(op)).await;
        let error = self.goes_on(device).await;
        assert_eq!(error.op_id, Some(op_id));
        error
    }

    /// That everybody but `device` sees it leave.
    pub(crate) async fn leaves(&mut self, device: &Device) {
        self.left(device.id()).await;
    }

    /// That everybody else sees the device of this id leave.
    pub(crate) async fn left(&mut self, gone: &DeviceId) {
        self.owner
            .until(|message| match message {
                ServerMessage::Left { device } => (device == *gone).then_some(()),
                _ => None,
            })
            .await;
    }

    /// That the others have felt nothing.
    pub(crate) async fn unharmed(&mut self) {
        if let Some(witnesses) = self.witnesses.take() {
            let _ = witnesses.enough.send(());
            timeout(PATIENCE, witnesses.talk).await.unwrap().unwrap();
        }
    }

    pub(crate) async fn end(mut self) {
        self.unharmed().await;
        // The relay waits a while for those that it tells of its end.
        drop(self.owner);
        if let Some(relay) = self.relay.take() {
            relay.shutdown().await;
        }
    }
}

/// The error of an op's or message's refusal that is passed over.
pub(crate) fn is(code: ErrorCode) -> impl Fn(ServerMessage) -> Option<WireError> {
    move |message| error_of(message).filter(|error| error.code == code)
}
