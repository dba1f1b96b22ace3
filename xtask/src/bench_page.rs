//! What a browser loads before the console runs, and how it runs then: the release bundle, as the server sends it, beside
//! the empty program that it is compared with.

use crate::assets;
use crate::bench_control::Control;
use crate::bench_live;
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
    let mut steps = Steps::new(4);
    bundle::console(workspace, &mut steps, Profile::Release)?;
    let control = Control::make(workspace, &mut steps)?;
    let dist = bundle::dist_dir(workspace);
    let weight = report(&sizes(&dist)?, &later(&dist)?, control.brotli)?;
    let browser = bench_live::page(workspace, control.path())?;
    Ok(format!("{weight}\n\n{browser}"))
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

/// What comes by need, in bytes as sent.
#[derive(Default)]
struct Later {
    /// Each part of the program with its name, the heaviest first.
    parts: Vec<(String, u64)>,
    /// The script that fetches them.
    loader: u64,
    /// Fonts of Latin letters, and the others.
    fonts: [u64; 2],
}

fn later(dist: &Path) -> Done<Later> {
    let mut later = Later::default();
    for path in assets::walk(&dist.join("assets"))? {
        let name = assets::relative(dist, &path);
        let bytes = || -> Done<u64> { Ok(path.metadata().doing(format_args!("reading {name}"))?.len()) };
        let file = name.rsplit('/').next().unwrap_or(&name);
        if name.starts_with("assets/parts-") {
            match file.strip_suffix(".wasm.br") {
                Some(part) => later.parts.push((part.trim_start_matches("split_").to_owned(), bytes()?)),
                None if file == "loader.js.br" => later.loader = bytes()?,
                None => {}
            }
        } else if file.ends_with(".woff2") {
            let [latin, others] = &mut later.fonts;
            *(if file.contains("arabic") { others } else { latin }) += bytes()?;
        }
    }
    later.parts.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    Ok(later)
}

fn report(sizes: &[Size], later: &Later, control: u64) -> Done<String> {
    let wasm = sizes.iter().find(|size| size.part == "wasm").ok_or("The bundle holds no wasm.")?;
    let word = if wasm.brotli <= WASM_GOAL { "met" } else { "missed" };
    let rows: Vec<String> = sizes
        .iter()
        .map(|size| format!("| {} | {} | {} |", size.part, kilobytes(size.brotli), kilobytes(size.plain)))
        .collect();
    let sum = |value: fn(&Size) -> u64| kilobytes(sizes.iter().map(value).sum());
    let parts: u64 = later.parts.iter().map(|(_, bytes)| bytes).sum();
    let named: Vec<String> =
        later.parts.iter().map(|(name, bytes)| format!("{name} {}", kilobytes(*bytes))).collect();
    let [latin, arabic] = later.fonts.map(kilobytes);
    let times = wasm.brotli.saturating_mul(100) / control.max(1);
    Ok(format!(
        "The release bundle as the server sends it, in KB (1,000 bytes).\n\n\
         | first | brotli | plain |\n| --- | --- | --- |\n{}\n| **together** | **{}** | {} |\n| empty program: wasm | {} | |\n\n\
         Goal: wasm at most {} KB in brotli ({word}); that is {}.{:02} times the empty program with the same framework and router.\n\n\
         By need, in brotli: the script that fetches parts {} KB, all parts {} KB ({}); fonts of Latin letters {latin} KB, of \
         Arabic ones {arabic} KB, as they are.",
        rows.join("\n"),
        sum(|size| size.brotli),
        sum(|size| size.plain),
        kilobytes(control),
        WASM_GOAL / 1000,
        times / 100,
        times % 100,
        kilobytes(later.loader),
        kilobytes(parts),
        named.join(", "),
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
        put("assets/fonts/inter-latin.0123456789abcdef.woff2", 1_000);
        put("assets/fonts/plex-arabic.0123456789abcdef.woff2", 2_000);
        let text = report(&sizes, &later(dir.path()).unwrap(), 70_000).unwrap();
        assert!(text.contains("fetches parts 0.1 KB, all parts 0.3 KB (a 0.2, chunk_1 0.1)"), "{text}");
        assert!(
            text.contains("Latin letters 1.0 KB, of Arabic ones 2.0 KB") && text.contains("5.00 times"),
            "{text}"
        );
        assert!(text.contains("missed") && text.contains("| js | 1.0 | 5.0 |"), "{text}");
    }

    #[test]
    fn a_bundle_without_wasm_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(sizes(dir.path()).is_err());
    }
}
