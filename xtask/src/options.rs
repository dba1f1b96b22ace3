//! The command line: a command, words, a few switches, and what follows `--`.

use crate::failure::Done;
use std::path::PathBuf;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// `demo`, `run`, `test`, `bench`, `bundle`, `dist`; empty when nothing was named.
    pub(crate) command: String,
    /// Words after the command: sections of `test`, names of `bench`.
    pub(crate) words: Vec<String>,
    /// Everything after `--`: handed to the test runner or the benchmark.
    pub(crate) rest: Vec<String>,
    /// Optimised binaries and the smallest wasm.
    pub(crate) release: bool,
    /// `demo`: in a throw-away folder, end by itself.
    pub(crate) smoke: bool,
    /// Start the binaries in this folder and build nothing.
    pub(crate) bin_dir: Option<PathBuf>,
    /// `bench`: also write what was measured into the checked-in report.
    pub(crate) report: bool,
    /// Print the commands and end.
    pub(crate) help: bool,
}

impl Options {
    /// Reads the arguments without the program's name. Fails on a switch it does not know.
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Done<Self> {
        let mut options = Self::default();
        let mut args = args;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--" => options.rest.extend(args.by_ref()),
                "--release" => options.release = true,
                "--smoke" => options.smoke = true,
                "--report" => options.report = true,
                "--bin-dir" => {
                    let dir = args.next().ok_or("--bin-dir needs a folder")?;
                    options.bin_dir = Some(PathBuf::from(dir));
                }
                "--help" | "-h" | "help" => options.help = true,
                switch if switch.starts_with('-') => {
                    return Err(
                        format!("There is no switch `{switch}`; `cargo xtask --help` lists them.").into()
                    );
                }
                _ if options.command.is_empty() => options.command = arg,
                _ => options.words.push(arg),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Done<Options> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn words_switches_and_the_rest_are_told_apart() {
        let options = parse("test unit e2e --release -- --nocapture a").unwrap();
        assert_eq!(options.command, "test");
        assert_eq!(options.words, ["unit", "e2e"]);
        assert_eq!(options.rest, ["--nocapture", "a"]);
        assert!(options.release && !options.smoke);
    }

    #[test]
    fn an_unknown_switch_is_an_error() {
        assert!(parse("demo --smok").unwrap_err().to_string().contains("--smok"));
    }
}
