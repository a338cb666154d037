//! How members come: each room is made by its first member, the others join it by its code, and all connect.

use std::{sync::Arc, time::Duration};

use chat_relay_client::native::{
    Connector, Device, Handle,
    rest::{self, CallError},
};
use chat_relay_protocol::{ClientMessage, DeviceId, Hello, PROTOCOL_VERSION, rest::Joined};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    error::{Error, setting},
    options::Options,
    record::Recorder,
};

/// So many calls are under way at a time.
const CALLS: usize = 16;
/// While nobody comes online for so long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the answer to the question why may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// How often is looked whether all are there.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A member of a room, connected.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) number: usize,
    pub(super) device: DeviceId,
    pub(super) handle: Handle,
    joined: Joined,
}

struct Arrival {
    options: Options,
    address: String,
    connector: Arc<dyn Connector>,
    calls: Semaphore,
    recorder: Arc<Recorder>,
    begin: Instant,
}

/// Lets all members come, over the time that the options give them, and waits until all are in their rooms.
pub(super) async fn all(
    options: &Options,
    address: &str,
    recorder: &Arc<Recorder>,
) -> Result<Vec<Member>, Error> {
    let arrival = Arc::new(Arrival {
        options: options.clone(),
        address: address.to_owned(),
        connector: rest::tcp(),
        calls: Semaphore::new(CALLS),
        recorder: Arc::clone(recorder),
        begin: Instant::now(),
    });
    let mut rooms = JoinSet::new();
    for room in 0..options.rooms() {
        let arrival = Arc::clone(&arrival);
        rooms.spawn(async move { arrival.room(room).await });
    }
    let mut members = Vec::new();
    while let Some(room) = rooms.join_next().await {
        match room {
            Ok(came) => members.extend(came?),
            // A task that panicked has said so.
            Err(_) => continue,
        }
    }
    members.sort_by_key(|member| member.number);
    arrival.wait_for(&members).await?;
    Ok(members)
}

impl Arrival {
    /// When the `number`th member, from 0, comes.
    fn time_of(&self, number: u32) -> Instant {
        let all = Duration::from_secs(u64::from(self.options.ramp_up_secs));
        self.begin + all * number / self.options.members
    }

    async fn room(&self, room: u32) -> Result<Vec<Member>, Error> {
        let first = room * self.options.room;
        let end = (first + self.options.room).min(self.options.members);
        let mut members: Vec<Member> = Vec::new();
        for number in first..end {
            sleep_until(self.time_of(number)).await;
            let code = members.first().map(|owner| owner.joined.code.clone());
            let joined = self.join(number, code.as_deref()).await?;
            members.push(self.connect(room, number, joined));
        }
        Ok(members)
    }

    /// By the room's code, or, without one, into a new room.
    async fn join(&self, number: u32, code: Option<&str>) -> Result<Joined, Error> {
        let _turn = self.calls.acquire().await;
        let name = format!("Load {}", number + 1);
        let (connector, address) = (&self.connector, &self.address);
        let joined = match code {
            Some(code) => rest::join_room(connector, address, code, &name).await,
            None => rest::create_room(connector, address, &name).await,
        };
        joined.map_err(|error| Error::of_call(number + 1, &self.options, &error))
    }

    fn connect(&self, room: u32, number: u32, joined: Joined) -> Member {
        let recorder = Arc::clone(&self.recorder);
        let member = recorder.measured().admit(room as usize);
        let codecs = &self.options.codecs;
        let codec = codecs[number as usize % codecs.len()];
        let presence_millis = interval_millis(self.options.presence_per_sec);
        let handle = Device::new(Arc::clone(&self.connector), &self.address, &joined)
            .codec(codec)
            .options(|options| options.presence_millis = Some(presence_millis))
            .listen(move |client, news| recorder.happened(member, client, &news))
            .spawn();
        Member {
            number: member,
            device: joined.device.clone(),
            handle,
            joined,
        }
    }

    /// Waits until all are online, for as long as there is progress.
    async fn wait_for(&self, members: &[Member]) -> Result<(), Error> {
        let (mut online, mut since) = (0, Instant::now());
        let mut trouble = 0;
        loop {
            sleep(LOOK_EVERY).await;
            let (now_online, now_trouble) = {
                let measured = self.recorder.measured();
                (measured.online, measured.disconnects)
            };
            if now_online == self.options.members {
                return Ok(());
            }
            if std::mem::replace(&mut trouble, now_trouble) < now_trouble {
                self.ask_why(members).await?;
            }
            if now_online > online {
                (online, since) = (now_online, Instant::now());
            } else if since.elapsed() > PATIENCE {
                let reason = "the relay does not welcome it".to_owned();
                return Err(self.refused(self.options.members, reason, None));
            }
        }
    }

    /// An error when the relay refuses a member, and not just takes its time.
    async fn ask_why(&self, members: &[Member]) -> Result<(), Error> {
        for (number, member) in (1..).zip(members) {
            let problem = member.handle.update(|client, _| client.problem().cloned());
            let Some(problem) = problem.await.flatten() else {
                continue;
            };
            let hint = setting(&problem.code, &self.options);
            if hint.is_some() || !problem.retry {
                return Err(self.refused(number, problem.message, hint));
            }
            return match self.ask_by_stream(member).await {
                Some(error) => Err(Error::of_call(number, &self.options, &error)),
                None => Ok(()),
            };
        }
        Ok(())
    }

    /// Why a member cannot connect. A socket that the relay refuses does not tell; an event stream does.
    async fn ask_by_stream(&self, member: &Member) -> Option<CallError> {
        let hello = ClientMessage::Hello(Hello {
            version: PROTOCOL_VERSION,
            token: member.joined.secret.clone(),
            name: String::new(),
            resume: None,
            presence_millis: None,
            heartbeat_secs: None,
        });
        let path = format!("/v1/stream?room={}", member.joined.room);
        let (connector, address) = (&self.connector, &self.address);
        let asked =
            rest::post::<_, serde_json::Value>(connector, address, &path, None, Some(&hello));
        // A stream that is granted does not end.
        match timeout(ANSWER_WITHIN, asked).await {
            Ok(Err(error @ CallError::Refused { .. })) => Some(error),
            _ => None,
        }
    }

    fn refused(&self, member: u32, reason: String, hint: Option<String>) -> Error {
        Error::Refused {
            member,
            members: self.options.members,
            reason,
            hint,
        }
    }
}

/// How often a rate comes, in milliseconds; 0 for never.
#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "rates are not negative, and the cast saturates"
)]
fn interval_millis(per_sec: f64) -> u32 {
    if per_sec > 0.0 {
        (1000.0 / per_sec) as u32
    } else {
        0
    }
}
