//! `iqra-node`: the agent of one server (`run`), and a whole fleet in one process (`simulate`).
//!
//! It speaks the node protocol. With the control plane it shares the wire types of `common` and the S3 client.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

mod agent;
mod beat;
mod child;
mod cli;
mod clock;
mod exit;
mod fleet;
mod http;
mod jobs;
mod orders;
mod pace;
mod push;
mod run;
mod sample;
mod schedule;
mod settings;
mod signals;
mod simulate;
mod stats;
mod storage;
mod trouble;
mod unit;
mod wire;
mod work;

use cli::{Cli, Command};
use exit::End;

fn main() -> ExitCode {
    // First of all: TLS has no provider of its own, and a client without one panics. It can only be set already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version come this way too, and are no errors.
            let _ = e.print();
            return if e.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match go(cli.command) {
        Ok(end) => end.into(),
        Err(e) => {
            // Nobody is left to tell where standard error is closed.
            let _ = writeln!(std::io::stderr(), "iqra-node: {e}");
            ExitCode::FAILURE
        }
    }
}

fn go(command: Command) -> Result<End, String> {
    let mut builder = match &command {
        Command::Unit(args) => return unit::print(args).map(|()| End::StayDown),
        // One node has next to nothing to do: one thread is enough, and small.
        Command::Run(_) => Builder::new_current_thread(),
        Command::Simulate(_) => Builder::new_multi_thread(),
    };
    let runtime = builder.enable_all().build().map_err(|e| format!("cannot start: {e}"))?;
    let ended = match command {
        Command::Run(args) => runtime.block_on(run::run(*args)),
        Command::Simulate(args) => runtime.block_on(simulate::simulate(args)).map(|()| End::StayDown),
        Command::Unit(_) => Ok(End::StayDown),
    };
    // A name that is being looked up must not hold up the end.
    runtime.shutdown_background();
    ended
}
