//! `iqra-infra token`: an automation token straight from the database, for the first script of an installation.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use common::ids::RegionId;
use common::tokens::{DAYS_MAX, NewToken, TokenMade, TokenScope};

use super::remote::Format;
use crate::boot;
use crate::config::Settings;

/// What can be done with tokens here.
#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make an automation token. It is printed once, alone on standard output; everything else goes to standard error.
    /// It ends after 90 days where nothing else is said.
    Create(Create),
}

/// A token to be made.
#[derive(Args)]
pub(super) struct Create {
    /// What it is called, such as ci-deploy.
    #[arg(long)]
    name: String,
    /// The most it may do; at most what its account may.
    #[arg(long, value_enum)]
    scope: Scope,
    /// Where it may change things: a Region ID, given more than once for several; without it everywhere its account may.
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// A network it may be used from, such as 10.2.0.0/16, given more than once for several; without it from anywhere.
    #[arg(long, value_name = "NETWORK")]
    network: Vec<String>,
    /// When it ends, from now, in days: 30d, 1y; or `never`.
    #[arg(long, value_parser = life, value_name = "TIME", default_value = "90d")]
    expires: Life,
    /// E-mail of the account it acts for and ends with.
    #[arg(long = "as", value_name = "EMAIL")]
    account: String,
    /// How to print: the token alone, or what was made as one JSON document; then failures too are JSON, on standard error.
    #[arg(long, short, value_enum, default_value_t = Format::Human)]
    output: Format,
}

/// How long a token lives.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Life {
    Days(u32),
    Never,
}

fn life(text: &str) -> Result<Life, String> {
    if text == "never" { Ok(Life::Never) } else { days(text).map(Life::Days) }
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    /// Reads.
    Read,
    /// Changes regions and nodes.
    Operate,
    /// Changes people and settings too.
    Admin,
}

impl From<Scope> for TokenScope {
    fn from(s: Scope) -> Self {
        match s {
            Scope::Read => Self::Read,
            Scope::Operate => Self::Operate,
            Scope::Admin => Self::Admin,
        }
    }
}

/// Whole days; a token ends at the end of one.
fn days(text: &str) -> Result<u32, String> {
    const DAY: u64 = 86_400;
    let time: Duration = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    let days = u32::try_from(time.as_secs().div_ceil(DAY)).unwrap_or(u32::MAX);
    if (1..=DAYS_MAX).contains(&days) { Ok(days) } else { Err(format!("use 1d to {DAYS_MAX}d")) }
}

/// What can be printed: a token or JSON, and on standard error words, or a line of JSON.
pub(super) struct Say {
    /// On standard output.
    pub(super) print: fn(&str),
    /// For people.
    pub(super) tell: fn(&str),
}

impl TokenCommand {
    /// How it is to be printed.
    pub(super) fn format(&self) -> Format {
        let Self::Create(c) = self;
        c.output
    }
}

/// Makes one.
pub(super) async fn run(command: TokenCommand, settings: &Settings, say: Say) -> Result<(), String> {
    let TokenCommand::Create(c) = command;
    let regions: Vec<RegionId> = c.region.iter().map(|r| RegionId::from(r.as_str())).collect();
    let request = NewToken {
        name: c.name,
        scope: c.scope.into(),
        region_scope: (!regions.is_empty()).then_some(regions),
        networks: c.network,
        expires_in_days: match c.expires {
            Life::Days(days) => Some(days),
            Life::Never => None,
        },
    };
    let end = match c.expires {
        Life::Days(days) => format!("It ends in {days} days"),
        Life::Never => "It has no end".to_owned(),
    };
    let (token, plain) =
        boot::create_token(settings, &c.account, request).await.map_err(|e| e.to_string())?;
    if c.output == Format::Json {
        let made = TokenMade { token, plain_token: plain.reveal().to_owned(), secret_shown: false };
        let text = serde_json::to_string_pretty(&made).map_err(|e| e.to_string())?;
        (say.print)(&format!("{text}\n"));
        return Ok(());
    }
    (say.tell)(&format!("token {} of {}: {end}, and is shown this once.", token.name, token.created_by));
    (say.print)(&format!("{}\n", plain.reveal()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_whole_days() {
        assert_eq!(days("90d"), Ok(90));
        assert_eq!(days("36h"), Ok(2));
        assert_eq!(days("1week"), Ok(7));
        assert_eq!((life("never"), life("30d")), (Ok(Life::Never), Ok(Life::Days(30))));
        for bad in ["0s", "", "90", "4000d", "soon"] {
            assert!(days(bad).is_err(), "{bad}");
        }
    }
}
