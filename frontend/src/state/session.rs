//! Who is signed in.

use common::auth::{Role, User};
use common::time::Timestamp;
use js_sys::{Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::clock::wall_ms;
use super::confirming::Confirming;
use super::helpers::Helpers;

/// So many requests wait for the person to come back; what a page asks for every few seconds beyond that is not kept.
const WAITING_MAX: usize = 50;

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
    /// The session of this person ended under their work: the page stays, and asks them to sign in again.
    Ended(User),
}

/// Handle to the session; copy it freely. `expect_context::<Session>()` or [`use_session`].
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    /// The person has asked to sign out: whatever says first that the session is over, it was their choice.
    leaving: RwSignal<bool>,
    /// Requests that were refused because the session had ended.
    waiting: StoredValue<Vec<Function>, LocalStorage>,
    confirming: Confirming,
    helpers: Helpers,
    /// When the session ended under somebody's work, by the browser's clock.
    ended_at: StoredValue<Option<Timestamp>>,
}

/// The session.
pub fn use_session() -> Session {
    expect_context()
}

impl Default for Session {
    fn default() -> Self {
        Self {
            state: RwSignal::new(SessionState::Unknown),
            leaving: RwSignal::new(false),
            waiting: StoredValue::new_local(Vec::new()),
            confirming: Confirming::default(),
            helpers: Helpers::default(),
            ended_at: StoredValue::new(None),
        }
    }
}

impl Session {
    /// Follows the state.
    pub fn get(self) -> SessionState {
        self.state.get()
    }

    /// Follows who is signed in, or was until the session ended under their work.
    pub fn user<T>(self, read: impl FnOnce(&User) -> T) -> Option<T> {
        self.state.with(|state| match state {
            SessionState::In(user) | SessionState::Ended(user) => Some(read(user)),
            _ => None,
        })
    }

    /// The role of whoever is signed in, without following it.
    pub fn role(self) -> Option<Role> {
        untrack(|| self.user(|user| user.role))
    }

    /// The question for the password before something dangerous.
    pub fn confirming(self) -> Confirming {
        self.confirming
    }

    /// Whom to ask for what this person may not do.
    pub fn helpers(self) -> Helpers {
        self.helpers
    }

    /// Whether somebody is signed in, without following it.
    pub fn is_in(self) -> bool {
        self.state.with_untracked(|state| matches!(state, SessionState::In(_)))
    }

    /// Whether the session ended under somebody's work, without following it.
    pub fn has_ended(self) -> bool {
        self.state.with_untracked(|state| matches!(state, SessionState::Ended(_)))
    }

    /// The person asks to sign out, or stays after all.
    pub fn set_leaving(self, leaving: bool) {
        if self.leaving.get_untracked() != leaving {
            self.leaving.set(leaving);
        }
    }

    /// Whether the person has asked to sign out, without following it.
    pub fn is_leaving(self) -> bool {
        self.leaving.get_untracked()
    }

    /// Follows whether the person has asked to sign out.
    pub fn leaving(self) -> bool {
        self.leaving.get()
    }

    /// Somebody signed in. Where it is another person than before, the page begins anew: nothing of the one before may
    /// be left on it.
    pub fn begin(self, user: User) {
        let other = self.state.with_untracked(|state| match state {
            SessionState::In(before) | SessionState::Ended(before) => before.id != user.id,
            _ => false,
        });
        if other {
            let _ = window().location().reload();
            return;
        }
        self.set_leaving(false);
        self.set(SessionState::In(user));
    }

    /// Nobody is signed in (any more). A session that ended under somebody's work is told apart from one that was ended
    /// by choice, and from one that never was.
    pub fn end(self, why: SignedOut) {
        if self.is_leaving() || why == SignedOut::ByChoice {
            return self.set(SessionState::Out(SignedOut::ByChoice));
        }
        match self.state.get_untracked() {
            SessionState::In(user) => {
                self.ended_at.set_value(i64::try_from(wall_ms()).ok().map(Timestamp));
                self.set(SessionState::Ended(user));
            }
            SessionState::Ended(user) => self.set(SessionState::Ended(user)),
            _ => self.set(SessionState::Out(why)),
        }
    }

    /// The person goes to the sign-in page instead of signing in again where they are.
    pub fn give_up(self) {
        self.set(SessionState::Out(SignedOut::Expired));
    }

    /// When this page learnt that the session had ended; `None` where that was before the page was loaded.
    pub fn ended_at(self) -> Option<Timestamp> {
        self.ended_at.get_value()
    }

    /// The server did not answer the question who is signed in.
    pub fn unreachable(self) {
        self.unless_somebody(SessionState::Unreachable);
    }

    /// The server is asked again.
    pub fn asking(self) {
        self.unless_somebody(SessionState::Unknown);
    }

    /// Waits until the person whose session ended has signed in again; says whether they have. A session that has not
    /// ended under somebody's work is not waited for.
    pub async fn resumed(self) -> bool {
        if self.has_ended() && self.waiting.with_value(Vec::len) < WAITING_MAX {
            let wait = Promise::new(&mut |resolve, _| self.waiting.update_value(|all| all.push(resolve)));
            // Never refused: `set` resolves all of them.
            let _ = JsFuture::from(wait).await;
            return self.is_in();
        }
        false
    }

    fn unless_somebody(self, state: SessionState) {
        if !self.is_in() && !self.has_ended() {
            self.set(state);
        }
    }

    fn set(self, state: SessionState) {
        if self.state.with_untracked(|old| *old == state) {
            return;
        }
        let settled = !matches!(state, SessionState::Ended(_));
        if matches!(state, SessionState::Out(_)) {
            self.confirming.settle(false);
            self.helpers.forget();
        }
        self.state.set(state);
        if settled {
            let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
            for resolve in waiting {
                // A resolve function does not throw.
                let _ = resolve.call0(&JsValue::UNDEFINED);
            }
        }
    }
}
