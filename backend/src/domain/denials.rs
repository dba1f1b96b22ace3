//! How much of what is denied to one person is noted one by one: a script that runs into the same wall all day fills no
//! table, and what is not noted alone is counted and noted together. Pure; time is passed in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::time::Timestamp;

use crate::clock::Mono;

/// So many of one person have an entry of their own,
pub const NOTED: u32 = 100;
/// within this time, in milliseconds.
pub const WINDOW_MS: u64 = 5 * 60_000;
/// Addresses that are kept of those that have none.
const SOURCES: usize = 8;

/// One that was denied or refused.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Who, as named in the log.
    pub actor: &'a str,
    /// From which address.
    pub source: &'a str,
    /// Dotted verb.
    pub action: &'static str,
    /// When.
    pub at: Timestamp,
}

/// Those that have no entry of their own, of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct More {
    /// Who.
    pub actor: String,
    /// How many.
    pub count: u64,
    /// When the first was.
    pub since: Timestamp,
    /// When the last was.
    pub until: Timestamp,
    /// Where they came from; the first few addresses.
    pub sources: BTreeSet<String>,
    /// How many of each action.
    pub actions: BTreeMap<&'static str, u64>,
}

impl More {
    fn add(&mut self, seen: &Seen<'_>) {
        self.count = self.count.saturating_add(1);
        self.until = self.until.max(seen.at);
        if self.sources.len() < SOURCES {
            self.sources.insert(seen.source.to_owned());
        }
        let of = self.actions.entry(seen.action).or_default();
        *of = of.saturating_add(1);
    }
}

#[derive(Debug)]
struct Window {
    began: Mono,
    noted: u32,
    more: Option<More>,
}

/// Counts, for each person.
#[derive(Debug, Default)]
pub struct Denials {
    windows: HashMap<String, Window>,
    over: Vec<More>,
}

impl Denials {
    /// Whether this one has an entry of its own; it is counted where it has not. Ask only for what is to be noted.
    pub fn admit(&mut self, seen: &Seen<'_>, now: Mono) -> bool {
        let window = self.window(seen.actor, now);
        if window.noted < NOTED {
            window.noted += 1;
            return true;
        }
        count(window, seen);
        false
    }

    /// Its entry could not be written: it is counted with the others.
    pub fn unwritten(&mut self, seen: &Seen<'_>, now: Mono) {
        count(self.window(seen.actor, now), seen);
    }

    /// What is to be noted together now: of all whose time is over, or of everybody where `all`.
    pub fn take(&mut self, now: Mono, all: bool) -> Vec<More> {
        let mut taken = std::mem::take(&mut self.over);
        self.windows.retain(|_, w| {
            let over = all || now.since(w.began) >= WINDOW_MS;
            if over {
                taken.extend(w.more.take());
            }
            !over
        });
        taken
    }

    /// It could not be written; it is taken again next time.
    pub fn put_back(&mut self, more: More) {
        self.over.push(more);
    }

    fn window(&mut self, actor: &str, now: Mono) -> &mut Window {
        let fresh = || Window { began: now, noted: 0, more: None };
        let window = self.windows.entry(actor.to_owned()).or_insert_with(fresh);
        if now.since(window.began) >= WINDOW_MS {
            self.over.extend(std::mem::replace(window, fresh()).more);
        }
        window
    }
}

fn count(window: &mut Window, seen: &Seen<'_>) {
    let more = window.more.get_or_insert_with(|| More {
        actor: seen.actor.to_owned(),
        count: 0,
        since: seen.at,
        until: seen.at,
        sources: BTreeSet::new(),
        actions: BTreeMap::new(),
    });
    more.add(seen);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(actor: &str, at: i64) -> Seen<'_> {
        Seen { actor, source: "10.0.0.1", action: "region.delete", at: Timestamp(at) }
    }

    #[test]
    fn what_has_no_entry_of_its_own_is_counted_and_told_once() {
        let mut d = Denials::default();
        let begun = Mono(1_000_000);
        let noted = (0..500).filter(|n| d.admit(&seen("a", *n), begun)).count();
        assert_eq!(noted, 100);
        assert!(d.admit(&seen("b", 0), begun), "another person is not affected");
        assert_eq!(d.take(begun.after(WINDOW_MS - 1), false), []);
        let told = d.take(begun.after(WINDOW_MS), false);
        let [more] = &told[..] else { panic!("one is told: {told:?}") };
        assert_eq!((more.actor.as_str(), more.count), ("a", 400));
        assert_eq!((more.since, more.until), (Timestamp(100), Timestamp(499)));
        assert_eq!(more.actions, BTreeMap::from([("region.delete", 400)]));
        assert_eq!(more.sources, BTreeSet::from(["10.0.0.1".to_owned()]));
        assert_eq!(d.take(begun.after(WINDOW_MS), true), []);
        d.put_back(more.clone());
        assert_eq!(d.take(begun.after(WINDOW_MS), false), told);
    }

    #[test]
    fn nothing_is_lost_where_the_next_comes_first_or_the_end_does() {
        let mut d = Denials::default();
        assert_eq!((0..101).filter(|n| d.admit(&seen("a", *n), Mono(0))).count(), 100);
        assert!(d.admit(&seen("a", 200), Mono(WINDOW_MS)), "another window");
        assert_eq!(d.take(Mono(WINDOW_MS), false).len(), 1);
        d.unwritten(&seen("a", 300), Mono(WINDOW_MS));
        assert_eq!(d.take(Mono(WINDOW_MS), false), []);
        assert_eq!(d.take(Mono(WINDOW_MS), true).first().map(|m| m.count), Some(1), "at the end, all");
    }
}
