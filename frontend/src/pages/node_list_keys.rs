//! The keys of a list, and what else it listens to: width, paper, the size of the window.

use common::ids::NodeId;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::lifecycle::model::Action;
use super::node_list_rows::{focus_row, node_at};
use super::node_list_window::Port;
use super::node_order::Order;
use super::node_table::TableParts;
use crate::reactive::memo;
use crate::shell::shortcuts::Shortcut;
use crate::state::commands::{Command, use_commands};

/// At this width status, name and region share a cell.
const NARROW: &str = "(width <= 30rem)";

/// A row that gets the focus is waited for so many frames.
const TRIES: u32 = 20;

/// The rows of a table as the keys see them; copy it freely.
#[derive(Clone, Copy)]
pub struct Rows {
    /// The box that scrolls.
    pub frame: NodeRef<html::Div>,
    /// The body with the rows.
    pub body: NodeRef<html::Tbody>,
    /// Where the box is scrolled.
    pub port: RwSignal<Port>,
    /// The rows that are in the page, in order.
    pub here: RwSignal<Vec<NodeId>>,
    /// The row the keys were at last.
    at: RwSignal<Option<NodeId>>,
    /// The row whose controls the tab key stops at: that one, else the first in sight.
    pub stop: Memo<Option<NodeId>>,
    order: Order,
}

impl Rows {
    /// Of a table with this order.
    pub fn new(order: Order) -> Self {
        let (here, at) = (RwSignal::new(Vec::new()), RwSignal::new(None::<NodeId>));
        // Enough for the first rows; they are measured when they are there.
        let port = RwSignal::new(Port { top: 0.0, height: 700.0, row: 44.0 });
        let stop = memo(move || {
            let first = || {
                let top = order.ids.with(|ids| ids.get(port.get().visible(ids.len()).start).copied());
                top.filter(|id| here.with(|h| h.contains(id))).or_else(|| here.with(|h| h.first().copied()))
            };
            at.get().filter(|id| here.with(|h| h.contains(id))).or_else(first)
        });
        Self { frame: NodeRef::new(), body: NodeRef::new(), port, here, at, stop, order }
    }

    /// The focus is in this row now, or in none. A table that is taken away loses it too, when nothing of it is left.
    pub fn focused(self, row: Option<NodeId>) {
        let holds = self.order.holds.focus;
        if holds.try_get_untracked().is_some_and(|old| old != row) {
            holds.set(row);
        }
        if let Some(row) = row
            && self.at.try_get_untracked().is_some_and(|old| old != Some(row))
        {
            self.at.set(Some(row));
        }
    }

    /// Whether the focus is in the table.
    fn has_focus(self) -> bool {
        let focused = document().active_element();
        self.frame.get_untracked().is_some_and(|frame| frame.contains(focused.as_deref()))
    }

    /// The row that a key is about: the one with the focus, else the one the tab key would stop at.
    fn current(self) -> Option<NodeId> {
        let focused = document().active_element().and_then(|e| node_at(Some(e.into())));
        focused.or_else(|| self.stop.get_untracked())
    }

    /// Puts the focus on the row at a place, in sight.
    fn go(self, place: usize) {
        let Some(id) = self.order.ids.with_untracked(|ids| ids.get(place).copied()) else { return };
        let Some(frame) = self.frame.get_untracked() else { return };
        let old = self.port.get_untracked();
        let top = old.reveal(place);
        // Kept in the page from now on, also where it is far from what is in sight.
        self.focused(Some(id));
        if (top - old.top).abs() > 0.5 {
            self.port.set(Port { top, ..old });
            request_animation_frame(move || frame.set_scroll_top(rounded(top)));
        }
        self.focus_soon(id, TRIES);
    }

    /// Puts the focus on a row as soon as it is in the page, which may take a frame or two.
    fn focus_soon(self, id: NodeId, tries: u32) {
        let Some(Some(body)) = self.body.try_get_untracked() else { return };
        if !focus_row(&body, id) && tries > 0 {
            request_animation_frame(move || self.focus_soon(id, tries - 1));
        }
    }

