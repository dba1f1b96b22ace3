//! What the browser tests need: Node, Chromium and the packages of `e2e/`.

use crate::assets::fingerprint;
use crate::failure::{Context, Done};
use crate::process::{self, output};
use crate::rust_target::apt;
use crate::steps::Step;
use crate::workspace::{self, Workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Playwright's own floor.
const NODE_MAJOR: u32 = 18;
const NO_NODE: &str =
    "The browser tests need Node 18 or newer with npm (Debian: `apt-get install nodejs npm`).";
const NO_CHROMIUM: &str =
    "The browser tests need Chromium (Debian: `apt-get install chromium`), or its path in IQRA_CHROMIUM.";

/// Finds or installs Node with npm; returns the path of `node`.
pub(crate) fn ensure_node(mut step: Step) -> Done<PathBuf> {
    if let Some(node) = find_node() {
        step.already(&node.display().to_string());
        return Ok(node);
    }
    if !workspace::can_apt() {
        return Err(NO_NODE.into());
    }
    install(&mut step, &["nodejs", "npm"]).map_err(|cause| format!("{cause}\n\n{NO_NODE}"))?;
    let node = find_node().ok_or(NO_NODE)?;
    step.already(&format!("installed: {}", node.display()));
    Ok(node)
}

fn find_node() -> Option<PathBuf> {
    let node = process::which("node")?;
    process::which("npm")?;
    let version = output(Command::new(&node).arg("--version")).ok()?;
    let major: u32 = version.trim_start_matches('v').split('.').next()?.parse().ok()?;
    (major >= NODE_MAJOR).then_some(node)
}

/// Finds or installs Chromium; a test tool's own download is not needed.
pub(crate) fn ensure_chromium(mut step: Step) -> Done<PathBuf> {
    if let Some(chromium) = find_chromium()? {
        step.already(&chromium.display().to_string());
        return Ok(chromium);
    }
    if !workspace::can_apt() {
        return Err(NO_CHROMIUM.into());
    }
    install(&mut step, &["chromium"]).map_err(|cause| format!("{cause}\n\n{NO_CHROMIUM}"))?;
    let chromium = find_chromium()?.ok_or(NO_CHROMIUM)?;
    step.already(&format!("installed: {}", chromium.display()));
    Ok(chromium)
}

fn find_chromium() -> Done<Option<PathBuf>> {
    if let Some(path) = std::env::var_os("IQRA_CHROMIUM").map(PathBuf::from) {
        if process::is_executable(&path) {
            return Ok(Some(path));
        }
        return Err(format!("IQRA_CHROMIUM: {} is not a program.", path.display()).into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
    let places = [
        "/usr/bin/chromium",
        "/snap/bin/chromium",
        "/opt/google/chrome/chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    let on_path = names.iter().find_map(|name| process::which(name));
    Ok(on_path.or_else(|| places.iter().map(PathBuf::from).find(|path| process::is_executable(path))))
}

/// Installs packages of Debian.
pub(crate) fn install(step: &mut Step, packages: &[&str]) -> Done {
    step.say(&format!("installing {}", packages.join(" ")));
    step.run(apt().arg("update"))?;
    step.run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

/// `npm ci` in a folder, unless the lockfile is the one that was installed last.
pub(crate) fn ensure_packages(folder: &Path, mut step: Step) -> Done {
    let lockfile = folder.join("package-lock.json");
    let lock = std::fs::read_to_string(&lockfile).doing(format_args!("reading {}", lockfile.display()))?;
    if lock.contains("\"resolved\"") {
        return Err(format!(
            "{} names a registry: write it again with `npm install --package-lock-only \
             --omit-lockfile-registry-resolved`.",
            lockfile.display()
        )
        .into());
    }
    let stamp = folder.join("node_modules/.iqra-stamp");
    let wanted = fingerprint(lock.as_bytes());
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        step.already("already there");
        return Ok(());
    }
    let npm = process::which("npm").ok_or(NO_NODE)?;
    step.run(
        Command::new(npm)
            .current_dir(folder)
            .args(["ci", "--no-audit", "--no-fund"])
            // Chromium comes from the system.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )?;
    std::fs::write(&stamp, wanted).doing(format_args!("writing {}", stamp.display()))?;
    step.done();
    Ok(())
}

/// Playwright's command line, as installed in `e2e/`.
pub(crate) fn playwright(workspace: &Workspace, node: &Path) -> Command {
    let mut command = Command::new(node);
    command.current_dir(workspace.root.join("e2e")).args(["node_modules/@playwright/test/cli.js", "test"]);
    command
}
