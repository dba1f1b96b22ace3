//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The agent that runs beside a server of a deployment and speaks for it with the control plane.
#[derive(Debug, Parser)]
#[command(
    name = "iqra-node",
    version,
    about,
    arg_required_else_help = true,
    after_help = "\
Exit codes:
  0   ended as asked; a service manager should leave it stopped
  1   the command line or a file is wrong; one line on standard error says what
  75  reserved: start me again

The log goes to standard error; RUST_LOG=debug shows more. Secrets are never written."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Speak for one real server: send heartbeats with this machine's figures, obey maintenance and drain
    #[command(after_help = "\
Takes the appsettings.json that the console shows after Add Proxy or Add Backend, unchanged. It reads Server:Id,
Server:RegionId, Server:ApiKey (of a proxy: Proxy:…; of the background node: Security:ApiKey) and Infrastructure:Url.

The agent never gives up: while the control plane does not answer, it keeps trying; a wrong secret or region is
logged and tried again now and then, because an operator may put it right. GET /health on the node's registered port
answers 200. SIGTERM or Ctrl-C: takes no new calls, waits for the running ones, says goodbye and ends with 0; a second
one ends at once.

Examples:
  iqra-node run --appsettings appsettings.json
  iqra-node run --appsettings appsettings.json --url https://console.example.com
  iqra-node run --appsettings appsettings.json --calls demo --drain-timeout 2s")]
    Run(RunArgs),
    /// Imitate a fleet of any size in one process, with faults on request
    #[command(after_help = "\
The file holds one node per line, `secret kind regionId`, or a JSON object per line with secret, kind, regionId and,
if wanted, nodeId. Empty lines and lines that start with # are skipped. The nodes must be registered.

Every node beats at the interval it is told, at a moment of its own; calls come and go on it; it obeys maintenance and
drain. All nodes share one pool of kept connections. Every 5 s a line of statistics goes to standard error, and
at the end one line of JSON to standard output. The end is Ctrl-C, SIGTERM, --duration, or no node left.

Examples:
  iqra-node simulate --url http://127.0.0.1:8080 --secrets fleet.txt
  iqra-node simulate --url http://127.0.0.1:8080 --secrets - --nodes 1000 --duration 60s < fleet.txt
  iqra-node simulate --url http://127.0.0.1:8080 --secrets fleet.txt --loss 0.01 --delay 200ms --restart-every 60s
  iqra-node simulate --url http://127.0.0.1:8080 --secrets fleet.txt --silence-after 30s --silence-count 100")]
    Simulate(SimulateArgs),
}

/// Of `iqra-node run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// The server's appsettings.json
    #[arg(long, value_name = "FILE")]
    pub(crate) appsettings: PathBuf,
    /// Address of the control plane, in place of Infrastructure:Url
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Address to listen on, in place of the registered port
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Which calls to report: none, or a model of calls that come and go, to look at the console
    #[arg(long, value_enum, default_value = "none")]
    pub(crate) calls: Calls,
    /// How long SIGTERM waits for running calls
    #[arg(long, value_parser = duration, default_value = "30s", value_name = "TIME")]
    pub(crate) drain_timeout: Duration,
}

/// Which calls a node reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Calls {
    /// The agent holds no calls and says so.
    None,
    /// A model.
    Demo,
}

/// Of `iqra-node simulate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimulateArgs {
    /// Address of the control plane
    #[arg(long)]
    pub(crate) url: String,
    /// The list of nodes; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) secrets: PathBuf,
    /// Only the first N of the list
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) nodes: Option<u32>,
    /// Beat this often, whatever the server says
    #[arg(long, value_parser = interval, value_name = "TIME")]
    pub(crate) interval_override: Option<Duration>,
    /// End after this time
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) duration: Option<Duration>,
    /// Send the flat form of today's Iqra AI servers
    #[arg(long)]
    pub(crate) flat: bool,
    /// Share of heartbeats that get lost on the way, 0 to 1
    #[arg(long, value_parser = share, default_value = "0", value_name = "P")]
    pub(crate) loss: f64,
    /// Every heartbeat is this long on its way
    #[arg(long, value_parser = duration, default_value = "0s", value_name = "TIME")]
    pub(crate) delay: Duration,
    /// Clocks are off by this much: ahead on every other node, behind on the rest
    #[arg(long, value_parser = duration, default_value = "0s", value_name = "TIME")]
    pub(crate) skew: Duration,
    /// Every node restarts about this often, with a goodbye
    #[arg(long, value_parser = interval, value_name = "TIME")]
    pub(crate) restart_every: Option<Duration>,
    /// From this time on some nodes are silent
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) silence_after: Option<Duration>,
    /// How many, from the start of the list; all where left out
    #[arg(long, requires = "silence_after", value_name = "N")]
    pub(crate) silence_count: Option<u32>,
    /// For how long; for good where left out
    #[arg(long, requires = "silence_after", value_parser = duration, value_name = "TIME")]
    pub(crate) silence_for: Option<Duration>,
    /// End without goodbyes, as if the power failed
    #[arg(long)]
    pub(crate) no_goodbye: bool,
    /// Requests at once
    #[arg(long, default_value = "256", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
    /// The same number makes the same calls and faults
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|p| (0.0..=1.0).contains(p)).ok_or_else(|| "a number from 0 to 1".to_owned())
}

/// A duration that can be added to any point in time.
fn duration(text: &str) -> Result<Duration, String> {
    let d = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    if d > Duration::from_secs(365 * 86_400) { Err("at most 365days".to_owned()) } else { Ok(d) }
}

/// One that is also long enough not to spin.
fn interval(text: &str) -> Result<Duration, String> {
    let d = duration(text)?;
    if d < Duration::from_millis(50) { Err("at least 50ms".to_owned()) } else { Ok(d) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn takes_what_the_help_shows_and_refuses_nonsense() {
        let parse = |line: &str| Cli::try_parse_from(line.split_whitespace());
        let run = parse("iqra-node run --appsettings a.json --calls demo --drain-timeout 2s").unwrap();
        let Command::Run(run) = run.command else { panic!("not run") };
        assert_eq!((run.calls, run.drain_timeout), (Calls::Demo, Duration::from_secs(2)));
        parse(
            "iqra-node simulate --url http://c --secrets - --loss 0.01 --silence-after 30s --silence-count 9",
        )
        .unwrap();
        for bad in [
            "iqra-node run",
            "iqra-node run --appsettings a --drain-timeout soon",
            "iqra-node run --appsettings a --drain-timeout 1000000years",
            "iqra-node simulate --url http://c --secrets - --loss 1.5",
            "iqra-node simulate --url http://c --secrets - --interval-override 1ms",
            "iqra-node simulate --url http://c --secrets - --silence-count 9",
            "iqra-node simulate --url http://c --secrets - --concurrency 0",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
