//! The checked-in report: a section for each benchmark, replaced when it is measured again.

use crate::bench::{BENCHES, Bench};
use crate::failure::{Context, Done};
use crate::process::output;
use crate::workspace::Workspace;
use std::process::Command;

const INTRODUCTION: &str = "\
# Benchmarks

Written by `cargo xtask bench --report`; a single one by `cargo xtask bench heartbeat --report`.
Machines differ and are shared with others: what counts is a figure's ratio to the control measured in the same run.
";

/// Puts a benchmark's figures into its section of `backend/benches/README.md`, with the date and the machine.
pub(crate) fn write(workspace: &Workspace, bench: &Bench, figures: &str) -> Done {
    let path = workspace.root.join("backend/benches/README.md");
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    let date = output(Command::new("date").args(["--utc", "+%Y-%m-%d"]))?;
    let section = format!("{}\n\nMeasured {date} on {}.\n\n{figures}\n", title(bench), machine());
    std::fs::write(&path, with_section(&old, bench, &section))
        .doing(format_args!("writing {}", path.display()))?;
    println!("\nWritten into {}.", path.display());
    Ok(())
}

fn title(bench: &Bench) -> String {
    format!("## {}: {}", bench.name, bench.about)
}

/// The report with one section replaced or added; sections are in the order of [`BENCHES`].
fn with_section(old: &str, changed: &Bench, section: &str) -> String {
    let mut text = INTRODUCTION.to_owned();
    for bench in BENCHES {
        let kept = old.split("\n## ").skip(1).find(|part| part.starts_with(&format!("{}:", bench.name)));
        let part = match (bench.name == changed.name, kept) {
            (true, _) => section.to_owned(),
            (false, Some(part)) => format!("## {}\n", part.trim_end()),
            (false, None) => continue,
        };
        text.push('\n');
        text.push_str(&part);
    }
    text
}

/// Cores, processor and memory of this machine.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        line.map(|line| line.trim_start_matches([':', ' ', '\t']).trim().to_owned())
    };
    let processor = field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory: u64 = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or_default();
    let gigabytes = (memory * 1024 + 500_000_000) / 1_000_000_000;
    format!("{cores} cores ({processor}), {gigabytes} GB of memory, Linux on {}", std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_others_stay_in_order() {
        let [first, second, third] = BENCHES else { panic!("another number of benchmarks") };
        let section = |bench: &Bench, figures: &str| format!("{}\n\n{figures}\n", title(bench));
        let mut text = String::new();
        for (bench, figures) in [(third, "c"), (first, "old"), (second, "b"), (first, "a")] {
            text = with_section(&text, bench, &section(bench, figures));
        }
        let wanted = [section(first, "a"), section(second, "b"), section(third, "c")];
        assert_eq!(text, format!("{INTRODUCTION}\n{}", wanted.join("\n")));
    }
}
