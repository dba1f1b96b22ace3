//! Samples of the last quarter of an hour, and minutes on their way to the database.
//!
//! Bounded: 16 minutes of samples per metric, and [`WAITING_MAX`] rows while the database is away.

use std::collections::{HashMap, VecDeque};

use common::history::Metric;
use common::time::Timestamp;
use parking_lot::Mutex;

use crate::domain::history::{MINUTE_MS, Measured, Piece, Row, SAMPLE_MS, Subject};

/// Samples kept per metric: 15 minutes, and one more that is being written.
const SLOTS: usize = 96;
const SLOTS_I: i64 = 96;
/// Samples of a minute.
const PER_MINUTE: i64 = MINUTE_MS / SAMPLE_MS;
/// Minutes that wait for the database, all subjects together; beyond, the oldest go.
const WAITING_MAX: usize = 100_000;

/// The last samples of one metric; a slot without one is not a number.
struct Ring {
    /// The newest slot written.
    last: i64,
    values: Box<[f32; SLOTS]>,
}

impl Ring {
    fn new(slot: i64) -> Self {
        Self { last: slot, values: Box::new([f32::NAN; SLOTS]) }
    }

    fn place(slot: i64) -> usize {
        usize::try_from(slot.rem_euclid(SLOTS_I)).unwrap_or(0)
    }

    /// Writes a slot; what lies between the newest and this one has no sample.
    fn put(&mut self, slot: i64, value: f32) {
        if slot <= self.last.saturating_sub(SLOTS_I) {
            return;
        }
        let skipped = slot.saturating_sub(self.last).min(SLOTS_I);
        for back in 0..skipped {
            self.set(slot - back, f32::NAN);
        }
        self.last = self.last.max(slot);
        self.set(slot, value);
    }

    fn set(&mut self, slot: i64, value: f32) {
        if let Some(place) = self.values.get_mut(Self::place(slot)) {
            *place = value;
        }
    }

    fn get(&self, slot: i64) -> Option<f32> {
        let kept = slot <= self.last && slot > self.last.saturating_sub(SLOTS_I);
        self.values.get(Self::place(slot)).copied().filter(|v| kept && !v.is_nan())
    }

    /// The samples from slot `from` up to and without `to`.
    fn between(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, f32)> {
        (from.max(self.last.saturating_sub(SLOTS_I - 1))..to.min(self.last.saturating_add(1)))
            .filter_map(|slot| Some((slot, self.get(slot)?)))
    }
}

#[derive(Default)]
struct Inner {
    tracks: HashMap<Subject, Vec<(Metric, Ring)>>,
    /// The first minute, counted from the epoch, that was not taken yet.
    next_minute: Option<i64>,
    waiting: VecDeque<Row>,
    /// When the first sample of this process was taken.
    since: Option<Timestamp>,
    /// Minutes from here on were written since quarters and hours were made of them.
    changed_from: Option<Timestamp>,
    /// Where the last process stopped is known.
    resumed: bool,
}

/// The figures of the last minutes.
#[derive(Default)]
pub struct History {
    inner: Mutex<Inner>,
}

impl History {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a sample. Of several within 10 s the last one counts; what is not a number is no sample.
    pub fn sample(&self, subject: &Subject, metric: Metric, value: f64, at: Timestamp) {
        self.sample_all(subject, &[(metric, value)], at);
    }

    /// Notes several metrics of one subject.
    pub fn sample_all(&self, subject: &Subject, values: &[(Metric, f64)], at: Timestamp) {
        let slot = at.0.div_euclid(SAMPLE_MS);
        let mut inner = self.inner.lock();
        inner.next_minute.get_or_insert(slot.div_euclid(PER_MINUTE));
        inner.since.get_or_insert(at);
        if !inner.tracks.contains_key(subject) {
            inner.tracks.insert(subject.clone(), Vec::new());
        }
        let Some(track) = inner.tracks.get_mut(subject) else { return };
        for (metric, value) in values {
            let Some(value) = finite(*value) else { continue };
            match track.iter_mut().find(|(m, _)| m == metric) {
                Some((_, ring)) => ring.put(slot, value),
                None => {
                    let mut ring = Ring::new(slot);
                    ring.put(slot, value);
                    track.push((*metric, ring));
                }
            }
        }
    }

