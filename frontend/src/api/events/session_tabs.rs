//! The session in several tabs: all of them share the cookie, so what happens to it in one has happened in all.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::channel::Channel;
use crate::api::Api;
use crate::reactive::{effect, memo};
use crate::state::session::{Session, SessionState};

/// Tabs of all builds understand these words.
const CHANNEL: &str = "iqra.session";
/// Somebody is signed in; their id follows.
const IN: &str = "in ";
/// Nobody is any more.
const OUT: &str = "out";
/// The person is about to sign out.
const LEAVING: &str = "leaving";
/// They could not.
const STAYING: &str = "staying";

/// Tells the other tabs, and asks the server where they tell something.
pub(super) fn start(api: Api, session: Session) {
    let channel = Channel::open(CHANNEL, move |word| untrack(|| hear(api, session, &word)));
    let Some(channel) = channel else { return };
    let channel = StoredValue::new_local(channel);
    let say = move |word: &str| channel.with_value(|channel| channel.say(word));
    let word = memo(move || match session.get() {
        SessionState::In(user) => Some(format!("{IN}{}", user.id)),
        SessionState::Ended(_) | SessionState::Out(_) => Some(OUT.to_owned()),
        SessionState::Unknown | SessionState::Unreachable => None,
    });
    effect(move || {
        if let Some(word) = word.get() {
            say(&word);
        }
    });
    Effect::new(move |before: Option<bool>| {
        let leaving = session.leaving();
        if before.is_some_and(|before| before != leaving) {
            say(if leaving { LEAVING } else { STAYING });
        }
        leaving
    });
}

fn hear(api: Api, session: Session, word: &str) {
    match word {
        LEAVING => session.set_leaving(true),
        STAYING => session.set_leaving(false),
        OUT if session.is_in() => spawn_local(api.ask_session()),
        word => {
            let Some(who) = word.strip_prefix(IN) else { return };
            let same = session.is_in() && session.user(|user| user.id.to_string() == who) == Some(true);
            // The cookie is theirs now, whoever this tab thinks it belongs to.
            if !same {
                spawn_local(api.ask_session());
            }
        }
    }
}
