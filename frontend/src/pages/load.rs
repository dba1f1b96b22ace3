//! What a request brought, kept while the next one is under way, and requests that repeat.

use std::future::Future;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::components::ErrorPanel;
use crate::i18n::use_i18n;
use crate::state::connection::use_connection;

/// A value that is asked for, and asked for again; copy it freely.
pub struct Load<T: Send + Sync + 'static> {
    value: RwSignal<Option<T>>,
    error: RwSignal<Option<ApiError>>,
    turn: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Load<T> {}

impl<T: Send + Sync + 'static> Default for Load<T> {
    fn default() -> Self {
        Self { value: RwSignal::new(None), error: RwSignal::new(None), turn: StoredValue::new(0) }
    }
}

impl<T: Clone + Send + Sync + 'static> Load<T> {
    /// Asks. What came before stays until the answer is here; an answer that another request overtook is dropped.
    pub fn ask(self, request: impl Future<Output = Result<T, ApiError>> + 'static) {
        let turn = self.next_turn();
        spawn_local(async move {
            let reply = request.await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match reply {
                Ok(value) => self.set(value),
                Err(error) => {
                    self.error.try_set(Some(error));
                }
            }
        });
    }

    /// Puts a value that came another way, such as the reply to a change.
    pub fn put(self, value: T) {
        self.next_turn();
        self.set(value);
    }

    fn set(self, value: T) {
        self.error.try_set(None);
        self.value.try_set(Some(value));
    }

    fn next_turn(self) -> u32 {
        let next = self.turn.try_update_value(|turn| {
            *turn = turn.wrapping_add(1);
            *turn
        });
        next.unwrap_or_default()
    }

    /// Reads what is here.
    pub fn read<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.value.with(|value| value.as_ref().map(read))
    }

    /// Reads what is here without following it.
    pub fn peek<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.value.with_untracked(|value| value.as_ref().map(read))
    }

    /// Why the last request brought nothing.
    pub fn error(self) -> Option<ApiError> {
        self.error.get()
    }

    /// Forgets what is here: the page is about something else now.
    pub fn clear(self) {
        self.next_turn();
        self.value.set(None);
        self.error.set(None);
    }
}

/// An error in place of what was asked for, with another try.
pub fn failure(error: &ApiError, retry: Callback<()>) -> AnyView {
    let t = use_i18n().t;
    view! {
        <ErrorPanel
            title=error.title(t)
            detail=error.detail(t)
            request_id=error.request_id()
            small=true
            on_retry=retry
        />
    }
    .into_any()
}

/// Does something every so often while the page is on the screen, the browser shows it, and the person has not stopped
/// its figures.
pub fn every(interval: Duration, run: impl Fn() + 'static) {
    let connection = use_connection();
    let handle = set_interval_with_handle(
        move || {
            let seen = document().visibility_state() == web_sys::VisibilityState::Visible;
            if seen && !connection.is_paused() {
                run();
            }
        },
        interval,
    );
    if let Ok(handle) = handle {
        on_cleanup(move || handle.clear());
    }
}