    /// The samples of one metric from `from` up to and without `to`.
    pub fn recent(&self, subject: &Subject, metric: Metric, from: Timestamp, to: Timestamp) -> Vec<Piece> {
        let inner = self.inner.lock();
        let ring = inner.tracks.get(subject).and_then(|t| t.iter().find(|(m, _)| *m == metric));
        let Some((_, ring)) = ring else { return Vec::new() };
        let first = from.0.saturating_add(SAMPLE_MS - 1).div_euclid(SAMPLE_MS);
        let end = to.0.saturating_add(SAMPLE_MS - 1).div_euclid(SAMPLE_MS);
        ring.between(first, end)
            .map(|(slot, v)| {
                (Timestamp(slot.saturating_mul(SAMPLE_MS)), Measured { min: v, avg: v, max: v, samples: 1 })
            })
            .collect()
    }

    /// When the first sample of this process was taken: before, there is nothing here.
    pub fn since(&self) -> Option<Timestamp> {
        self.inner.lock().since
    }

    /// Puts the minutes that are over at `now` in line for the database; with `all`, for the end of the process, also
    /// the one that is not. Subjects without a sample for 16 minutes are forgotten.
    pub fn close_minutes(&self, now: Timestamp, all: bool) {
        let mut inner = self.inner.lock();
        let current = now.0.div_euclid(MINUTE_MS);
        let end = if all { current.saturating_add(1) } else { current };
        let Some(next) = inner.next_minute else { return };
        let oldest = current.saturating_sub(SLOTS_I / PER_MINUTE);
        let mut rows = Vec::new();
        for minute in next.max(oldest)..end {
            rows.extend(inner.tracks.iter().filter_map(|(subject, track)| minute_of(subject, track, minute)));
        }
        // A clock that was set back: the minutes it repeats are written again, and the fuller one stays.
        inner.next_minute = Some(end);
        inner.waiting.extend(rows);
        let too_many = inner.waiting.len().saturating_sub(WAITING_MAX);
        inner.waiting.drain(..too_many);
        let slot = now.0.div_euclid(SAMPLE_MS);
        inner.tracks.retain(|_, track| {
            track.retain(|(_, ring)| ring.last > slot.saturating_sub(SLOTS_I));
            !track.is_empty()
        });
    }

    /// Minutes the database does not know yet, oldest first, at most `max`.
    pub fn take_minutes(&self, max: usize) -> Vec<Row> {
        let mut inner = self.inner.lock();
        let n = inner.waiting.len().min(max);
        inner.waiting.drain(..n).collect()
    }

    /// Puts back what could not be written.
    pub fn put_back(&self, rows: Vec<Row>) {
        let mut inner = self.inner.lock();
        for row in rows.into_iter().rev() {
            if inner.waiting.len() < WAITING_MAX {
                inner.waiting.push_front(row);
            }
        }
    }

    /// Forgets a subject with what waits of it.
    pub fn forget(&self, subject: &Subject) {
        let key = subject.to_string();
        let mut inner = self.inner.lock();
        inner.tracks.remove(subject);
        inner.waiting.retain(|row| row.subject != key);
    }

    /// Notes that minutes from `at` on are in the database: quarters and hours have to be made of them.
    pub fn written(&self, at: Timestamp) {
        let mut inner = self.inner.lock();
        inner.changed_from = Some(inner.changed_from.map_or(at, |known| known.min(at)));
    }

    /// Notes where the last process stopped making quarters and hours; `None` where there was none.
    pub fn resume(&self, from: Option<Timestamp>) {
        if let Some(from) = from {
            self.written(from);
        }
        self.inner.lock().resumed = true;
    }

    /// Whether [`History::resume`] was called.
    pub fn resumed(&self) -> bool {
        self.inner.lock().resumed
    }

    /// Where minutes begin that no quarter or hour knows of.
    pub fn changed_from(&self) -> Option<Timestamp> {
        self.inner.lock().changed_from
    }

    /// Notes that quarters and hours up to `until` hold what was written since `seen`, which is what
    /// [`History::changed_from`] said before they were made. Whether that still holds: older minutes may have been
    /// written meanwhile.
    pub fn rolled(&self, seen: Timestamp, until: Timestamp) -> bool {
        let mut inner = self.inner.lock();
        let holds = inner.changed_from == Some(seen);
        if holds {
            inner.changed_from = Some(until);
        }
        holds
    }
}

/// Figures and counts are far below where 32 bits lose a unit.
fn finite(value: f64) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "rounding to 24 bits of mantissa is what is wanted")]
    #[expect(clippy::as_conversions, reason = "there is no other way from f64 to f32")]
    let narrow = value as f32;
    narrow.is_finite().then_some(narrow)
}

