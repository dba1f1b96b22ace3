//! Benchmarks against the real server: it runs as a process of its own, on its own PostgreSQL, in a folder of its own.
//!
//! `cargo xtask bench` runs them; `cargo bench --bench live -- heartbeat` does the same without the report. What is
//! printed on standard output is the report, in Markdown; progress goes to standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its figures")]

mod control;
mod figures;
mod fleet;
mod heartbeat;
mod idle;
mod load;
mod page;
mod processes;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

/// Whatever went wrong, in words.
type Failure = Box<dyn Error + Send + Sync>;
/// The outcome of a part of a benchmark.
type Done<T = ()> = Result<T, Failure>;

/// The argument that turns this program into the control server.
const CONTROL: &str = "control";

/// The one place that reads the clock.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}

/// Says what is being done.
fn say(what: &str) {
    eprintln!("  {what}");
}

fn main() -> ExitCode {
    // Cargo adds `--bench` of its own accord.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let outcome = match words.first().map(String::as_str) {
        Some("heartbeat") => figures::rounds(&words).and_then(heartbeat::run).map(Some),
        Some("idle") => idle::run().map(Some),
        Some("page") => page::run().map(Some),
        Some(CONTROL) => control::serve().map(|()| None),
        // `cargo test --all-targets` starts every target: there is nothing to test here.
        None => Ok(None),
        Some(other) => {
            Err(format!("there is no benchmark `{other}`; there are heartbeat, page and idle").into())
        }
    };
    match outcome {
        Ok(report) => {
            if let Some(report) = report {
                println!("{report}");
            }
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
