//! `iqra-infra token`: an automation token straight from the database, for the first script of an installation.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use common::ids::RegionId;
use common::tokens::{DAYS_MAX, NewToken, TokenScope};

use crate::boot;
use crate::config::Settings;

/// What can be done with tokens here.
#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make an automation token. It is printed once, alone on standard output; everything else goes to standard error.
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
    /// When it ends, from now, in days: 90d, 1y; without it never.
    #[arg(long, value_parser = days, value_name = "TIME")]
    expires: Option<u32>,
    /// E-mail of the account it acts for and ends with.
    #[arg(long = "as", value_name = "EMAIL")]
    account: String,
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

/// Makes one. `print` is for the token alone, `tell` for the rest.
pub(super) async fn run(
    command: TokenCommand,
    settings: &Settings,
    print: fn(&str),
    tell: fn(&str),
) -> Result<(), String> {
    let TokenCommand::Create(c) = command;
    let regions: Vec<RegionId> = c.region.iter().map(|r| RegionId::from(r.as_str())).collect();
    let request = NewToken {
        name: c.name,
        scope: c.scope.into(),
        region_scope: (!regions.is_empty()).then_some(regions),
        networks: c.network,
        expires_in_days: c.expires,
    };
    let end = c.expires.map_or("It has no end".to_owned(), |days| format!("It ends in {days} days"));
    let (token, plain) =
        boot::create_token(settings, &c.account, request).await.map_err(|e| e.to_string())?;
    tell(&format!("token {} of {}: {end}, and is shown this once.", token.name, token.created_by));
    print(&format!("{}\n", plain.reveal()));
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
        for bad in ["0s", "", "90", "4000d", "soon"] {
            assert!(days(bad).is_err(), "{bad}");
        }
    }
}
