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
pub struct Session {
    state: RwSignal<SessionState>,
    /// The person has asked to sign out: whatever says first that the session is over, it was their choice.
    leaving: RwSignal<bool>,
}

/// The session.
pub fn use_session() -> Session {
    expect_context()
}

impl Default for Session {
    fn default() -> Self {
        Self { state: RwSignal::new(SessionState::Unknown), leaving: RwSignal::new(false) }
    }
}

impl Session {
    /// Follows the state.
    pub fn get(self) -> SessionState {
        self.state.get()
    }

    /// Follows who is signed in.
    pub fn user<T>(self, read: impl FnOnce(&User) -> T) -> Option<T> {
        self.state.with(|state| if let SessionState::In(user) = state { Some(read(user)) } else { None })
    }

    /// Whether somebody is signed in, without following it.
    pub fn is_in(self) -> bool {
        self.state.with_untracked(|state| matches!(state, SessionState::In(_)))
    }

    /// The person asks to sign out, or stays after all.
    pub fn set_leaving(self, leaving: bool) {
        self.leaving.set(leaving);
    }

    /// Whether the person has asked to sign out, without following it.
    pub fn is_leaving(self) -> bool {
        self.leaving.get_untracked()
    }

    /// Somebody signed in.
    pub fn begin(self, user: User) {
        self.leaving.set(false);
        self.set(SessionState::In(user));
    }

    /// Nobody is signed in (any more). A session that ended is told apart from one that never was.
    pub fn end(self, why: SignedOut) {
        let why = if self.is_leaving() { SignedOut::ByChoice } else { why };
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
        if self.state.with_untracked(|old| *old != state) {
            self.state.set(state);
        }
    }
}
