//! “Check my file”: a pasted `appsettings.json` held against what is registered. It is read here and nothing is sent.

use common::node::Node;
use common::snippet::{self, Compared, Expected};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sha2::{Digest as _, Sha256};

use crate::api::use_api;
use crate::components::Icon;
use crate::i18n::{handover, isolated};
use crate::reactive::{dynamic, memo};

const BOX: &str = "check-file";

/// The first eight hexadecimal digits of a secret's SHA-256, as the control plane shows it. The browser's own SHA-256
/// is there on secure pages only.
fn fingerprint(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn expected(node: &Node, url: String) -> Expected {
    Expected {
        kind: node.kind,
        id: node.id(),
        external_id: node.external_id.clone(),
        region_id: node.region_id.clone(),
        fingerprints: std::iter::once(node.secret.fingerprint.clone())
            .chain(node.secret.previous_fingerprint.clone())
            .collect(),
        url,
    }
}

/// The card.
#[component]
pub fn CheckCard(
    /// What is registered.
    node: Memo<Option<Node>>,
    /// The address that the shown settings name, where they are shown.
    url: Option<String>,
) -> impl IntoView {
    let w = handover();
    let typed = RwSignal::new(String::new());
    let known = url.is_some();
    let origin = || window().location().origin().unwrap_or_default();
    let url = RwSignal::new(url.unwrap_or_else(origin));
    let api = use_api();
    if !known {
        spawn_local(async move {
            // Without an answer it is the address of this page.
            if let Some(told) = api.meta().await.ok().and_then(|meta| meta.public_url) {
                url.try_set(told);
            }
        });
    }
    let verdict = memo(move || {
        let text = typed.get();
        if text.trim().is_empty() {
            return None;
        }
        let expected = node.with(|n| n.as_ref().map(|n| expected(n, url.get())))?;
        Some(
            snippet::parse(&text).map(|file| snippet::compare(&file, &fingerprint(&file.api_key), &expected)),
        )
    });
    let row = |c: Compared| {
        let (family, icon, state) = if c.same { ("ok", "check", w.same) } else { ("bad", "x", w.other) };
        let found = match c.found {
            Some(text) => view! { <bdi class="id" translate="no">{text}</bdi> }.into_any(),
            None => w.missing.into_any(),
        };
        let should = (!c.same).then(|| {
            view! { " · " {w.should} " " <bdi class="id" translate="no">{c.expected}</bdi> }
        });
        view! {
            <li class="step">
                <span class=format!("step-mark {family}")>
                    <Icon name=icon />
                </span>
                <div>
                    <span class="vh">{state} ": "</span>
                    <b>{(w.setting)(c.setting)}</b>
                    <div class="sm mut wrap-any">{found} {should}</div>
                </div>
            </li>
        }
    };
    let shown = move || {
        verdict.get().map(|verdict| match verdict {
            Ok(rows) => {
                let wrong = rows.iter().filter(|c| !c.same).count();
                let (family, icon, text) = match wrong {
                    0 => ("ok", "circle-check", w.fits.to_owned()),
                    n => ("bad", "octagon-x", (w.differs)(n)),
                };
                view! {
                    <p>
                        <span class=format!("st {family}")>
                            <Icon name=icon />
                            <span>{text}</span>
                        </span>
                    </p>
                    <ul class="steps">{rows.into_iter().map(row).collect_view()}</ul>
                }
                .into_any()
            }
            Err(e) => {
                // Where the reader stopped; the rest of its words says less than ours.
                let more = match &e {
                    snippet::SnippetError::Json(said) => isolated(said),
                    _ => String::new(),
                };
                view! { <p class="bad-text">{(w.unreadable)(&e)} " " {more}</p> }.into_any()
            }
        })
    };
    view! {
        <section class="card">
            <details class="more">
                <summary>{w.check}</summary>
                <div class="stack tight">
                    <p class="sm mut">{w.check_lead}</p>
                    <label for=BOX>{w.check_label}</label>
                    <textarea
                        class="inp mono"
                        id=BOX
                        rows="8"
                        dir="ltr"
                        translate="no"
                        spellcheck="false"
                        autocomplete="off"
                        autocapitalize="off"
                        prop:value=typed
                        on:input=move |event| typed.set(event_target_value(&event))
                    ></textarea>
                    <div class="toolbar">
                        <button type="button" class="btn" on:click=move |_| typed.set(String::new())>
                            {w.empty}
                        </button>
                    </div>
                    <div role="status">
                        {dynamic(shown)}
                    </div>
                </div>
            </details>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn as_the_control_plane_shows_it() {
        // SHA-256("abc") of FIPS 180-4.
        assert_eq!(fingerprint("abc"), "ba7816bf");
    }
}
