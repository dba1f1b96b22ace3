//! The front end as the browser gets it: `frontend/dist`, whole or not at all.
//!
//! What splits the program and makes its script runs as a library, so that no tool has to be installed and one lockfile
//! keeps versions equal to those of the crates. Every name carries a hash of the content; the index page alone has a fixed one.

use crate::assets::{self, Files};
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::page::{self, Names};
use crate::process::cargo;
use crate::program;
use crate::rust_target::{self, Compiler};
use crate::steps::{Step, Steps};
use crate::workspace::Workspace;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Which of the two wasm profiles of the workspace to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Builds quickly, a little larger: the demo and the browser tests.
    Dev,
    /// As small as it gets: what is shipped and measured.
    Release,
}

impl Profile {
    /// The release profile where asked for.
    pub(crate) fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// As in the workspace's manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }

    /// How hard its files are packed.
    pub(crate) fn brotli_quality(self) -> i32 {
        match self {
            Self::Dev => 5,
            Self::Release => 11,
        }
    }
}

/// `cargo xtask bundle`.
pub(crate) fn command(workspace: &Workspace, options: &Options) -> Done {
    let mut steps = Steps::new(2);
    console(workspace, &mut steps, Profile::of(options.release))?;
    println!("{}", sizes(&dist_dir(workspace))?);
    Ok(())
}

/// `cargo xtask dist`: the binaries that are shipped, with the console inside.
pub(crate) fn dist(workspace: &Workspace) -> Done {
    let mut steps = Steps::new(3);
    console(workspace, &mut steps, Profile::Release)?;
    let mut step = steps.begin("Building the server and the node agent (release)");
    step.run(cargo().current_dir(&workspace.root).args(["build", "--release", "-p", "backend", "--bins"]))?;
    step.done();
    println!("{}", sizes(&dist_dir(workspace))?);
    for name in ["iqra-infra", "iqra-node"] {
        let path = workspace.bin_dir(true).join(name);
        let bytes = path.metadata().doing(format_args!("reading {}", path.display()))?.len();
        println!("{}  {} MB", path.display(), bytes / 1_000_000);
    }
    Ok(())
}

/// Two steps: a compiler for wasm32, and the bundle.
pub(crate) fn console(workspace: &Workspace, steps: &mut Steps, profile: Profile) -> Done {
    let compiler = rust_target::ensure(workspace, steps.begin("Looking for the wasm32 target"))?;
    bundle(workspace, compiler, profile, steps.begin("Building the console (wasm)"))
}

/// Where the server looks for the console.
pub(crate) fn dist_dir(workspace: &Workspace) -> PathBuf {
    workspace.root.join("frontend/dist")
}

/// Builds the front end and puts the finished bundle in place, unless nothing has changed since the last time.
fn bundle(workspace: &Workspace, compiler: Compiler, profile: Profile, mut step: Step) -> Done {
    let target = workspace.target.join("wasm");
    std::fs::create_dir_all(&target).doing(format_args!("making {}", target.display()))?;
    // Two builds at once would swap each other's folders away.
    let lock = File::create(target.join("bundle.lock")).doing("locking the bundle")?;
    lock.lock().doing("locking the bundle")?;
    let stamp = target.join("bundle.stamp");
    let inputs = format!("{} {}", inputs(workspace)?, compiler.version()?);
    if is_fresh(workspace, &stamp, &inputs, profile) {
        step.already("nothing has changed");
        return Ok(());
    }
    let mut build = compiler.cargo();
    build
        .current_dir(&workspace.root)
        .args(["rustc", "-p", "frontend", "--bin", "frontend", "--target", "wasm32-unknown-unknown"])
        .args(["--profile", profile.name(), "--target-dir"])
        .arg(&target)
        .args(["--", program::LINKER]);
    if profile == Profile::Dev {
        // Optimising across the units of a crate that is built in steps now and then leaves a name that nothing defines.
        build.arg("-Clto=off");
    }
    // Leptos then compiles in half the time, and the release bundle is a sixth smaller.
    build.env("RUSTFLAGS", "--cfg erase_components");
    step.run(&mut build)?;
    step.say("packing");
    let wasm = target.join("wasm32-unknown-unknown").join(profile.name()).join("frontend.wasm");
    let files = pack(workspace, &wasm, profile)?;
    let page = files.get("index.html").map(|page| assets::fingerprint(page)).unwrap_or_default();
    put(&dist_dir(workspace), &files)?;
    std::fs::write(&stamp, stamp_text(&inputs, profile, &page)).doing("writing the bundle's stamp")?;
    step.done();
    Ok(())
}

