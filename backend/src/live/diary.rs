//! Refused heartbeats in groups, bounded: the newest thousand, for 24 hours after the last try.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use common::overview::Rejection;
use common::time::Timestamp;
use parking_lot::Mutex;

use crate::auth::sha256;
use crate::db::DiaryEntry;
use crate::domain::unregistered::{GroupId, Key};

/// Most groups kept.
pub const GROUPS_MAX: i64 = 1_000;
const GROUPS: usize = 1_000;
/// How long a group is kept after its last try.
pub const KEPT_MS: u64 = 24 * 3_600_000;
/// Longest claim kept, in characters: ids have 36, regions 35.
const CLAIM_MAX: usize = 64;

/// Who fills the diary: an address, or the network of an IPv6 address, where one sender has all of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Sender {
    Address(IpAddr),
    Unreadable(String),
}

impl Sender {
    fn of(source: &str) -> Self {
        match source.parse::<IpAddr>().map(|a| a.to_canonical()) {
            Ok(IpAddr::V6(a)) => {
                let [a, b, c, d, ..] = a.segments();
                Self::Address(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
            Ok(a) => Self::Address(a),
            Err(_) => Self::Unreadable(source.to_owned()),
        }
    }
}

struct Group {
    rejection: Rejection,
    sender: Sender,
    /// Not yet in the database.
    unwritten: u64,
    /// The database has a row of it.
    stored: bool,
}

#[derive(Default)]
struct Book {
    groups: HashMap<[u8; 32], Group>,
    /// How many groups each sender has.
    senders: HashMap<Sender, usize>,
    /// Forgotten here, and still in the database.
    evicted: Vec<[u8; 32]>,
}

impl Book {
    fn insert(&mut self, key: [u8; 32], group: Group) {
        *self.senders.entry(group.sender.clone()).or_insert(0) += 1;
        if let Some(former) = self.groups.insert(key, group) {
            self.left(&former.sender);
        }
    }

    fn left(&mut self, sender: &Sender) {
        if let Some(n) = self.senders.get_mut(sender) {
            *n -= 1;
            if *n == 0 {
                self.senders.remove(sender);
            }
        }
    }

    /// Makes room: the oldest group of whoever has the most, so that one sender who makes up claims by the thousand
    /// crowds out nobody but itself.
    fn evict(&mut self) {
        let most = self.senders.values().copied().max().unwrap_or(0);
        let crowding = |g: &Group| self.senders.get(&g.sender).is_some_and(|n| *n == most);
        let oldest =
            self.groups.iter().filter(|(_, g)| crowding(g)).min_by_key(|(k, g)| (g.rejection.last_at, **k));
        if let Some(key) = oldest.map(|(k, _)| *k)
            && let Some(group) = self.groups.remove(&key)
        {
            self.left(&group.sender);
            if group.stored {
                self.evicted.push(key);
            }
        }
    }
}

/// The diary.
#[derive(Default)]
pub struct Diary {
    book: Mutex<Book>,
}

impl Diary {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes over what the database holds.
    pub fn restore(&self, entries: Vec<DiaryEntry>) {
        let mut book = self.book.lock();
        for e in entries {
            let sender = Sender::of(&e.rejection.source);
            book.insert(e.group_hash, Group { rejection: e.rejection, sender, unwritten: 0, stored: true });
        }
    }

    /// Takes over what other processes refused meanwhile; whether that was news.
    pub fn follow(&self, entries: Vec<DiaryEntry>) -> bool {
        let mut news = false;
        let mut book = self.book.lock();
        for e in entries {
            if let Some(known) = book.groups.get_mut(&e.group_hash) {
                let r = &mut known.rejection;
                news |= r.last_at < e.rejection.last_at;
                r.last_at = r.last_at.max(e.rejection.last_at);
                r.count = r.count.max(e.rejection.count.saturating_add(known.unwritten));
                known.stored = true;
            } else if book.groups.len() < GROUPS {
                let sender = Sender::of(&e.rejection.source);
                book.insert(
                    e.group_hash,
                    Group { rejection: e.rejection, sender, unwritten: 0, stored: true },
                );
                news = true;
            }
        }
        news
    }

    /// Adds one refusal (`count` 1). Claims are cut to what a claim can be.
    pub fn add(&self, mut r: Rejection) {
        for claim in [&mut r.claimed_node, &mut r.claimed_region, &mut r.claimed_kind] {
            *claim = claim.take().map(|c| c.chars().filter(|c| !c.is_control()).take(CLAIM_MAX).collect());
        }
        let key = group_hash(&r);
        let mut book = self.book.lock();
        if let Some(known) = book.groups.get_mut(&key) {
            known.rejection.count = known.rejection.count.saturating_add(1);
            known.rejection.last_at = known.rejection.last_at.max(r.last_at);
            known.unwritten = known.unwritten.saturating_add(1);
            return;
        }
        if book.groups.len() >= GROUPS {
            book.evict();
        }
        let sender = Sender::of(&r.source);
        book.insert(key, Group { rejection: r, sender, unwritten: 1, stored: false });
    }

    /// All groups, newest first.
    pub fn newest(&self) -> Vec<Rejection> {
        let book = self.book.lock();
        let mut all: Vec<([u8; 32], Rejection)> =
            book.groups.iter().map(|(k, g)| (*k, g.rejection.clone())).collect();
        drop(book);
        all.sort_by(|(a_key, a), (b_key, b)| b.last_at.cmp(&a.last_at).then_with(|| a_key.cmp(b_key)));
        all.into_iter().map(|(_, r)| r).collect()
    }

    /// What the database does not know yet; it counts as written from here on.
    pub fn take_unwritten(&self) -> Vec<DiaryEntry> {
        let mut book = self.book.lock();
        book.groups
            .iter_mut()
            .filter(|(_, g)| g.unwritten > 0)
            .map(|(key, g)| {
                g.stored = true;
                let count = std::mem::take(&mut g.unwritten);
                DiaryEntry { group_hash: *key, rejection: Rejection { count, ..g.rejection.clone() } }
            })
            .collect()
    }

    /// Puts back what could not be written.
    pub fn put_back_unwritten(&self, entries: &[DiaryEntry]) {
        let mut book = self.book.lock();
        for e in entries {
            if let Some(g) = book.groups.get_mut(&e.group_hash) {
                g.unwritten = g.unwritten.saturating_add(e.rejection.count);
            }
        }
    }

    /// Groups that were forgotten for want of room and that the database still holds; it never has many more rows
    /// than the diary has groups.
    pub fn take_evicted(&self) -> Vec<[u8; 32]> {
        std::mem::take(&mut self.book.lock().evicted)
    }

    /// Forgets groups whose last try is older than 24 hours.
    pub fn forget_old(&self, now: Timestamp) {
        let mut book = self.book.lock();
        let old: Vec<[u8; 32]> = book
            .groups
            .iter()
            .filter(|(_, g)| now.since(g.rejection.last_at) >= KEPT_MS)
            .map(|(key, _)| *key)
            .collect();
        for key in old {
            if let Some(group) = book.groups.remove(&key) {
                book.left(&group.sender);
            }
        }
    }
}

/// The name of a group of unregistered servers.
pub fn group_id(key: &Key) -> GroupId {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = sha256(&key.bytes());
    GroupId([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
}

/// The group of unregistered servers that a refusal belongs to.
pub fn group_of(r: &Rejection) -> Option<GroupId> {
    Key::of(r).as_ref().map(group_id)
}

/// The columns a group is made of, each with its length in front so that no two groups run into each other.
fn group_hash(r: &Rejection) -> [u8; 32] {
    let node = r.node_id.map(|n| n.to_string());
    let columns = [
        Some(r.reason.as_str()),
        node.as_deref(),
        r.claimed_node.as_deref(),
        r.claimed_region.as_deref(),
        r.claimed_kind.as_deref(),
        Some(r.source.as_str()),
        r.fingerprint.as_deref(),
    ];
    let mut text = Vec::new();
    for c in columns {
        match c {
            None => text.push(0),
            Some(c) => {
                text.push(1);
                text.extend_from_slice(&u64::try_from(c.len()).unwrap_or(u64::MAX).to_le_bytes());
                text.extend_from_slice(c.as_bytes());
            }
        }
    }
    sha256(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source: &str, at: i64) -> Rejection {
        Rejection {
            reason: "unknown_secret".into(),
            node_id: None,
            claimed_node: None,
            claimed_region: None,
            claimed_kind: None,
            source: source.into(),
            fingerprint: None,
            first_at: Timestamp(at),
            last_at: Timestamp(at),
            count: 1,
        }
    }

    #[test]
    fn groups_and_counts() {
        let d = Diary::new();
        (0..3).for_each(|at| d.add(refusal("a", at)));
        d.add(refusal("b", 9));
        let all = d.newest();
        assert_eq!(
            all.iter().map(|r| (r.source.as_str(), r.count)).collect::<Vec<_>>(),
            [("b", 1), ("a", 3)]
        );
        assert_eq!((all[1].first_at, all[1].last_at), (Timestamp(0), Timestamp(2)));
    }

    #[test]
    fn what_is_written_is_the_difference() {
        let d = Diary::new();
        d.add(refusal("a", 1));
        let first = d.take_unwritten();
        assert_eq!(first[0].rejection.count, 1);
        assert!(d.take_unwritten().is_empty());
        d.add(refusal("a", 2));
        d.put_back_unwritten(&first);
        assert_eq!(d.take_unwritten()[0].rejection.count, 2);
    }

    #[test]
    fn who_makes_up_claims_by_the_thousand_crowds_out_nobody_else() {
        let d = Diary::new();
        (0..5).for_each(|i| d.add(refusal(&format!("10.0.0.{i}"), i)));
        assert_eq!(d.take_unwritten().len(), 5);
        for i in 0..5_000 {
            let claimed = Rejection { claimed_node: Some(i.to_string()), ..refusal("fd00::1:2", 100 + i) };
            // Addresses of one network are one sender.
            d.add(Rejection { source: format!("fd00::{i:x}"), ..claimed });
        }
        let all = d.newest();
        assert_eq!((all.len(), all.iter().filter(|r| r.source.starts_with("10.0.0.")).count()), (1_000, 5));
        assert_eq!(all[0].claimed_node.as_deref(), Some("4999"));
        // Nothing of what went was in the database.
        assert_eq!(d.take_evicted(), Vec::<[u8; 32]>::new());
        let written = d.take_unwritten();
        d.add(Rejection { claimed_node: Some("x".into()), ..refusal("fd00::9", 9_000) });
        let evicted = d.take_evicted();
        assert_eq!(evicted.len(), 1);
        assert!(written.iter().any(|e| e.group_hash == evicted[0]));
    }

    #[test]
    fn claims_are_cut() {
        let d = Diary::new();
        d.add(Rejection { claimed_node: Some(format!("a\u{7}{}", "b".repeat(9_000))), ..refusal("a", 1) });
        assert_eq!(d.newest()[0].claimed_node, Some(format!("a{}", "b".repeat(63))));
    }

    #[test]
    fn is_bounded_and_forgets_the_oldest() {
        let d = Diary::new();
        (0..1_001).for_each(|i| d.add(refusal(&i.to_string(), i)));
        let all = d.newest();
        assert_eq!(all.len(), 1_000);
        assert!(!all.iter().any(|r| r.source == "0"));
        d.forget_old(Timestamp(1_000 + i64::try_from(KEPT_MS).unwrap()));
        assert!(d.newest().is_empty());
    }
}
