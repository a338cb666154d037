//! One run: fresh servers, a load client for each, and what came of it.
//!
//! Servers share CPU 0, load clients CPU 1. Nothing outlives a run: processes end with their handles, the data of a
//! server that keeps something is removed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::ChildStdout;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::built::Built;
use super::commit;
use super::figures::{Figures, Phase, Reader};
use super::load::{Measure, Plan};
use super::process::{Launch, Ports, Process};
use super::seed;
use super::server::Server;
use crate::workspace::Workspace;

const SERVER_CPU: usize = 0;
const CLIENT_CPU: usize = 1;

/// How long an import of rooms may take.
const IMPORT_LIMIT: Duration = Duration::from_secs(300);

/// A server that has just opened its port is given this before it is measured.
const SETTLE: Duration = Duration::from_secs(1);

/// Runs servers under load, one run after the other.
pub(super) struct Runner<'a> {
    built: &'a Built,
    home: PathBuf,
    ports: Ports,
    /// Data folders with rooms in them, by (rooms, room size): copied for each run.
    seeds: BTreeMap<(usize, usize), PathBuf>,
}

/// What happens during a run.
pub(super) struct Progress<'a> {
    /// The load client's phase that has just ended.
    pub(super) phase: Phase,
    /// Process ids of the servers.
    pub(super) servers: &'a [u32],
}

impl<'a> Runner<'a> {
    /// A runner with empty folders below `target/relay-bench`.
    pub(super) fn new(workspace: &Workspace, built: &'a Built) -> Result<Self> {
        let home = workspace.target("relay-bench");
        for folder in ["seeds", "runs", "logs"] {
            let folder = home.join(folder);
            // An interrupted bench may have left some.
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
        }
        Ok(Self {
            built,
            home,
            ports: Ports::new(),
            seeds: BTreeMap::new(),
        })
    }

