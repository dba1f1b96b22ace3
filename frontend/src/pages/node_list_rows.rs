//! The rows of a long list that are in the page. A row that leaves what is in sight is given another node and put where
//! that one stands: filling a row is far less work than making one. A row that stays is never moved, because moving an
//! element takes the focus from it, and one that has the focus or an open menu keeps its node.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use common::ids::NodeId;
use leptos::html;
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Node};

use super::node_list_window::{Pace, Piece, Port, pieces, pixels};
use super::node_order::Order;
use crate::reactive::effect;

/// Rows without a node are kept for so many nodes that come into sight next.
const SPARE: usize = 60;
/// So many rows are on paper at most.
const PRINTED: usize = 1_000;

/// Makes a row that follows which node it is of.
pub type MakeRow = Rc<dyn Fn(RwSignal<NodeId>) -> AnyView>;

struct Made {
    owner: Owner,
    view: AnyViewState,
    row: Element,
    of: RwSignal<NodeId>,
    place: usize,
}

impl Made {
    /// Gives the row to another node. What is looked up by it is written at once, the cells follow before the next paint.
    fn give(&mut self, id: NodeId) {
        let _ = self.row.set_attribute("data-node", &id.to_string());
        self.of.set(id);
    }

    fn end(mut self) {
        self.view.unmount();
        self.owner.cleanup();
    }
}

#[derive(Default)]
struct InPage {
    rows: HashMap<NodeId, Made>,
    /// Rows that have left what is in sight.
    spare: Vec<Made>,
    /// How many rows a frame has time for.
    pace: Pace,
    /// Empty rows that are as high as those that are not in the page.
    gaps: Vec<Element>,
}

/// What the rows follow.
#[derive(Clone, Copy)]
pub struct Follow {
    /// What is shown.
    pub order: Order,
    /// Where the box is scrolled.
    pub port: RwSignal<Port>,
    /// All rows are wanted, for paper.
    pub printing: RwSignal<bool>,
    /// The rows that are in the page, in order.
    pub here: RwSignal<Vec<NodeId>>,
}

/// Fills a body with the rows that are in sight.
pub fn keep_rows(body: NodeRef<html::Tbody>, follow: Follow, make: MakeRow) {
    let state = Rc::new(RefCell::new(InPage::default()));
    // Rows live as long as they are in the page, not until the next run of the effect.
    let Some(home) = Owner::current() else { return };
    let next = RwSignal::new(0_u32);
    let began = StoredValue::new(None::<f64>);
    effect(move || {
        next.track();
        let now = window().performance().map(|p| p.now());
        if let Some(taken) =
            began.try_update_value(Option::take).flatten().zip(now).map(|(from, to)| to - from)
        {
            state.borrow_mut().pace.took(taken);
        }
        let Some(body) = body.get() else { return };
        let (port, printing) = (follow.port.get(), follow.printing.get());
        let holds = follow.order.holds;
        let kept = [holds.focus.get(), holds.menu.get()].map(|id| id.and_then(|id| follow.order.place(id)));
        let wanted: Vec<(Piece, Option<NodeId>)> = follow.order.ids.with(|ids| {
            let total = ids.len();
            let visible = if printing { 0..total.min(PRINTED) } else { port.visible(total) };
            let id = |piece: &Piece| if let Piece::Row(n) = piece { ids.get(*n).copied() } else { None };
            pieces(&visible, total, kept).into_iter().map(|piece| (piece, id(&piece))).collect()
        });
        let limit = if printing { PRINTED } else { state.borrow().pace.rows() };
        let complete = state.borrow_mut().put(&body, &wanted, (&home, &make), (limit, kept), port);
        if !complete {
            began.set_value(now);
            request_animation_frame(move || {
                next.try_update(|n| *n = n.wrapping_add(1));
            });
        }
        let here: Vec<NodeId> = wanted.into_iter().filter_map(|(_, id)| id).collect();
        if follow.here.with_untracked(|old| *old != here) {
            follow.here.set(here);
        }
    });
}

