//! The command line of `iqra-infra`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Hidden, Settings};
use crate::{boot, config, http, telemetry};

/// Control plane and operator console for self-hosted Iqra AI deployments.
#[derive(Parser)]
#[command(name = "iqra-infra", version, about, long_about = None)]
struct Cli {
    /// Settings file; without it `iqra-infra.toml` of the working folder, if there is one. The environment wins.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the console.
    ///
    /// Settings come from the environment: IQRA_LISTEN, IQRA_DATA_DIR, DATABASE_URL, IQRA_MASTER_KEY or
    /// IQRA_MASTER_KEY_FILE, IQRA_PUBLIC_URL, IQRA_ADMIN_EMAIL, IQRA_ADMIN_PASSWORD, IQRA_HEARTBEAT_INTERVAL,
    /// IQRA_STALE_AFTER, IQRA_OFFLINE_AFTER. Without DATABASE_URL the server runs a PostgreSQL of its own.
    Serve {
        /// Threads that handle requests; default: one per core.
        #[arg(long)]
        workers: Option<usize>,
    },
    /// Bring the database up to date and end.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// People.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Set a new password and end the user's sessions. The password is read from IQRA_NEW_PASSWORD, or made and printed.
    ResetPassword {
        /// Whose.
        email: String,
    },
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Openapi = cli.command {
        print(&http::openapi::document_text());
        return ExitCode::SUCCESS;
    }
    telemetry::init();
    // reqwest, tokio-postgres and rustls share one provider; the first to need it must find it.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was there already");
    }
    let outcome = config::load(cli.config.as_deref()).map_err(|e| e.to_string()).and_then(|settings| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
        runtime.block_on(run(cli.command, settings))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            complain(&why);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, settings: Settings) -> Result<(), String> {
    match command {
        Command::Serve { workers } => boot::serve(settings, workers, print).await.map_err(|e| e.to_string()),
        Command::Migrate => boot::migrate(&settings)
            .await
            .map(|applied| {
                let list = if applied.is_empty() { "nothing to do".to_owned() } else { applied.join(", ") };
                print(&format!("Migrations: {list}\n"));
            })
            .map_err(|e| e.to_string()),
        Command::User { command: UserCommand::ResetPassword { email } } => {
            let given = std::env::var("IQRA_NEW_PASSWORD").ok().filter(|p| !p.is_empty()).map(Hidden::new);
            let made = boot::reset_password(&settings, &email, given).await.map_err(|e| e.to_string())?;
            print(&match made {
                Some(password) => format!("New password of {email}: {}\n", password.reveal()),
                None => format!("The password of {email} is set.\n"),
            });
            Ok(())
        }
        Command::Openapi => Ok(()),
    }
}

#[expect(clippy::print_stdout, reason = "the command line talks here and nowhere else")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "the command line talks here and nowhere else")]
fn complain(text: &str) {
    eprintln!("iqra-infra: {text}");
}