    /// Runs a server, or as many as the plan has pairs, under the plan's load. `watch` is told of each phase.
    ///
    /// # Errors
    ///
    /// When a server does not start or ends early, or a client is stuck or fails. All are ended then.
    pub(super) fn run(
        &mut self,
        server: Server,
        plan: &Plan,
        label: &str,
        watch: &mut dyn FnMut(&Progress<'_>) -> Result<()>,
    ) -> Result<Figures> {
        let scratch = self.home.join("runs").join(label);
        let outcome = self.run_in(server, plan, label, &scratch, watch);
        // Its servers are gone by now.
        if scratch.exists() {
            fs::remove_dir_all(&scratch)?;
        }
        outcome
    }

    fn run_in(
        &mut self,
        server: Server,
        plan: &Plan,
        label: &str,
        scratch: &Path,
        watch: &mut dyn FnMut(&Progress<'_>) -> Result<()>,
    ) -> Result<Figures> {
        let mut servers = Vec::new();
        let mut ports = Vec::new();
        for pair in 0..plan.pairs {
            let data = scratch.join(format!("data{pair}"));
            if server.is_seeded() {
                copy(&self.seeded(plan)?, &data)?;
            }
            let port = self.ports.free()?;
            let launch = server.launch(self.built, port, &data);
            let log = self.log(label, &format!("server{pair}"));
            let mut process = Process::logging(server.title(), Some(SERVER_CPU), &launch, log)?;
            process.wait_for_port(port)?;
            servers.push(process);
            ports.push(port);
        }
        thread::sleep(SETTLE);
        let mut clients = Vec::new();
        for (pair, (process, port)) in servers.iter().zip(&ports).enumerate() {
            let launch = self.client(server, plan, *port, process.id());
            let log = self.log(label, &format!("client{pair}"));
            clients.push(Process::talking(
                "the load client",
                Some(CLIENT_CPU),
                &launch,
                log,
            )?);
        }
        let mut figures = Figures::together(&follow(
            &mut servers,
            &mut clients,
            plan,
            plan.time_limit(),
            watch,
        )?);
        if let (Server::Relay, Measure::Steady, [port]) = (server, plan.measure, &ports[..]) {
            match commit::times(*port) {
                Ok(commit) => figures.commit = commit,
                // The rest of the run stands without it.
                Err(error) => eprintln!("no times of commits: {error:#}"),
            }
        }
        Ok(figures)
    }

    fn client(&self, server: Server, plan: &Plan, port: u16, server_id: u32) -> Launch {
        let mut words = vec![
            "--tag".to_owned(),
            server.word().to_owned(),
            "--port".to_owned(),
            port.to_string(),
            "--pid".to_owned(),
            server_id.to_string(),
        ];
        words.extend(
            server
                .client_arguments()
                .iter()
                .map(|&word| word.to_owned()),
        );
        words.extend(plan.client_arguments());
        Launch::new(&self.built.load_client, words)
    }

    /// A data folder of our relay with the plan's rooms in it.
    fn seeded(&mut self, plan: &Plan) -> Result<PathBuf> {
        let key = (plan.rooms(), plan.room_size);
        if let Some(folder) = self.seeds.get(&key) {
            return Ok(folder.clone());
        }
        let (rooms, room_size) = key;
        let folder = self.home.join("seeds").join(format!("{rooms}x{room_size}"));
        let dump = folder.with_extension("jsonl");
        seed::write(&dump, rooms, room_size)?;
        println!("importing {rooms} rooms of {room_size} ...");
        let mut launch = Launch::new(&self.built.relay, ["import"]);
        launch.arguments.push(dump.into());
        launch.arguments.push("--data".into());
        launch.arguments.push(folder.clone().into());
        let log = self.log("import", &format!("{rooms}x{room_size}"));
        Process::logging("chat-relay import", None, &launch, log)?
            .wait_until(Instant::now() + IMPORT_LIMIT)?;
        self.seeds.insert(key, folder.clone());
        Ok(folder)
    }

    fn log(&self, label: &str, whose: &str) -> PathBuf {
        self.home.join("logs").join(format!("{label}-{whose}.log"))
    }
}

/// Reads along until all clients are through.
fn follow(
    servers: &mut [Process],
    clients: &mut [Process],
    plan: &Plan,
    limit: Duration,
    watch: &mut dyn FnMut(&Progress<'_>) -> Result<()>,
) -> Result<Vec<Figures>> {
    let deadline = Instant::now() + limit;
    let ids: Vec<u32> = servers.iter().map(Process::id).collect();
    let (lines, received) = mpsc::channel();
    for (index, client) in clients.iter_mut().enumerate() {
        let output = client.output().context("a client without output")?;
        let lines = lines.clone();
        // Ends with the client, whose pipe closes.
        thread::spawn(move || send_lines(output, index, &lines));
    }
    drop(lines);
    let mut readers: Vec<Reader> = clients.iter().map(|_| Reader::default()).collect();
    let mut connected_at = Vec::new();
    let mut idle_until = Vec::new();
    loop {
        match received.recv_timeout(Duration::from_millis(500)) {
            Ok((index, line)) => {
                let Some(phase) = readers[index].line(&line) else {
                    continue;
                };
                match phase {
                    Phase::Connected => connected_at.push(Instant::now()),
                    Phase::Idle => idle_until.push(Instant::now()),
                    Phase::Load => {}
                }
                watch(&Progress {
                    phase,
                    servers: &ids,
                })?;
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                servers.iter_mut().try_for_each(Process::require_alive)?;
                ensure!(
                    Instant::now() < deadline,
                    "the load client is stuck after {} s{}",
                    limit.as_secs(),
                    clients[0].last_words()
                );
            }
        }
    }
    for client in clients.iter_mut() {
        client.wait_until(deadline)?;
    }
    servers.iter_mut().try_for_each(Process::require_alive)?;
    if let (Some(last), Some(first)) = (connected_at.iter().max(), idle_until.iter().min()) {
        ensure!(
            last <= first,
            "a client was through before the last one was connected: not all connections were held at the same time"
        );
    }
    let told = readers.into_iter().zip(clients).map(|(reader, client)| {
        let figures = reader.finish().with_context(|| client.last_words())?;
        // A smaller crowd makes better figures. How many are held is what `Many` measures, so it may fall short.
        #[allow(clippy::cast_precision_loss, reason = "tens of thousands")]
        let all = plan.connections as f64;
        ensure!(
            figures.connected >= all || plan.measure == Measure::Many,
            "only {} of {all} connections came to be{}",
            figures.connected,
            client.last_words()
        );
        Ok(figures)
    });
    told.collect()
}

fn send_lines(output: ChildStdout, index: usize, lines: &mpsc::Sender<(usize, String)>) {
    for line in BufReader::new(output).lines() {
        let Ok(line) = line else { return };
        if lines.send((index, line)).is_err() {
            return;
        }
    }
}

/// Copies a folder of files.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::bench::relay::load::Extent;

    /// A program in place of the load client, or of a server.
    fn script(folder: &Path, name: &str, text: &str) -> Result<Process> {
        let launch = Launch::new("sh", ["-c", text]);
        Process::talking(name, None, &launch, folder.join(name))
    }

    const LINES: &str = "echo '[x] connected 2000 dead 0 in 1.0s (10/s)'; echo '[x] idle 3s: server RSS 1.0 MiB (before \
        0.5), per conn 5.00 KiB; threads 1'; echo '[x] closed loop (window 1) 8.0s: 100 delivered/s (1.00 marks/frame); \
        p50=1.00ms p99=2.00ms p99.9=3.00ms; server CPU 1.00 s/Mdel (9%), client CPU 2.00 s/Mdel (8%); RSS 1 MiB; dead 0; \
        other procs 0% steal 0%'";

    /// No test here is to come near it.
    const LONG: Duration = Duration::from_secs(120);

    fn plan() -> Plan {
        Plan::new(Measure::Rooms10, Extent::Quick, 20_000)
    }

    #[test]
    fn phases_are_told_and_figures_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut servers = [script(folder.path(), "server", "exec sleep 600").unwrap()];
        let id = servers[0].id();
        let mut clients = [script(folder.path(), "client", LINES).unwrap()];
        let mut phases = Vec::new();
        let figures = follow(&mut servers, &mut clients, &plan(), LONG, &mut |progress| {
            assert_eq!(progress.servers, [id]);
            phases.push(progress.phase);
            Ok(())
        })
        .unwrap();
        assert_eq!(phases, [Phase::Connected, Phase::Idle, Phase::Load]);
        assert_eq!(figures[0].load.deliveries_per_sec, 100.0);
    }

    #[test]
    fn a_smaller_crowd_gives_no_figures() {
        let folder = tempfile::tempdir().unwrap();
        let mut servers = [script(folder.path(), "server", "exec sleep 600").unwrap()];
        let fewer = LINES.replace("connected 2000", "connected 1999");
        let refused = format!("echo bad handshake: 429 >&2; {fewer}");
        let mut clients = [script(folder.path(), "client", &refused).unwrap()];
        let error = follow(&mut servers, &mut clients, &plan(), LONG, &mut |_| Ok(())).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("1999 of 2000") && error.contains("429"),
            "{error}"
        );
    }