    /// Moves the focus by so many rows. Outside of the table the first press leads to the current row.
    fn step(self, by: isize) {
        let Some(id) = self.current() else { return };
        let inside = self.order.holds.focus.with_untracked(Option::is_some);
        let (place, last) = (self.order.place(id).unwrap_or(0), self.order.ids.with_untracked(Vec::len));
        let Some(last) = last.checked_sub(1) else { return };
        self.go(if inside { place.saturating_add_signed(by).min(last) } else { place });
    }
}

#[expect(clippy::as_conversions, reason = "a saturating cast of a number of pixels")]
fn rounded(px: f64) -> i32 {
    px.round() as i32
}

/// Keys that every table has: arrows, pages, first and last.
pub fn row_keys(event: &ev::KeyboardEvent, parts: TableParts) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
        return;
    }
    let rows = parts.rows;
    let page = rows.port.with_untracked(|port| port.visible(usize::MAX).len().saturating_sub(1).max(1));
    let page = isize::try_from(page).unwrap_or(1);
    match event.key().as_str() {
        "ArrowDown" => rows.step(1),
        "ArrowUp" => rows.step(-1),
        "PageDown" => rows.step(page),
        "PageUp" => rows.step(-page),
        "Home" => rows.go(0),
        "End" => rows.go(parts.order.ids.with_untracked(Vec::len).saturating_sub(1)),
        _ => return,
    }
    event.prevent_default();
}

/// Offers the keys of one character for the tables of a page: they mean the one with the focus, else the first.
pub fn register_keys(parts: Vec<TableParts>) {
    let parts = StoredValue::new(parts);
    let meant = move || {
        parts.with_value(|all| all.iter().find(|p| p.rows.has_focus()).or_else(|| all.first()).copied())
    };
    let with = move |act: fn(TableParts)| {
        move || {
            if let Some(parts) = meant() {
                act(parts);
            }
        }
    };
    use_commands().register(move || {
        vec![
            Command::key_only(Shortcut::NextRow, with(|p| p.rows.step(1))),
            Command::key_only(Shortcut::PreviousRow, with(|p| p.rows.step(-1))),
            Command::key_only(Shortcut::Select, with(|p| select(p, false))),
            Command::key_only(Shortcut::SelectRange, with(|p| select(p, true))),
            Command::key_only(
                Shortcut::Maintenance,
                with(|p| {
                    if let Some(id) = p.rows.current() {
                        p.actions.ask(id, Action::Maintenance);
                    }
                }),
            ),
        ]
    });
}

fn select(parts: TableParts, range: bool) {
    let Some(id) = parts.rows.current() else { return };
    let on = !parts.selection.has(id);
    if range {
        parts.order.ids.with_untracked(|ids| parts.selection.set_range(ids, id, true));
    } else {
        parts.selection.set(id, on);
    }
}

/// Follows whether there is little room.
pub fn use_narrow() -> Memo<bool> {
    let query = window().match_media(NARROW).ok().flatten();
    let now = RwSignal::new(query.as_ref().is_some_and(web_sys::MediaQueryList::matches));
    let look = move || {
        let is = window().match_media(NARROW).ok().flatten().is_some_and(|query| query.matches());
        if now.try_get_untracked().is_some_and(|old| old != is) {
            now.set(is);
        }
    };
    on_resize(look);
    memo(move || now.get())
}

/// Calls this when the window has another size, as long as the component is on the screen.
pub fn on_resize(run: impl Fn() + Clone + 'static) {
    let handle = window_event_listener(ev::resize, move |_| {
        request_animation_frame(run.clone());
    });
    on_cleanup(move || handle.remove());
}

/// Follows whether the page is being printed: then all rows have to be there.
pub fn use_printing() -> RwSignal<bool> {
    let printing = RwSignal::new(false);
    let before = window_event_listener(ev::beforeprint, move |_| printing.set(true));
    let after = window_event_listener(ev::afterprint, move |_| printing.set(false));
    on_cleanup(move || {
        before.remove();
        after.remove();
    });
    printing
}
