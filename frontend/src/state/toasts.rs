//! Short messages at the edge about what the person just did, where that is also seen elsewhere.

use std::time::Duration;

use leptos::prelude::*;

use crate::state::announce::Announcer;

/// How long a message stays where nobody looks at it.
const STAYS: Duration = Duration::from_secs(6);
/// The same where it offers a way back.
const STAYS_WITH_ACTION: Duration = Duration::from_secs(10);
/// At most so many; the oldest goes.
const MOST: usize = 3;

/// A way back.
#[derive(Debug, Clone, Copy)]
pub struct ToastAction {
    /// Its words.
    pub label: &'static str,
    /// Does it.
    pub run: Callback<()>,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Toast {
    /// Which.
    pub id: u32,
    /// Its words.
    pub text: String,
    /// It failed; then it stays until somebody closes it.
    pub bad: bool,
    /// A way back.
    pub action: Option<ToastAction>,
}

/// Handle to the messages; copy it freely.
#[derive(Clone, Copy)]
pub struct Toasts {
    all: RwSignal<Vec<Toast>>,
    /// Somebody points at them or has the focus among them.
    held: RwSignal<bool>,
    last: StoredValue<u32>,
    announcer: Announcer,
}

/// The messages.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Messages that are spoken by this announcer.
    pub fn new(announcer: Announcer) -> Self {
        Self {
            all: RwSignal::new(Vec::new()),
            held: RwSignal::new(false),
            last: StoredValue::new(0),
            announcer,
        }
    }

    /// Says that something was done, to ears too.
    pub fn done(self, text: impl Into<String>) {
        self.show(text.into(), false, None);
    }

    /// The same with a way back.
    pub fn done_with(
        self,
        text: impl Into<String>,
        label: &'static str,
        back: impl Fn() + Send + Sync + 'static,
    ) {
        let run = Callback::new(move |()| back());
        self.show(text.into(), false, Some(ToastAction { label, run }));
    }

    /// Says that something failed where no place on the page can say it.
    pub fn failed(self, text: impl Into<String>) {
        self.show(text.into(), true, None);
    }

    fn show(self, text: String, bad: bool, action: Option<ToastAction>) {
        if bad {
            self.announcer.alert(text.clone());
        } else {
            self.announcer.say(text.clone());
        }
        let id = self.last.with_value(|last| last.wrapping_add(1));
        self.last.set_value(id);
        let stays = if action.is_some() { STAYS_WITH_ACTION } else { STAYS };
        self.all.update(|all| {
            all.push(Toast { id, text, bad, action });
            let over = all.len().saturating_sub(MOST);
            all.drain(..over);
        });
        if !bad {
            self.go_after(id, stays);
        }
    }

    fn go_after(self, id: u32, stays: Duration) {
        set_timeout(
            move || match self.held.try_get_untracked() {
                // Looked at: it gets its time once more.
                Some(true) => self.go_after(id, STAYS),
                Some(false) => self.close(id),
                None => {}
            },
            stays,
        );
    }

    /// Takes one away.
    pub fn close(self, id: u32) {
        self.all.try_update(|all| all.retain(|toast| toast.id != id));
        if self.all.try_with_untracked(Vec::is_empty) == Some(true) {
            self.held.try_set(false);
        }
    }

    /// Stops their time, or lets it run.
    pub fn hold(self, held: bool) {
        self.held.set(held);
    }

    /// Follows the messages, the oldest first.
    pub fn all(self) -> Vec<Toast> {
        self.all.get()
    }
}
