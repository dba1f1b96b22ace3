//! The password again before something dangerous. Signing in counts, and so does `POST /auth/confirm`.

use common::time::Timestamp;

use super::{App, ServiceError};
use crate::auth::policy::{Actor, Bearer};

/// How long a password that was given counts, in milliseconds.
pub const CONFIRMED_MS: u64 = 5 * 60_000;

/// Until when a person is not asked again; `None` where they are now.
pub fn until(confirmed_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    confirmed_at.map(|at| at.later(CONFIRMED_MS)).filter(|until| now < *until)
}

/// Stands against something dangerous by a session whose password was not given within five minutes. An automation
/// token was confirmed when it was made.
///
/// # Errors
/// [`ServiceError::ConfirmationNeeded`].
pub fn require(app: &App, actor: &Actor) -> Result<(), ServiceError> {
    match actor.credential {
        Bearer::Token { .. } => Ok(()),
        Bearer::Session(_) if until(actor.confirmed_at, app.clock.wall()).is_some() => Ok(()),
        Bearer::Session(_) => Err(ServiceError::ConfirmationNeeded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes() {
        let at = Timestamp(1_000);
        assert_eq!(until(None, at), None);
        assert_eq!(until(Some(at), at), Some(Timestamp(301_000)));
        assert_eq!(until(Some(at), Timestamp(300_999)), Some(Timestamp(301_000)));
        assert_eq!(until(Some(at), Timestamp(301_000)), None);
    }
}
