//! `report`: this machine's figures, second by second.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use tokio::fs;
use tokio::time::sleep;

use super::folder;
use super::output::Output;
use crate::clock::Clock;
use crate::sample::Sampler;

/// So many seconds are measured.
pub(super) const SAMPLES: u32 = 20;
/// Between two measurements.
const STEP: Duration = Duration::from_secs(1);

/// Measures, prints and writes a file.
///
/// # Errors
/// In words, where the file cannot be written.
pub(super) async fn run(root: &Path, clock: Clock, out: &Output) -> Result<(), String> {
    folder::open(root).await?;
    let mut sampler = Sampler::start(clock.now());
    let mut file = String::from("time,cpuPercent,memoryPercent,networkDownMbps,networkUpMbps\n");
    let mut busiest = 0.0_f64;
    for n in 1..=SAMPLES {
        sleep(STEP).await;
        let h = sampler.sample(clock.now());
        let text = |figure: Option<f64>| figure.map_or_else(String::new, |f| format!("{f}"));
        let (cpu, memory) = (text(h.cpu_percent), text(h.memory_percent));
        let (down, up) = (text(h.network_down_mbps), text(h.network_up_mbps));
        // Into a string that cannot fail.
        let _ = writeln!(file, "{},{cpu},{memory},{down},{up}", clock.wall());
        busiest = busiest.max(h.cpu_percent.unwrap_or(0.0));
        out.line(&format!(
            "{n} of {SAMPLES}: CPU {cpu} %, memory {memory} %, network {down} down, {up} up Mb/s"
        ));
    }
    let name = format!("report-{}.csv", clock.wall().to_string().replace(':', "-"));
    fs::write(root.join(&name), file).await.map_err(|e| format!("{name} cannot be written: {e}."))?;
    out.line(&format!("Wrote {name}. The busiest second had a CPU load of {busiest} %."));
    Ok(())
}
