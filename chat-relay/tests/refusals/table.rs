//! The tables of `docs/refusals.md`: what has to come in each case.

use std::path::Path;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) case: String,
    /// The error's code, none for a dash.
    pub(crate) error: Option<String>,
    pub(crate) ends: String,
    pub(crate) retry: String,
}

/// All rows, in their order.
pub(crate) fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/refusals.md");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line
        .strip_prefix('|')?
        .strip_suffix('|')?
        .split('|')
        .map(str::trim)
        .collect();
    let [case, _, error, ends, retry, _] = cells[..] else {
        panic!("six columns: {line}");
    };
    let case = code(case)?;
    Some(Row {
        case: case.into(),
        error: code(error).map(str::to_owned),
        ends: ends.into(),
        retry: retry.into(),
    })
}

/// What stands between backticks.
fn code(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}
