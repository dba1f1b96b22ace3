//! The files of `frontend/assets`, named by their content, and the compressed copies beside every file that gains by it.

use crate::failure::{Context, Done};
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Files of the bundle by their path inside it (`assets/app.0123456789abcdef.css`).
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Smaller files fit into one packet either way.
const WORTH_COMPRESSING: usize = 256;
/// What shrinks; fonts and pictures are compressed in themselves.
const COMPRESSIBLE: [&str; 8] = ["html", "css", "js", "wasm", "svg", "json", "txt", "webmanifest"];

/// The address of each asset by its path in `frontend/assets`, and the files themselves.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    /// `fonts/inter.woff2` → `/assets/fonts/inter.0123456789abcdef.woff2`.
    pub(crate) addresses: BTreeMap<String, String>,
    /// The folder of all flags, with a slash at its end: one name for 250 files, so that a flag is found by its country.
    pub(crate) flags: String,
    /// The files under their new names.
    pub(crate) files: Files,
}

/// Reads the folder of assets and names each file by its content.
pub(crate) fn collect(folder: &Path) -> Done<Assets> {
    let mut assets = Assets::default();
    let mut flags = Files::new();
    for path in walk(folder)? {
        let name = relative(folder, &path);
        let bytes = std::fs::read(&path).doing(format_args!("reading {}", path.display()))?;
        match name.strip_prefix("flags/") {
            Some(flag) => {
                flags.insert(flag.to_owned(), bytes);
            }
            None => {
                let hashed = hashed_name(&name, &bytes);
                assets.addresses.insert(name, format!("/assets/{hashed}"));
                assets.files.insert(format!("assets/{hashed}"), bytes);
            }
        }
    }
    let all: Vec<u8> =
        flags.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]).flatten().copied().collect();
    let folder = format!("assets/flags-{}/", fingerprint(&all));
    assets.flags = format!("/{folder}");
    for (flag, bytes) in flags {
        assets.addresses.insert(format!("flags/{flag}"), format!("/{folder}{flag}"));
        assets.files.insert(format!("{folder}{flag}"), bytes);
    }
    Ok(assets)
}

/// `fonts/inter.woff2` → `fonts/inter.0123456789abcdef.woff2`.
pub(crate) fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let hash = fingerprint(bytes);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => format!("{stem}.{hash}.{extension}"),
        _ => format!("{name}.{hash}"),
    }
}

/// 64 bits of FNV-1a over 128: names need to differ when contents do, nobody is to be kept out.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    format!("{:016x}", (hash >> 64) ^ (hash & u128::from(u64::MAX)))
}

/// All files under a folder in a fixed order, without hidden ones. A folder that is not there is empty.
pub(crate) fn walk(folder: &Path) -> Done<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        if !dir.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&dir).doing(format_args!("reading {}", dir.display()))? {
            let path = entry.doing(format_args!("reading {}", dir.display()))?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            match (hidden, path.is_dir()) {
                (true, _) => {}
                (false, true) => open.push(path),
                (false, false) => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A file's path below a folder, with `/` between the parts.
pub(crate) fn relative(folder: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(folder).unwrap_or(path);
    inner.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Adds `.br` and `.gz` beside each file that gains by it, on all processors.
pub(crate) fn compress(files: &mut Files, quality: i32) -> Done {
    let work: Vec<(&String, &Vec<u8>)> = files
        .iter()
        .filter(|(name, bytes)| {
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            bytes.len() >= WORTH_COMPRESSING && COMPRESSIBLE.contains(&extension)
        })
        .collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let packed: Vec<Done<Files>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Files::new();
                    while let Some((name, bytes)) =
                        work.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                    {
                        for (suffix, small) in [("br", brotli(bytes, quality)?), ("gz", gzip(bytes)?)] {
                            if small.len() < bytes.len() {
                                mine.insert(format!("{name}.{suffix}"), small);
                            }
                        }
                    }
                    Ok(mine)
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err("compressing failed".into())))
            .collect()
    });
    for part in packed {
        files.extend(part?);
    }
    Ok(())
}

fn brotli(bytes: &[u8], quality: i32) -> Done<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params).doing("compressing")?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Done<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).doing("compressing")?;
    encoder.finish().doing("compressing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_goes_before_the_extension() {
        let name = hashed_name("fonts/inter.woff2", b"x");
        assert!(name.starts_with("fonts/inter.") && name.ends_with(".woff2"), "{name}");
        assert_ne!(name, hashed_name("fonts/inter.woff2", b"y"));
        assert_eq!(fingerprint(b"").len(), 16);
    }

    #[test]
    fn assets_are_named_by_content_and_flags_by_country() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("icons.svg", "<svg/>"), ("flags/OM.svg", "om"), (".hidden", "no")] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let assets = collect(dir.path()).unwrap();
        assert_eq!(assets.files.len(), 2);
        assert_eq!(assets.addresses["flags/OM.svg"], format!("{}OM.svg", assets.flags));
        assert_eq!(assets.files[&assets.addresses["icons.svg"][1..]], b"<svg/>");
    }

    #[test]
    fn text_gets_smaller_copies_and_fonts_do_not() {
        let mut files = Files::from([
            ("a.css".to_owned(), b"a{color:red}".repeat(100)),
            ("a.woff2".to_owned(), vec![0; 5000]),
            ("tiny.css".to_owned(), b"a{}".to_vec()),
        ]);
        compress(&mut files, 5).unwrap();
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["a.css", "a.css.br", "a.css.gz", "a.woff2", "tiny.css"]);
    }
}
