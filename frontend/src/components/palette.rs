//! The palette: one input that finds pages, nodes and regions, and runs the commands of the page.
//!
//! An editable combobox with a list, inside a modal dialog: the focus stays in the input, the arrow keys move the
//! choice, Enter takes it. Nothing destructive runs from here: such commands open their dialog.

use std::time::Duration;

use common::node::Node;
use common::stream::Topic;
use leptos::ev;
use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::icon::Icon;
use super::palette_items::{Does, Group, Item, Sources, everywhere, groups};
use super::words;
use crate::api::NodeQuery;
use crate::api::use_api;
use crate::reactive::{attr, dynamic, effect, memo};
use crate::state::commands::use_commands;
use crate::state::connection::use_connection;
use crate::state::live::use_live;
use crate::state::trail::use_trail;

const LIST: &str = "palette-list";
/// How long typing rests before the server is asked for nodes.
const REST: Duration = Duration::from_millis(180);
/// How many nodes the server is asked for.
const ASKED: u32 = 20;

fn option_id(index: usize) -> String {
    format!("palette-{index}")
}

/// How far the server's answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Settled,
    UnderWay,
    Failed,
}

/// Nodes that fit, as the server finds them; asked for when typing rests.
fn follow_server(query: RwSignal<String>, found: RwSignal<Vec<Node>>, asked: RwSignal<Asked>) {
    let api = use_api();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        timer.try_update_value(|t| t.take().inspect(TimeoutHandle::clear));
    };
    effect(move || {
        let text = query.with(|q| q.trim().to_owned());
        stop();
        if text.chars().count() < 2 {
            asked.set(Asked::Settled);
            return;
        }
        asked.set(Asked::UnderWay);
        let ask = move || {
            spawn_local(async move {
                let reply = api
                    .nodes(&NodeQuery { q: Some(text.clone()), limit: Some(ASKED), ..NodeQuery::default() })
                    .await;
                // Answers to what was typed before are of no use.
                if query.try_with_untracked(|now| now.trim() == text) != Some(true) {
                    return;
                }
                match reply {
                    Ok(page) => {
                        found.try_update(|all| {
                            let new = page.items.into_iter().filter(|n| all.iter().all(|k| k.id() != n.id()));
                            let new: Vec<_> = new.collect();
                            all.extend(new);
                        });
                        asked.try_set(Asked::Settled);
                    }
                    Err(_) => {
                        asked.try_set(Asked::Failed);
                    }
                }
            });
        };
        timer.set_value(set_timeout_with_handle(ask, REST).ok());
    });
    on_cleanup(stop);
}

