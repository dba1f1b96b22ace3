//! `cargo xtask test`: every check in order, each with the runner's own words and a line with its result.

use crate::browser;
use crate::bundle::{self, Profile};
use crate::clients;
use crate::cluster;
use crate::conformance;
use crate::demo;
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::postgres;
use crate::process::{self, cargo, loud};
use crate::serve;
use crate::space;
use crate::steps::{Steps, seconds};
use crate::unprivileged;
use crate::workspace::Workspace;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// A section: its name on the command line, what it shows, and what runs it.
struct Section {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace, &Options) -> Done,
}

const SECTIONS: [Section; 9] = [
    Section { name: "fmt", about: "the code is formatted", run: fmt },
    Section { name: "clippy", about: "no warning in the whole workspace", run: clippy },
    Section { name: "bundle", about: "the console builds for the browser", run: bundle },
    Section { name: "unit", about: "unit and integration tests, on a real PostgreSQL", run: unit },
    Section {
        name: "clients",
        about: "clients generated from the API's description live a node's life",
        run: clients::run,
    },
    Section {
        name: "conformance",
        about: "schemathesis: the server does what its document says",
        run: conformance::run,
    },
    Section { name: "e2e", about: "the real program in Chromium", run: e2e },
    Section { name: "smoke", about: "the demo brings all its nodes online", run: smoke },
    Section {
        name: "unprivileged",
        about: "run, as an ordinary user, from a path with a space",
        run: unprivileged::run,
    },
];

/// How a section ended.
struct Outcome {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

/// Runs the sections named, or all; fails when one of them does, after all have run.
pub(crate) fn test(workspace: &Workspace, options: &Options) -> Done<ExitCode> {
    if let Some(unknown) =
        options.words.iter().find(|word| !SECTIONS.iter().any(|section| section.name == **word))
    {
        let names: Vec<String> = SECTIONS.iter().map(|s| format!("  {:<14} {}", s.name, s.about)).collect();
        return Err(format!("There is no section `{unknown}`.\n{}", names.join("\n")).into());
    }
    if !options.rest.is_empty() && options.words.len() != 1 {
        return Err("Name one section before `--`: `cargo xtask test unit -- my_test`.".into());
    }
    if let Some(warning) = space::before(workspace) {
        println!("{warning}");
    }
    let mut outcomes = Vec::new();
    for section in
        SECTIONS.iter().filter(|s| options.words.is_empty() || options.words.iter().any(|w| w == s.name))
    {
        println!("\n── {} ── {}", section.name, section.about);
        let started = process::now();
        let result = (section.run)(workspace, options);
        process::go_on()?;
        let outcome = Outcome {
            name: section.name,
            took: started.elapsed(),
            failure: result.err().map(|failure| failure.to_string()),
        };
        if let Some(failure) = &outcome.failure {
            println!("{failure}");
            if let Some(cause) = space::after_failure(&workspace.root) {
                println!("{cause}");
            }
        }
        println!("{}", line(&outcome));
        outcomes.push(outcome);
    }
    println!("\n── summary ──");
    for outcome in &outcomes {
        println!("{}", line(outcome));
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    println!("\n{} of {} sections passed", outcomes.len() - failed, outcomes.len());
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `e2e            passed   41 s`
fn line(outcome: &Outcome) -> String {
    let verdict = if outcome.failure.is_some() { "FAILED" } else { "passed" };
    format!("{:<14} {verdict}   {}", outcome.name, seconds(outcome.took))
}

fn fmt(workspace: &Workspace, _: &Options) -> Done {
    component("fmt", "rustfmt")?;
    expect(
        &mut in_root(workspace, &["fmt", "--all", "--check"]),
        "The code is not formatted: run `cargo fmt --all`.",
    )
}

fn clippy(workspace: &Workspace, _: &Options) -> Done {
    component("clippy", "clippy")?;
    let args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    expect(&mut in_root(workspace, &args), "clippy has warnings.")
}

fn bundle(workspace: &Workspace, _: &Options) -> Done {
    bundle::console(workspace, &mut Steps::new(2), Profile::Dev)
}

fn unit(workspace: &Workspace, options: &Options) -> Done {
    let mut steps = Steps::new(3);
    let bin = postgres::ensure(steps.begin("Looking for PostgreSQL"))?;
    let step = steps.begin("Starting a throw-away PostgreSQL for the tests");
    let cluster = cluster::start(&bin)?;
    step.done();
    let mut step = steps.begin("Building the S3 server of the tests");
    step.run(&mut in_root(workspace, &["build", "-p", "s3d"]))?;
    step.done();
    let mut tests = in_root(workspace, &["test", "--workspace", "--no-fail-fast"]);
    if !options.rest.is_empty() {
        tests.arg("--").args(&options.rest);
    }
    tests.env("IQRA_TEST_DATABASE_URL", &cluster.url).env("IQRA_POSTGRES_BIN", &bin);
    expect(&mut tests, "Tests failed.")
}

fn e2e(workspace: &Workspace, options: &Options) -> Done {
    let mut steps = Steps::new(7);
    bundle::console(workspace, &mut steps, Profile::Dev)?;
    let bin_dir = serve::binaries(workspace, &mut steps, false)?;
    let postgres = postgres::ensure(steps.begin("Looking for PostgreSQL"))?;
    let node = browser::ensure_node(steps.begin("Looking for Node"))?;
    let chromium = browser::ensure_chromium(steps.begin("Looking for Chromium"))?;
    browser::ensure_packages(&workspace.root.join("e2e"), steps.begin("Installing the packages of e2e/"))?;
    let mut tests = browser::playwright(workspace, &node);
    tests
        .args(&options.rest)
        .env("IQRA_SERVER_BIN", bin_dir.join("iqra-infra"))
        .env("IQRA_NODE_BIN", bin_dir.join("iqra-node"))
        .env("IQRA_S3D_BIN", bin_dir.join("iqra-s3d"))
        .env("IQRA_POSTGRES_BIN", postgres)
        .env("IQRA_CHROMIUM", chromium);
    expect(&mut tests, "Browser tests failed.")
}

fn smoke(workspace: &Workspace, _: &Options) -> Done {
    demo::demo(workspace, &Options { smoke: true, ..Options::default() })
}

/// Minimal installations of Rust lack these two.
fn component(command: &str, name: &str) -> Done {
    let there = || cargo().args([command, "--version"]).output().is_ok_and(|out| out.status.success());
    if there() {
        return Ok(());
    }
    println!("Installing {name} …");
    loud(Command::new("rustup").args(["component", "add", name])).doing(format_args!("installing {name}"))?;
    if there() {
        Ok(())
    } else {
        Err(format!("{name} is missing: run `rustup component add {name}`.").into())
    }
}

fn in_root(workspace: &Workspace, args: &[&str]) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root).args(args);
    command
}

fn expect(command: &mut Command, otherwise: &str) -> Done {
    if loud(command)? { Ok(()) } else { Err(otherwise.into()) }
}
