//! Logs: one line an event, UTC, to standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging. `RUST_LOG` chooses what; the default is `info`.
///
/// actix logs each malformed request line at ERROR, so any client could fill the log: that target is off.
pub fn init() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,actix_server=warn"));
    let filter = match "actix_http::h1::dispatcher=off".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    };
    let ready = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    if ready.is_err() {
        tracing::debug!("logging was started already");
    }
}
