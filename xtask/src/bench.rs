//! `cargo xtask bench`: finds a benchmark by its name and runs it.

use crate::bench_live;
use crate::bench_page;
use crate::bench_report;
use crate::failure::Done;
use crate::options::Options;
use crate::workspace::Workspace;

/// A benchmark: its name, what it shows, and what runs it and returns its figures in Markdown.
pub(crate) struct Bench {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    run: fn(&Workspace, &Options) -> Done<String>,
}

/// All benchmarks, in the order in which they run.
pub(crate) const BENCHES: &[Bench] = &[
    Bench {
        name: "heartbeat",
        about: "heartbeats a second, beside a bare actix-web endpoint",
        run: bench_live::heartbeat,
    },
    Bench {
        name: "page",
        about: "what the console weighs, how soon it stands and how it runs",
        run: bench_page::page,
    },
    Bench { name: "idle", about: "memory of the server with 1,000 nodes beating", run: bench_live::idle },
];

/// Runs the benchmarks named, or all; with `--report` their figures go into the checked-in report too.
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
        let figures = (bench.run)(workspace, options)?;
        println!("\n{figures}");
        if options.report {
            bench_report::write(workspace, bench, &figures)?;
        }
    }
    Ok(())
}
