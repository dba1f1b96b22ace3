//! Which nodes are due? One deadline per node, on a wheel of coarse slots.
//!
//! A heartbeat moves its node's deadline: that is the hot path, and costs a few memory writes. A sweep costs
//! by what expires: slots without deadlines are skipped by a bitmap. Nodes of one slot form a doubly linked
//! list through one table, so memory is fixed at 24 bytes per key, whatever the pattern of deadlines.
//!
//! A deadline is reported never early, and late by less than one slot. Deadlines beyond the wheel's span
//! wait in an ordered set, exact as well.

use std::collections::BTreeSet;

use crate::clock::Mono;

/// The end of a list, and the place of a key that isn't scheduled.
const NONE: u32 = u32::MAX;
/// The place of a key beyond the wheel.
const FAR: u32 = u32::MAX - 1;
/// Slots of the wheel; a multiple of 64.
const SLOTS: u32 = 8_192;
/// Words of its bitmap.
const WORDS: u32 = SLOTS / 64;

/// A key's deadline and its place: a slot with neighbours, [`FAR`] or [`NONE`].
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: Mono,
    slot: u32,
    prev: u32,
    next: u32,
}

const VACANT: Entry = Entry { at: Mono(0), slot: NONE, prev: NONE, next: NONE };

/// Deadlines by small integer keys (slot numbers of nodes: memory grows with the largest key).
#[derive(Debug)]
pub struct Deadlines {
    slot_ms: u64,
    /// The tick the sweep has reached; the wheel spans `SLOTS` ticks from it on. What was already due when
    /// it was scheduled waits in this tick's slot.
    cursor: u64,
    entries: Vec<Entry>,
    heads: Vec<u32>,
    occupied: Vec<u64>,
    far: BTreeSet<(Mono, u32)>,
    len: usize,
}

impl Deadlines {
    /// An empty wheel that starts at `now`. `slot_ms` (at least 1; 10 to 100 is sensible) is by how much a
    /// deadline may be reported late; the wheel spans 8,192 slots.
    #[must_use]
    pub fn new(now: Mono, slot_ms: u64) -> Deadlines {
        let slot_ms = slot_ms.max(1);
        Deadlines {
            slot_ms,
            cursor: now.0 / slot_ms,
            entries: Vec::new(),
            heads: vec![NONE; index(SLOTS)],
            occupied: vec![0; index(WORDS)],
            far: BTreeSet::new(),
            len: 0,
        }
    }

    /// Keys that have a deadline.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no key has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Gives `key` the deadline `at`, in place of any earlier one. One that has passed is due at once.
    pub fn schedule(&mut self, key: u32, at: Mono) {
        if self.entries.len() <= index(key) {
            self.entries.resize(index(key) + 1, VACANT);
        }
        let tick = at.0.div_ceil(self.slot_ms).max(self.cursor);
        let slot = self.slot_of(tick);
        if let Some(entry) = self.entries.get_mut(index(key))
            && entry.slot == slot
            && slot != FAR
        {
            entry.at = at;
            return;
        }
        self.cancel(key);
        self.len += 1;
        let mut next = NONE;
        if slot == FAR {
            self.far.insert((at, key));
        } else {
            next = self.set_head(slot, key);
            if let Some(behind) = self.entries.get_mut(index(next)) {
                behind.prev = key;
            }
        }
        if let Some(entry) = self.entries.get_mut(index(key)) {
            *entry = Entry { at, slot, prev: NONE, next };
        }
    }

    /// Takes `key`'s deadline away, if it has one.
    pub fn cancel(&mut self, key: u32) {
        let Some(entry) = self.entries.get_mut(index(key)) else { return };
        let Entry { at, slot, prev, next } = *entry;
        if slot == NONE {
            return;
        }
        entry.slot = NONE;
        self.len -= 1;
        if slot == FAR {
            self.far.remove(&(at, key));
            return;
        }
        if let Some(after) = self.entries.get_mut(index(next)) {
            after.prev = prev;
        }
        if let Some(before) = self.entries.get_mut(index(prev)) {
            before.next = next;
        } else {
            self.set_head(slot, next);
        }
    }

    /// Appends to `due` every key whose deadline has come, earliest first, and takes its deadline away.
    /// `now` never lies before an earlier `now`; if it does, the earlier one counts.
    pub fn pop_due(&mut self, now: Mono, due: &mut Vec<u32>) {
        let start = due.len();
        let reached = (now.0 / self.slot_ms).max(self.cursor);
        while let Some(tick) = self.next_in_wheel().filter(|tick| *tick <= reached) {
            self.cursor = tick;
            self.empty_slot(self.slot_of(tick), due);
        }
        self.cursor = reached;
        let seen = Mono(reached.saturating_mul(self.slot_ms)).max(now);
        while let Some((_, key)) = self.far.first().copied().filter(|(at, _)| *at <= seen) {
            self.cancel(key);
            due.push(key);
        }
        // A table row keeps its instant when the key is taken out.
        if let Some(fresh) = due.get_mut(start..) {
            fresh.sort_unstable_by_key(|key| (self.entries.get(index(*key)).map(|entry| entry.at), *key));
        }
    }

    /// The earliest `now` for which [`Deadlines::pop_due`] reports something.
    #[must_use]
    pub fn next(&self) -> Option<Mono> {
        let near = self.next_in_wheel().map(|tick| Mono(tick.saturating_mul(self.slot_ms)));
        let far = self.far.first().map(|(at, _)| *at);
        near.into_iter().chain(far).min()
    }

    fn empty_slot(&mut self, slot: u32, due: &mut Vec<u32>) {
        let mut key = self.set_head(slot, NONE);
        while let Some(entry) = self.entries.get_mut(index(key)) {
            entry.slot = NONE;
            due.push(key);
            self.len -= 1;
            key = entry.next;
        }
    }

    /// Makes `key` the first of its slot (`NONE`: empties it) and returns what was first before.
    fn set_head(&mut self, slot: u32, key: u32) -> u32 {
        if let Some(word) = self.occupied.get_mut(index(slot / 64)) {
            let bit = 1 << (slot % 64);
            *word = if key == NONE { *word & !bit } else { *word | bit };
        }
        self.heads.get_mut(index(slot)).map_or(NONE, |head| std::mem::replace(head, key))
    }

    /// The slot of a tick that the cursor has not passed.
    fn slot_of(&self, tick: u64) -> u32 {
        if tick - self.cursor < u64::from(SLOTS) { wrap(tick) } else { FAR }
    }

    /// The first tick from the cursor on whose slot holds a key.
    fn next_in_wheel(&self) -> Option<u64> {
        let start = wrap(self.cursor);
        let words = (0..=WORDS).map(|step| (start / 64 + step) % WORDS);
        let mut from_start = u64::MAX << (start % 64);
        for word in words {
            let bits = self.occupied.get(index(word)).map_or(0, |bits| bits & from_start);
            from_start = u64::MAX;
            if bits != 0 {
                let slot = word * 64 + bits.trailing_zeros();
                return Some(self.cursor + u64::from((slot + SLOTS - start) % SLOTS));
            }
        }
        None
    }
}

/// A tick's place on the wheel.
fn wrap(tick: u64) -> u32 {
    u32::try_from(tick % u64::from(SLOTS)).unwrap_or(FAR)
}

/// A key or slot as an index; `NONE` and `FAR` lie beyond every table.
fn index(key: u32) -> usize {
    usize::try_from(key).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
