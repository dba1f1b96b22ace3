//! One error type: a sentence for the person at the terminal.

use std::fmt::{Display, Formatter};

/// Why a command ended early, in words that say what to do about it.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// The result of anything that can end a command.
pub(crate) type Done<T = ()> = Result<T, Failure>;

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Adds what was being done to an error that does not say it, as errors of the operating system never do.
pub(crate) trait Context<T> {
    /// Turns the error into `doing: cause`.
    fn doing(self, doing: impl Display) -> Done<T>;
}

impl<T, E: Display> Context<T> for Result<T, E> {
    fn doing(self, doing: impl Display) -> Done<T> {
        self.map_err(|cause| Failure(format!("{doing}: {cause}")))
    }
}
