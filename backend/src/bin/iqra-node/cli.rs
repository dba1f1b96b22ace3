//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::node::NodeKind;

/// The agent that runs beside a server of a deployment and speaks for it with the control plane.
#[derive(Debug, Parser)]
#[command(
    name = "iqra-node",
    version,
    about,
    arg_required_else_help = true,
    after_help = "\
Exit codes:
  0   stay down: disabled, deleted, or stopped by a signal
  1   the command line, a file or the command is wrong; one line on standard error says what
  75  start me again: shut down from the console, or the supervised command ended well by itself
Another code is that of the supervised command, which ended by itself. A service manager that restarts on failure does
what is meant; `iqra-node unit` prints a unit for systemd.

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
Server:RegionId, Server:ApiKey (of a proxy: Proxy:…; of the background node: Security:ApiKey) and Infrastructure:Url. Without --appsettings it reads the
same from variables of the environment: Server__Id, Server__RegionId, Server__ApiKey, Infrastructure__Url and so on.

The agent never gives up: while the control plane does not answer, it keeps trying; a wrong secret or region is
logged and tried again now and then, because an operator may put it right. GET /health on the node's registered port
answers 200; the control plane may knock there too, with the node's secret, to have its orders fetched at once.

Maintenance: takes no new calls and stays. Disable: takes no new calls, ends after the last one with 0. Shut down: the
same with 75, at once if asked for. SIGTERM or Ctrl-C: takes no new calls, waits for the running ones, says goodbye and
ends with 0; a second one ends at once. SIGHUP, or a secret that is refused: the ApiKey is read again.

With a COMMAND the agent starts it after the first answer of the control plane, unless this node is disabled, and ends
it with itself: SIGTERM to its process group, SIGKILL after --stop-timeout. It does not know the command's calls and
reports none, unless --calls makes some up.

Examples:
  iqra-node run --appsettings appsettings.json
  iqra-node run --appsettings appsettings.json --url https://console.example.com
  iqra-node run --appsettings appsettings.json --listen none -- /opt/iqra/backend --port 5002
  iqra-node run --appsettings appsettings.json --kind background --work-dir /var/lib/iqra-node
  iqra-node run --appsettings appsettings.json --calls 4 --call-seconds 20..60 --drain-timeout 2s")]
    Run(Box<RunArgs>),
    /// Print a systemd unit that starts `run` and restarts it when it should
    #[command(after_help = "\
Examples:
  iqra-node unit --appsettings /etc/iqra/appsettings.json > /etc/systemd/system/iqra-node.service
  iqra-node unit --appsettings /etc/iqra/appsettings.json --user iqra -- --listen none -- /opt/iqra/backend")]
    Unit(UnitArgs),
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
    /// The server's appsettings.json; without it, variables as Server__ApiKey and Infrastructure__Url say the same
    #[arg(long, value_name = "FILE")]
    pub(crate) appsettings: Option<PathBuf>,
    /// Which section of the file counts, where several hold an ApiKey: backend, proxy or background
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Option<NodeKind>,
    /// Address of the control plane, in place of Infrastructure:Url
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Address to listen on, in place of the registered port; none where that port is the command's own
    #[arg(long, value_parser = listen, value_name = "ADDR")]
    pub(crate) listen: Option<Listen>,
    /// Which calls to report: none, demo (a model of calls that come and go, to look at the console), or so many all
    /// the time
    #[arg(long, value_parser = calls, value_name = "none|demo|N")]
    pub(crate) calls: Option<Calls>,
    /// How long each of those N calls lasts
    #[arg(long, value_parser = span, default_value = "20..60", value_name = "A..B")]
    pub(crate) call_seconds: (Duration, Duration),
    /// How long SIGTERM waits for running calls
    #[arg(long, value_parser = duration, default_value = "30s", value_name = "TIME")]
    pub(crate) drain_timeout: Duration,
    /// How long the command may take to end after SIGTERM
    #[arg(long, value_parser = duration, default_value = "10s", value_name = "TIME")]
    pub(crate) stop_timeout: Duration,
    /// How often the region's storage is tested; one that fails at least once a minute
    #[arg(long, value_parser = interval, default_value = "5m", value_name = "TIME")]
    pub(crate) storage_every: Duration,
    /// Where the jobs of a background node keep their files: a folder of its own
    #[arg(long, env = "STATE_DIRECTORY", default_value = "iqra-node-work", value_name = "DIR")]
    pub(crate) work_dir: PathBuf,
    /// The job cleanup leaves files alone that are younger
    #[arg(long, default_value = "7", value_name = "DAYS")]
    pub(crate) keep_days: u32,
    /// The server itself, to be started and ended with the agent
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Which calls a node reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calls {
    /// The agent holds no calls and says so.
    None,
    /// A model.
    Demo,
    /// So many at once.
    Steady(u32),
}

