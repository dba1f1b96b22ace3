//! `cargo xtask`: everything between a fresh machine and a live console.
//!
//! One small program, so that a fresh clone needs no tools of its own: it bundles the front end, finds or installs
//! what is missing, starts the server and the demo fleet, and runs all tests. See `README.md` beside `Cargo.toml`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its terminal")]

mod api;
mod assets;
mod bench;
mod bench_control;
mod bench_live;
mod bench_page;
mod bench_report;
mod browser;
mod bundle;
mod clients;
mod cluster;
mod conformance;
mod daemon;
mod demo;
mod failure;
mod fleet;
mod options;
mod page;
mod postgres;
mod process;
mod program;
mod python;
mod rust_target;
mod serve;
mod sign_in;
mod space;
mod steps;
mod storage;
mod test;
mod trial;
mod unprivileged;
mod workspace;

use failure::Done;
use options::Options;
use std::process::ExitCode;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask <command>

  demo [--smoke]        the console with a fleet of real nodes beating; ends with an address and a sign-in
                        --smoke: in a throw-away folder, ends by itself once all nodes are online
  run                   the server with its own PostgreSQL and the console, without a fleet
  test [section …]      all checks, or only the sections named; what follows `--` filters tests
                        sections: fmt clippy bundle unit clients conformance e2e smoke unprivileged
  fuzz [seconds]        parsers under libFuzzer where a nightly compiler is there, and schemathesis for long (20 min)
  bench [name …]        the benchmarks, or some of them: heartbeat page idle
                        --report: write the figures into backend/benches/README.md too
  bundle [--release]    the front end, into frontend/dist
  dist                  the release binaries with the console inside, into target/release

  demo and run take     --release, and --bin-dir DIR to start binaries that are already built
  environment           IQRA_LISTEN, IQRA_DATA_DIR, DATABASE_URL, IQRA_POSTGRES_BIN, IQRA_CHROMIUM";

fn main() -> ExitCode {
    match dispatch() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the command line and runs one command.
fn dispatch() -> Done<ExitCode> {
    let options = Options::parse(std::env::args().skip(1))?;
    if options.command.is_empty() || options.help {
        println!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = Workspace::locate()?;
    process::watch_signals()?;
    match options.command.as_str() {
        "demo" => demo::demo(&workspace, &options)?,
        "run" => serve::run(&workspace, &options)?,
        "test" => return test::test(&workspace, &options),
        "fuzz" => conformance::fuzz(&workspace, &options)?,
        "bench" => bench::bench(&workspace, &options)?,
        "bundle" => bundle::command(&workspace, &options)?,
        "dist" => bundle::dist(&workspace)?,
        other => return Err(format!("There is no command `{other}`.\n\n{HELP}").into()),
    }
    Ok(ExitCode::SUCCESS)
}
