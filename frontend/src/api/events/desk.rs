//! What all tabs of this browser want of the stream, kept by the tab that leads. Pure.

use common::ids::NodeId;
use common::stream::{Topic, WINDOW_MAX};

use super::election::TabId;
use super::letter::Want;

/// A tab that has said nothing for so long is gone without a word. Hidden pages run once a minute only.
const FORGET_MS: u64 = 150_000;

struct Tab {
    id: TabId,
    want: Want,
    heard_ms: u64,
}

/// What a new wish means for the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Another connection is needed: other topics, or fresh snapshots.
    pub open: bool,
    /// The window is another.
    pub window: bool,
}

/// The wishes of all tabs.
#[derive(Default)]
pub struct Desk {
    tabs: Vec<Tab>,
    /// Who waits for fresh snapshots, and by which nonce.
    waiting: Vec<(TabId, u32)>,
    /// Nodes that entered the window of one tab while they were in that of another.
    again: Vec<NodeId>,
    windowed: bool,
}

impl Desk {
    /// Takes a wish down.
    pub fn put(&mut self, id: TabId, want: Want, now_ms: u64) -> Change {
        let before = self.topics();
        let (mut fresh, mut window) = (true, !want.window.is_empty());
        let nonce = want.nonce;
        self.windowed |= !want.window.is_empty();
        let has = |tab: &Tab, node| tab.want.window.contains(node);
        let (mine, others): (Vec<&Tab>, Vec<&Tab>) = self.tabs.iter().partition(|tab| tab.id == id);
        let entered = want.window.iter().filter(|node| !mine.iter().any(|tab| has(tab, node)));
        self.again.extend(entered.filter(|node| others.iter().any(|tab| has(tab, node))));
        match self.tabs.iter_mut().find(|tab| tab.id == id) {
            Some(tab) => {
                (fresh, window) = (tab.want.nonce != nonce, tab.want.window != want.window);
                (tab.want, tab.heard_ms) = (want, now_ms);
            }
            None => self.tabs.push(Tab { id, want, heard_ms: now_ms }),
        }
        if fresh {
            self.waiting.retain(|(tab, _)| *tab != id);
            self.waiting.push((id, nonce));
        }
        Change { open: fresh || self.topics() != before, window }
    }

    /// Forgets a tab.
    pub fn remove(&mut self, id: TabId) {
        self.tabs.retain(|tab| tab.id != id);
        self.waiting.retain(|(tab, _)| *tab != id);
    }

    /// Forgets the tabs that have not been heard of for long, except for this one.
    pub fn forget_silent(&mut self, me: TabId, now_ms: u64) {
        self.tabs.retain(|tab| tab.id == me || now_ms.saturating_sub(tab.heard_ms) < FORGET_MS);
    }

    /// Forgets all but this one.
    pub fn alone(&mut self, id: TabId) {
        self.tabs.retain(|tab| tab.id == id);
        self.waiting.clear();
    }

    /// How many tabs there are.
    pub fn count(&self) -> usize {
        self.tabs.len()
    }

    /// Who waits for fresh snapshots; they come with the connection that is opened now.
    pub fn take_waiting(&mut self) -> Vec<(TabId, u32)> {
        std::mem::take(&mut self.waiting)
    }

    /// The topics of all, each once and in order.
    pub fn topics(&self) -> Vec<Topic> {
        let mut all: Vec<Topic> = self.tabs.iter().flat_map(|tab| tab.want.topics.iter().cloned()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether any tab wants figures of single nodes, or has wanted them.
    pub fn has_window(&self) -> bool {
        self.windowed
    }

    /// The windows to send, in order. Nodes come whole as they enter the window: those that a tab wants and another
    /// tab has already must leave it first.
    pub fn windows(&mut self) -> Vec<Vec<NodeId>> {
        let again = std::mem::take(&mut self.again);
        let mut all: Vec<NodeId> = self.tabs.iter().flat_map(|tab| tab.want.window.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all.truncate(WINDOW_MAX);
        if again.is_empty() {
            return vec![all];
        }
        let without = all.iter().copied().filter(|id| !again.contains(id)).collect();
        vec![without, all]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u8) -> NodeId {
        format!("0198f6a2-0000-7000-8000-0000000000{n:02}").parse().unwrap()
    }

    fn want(topics: &[&str], window: &[u8], nonce: u32) -> Want {
        let topics = topics.iter().map(|t| t.parse().unwrap()).collect();
        Want { topics, window: window.iter().map(|n| node(*n)).collect(), nonce }
    }

    #[test]
    fn a_connection_is_opened_for_other_topics_and_for_those_who_need_snapshots() {
        let mut desk = Desk::default();
        let both = Change { open: true, window: false };
        let none = Change { open: false, window: false };
        assert_eq!(desk.put(1, want(&["summary"], &[], 1), 0), both);
        assert_eq!(desk.take_waiting(), [(1, 1)]);
        assert_eq!(desk.put(1, want(&["summary"], &[], 1), 10), none, "said again");
        assert_eq!(desk.put(2, want(&["summary"], &[], 1), 20), both, "a tab that has nothing yet");
        assert_eq!(desk.put(2, want(&["summary", "nodes"], &[], 1), 30), both);
        assert_eq!(desk.put(1, want(&["nodes"], &[], 1), 30), none, "the other wants it still");
        assert_eq!(desk.topics(), [Topic::Summary, Topic::Nodes]);
        assert_eq!(desk.put(1, want(&["nodes"], &[], 2), 40), both, "asked for anew");
        assert_eq!(desk.take_waiting(), [(2, 1), (1, 2)]);
        desk.remove(2);
        assert_eq!(desk.topics(), [Topic::Nodes]);
    }

    #[test]
    fn tabs_that_died_without_a_word_are_forgotten() {
        let mut desk = Desk::default();
        let _ = desk.put(1, want(&["summary"], &[], 1), 0);
        let _ = desk.put(2, want(&["nodes"], &[], 1), FORGET_MS);
        desk.forget_silent(9, FORGET_MS);
        assert_eq!((desk.count(), desk.topics()), (1, vec![Topic::Nodes]));
    }

    #[test]
    fn a_node_that_another_tab_has_leaves_the_window_and_comes_again() {
        let mut desk = Desk::default();
        let change = desk.put(1, want(&["nodes"], &[1, 2], 1), 0);
        assert!(change.window);
        assert_eq!(desk.windows(), [vec![node(1), node(2)]]);
        let _ = desk.put(2, want(&["nodes"], &[2, 3], 1), 0);
        assert_eq!(desk.windows(), [vec![node(1), node(3)], vec![node(1), node(2), node(3)]]);
        let _ = desk.put(2, want(&["nodes"], &[3], 1), 0);
        assert_eq!(desk.windows(), [vec![node(1), node(2), node(3)]]);
    }

    #[test]
    fn the_window_has_a_bound() {
        let mut desk = Desk::default();
        let many =
            (0..500_u16).map(|n| format!("0198f6a2-0000-7000-8000-{n:012}").parse().unwrap()).collect();
        let _ = desk.put(1, Want { window: many, ..Want::default() }, 0);
        assert_eq!(desk.windows()[0].len(), WINDOW_MAX);
    }
}
