//! A new secret, shown once, and how the receiver uses it.

use common::auth::Permission;
use common::webhooks::WebhookMade;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::test::{TestButton, TestOutcome, Testing};
use crate::components::{Check, Icon, Note, Reason, Reveal, SecretBox, words};
use crate::i18n::webhooks;
use crate::pages::conflict::guard_leaving;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::gate::use_gate_everywhere;

const REASON: &str = "stored-reason";
const TEST_REASON: &str = "made-test-reason";
/// Id of the heading, which takes the focus as soon as the secret is there.
pub const HEADING: &str = "new-webhook-secret";
/// What the receiver makes of a call: the same in every language.
const FORMULA: &str =
    "webhook-signature: v1,<base64 of HMAC-SHA-256(key, webhook-id.webhook-timestamp.body)>";

/// The card. It holds the only copy of the secret there is.
#[component]
pub fn MadeCard(
    /// The reply that holds it.
    made: WebhookMade,
    /// Where Done leads; empty stays on the page.
    #[prop(into)]
    after: String,
    /// Done was pressed.
    #[prop(optional)]
    done: Option<Callback<()>>,
    /// A test was sent.
    #[prop(optional)]
    sent: Option<Callback<()>>,
) -> impl IntoView {
    let (w, navigate) = (webhooks(), use_navigate());
    let (reveal, stored) = (Reveal::hidden(), RwSignal::new(made.secret_shown));
    let gate = use_gate_everywhere(Permission::Operate);
    let testing = Testing::start();
    let id = made.webhook.id;
    guard_leaving(derived(move || stored.get()), w.leave);
    let finish = move |_| {
        if !stored.get_untracked() {
            return;
        }
        if let Some(done) = done {
            done.run(());
        }
        if !after.is_empty() {
            navigate(&after, NavigateOptions::default());
        }
    };
    let secret = (!made.secret_shown).then(|| {
        view! {
            <p>{w.copy_now}</p>
            <SecretBox
                secret=Signal::stored(made.plain_secret)
                reveal=reveal
                label=w.secret
                copy=w.copy_secret
            />
            <div class="stack tight">
                <h3>{w.verify}</h3>
                <p class="sm mut">{w.verify_text}</p>
                <pre class="code wrap" tabindex="0" translate="no" dir="ltr">
                    <code>{FORMULA}</code>
                </pre>
                <p class="sm mut">{w.verify_more}</p>
                <p>
                    <a href=common::paths::DOCS rel="external">
                        {words().palette.api_docs}
                    </a>
                </p>
            </div>
            <Check id="secret-stored" label=w.stored value=stored />
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
                    {(w.made)(&made.webhook.name)}
                </h2>
                <span class="st warn">
                    <Icon name="shield-alert" />
                    <span>{w.shown_once}</span>
                </span>
            </header>
            {secret}
            {again}
            <TestOutcome testing=testing />
            <Reason id=TEST_REASON off=gate />
            <div class="toolbar end">
                {dynamic(move || {
                    (!stored.get()).then(|| view! { <span class="reason" id=REASON>{w.stored_first}</span> })
                })}
                <TestButton
                    id=memo(move || Some(id))
                    testing=testing
                    off=gate
                    reason=TEST_REASON
                    done=sent.unwrap_or_else(|| Callback::new(|()| {}))
                />
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
