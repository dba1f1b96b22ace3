//! The command line of `iqra-infra`.

mod remote;
mod token;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::config::Settings;
use crate::domain::activity_chain::Place;
use crate::{auth, boot, config, http, telemetry};

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
    #[command(flatten)]
    Local(Local),
    #[command(flatten)]
    Remote(remote::Remote),
    /// Print the OpenAPI document.
    Openapi {
        /// Print the page of problem codes instead.
        #[arg(long)]
        codes: bool,
    },
    /// Print what makes a shell complete these commands: `iqra-infra completion bash` for one that reads it at its start.
    Completion {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

/// Commands that work on the server's own database, on the server's machine.
#[derive(Subcommand)]
enum Local {
    /// Serve the API and the console.
    ///
    /// Settings come from the environment: IQRA_LISTEN, IQRA_DATA_DIR, DATABASE_URL, IQRA_MASTER_KEY or
    /// IQRA_MASTER_KEY_FILE, IQRA_PUBLIC_URL, IQRA_ADMIN_EMAIL, IQRA_ADMIN_PASSWORD, IQRA_HEARTBEAT_INTERVAL,
    /// IQRA_STALE_AFTER, IQRA_OFFLINE_AFTER, IQRA_HEARTBEAT_MAX_RATE (0: no limit a node), IQRA_STORAGE_CHECK_INTERVAL,
    /// IQRA_SIGNING_KEY_AGE, IQRA_OUTBOUND_ALLOW, IQRA_POSTGRES_BIN. Without DATABASE_URL the server runs a PostgreSQL of
    /// its own.
    ///
    /// HTTPS is served with the PEM files IQRA_TLS_CERT and IQRA_TLS_KEY, read again when they change; without them plain
    /// HTTP. Behind a proxy that ends TLS, name it in IQRA_TRUSTED_PROXIES, or its X-Forwarded-For and X-Forwarded-Proto
    /// are not believed.
    Serve {
        /// Threads that handle requests; default: one per core.
        #[arg(long)]
        workers: Option<usize>,
    },
    /// Bring the database up to date and end.
    Migrate,
    /// People.
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Automation tokens.
    Token {
        #[command(subcommand)]
        command: token::TokenCommand,
    },
    /// The activity log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Change the master key, and seal everything anew; servers may run meanwhile.
    ///
    /// Where the master key is in a file, a new one is made and put in front of the old. Where it comes from
    /// IQRA_MASTER_KEY, give `new,old` there first, to this command and to every server. Run it again where it was cut
    /// short: it goes on.
    Rotate,
    /// Change the key that signs tokens; tokens of the old one stay good until they end.
    RotateSigning,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Make every hash of the activity log again and compare; fails where something was changed or taken out.
    Verify {
        /// `SEQ:HASH` of an entry that was noted down earlier: the log must still hold it.
        #[arg(long, value_parser = place)]
        noted: Option<Place>,
    },
}

fn place(text: &str) -> Result<Place, String> {
    let read = || {
        let (seq, hash) = text.split_once(':')?;
        let bytes = (0..hash.len()).step_by(2).map(|i| u8::from_str_radix(hash.get(i..i + 2)?, 16).ok());
        let hash = bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()?;
        Some(Place { seq: seq.parse().ok().filter(|n| *n > 0)?, hash })
    };
    read().ok_or_else(|| "use the number of an entry, a colon and its hash in hexadecimal".to_owned())
}

/// Runs the program.
pub fn main() -> ExitCode {
    let Cli { config, command } = Cli::parse();
    // reqwest, tokio-postgres and rustls share one provider; the first to need it must find it.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was there already");
    }
    match command {
        Command::Openapi { codes } => {
            print(&if codes { http::codes::page() } else { http::openapi::document_text() });
            ExitCode::SUCCESS
        }
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "iqra-infra", &mut script);
            print(&String::from_utf8_lossy(&script));
            ExitCode::SUCCESS
        }
        Command::Remote(command) => in_runtime(remote::run(command, complain)).unwrap_or_else(failed),
        Command::Local(command) => {
            telemetry::init();
            let format = match &command {
                Local::Token { command } => command.format(),
                _ => remote::Format::Human,
            };
            config::load(config.as_deref())
                .map_err(|e| e.to_string())
                .and_then(|settings| in_runtime(run(command, settings)).and_then(|outcome| outcome))
                .map_or_else(|why| said(&why, format), |()| ExitCode::SUCCESS)
        }
    }
}

fn in_runtime<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    Ok(runtime.block_on(work))
}

fn failed(why: String) -> ExitCode {
    complain(&why);
    ExitCode::FAILURE
}

/// A failure of a local command, for people or for programs.
fn said(why: &str, format: remote::Format) -> ExitCode {
    match format {
        remote::Format::Human => complain(why),
        remote::Format::Json => complain_json(&remote::failure_json(why)),
    }
    ExitCode::FAILURE
}

async fn run(command: Local, settings: Settings) -> Result<(), String> {
    match command {
        Local::Serve { workers } => boot::serve(settings, workers, print).await.map_err(|e| e.to_string()),
        Local::Migrate => boot::migrate(&settings)
            .await
            .map(|applied| {
                let list = if applied.is_empty() { "nothing to do".to_owned() } else { applied.join(", ") };
                print(&format!("Migrations: {list}\n"));
            })
            .map_err(|e| e.to_string()),
        Local::User { command } => user::run(command, &settings, print).await,
        Local::Keys { command: KeysCommand::Rotate } => {
            boot::rotate_keys(&settings, print).await.map_err(|e| e.to_string())
        }
        Local::Keys { command: KeysCommand::RotateSigning } => {
            let changed = boot::rotate_signing(&settings).await.map_err(|e| e.to_string())?;
            print(if changed {
                "A new key signs tokens.\n"
            } else {
                "Another server changed it at this moment.\n"
            });
            Ok(())
        }
        Local::Token { command } => {
            token::run(command, &settings, token::Say { print, tell: complain }).await
        }
        Local::Audit { command: AuditCommand::Verify { noted } } => verify(&settings, noted).await,
    }
}

async fn verify(settings: &Settings, noted: Option<Place>) -> Result<(), String> {
    let found = boot::verify_audit(settings, noted).await.map_err(|e| e.to_string())?;
    let hash = auth::hex(&found.at.hash);
    match found.broken {
        None => {
            print(&format!("{} entries hold. The newest: {}:{hash}\n", found.entries, found.at.seq));
            Ok(())
        }
        Some(broken) => {
            print(&format!("{} entries hold, up to {}:{hash}\n", found.entries, found.at.seq));
            Err(broken.to_string())
        }
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

#[expect(clippy::print_stderr, reason = "the command line talks here and nowhere else")]
fn complain_json(line: &str) {
    eprintln!("{line}");
}
