//! The text of a systemd unit that does with the agent's exit codes what they mean.

use std::io::Write;

use common::snippet::{Unit, unit};

use crate::cli::UnitArgs;

/// Prints the unit.
///
/// # Errors
/// In words, where this program does not know where it lies, or cannot write.
pub(crate) fn print(args: &UnitArgs) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|e| format!("cannot tell where this program is: {e}"))?;
    let settings = std::path::absolute(&args.appsettings).map_err(|e| format!("no such path: {e}"))?;
    let text = unit(&Unit {
        program: &program.display().to_string(),
        settings: &settings.display().to_string(),
        user: args.user.as_deref(),
        drain_seconds: args.drain_timeout.as_secs(),
        stop_seconds: args.stop_timeout.as_secs(),
        more: &args.more,
    });
    std::io::stdout().write_all(text.as_bytes()).map_err(|e| format!("cannot write: {e}"))
}
