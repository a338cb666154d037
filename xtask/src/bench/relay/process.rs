//! Programs that the bench starts: each on a CPU of its own, with as many open files as are allowed, and ended with
//! the bench.
//!
//! A [`Process`] is killed when it is dropped, by its handle; nothing is ever killed by name. Should the bench itself
//! be killed, the kernel kills its programs (`setpriv --pdeathsig`).

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A program and what it is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(&'static str, String)>,
}

impl Launch {
    /// A program with these arguments and the environment of the bench.
    pub(super) fn new<S: Into<OsString>>(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
        }
    }
}

/// Raises the limit of open files, then becomes the program. A limit that cannot be raised stays: whether it suffices
/// was checked before.
const RAISE: &str = r#"ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$@""#;

/// How long a server may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running program, killed when dropped.
pub(super) struct Process {
    what: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program, pinned to a CPU if one is given: everything it prints goes to the log.
    pub(super) fn logging(
        what: &str,
        cpu: Option<usize>,
        launch: &Launch,
        log: PathBuf,
    ) -> Result<Self> {
        Self::start(what, cpu, launch, log, false)
    }

    /// The same for a program whose standard output is read here, see [`Process::output`].
    pub(super) fn talking(
        what: &str,
        cpu: Option<usize>,
        launch: &Launch,
        log: PathBuf,
    ) -> Result<Self> {
        Self::start(what, cpu, launch, log, true)
    }

    fn start(
        what: &str,
        cpu: Option<usize>,
        launch: &Launch,
        log: PathBuf,
        talks: bool,
    ) -> Result<Self> {
        let errors = File::create(&log)
            .with_context(|| format!("the log {} cannot be written", log.display()))?;
        let output = if talks {
            Stdio::piped()
        } else {
            errors.try_clone()?.into()
        };
        let mut command = Command::new("sh");
        command.args(["-c", RAISE, "sh"]);
        if let Some(cpu) = cpu {
            command.args(["taskset", "-c", &cpu.to_string()]);
        }
        // Each of these becomes the next by exec, so the child's id is the program's.
        let child = command
            .args(["setpriv", "--pdeathsig", "KILL"])
            .arg(&launch.program)
            .args(&launch.arguments)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {what}"))?;
        Ok(Self {
            what: what.to_owned(),
            child,
            log,
        })
    }

    /// The program's process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The standard output of a program that talks; none the second time.
    pub(super) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits until the server listens on a port of loopback.
    ///
    /// # Errors
    ///
    /// When it ends first, or takes too long; with the last lines of its log.
    pub(super) fn wait_for_port(&mut self, port: u16) -> Result<()> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let start = Instant::now();
        loop {
            self.require_alive()?;
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return Ok(());
            }
            if start.elapsed() > START_LIMIT {
                bail!(
                    "{} does not listen on port {port} after {} s{}",
                    self.what,
                    START_LIMIT.as_secs(),
                    self.last_words()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// An error when the program has ended, with the last lines of its log.
    pub(super) fn require_alive(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended early ({status}){}", self.what, self.last_words());
        }
        Ok(())
    }

    /// Waits for a program that ends by itself, until a moment.
    ///
    /// # Errors
    ///
    /// When it fails, or is not through by then; it is killed in that case.
    pub(super) fn wait_until(&mut self, deadline: Instant) -> Result<()> {
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("{} failed ({status}){}", self.what, self.last_words()),
                None if Instant::now() > deadline => {
                    bail!("{} is stuck{}", self.what, self.last_words())
                }
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// The end of the log, to stand behind a sentence.
    pub(super) fn last_words(&self) -> String {
        last_words(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a log, to stand behind a sentence.
fn last_words(log: &Path) -> String {
    const LINES: usize = 5;
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return format!("; {} is empty", log.display());
    }
    let tail = lines[lines.len().saturating_sub(LINES)..].join("\n    ");
    format!(
        "; its last words (all are in {}):\n    {tail}",
        log.display()
    )
}

/// Hands out ports of loopback that nobody listens on, below those that outgoing connections take.
pub(super) struct Ports {
    next: u16,
}

impl Ports {
    const FIRST: u16 = 18_100;
    const LAST: u16 = 31_000;

    /// From the first one on.
    pub(super) fn new() -> Self {
        Self { next: Self::FIRST }
    }

    /// Another port each time, until all had their turn.
    pub(super) fn free(&mut self) -> Result<u16> {
        for _ in Self::FIRST..Self::LAST {
            let port = self.next;
            self.next = if port + 1 < Self::LAST {
                port + 1
            } else {
                Self::FIRST
            };
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(port);
            }
        }
        bail!(
            "no port of 127.0.0.1 is free between {} and {}",
            Self::FIRST,
            Self::LAST
        )
    }
}

/// The most files that a process may have open.
pub(super) fn open_files() -> Result<usize> {
    let limits = fs::read_to_string("/proc/self/limits").context("the limits cannot be read")?;
    hard_limit(&limits).context("/proc/self/limits does not say how many files may be open")
}

fn hard_limit(limits: &str) -> Option<usize> {
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"))?;
    let hard = line.split_whitespace().nth(4)?;
    if hard == "unlimited" {
        return Some(1 << 20);
    }
    hard.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_hard_limit_is_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
            Max open files            1024                 20000                files\n";
        assert_eq!(hard_limit(limits), Some(20_000));
        assert_eq!(
            hard_limit(&limits.replace("20000", "unlimited")),
            Some(1 << 20)
        );
        assert_eq!(hard_limit("Max processes 1 2"), None);
    }

    #[test]
    fn ports_are_free_and_differ() {
        let mut ports = Ports::new();
        let first = ports.free().unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        ports.next = first;
        assert_ne!(ports.free().unwrap(), first);
        drop(taken);
    }

    #[test]
    fn a_server_that_ends_early_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let launch = Launch::new("sh", ["-c", "echo no such table; exit 3"]);
        let mut server =
            Process::logging("the relay", Some(0), &launch, folder.path().join("log")).unwrap();
        let port = Ports::new().free().unwrap();
        let error = server.wait_for_port(port).unwrap_err().to_string();
        assert!(
            error.contains("the relay ended early") && error.contains("no such table"),
            "{error}"
        );
    }

    #[test]
    fn a_stuck_program_is_killed_with_its_handle() {
        let folder = tempfile::tempdir().unwrap();
        let launch = Launch::new("sh", ["-c", "echo begun; exec sleep 600"]);
        let mut client =
            Process::talking("the client", None, &launch, folder.path().join("log")).unwrap();
        let mut output = client.output().unwrap();
        let mut begun = [0; 5];
        output.read_exact(&mut begun).unwrap();
        let error = client.wait_until(Instant::now()).unwrap_err().to_string();
        assert!(error.contains("the client is stuck"), "{error}");
        let process = PathBuf::from(format!("/proc/{}", client.id()));
        assert!(process.exists());
        drop(client);
        assert!(!process.exists());
    }
}
