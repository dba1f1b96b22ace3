//! Schemathesis over the whole document against a running server: a bounded run in `cargo xtask test`, a long one, with
//! fuzzed parsers, as `cargo xtask fuzz`. Its settings and exclusions are in `e2e/schemathesis.toml`.

use crate::cluster;
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::postgres;
use crate::process::{self, cargo, loud, output};
use crate::python;
use crate::serve::{self, Built};
use crate::steps::Steps;
use crate::trial::Trial;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What a bounded run is made of; the same every time.
const SEED: &str = "5";
/// How long the fuzzed and stateful part of a bounded run goes on, beside examples and boundaries.
const BOUNDED: Duration = Duration::from_secs(90);
/// The same of a full run, unless it is told otherwise.
const FULL: Duration = Duration::from_secs(20 * 60);
/// Inputs for each parser in a full run without libFuzzer.
const ROUNDS: &str = "3000000";
/// Seconds for each parser under libFuzzer.
const FUZZED: &str = "-max_total_time=60";
const FUZZER: &str = "0.13.2";

/// The section of `cargo xtask test`.
pub(crate) fn run(workspace: &Workspace, _: &Options) -> Done {
    let mut steps = Steps::new(4);
    conform(workspace, &mut steps, BOUNDED, Some(SEED))?;
    println!("conformance: ok. The server does what its document says");
    Ok(())
}

/// `cargo xtask fuzz [seconds]`: everything as long as told, 20 minutes by default.
pub(crate) fn fuzz(workspace: &Workspace, options: &Options) -> Done {
    let time = match options.words.as_slice() {
        [] => FULL,
        [seconds] => Duration::from_secs(seconds.parse().doing("reading the number of seconds")?),
        _ => return Err("`cargo xtask fuzz` takes a number of seconds.".into()),
    };
    parsers(workspace)?;
    let mut steps = Steps::new(4);
    conform(workspace, &mut steps, time, None)?;
    println!("fuzz: ok. Parsers stand, and the server does what its document says");
    Ok(())
}

/// Runs schemathesis for about that time; without a seed it takes one and prints it.
fn conform(workspace: &Workspace, steps: &mut Steps, time: Duration, seed: Option<&str>) -> Done {
    let bin_dir = serve::binaries(workspace, steps, false)?;
    let postgres = postgres::ensure(steps.begin("Looking for PostgreSQL"))?;
    let step = steps.begin("Installing schemathesis");
    let python = python::ensure(workspace, "conformance", "e2e/conformance/requirements.txt", step)?;
    let built = Built { bin_dir, postgres: Some(postgres) };
    let trial = Trial::start(&built, steps.begin("Starting a server for it"))?;

    // Its own notes belong under target/.
    let place = workspace.target.join("conformance");
    std::fs::create_dir_all(&place).doing(format_args!("making {}", place.display()))?;
    let mut command = Command::new(python.join("schemathesis"));
    command
        .current_dir(&place)
        .arg("--config-file")
        .arg(workspace.root.join("e2e/schemathesis.toml"))
        .arg("run")
        .arg(workspace.root.join("openapi/openapi.json"))
        .args(["--url", &trial.base])
        .args(["--max-time", &time.as_secs().to_string()])
        .args(seed.map(|seed| ["--seed", seed]).into_iter().flatten())
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", workspace.root.join("e2e/conformance"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    if !loud(trial.tell(&mut command))? {
        let cause = "The server does not do what its document says (above), or the other way round.".into();
        return Err(trial.with_log(&cause));
    }
    trial.end()
}

/// The parsers: under libFuzzer where a nightly compiler is there, else fed for longer by the seeded test.
fn parsers(workspace: &Workspace) -> Done {
    if !nightly() {
        println!(
            "There is no nightly compiler (`rustup toolchain install nightly`), which libFuzzer needs: the parsers are \
             fed by the seeded test instead, {ROUNDS} inputs each."
        );
        return seeded(workspace);
    }
    let fuzzer = match fuzzer(workspace) {
        Ok(fuzzer) => fuzzer,
        Err(cause) => {
            process::go_on()?;
            println!(
                "{cause}\ncargo-fuzz cannot be installed: the parsers are fed by the seeded test instead."
            );
            return seeded(workspace);
        }
    };
    let folder = workspace.root.join("backend/fuzz");
    let target = workspace.target.join("fuzz");
    // The same versions as the server's; what libFuzzer adds, cargo adds.
    let (lock, own) = (workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"));
    std::fs::copy(&lock, &own).doing(format_args!("copying {}", lock.display()))?;
    for name in ["heartbeat", "endpoint", "region_id", "last_event_id", "token"] {
        println!("\n── {name} ──");
        // New inputs go into the first folder, the checked-in ones are read.
        let found = target.join("corpus").join(name);
        std::fs::create_dir_all(&found).doing(format_args!("making {}", found.display()))?;
        let mut command = Command::new(&fuzzer);
        command
            .current_dir(&workspace.root)
            .args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(&target)
            .arg(name)
            .arg(found)
            .arg(folder.join("corpus").join(name))
            .args(["--", FUZZED, "-max_len=4096"])
            .env("RUSTUP_TOOLCHAIN", "nightly");
        for variable in ["CARGO", "RUSTC", "RUSTDOC"] {
            command.env_remove(variable);
        }
        if !loud(&mut command)? {
            return Err(
                format!("The parser {name} fails: keep the input in backend/fuzz/corpus/{name}/.").into()
            );
        }
    }
    Ok(())
}

fn nightly() -> bool {
    output(Command::new("rustup").args(["run", "nightly", "rustc", "--version"])).is_ok()
}

/// cargo-fuzz: the installed one, or one of our own under `target/`.
fn fuzzer(workspace: &Workspace) -> Done<PathBuf> {
    if let Some(there) = process::which("cargo-fuzz") {
        return Ok(there);
    }
    let root = workspace.target.join("fuzz/tools");
    let own = root.join("bin/cargo-fuzz");
    if !process::is_executable(&own) {
        let mut step = Steps::new(1).begin("Installing cargo-fuzz");
        let args = ["install", "cargo-fuzz", "--locked", "--version", FUZZER, "--root"];
        step.run(cargo().args(args).arg(&root).current_dir(Path::new("/")))?;
        step.done();
    }
    Ok(own)
}

fn seeded(workspace: &Workspace) -> Done {
    let bin = postgres::ensure(Steps::new(1).begin("Looking for PostgreSQL"))?;
    let cluster = cluster::start(&bin)?;
    let mut tests = cargo();
    tests
        .current_dir(&workspace.root)
        .args(["test", "-p", "backend", "--test", "it", "--", "fuzz::"])
        .env("IQRA_TEST_DATABASE_URL", &cluster.url)
        .env("IQRA_FUZZ_ROUNDS", ROUNDS);
    if loud(&mut tests)? { Ok(()) } else { Err("A parser fails.".into()) }
}
