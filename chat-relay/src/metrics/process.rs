//! CPU, memory and open files of this process, read when they are asked for, under the names that Prometheus
//! recommends for them. CPU and the limit of files come from POSIX calls, memory and files from `/proc`, which only
//! Linux has: elsewhere those are absent.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
#[cfg(unix)]
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _},
    metrics::counter::ConstCounter,
};

/// Adds the process's metrics to `registry`.
pub(super) fn register(registry: &mut Registry) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    registry.register(
        "process_start_time_seconds",
        "When the process started, in seconds since 1970",
        ConstGauge::new(since.unwrap_or_default().as_secs_f64()),
    );
    #[cfg(unix)]
    registry.register_collector(Box::new(Process));
}

#[cfg(unix)]
#[derive(Debug)]
struct Process;

#[cfg(unix)]
impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let cpu = ConstCounter::new(cpu_seconds());
        cpu.encode(encoder.encode_descriptor(
            "process_cpu_seconds",
            "CPU time, of the user and the system",
            None,
            cpu.metric_type(),
        )?)?;
        for (name, help, value) in [
            ("process_open_fds", "Open files and sockets", open_files()),
            ("process_max_fds", "How many may be open", max_open_files()),
            (
                "process_resident_memory_bytes",
                "Memory that is in use",
                resident_bytes(),
            ),
        ] {
            if let Some(gauge) = value
                .and_then(|value| i64::try_from(value).ok())
                .map(ConstGauge::new)
            {
                gauge.encode(encoder.encode_descriptor(
                    name,
                    help,
                    None,
                    gauge.metric_type(),
                )?)?;
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
#[allow(
    clippy::cast_precision_loss,
    reason = "exact for 285 years of CPU time"
)]
fn cpu_seconds() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// How many files are open. Since Linux 6.2 the folder's size says so; before, its entries are counted.
#[cfg(unix)]
fn open_files() -> Option<u64> {
    let bytes = std::fs::metadata("/proc/self/fd").ok()?.len();
    if bytes > 0 {
        return Some(bytes);
    }
    // The folder itself is open while it is read.
    let entries = std::fs::read_dir("/proc/self/fd").ok()?.count();
    u64::try_from(entries).ok()?.checked_sub(1)
}

#[cfg(unix)]
fn max_open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(unix)]
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}
