//! The card that shows a new node's secret, once, with the file that carries it to the server.

use common::endpoint::Endpoint;
use common::node::CreatedNode;
use common::snippet::{self, Form, NodeSettings, written};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::api::use_api;
use crate::components::secret::mask;
use crate::components::{Check, CopyButton, Icon, Note, Reveal, SecretBox, words};
use crate::i18n::handover;
use crate::reactive::{attr, dynamic, memo};

/// Name of the file that is downloaded, and of the file the agent's command names.
pub const FILE: &str = "appsettings.json";

/// Whether an address is of this machine only.
fn is_loopback(url: &str) -> bool {
    Endpoint::parse(url).is_ok_and(|e| {
        let address = e.host.parse::<std::net::IpAddr>();
        e.host == "localhost" || e.host.ends_with(".localhost") || address.is_ok_and(|a| a.is_loopback())
    })
}

/// Hands a text over as a file.
pub fn download(text: &str, name: &str) -> Result<(), JsValue> {
    let blob = Blob::new_with_str_sequence(&js_sys::Array::of1(&text.into()))?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link = document().create_element("a")?.dyn_into::<HtmlAnchorElement>()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}

/// Secret, settings file, command line, and the word that it is stored.
#[component]
pub fn SecretCard(
    /// The reply that holds the secret.
    created: CreatedNode,
    /// The person says that it is stored.
    stored: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().connect;
    let reveal = Reveal::hidden();
    let settings = snippet::parse(&created.snippet).ok();
    let url = settings.as_ref().map(|s| s.url.clone()).unwrap_or_default();
    let host_is_local = is_loopback(&url);
    let (url, loopback) = (StoredValue::new(url), RwSignal::new(host_is_local));
    let api = use_api();
    spawn_local(async move {
        // Without an answer the address alone decides.
        if let Ok(meta) = api.meta().await {
            loopback.try_set(host_is_local || meta.loopback_only);
        }
    });

    let h = handover();
    let form = RwSignal::new(Form::File);
    // As it was made there; the other forms say the same.
    let (original, settings) = (StoredValue::new(created.snippet), StoredValue::new(settings));
    let masked = mask(&created.plain_secret);
    let masked_settings =
        settings.with_value(|s| s.clone().map(|s| NodeSettings { api_key: masked.clone(), ..s }));
    let masked_original = original.with_value(|text| text.replace(&created.plain_secret, &masked));
    let text = memo(move || match (form.get(), settings.get_value()) {
        (Form::File, _) | (_, None) => original.get_value(),
        (form, Some(settings)) => written(&settings, form),
    });
    let hidden = memo(move || match (form.get(), &masked_settings) {
        (Form::File, _) | (_, None) => masked_original.clone(),
        (form, Some(settings)) => written(settings, form),
    });
    let secret = Signal::stored(created.plain_secret);
    let command = created.command;
    let shown = move || if reveal.is_on() { text.get() } else { hidden.get() };
    let save = move |_| {
        // Fails only where the browser has no downloads; the copy button is beside it.
        let _ = text.with_untracked(|text| download(text, form.get_untracked().file_name()));
    };
    let forms = Form::ALL.map(|of| {
        view! {
            <button
                type="button"
                aria-pressed=attr(move || if form.get() == of { "true" } else { "false" })
                on:click=move |_| form.set(of)
            >
                {(h.form)(of)}
            </button>
        }
    });
    view! {
        <section class="card stack">
            <header>
                <h2 id="new-secret" tabindex="-1">
                    {w.secret}
                </h2>
                <span class="st warn">
                    <Icon name="shield-alert" />
                    <span>{w.shown_once}</span>
                </span>
            </header>
            <p>{w.copy_now}</p>
            <SecretBox secret=secret reveal=reveal />
            {dynamic(move || {
                loopback
                    .get()
                    .then(|| {
                        view! {
                            <Note tone="warn" icon="triangle-alert">
                                {w.loopback}
                                " "
                                <bdi class="id" translate="no">
                                    {url.get_value()}
                                </bdi>
                            </Note>
                        }
                    })
            })}
            <div class="stack tight">
                <h3><bdi translate="no">{dynamic(move || form.get().file_name())}</bdi></h3>
                <div class="seg-ctl" role="group" aria-label=h.forms>
                    {forms}
                </div>
                <p class="sm mut">{dynamic(move || (h.form_hint)(form.get()))}</p>
                <pre
                    class="code"
                    tabindex="0"
                    role="region"
                    aria-label=attr(move || form.get().file_name())
                    translate="no"
                    dir="ltr"
                >
                    {dynamic(shown)}
                </pre>
                <div class="toolbar">
                    <CopyButton text=text label=w.copy_file />
                    <button type="button" class="btn" on:click=save>
                        <Icon name="download" />
                        <span>{dynamic(move || (h.download)(form.get().file_name()))}</span>
                    </button>
                </div>
            </div>
            <div class="stack tight">
                <h3>{w.command}</h3>
                <p class="sm mut">{w.command_hint}</p>
                <div class="secret">
                    <code class="code gr" tabindex="0" translate="no" dir="ltr">
                        {command.clone()}
                    </code>
                    <CopyButton text=command label=w.copy_command />
                </div>
            </div>
            <Check id="secret-stored" label=w.stored value=stored />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn addresses_of_this_machine_only() {
        for url in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "http://127.8.0.1"]
        {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://10.0.0.5:8080", "https://console.example", "http://localhost.example", ""] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
