//! Clients generated from `openapi/openapi.json` on the spot, each compiled and run through one story against a real
//! server. What they are made of is under `openapi/clients/`; what is made is under `target/clients/` only.

use crate::browser;
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::postgres;
use crate::process::{self, cargo};
use crate::python;
use crate::serve::{self, Built};
use crate::steps::{Step, Steps};
use crate::trial::Trial;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The section of `cargo xtask test`.
pub(crate) fn run(workspace: &Workspace, _: &Options) -> Done {
    let mut steps = Steps::new(14);
    let bin_dir = serve::binaries(workspace, &mut steps, false)?;
    let postgres = postgres::ensure(steps.begin("Looking for PostgreSQL"))?;
    let node = browser::ensure_node(steps.begin("Looking for Node"))?;
    let step = steps.begin("Installing the generator of Python clients");
    let python = python::ensure(workspace, "clients", "openapi/clients/python/requirements.txt", step)?;

    let mut step = steps.begin("Following the stream of a server that dies");
    let dying = workspace.root.join("openapi/clients/python/test_follow.py");
    step.run(Command::new(python.join("python")).arg(dying))?;
    step.done();
    let typescript = typescript(workspace, &node, &mut steps)?;
    let package = python_client(workspace, &python, steps.begin("Generating the Python client"))?;
    let rust = rust(workspace, &mut steps)?;

    let built = Built { bin_dir, postgres: Some(postgres) };
    let trial = Trial::start(&built, steps.begin("Starting a server for the stories"))?;
    let mut with_node = Command::new(&node);
    with_node.arg(typescript);
    let mut with_python = Command::new(python.join("python"));
    with_python.arg(workspace.root.join("openapi/clients/python/story.py")).env("PYTHONPATH", package);
    let mut follow = Command::new(python.join("python"));
    follow.arg(workspace.root.join("openapi/clients/python/follow.py")).args(["summary,nodes,activity", "6"]);
    let stories = [
        ("TypeScript", with_node),
        ("Python", with_python),
        ("Rust", Command::new(rust)),
        ("Python, following the stream", follow),
    ];
    for (language, mut command) in stories {
        let mut step = steps.begin(&format!("The story in {language}"));
        step.run(trial.tell(&mut command)).map_err(|cause| trial.with_log(&cause))?;
        step.done();
    }
    trial.end()?;
    println!("clients: ok. Generated, compiled and run: TypeScript, Python, Rust");
    Ok(())
}

fn document(workspace: &Workspace) -> PathBuf {
    workspace.root.join("openapi/openapi.json")
}

/// Where a client is made.
fn place(workspace: &Workspace, language: &str) -> Done<PathBuf> {
    let place = workspace.target.join("clients").join(language);
    std::fs::create_dir_all(&place).doing(format_args!("making {}", place.display()))?;
    Ok(place)
}

/// Types from the document, the story checked against them; returns the compiled story.
fn typescript(workspace: &Workspace, node: &Path, steps: &mut Steps) -> Done<PathBuf> {
    let place = place(workspace, "typescript")?;
    let source = workspace.root.join("openapi/clients/typescript");
    for file in ["package.json", "package-lock.json", "tsconfig.json", "story.ts"] {
        copy(&source.join(file), &place.join(file))?;
    }
    browser::ensure_packages(&place, steps.begin("Installing the generator of TypeScript clients"))?;

    let mut step = steps.begin("Generating the TypeScript client and checking the story's types");
    let types = place.join("api.d.ts");
    let generate = place.join("node_modules/openapi-typescript/bin/cli.js");
    step.run(Command::new(node).arg(generate).arg(document(workspace)).arg("--output").arg(types))?;
    let check = place.join("node_modules/typescript/bin/tsc");
    step.run(Command::new(node).arg(check).arg("--project").arg(&place))?;
    step.done();
    Ok(place.join("out/story.js"))
}

/// The package `iqra_client`; returns the folder it is in. The generator leaves out what it does not understand and only
/// warns, so a warning fails.
fn python_client(workspace: &Workspace, python: &Path, step: Step) -> Done<PathBuf> {
    let place = place(workspace, "python")?;
    let mut generate = Command::new(python.join("openapi-python-client"));
    generate
        .arg("generate")
        .arg("--path")
        .arg(document(workspace))
        .arg("--output-path")
        .arg(&place)
        .arg("--overwrite")
        .args(["--meta", "setup", "--fail-on-warning"])
        .arg("--config")
        .arg(workspace.root.join("openapi/clients/python/config.yml"));
    let mut step = step;
    step.run(&mut generate)?;
    // All of it, and not only what the story imports.
    let mut compile = Command::new(python.join("python"));
    step.run(compile.args(["-m", "compileall", "-q", "-f"]).arg(place.join("iqra_client")))?;
    step.done();
    Ok(place)
}

/// The down-conversion's own tests, then the client with its story; returns the program.
fn rust(workspace: &Workspace, steps: &mut Steps) -> Done<PathBuf> {
    let place = place(workspace, "rust")?;
    let own = |args: &[&str]| {
        let mut command = cargo();
        command
            .current_dir(workspace.root.join("openapi/clients/rust"))
            .args(args)
            .env("CARGO_TARGET_DIR", &place)
            .env("IQRA_OPENAPI", document(workspace));
        command
    };
    let mut step = steps.begin("Generating and building the Rust client");
    step.run(&mut own(&["test", "--locked", "--quiet", "--lib"]))?;
    process::go_on()?;
    step.run(&mut own(&["build", "--locked", "--quiet", "--bins"]))?;
    step.done();
    Ok(place.join("debug/generated-client"))
}

/// Copies a file where it differs, so that what is made of it is not made again.
fn copy(from: &Path, to: &Path) -> Done {
    let new = std::fs::read(from).doing(format_args!("reading {}", from.display()))?;
    if std::fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    std::fs::write(to, new).doing(format_args!("writing {}", to.display()))
}
