//! How long our relay's commits took, from the histogram `chat_relay_commit_seconds` of its `/metrics`.
//!
//! Prometheus' text format over one plain HTTP request. The histogram counts from the start of the process, so a run
//! that is to be measured alone needs a relay of its own. A quantile is interpolated inside its bucket, as
//! `histogram_quantile` does it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::figures::Commit;

const HISTOGRAM: &str = "chat_relay_commit_seconds";

/// A relay that has just lost its connections may take a while.
const LIMIT: Duration = Duration::from_secs(20);

/// Asks the relay on a port of loopback; none when it does not measure its commits.
///
/// # Errors
///
/// When it does not answer with its metrics.
pub(super) fn times(port: u16) -> Result<Option<Commit>> {
    let metrics = get(port, "/metrics").context("the relay's /metrics cannot be read")?;
    Ok(read(&metrics))
}

fn get(port: u16, path: &str) -> Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    // HTTP/1.0: the answer ends with the connection and comes in one piece.
    let request =
        format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    // In one piece: what is formatted into a socket leaves it bit by bit.
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("an answer without a body")?;
    let status = head.lines().next().unwrap_or_default();
    ensure!(status.contains(" 200"), "{status}");
    Ok(body.to_owned())
}

/// Mean and 99th percentile; none without a commit.
fn read(metrics: &str) -> Option<Commit> {
    let mut buckets = Vec::new();
    let mut sum_secs = None;
    let mut count = None;
    for line in metrics.lines() {
        let Some(rest) = line.strip_prefix(HISTOGRAM) else {
            continue;
        };
        let (name, value) = rest.rsplit_once(' ')?;
        let value: f64 = value.parse().ok()?;
        if name.starts_with("_sum") {
            *sum_secs.get_or_insert(0.0) += value;
        } else if name.starts_with("_count") {
            *count.get_or_insert(0.0) += value;
        } else if name.starts_with("_bucket") {
            buckets.push((upper_bound_secs(name)?, value));
        }
    }
    let count = count.filter(|&count| count > 0.0)?;
    Some(Commit {
        mean_millis: sum_secs? / count * 1e3,
        p99_millis: quantile(&merged(buckets), count * 0.99) * 1e3,
    })
}

fn upper_bound_secs(name: &str) -> Option<f64> {
    let (_, rest) = name.split_once("le=\"")?;
    let (bound, _) = rest.split_once('"')?;
    if bound == "+Inf" {
        return Some(f64::INFINITY);
    }
    bound.parse().ok()
}

/// Buckets by their bounds; those of several series (one a shard) added up.
fn merged(mut buckets: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    buckets.dedup_by(|next, kept| {
        let same = next.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += next.1;
        }
        same
    });
    buckets
}

/// The value under which `rank` of the counted ones lie.
fn quantile(buckets: &[(f64, f64)], rank: f64) -> f64 {
    let mut below = (0.0, 0.0);
    for &(bound, count) in buckets {
        if count >= rank {
            if bound.is_infinite() {
                // Nothing tells how far above: at least this.
                return below.0;
            }
            let share = (rank - below.1) / (count - below.1).max(f64::MIN_POSITIVE);
            return below.0 + (bound - below.0) * share.clamp(0.0, 1.0);
        }
        below = (bound, count);
    }
    f64::NAN
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    use super::*;

    const METRICS: &str = "# TYPE chat_relay_commit_seconds histogram\n\
        chat_relay_commit_seconds_bucket{le=\"0.001\"} 50\n\
        chat_relay_commit_seconds_bucket{le=\"0.002\"} 90\n\
        chat_relay_commit_seconds_bucket{le=\"0.004\"} 100\n\
        chat_relay_commit_seconds_bucket{le=\"+Inf\"} 100\n\
        chat_relay_commit_seconds_sum 0.15\n\
        chat_relay_commit_seconds_count 100\n\
        chat_relay_connections 7\n";

    #[test]
    fn mean_and_quantile_come_from_the_histogram() {
        let commit = read(METRICS).unwrap();
        assert!((commit.mean_millis - 1.5).abs() < 1e-9);
        // The 99th of 100 lies nine tenths into the bucket from 2 to 4 ms.
        assert!((commit.p99_millis - 3.8).abs() < 1e-9);
    }

    #[test]
    fn series_of_shards_add_up() {
        let two = METRICS.replace("{le=", "{shard=\"0\",le=") + METRICS;
        assert_eq!(read(&two), read(METRICS));
    }

    #[test]
    fn no_commits_are_none() {
        assert_eq!(read("chat_relay_connections 7\n"), None);
        assert_eq!(read("chat_relay_commit_seconds_count 0\n"), None);
    }

    #[test]
    fn what_lies_above_all_bounds_is_at_least_the_last() {
        assert_eq!(quantile(&[(0.5, 10.0), (f64::INFINITY, 100.0)], 99.0), 0.5);
    }

    #[test]
    fn an_answer_that_refuses_is_an_error() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            for answer in [
                "HTTP/1.0 200 OK\r\n\r\nchat_relay_connections 1\n",
                "HTTP/1.0 404 Not Found\r\n\r\n",
            ] {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                lines.map_while(Result::ok).find(String::is_empty).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        assert_eq!(times(port).unwrap(), None);
        let error = format!("{:#}", times(port).unwrap_err());
        assert!(error.contains("404"), "{error}");
        server.join().unwrap();
    }
}
