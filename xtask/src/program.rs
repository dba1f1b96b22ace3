//! The program of the console: what the browser starts, and the parts of it that come by need.
//!
//! The linker leaves its relocations in the wasm. With them the functions marked as split points, and all that only
//! they reach, move into files of their own (one per part, one for each set of parts that share something); wasm-bindgen
//! then makes the script for the rest. Script, parts and wasm know each other by name, so all names carry one hash.

use crate::assets::{self, Files};
use crate::failure::{Context, Done};
use crate::workspace;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// What the linker has to be told for this to work.
pub(crate) const LINKER: &str = "-Clink-arg=--emit-relocs";

/// The script that fetches parts, as it is called before names carry hashes.
const LOADER: &str = "./loader.js";
/// The main script, likewise.
const MAIN: &str = "./console.js";

/// The files of the program, and the paths of those that the page names.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) files: Files,
    pub(crate) js: String,
    pub(crate) wasm: String,
    pub(crate) loader: String,
}

/// Makes the program from what the compiler left.
pub(crate) fn make(wasm: &Path) -> Done<Program> {
    let input = std::fs::read(wasm).doing(format_args!("reading {}", wasm.display()))?;
    let scratch = workspace::temporary("iqra-parts-")?;
    let first = scratch.path().join("first.wasm");
    let mut parts = split(&input, scratch.path(), &first)?;
    let mut bindgen = Bindgen::new();
    let mut output = bindgen
        .input_path(&first)
        .web(true)
        .doing("wasm-bindgen")?
        .typescript(false)
        // The parts are linked to the first file by these.
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate_output()
        .map_err(|cause| format!("wasm-bindgen: {cause:#}"))?;
    if output.js().contains("from \"env\"") {
        return Err("The compiler left a function of the console undefined. Remove target/wasm/wasm32-unknown-unknown/*/incremental and build again.".into());
    }
    let bytes = output.wasm_mut().emit_wasm();
    // Scripts that crates bring along are imported by their folder, so the folder carries the hash.
    let mut snippets = Files::new();
    for (crate_name, list) in output.snippets() {
        for (index, text) in list.iter().enumerate() {
            snippets.insert(format!("{crate_name}/inline{index}.js"), text.clone().into_bytes());
        }
    }
    snippets
        .extend(output.local_modules().iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())));
    let loader =
        parts.remove(LOADER.trim_start_matches("./")).ok_or("The parts came without their script.")?;
    let loader = String::from_utf8(loader).doing("reading the script of the parts")?;
    let js = output.js();

    let all = [&bytes, js.as_bytes(), loader.as_bytes()];
    let more = parts.values().chain(snippets.values()).map(Vec::as_slice);
    let hash = assets::fingerprint(&all.into_iter().chain(more).flatten().copied().collect::<Vec<_>>());
    let js = js
        .replace("./snippets/", &format!("./snippets-{hash}/"))
        .replace(&format!("from \"{LOADER}\""), &format!("from \"./parts-{hash}/loader.js\""));
    let loader = quieter(&loader)?.replace(&format!("\"{MAIN}\""), &format!("\"../console.{hash}.js\""));
    let program = Program {
        js: format!("assets/console.{hash}.js"),
        wasm: format!("assets/console.{hash}.wasm"),
        loader: format!("assets/parts-{hash}/loader.js"),
        files: Files::new(),
    };
    let mut files = Files::from([
        (program.js.clone(), js.into_bytes()),
        (program.wasm.clone(), bytes),
        (program.loader.clone(), loader.into_bytes()),
    ]);
    files.extend(snippets.into_iter().map(|(path, text)| (format!("assets/snippets-{hash}/{path}"), text)));
    files.extend(parts.into_iter().map(|(name, bytes)| (format!("assets/parts-{hash}/{name}"), bytes)));
    Ok(Program { files, ..program })
}

/// A part that does not come is said on its page, with another try. Parts are also fetched ahead, and leaving the page
/// breaks these off: no error of the console, so its script only warns.
fn quieter(loader: &str) -> Done<String> {
    const LOUD: &str = "console.error(e);";
    if !loader.contains(LOUD) {
        return Err(format!("The script of the parts no longer says {LOUD}").into());
    }
    Ok(loader.replace(LOUD, "console.warn(e);"))
}

/// Writes the first file where wasm-bindgen reads it, and gives the others by name, the script that fetches them too.
fn split(input: &[u8], folder: &Path, first: &Path) -> Done<Files> {
    let mut options = wasm_split_cli_support::Options::new(input);
    let out = folder.join("parts");
    options.output_dir = &out;
    options.main_out_path = first;
    options.link_name = LOADER;
    options.main_module = MAIN;
    wasm_split_cli_support::transform(options)
        .map_err(|cause| format!("splitting the program into its parts: {cause:#}"))?;
    let mut files = Files::new();
    for path in assets::walk(&out)? {
        let bytes = std::fs::read(&path).doing(format_args!("reading {}", path.display()))?;
        let name = assets::relative(&out, &path);
        let bytes = if name.ends_with(".wasm") {
            without_names(&bytes).ok_or_else(|| format!("{name} is no wasm."))?
        } else {
            bytes
        };
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Leaves out the sections that nobody runs: names of functions and of tools, half of a file.
fn without_names(wasm: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let (header, mut rest) = wasm.split_at_checked(HEADER)?;
    let mut out = header.to_vec();
    while let Some((id, after)) = rest.split_first() {
        let (length, body) = leb128(after)?;
        let (_, behind) = body.split_at_checked(length)?;
        if *id != CUSTOM {
            out.extend_from_slice(rest.get(..rest.len().checked_sub(behind.len())?)?);
        }
        rest = behind;
    }
    Some(out)
}

/// A length as wasm writes it: seven bits a byte, the lowest first; and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_is_kept() {
        let header = b"\0asm\x01\0\0\0";
        let long = [[0, 0x81, 0x01].as_slice(), &[7; 129]].concat();
        let wasm = [header.as_slice(), &long, &[1, 2, 8, 9], &[0, 1, 0], &[3, 0]].concat();
        assert_eq!(without_names(&wasm).unwrap(), [header.as_slice(), &[1, 2, 8, 9], &[3, 0]].concat());
        assert_eq!(without_names(&[header.as_slice(), &[1, 9, 8]].concat()), None);
        assert_eq!(without_names(b"\0asm"), None);
    }
}
