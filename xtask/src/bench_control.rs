//! The empty program that the console is compared with: built and packed like the console, without parts and styles.

use crate::assets::{self, Files};
use crate::bundle::Profile;
use crate::failure::{Context, Done};
use crate::rust_target;
use crate::steps::Steps;
use crate::workspace::{self, Workspace};
use std::path::Path;
use tempfile::TempDir;
use wasm_bindgen_cli_support::Bindgen;

/// A folder with the empty program, gone when dropped; and what its wasm weighs in brotli, in bytes.
pub(crate) struct Control {
    folder: TempDir,
    pub(crate) brotli: u64,
}

impl Control {
    /// Where its files are.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Two steps: a compiler for wasm32, and the program.
    pub(crate) fn make(workspace: &Workspace, steps: &mut Steps) -> Done<Self> {
        let compiler = rust_target::ensure(workspace, steps.begin("Looking for the wasm32 target"))?;
        let mut step = steps.begin("Building the empty program (wasm)");
        let (target, profile) = (workspace.target.join("wasm"), Profile::Release);
        let mut build = compiler.cargo();
        build
            .current_dir(&workspace.root)
            .args(["build", "-p", "frontend", "--example", "empty", "--target", "wasm32-unknown-unknown"])
            .args(["--profile", profile.name(), "--target-dir"])
            .arg(&target)
            .env("RUSTFLAGS", "--cfg erase_components");
        step.run(&mut build)?;
        let wasm = target.join("wasm32-unknown-unknown").join(profile.name()).join("examples/empty.wasm");
        let made = Self::pack(&wasm, profile)?;
        step.done();
        Ok(made)
    }

    fn pack(wasm: &Path, profile: Profile) -> Done<Self> {
        let mut output = Bindgen::new()
            .input_path(wasm)
            .web(true)
            .doing("wasm-bindgen")?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .omit_default_module_path(true)
            .generate_output()
            .map_err(|cause| format!("wasm-bindgen: {cause:#}"))?;
        let mut files = Files::new();
        for (crate_name, list) in output.snippets() {
            for (index, text) in list.iter().enumerate() {
                files.insert(format!("snippets/{crate_name}/inline{index}.js"), text.clone().into_bytes());
            }
        }
        for (path, text) in output.local_modules() {
            files.insert(format!("snippets/{path}"), text.clone().into_bytes());
        }
        files.insert("empty.js".to_owned(), output.js().as_bytes().to_vec());
        files.insert("empty.wasm".to_owned(), output.wasm_mut().emit_wasm());
        files.insert("index.html".to_owned(), PAGE.as_bytes().to_vec());
        assets::compress(&mut files, profile.brotli_quality())?;
        let packed = files.get("empty.wasm.br").ok_or("The empty program was not packed.")?;
        let brotli = u64::try_from(packed.len()).unwrap_or(u64::MAX);
        let folder = workspace::temporary("iqra-empty-")?;
        for (name, bytes) in &files {
            let path = folder.path().join(name);
            let parent = path.parent().unwrap_or(folder.path());
            std::fs::create_dir_all(parent).doing(format_args!("making {}", parent.display()))?;
            std::fs::write(&path, bytes).doing(format_args!("writing {}", path.display()))?;
        }
        Ok(Self { folder, brotli })
    }
}

/// Fetches the program as early as the console's page does.
const PAGE: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Empty</title>
<link rel="icon" href="data:,"><link rel="modulepreload" href="/empty.js">
<link rel="preload" href="/empty.wasm" as="fetch" type="application/wasm" crossorigin>
<script type="module">import init from "/empty.js"; init({ module_or_path: "/empty.wasm" });</script></head>
<body></body></html>
"#;
