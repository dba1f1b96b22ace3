//! What is printed: tables for people on standard output, or JSON; progress on standard error.

use std::io::Write as _;

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::Failure;

/// How replies are printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum Format {
    /// Tables and sentences.
    Human,
    /// One JSON document.
    Json,
}

/// What stands where there is no data; never a zero.
pub(super) const NONE: &str = "—";

/// Prints a value as JSON, or what `human` makes of it.
///
/// # Errors
/// Where standard output is closed.
pub(super) fn print<T: Serialize>(
    format: Format,
    value: &T,
    human: impl FnOnce(&T) -> String,
) -> Result<(), Failure> {
    let text = match format {
        Format::Human => human(value),
        Format::Json => serde_json::to_string_pretty(value).map_err(|e| Failure::Refused(e.to_string()))?,
    };
    line(&text)
}

/// One line, or several, on standard output.
///
/// # Errors
/// Where standard output is closed.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    // A reader that went away (`| head`) is no reason for a panic, which `println!` would make of it.
    writeln!(std::io::stdout().lock(), "{}", text.trim_end()).map_err(|e| Failure::Refused(e.to_string()))
}

/// How far it is, on standard error, so that standard output stays what was asked for.
pub(super) fn progress(text: &str) {
    // Nobody may be reading it.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Columns under headings.
pub(super) fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.map(str::to_owned));
    for row in rows {
        table.add_row(row.map(clean));
    }
    table.trim_fmt()
}

/// Text of a node or an operator without what would steer a terminal.
pub(super) fn clean(text: String) -> String {
    if text.chars().any(char::is_control) { text.chars().filter(|c| !c.is_control()).collect() } else { text }
}

/// A figure, or that there is none.
pub(super) fn figure<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| NONE.to_owned(), |v| v.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_headings_and_steer_nothing() {
        let text = table(
            ["A", "LONG"],
            [["x".to_owned(), "1".to_owned()], ["yyy\u{1b}[2J".to_owned(), figure(None::<u8>)]],
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(!text.contains('\u{1b}'));
        let at = lines[0].find("LONG").unwrap();
        assert!(lines[1][at..].starts_with('1'), "{text}");
        assert!(text.ends_with(NONE));
    }
}
