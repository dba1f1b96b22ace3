//! Python with the packages of a list, in a folder of its own under `target/`; nothing is installed for the whole machine
//! but, as root on Debian, Python itself.

use crate::assets::fingerprint;
use crate::browser::install;
use crate::failure::{Context, Done};
use crate::process::{self, output};
use crate::steps::Step;
use crate::workspace::{self, Workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the packages ask for.
const MINOR: u32 = 10;
const NO_PYTHON: &str = "The generated clients and the conformance tests need Python 3.10 or newer with venv (Debian: `apt-get install \
     python3 python3-venv`).";

/// Makes the environment `name` with the packages of a list, unless it was made from this very list; returns the folder of
/// its programs.
pub(crate) fn ensure(workspace: &Workspace, name: &str, list: &str, mut step: Step) -> Done<PathBuf> {
    let list = workspace.root.join(list);
    let wanted = std::fs::read_to_string(&list).doing(format_args!("reading {}", list.display()))?;
    let folder = workspace.target.join("python").join(name);
    let (bin, stamp) = (folder.join("bin"), folder.join(".iqra-stamp"));
    let found = find();
    let version = found.as_ref().map(|(_, version)| version.clone()).unwrap_or_default();
    let wanted = fingerprint(format!("{version}\n{}\n{wanted}", folder.display()).as_bytes());
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted)
        && process::is_executable(&bin.join("python"))
    {
        step.already("already there");
        return Ok(bin);
    }
    let python = match found {
        Some((python, _)) => python,
        None if workspace::can_apt() => {
            install(&mut step, &["python3", "python3-venv"])
                .map_err(|cause| format!("{cause}\n\n{NO_PYTHON}"))?;
            find().ok_or(NO_PYTHON)?.0
        }
        None => return Err(NO_PYTHON.into()),
    };
    make(&python, &folder, &mut step)?;
    step.say("installing packages");
    step.run(pip(&python, &bin).args(["install", "--quiet", "--requirement"]).arg(&list))?;
    std::fs::write(&stamp, wanted).doing(format_args!("writing {}", stamp.display()))?;
    step.done();
    Ok(bin)
}

/// The newest Python on `PATH` that is new enough, with its version.
fn find() -> Option<(PathBuf, String)> {
    ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"].iter().find_map(|name| {
        let python = process::which(name)?;
        let version = output(Command::new(&python).arg("--version")).ok()?;
        let minor: u32 = version.strip_prefix("Python 3.")?.split('.').next()?.parse().ok()?;
        (minor >= MINOR).then_some((python, version))
    })
}

/// An empty environment. Debian's Python makes one only with a package of its own; without it pip is called from outside.
fn make(python: &Path, folder: &Path, step: &mut Step) -> Done {
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).doing(format_args!("making {}", parent.display()))?;
    }
    let make = |more: &[&str]| {
        let mut command = Command::new(python);
        command.args(["-m", "venv", "--clear"]).args(more).arg(folder);
        command
    };
    let quiet = |mut command: Command| output(&mut command).is_ok();
    if quiet(make(&[])) {
        return Ok(());
    }
    process::go_on()?;
    if workspace::can_apt() {
        install(step, &["python3-venv"])?;
        return step.run(&mut make(&[]));
    }
    let outside = output(Command::new(python).args(["-m", "pip", "--version"])).is_ok();
    if outside && quiet(make(&["--without-pip"])) { Ok(()) } else { Err(NO_PYTHON.into()) }
}

/// pip for the environment: its own, or the one outside told where to install.
fn pip(python: &Path, bin: &Path) -> Command {
    let own = bin.join("python");
    let has = output(Command::new(&own).args(["-m", "pip", "--version"])).is_ok();
    let mut command = Command::new(if has { &own } else { python });
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input"]);
    if !has {
        command.arg("--python").arg(&own);
    }
    command
}
