//! Commands over the API, for deployment scripts: what the console's buttons do, from a terminal.
//!
//! They need an address (`--server` or `IQRA_URL`) and somebody: an automation token in `IQRA_TOKEN`, or what
//! `iqra-infra login` has left. Nothing here touches the database.
//!
//! Exit codes, for scripts: 0 it is done; 1 the server refused or cannot be reached; 2 the command line is wrong;
//! 3 there is no such region or node; 4 the wait ended before it was done; 5 nobody is signed in. With `-o json` the last
//! line of standard error is what went wrong as JSON: the server's problem, or one of the same form.

mod api;
mod events;
mod lifecycle;
mod output;
mod select;
mod session;
mod show;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use common::problem::Problem;
use serde_json::json;

use self::api::Api;
pub(super) use self::output::Format;

/// Where the server is, and how replies are printed.
#[derive(Args, Clone)]
pub(super) struct Reach {
    /// Address of the server.
    #[arg(long, env = "IQRA_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    server: String,
    /// How to print: for people, or one JSON document (`watch`: one per line), and failures as JSON on standard error.
    #[arg(long, short, value_enum, default_value_t = Format::Human)]
    output: Format,
}

/// One node, or all nodes of a region.
#[derive(Args, Clone)]
#[group(required = true, multiple = false)]
pub(super) struct Whom {
    /// A node: its id, your own id for it, its name, or its address with port.
    #[arg(value_name = "NODE")]
    node: Option<String>,
    /// All nodes of this region instead.
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

/// Whether to wait until it has happened, and for how long.
#[derive(Args, Clone)]
pub(super) struct Waiting {
    /// Wait until it has happened, telling how far it is on standard error.
    #[arg(long)]
    wait: bool,
    /// How long to wait at most, such as 90s or 30m.
    #[arg(long, value_parser = humantime::parse_duration, default_value = "30m", value_name = "TIME")]
    timeout: Duration,
}

/// Agreement to what a preview warns of.
#[derive(Args, Clone)]
pub(super) struct Agreement {
    /// Why, for the activity log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Go ahead although it takes the last live node of its kind in a region, or leaves too few slots.
    #[arg(long)]
    yes: bool,
}

/// The kinds of node a list can be limited to.
#[derive(ValueEnum, Clone, Copy)]
pub(super) enum Kind {
    Proxy,
    Backend,
    Background,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Backend => "backend",
            Self::Background => "background",
        }
    }
}

/// Commands that call a server.
#[derive(Subcommand)]
pub(super) enum Remote {
    /// Sign in for the commands below; asks for the password, or reads it from IQRA_PASSWORD.
    Login {
        #[command(flatten)]
        reach: Reach,
        /// Whose.
        #[arg(long, env = "IQRA_EMAIL", default_value = "admin@localhost")]
        email: String,
    },
    /// End the session that `login` began.
    Logout {
        #[command(flatten)]
        reach: Reach,
    },
    /// List regions with their capacity, or show one.
    Regions {
        #[command(flatten)]
        reach: Reach,
        /// Show this one alone.
        region: Option<String>,
    },
    /// List nodes, or show one.
    Nodes {
        #[command(flatten)]
        reach: Reach,
        /// Show this one alone: its id, your own id for it, its name, or its address with port.
        node: Option<String>,
        /// Of these regions only.
        #[arg(long, value_name = "REGION")]
        region: Vec<String>,
        /// Of this kind only.
        #[arg(long, value_enum)]
        kind: Option<Kind>,
        /// With one of these status words, with commas between.
        #[arg(long, value_name = "WORDS")]
        status: Option<String>,
        /// With all of these labels: KEY=VALUE, or KEY for any value.
        #[arg(long, value_name = "LABEL")]
        label: Vec<String>,
        /// With this text in name, address, ids, host name, version or labels.
        #[arg(long, short, value_name = "TEXT")]
        query: Option<String>,
    },
    /// Turn on maintenance: no new calls, those that run go on. With --wait until no call is left.
    Drain {
        #[command(flatten)]
        reach: Reach,
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        agreement: Agreement,
        #[command(flatten)]
        waiting: Waiting,
        /// When the drain should be over, from now, such as 20m; then calls that are left are kept.
        #[arg(long, value_parser = humantime::parse_duration, value_name = "TIME")]
        deadline: Option<Duration>,
        /// End the calls that are left at the deadline.
        #[arg(long, requires = "deadline")]
        force: bool,
    },
    /// Set active again. With --wait until the node takes calls.
    Release {
        #[command(flatten)]
        reach: Reach,
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Signal processes to end; a service manager starts them again. With --wait until they have gone.
    Shutdown {
        #[command(flatten)]
        reach: Reach,
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        agreement: Agreement,
        #[command(flatten)]
        waiting: Waiting,
        /// End calls at once instead of letting them finish.
        #[arg(long)]
        immediate: bool,
    },
    /// Follow what changes, until interrupted: status of nodes, problems, drains.
    Watch {
        #[command(flatten)]
        reach: Reach,
        /// Nodes of this region only.
        #[arg(long, value_name = "REGION")]
        region: Option<String>,
        /// End after this time.
        #[arg(long = "for", value_parser = humantime::parse_duration, value_name = "TIME")]
        during: Option<Duration>,
    },
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The server says why.
    #[error("{words}")]
    Problem {
        /// As it came.
        problem: Box<Problem>,
        /// For people.
        words: String,
    },
    /// It cannot be done, or the server cannot be reached.
    #[error("{0}")]
    Refused(String),
    /// Nothing of that name.
    #[error("{0}")]
    Unknown(String),
    /// The wait ended first.
    #[error("{0}")]
    TooLong(String),
    /// Nobody is signed in.
    #[error("{0}")]
    SignedOut(String),
}

impl Failure {
    fn exit(&self) -> u8 {
        match self {
            Self::Problem { problem, .. } => match problem.status {
                401 => 5,
                404 => 3,
                _ => 1,
            },
            Self::Refused(_) => 1,
            Self::Unknown(_) => 3,
            Self::TooLong(_) => 4,
            Self::SignedOut(_) => 5,
        }
    }

