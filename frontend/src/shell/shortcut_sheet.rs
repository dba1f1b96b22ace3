//! The list of shortcuts, with the switch for those of one key.

use leptos::prelude::*;

use super::sheet::Sheet;
use super::shortcuts::{GO, Shortcut};
use crate::components::palette_items::letter;
use crate::components::{Check, TableBox, words};
use crate::reactive::effect;
use crate::state::commands::use_commands;
use crate::state::prefs::{SingleKeys, use_prefs};

const EVERYWHERE: [Shortcut; 6] = [
    Shortcut::Palette,
    Shortcut::Sheet,
    Shortcut::Pause,
    Shortcut::Refresh,
    Shortcut::Toasts,
    Shortcut::Escape,
];
const LISTS: [Shortcut; 9] = [
    Shortcut::Filter,
    Shortcut::NextRow,
    Shortcut::PreviousRow,
    Shortcut::Select,
    Shortcut::SelectRange,
    Shortcut::Actions,
    Shortcut::Maintenance,
    Shortcut::PreviousItem,
    Shortcut::NextItem,
];

/// Keys in the order they are pressed. Between those that are held together stands a plus, between others a word.
fn keys_view(keys: &[&'static str], together: bool) -> AnyView {
    let key = |(i, key): (usize, &&'static str)| {
        let between = match (i, together) {
            (0, _) => String::new(),
            (_, true) => " + ".to_owned(),
            (_, false) => format!(" {} ", words().shortcuts.then),
        };
        view! {
            {between}
            <kbd class="kbd" translate="no">
                {*key}
            </kbd>
        }
    };
    keys.iter().enumerate().map(key).collect_view().into_any()
}

fn table(title: &'static str, rows: Vec<(AnyView, String)>) -> AnyView {
    let w = &words().shortcuts;
    let rows = rows.into_iter().map(|(keys, does)| {
        view! {
            <tr>
                <td class="nowrap">
                    <bdi translate="no">{keys}</bdi>
                </td>
                <td class="wrap">{does}</td>
            </tr>
        }
    });
    view! {
        <section class="stack tight">
            <h2>{title}</h2>
            <TableBox label=title>
                <table>
                    <thead class="vh">
                        <tr>
                            <th scope="col">{w.keys}</th>
                            <th scope="col">{w.does}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </TableBox>
        </section>
    }
    .into_any()
}

/// All shortcuts in their groups, and the switch.
#[component]
pub fn ShortcutList() -> impl IntoView {
    let (w, prefs) = (&words().shortcuts, use_prefs());
    let on = RwSignal::new(prefs.single_keys.get_untracked() == SingleKeys::On);
    effect(move || {
        let wanted = if on.get() { SingleKeys::On } else { SingleKeys::Off };
        if prefs.single_keys.get_untracked() != wanted {
            prefs.single_keys.set(wanted);
        }
    });
    let of = |shortcut: &Shortcut| (keys_view(shortcut.keys(), true), (w.of)(*shortcut).to_owned());
    let page = |(key, path): &(char, &'static str)| {
        let pages = words().palette.pages;
        let name =
            pages.iter().find(|(p, ..)| p == path).map_or(words().states.settings, |(_, name, _)| *name);
        (keys_view(&["G", letter(*key)], false), name.to_owned())
    };
    let own = w.own.iter().map(|(keys, does)| (keys_view(keys, false), (*does).to_owned()));
    view! {
        <Check id="single-keys" label=w.switch hint=w.switch_hint value=on />
        {table(w.everywhere, EVERYWHERE.iter().map(of).collect())}
        {table(w.pages, GO.iter().map(page).collect())}
        {table(w.lists, LISTS.iter().map(of).chain(own).collect())}
        <p class="sm mut">{w.layout}</p>
    }
}

/// The list beside the page.
#[component]
pub fn ShortcutSheet() -> impl IntoView {
    let commands = use_commands();
    let open = RwSignal::new(true);
    effect(move || {
        if !open.get() {
            commands.close();
        }
    });
    view! {
        <Sheet heading_id="shortcuts-title" title=Signal::stored(words().shortcuts.title.to_owned()) open=open edge="end">
            <div class="dlg-body">
                <ShortcutList />
            </div>
        </Sheet>
    }
}
