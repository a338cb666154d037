//! A plot of a few lines as SVG: axes, grid, and each line's name at its end.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 264.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 116.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 44.0;
/// Names of lines are so far apart, at least.
const NAMES_APART: f64 = 18.0;
/// About so many marks on a linear axis.
const MARKS: f64 = 5.0;

/// A line with its name, its colour (a token) and its points.
#[derive(Debug, Clone)]
pub(super) struct Line {
    name: &'static str,
    colour: &'static str,
    points: Vec<(f64, f64)>,
}

impl Line {
    pub(super) fn new(name: &'static str, colour: &'static str, points: Vec<(f64, f64)>) -> Line {
        Line {
            name,
            colour,
            points,
        }
    }
}

/// An axis: where its values begin and end, and its marks.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    name: &'static str,
    from: f64,
    to: f64,
    is_log: bool,
    marks: Vec<(f64, String)>,
}

impl Axis {
    /// With these marks.
    pub(super) fn of(name: &'static str, from: f64, to: f64, marks: &[(f64, &str)]) -> Axis {
        Axis {
            name,
            from,
            to,
            is_log: false,
            marks: marks
                .iter()
                .map(|(at, text)| (*at, (*text).to_owned()))
                .collect(),
        }
    }

    /// With marks at round numbers.
    pub(super) fn linear(name: &'static str, from: f64, to: f64) -> Axis {
        let step = round_step((to - from) / MARKS);
        let mut marks = Vec::new();
        let mut at = from;
        while at <= to + step / 1e6 {
            marks.push((at, number(at)));
            at += step;
        }
        Axis {
            marks,
            ..Axis::of(name, from, to, &[])
        }
    }

    /// From zero to a round number above all lines.
    pub(super) fn from_zero(name: &'static str, lines: &[Line]) -> Axis {
        let (_, most) = bounds(lines).unwrap_or((0.0, 1.0));
        let step = round_step(most.max(1.0) / MARKS);
        Axis::linear(name, 0.0, (most / step).ceil().max(1.0) * step)
    }

    /// Logarithmic, from a round number below all lines to one above them.
    pub(super) fn log(name: &'static str, lines: &[Line]) -> Axis {
        let (least, most) = bounds(lines).unwrap_or((1.0, 10.0));
        // Where many powers of ten are spanned, what lies between them is left out.
        let digits: &[f64] = if most > 100.0 * least {
            &[1.0]
        } else {
            &[1.0, 2.0, 5.0]
        };
        let powers = (-2..8).map(|power| 10.0_f64.powi(power));
        let steps: Vec<f64> = powers
            .flat_map(|power| digits.iter().map(move |digit| digit * power))
            .collect();
        let below = steps.iter().rev().find(|step| **step <= least);
        let from = below.copied().unwrap_or(0.01);
        let above = steps.iter().find(|step| **step >= most && **step > from);
        let to = above.copied().unwrap_or(1e7);
        let within = steps.iter().filter(|step| (from..=to).contains(*step));
        let marks = within.map(|step| (*step, number(*step))).collect();
        Axis {
            is_log: true,
            marks,
            ..Axis::of(name, from, to, &[])
        }
    }

    /// Where a value lies, from 0 at the beginning to 1 at the end.
    fn part(&self, value: f64) -> f64 {
        let on = |value: f64| {
            if self.is_log {
                value.max(self.from).log10()
            } else {
                value
            }
        };
        let span = on(self.to) - on(self.from);
        ((on(value) - on(self.from)) / span).clamp(0.0, 1.0)
    }
}

/// A plot.
#[derive(Debug)]
pub(super) struct Plot<'a> {
    title: &'a str,
    across: Axis,
    up: Axis,
    lines: &'a [Line],
}

