//! How the agent ends, and what a service manager makes of it.

use std::process::{ExitCode, ExitStatus};

/// "Start me again".
pub(crate) use common::snippet::AGAIN;

/// How the agent ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Taken out of service, deleted, or stopped by whoever runs it: it should stay down.
    StayDown,
    /// Shut down from the console: it should come back.
    StartAgain,
    /// The supervised command ended by itself: as it should not have, it should come back. Never 0.
    Command(u8),
}

impl End {
    /// That of a command which ended by itself: its own code, 128 and the signal as in a shell, and [`AGAIN`] in
    /// place of 0, because a service manager would leave that down.
    pub(crate) fn of_command(status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let code = status.code().or_else(|| status.signal().map(|s| 128 + s)).unwrap_or(1);
        match u8::try_from(code).unwrap_or(1) {
            0 => Self::Command(AGAIN),
            code => Self::Command(code),
        }
    }
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::StayDown => Self::SUCCESS,
            End::StartAgain => Self::from(AGAIN),
            End::Command(code) => Self::from(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn a_command_that_ends_by_itself_never_means_stay_down() {
        let of = |raw| End::of_command(ExitStatus::from_raw(raw));
        assert_eq!(of(0), End::Command(75));
        assert_eq!(of(3 << 8), End::Command(3));
        assert_eq!(of(9), End::Command(137), "killed");
    }
}
