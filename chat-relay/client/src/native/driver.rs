//! The loop of one device: what the client asks for, what the socket brings, what the program does, the time.

use std::{future::pending, pin::Pin, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::Error;

use super::{
    device::Device,
    handle::{Command, Handle},
    socket::Socket,
    storage::{Saving, Storage},
};
use crate::{Client, ConnectionId, ConnectionState, Effect, Moment};

/// A socket that takes nothing for so long is given up.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// How long a goodbye may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// So many changes of a handle wait for the driver.
const COMMANDS: usize = 64;

type Opening = Pin<Box<dyn Future<Output = Result<Box<Socket>, Error>> + Send>>;

/// The connection that the client asked for last.
enum Connection {
    None,
    Opening(ConnectionId, Opening),
    Open(ConnectionId, Box<Socket>),
}

/// What comes next.
enum Next {
    Command(Option<Command>),
    Opened(Result<Box<Socket>, Error>),
    Heard(Option<Bytes>),
    Saved,
    Due,
}

struct Driver {
    device: Device,
    client: Client,
    connection: Connection,
    saves: Saves,
    start: Instant,
    /// The socket comes before the program, or after it: they take turns.
    socket_first: bool,
}

/// What goes into the storage: one state at a time, and then the latest.
#[derive(Default)]
struct Saves {
    storage: Option<Box<dyn Storage>>,
    under_way: Option<(u64, Saving)>,
    next: Option<(u64, String)>,
}

impl Device {
    /// Starts the device's task on this runtime, which connects.
    pub fn spawn(self) -> Handle {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (changed, changes) = watch::channel(0);
        tokio::spawn(run(self, inbox, changed));
        Handle { commands, changes }
    }
}

/// Drives a device until its handles are gone or its room is closed.
async fn run(
    mut device: Device,
    mut commands: mpsc::Receiver<Command>,
    changed: watch::Sender<u64>,
) {
    let start = Instant::now();
    let saves = Saves {
        storage: device.storage.take(),
        ..Saves::default()
    };
    let mut driver = Driver {
        client: Client::new(
            device.options.clone(),
            device.seed,
            Moment {
                monotonic_millis: 0,
                unix_millis: device.unix_millis,
            },
        ),
        device,
        connection: Connection::None,
        saves,
        start,
        socket_first: false,
    };
    let now = driver.now();
    driver.client.start(now);
    loop {
        driver.carry_out(&changed).await;
        match driver.next(&mut commands).await {
            Next::Command(Some(command)) => {
                let now = driver.now();
                command(&mut driver.client, now);
            }
            Next::Command(None) => break,
            Next::Opened(result) => driver.opened(result),
            Next::Heard(bytes) => driver.heard(bytes),
            Next::Saved => driver.saved(),
            Next::Due => {
                let now = driver.now();
                driver.client.tick(now);
            }
        }
    }
    driver.client.close();
    driver.carry_out(&changed).await;
    driver.saves.finish().await;
}

impl Saves {
    /// Asks for a state to be saved, in place of one that waits.
    fn push(&mut self, revision: u64, stored_json: String) {
        self.next = Some((revision, stored_json));
        self.begin();
    }

    fn begin(&mut self) {
        if self.under_way.is_none()
            && let Some(storage) = &mut self.storage
            && let Some((revision, stored_json)) = self.next.take()
        {
            self.under_way = Some((revision, storage.save(stored_json)));
        }
    }

    /// Waits for the state under way; for ever when there is none.
    async fn landed(&mut self) {
        match &mut self.under_way {
            Some((_, saving)) => saving.await,
            None => pending().await,
        }
    }

    /// The state under way is saved: tells which that was.
    fn take_landed(&mut self) -> Option<u64> {
        let (revision, _) = self.under_way.take()?;
        self.begin();
        Some(revision)
    }

    async fn finish(&mut self) {
        while self.under_way.is_some() {
            self.landed().await;
            self.take_landed();
        }
    }
}

impl Driver {
    fn now(&self) -> Moment {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Moment {
            monotonic_millis: millis,
            unix_millis: self.device.unix_millis.saturating_add_unsigned(millis),
        }
    }

    async fn next(&mut self, commands: &mut mpsc::Receiver<Command>) -> Next {
        let due = self
            .client
            .next_wake_millis()
            .map(|millis| self.start + Duration::from_millis(millis));
        let due = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => pending().await,
            }
        };
        let connection = async {
            match &mut self.connection {
                Connection::None => pending().await,
                Connection::Opening(_, opening) => Next::Opened(opening.await),
                Connection::Open(_, socket) => Next::Heard(socket.next().await),
            }
        };
        let saved = self.saves.landed();
        // The order is fixed, so that a simulated run can be repeated.
        self.socket_first = !self.socket_first;
        if self.socket_first {
            tokio::select! {
                biased;
                () = due => Next::Due,
                () = saved => Next::Saved,
                next = connection => next,
                command = commands.recv() => Next::Command(command),
            }
        } else {
            tokio::select! {
                biased;
                () = due => Next::Due,
                () = saved => Next::Saved,
                command = commands.recv() => Next::Command(command),
                next = connection => next,
            }
        }
    }

    fn opened(&mut self, result: Result<Box<Socket>, Error>) {
        let now = self.now();
        let Connection::Opening(id, _) = self.connection else {
            return;
        };
        match result {
            Ok(socket) => {
                self.connection = Connection::Open(id, socket);
                self.client.socket_opened(id, now);
            }
            Err(_unreachable) => self.lost(id),
        }
    }

    fn heard(&mut self, bytes: Option<Bytes>) {
        let now = self.now();
        let Connection::Open(id, _) = self.connection else {
            return;
        };
        match bytes {
            Some(bytes) => self.client.socket_message(id, &bytes, now),
            None => self.lost(id),
        }
    }

    fn saved(&mut self) {
        let now = self.now();
        if let Some(revision) = self.saves.take_landed() {
            self.client.saved(revision, now);
        }
    }

    fn lost(&mut self, id: ConnectionId) {
        self.connection = Connection::None;
        let now = self.now();
        self.client.socket_closed(id, now);
    }

    async fn carry_out(&mut self, changed: &watch::Sender<u64>) {
        while let Some(effect) = self.client.take_effect() {
            match effect {
                Effect::Connect {
                    connection,
                    url,
                    codec,
                } => {
                    let connector = self.device.connector.clone();
                    let opening = async move {
                        let socket = Socket::open(connector.as_ref(), &url, codec).await?;
                        Ok(Box::new(socket))
                    };
                    self.connection = Connection::Opening(connection, Box::pin(opening));
                }
                Effect::Disconnect { connection } => self.disconnect(connection).await,
                Effect::Send {
                    connection, bytes, ..
                } => self.send(connection, bytes).await,
                Effect::Persist {
                    revision,
                    stored_json,
                } => self.saves.push(revision, stored_json),
                Effect::Changed => changed.send_modify(|count| *count += 1),
            }
        }
        while let Some(news) = self.client.take_news() {
            if let Some(listener) = &mut self.device.listener {
                listener(&self.client, news);
            }
        }
    }

    async fn send(&mut self, connection: ConnectionId, bytes: Vec<u8>) {
        let Connection::Open(id, socket) = &mut self.connection else {
            return;
        };
        if *id != connection {
            return;
        }
        if !matches!(timeout(WRITE_WITHIN, socket.send(bytes)).await, Ok(Ok(()))) {
            self.lost(connection);
        }
    }

    async fn disconnect(&mut self, connection: ConnectionId) {
        match std::mem::replace(&mut self.connection, Connection::None) {
            Connection::Open(id, socket) if id == connection => {
                let is_over = self.client.connection() == ConnectionState::Closed;
                let goodbye = timeout(CLOSE_WITHIN, socket.close());
                // A connection that is given up may be dead: its goodbye must not hold up the next one.
                if is_over {
                    let _gone = goodbye.await;
                } else {
                    tokio::spawn(goodbye);
                }
            }
            Connection::Opening(id, _) if id == connection => {}
            other => self.connection = other,
        }
    }
}