/// All files of the bundle.
fn pack(workspace: &Workspace, wasm: &Path, profile: Profile) -> Done<Files> {
    let frontend = workspace.root.join("frontend");
    let assets = assets::collect(&frontend.join("assets"))?;
    let program = program::make(wasm)?;
    let mut files = program.files;
    let css = page::styles(&frontend.join("styles"), &assets)?.into_bytes();
    let css_name = format!("assets/{}", assets::hashed_name("console.css", &css));
    files.insert(css_name.clone(), css);
    let path = frontend.join("index.html");
    let template = std::fs::read_to_string(&path).doing(format_args!("reading {}", path.display()))?;
    let names = Names {
        css: format!("/{css_name}"),
        js: format!("/{}", program.js),
        loader: format!("/{}", program.loader),
        wasm: format!("/{}", program.wasm),
    };
    files.insert("index.html".to_owned(), page::index(&template, &names, &assets)?.into_bytes());
    files.extend(assets.files);
    assets::compress(&mut files, profile.brotli_quality())?;
    Ok(files)
}

/// Writes the files into a sibling folder and swaps it in: a server never sees half a bundle, and no old file stays.
fn put(dist: &Path, files: &Files) -> Done {
    let new = dist.with_extension("new");
    let old = dist.with_extension("old");
    for left_over in [&new, &old] {
        if left_over.exists() {
            std::fs::remove_dir_all(left_over).doing(format_args!("removing {}", left_over.display()))?;
        }
    }
    for (name, bytes) in files {
        let path = new.join(name);
        let parent = path.parent().unwrap_or(&new);
        std::fs::create_dir_all(parent).doing(format_args!("making {}", parent.display()))?;
        std::fs::write(&path, bytes).doing(format_args!("writing {}", path.display()))?;
    }
    if dist.exists() {
        std::fs::rename(dist, &old).doing(format_args!("moving {}", dist.display()))?;
    }
    std::fs::rename(&new, dist).doing(format_args!("moving {}", new.display()))?;
    if old.exists() {
        std::fs::remove_dir_all(&old).doing(format_args!("removing {}", old.display()))?;
    }
    Ok(())
}

/// A fingerprint of all that goes into the bundle, this program included.
fn inputs(workspace: &Workspace) -> Done<String> {
    let mut all = Vec::new();
    for part in
        ["frontend/src", "frontend/assets", "frontend/styles", "frontend/locales", "common", "xtask/src"]
    {
        for path in assets::walk(&workspace.root.join(part))? {
            add(&mut all, workspace, &path)?;
        }
    }
    for part in ["frontend/index.html", "frontend/Cargo.toml", "Cargo.toml", "Cargo.lock"] {
        add(&mut all, workspace, &workspace.root.join(part))?;
    }
    Ok(assets::fingerprint(&all))
}

fn add(all: &mut Vec<u8>, workspace: &Workspace, path: &Path) -> Done {
    let bytes = std::fs::read(path).doing(format_args!("reading {}", path.display()))?;
    all.extend(format!("{} {}\n", assets::relative(&workspace.root, path), bytes.len()).into_bytes());
    all.extend(bytes);
    Ok(())
}

fn stamp_text(inputs: &str, profile: Profile, page: &str) -> String {
    format!("{inputs} {} {page}\n", profile.name())
}

/// Whether the bundle in place was made from these inputs; a release bundle serves for everything.
fn is_fresh(workspace: &Workspace, stamp: &Path, inputs: &str, profile: Profile) -> bool {
    let (Ok(stamp), Ok(page)) =
        (std::fs::read_to_string(stamp), std::fs::read(dist_dir(workspace).join("index.html")))
    else {
        return false;
    };
    let page = assets::fingerprint(&page);
    [profile, Profile::Release].iter().any(|made| stamp == stamp_text(inputs, *made, &page))
}

/// Two lines with what the program weighs on the wire: what comes first, and the parts that come by need.
fn sizes(dist: &Path) -> Done<String> {
    let (mut first, mut parts) = (Vec::new(), Vec::new());
    for path in assets::walk(&dist.join("assets"))? {
        let name = assets::relative(dist, &path);
        let Some(whole) = name.strip_suffix(".br") else { continue };
        let small = path.metadata().doing(format_args!("reading {}", path.display()))?.len().div_ceil(1000);
        if let Some((_, kind)) = whole.strip_prefix("assets/console.").and_then(|rest| rest.rsplit_once('.'))
        {
            let plain = path.with_extension("").metadata().doing(format_args!("reading {name}"))?.len();
            first.push(format!("{kind} {} KB ({small} KB brotli)", plain.div_ceil(1000)));
        } else if let Some(part) = whole.strip_suffix(".wasm") {
            parts.push(format!("{} {small} KB", part.rsplit('/').next().unwrap_or(part)));
        }
    }
    Ok(format!("{}: {}\nby need, in brotli: {}", dist.display(), first.join(", "), parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_bundle_leaves_nothing_of_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let dist = dir.path().join("dist");
        put(&dist, &Files::from([("assets/old.js".to_owned(), b"1".to_vec())])).unwrap();
        put(&dist, &Files::from([("assets/new.js".to_owned(), b"2".to_vec())])).unwrap();
        let names: Vec<_> =
            assets::walk(dir.path()).unwrap().iter().map(|path| assets::relative(dir.path(), path)).collect();
        assert_eq!(names, ["dist/assets/new.js"]);
    }
}
