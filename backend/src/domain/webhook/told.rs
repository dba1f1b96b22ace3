//! Which problems are told of, and when one of those is over. A problem that comes and goes within its limit tells
//! nothing; one that was told of stays told until it is over, whatever becomes of it in between, and over restarts.
//!
//! [`Told::step`] says what is to be told; only [`Told::written`] makes it so. What could not be written is said again.

use std::collections::{BTreeMap, BTreeSet};

use common::overview::{OpenProblem, OpenProblemCode, Severity};
use common::time::Timestamp;

use super::body::ProblemData;

/// How long something that does not work has to last, in milliseconds.
const BAD_MS: u64 = 5_000;
/// How long something late or odd has to last.
const WARN_MS: u64 = 60_000;
/// How long a problem has to be gone to be over.
const OVER_MS: u64 = 60_000;
/// Longest id that is kept.
const ID_MAX: usize = 200;

/// Something to tell. The data of one that is over says when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A problem is open.
    Opened(ProblemData),
    /// One that was told of is over.
    Cleared(ProblemData),
}

impl News {
    /// What is told.
    pub fn data(&self) -> &ProblemData {
        match self {
            Self::Opened(data) | Self::Cleared(data) => data,
        }
    }
}

/// What was told, and what is on its way to that.
#[derive(Debug, Clone, Default)]
pub struct Told {
    told: BTreeMap<String, ProblemData>,
    /// Not told yet, and open without a break since then.
    seen: BTreeMap<String, Timestamp>,
    /// Told, and gone without a break since then.
    gone: BTreeMap<String, Timestamp>,
}

/// Nobody else stands for it, nobody put it aside, and it is not about those who would be told.
fn counts(p: &OpenProblem) -> bool {
    p.incident_id.is_none()
        && p.snoozed.is_none()
        && p.code != OpenProblemCode::WebhookFailing
        && p.id.chars().count() <= ID_MAX
}

impl Told {
    /// Goes on from what was told before.
    pub fn restore(told: impl IntoIterator<Item = ProblemData>) -> Self {
        let told = told.into_iter().map(|p| (p.problem_id.clone(), p)).collect();
        Self { told, ..Self::default() }
    }

    /// What is to be told. `open` is everything that is open, folded and put aside too; `judgeable`: absence means
    /// something; `console` is the address of the console.
    pub fn step(
        &mut self,
        open: &[OpenProblem],
        judgeable: bool,
        now: Timestamp,
        console: Option<&str>,
    ) -> Vec<News> {
        let mut news = Vec::new();
        let there: BTreeSet<&str> = open.iter().map(|p| p.id.as_str()).collect();
        let counting: BTreeSet<&str> = open.iter().filter(|p| counts(p)).map(|p| p.id.as_str()).collect();
        self.seen.retain(|id, _| counting.contains(id.as_str()));
        for p in open.iter().filter(|p| counts(p) && !self.told.contains_key(&p.id)) {
            let limit = match p.severity {
                Severity::Bad => BAD_MS,
                Severity::Warn => WARN_MS,
            };
            let since = *self.seen.entry(p.id.clone()).or_insert(now);
            if now.since(since) >= limit {
                news.push(News::Opened(ProblemData::of(p, console)));
            }
        }
        self.gone.retain(|id, _| judgeable && !there.contains(id.as_str()));
        if judgeable {
            for (id, data) in self.told.iter().filter(|(id, _)| !there.contains(id.as_str())) {
                let since = *self.gone.entry(id.clone()).or_insert(now);
                if now.since(since) >= OVER_MS {
                    news.push(News::Cleared(ProblemData { cleared_at: Some(since), ..data.clone() }));
                }
            }
        }
        news
    }

    /// This was told.
    pub fn written(&mut self, news: News) {
        let id = news.data().problem_id.clone();
        self.seen.remove(&id);
        self.gone.remove(&id);
        match news {
            News::Opened(data) => self.told.insert(id, data),
            News::Cleared(_) => self.told.remove(&id),
        };
    }
}

#[cfg(test)]
mod tests;
