//! The order of a list that is too long for a browser: asked of the server, again and again while it is on the screen.

use common::ids::NodeId;
use common::node_order::{NodeOrder, NodeSort};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::node_list_query::NodeFilter;
use crate::api::{ApiError, use_api};
use crate::reactive::effect;
use crate::state::clock::monotonic_ms;
use crate::state::connection::use_connection;

/// An order is asked for again after this time.
const AGAIN_MS: u64 = 10_000;

/// What is asked: which nodes, in which order.
pub type Question = (NodeFilter, NodeSort);

/// The server's answers; copy it freely.
#[derive(Clone, Copy)]
pub struct Remote {
    answer: StoredValue<Option<(Question, NodeOrder)>>,
    /// Counts answers.
    pub answers: RwSignal<u32>,
    /// What came instead of the last answer.
    pub error: RwSignal<Option<ApiError>>,
    again: RwSignal<u32>,
}

impl Remote {
    /// Reads the answer to a question, where it is here.
    pub fn answer<T>(self, question: &Question, read: impl FnOnce(&NodeOrder) -> T) -> Option<T> {
        self.answer.with_value(|a| a.as_ref().filter(|(asked, _)| asked == question).map(|(_, o)| read(o)))
    }

    /// Reads the last answer, follows answers, whatever was asked.
    pub fn last<T>(self, read: impl FnOnce(&NodeOrder) -> T) -> Option<T> {
        self.answers.track();
        self.answer.with_value(|a| a.as_ref().map(|(_, order)| read(order)))
    }

    /// The ids that answer a question.
    pub fn ids(self, question: &Question) -> Option<Vec<NodeId>> {
        self.answer(question, |order| order.ids.clone())
    }

    /// Asks now.
    pub fn retry(self) {
        self.again.update(|n| *n = n.wrapping_add(1));
    }
}

/// Asks while `on` holds: at once when the question changes, and every ten seconds.
pub fn use_remote(on: Signal<bool>, question: Signal<Question>) -> Remote {
    let (api, connection) = (use_api(), use_connection());
    let remote = Remote {
        answer: StoredValue::new(None),
        answers: RwSignal::new(0),
        error: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    let (number, asked_at, waiting) =
        (StoredValue::new(0_u32), StoredValue::new(0_u64), StoredValue::new(false));
    let ask = move || {
        let mine = number.try_update_value(|n| {
            *n = n.wrapping_add(1);
            *n
        });
        asked_at.set_value(monotonic_ms());
        waiting.set_value(true);
        let question = question.get_untracked();
        spawn_local(async move {
            let reply = api.node_order(&question.0.order_query(question.1)).await;
            // A later question is under way, or the page is gone.
            if number.try_get_value() != mine {
                return;
            }
            waiting.set_value(false);
            match reply {
                Ok(order) => {
                    remote.answer.set_value(Some((question, order)));
                    remote.error.set(None);
                    remote.answers.update(|n| *n = n.wrapping_add(1));
                }
                Err(e) => remote.error.set(Some(e)),
            }
        });
    };
    effect(move || {
        question.with(|_| ());
        remote.again.track();
        if on.get() {
            ask();
        }
    });
    // The server's clock stands still while nothing comes or updates are paused; nothing is asked then either.
    effect(move || {
        connection.server_now();
        let due = monotonic_ms().saturating_sub(asked_at.get_value()) >= AGAIN_MS;
        if due && !waiting.get_value() && on.get_untracked() {
            ask();
        }
    });
    remote
}
