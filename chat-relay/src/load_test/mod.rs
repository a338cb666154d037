//! `chat-relay loadtest`: members that chat, change the scene and move about, against a relay by its address.
//!
//! In: [`Options`]. Out: a [`Summary`], as a table, as a page with plots ([`report`]), as JSON. Each member is the client
//! that pages use (`chat-relay-client`), which resumes, queues and folds the room; all of them share one thread and one
//! clock, so that a time from sending to receiving is one subtraction. The load is an open loop: times count from when
//! something was due, also when what came before it took long.
//!
//! This measures a relay together with its real clients, and checks that everybody got the whole log. It is no neutral
//! benchmark: this process does the clients' work too, and what that takes is in every time.
//!
//! | module | idea |
//! |---|---|
//! | `options` | what is asked for |
//! | `arrival` | how members come |
//! | `schedule` | who does what when |
//! | `acts` | what they say |
//! | `record` | what is measured |
//! | `histogram` | how often which time was seen |
//! | `log_check` | whether everybody got the whole log |
//! | `summary` | the figures |
//! | `table` | the figures on a terminal |
//! | `report` | the figures as a page |

mod acts;
mod arrival;
mod error;
mod histogram;
mod log_check;
mod options;
mod record;
pub mod report;
mod schedule;
mod summary;
mod table;

use std::{path::Path, sync::Arc, time::Duration};

use chat_relay_client::{Client, Moment};
use chat_relay_protocol::Body;
use tokio::{
    task::yield_now,
    time::{Instant, sleep, sleep_until},
};

pub use error::Error;
pub use log_check::Faults;
pub use options::Options;
pub use summary::{Distribution, Percentile, Second, Summary};
pub use table::table;

use arrival::Member;
use record::Recorder;
use schedule::{Act, Due, Schedule};

/// How long what was sent last may take to come to everybody.
const DRAIN: Duration = Duration::from_secs(10);
/// How often is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// After so many acts in a row the members get their turn, however late the next act is.
const ACTS_IN_A_ROW: usize = 64;

/// Runs a load test, from the first member's coming to the last one's leaving.
///
/// # Errors
/// [`Error`], when not all members get in.
pub async fn run(options: &Options) -> Result<Summary, Error> {
    let address = address(&options.url).ok_or_else(|| Error::Url {
        url: options.url.clone(),
    })?;
    let recorder = Arc::new(Recorder::new(options.rooms() as usize));
    let members = arrival::all(options, address, &recorder).await?;
    load(options, &recorder, &members).await;
    drain(&recorder).await;
    let summary = Summary::of(options, &recorder.measured());
    for member in &members {
        member.handle.close().await;
    }
    Ok(summary)
}

/// Writes the report, and the figures as JSON where they are asked for.
///
/// # Errors
/// [`Error::Write`].
pub fn write(options: &Options, summary: &Summary) -> Result<(), Error> {
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
    };
    write(&options.report, report::page(summary))?;
    match &options.json {
        Some(path) => write(path, summary.to_json()),
        None => Ok(()),
    }
}

/// `host:port` of a relay's address.
fn address(url: &str) -> Option<&str> {
    let address = url.strip_prefix("http://")?.trim_end_matches('/');
    let (host, port) = address.rsplit_once(':')?;
    (!host.is_empty() && port.parse::<u16>().is_ok()).then_some(address)
}

/// Does what is due when it is due.
async fn load(options: &Options, recorder: &Arc<Recorder>, members: &[Member]) {
    let begin = recorder.now_micros();
    recorder.measured().load_from_micros = begin;
    let mut scene_ops = vec![0_u64; members.len()];
    for (count, due) in Schedule::new(options).enumerate() {
        let due_micros = begin + due.at_micros;
        if recorder.now_micros() < due_micros {
            sleep_until(recorder.instant(due_micros)).await;
        } else if count.is_multiple_of(ACTS_IN_A_ROW) {
            yield_now().await;
        }
        let Some(member) = members.get(due.member as usize) else {
            continue;
        };
        let late = recorder.now_micros().saturating_sub(due_micros);
        recorder.measured().lateness.add(late);
        let scene_op = &mut scene_ops[due.member as usize];
        act(options, recorder, member, due, due_micros, scene_op);
    }
    let end = begin + u64::from(options.duration_secs) * 1_000_000;
    sleep_until(recorder.instant(end)).await;
}

fn act(
    options: &Options,
    recorder: &Arc<Recorder>,
    member: &Member,
    due: Due,
    due_micros: u64,
    scene_ops: &mut u64,
) {
    let posted = match due.act {
        Act::Chat => send(recorder, member, acts::chat(due_micros, options.chat_bytes)),
        Act::Scene => {
            let count = std::mem::replace(scene_ops, *scene_ops + 1);
            let Some(body) = acts::scene(&member.device, count, due_micros) else {
                return;
            };
            send(recorder, member, body)
        }
        Act::Pose => {
            let presence = acts::presence(due_micros);
            recorder.measured().poses += 1;
            let handle = &member.handle;
            handle.post(move |client, now| client.set_presence(presence, now))
        }
        // A new name is told with a new hello.
        Act::Reconnect => member.handle.post(|client: &mut Client, now: Moment| {
            let name = client.me().name.clone();
            client.set_name(&name, now);
        }),
    };
    if !posted {
        let message = "a member has more to do than this process gets done";
        recorder.measured().error("not_posted", message);
    }
}

fn send(recorder: &Arc<Recorder>, member: &Member, body: Body) -> bool {
    let (recorder, number) = (Arc::clone(recorder), member.number);
    member.handle.post(move |client, now| {
        let sent = client.send(body, now);
        let now_micros = recorder.now_micros();
        let mut measured = recorder.measured();
        match sent {
            Ok(_) => measured.sent(number, now_micros),
            Err(error) => measured.error("not_sent", &error.to_string()),
        }
    })
}

/// Waits until everybody has everything.
async fn drain(recorder: &Recorder) {
    let end = Instant::now() + DRAIN;
    while !recorder.measured().log.is_complete() && Instant::now() < end {
        sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("http://[::1]:8080/", Some("[::1]:8080")),
            ("http://relay:1/", Some("relay:1")),
            ("https://127.0.0.1:8443", None),
            ("http://127.0.0.1", None),
            ("http://:80", None),
            ("127.0.0.1:8080", None),
            ("http://a:80/path", None),
        ] {
            assert_eq!(address(url), expected, "{url}");
        }
    }
}
