//! The figures on a terminal.

use std::fmt::Write as _;

use super::summary::{Distribution, Summary};

/// A table of what came out.
pub fn table(summary: &Summary) -> String {
    let mut out = String::new();
    // Writing to a text does not fail.
    let _ = write(summary, &mut out);
    out
}

fn write(summary: &Summary, out: &mut String) -> std::fmt::Result {
    let Summary { members, rooms, .. } = summary;
    writeln!(
        out,
        "{}: {members} members in {rooms} rooms of {}, {} s",
        summary.url, summary.room_members, summary.duration_secs
    )?;
    writeln!(out, "{}", summary.load)?;
    writeln!(
        out,
        "\n{:<24}{:>11}{:>11}{:>14}",
        "", "sent", "delivered", "delivered/s"
    )?;
    for (name, sent, delivered) in [
        ("events", summary.events, summary.deliveries),
        ("poses", summary.poses, summary.poses_heard),
    ] {
        let rate = summary.per_sec(delivered);
        writeln!(out, "{name:<24}{sent:>11}{delivered:>11}{rate:>14.1}")?;
    }
    writeln!(
        out,
        "\n{:<24}{:>11}{:>9}{:>9}{:>9}{:>9}",
        "times in ms", "count", "p50", "p90", "p99", "max"
    )?;
    for (name, times) in rows(summary) {
        writeln!(
            out,
            "{name:<24}{:>11}{:>9.1}{:>9.1}{:>9.1}{:>9.1}",
            times.count, times.p50_millis, times.p90_millis, times.p99_millis, times.max_millis
        )?;
    }
    writeln!(
        out,
        "\nreconnects {}, read too slowly {}",
        summary.reconnects, summary.missed
    )?;
    if summary.errors.is_empty() {
        writeln!(out, "refused: nothing")?;
    }
    for (code, count) in &summary.errors {
        let advice = summary.advice.get(code).map_or("", String::as_str);
        writeln!(out, "refused: {count} times {code}: {advice}")?;
    }
    writeln!(out, "log: {}", verdict(summary))
}

/// The times, with what each is.
pub(super) fn rows(summary: &Summary) -> [(&'static str, &Distribution); 4] {
    [
        ("to the own event", &summary.own),
        ("to the others' event", &summary.others),
        ("age of a pose", &summary.presence),
        ("begun late", &summary.lateness),
    ]
}

/// Whether the log came whole, in a sentence.
pub(super) fn verdict(summary: &Summary) -> String {
    let faults = &summary.faults;
    if faults.none() {
        return "whole: everybody got each event once and in order, and nothing was lost".into();
    }
    let named = [
        (faults.gaps, "gaps"),
        (faults.duplicates, "duplicates"),
        (faults.forks, "events in another's place"),
        (faults.undelivered, "events not delivered"),
        (faults.lost, "ops lost"),
    ];
    let wrong: Vec<_> = named
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    format!("NOT WHOLE: {}", wrong.join(", "))
}