/// The palette, open from the moment it is made.
#[component]
pub fn Palette() -> impl IntoView {
    let w = &words().palette;
    let (commands, connection, live, trail) = (use_commands(), use_connection(), use_live(), use_trail());
    let (here, navigate) = (use_location().pathname, use_navigate());
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    // Those that are on the screen's page anyway need no question.
    let ids = untrack(|| live.node_ids(&Topic::Nodes));
    let known = ids.into_iter().filter_map(|id| untrack(|| live.node(id, Clone::clone))).collect::<Vec<_>>();
    let found = RwSignal::new(known);
    let asked = RwSignal::new(Asked::Settled);
    follow_server(query, found, asked);
    let list: Signal<Vec<Group>> = Signal::derive(move || {
        let mut all = commands.all();
        all.extend(everywhere(commands, connection));
        query.with(|query| {
            found.with(|nodes| {
                let here = here.get_untracked();
                groups(Sources { query, commands: all, live, nodes, trail, here: &here })
            })
        })
    });
    // Worked out once for each change, and kept: the list, its keys and its count are of one moment.
    let shown = RwSignal::new(Vec::<Group>::new());
    effect(move || shown.set(list.get()));
    let count = memo(move || shown.with(|all| all.iter().map(|g| g.items.len()).sum::<usize>()));
    let item_at = move |index: usize| {
        shown.with_untracked(|all| all.iter().flat_map(|g| g.items.iter()).nth(index).cloned())
    };
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        if !dialog.open() {
            let _ = dialog.show_modal();
            if let Some(input) = input.get_untracked() {
                let _ = input.focus();
            }
        }
    });
    let close = move || {
        // The dialog gives the focus back to where it was; then it goes.
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        commands.close();
    };
    let take = move |index: usize| {
        let Some(item) = item_at(index).filter(|item| item.off.is_none()) else { return };
        close();
        match item.does {
            Does::Go(path) => navigate(&path, NavigateOptions::default()),
            // After this dialog is gone: a command may open one of its own.
            Does::Run(command) => set_timeout(move || _ = command.go(), Duration::ZERO),
        }
    };
    let take = StoredValue::new_local(take);
    let move_to = move |index: usize| {
        chosen.set(index);
        let selector = format!("#{}", option_id(index));
        request_animation_frame(move || {
            if let Ok(Some(option)) = document().query_selector(&selector) {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    };
    let keys = move |event: ev::KeyboardEvent| {
        let (n, at) = (count.get_untracked(), chosen.get_untracked());
        if event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" if n > 0 => move_to(if at.saturating_add(1) < n { at.saturating_add(1) } else { 0 }),
            "ArrowUp" if n > 0 => move_to(at.checked_sub(1).unwrap_or(n.saturating_sub(1))),
            "PageDown" if n > 0 => move_to(at.saturating_add(8).min(n.saturating_sub(1))),
            "PageUp" if n > 0 => move_to(at.saturating_sub(8)),
            "Enter" => take.with_value(|take| take(at)),
            _ => return,
        }
        event.prevent_default();
    };
    let beside = move |event: ev::MouseEvent| {
        if event.target() == event.current_target() {
            close();
        }
    };
    view! {
        <dialog
            class="dlg palette no-print"
            node_ref=dialog
            aria-label=w.title
            on:close=move |_| {
                // Told late too: another one may be open by then.
                if dialog.try_get_untracked().flatten().is_some_and(|d| d.is_connected()) {
                    commands.close();
                }
            }
            on:cancel=move |event: ev::Event| {
                // Closed from here, so that it is known at once: the browser tells it in a later frame.
                event.prevent_default();
                close();
            }
            on:click=beside
        >
            <div class="palette-head">
                <Icon name="search" />
                <input
                    class="palette-input"
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-label=w.input
                    aria-autocomplete="list"
                    aria-expanded=attr(move || if count.get() > 0 { "true" } else { "false" })
                    aria-controls=LIST
                    aria-activedescendant=attr(move || (count.get() > 0).then(|| option_id(chosen.get())))
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    placeholder=w.placeholder
                    prop:value=query
                    on:input=move |event| {
                        chosen.set(0);
                        query.set(event_target_value(&event));
                    }
                    on:keydown=keys
                />
                <button type="button" class="btn ghost ic" aria-label=words().common.close on:click=move |_| close()>
                    <Icon name="x" />
                </button>
            </div>
            <p class="vh" role="status">
                {dynamic(move || (w.found)(count.get()))}
            </p>
            <div class="palette-list" id=LIST role="listbox" aria-label=w.list>
                {dynamic(move || rows(&shown.get(), chosen, take))}
            </div>
            {dynamic(move || (count.get() == 0).then(|| view! { <p class="palette-note">{w.none}</p> }))}
            <p class="palette-foot">
                {dynamic(move || match asked.get() {
                    Asked::UnderWay => w.asking,
                    Asked::Failed => w.no_answer,
                    Asked::Settled => w.hint,
                })}
            </p>
        </dialog>
    }
}

type Take<F> = StoredValue<F, LocalStorage>;

fn rows<F: Fn(usize) + 'static>(all: &[Group], chosen: RwSignal<usize>, take: Take<F>) -> AnyView {
    let mut next = 0_usize;
    let groups = all.iter().enumerate().map(|(g, group)| {
        let heading = format!("palette-group-{g}");
        let named = heading.clone();
        let items = group.items.iter().map(|item| {
            let index = next;
            next = next.saturating_add(1);
            row(index, item, chosen, take)
        });
        let items = items.collect_view();
        view! {
            <div role="group" aria-labelledby=named>
                <p class="palette-group" id=heading role="presentation">
                    {group.title}
                </p>
                {items}
            </div>
        }
    });
    groups.collect_view().into_any()
}

fn row<F: Fn(usize) + 'static>(index: usize, item: &Item, chosen: RwSignal<usize>, take: Take<F>) -> AnyView {
    let here = move || chosen.get() == index;
    let keys = item.keys.iter().map(|key| view! { <kbd class="kbd">{*key}</kbd> }).collect_view();
    let words = if item.technical {
        view! { <bdi class="id" translate="no">{item.label.clone()}</bdi> }.into_any()
    } else {
        view! { <span>{item.label.clone()}</span> }.into_any()
    };
    view! {
        <div
            class="palette-item"
            id=option_id(index)
            role="option"
            aria-selected=attr(move || if here() { "true" } else { "false" })
            aria-disabled=item.off.is_some().then_some("true")
            on:mousemove=move |_| {
                if chosen.get_untracked() != index {
                    chosen.set(index);
                }
            }
            on:click=move |_| take.with_value(|take| take(index))
        >
            <Icon name=item.icon />
            {words}
            <span class="sub-line gr">{item.off.clone().unwrap_or_else(|| item.detail.clone())}</span>
            <span class="keys" aria-hidden="true">{keys}</span>
        </div>
    }
    .into_any()
}