impl InPage {
    /// Brings the body to what is wanted, with at most `limit` new rows; whether that was enough.
    fn put(
        &mut self,
        body: &Element,
        wanted: &[(Piece, Option<NodeId>)],
        (home, make): (&Owner, &MakeRow),
        first: (usize, [Option<usize>; 2]),
        port: Port,
    ) -> bool {
        let keep: HashSet<NodeId> = wanted.iter().filter_map(|(_, id)| *id).collect();
        let left: Vec<NodeId> = self.rows.keys().filter(|id| !keep.contains(id)).copied().collect();
        for made in left.iter().filter_map(|id| self.rows.remove(id)).collect::<Vec<_>>() {
            if self.spare.len() < SPARE {
                self.spare.push(made);
            } else {
                made.end();
            }
        }
        let now = self.soonest(wanted, first, port);
        let mut complete = true;
        let mut line: Vec<Element> = Vec::with_capacity(wanted.len());
        let (mut gaps, mut room) = (0, 0);
        for (piece, id) in wanted {
            let place = match (piece, id) {
                (Piece::Row(place), Some(id)) if now.contains(id) || self.rows.contains_key(id) => {
                    (*place, *id)
                }
                (Piece::Gap(rows), _) => {
                    room += rows;
                    continue;
                }
                (Piece::Row(_), _) => {
                    complete = false;
                    room += 1;
                    continue;
                }
            };
            if room > 0 {
                line.extend(self.gap(gaps, pixels(room, port.row)));
                (gaps, room) = (gaps + 1, 0);
            }
            let (place, id) = place;
            let made = match self.rows.entry(id) {
                Entry::Occupied(made) => made.into_mut(),
                Entry::Vacant(free) => match self.spare.pop() {
                    Some(mut made) => {
                        made.give(id);
                        free.insert(made)
                    }
                    None => match make_row(body, home, make, id) {
                        Some(made) => free.insert(made),
                        None => continue,
                    },
                },
            };
            if made.place != place {
                made.place = place;
                // The heading is the first row.
                let _ = made.row.set_attribute("aria-rowindex", &(place + 2).to_string());
            }
            line.push(made.row.clone());
        }
        if room > 0 {
            line.extend(self.gap(gaps, pixels(room, port.row)));
        }
        arrange(body, &line);
        complete
    }

    /// The rows that are made first: the one that gets the focus, then those in the middle of what is in sight.
    fn soonest(
        &self,
        wanted: &[(Piece, Option<NodeId>)],
        (limit, kept): (usize, [Option<usize>; 2]),
        port: Port,
    ) -> HashSet<NodeId> {
        let visible = port.visible(usize::MAX);
        let middle = visible.start.midpoint(visible.end);
        let far = |place: usize| if kept.contains(&Some(place)) { 0 } else { place.abs_diff(middle) + 1 };
        let missing = |(piece, id): &(Piece, Option<NodeId>)| match (piece, id) {
            (Piece::Row(place), Some(id)) if !self.rows.contains_key(id) => Some((far(*place), *id)),
            _ => None,
        };
        let mut missing: Vec<(usize, NodeId)> = wanted.iter().filter_map(missing).collect();
        missing.sort_unstable_by_key(|(far, _)| *far);
        missing.into_iter().take(limit).map(|(_, id)| id).collect()
    }

    /// The empty row with this number, so high.
    fn gap(&mut self, number: usize, height: f64) -> Option<Element> {
        let known = self.gaps.get(number).cloned();
        let gap = known.or_else(|| {
            let made = document().create_element("tr").ok()?;
            made.set_class_name("gap");
            made.set_attribute("aria-hidden", "true").ok()?;
            let cell = document().create_element("td").ok()?;
            cell.set_attribute("colspan", "99").ok()?;
            made.append_child(&cell).ok()?;
            self.gaps.push(made.clone());
            Some(made)
        })?;
        let cell = gap.first_element_child()?.dyn_into::<web_sys::HtmlElement>().ok()?;
        // Not as an attribute: the policy of the page forbids those.
        cell.style().set_property("block-size", &format!("{height}px")).ok()?;
        Some(gap)
    }
}

fn make_row(body: &Element, home: &Owner, make: &MakeRow, id: NodeId) -> Option<Made> {
    let owner = home.child();
    let of = owner.with(|| RwSignal::new(id));
    let mut view = owner.with(|| make(of).build());
    view.mount(body, None);
    let row = body.last_element_child()?;
    row.set_attribute("data-node", &id.to_string()).ok()?;
    Some(Made { owner, view, row, of, place: usize::MAX })
}

/// Puts the elements into the body in this order and takes everything else out. What holds the focus stays where it is,
/// and the others are put around it.
fn arrange(body: &Element, line: &[Element]) {
    let focused = document().active_element();
    let mut cursor: Option<Node> = body.first_child();
    for element in line {
        let node: &Node = element;
        if cursor.as_ref() == Some(node) {
            cursor = node.next_sibling();
        } else if element.contains(focused.as_deref()) && node.parent_node().as_ref() == Some(body) {
            while let Some(before) = cursor.take().filter(|c| c != node) {
                cursor = before.next_sibling();
                let _ = body.append_child(&before);
            }
            cursor = node.next_sibling();
        } else {
            let _ = body.insert_before(node, cursor.as_ref());
        }
    }
    while let Some(rest) = cursor {
        cursor = rest.next_sibling();
        let _ = body.remove_child(&rest);
    }
}

/// The node of the row that an element stands in.
pub fn node_at(target: Option<web_sys::EventTarget>) -> Option<NodeId> {
    let element = target?.dyn_into::<Element>().ok()?;
    element.closest("tr[data-node]").ok()??.get_attribute("data-node")?.parse().ok()
}

/// Puts the focus on the link of a row, without scrolling: the list has seen to that. Whether the row is there.
pub fn focus_row(body: &Element, id: NodeId) -> bool {
    let link = body.query_selector(&format!("tr[data-node=\"{id}\"] .row-link")).ok().flatten();
    let Some(link) = link.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) else { return false };
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    link.focus_with_options(&options).is_ok()
}