impl<'a> Plot<'a> {
    pub(super) fn new(title: &'a str, across: Axis, up: Axis, lines: &'a [Line]) -> Plot<'a> {
        Plot {
            title,
            across,
            up,
            lines,
        }
    }

    /// As an element of a page.
    pub(super) fn svg(&self) -> String {
        let mut out = String::new();
        // Writing to a text does not fail.
        let _ = self.write(&mut out);
        out
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + self.across.part(value) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - self.up.part(value) * (HEIGHT - TOP - BOTTOM)
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let title = self.title;
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        writeln!(
            out,
            "<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">"
        )?;
        for (value, text) in &self.up.marks {
            let y = self.y(*value);
            writeln!(out, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/>")?;
            let (x, y) = (LEFT - 8.0, y + 4.0);
            writeln!(
                out,
                "<text class=\"mark\" x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{text}</text>"
            )?;
        }
        for (value, text) in &self.across.marks {
            let x = self.x(*value);
            writeln!(out, "<path class=\"tick\" d=\"M{x:.1} {bottom}v4\"/>")?;
            let y = bottom + 18.0;
            writeln!(
                out,
                "<text class=\"mark\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{text}</text>"
            )?;
        }
        writeln!(out, "<path class=\"axis\" d=\"M{LEFT} {bottom}H{right}\"/>")?;
        let (x, y) = ((LEFT + right) / 2.0, HEIGHT - 6.0);
        let (across, up) = (self.across.name, self.up.name);
        writeln!(
            out,
            "<text class=\"name\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{across}</text>"
        )?;
        let y = f64::midpoint(TOP, bottom);
        writeln!(
            out,
            "<text class=\"name\" transform=\"translate(14 {y}) rotate(-90)\" text-anchor=\"middle\">{up}</text>"
        )?;
        self.write_lines(out)?;
        writeln!(out, "</svg></div>")
    }

    fn write_lines(&self, out: &mut String) -> std::fmt::Result {
        let mut names: Vec<(f64, f64, &Line)> = Vec::new();
        for line in self.lines {
            let Some(&(x, y)) = line.points.last() else {
                continue;
            };
            let mut path = String::new();
            for (index, (x, y)) in line.points.iter().enumerate() {
                let verb = if index == 0 { 'M' } else { 'L' };
                write!(path, "{verb}{:.1} {:.1}", self.x(*x), self.y(*y))?;
            }
            writeln!(out, "<path class=\"line {}\" d=\"{path}\"/>", line.colour)?;
            names.push((self.x(x), self.y(y), line));
        }
        // Names that would lie on each other move down, or all up where the bottom is reached.
        names.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut places: Vec<f64> = Vec::new();
        for (_, y, _) in &names {
            let least = places.last().map_or(TOP, |last| last + NAMES_APART);
            places.push(y.max(least));
        }
        let over = places.last().map_or(0.0, |last| last - (HEIGHT - BOTTOM));
        let lift = over.max(0.0);
        for ((x, y, line), place) in names.iter().zip(&places) {
            let (colour, name) = (line.colour, line.name);
            writeln!(
                out,
                "<circle class=\"end {colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
            )?;
            let (x, y) = (x + 10.0, place - lift + 4.0);
            writeln!(
                out,
                "<text class=\"label {colour}\" x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>"
            )?;
        }
        Ok(())
    }
}

/// The least and the largest value of all lines.
fn bounds(lines: &[Line]) -> Option<(f64, f64)> {
    let mut values = lines.iter().flat_map(|line| &line.points).map(|(_, y)| *y);
    let first = values.next()?;
    Some(values.fold((first, first), |(least, most), y| {
        (least.min(y), most.max(y))
    }))
}

/// 1, 2 or 5 times a power of ten, at least `least`.
fn round_step(least: f64) -> f64 {
    let power = 10.0_f64.powf(least.max(1e-9).log10().floor());
    let digits = [1.0, 2.0, 5.0, 10.0];
    let digit = digits
        .iter()
        .find(|digit| **digit * power >= least * (1.0 - 1e-9));
    digit.unwrap_or(&10.0) * power
}

/// A mark's number.
fn number(value: f64) -> String {
    if value.abs() >= 1000.0 && value % 100.0 == 0.0 {
        format!("{}k", value / 1000.0)
    } else {
        format!("{}", (value * 1e6).round() / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> [Line; 1] {
        [Line::new("line", "sky", points.to_vec())]
    }

    fn marks(axis: &Axis) -> Vec<&str> {
        axis.marks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn marks_are_round_numbers_around_what_is_plotted() {
        assert_eq!(
            marks(&Axis::linear("s", 0.0, 20.0)),
            ["0", "5", "10", "15", "20"]
        );
        let lines = line(&[(0.0, 3.0), (1.0, 87.0)]);
        assert_eq!(
            marks(&Axis::from_zero("n", &lines)),
            ["0", "20", "40", "60", "80", "100"]
        );
        assert_eq!(
            marks(&Axis::log("ms", &lines)),
            ["2", "5", "10", "20", "50", "100"]
        );
        let wide = line(&[(0.0, 0.7), (1.0, 4000.0)]);
        assert_eq!(
            marks(&Axis::log("ms", &wide)),
            ["0.1", "1", "10", "100", "1k", "10k"]
        );
    }

    #[test]
    fn nothing_to_plot_is_an_empty_plot() {
        let lines = line(&[]);
        for up in [Axis::log("ms", &lines), Axis::from_zero("n", &lines)] {
            let svg = Plot::new("t", Axis::linear("s", 0.0, 1.0), up, &lines).svg();
            assert!(
                svg.contains("<svg") && !svg.contains("NaN") && !svg.contains("inf"),
                "{svg}"
            );
        }
    }
}