    /// In one line for programs.
    fn json(&self) -> String {
        let own = |code: &str, title: &str, detail: &str| {
            let type_ = format!("urn:iqra:problem:{code}");
            json!({"type": type_, "title": title, "code": code, "detail": detail}).to_string()
        };
        match self {
            Self::Problem { problem, words } => {
                serde_json::to_string(problem).unwrap_or_else(|_| own("failed", "Failed", words))
            }
            Self::Refused(detail) => own("failed", "Failed", detail),
            Self::Unknown(detail) => own("not_found", "Not found", detail),
            Self::TooLong(detail) => own("wait_ended", "The wait ended", detail),
            Self::SignedOut(detail) => own("unauthenticated", "Nobody is signed in", detail),
        }
    }
}

/// A failure of a command that calls no server, as [`Failure::json`].
pub(super) fn failure_json(detail: &str) -> String {
    Failure::Refused(detail.to_owned()).json()
}

impl Remote {
    fn format(&self) -> Format {
        match self {
            Self::Login { reach, .. }
            | Self::Logout { reach }
            | Self::Regions { reach, .. }
            | Self::Nodes { reach, .. }
            | Self::Drain { reach, .. }
            | Self::Release { reach, .. }
            | Self::Shutdown { reach, .. }
            | Self::Watch { reach, .. } => reach.output,
        }
    }
}

/// Runs it; what went wrong is said by `complain`, or as JSON.
pub(super) async fn run(command: Remote, complain: fn(&str)) -> ExitCode {
    let format = command.format();
    match act(command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match format {
                Format::Human => complain(&failure.to_string()),
                Format::Json => output::progress(&failure.json()),
            }
            ExitCode::from(failure.exit())
        }
    }
}

async fn act(command: Remote) -> Result<(), Failure> {
    match command {
        Remote::Login { reach, email } => session::login(&reach, &email).await,
        Remote::Logout { reach } => session::logout(&reach).await,
        Remote::Regions { reach, region } => {
            show::regions(&Api::connect(&reach)?, reach.output, region.as_deref()).await
        }
        Remote::Nodes { reach, node, region, kind, status, label, query } => {
            let api = Api::connect(&reach)?;
            if let Some(node) = node {
                return show::node(&api, reach.output, &node).await;
            }
            let filter =
                select::filter(&region, kind.map(Kind::as_str), status.as_deref(), &label, query.as_deref());
            show::nodes(&api, reach.output, &filter).await
        }
        Remote::Drain { reach, whom, agreement, waiting, deadline, force } => {
            let api = Api::connect(&reach)?;
            let ask = lifecycle::DrainAsk { reason: agreement.reason, yes: agreement.yes, deadline, force };
            lifecycle::drain(&api, reach.output, &whom, &ask, &waiting).await
        }
        Remote::Release { reach, whom, waiting } => {
            lifecycle::release(&Api::connect(&reach)?, reach.output, &whom, &waiting).await
        }
        Remote::Shutdown { reach, whom, agreement, waiting, immediate } => {
            let api = Api::connect(&reach)?;
            lifecycle::shutdown(&api, reach.output, &whom, &agreement, immediate, &waiting).await
        }
        Remote::Watch { reach, region, during } => {
            watch::follow(&Api::connect(&reach)?, reach.output, region.as_deref(), during).await
        }
    }
}
