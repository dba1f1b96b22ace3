//! A new token, shown once, with the line that uses it.

use common::tokens::TokenMade;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::model::line;
use crate::components::secret::mask;
use crate::components::{Check, CopyButton, Icon, Note, Reveal, SecretBox};
use crate::i18n::tokens;
use crate::pages::conflict::guard_leaving;
use crate::reactive::{attr, derived, dynamic};
use crate::routes;
use crate::shell::api_call::origin;

const REASON: &str = "stored-reason";
/// Id of the heading, which takes the focus as soon as the token is there.
pub const HEADING: &str = "new-token";

/// The token with a masked middle. A token of three parts keeps the beginning of the first one.
fn masked(token: &str) -> String {
    let head: String = token.chars().take(4).collect();
    format!("{head}{}", mask(token))
}

/// The card. It holds the only copy of the token there is.
#[component]
pub fn MadeCard(
    /// The reply that holds it.
    made: TokenMade,
) -> impl IntoView {
    let (w, navigate) = (tokens(), use_navigate());
    let (reveal, stored) = (Reveal::hidden(), RwSignal::new(made.secret_shown));
    let origin = origin();
    let (open, hidden) = (line(&origin, &made.plain_token), line(&origin, &masked(&made.plain_token)));
    let copied = open.clone();
    guard_leaving(derived(move || stored.get()), w.leave);
    let finish = move |_| {
        if stored.get_untracked() {
            navigate(routes::TOKENS, NavigateOptions::default());
        }
    };
    let shown = move || if reveal.is_on() { open.clone() } else { hidden.clone() };
    let secret = (!made.secret_shown).then(|| {
        view! {
            <p>{w.copy_now}</p>
            <SecretBox
                secret=Signal::stored(made.plain_token)
                reveal=reveal
                label=w.label
                copy=w.copy
            />
            <div class="stack tight">
                <h3>{w.use_it}</h3>
                <p class="sm mut">{w.use_text}</p>
                <div class="secret">
                    <code class="code gr" tabindex="0" translate="no" dir="ltr">
                        {dynamic(shown)}
                    </code>
                    <CopyButton text=Signal::stored(copied) label=w.copy_line />
                </div>
                <p>
                    <a href=common::paths::DOCS rel="external">
                        {w.docs}
                    </a>
                </p>
            </div>
            <Check id="token-stored" label=w.stored value=stored />
        }
    });
    let again = made.secret_shown.then(|| {
        view! {
            <Note tone="warn" icon="triangle-alert">
                {w.shown_before}
            </Note>
        }
    });
    view! {
        <section class="card stack narrow" aria-labelledby=HEADING>
            <header>
                <h2 id=HEADING tabindex="-1">
                    {(w.made)(&made.token.name)}
                </h2>
                <span class="st warn">
                    <Icon name="shield-alert" />
                    <span>{w.shown_once}</span>
                </span>
            </header>
            {secret}
            {again}
            <div class="toolbar end">
                {dynamic(move || (!stored.get()).then(|| view! { <span class="reason" id=REASON>{w.stored_first}</span> }))}
                <button
                    type="button"
                    class="btn pri"
                    aria-disabled=attr(move || (!stored.get()).then_some("true"))
                    aria-describedby=attr(move || (!stored.get()).then_some(REASON))
                    on:click=finish
                >
                    {w.done}
                </button>
            </div>
        </section>
    }
}
