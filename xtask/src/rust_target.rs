//! The wasm32 standard library: rustup's where it can be downloaded, else built from Debian's packages.
//!
//! Debian's security archive carries a newer compiler (`rustc-web`) with the library's source. Both must be of one
//! version, so there the front end is built with Debian's compiler, into the same folder of its own.

use crate::failure::{Context, Done};
use crate::process::{self, cargo, cargo_named, output};
use crate::steps::Step;
use crate::workspace::{self, Workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
/// Where Debian's compiler looks for the library of the target.
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";
const IMPOSSIBLE: &str = "The wasm32 target is missing: run `rustup target add wasm32-unknown-unknown`.";

/// Which compiler builds the front end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The one that builds everything else.
    Default,
    /// Debian's, in `/usr/bin`.
    Debian,
}

impl Compiler {
    /// A cargo command that uses this compiler.
    pub(crate) fn cargo(self) -> Command {
        match self {
            Self::Default => cargo(),
            Self::Debian => debian_cargo(),
        }
    }

    /// The compiler's version line: another compiler means another bundle.
    pub(crate) fn version(self) -> Done<String> {
        match self {
            Self::Default => output(Command::new("rustc").arg("--version")),
            Self::Debian => output(Command::new("/usr/bin/rustc").arg("--version")),
        }
    }
}

/// Finds a compiler that can build for wasm32, or makes one.
pub(crate) fn ensure(workspace: &Workspace, mut step: Step) -> Done<Compiler> {
    if has_std(&default_library()?) {
        step.already("already there");
        return Ok(Compiler::Default);
    }
    if debian_is_ready() {
        step.already("already there (Debian's compiler)");
        return Ok(Compiler::Debian);
    }
    if process::which("rustup").is_some() {
        step.say("rustup target add");
        let added = step.run(Command::new("rustup").args(["target", "add", TARGET]));
        process::go_on()?;
        if added.is_ok() && has_std(&default_library()?) {
            step.done();
            return Ok(Compiler::Default);
        }
    }
    if !workspace::can_apt() {
        return Err(IMPOSSIBLE.into());
    }
    debian(workspace, &mut step).map_err(|cause| format!("{cause}\n\n{IMPOSSIBLE}"))?;
    step.done();
    Ok(Compiler::Debian)
}

/// Where the compiler in use keeps the library of the target.
fn default_library() -> Done<PathBuf> {
    output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET])).map(PathBuf::from)
}

fn has_std(library: &Path) -> bool {
    let Ok(files) = std::fs::read_dir(library) else { return false };
    files.flatten().any(|file| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

fn debian_is_ready() -> bool {
    let tools = ["/usr/bin/cargo", "/usr/bin/rustc", "/usr/bin/rust-lld"];
    tools.iter().all(|tool| process::is_executable(Path::new(tool))) && has_std(Path::new(DEBIAN_LIBRARY))
}

/// Debian's cargo with Debian's compiler, whatever rustup would choose.
fn debian_cargo() -> Command {
    let mut command = cargo_named("/usr/bin/cargo".as_ref());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut search = std::ffi::OsString::from("/usr/bin:");
    search.push(path);
    command
        .env("PATH", search)
        .env("RUSTC", "/usr/bin/rustc")
        // rustup's wrapper put its own libraries first; Debian's compiler must not load them.
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO");
    command
}

/// The recipe: packages, the library from its source, and a name for rustup, so that `cargo +debian` works by hand too.
fn debian(workspace: &Workspace, step: &mut Step) -> Done {
    step.say("apt-get update");
    step.run(apt().arg("update"))?;
    step.say("installing Debian's Rust compiler");
    let packages = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
    step.run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    // The linker is only a recommended package, and its version moves with the compiler's.
    if let Ok(linker) = std::fs::read_link("/usr/bin/rust-lld")
        && let Some(package) = linker.file_name().map(|name| name.to_string_lossy().into_owned())
        && !process::is_executable(Path::new("/usr/bin/rust-lld"))
    {
        step.run(apt().args(["install", "-y", "--no-install-recommends", &package]))?;
    }
    step.say("building the wasm32 standard library");
    build_library(step)?;
    // What was compiled against another library fails with "can't find crate".
    let stale = workspace.target.join("wasm").join(TARGET);
    if stale.exists() {
        std::fs::remove_dir_all(&stale).doing(format_args!("removing {}", stale.display()))?;
    }
    if process::which("rustup").is_some() {
        // For people who build by hand; we call Debian's cargo directly.
        let _ = step.run(Command::new("rustup").args(["toolchain", "link", "debian", "/usr"]));
    }
    if debian_is_ready() { Ok(()) } else { Err("Debian's packages gave no usable wasm32 compiler.".into()) }
}

/// Builds the standard library through a throw-away crate and puts it where the compiler looks for it.
fn build_library(step: &mut Step) -> Done {
    let scratch = workspace::temporary("iqra-std-")?;
    let source = scratch.path().join("src");
    std::fs::create_dir_all(&source).doing("making a scratch crate")?;
    let manifest = "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n";
    std::fs::write(scratch.path().join("Cargo.toml"), manifest).doing("making a scratch crate")?;
    std::fs::write(source.join("lib.rs"), "").doing("making a scratch crate")?;
    step.run(
        debian_cargo()
            .current_dir(scratch.path())
            .args(["build", "--release", "-Z", "build-std=std,panic_abort", "--target", TARGET])
            .env("CARGO_TARGET_DIR", scratch.path().join("target"))
            .env("RUSTC_BOOTSTRAP", "1")
            // Without the bitcode a later build with link-time optimisation stops.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes -Zunstable-options"),
    )?;
    std::fs::create_dir_all(DEBIAN_LIBRARY).doing(format_args!("making {DEBIAN_LIBRARY}"))?;
    let built = scratch.path().join("target").join(TARGET).join("release/deps");
    for file in std::fs::read_dir(&built).doing("reading the built library")?.flatten() {
        let name = file.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libscratch-") {
            let target = Path::new(DEBIAN_LIBRARY).join(&name);
            std::fs::copy(file.path(), &target).doing(format_args!("writing {}", target.display()))?;
        }
    }
    Ok(())
}

/// `apt-get` that never asks.
pub(crate) fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
    command
}
