//! What is remembered of problems: since when they are open, what was over a moment ago, and what was put aside.

use std::collections::{BTreeMap, BTreeSet};

use common::overview::{OpenProblem, ProblemCounts, Severity, Snooze};
use common::time::Timestamp;

/// How long a problem that is over can still be read.
const CLEARED_MS: u64 = 60_000;
/// Most of them.
const CLEARED_MAX: usize = 20;
/// A snoozed problem that is gone for longer has cleared: the snooze ends. Short absences, such as the first moments
/// after a start, do not end it.
const ABSENT_MS: u64 = 120_000;
/// A start that differs by less is the same start, worked out again.
const SAME_START_MS: u64 = 1_000;

/// A problem that somebody put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnoozeRecord {
    /// Of the problem.
    pub problem_id: String,
    /// How much it mattered then.
    pub severity: Severity,
    /// Who, when, until when and why.
    pub snooze: Snooze,
}

#[derive(Debug, Clone)]
struct Aside {
    record: SnoozeRecord,
    absent_since: Option<Timestamp>,
}

/// The memory of problems.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// As last settled, worst first.
    open: Vec<OpenProblem>,
    /// Newest first.
    cleared: Vec<OpenProblem>,
    last_cleared_at: Option<Timestamp>,
    aside: BTreeMap<String, Aside>,
    ended: Vec<String>,
}

impl Ledger {
    /// Takes over what was put aside before. How long the problem of one that was known has been away goes on.
    pub fn restore(&mut self, records: Vec<SnoozeRecord>) {
        let mut known = std::mem::take(&mut self.aside);
        self.aside = records
            .into_iter()
            .map(|record| {
                let same = known.remove(&record.problem_id).filter(|k| k.record == record);
                (record.problem_id.clone(), Aside { record, absent_since: same.and_then(|k| k.absent_since) })
            })
            .collect();
    }

    /// Compares what is found now with what was. `judgeable`: absence means something; it does not while the control
    /// plane doubts itself.
    pub fn settle(&mut self, mut found: Vec<OpenProblem>, judgeable: bool, now: Timestamp) {
        let before: BTreeMap<String, OpenProblem> =
            std::mem::take(&mut self.open).into_iter().map(|p| (p.id.clone(), p)).collect();
        let ids: BTreeSet<&str> = found.iter().map(|p| p.id.as_str()).collect();
        self.cleared.retain(|p| {
            let fresh = p.cleared_at.is_some_and(|at| now.since(at) < CLEARED_MS);
            fresh && !ids.contains(p.id.as_str())
        });
        // What an incident stood for goes with the incident, and what was put aside is missed by nobody.
        let gone = before
            .values()
            .filter(|p| !ids.contains(p.id.as_str()) && p.incident_id.is_none() && p.snoozed.is_none());
        for p in gone {
            self.cleared.insert(0, OpenProblem { cleared_at: Some(now), ..p.clone() });
            self.last_cleared_at = Some(now);
        }
        self.cleared.truncate(CLEARED_MAX);
        for p in &mut found {
            let was = before.get(&p.id).and_then(|was| was.since);
            p.since = match (was, p.since) {
                (Some(was), Some(is)) if was.since(is).max(is.since(was)) >= SAME_START_MS => Some(is),
                (Some(was), _) => Some(was),
                (None, is) => Some(is.unwrap_or(now)),
            };
        }
        self.end_snoozes(&found, judgeable, now);
        for p in &mut found {
            p.snoozed = self.aside.get(&p.id).map(|a| a.record.snooze.clone());
        }
        found.sort_by(|a, b| (a.severity, a.since, &a.id).cmp(&(b.severity, b.since, &b.id)));
        self.open = found;
    }

    fn end_snoozes(&mut self, found: &[OpenProblem], judgeable: bool, now: Timestamp) {
        let severity: BTreeMap<&str, Severity> = found.iter().map(|p| (p.id.as_str(), p.severity)).collect();
        let ended = &mut self.ended;
        self.aside.retain(|id, aside| {
            let ends = match severity.get(id.as_str()) {
                // "Bad" orders before "Warn".
                Some(severity) => {
                    aside.absent_since = None;
                    *severity < aside.record.severity
                }
                None if judgeable => now.since(*aside.absent_since.get_or_insert(now)) >= ABSENT_MS,
                None => {
                    aside.absent_since = None;
                    false
                }
            };
            let ends = ends || aside.record.snooze.until <= now;
            if ends {
                ended.push(id.clone());
            }
            !ends
        });
    }

    /// Puts a problem aside; it as it is now. `None` where it is not open.
    pub fn snooze(&mut self, record: SnoozeRecord) -> Option<OpenProblem> {
        let p = self.open.iter_mut().find(|p| p.id == record.problem_id)?;
        p.snoozed = Some(record.snooze.clone());
        let p = p.clone();
        self.ended.retain(|id| *id != record.problem_id);
        self.aside.insert(record.problem_id.clone(), Aside { record, absent_since: None });
        Some(p)
    }

    /// Lets a problem count again; it as it is now, where it is open.
    pub fn unsnooze(&mut self, id: &str) -> Option<OpenProblem> {
        self.aside.remove(id);
        let p = self.open.iter_mut().find(|p| p.id == id)?;
        p.snoozed = None;
        Some(p.clone())
    }

    /// A snooze by the id of its problem, which may be absent for a moment.
    pub fn snoozed(&self, id: &str) -> Option<&SnoozeRecord> {
        self.aside.get(id).map(|a| &a.record)
    }

    /// Snoozes that ended by themselves since somebody last asked.
    pub fn take_ended(&mut self) -> Vec<String> {
        std::mem::take(&mut self.ended)
    }

    /// An open problem.
    pub fn get(&self, id: &str) -> Option<&OpenProblem> {
        self.open.iter().find(|p| p.id == id)
    }

    /// Everything that is open, folded and snoozed ones too, worst first.
    pub fn all(&self) -> &[OpenProblem] {
        &self.open
    }

    /// What the list shows: not what an incident stands for, and not what was put aside.
    pub fn shown(&self) -> impl Iterator<Item = &OpenProblem> {
        self.open.iter().filter(|p| p.incident_id.is_none() && p.snoozed.is_none())
    }

    /// Ids of all that is open.
    pub fn ids(&self) -> BTreeSet<String> {
        self.open.iter().map(|p| p.id.clone()).collect()
    }

    /// What was over less than a minute ago, newest first.
    pub fn cleared(&self) -> &[OpenProblem] {
        &self.cleared
    }

    /// When the last one was over.
    pub fn last_cleared_at(&self) -> Option<Timestamp> {
        self.last_cleared_at
    }

    /// How many there are.
    pub fn counts(&self) -> ProblemCounts {
        let mut counts = ProblemCounts::default();
        for p in self.open.iter().filter(|p| p.incident_id.is_none()) {
            let n = match (&p.snoozed, p.severity) {
                (Some(_), _) => &mut counts.snoozed,
                (None, Severity::Bad) => &mut counts.bad,
                (None, Severity::Warn) => &mut counts.warn,
            };
            *n = n.saturating_add(1);
        }
        counts
    }
}

#[cfg(test)]
mod tests;
