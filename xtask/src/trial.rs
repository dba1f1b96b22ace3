//! A server of its own for tests that speak to it from outside: throw-away folder, own PostgreSQL, short timers.

use crate::cluster::free_port;
use crate::daemon::Daemon;
use crate::failure::{Done, Failure};
use crate::serve::{self, Built};
use crate::sign_in::{SignIn, random_word};
use crate::steps::{Step, last_lines};
use crate::workspace;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A running server; dropping it stops it and removes its folder, in this order.
pub(crate) struct Trial {
    /// `http://127.0.0.1:…`.
    pub(crate) base: String,
    sign_in: SignIn,
    log: PathBuf,
    server: Daemon,
    _folder: TempDir,
}

impl Trial {
    /// Starts the server of these binaries and waits until it is ready.
    pub(crate) fn start(built: &Built, step: Step) -> Done<Self> {
        let folder = workspace::temporary("iqra-trial-")?;
        let listen = format!("127.0.0.1:{}", free_port()?);
        let base = serve::address(&listen);
        // Not the account that the document's examples name.
        let sign_in = SignIn { email: "trial@localhost".to_owned(), password: random_word()? };
        let log = folder.path().join("server.log");
        let mut command = serve::command(built, &listen, folder.path(), &sign_in);
        command
            .env_remove("DATABASE_URL")
            .env("IQRA_HEARTBEAT_INTERVAL", "500ms")
            .env("IQRA_STALE_AFTER", "1500ms")
            .env("IQRA_OFFLINE_AFTER", "3s")
            .env("IQRA_HEARTBEAT_MAX_RATE", "0");
        let mut server = Daemon::start("The server", &mut command, &log)?;
        serve::wait_until_ready(&mut server, &base)?;
        step.already(&base);
        Ok(Self { base, sign_in, log, server, _folder: folder })
    }

    /// Tells a command where the server is and how to sign in.
    pub(crate) fn tell<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("IQRA_URL", &self.base)
            .env("IQRA_EMAIL", &self.sign_in.email)
            .env("IQRA_PASSWORD", &self.sign_in.password)
            // A proxy of the environment has no business between them.
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1")
    }

    /// The same failure with the server's last words: its folder goes away with the log.
    pub(crate) fn with_log(&self, cause: &Failure) -> Failure {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        format!("{cause}\n\nThe server's last words:\n{}", last_lines(&text, 10)).into()
    }

    /// Fails where the server has ended or does not end when it is asked to.
    pub(crate) fn end(mut self) -> Done {
        self.server.check()?;
        if self.server.end() { Ok(()) } else { Err("The server had to be killed.".into()) }
    }
}
