//! The new key, shown once, with the file that carries it to the node.

use common::singleton::PutBackgroundReply;
use leptos::prelude::*;

use crate::components::secret::mask;
use crate::components::{CopyButton, Icon, Reveal, SecretBox, words};
use crate::pages::connect_secret::{FILE, download};
use crate::reactive::{derived, dynamic};

/// The key of a reply that set one.
#[component]
pub fn KeyCard(reply: PutBackgroundReply) -> impl IntoView {
    let (w, c) = (&words().background, &words().connect);
    let secret = reply.plain_secret.unwrap_or_default();
    let snippet = reply.snippet.unwrap_or_default();
    let command = reply.command.unwrap_or_default();
    let reveal = Reveal::hidden();
    let masked = snippet.replace(&secret, &mask(&secret));
    let file = StoredValue::new(snippet);
    let shown = move || if reveal.is_on() { file.get_value() } else { masked.clone() };
    let save = move |_| {
        // Fails only where the browser has no downloads; the copy button is beside it.
        let _ = file.with_value(|text| download(text, FILE));
    };
    view! {
        <section class="card stack" aria-labelledby="new-secret">
            <header>
                <h2 id="new-secret" tabindex="-1">
                    {w.secret_title}
                </h2>
                <span class="st warn">
                    <Icon name="shield-alert" />
                    <span>{c.shown_once}</span>
                </span>
            </header>
            <p>{c.copy_now}</p>
            <SecretBox secret=Signal::stored(secret) reveal=reveal />
            <div class="stack tight">
                <h3><bdi translate="no">{FILE}</bdi></h3>
                <pre class="code" tabindex="0" role="region" aria-label=FILE translate="no" dir="ltr">
                    {dynamic(shown)}
                </pre>
                <div class="toolbar">
                    <CopyButton text=derived(move || file.get_value()) label=c.copy_file />
                    <button type="button" class="btn" on:click=save>
                        <Icon name="download" />
                        <span>{c.download}</span>
                    </button>
                </div>
            </div>
            <div class="stack tight">
                <h3>{c.command}</h3>
                <div class="secret">
                    <code class="code gr" tabindex="0" translate="no" dir="ltr">
                        {command.clone()}
                    </code>
                    <CopyButton text=command label=c.copy_command />
                </div>
            </div>
        </section>
    }
}
