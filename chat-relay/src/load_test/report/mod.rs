//! The report of a load test: one page with everything in it, in the colours of the other pages, light and dark.
//!
//! In: a [`Summary`]. Out: HTML with plots as SVG. It loads nothing and runs nothing.

mod plot;

use std::fmt::Write as _;

use super::{
    summary::{Distribution, Percentile, Second, Summary},
    table::{rows, verdict},
};
use plot::{Axis, Line, Plot};

const STYLE: &str = include_str!("report.css");

/// The page.
pub fn page(summary: &Summary) -> String {
    let mut out = String::new();
    // Writing to a text does not fail.
    let _ = write(summary, &mut out);
    out
}

fn write(summary: &Summary, out: &mut String) -> std::fmt::Result {
    let url = escaped(&summary.url);
    let face = if summary.is_whole() { "good" } else { "bad" };
    let mut verdict = verdict(summary);
    if let Some(first) = verdict.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    write!(
        out,
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>Load test of {url}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
<header>
<h1>Load test</h1>
<p>{url}: {members} members in {rooms} rooms of {room}, {secs} seconds; {load}.</p>
<p class="verdict {face}">{verdict}.</p>
</header>
"#,
        members = summary.members,
        rooms = summary.rooms,
        room = summary.room_members,
        secs = summary.duration_secs,
        load = escaped(&summary.load),
        verdict = escaped(&verdict),
    )?;
    figures(summary, out)?;
    plots(summary, out)?;
    times(summary, out)?;
    refusals(summary, out)?;
    out.push_str(FOOT);
    Ok(())
}

const FOOT: &str = r#"<footer>
<p>Times count from when something was due, on one clock, in the process that played all members. What that process
itself took is in them: where the last row of the table is long, it was too slow, and not the relay.</p>
</footer>
</main>
</body>
</html>
"#;

/// The figures that are looked for first.
fn figures(summary: &Summary, out: &mut String) -> std::fmt::Result {
    out.push_str("<dl class=\"figures\">\n");
    let rate = |count| grouped(summary.per_sec(count).round());
    let millis = |times: &Distribution| match times.count {
        0 => "none".to_owned(),
        _ => short(times.p99_millis),
    };
    for (name, figure) in [
        ("Events delivered a second", rate(summary.deliveries)),
        ("Poses delivered a second", rate(summary.poses_heard)),
        (
            "99 of 100 events came to others within",
            millis(&summary.others),
        ),
        (
            "99 of 100 poses were no older than",
            millis(&summary.presence),
        ),
        ("Reconnects", summary.reconnects.to_string()),
    ] {
        writeln!(out, "<div><dt>{name}</dt><dd>{figure}</dd></div>")?;
    }
    out.push_str("</dl>\n");
    Ok(())
}

fn plots(summary: &Summary, out: &mut String) -> std::fmt::Result {
    let over_time = |of: fn(&Second) -> Option<f64>| -> Vec<(f64, f64)> {
        let seconds = (1..).map(f64::from).zip(&summary.seconds);
        seconds
            .filter_map(|(at, second)| Some((at, of(second)?)))
            .collect()
    };
    let secs = f64::from(summary.duration_secs);
    let time = Axis::linear("seconds of the load", 0.0, secs);
    section(
        out,
        "Latency over time",
        "From when an op was due to its event at the others, second by second.",
    )?;
    let lines = [
        Line::new("half of them", "sky", over_time(|second| second.p50_millis)),
        Line::new("99 of 100", "signal", over_time(|second| second.p99_millis)),
    ];
    out.push_str(
        &Plot::new(
            "Latency over time",
            time.clone(),
            Axis::log("ms", &lines),
            &lines,
        )
        .svg(),
    );
    out.push_str("</section>\n");

    section(
        out,
        "How times are spread",
        "Which part of them took at most how long; further right are the rarer ones.",
    )?;
    let lines = [
        Line::new("others' event", "sky", curve(&summary.others)),
        Line::new("own event", "leaf", curve(&summary.own)),
        Line::new("age of a pose", "signal", curve(&summary.presence)),
    ];
    let nines = Axis::of("part of all", 0.0, 4.0, &NINES);
    out.push_str(
        &Plot::new(
            "How times are spread",
            nines,
            Axis::log("ms", &lines),
            &lines,
        )
        .svg(),
    );
    out.push_str("</section>\n");

    section(out, "Throughput", "What came to members in each second.")?;
    #[allow(clippy::cast_precision_loss, reason = "plotted")]
    let lines = [
        Line::new(
            "events",
            "sky",
            over_time(|second| Some(second.deliveries as f64)),
        ),
        Line::new(
            "poses",
            "signal",
            over_time(|second| Some(second.poses_heard as f64)),
        ),
    ];
    out.push_str(
        &Plot::new(
            "Throughput",
            time,
            Axis::from_zero("a second", &lines),
            &lines,
        )
        .svg(),
    );
    out.push_str("</section>\n");
    Ok(())
}

