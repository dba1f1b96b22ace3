//! Tells cargo about inputs that macros read behind its back.

fn main() -> std::io::Result<()> {
    // `embed_migrations!` does not notice new files by itself.
    println!("cargo::rerun-if-changed=../migrations");
    // The console is embedded from here; the folder must exist even before the front end was built.
    std::fs::create_dir_all("../frontend/dist")?;
    println!("cargo::rerun-if-changed=../frontend/dist");
    Ok(())
}
