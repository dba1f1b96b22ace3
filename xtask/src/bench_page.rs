//! What a browser loads before the console runs: the release bundle, as the server sends it.

use crate::assets;
use crate::bundle::{self, Profile};
use crate::failure::{Context, Done};
use crate::options::Options;
use crate::steps::Steps;
use crate::workspace::Workspace;
use std::path::Path;

/// The most the wasm may weigh on the wire, in bytes.
const WASM_GOAL: u64 = 350_000;

/// The parts of the program, in the order of the report; everything else is loaded by need.
const PARTS: [(&str, &str); 4] =
    [("wasm", "assets/console."), ("js", "assets/console."), ("css", "assets/console."), ("html", "index.")];

/// One part: plain size and size in brotli, in bytes.
struct Size {
    part: &'static str,
    plain: u64,
    brotli: u64,
}

/// `cargo xtask bench page`.
pub(crate) fn page(workspace: &Workspace, _: &Options) -> Done<String> {
    let mut steps = Steps::new(2);
    bundle::console(workspace, &mut steps, Profile::Release)?;
    let dist = bundle::dist_dir(workspace);
    report(&sizes(&dist)?, later(&dist)?)
}

fn sizes(dist: &Path) -> Done<Vec<Size>> {
    let files = assets::walk(dist)?;
    let bytes = |path: &Path| {
        path.metadata().map(|meta| meta.len()).doing(format_args!("reading {}", path.display()))
    };
    PARTS
        .iter()
        .map(|(part, prefix)| {
            let wanted = |path: &&std::path::PathBuf| {
                let name = assets::relative(dist, path);
                name.starts_with(prefix) && name.ends_with(&format!(".{part}"))
            };
            let path = files.iter().find(wanted).ok_or_else(|| format!("The bundle holds no {part}."))?;
            let packed = path.with_extension(format!("{part}.br"));
            // What does not get smaller is sent as it is.
            let brotli = if packed.is_file() { bytes(&packed)? } else { bytes(path)? };
            Ok(Size { part, plain: bytes(path)?, brotli })
        })
        .collect()
}

/// What the parts of the program that come by need weigh in brotli, all together.
fn later(dist: &Path) -> Done<u64> {
    let mut sum = 0;
    for path in assets::walk(&dist.join("assets"))? {
        let name = assets::relative(dist, &path);
        if name.starts_with("assets/parts-") && name.ends_with(".wasm.br") {
            sum += path.metadata().doing(format_args!("reading {name}"))?.len();
        }
    }
    Ok(sum)
}

fn report(sizes: &[Size], later: u64) -> Done<String> {
    let wasm = sizes.iter().find(|size| size.part == "wasm").ok_or("The bundle holds no wasm.")?;
    let word = if wasm.brotli <= WASM_GOAL { "met" } else { "missed" };
    let rows: Vec<String> = sizes
        .iter()
        .map(|size| format!("| {} | {} | {} |", size.part, kilobytes(size.brotli), kilobytes(size.plain)))
        .collect();
    let sum = |value: fn(&Size) -> u64| kilobytes(sizes.iter().map(value).sum());
    Ok(format!(
        "The release bundle as the server sends it, in KB (1,000 bytes); fonts, icons and flags come by need.\n\n\
         | | brotli | plain |\n| --- | --- | --- |\n{}\n| **together** | **{}** | {} |\n\n\
         Goal: wasm at most {} KB in brotli ({word}). The parts with the other pages, fetched when the first page has its \
         data or one of theirs is opened, have {} KB more in brotli.",
        rows.join("\n"),
        sum(|size| size.brotli),
        sum(|size| size.plain),
        WASM_GOAL / 1000,
        kilobytes(later),
    ))
}

/// `12.3`.
fn kilobytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_packed_size_where_there_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: usize| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, vec![0; bytes]).unwrap();
        };
        for (name, plain, packed) in [("wasm", 900_000, 350_001), ("js", 5_000, 1_000), ("css", 100, 90)] {
            put(&format!("assets/console.0123456789abcdef.{name}"), plain);
            put(&format!("assets/console.0123456789abcdef.{name}.br"), packed);
        }
        put("index.html", 50);
        put("assets/parts-0123456789abcdef/split_a.wasm", 900);
        put("assets/parts-0123456789abcdef/split_a.wasm.br", 200);
        put("assets/parts-0123456789abcdef/chunk_1.wasm.br", 100);
        put("assets/parts-0123456789abcdef/loader.js.br", 7);
        let sizes = sizes(dir.path()).unwrap();
        assert_eq!(sizes.iter().map(|size| size.brotli).collect::<Vec<_>>(), [350_001, 1_000, 90, 50]);
        let text = report(&sizes, later(dir.path()).unwrap()).unwrap();
        assert!(text.contains("have 0.3 KB more"), "{text}");
        assert!(text.contains("missed") && text.contains("| js | 1.0 | 5.0 |"), "{text}");
    }

    #[test]
    fn a_bundle_without_wasm_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(sizes(dir.path()).is_err());
    }
}
