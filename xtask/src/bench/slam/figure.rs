//! A figure over the seeds, its bar, and whether it is met; the table and the JSON of all figures.

use serde_json::{Value, json};

/// Which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    Less,
    More,
}

/// What of the seeds is held against the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// Where the issue says so.
    Median,
    /// Everywhere else.
    Worst,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub(super) row: &'static str,
    pub(super) what: String,
    unit: &'static str,
    bar: Option<f64>,
    goal: Option<f64>,
    better: Better,
    judged: Judged,
    /// One a seed; not a number where it could not be computed. Empty where it was not run.
    pub(super) values: Vec<f64>,
    note: String,
}

/// What the bench says of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Met,
    Missed,
    /// There is no bar.
    Plain,
    NotRun,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "MISSED",
            Self::Plain => "",
            Self::NotRun => "not run",
        }
    }
}

impl Figure {
    /// A figure without a bar of which less is better.
    pub(super) fn new(
        row: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        values: Vec<f64>,
    ) -> Self {
        Self {
            row,
            what: what.into(),
            unit,
            bar: None,
            goal: None,
            better: Better::Less,
            judged: Judged::Worst,
            values,
            note: String::new(),
        }
    }

    /// The same with a bar for every seed.
    pub(super) fn at_most(mut self, bar: f64) -> Self {
        self.bar = Some(bar);
        self
    }

    /// The same with a bar for every seed, of which more is better.
    pub(super) fn at_least(mut self, bar: f64) -> Self {
        self.better = Better::More;
        self.at_most(bar)
    }

    /// The same with a bar for the median.
    pub(super) fn median_at_most(mut self, bar: f64) -> Self {
        self.judged = Judged::Median;
        self.at_most(bar)
    }

    /// The same with what is aimed at past the bar.
    pub(super) fn aiming_at(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }

    /// The same with a remark.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Of the seeds; one without a figure counts as the worst.
    pub(super) fn median(&self) -> f64 {
        let nothing = match self.better {
            Better::Less => f64::INFINITY,
            Better::More => f64::NEG_INFINITY,
        };
        let all = self
            .values
            .iter()
            .map(|v| if v.is_nan() { nothing } else { *v });
        finite(median(&all.collect::<Vec<_>>()))
    }

    /// Of the seeds; not a number if one of them is none.
    pub(super) fn worst(&self) -> f64 {
        if self.values.is_empty() || self.values.iter().any(|value| value.is_nan()) {
            return f64::NAN;
        }
        let (start, pick): (f64, fn(f64, f64) -> f64) = match self.better {
            Better::Less => (f64::NEG_INFINITY, f64::max),
            Better::More => (f64::INFINITY, f64::min),
        };
        self.values.iter().copied().fold(start, pick)
    }

    pub(super) fn verdict(&self) -> Verdict {
        if self.values.is_empty() {
            return Verdict::NotRun;
        }
        let Some(bar) = self.bar else {
            return Verdict::Plain;
        };
        let value = match self.judged {
            Judged::Median => self.median(),
            Judged::Worst => self.worst(),
        };
        // A figure that could not be computed (NaN) meets nothing.
        let met = match self.better {
            Better::Less => value <= bar,
            Better::More => value >= bar,
        };
        if met { Verdict::Met } else { Verdict::Missed }
    }

    pub(super) fn to_json(&self, tried: Option<&str>) -> Value {
        json!({
            "row": self.row, "what": self.what, "unit": self.unit, "bar": self.bar, "goal": self.goal,
            "judged": match self.judged { Judged::Median => "median", Judged::Worst => "worst" },
            "better": match self.better { Better::Less => "less", Better::More => "more" },
            "median": self.median(), "worst": self.worst(), "values": self.values,
            "verdict": self.verdict().word(), "note": self.note, "tried": tried,
        })
    }

    pub(super) fn line(&self) -> String {
        let shown = |value: f64| {
            if self.values.is_empty() {
                String::new()
            } else if value.is_nan() {
                "none".to_owned()
            } else {
                super::super::number(value)
            }
        };
        let bar = |value: Option<f64>| value.map_or_else(String::new, super::super::number);
        // The value that the bar is for has a star.
        let star = |judged| {
            if self.bar.is_some() && self.judged == judged {
                "*"
            } else {
                " "
            }
        };
        format!(
            "{:<4}{:<50}{:<7}{:>8}{:>8}{:>11}{}{:>11}{} {:<8}{}",
            self.row,
            self.what,
            self.unit,
            bar(self.bar),
            bar(self.goal),
            shown(self.median()),
            star(Judged::Median),
            shown(self.worst()),
            star(Judged::Worst),
            self.verdict().word(),
            self.note
        )
    }
}

/// The head of the table.
pub(super) fn head() -> String {
    format!(
        "{:<4}{:<50}{:<7}{:>8}{:>8}{:>11} {:>11}  {:<8}",
        "row", "what", "", "bar", "goal", "median", "worst", "verdict"
    )
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// Of an even number the mean of the two in the middle; not a number for no values.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    0.5 * (sorted[last / 2] + sorted[sorted.len() / 2])
}

/// The value below which a share of the values lies; not a number for no values.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let index = (sorted.len() as f64 * share) as usize;
    sorted
        .get(index)
        .or(sorted.last())
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(values: &[f64]) -> Figure {
        Figure::new("1", "a", "cm", values.to_vec())
    }

    #[test]
    fn the_median_or_the_worst_seed_is_judged() {
        let seeds = [1.0, 3.9, 1.5, 2.1, 1.9];
        assert_eq!(figure(&seeds).median_at_most(2.0).verdict(), Verdict::Met);
        assert_eq!(
            figure(&seeds).median_at_most(1.8).verdict(),
            Verdict::Missed
        );
        assert_eq!(figure(&seeds).at_most(4.0).verdict(), Verdict::Met);
        assert_eq!(figure(&seeds).at_most(3.8).verdict(), Verdict::Missed);
        assert_eq!(figure(&seeds).verdict(), Verdict::Plain);
        assert_eq!(figure(&[]).at_most(1.0).verdict(), Verdict::NotRun);
    }

    #[test]
    fn more_is_better_where_it_is() {
        let shares = [99.0, 96.9, 100.0];
        assert_eq!(figure(&shares).at_least(97.0).verdict(), Verdict::Missed);
        assert_eq!(figure(&shares).at_least(96.0).verdict(), Verdict::Met);
        assert_eq!(figure(&shares).at_least(96.0).worst(), 96.9);
    }

    #[test]
    fn a_seed_without_a_figure_counts_as_the_worst() {
        let one = [1.0, f64::NAN, 1.2];
        assert_eq!(figure(&one).at_most(5.0).verdict(), Verdict::Missed);
        assert_eq!(figure(&one).median_at_most(1.5).verdict(), Verdict::Met);
        assert_eq!(figure(&one).median(), 1.2);
        let most = [1.0, f64::NAN, f64::NAN];
        assert_eq!(figure(&most).median_at_most(1.5).verdict(), Verdict::Missed);
        assert_eq!(figure(&most).at_least(0.0).verdict(), Verdict::Missed);
        assert!(figure(&most).line().contains("none"));
    }

    #[test]
    fn quantiles_and_medians_are_of_sorted_values() {
        assert_eq!(median(&[3.0, 1.0]), 2.0);
        assert!(median(&[]).is_nan() && quantile(&[], 0.5).is_nan());
        assert_eq!(quantile(&[3.0, 1.0, 2.0, 4.0], 0.5), 3.0);
        assert_eq!(quantile(&[3.0, 1.0], 1.0), 3.0);
    }
}
