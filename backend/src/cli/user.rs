//! `iqra-infra user`: accounts straight from the database, for the first ones and for who is locked out.

use std::io::BufRead as _;

use clap::{Args, Subcommand, ValueEnum};
use common::auth::Role;
use common::ids::RegionId;

use crate::boot;
use crate::config::{Hidden, Settings};
use crate::services::setup::NewAccount;

/// What can be done with accounts here.
#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add an account. Prints a link by which the person chooses a password, once, within three days; with a password
    /// given, there is no link.
    Create(Create),
    /// Set a new password and end the user's sessions. The password is read from IQRA_NEW_PASSWORD, or made and printed.
    ResetPassword {
        /// Whose.
        email: String,
        /// Read the password from standard input, its first line.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// An account to be added.
#[derive(Args)]
pub(super) struct Create {
    /// Sign-in name.
    email: String,
    /// What they may do.
    #[arg(long, value_enum)]
    role: RoleWord,
    /// Where they may change things: a Region ID, given more than once for several; without it everywhere.
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// Read a password from standard input, its first line; else it is taken from IQRA_NEW_PASSWORD, if that is set.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleWord {
    /// Reads.
    Viewer,
    /// Changes regions and nodes.
    Operator,
    /// Changes people and settings too.
    Admin,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Viewer => Self::Viewer,
            RoleWord::Operator => Self::Operator,
            RoleWord::Admin => Self::Admin,
        }
    }
}

/// The password given, where one was.
fn given(from_stdin: bool) -> Result<Option<Hidden>, String> {
    if !from_stdin {
        return Ok(std::env::var("IQRA_NEW_PASSWORD").ok().filter(|p| !p.is_empty()).map(Hidden::new));
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|e| format!("standard input: {e}"))?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        Err("standard input is empty".to_owned())
    } else {
        Ok(Some(Hidden::new(password)))
    }
}

/// Runs the command.
///
/// # Errors
/// In words, for the one who typed it.
pub(super) async fn run(command: UserCommand, settings: &Settings, print: fn(&str)) -> Result<(), String> {
    match command {
        UserCommand::Create(asked) => {
            let scope: Vec<RegionId> = asked.region.iter().map(|r| RegionId::from(r.as_str())).collect();
            let new = NewAccount {
                email: asked.email.clone(),
                role: asked.role.into(),
                region_scope: (!scope.is_empty()).then_some(scope),
                password: given(asked.password_stdin)?,
            };
            let link = boot::create_account(settings, new).await.map_err(|e| e.to_string())?;
            print(&match link {
                Some(link) => format!(
                    "{} chooses a password at, until {}:\n{}\n",
                    asked.email, link.expires_at, link.url
                ),
                None => format!("{} can sign in.\n", asked.email),
            });
        }
        UserCommand::ResetPassword { email, password_stdin } => {
            let given = given(password_stdin)?;
            let made = boot::reset_password(settings, &email, given).await.map_err(|e| e.to_string())?;
            print(&match made {
                Some(password) => format!("New password of {email}: {}\n", password.reveal()),
                None => format!("The password of {email} is set.\n"),
            });
        }
    }
    Ok(())
}