/// Marks on a scale of nines.
const NINES: [(f64, &str); 5] = [
    (0.301, "50 %"),
    (1.0, "90 %"),
    (2.0, "99 %"),
    (3.0, "99.9 %"),
    (4.0, "99.99 %"),
];

/// A distribution on a scale of nines, as far as it has so many times.
#[allow(clippy::cast_precision_loss, reason = "plotted")]
fn curve(times: &Distribution) -> Vec<(f64, f64)> {
    let nines = |part: f64| -(1.0 - part).log10();
    let most = (times.count as f64).log10();
    let known = |point: &&Percentile| nines(point.part) <= most;
    let points = times.curve.iter().filter(known);
    points
        .map(|point| (nines(point.part), point.millis))
        .collect()
}

fn section(out: &mut String, title: &str, what: &str) -> std::fmt::Result {
    writeln!(out, "<section>\n<h2>{title}</h2>\n<p>{what}</p>")
}

fn times(summary: &Summary, out: &mut String) -> std::fmt::Result {
    section(out, "Times in milliseconds", "From when something was due.")?;
    out.push_str("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\"></th>");
    for name in ["count", "p50", "p90", "p99", "max"] {
        write!(out, "<th scope=\"col\">{name}</th>")?;
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (name, times) in rows(summary) {
        let mut first = name.to_owned();
        first[..1].make_ascii_uppercase();
        write!(
            out,
            "<tr><th scope=\"row\">{first}</th><td>{}</td>",
            count(times.count)
        )?;
        for millis in [
            times.p50_millis,
            times.p90_millis,
            times.p99_millis,
            times.max_millis,
        ] {
            match times.count {
                0 => out.push_str("<td>–</td>"),
                _ => write!(out, "<td>{millis:.1}</td>")?,
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
    Ok(())
}

fn refusals(summary: &Summary, out: &mut String) -> std::fmt::Result {
    section(
        out,
        "Counts",
        "What was sent, what came of it, and what was refused.",
    )?;
    out.push_str("<div class=\"wide\"><table>\n<tbody>\n");
    let counts = [
        ("Ops sent", summary.ops),
        ("Events of them", summary.events),
        ("Events delivered", summary.deliveries),
        ("Events to be delivered", summary.deliveries_expected),
        ("Poses set", summary.poses),
        ("Poses heard of", summary.poses_heard),
        ("Told that they read too slowly", summary.missed),
    ];
    for (name, number) in counts {
        let number = count(number);
        writeln!(
            out,
            "<tr><th scope=\"row\">{name}</th><td>{number}</td></tr>"
        )?;
    }
    for (code, number) in &summary.errors {
        let advice = summary.advice.get(code).map_or("", String::as_str);
        let (code, advice, number) = (escaped(code), escaped(advice), count(*number));
        write!(out, "<tr><th scope=\"row\">Refused as <code>{code}</code>")?;
        writeln!(out, "<small>{advice}</small></th><td>{number}</td></tr>")?;
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
    Ok(())
}

/// A time with as many digits as help.
fn short(millis: f64) -> String {
    if millis < 9.95 {
        format!("{millis:.1} ms")
    } else if millis < 999.5 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.1} s", millis / 1000.0)
    }
}

#[allow(clippy::cast_precision_loss, reason = "shown")]
fn count(number: u64) -> String {
    grouped(number as f64)
}

/// A whole number with thin spaces between its thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Text that may stand in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_text_are_written_for_people() {
        assert_eq!(grouped(999.0), "999");
        assert_eq!(grouped(1_234_567.0), "1\u{202f}234\u{202f}567");
        assert_eq!(short(3.04), "3.0 ms");
        assert_eq!(short(30.4), "30 ms");
        assert_eq!(short(1360.0), "1.4 s");
        assert_eq!(
            escaped("<a href=\"x\">&"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
    }
}