/// Where the agent listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listen {
    /// Nowhere.
    Nowhere,
    /// There.
    At(SocketAddr),
}

/// Of `iqra-node unit`.
#[derive(Debug, Clone, Args)]
pub(crate) struct UnitArgs {
    /// The server's appsettings.json
    #[arg(long, value_name = "FILE", default_value = "/etc/iqra/appsettings.json")]
    pub(crate) appsettings: PathBuf,
    /// Whom it runs as; root where left out
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// How long a stop waits for running calls
    #[arg(long, value_parser = duration, default_value = "10min", value_name = "TIME")]
    pub(crate) drain_timeout: Duration,
    /// How long the command may take to end after that
    #[arg(long, value_parser = duration, default_value = "10s", value_name = "TIME")]
    pub(crate) stop_timeout: Duration,
    /// More of what `run` takes
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub(crate) more: Vec<String>,
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
    /// How long a node that was shut down from the console stays away
    #[arg(long, value_parser = duration, default_value = "2s", value_name = "TIME")]
    pub(crate) restart_delay: Duration,
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

fn kind(text: &str) -> Result<NodeKind, String> {
    NodeKind::parse(text).ok_or_else(|| "backend, proxy or background".to_owned())
}

fn listen(text: &str) -> Result<Listen, String> {
    if text == "none" {
        return Ok(Listen::Nowhere);
    }
    text.parse()
        .map(Listen::At)
        .map_err(|_| "an address with a port, such as 0.0.0.0:5002, or none".to_owned())
}

fn calls(text: &str) -> Result<Calls, String> {
    match text {
        "none" => Ok(Calls::None),
        "demo" => Ok(Calls::Demo),
        // More ages than fit a heartbeat would show nothing more.
        n => n
            .parse()
            .ok()
            .filter(|n| (1..=10_000).contains(n))
            .map(Calls::Steady)
            .ok_or_else(|| "none, demo or a number from 1 to 10000".to_owned()),
    }
}

/// `A..B` in seconds, `A` not above `B`.
fn span(text: &str) -> Result<(Duration, Duration), String> {
    let wrong = || "two numbers of seconds, such as 20..60".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let seconds =
        |s: &str| s.trim().parse::<u32>().map(|n| Duration::from_secs(n.into())).map_err(|_| wrong());
    let span = (seconds(from)?, seconds(to)?);
    if span.0 > span.1 { Err("the first number is the smaller one".to_owned()) } else { Ok(span) }
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
        assert_eq!((run.calls, run.drain_timeout), (Some(Calls::Demo), Duration::from_secs(2)));
        // Without a file the settings are in the environment.
        parse("iqra-node run").unwrap();
        let run = parse(
            "iqra-node run --appsettings a --kind background --listen none --calls 4 --call-seconds 2..9 -- sh -c x",
        );
        let Command::Run(run) = run.unwrap().command else { panic!("not run") };
        let s = Duration::from_secs;
        assert_eq!((run.calls, run.call_seconds), (Some(Calls::Steady(4)), (s(2), s(9))));
        assert_eq!((run.kind, run.listen), (Some(NodeKind::Background), Some(Listen::Nowhere)));
        assert_eq!(run.command, ["sh", "-c", "x"]);
        parse("iqra-node unit --user iqra -- --listen none -- /opt/x --y").unwrap();
        parse(
            "iqra-node simulate --url http://c --secrets - --loss 0.01 --silence-after 30s --silence-count 9",
        )
        .unwrap();
        for bad in [
            "iqra-node run --appsettings",
            "iqra-node run --appsettings a --drain-timeout soon",
            "iqra-node run --appsettings a --calls 0",
            "iqra-node run --appsettings a --calls 4 --call-seconds 9..2",
            "iqra-node run --appsettings a --kind frontend",
            "iqra-node run --appsettings a --listen 5002",
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
