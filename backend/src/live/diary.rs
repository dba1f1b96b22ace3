//! Refused heartbeats in groups, bounded: the newest thousand, for 24 hours after the last try.

use std::collections::HashMap;

use common::overview::Rejection;
use common::time::Timestamp;
use parking_lot::Mutex;

use crate::auth::sha256;
use crate::db::DiaryEntry;

/// Most groups kept.
pub const GROUPS_MAX: i64 = 1_000;
const GROUPS: usize = 1_000;
/// How long a group is kept after its last try.
pub const KEPT_MS: u64 = 24 * 3_600_000;

struct Group {
    rejection: Rejection,
    /// Not yet in the database.
    unwritten: u64,
}

/// The diary.
#[derive(Default)]
pub struct Diary {
    groups: Mutex<HashMap<[u8; 32], Group>>,
}

impl Diary {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes over what the database holds.
    pub fn restore(&self, entries: Vec<DiaryEntry>) {
        let mut groups = self.groups.lock();
        for e in entries {
            groups.insert(e.group_hash, Group { rejection: e.rejection, unwritten: 0 });
        }
    }

    /// Adds one refusal (`count` 1).
    pub fn add(&self, r: Rejection) {
        let key = group_hash(&r);
        let mut groups = self.groups.lock();
        if let Some(known) = groups.get_mut(&key) {
            known.rejection.count = known.rejection.count.saturating_add(1);
            known.rejection.last_at = known.rejection.last_at.max(r.last_at);
            known.unwritten = known.unwritten.saturating_add(1);
            return;
        }
        if groups.len() >= GROUPS
            && let Some(oldest) = groups.iter().min_by_key(|(_, g)| g.rejection.last_at).map(|(k, _)| *k)
        {
            groups.remove(&oldest);
        }
        groups.insert(key, Group { rejection: r, unwritten: 1 });
    }

    /// All groups, newest first.
    pub fn newest(&self) -> Vec<Rejection> {
        let mut all: Vec<Rejection> = self.groups.lock().values().map(|g| g.rejection.clone()).collect();
        all.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| group_hash(a).cmp(&group_hash(b))));
        all
    }

    /// What the database does not know yet; it counts as written from here on.
    pub fn take_unwritten(&self) -> Vec<DiaryEntry> {
        let mut groups = self.groups.lock();
        groups
            .iter_mut()
            .filter(|(_, g)| g.unwritten > 0)
            .map(|(key, g)| {
                let count = std::mem::take(&mut g.unwritten);
                DiaryEntry { group_hash: *key, rejection: Rejection { count, ..g.rejection.clone() } }
            })
            .collect()
    }

    /// Puts back what could not be written.
    pub fn put_back_unwritten(&self, entries: &[DiaryEntry]) {
        let mut groups = self.groups.lock();
        for e in entries {
            if let Some(g) = groups.get_mut(&e.group_hash) {
                g.unwritten = g.unwritten.saturating_add(e.rejection.count);
            }
        }
    }

    /// Forgets groups whose last try is older than 24 hours.
    pub fn forget_old(&self, now: Timestamp) {
        self.groups.lock().retain(|_, g| now.since(g.rejection.last_at) < KEPT_MS);
    }
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
