//! Makes the client: document, down to 3.0, generator, formatted source.

use std::{env, fs, path::Path};

#[path = "src/down.rs"]
mod down;

fn main() {
    let document = env::var("IQRA_OPENAPI").unwrap_or_else(|_| "../../openapi.json".to_owned());
    println!("cargo:rerun-if-env-changed=IQRA_OPENAPI");
    println!("cargo:rerun-if-changed={document}");
    println!("cargo:rerun-if-changed=src/down.rs");
    let text = fs::read_to_string(&document).unwrap_or_else(|e| panic!("{document}: {e}"));
    let newer = serde_json::from_str(&text).expect("openapi.json is JSON");
    let older: openapiv3::OpenAPI =
        serde_json::from_value(down::down(newer)).expect("the document in the edition 3.0");
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let tokens = progenitor::Generator::new(&settings).generate_tokens(&older).expect("a client of this document");
    let file = syn::parse2(tokens).expect("the generated client is Rust");
    let out = Path::new(&env::var("OUT_DIR").expect("OUT_DIR")).join("client.rs");
    fs::write(out, prettyplease::unparse(&file)).expect("writing the client");
}