    #[test]
    fn a_server_that_dies_ends_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let mut servers =
            [script(folder.path(), "server", "echo out of memory >&2; exit 1").unwrap()];
        let mut clients = [script(folder.path(), "client", "exec sleep 600").unwrap()];
        let error = follow(&mut servers, &mut clients, &plan(), LONG, &mut |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("out of memory"), "{error:#}");
    }

    #[test]
    fn a_client_that_is_stuck_ends_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let mut servers = [script(folder.path(), "server", "exec sleep 600").unwrap()];
        let mut clients = [script(
            folder.path(),
            "client",
            "echo at 7 of 10 >&2; exec sleep 600",
        )
        .unwrap()];
        let error = follow(
            &mut servers,
            &mut clients,
            &plan(),
            Duration::ZERO,
            &mut |_| Ok(()),
        )
        .unwrap_err();
        assert!(error.to_string().contains("stuck"), "{error:#}");
    }

    #[test]
    fn a_client_that_fails_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let mut servers = [script(folder.path(), "server", "exec sleep 600").unwrap()];
        let mut clients =
            [script(folder.path(), "client", "echo bad handshake >&2; exit 101").unwrap()];
        let error = follow(&mut servers, &mut clients, &plan(), LONG, &mut |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("bad handshake"), "{error:#}");
    }

    #[test]
    fn clients_one_after_the_other_do_not_hold_together() {
        let folder = tempfile::tempdir().unwrap();
        let mut servers = [script(folder.path(), "server", "exec sleep 600").unwrap()];
        let second = folder.path().join("second");
        let waiting = format!(
            "until [ -e {} ]; do sleep 0.01; done; {LINES}",
            second.display()
        );
        let mut clients = [
            script(folder.path(), "first", LINES).unwrap(),
            script(folder.path(), "late", &waiting).unwrap(),
        ];
        let error = follow(&mut servers, &mut clients, &plan(), LONG, &mut |progress| {
            if progress.phase == Phase::Load {
                fs::write(&second, "")?;
            }
            Ok(())
        })
        .unwrap_err();
        assert!(error.to_string().contains("at the same time"), "{error:#}");
    }
}