/// The minute of one subject; `None` where it has no sample.
fn minute_of(subject: &Subject, track: &[(Metric, Ring)], minute: i64) -> Option<Row> {
    let first = minute.saturating_mul(PER_MINUTE);
    let measured = track.iter().filter_map(|(metric, ring)| {
        let mut samples = ring.between(first, first.saturating_add(PER_MINUTE)).map(|(_, v)| v);
        let one = samples.next()?;
        let (min, max, total, n) = samples
            .fold((one, one, f64::from(one), 1_u16), |(min, max, total, n), v| {
                (min.min(v), max.max(v), total + f64::from(v), n.saturating_add(1))
            });
        let avg = finite(total / f64::from(n))?;
        Some((*metric, Measured { min, avg, max, samples: n }))
    });
    let metrics: Vec<_> = measured.collect();
    let bucket = Timestamp(minute.saturating_mul(MINUTE_MS));
    (!metrics.is_empty()).then(|| Row { subject: subject.to_string(), bucket, metrics })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-04T00:00:00Z.
    const T: i64 = 1_772_582_400_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(T + seconds * 1000)
    }

    #[test]
    fn fifteen_minutes_are_kept_and_older_ones_go() {
        let h = History::new();
        for s in 0..120 {
            h.sample(&Subject::Cluster, Metric::Phone, s.into(), at(i64::from(s) * 10));
        }
        let all = h.recent(&Subject::Cluster, Metric::Phone, at(-9999), at(9999));
        assert_eq!(all.len(), SLOTS);
        assert_eq!((all[0].0, all[0].1.avg), (at(240), 24.0));
        let some = h.recent(&Subject::Cluster, Metric::Phone, at(1000), at(1030));
        assert_eq!(some.iter().map(|p| p.1.avg).collect::<Vec<_>>(), [100.0, 101.0, 102.0]);
        assert!(h.recent(&Subject::Cluster, Metric::Web, at(0), at(9999)).is_empty());
    }

    #[test]
    fn a_missing_sample_is_no_zero() {
        let h = History::new();
        for s in [0, 10, 40, 2000] {
            h.sample(&Subject::Cluster, Metric::Cpu, 5.0, at(s));
        }
        h.sample(&Subject::Cluster, Metric::Cpu, f64::NAN, at(2010));
        h.sample(&Subject::Cluster, Metric::Cpu, 7.0, at(1990));
        h.sample(&Subject::Cluster, Metric::Cpu, 7.0, at(0));
        let seen: Vec<_> = h.recent(&Subject::Cluster, Metric::Cpu, at(0), at(9999));
        assert_eq!(seen.iter().map(|p| p.0).collect::<Vec<_>>(), [at(1990), at(2000)]);
    }

    #[test]
    fn minutes_are_taken_once_when_they_are_over() {
        let h = History::new();
        let node = Subject::Node(common::ids::NodeId(uuid::Uuid::nil()));
        for (s, v) in [(0, 1.0), (10, 5.0), (59, 3.0), (60, 8.0)] {
            h.sample(&node, Metric::Web, v, at(s));
        }
        h.close_minutes(at(59), false);
        assert!(h.take_minutes(10).is_empty());
        h.close_minutes(at(61), false);
        h.close_minutes(at(62), false);
        let rows = h.take_minutes(10);
        let measured = Measured { min: 1.0, avg: 3.0, max: 5.0, samples: 3 };
        let row = Row { subject: node.to_string(), bucket: at(0), metrics: vec![(Metric::Web, measured)] };
        assert_eq!(rows, [row]);
        h.put_back(rows);
        h.close_minutes(at(65), true);
        assert_eq!(h.take_minutes(10).iter().map(|r| r.bucket).collect::<Vec<_>>(), [at(0), at(60)]);
        // Silence is no row at all, and in the end nothing is kept.
        h.close_minutes(at(4000), false);
        assert!(h.take_minutes(10).is_empty() && h.inner.lock().tracks.is_empty());
    }

    #[test]
    fn a_database_that_stays_away_costs_history_and_not_memory() {
        let h = History::new();
        let row = |n: usize| Row {
            subject: String::new(),
            bucket: at(i64::try_from(n).unwrap()),
            metrics: Vec::new(),
        };
        h.put_back((0..WAITING_MAX + 5).map(row).collect());
        assert_eq!(h.inner.lock().waiting.len(), WAITING_MAX);
    }

    #[test]
    fn what_is_written_late_is_rolled_again() {
        let h = History::new();
        assert_eq!(h.changed_from(), None);
        h.written(at(900));
        assert!(h.rolled(at(900), at(1800)));
        h.written(at(2000));
        assert_eq!(h.changed_from(), Some(at(1800)));
        h.written(at(60));
        assert!(!h.rolled(at(1800), at(2700)), "written while the quarters were made");
        assert_eq!(h.changed_from(), Some(at(60)));
    }
}
