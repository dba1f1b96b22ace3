//! Who is signed in.

use common::auth::User;
use leptos::prelude::*;

/// Why somebody is signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedOut {
    /// Nobody has signed in yet.
    Never,
    /// The session ended by time or by force.
    Expired,
    /// The person signed out.
    ByChoice,
}

/// What is known of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// Asked, not answered yet.
    Unknown,
    /// The server did not answer.
    Unreachable,
    /// Nobody.
    Out(SignedOut),
    /// Somebody.
    In(User),
}

/// Handle to the session; copy it freely. `expect_context::<Session>()` or [`use_session`].
#[derive(Clone, Copy)]
pub struct Session(RwSignal<SessionState>);

/// The session.
pub fn use_session() -> Session {
    expect_context()
}

impl Default for Session {
    fn default() -> Self {
        Self(RwSignal::new(SessionState::Unknown))
    }
}

impl Session {
    /// Follows the state.
    pub fn get(self) -> SessionState {
        self.0.get()
    }

    /// Follows who is signed in.
    pub fn user<T>(self, read: impl FnOnce(&User) -> T) -> Option<T> {
        self.0.with(|state| if let SessionState::In(user) = state { Some(read(user)) } else { None })
    }

    /// Whether somebody is signed in, without following it.
    pub fn is_in(self) -> bool {
        self.0.with_untracked(|state| matches!(state, SessionState::In(_)))
    }

    /// Somebody signed in.
    pub fn begin(self, user: User) {
        self.set(SessionState::In(user));
    }

    /// Nobody is signed in (any more). A session that ended is told apart from one that never was.
    pub fn end(self, why: SignedOut) {
        self.set(SessionState::Out(why));
    }

    /// The server did not answer the question who is signed in.
    pub fn unreachable(self) {
        if !self.is_in() {
            self.set(SessionState::Unreachable);
        }
    }

    /// The server is asked again.
    pub fn asking(self) {
        if !self.is_in() {
            self.set(SessionState::Unknown);
        }
    }

    fn set(self, state: SessionState) {
        if self.0.with_untracked(|old| *old != state) {
            self.0.set(state);
        }
    }
}
