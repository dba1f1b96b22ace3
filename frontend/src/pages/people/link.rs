//! A one-time link, shown once, with the word that it was copied.

use common::users::OneTimeLink;
use leptos::prelude::*;

use crate::components::{Check, Icon, Reveal, SecretBox};
use crate::i18n::{people, use_i18n};
use crate::pages::conflict::guard_leaving;
use crate::reactive::{attr, derived, dynamic};

const REASON: &str = "link-reason";
/// Id of the heading, which takes the focus as soon as the link is there.
pub const HEADING: &str = "new-link";

/// The card. It holds the only copy of the link there is.
#[component]
pub fn LinkCard(
    /// Whom it is for and what it is.
    #[prop(into)]
    title: String,
    /// The link.
    link: OneTimeLink,
    /// What follows where it was copied.
    done: Callback<()>,
) -> impl IntoView {
    let (w, fmt) = (people(), use_i18n().fmt);
    let (reveal, passed) = (Reveal::hidden(), RwSignal::new(false));
    guard_leaving(derived(move || passed.get()), w.link_leave);
    let finish = move |_| {
        if passed.get_untracked() {
            done.run(());
        }
    };
    view! {
        <section class="card stack narrow" aria-labelledby=HEADING>
            <header>
                <h2 id=HEADING tabindex="-1">
                    {title}
                </h2>
                <span class="st warn">
                    <Icon name="shield-alert" />
                    <span>{w.shown_once}</span>
                </span>
            </header>
            <p>{w.link_text}</p>
            <SecretBox secret=Signal::stored(link.url) reveal=reveal label=w.link_label copy=w.link_copy />
            <p class="sm mut">{(w.link_until)(&fmt.date_time(link.expires_at))}</p>
            <Check id="link-passed" label=w.link_passed value=passed />
            <div class="toolbar end">
                {dynamic(move || (!passed.get()).then(|| view! { <span class="reason" id=REASON>{w.link_first}</span> }))}
                <button
                    type="button"
                    class="btn pri"
                    aria-disabled=attr(move || (!passed.get()).then_some("true"))
                    aria-describedby=attr(move || (!passed.get()).then_some(REASON))
                    on:click=finish
                >
                    {w.done}
                </button>
            </div>
        </section>
    }
}
