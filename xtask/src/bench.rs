//! `cargo xtask bench`: finds a benchmark by its name and runs it.

use crate::failure::Done;
use crate::options::Options;
use crate::workspace::Workspace;

/// A benchmark: its name, what it shows, and what runs it.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace, &Options) -> Done,
}

/// All benchmarks, in the order in which they run.
const BENCHES: &[Bench] = &[];

/// Runs the benchmarks named, or all.
pub(crate) fn bench(workspace: &Workspace, options: &Options) -> Done {
    if let Some(unknown) = options.words.iter().find(|word| !BENCHES.iter().any(|bench| bench.name == **word))
    {
        let names: Vec<String> =
            BENCHES.iter().map(|bench| format!("  {:<12} {}", bench.name, bench.about)).collect();
        return Err(format!("There is no benchmark `{unknown}`.\n{}", names.join("\n")).into());
    }
    let chosen = BENCHES
        .iter()
        .filter(|bench| options.words.is_empty() || options.words.iter().any(|w| w == bench.name));
    for bench in chosen {
        println!("\n── {} ── {}", bench.name, bench.about);
        (bench.run)(workspace, options)?;
    }
    Ok(())
}
