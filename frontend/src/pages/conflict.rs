//! Two people changed the same thing: both sides, field by field, and which of them stays. Also the question before a
//! page with unsaved changes is left.

use common::time::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;

use crate::api::{Object, use_api};
use crate::components::modal::Modal;
use crate::components::{TableBox, format, words};
use crate::reactive::{attr, dynamic, effect};
use crate::state::connection::use_connection;
use crate::state::gate::use_writes;

/// Id of the text why nothing can be sent.
const OFF: &str = "conflict-off";

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// As the form calls it.
    pub field: &'static str,
    /// As it is stored now.
    pub theirs: String,
    /// As it is typed here.
    pub yours: String,
}

/// A change that was refused because somebody else's came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What differs; what is typed stays typed.
    pub clashes: Vec<Clash>,
    /// Who changed it, where that is known.
    pub by: Option<String>,
}

/// The dialog, open while there is a conflict. Closing it keeps what is typed and changes nothing.
#[component]
pub fn ConflictDialog(
    /// What was refused.
    conflict: RwSignal<Option<Conflict>>,
    /// Fills the form with what is stored.
    take: Callback<()>,
    /// Sends again, based on what is stored now.
    overwrite: Callback<()>,
    /// What it is about, where the activity log can say who changed it and when.
    #[prop(optional_no_strip)]
    of: Option<Object>,
) -> impl IntoView {
    let w = &words().conflict;
    let (api, connection) = (use_api(), use_connection());
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let there = conflict.with(Option::is_some);
        if there != open.get_untracked() {
            open.set(there);
        }
    });
    effect(move || {
        if !open.get() && conflict.with_untracked(Option::is_some) {
            conflict.set(None);
        }
    });
    let off = use_writes();
    // Who and when: as the log has it by now. Without an answer the dialog says what it knows itself.
    let change = RwSignal::new(None::<(String, Timestamp)>);
    effect(move || {
        let there = conflict.with(Option::is_some);
        change.set(None);
        if let Some(object) = of.clone().filter(|_| there) {
            spawn_local(async move {
                if let Ok(Some(entry)) = api.last_change(&object).await {
                    change.try_set(Some((entry.actor, entry.at)));
                }
            });
        }
    });
    let who = move || match change.get() {
        Some((who, at)) => {
            let now = connection.server_now()?;
            let ago = (words().common.ago)(&format::duration(now.since(at)));
            Some((w.changed_by)(&who, &ago))
        }
        None => conflict.with(|c| c.as_ref().and_then(|c| c.by.as_deref().map(w.by))),
    };
    view! {
        <Modal heading_id="conflict-title" title=w.title.to_owned() open=open wide=true>
            <div class="dlg-body">
                <p>
                    {dynamic(who)}
                    " "
                    {w.text}
                </p>
                {dynamic(move || {
                    let clashes = conflict.with(|c| c.as_ref().map(|c| c.clashes.clone()).unwrap_or_default());
                    if clashes.is_empty() { view! { <p>{w.same}</p> }.into_any() } else { sides(clashes) }
                })}
            </div>
            <div class="dlg-foot">
                {dynamic(move || off.get().map(|text| view! { <p class="reason gr" id=OFF>{text}</p> }))}
                <button type="button" class="btn" on:click=move |_| conflict.set(None)>
                    {w.keep_typing}
                </button>
                <button type="button" class="btn" on:click=move |_| {
                    conflict.set(None);
                    take.run(());
                }>
                    {w.take}
                </button>
                <button
                    type="button"
                    class="btn pri"
                    title=attr(move || off.get())
                    aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
                    aria-describedby=attr(move || off.with(Option::is_some).then_some(OFF))
                    on:click=move |_| {
                        if off.with_untracked(Option::is_none) {
                            conflict.set(None);
                            overwrite.run(());
                        }
                    }
                >
                    {w.overwrite}
                </button>
            </div>
        </Modal>
    }
}

/// The fields that differ.
fn sides(clashes: Vec<Clash>) -> AnyView {
    let w = &words().conflict;
    let side = |text: String| {
        if text.is_empty() {
            view! { <span class="mut">{w.empty}</span> }.into_any()
        } else {
            view! { <bdi translate="no">{text}</bdi> }.into_any()
        }
    };
    view! {
        <TableBox label=w.table>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.field}</th>
                        <th scope="col">{w.theirs}</th>
                        <th scope="col">{w.yours}</th>
                    </tr>
                </thead>
                <tbody>
                    {clashes
                        .into_iter()
                        .map(|c| {
                            view! {
                                <tr>
                                    <th scope="row">{c.field}</th>
                                    <td class="wrap">{side(c.theirs)}</td>
                                    <td class="wrap">{side(c.yours)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </TableBox>
    }
    .into_any()
}

/// Asks before the page is left while `safe` does not hold: by a link, by closing the tab, by a reload.
pub fn guard_leaving(safe: Signal<bool>, question: &'static str) {
    let unload = window_event_listener(ev::beforeunload, move |event| {
        if !safe.get_untracked() {
            event.prevent_default();
            // Older browsers ask only where this is set.
            event.set_return_value("unsaved");
        }
    });
    // In the capture phase: before the router sees the click.
    let ask =
        wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let link = target.and_then(|t| t.closest("a[href]").ok().flatten());
            let Some(link) = link else { return };
            // Downloads, links into this page and links into another tab leave nothing.
            let href = link.get_attribute("href").unwrap_or_default();
            let stays =
                link.has_attribute("download") || link.has_attribute("target") || href.starts_with('#');
            if safe.get_untracked() || stays {
                return;
            }
            if !window().confirm_with_message(question).unwrap_or(true) {
                event.prevent_default();
                event.stop_propagation();
            }
        });
    let _ = document().add_event_listener_with_callback_and_bool("click", ask.as_ref().unchecked_ref(), true);
    let ask = StoredValue::new_local(ask);
    on_cleanup(move || {
        unload.remove();
        ask.try_with_value(|ask| {
            let callback = ask.as_ref().unchecked_ref();
            let _ = document().remove_event_listener_with_callback_and_bool("click", callback, true);
        });
    });
}
