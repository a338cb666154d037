//! Counting what test runners report: cargo's `test result:` lines, the summaries of Node's test runner and of
//! Python's unittest, and lines that begin with `SKIPPED:`, by which a test says that it could not run here.
//!
//! A test that prints `SKIPPED:` was counted as passed by its runner; it is moved to the skipped ones. Tests that are
//! ignored because they take long (`#[ignore = "long: ..."]`) are no part of a run without `--long` and are not
//! counted; a test ignored for another reason counts as skipped.

use std::ops::AddAssign;

/// How many tests ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that ran and held.
    pub(crate) passed: usize,
    /// Tests that ran and did not hold.
    pub(crate) failed: usize,
    /// Tests that could not run here.
    pub(crate) skipped: usize,
}

impl Tally {
    /// True when nothing was counted.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Reads the output of runners line by line.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    passed: usize,
    failed: usize,
    ignored: usize,
    ignored_as_long: usize,
    node_skipped: usize,
    /// How many tests the last summary of unittest counts, until the line that tells how they ended.
    unittests: Option<usize>,
    unittest_skipped: usize,
    said_skipped: usize,
}

impl Reader {
    /// Takes the next line of output.
    pub(crate) fn line(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += number_before(result, " passed");
            self.failed += number_before(result, " failed");
            self.ignored += number_before(result, " ignored");
        } else if line.starts_with("test ") && line.contains("... ignored, long") {
            self.ignored_as_long += 1;
        } else if line.trim_start_matches("# ").starts_with("SKIPPED:") {
            self.said_skipped += 1;
        } else if let Some(summary) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))
        {
            match summary.split_once(' ') {
                Some(("pass", count)) => self.passed += count.parse().unwrap_or(0),
                Some(("fail" | "cancelled", count)) => self.failed += count.parse().unwrap_or(0),
                Some(("skipped" | "todo", count)) => {
                    self.node_skipped += count.parse().unwrap_or(0)
                }
                _ => {}
            }
        } else if line.starts_with("Ran ") && line.contains(" in ") {
            self.unittests = Some(number_before(line, " test"));
        } else if line.starts_with("OK") || line.starts_with("FAILED") {
            self.unittest_ended(line);
        }
    }

    /// `OK (skipped=1)` or `FAILED (failures=1, errors=2)`, after `Ran N tests in ...`.
    fn unittest_ended(&mut self, line: &str) {
        let Some(ran) = self.unittests.take() else {
            return;
        };
        let number = |name: &str| -> usize {
            line.split([' ', '(', ',', ')'])
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
                .unwrap_or(0)
        };
        let failed = number("failures") + number("errors");
        let skipped = number("skipped");
        self.failed += failed;
        self.unittest_skipped += skipped;
        self.passed += ran.saturating_sub(failed + skipped);
    }

    /// What was read so far.
    pub(crate) fn tally(&self) -> Tally {
        Tally {
            // Each SKIPPED: line stands for a test that its runner counted as passed.
            passed: self.passed.saturating_sub(self.said_skipped),
            failed: self.failed,
            skipped: self.said_skipped
                + self.node_skipped
                + self.unittest_skipped
                + self.ignored.saturating_sub(self.ignored_as_long),
        }
    }
}

/// The number in front of `unit`, as in `12 passed`; zero when there is none.
fn number_before(text: &str, unit: &str) -> usize {
    text.split(unit)
        .next()
        .and_then(|front| front.rsplit(' ').next())
        .and_then(|word| word.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Tally {
        let mut reader = Reader::default();
        text.lines().for_each(|line| reader.line(line));
        reader.tally()
    }

    #[test]
    fn cargo_results_of_several_binaries_add_up() {
        let tally = read(
            "test a ... ok\ntest result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        );
        assert_eq!(
            tally,
            Tally {
                passed: 5,
                failed: 1,
                skipped: 0
            }
        );
    }

    #[test]
    fn a_said_skip_is_not_a_pass() {
        let tally = read(
            "SKIPPED: no GPU adapter\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured",
        );
        assert_eq!(
            tally,
            Tally {
                passed: 1,
                failed: 0,
                skipped: 1
            }
        );
    }

    #[test]
    fn long_tests_are_no_part_and_other_ignored_ones_are_skips() {
        let tally = read(
            "test a ... ignored, long: ten minutes\ntest b ... ignored\n\
             test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured",
        );
        assert_eq!(
            tally,
            Tally {
                passed: 1,
                failed: 0,
                skipped: 1
            }
        );
    }

    #[test]
    fn unittest_tells_how_many_ran_and_then_how_they_ended() {
        let tally = read(
            "Ran 5 tests in 0.2s\n\nFAILED (failures=1, errors=1, skipped=1)\n\
             Ran 2 tests in 0.1s\n\nOK\nRan 1 test in 0.1s\n\nOK (skipped=1)\nOK then",
        );
        assert_eq!(
            tally,
            Tally {
                passed: 4,
                failed: 2,
                skipped: 2
            }
        );
    }

    #[test]
    fn node_summaries_are_read_in_both_dresses() {
        let tap =
            "# tests 4\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n# duration_ms 12";
        assert_eq!(
            read(tap),
            Tally {
                passed: 2,
                failed: 1,
                skipped: 1
            }
        );
        assert_eq!(
            read(&tap.replace("# ", "ℹ ")),
            Tally {
                passed: 2,
                failed: 1,
                skipped: 1
            }
        );
    }
}
