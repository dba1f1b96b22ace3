//! The rule of what is told: by hand where a case has a name, and against a model for the rest.

use common::overview::{Evidence, Snooze};
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_000_000_000_000);
const SECOND: u64 = 1_000;

fn of(id: &str, code: OpenProblemCode, severity: Severity) -> OpenProblem {
    OpenProblem {
        id: id.to_owned(),
        code,
        severity,
        region_id: None,
        node_id: None,
        node_name: None,
        kind: None,
        count: None,
        since: Some(NOW),
        last_heartbeat_at: None,
        rejections: Vec::new(),
        evidence: Evidence::default(),
        incident_id: None,
        snoozed: None,
        cleared_at: None,
    }
}

fn bad() -> OpenProblem {
    of("node_offline:1", OpenProblemCode::NodeOffline, Severity::Bad)
}

fn warn() -> OpenProblem {
    of("clock_skew:1", OpenProblemCode::ClockSkew, Severity::Warn)
}

fn folded(p: OpenProblem) -> OpenProblem {
    OpenProblem { incident_id: Some("region_silent:OM-MCT".into()), ..p }
}

fn aside(p: OpenProblem) -> OpenProblem {
    let snooze = Snooze { by: "a@b".into(), at: NOW, until: NOW.later(1), reason: "known".into() };
    OpenProblem { snoozed: Some(snooze), ..p }
}

/// A book that is looked into once a second.
struct Look {
    told: Told,
    now: Timestamp,
    kept: BTreeMap<String, ProblemData>,
}

impl Look {
    fn new() -> Self {
        Self { told: Told::default(), now: NOW, kept: BTreeMap::new() }
    }

    /// Looks for so many seconds; what was told, in order: `+id`, `-id`.
    fn at(&mut self, open: &[OpenProblem], judgeable: bool, seconds: u64) -> Vec<String> {
        let mut said = Vec::new();
        for _ in 0..seconds {
            for news in self.told.step(open, judgeable, self.now, None) {
                let data = news.data().clone();
                let sign = match &news {
                    News::Opened(_) => {
                        assert!(self.kept.insert(data.problem_id.clone(), data.clone()).is_none());
                        '+'
                    }
                    News::Cleared(_) => {
                        assert!(data.cleared_at.is_some() && self.kept.remove(&data.problem_id).is_some());
                        '-'
                    }
                };
                said.push(format!("{sign}{}", data.problem_id));
                self.told.written(news);
            }
            self.now = self.now.later(SECOND);
        }
        said
    }

    /// Another process goes on from what is stored.
    fn restart(&mut self) {
        self.told = Told::restore(self.kept.values().cloned());
    }
}

#[test]
fn told_once_after_its_limit_and_once_when_it_is_over() {
    for (p, limit) in [(bad(), 5), (warn(), 60)] {
        let mut look = Look::new();
        let open = [p.clone()];
        assert!(look.at(&open, true, limit).is_empty(), "{}", p.id);
        assert_eq!(look.at(&open, true, 1), [format!("+{}", p.id)]);
        assert!(look.at(&open, true, 300).is_empty());
        assert!(look.at(&[], true, 60).is_empty());
        assert_eq!(look.at(&[], true, 300), [format!("-{}", p.id)]);
    }
}

#[test]
fn a_flap_within_the_limits_tells_nothing() {
    let mut look = Look::new();
    for _ in 0..50 {
        assert!(look.at(&[bad()], true, 4).is_empty());
        assert!(look.at(&[], true, 1).is_empty());
    }
    assert_eq!(look.at(&[bad()], true, 6).len(), 1);
    for _ in 0..50 {
        assert!(look.at(&[], true, 59).is_empty());
        assert!(look.at(&[bad()], true, 1).is_empty(), "it is still the problem that was told");
    }
}

#[test]
fn what_an_incident_stands_for_or_somebody_put_aside_is_not_told() {
    let mut look = Look::new();
    assert!(look.at(&[folded(bad()), aside(warn())], true, 600).is_empty());
    // It counts from when it stands for itself.
    assert!(look.at(&[bad()], true, 5).is_empty());
    assert_eq!(look.at(&[bad()], true, 1), ["+node_offline:1"]);
    // Told of, it stays told, and is over only when it is gone.
    assert!(look.at(&[folded(bad())], true, 600).is_empty());
    assert!(look.at(&[aside(bad())], true, 600).is_empty());
    assert!(look.at(&[bad()], true, 600).is_empty());
    assert_eq!(look.at(&[], true, 61), ["-node_offline:1"]);
}

#[test]
fn while_absence_means_nothing_nothing_is_over() {
    let mut look = Look::new();
    look.at(&[bad()], true, 6);
    assert!(look.at(&[], true, 40).is_empty());
    assert!(look.at(&[], false, 600).is_empty());
    assert!(look.at(&[], true, 60).is_empty(), "a doubt begins the minute anew");
    assert_eq!(look.at(&[], true, 1), ["-node_offline:1"]);
}

#[test]
fn a_restart_tells_nothing_twice_and_forgets_nothing() {
    let mut look = Look::new();
    look.at(&[bad()], true, 6);
    look.restart();
    assert!(look.at(&[], false, 45).is_empty(), "the first moments of a process");
    assert!(look.at(&[bad()], true, 600).is_empty());
    look.restart();
    assert_eq!(look.at(&[], true, 61), ["-node_offline:1"]);
    look.restart();
    assert!(look.at(&[], true, 600).is_empty());
}

#[test]
fn what_could_not_be_written_is_said_again() {
    let mut told = Told::default();
    assert!(told.step(&[bad()], true, NOW, None).is_empty());
    let first = told.step(&[bad()], true, NOW.later(5_000), None);
    assert_eq!((first.len(), &first), (1, &told.step(&[bad()], true, NOW.later(6_000), None)));
}

#[test]
fn webhooks_do_not_tell_of_themselves() {
    let own = of("webhook_failing:1", OpenProblemCode::WebhookFailing, Severity::Warn);
    assert!(Look::new().at(&[own], true, 600).is_empty());
}

#[test]
fn worse_counts_from_when_it_began() {
    let mut look = Look::new();
    assert!(look.at(&[warn()], true, 30).is_empty());
    let worse = OpenProblem { severity: Severity::Bad, ..warn() };
    assert_eq!(look.at(&[worse], true, 1), ["+clock_skew:1"]);
}

/// What one problem may be at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Gone,
    Open,
    Folded,
    Aside,
}

/// For how many seconds the world is so; whether it can be judged; whether another process takes over first.
type Phase = ([Is; 2], bool, u64, bool);

fn phases() -> impl Strategy<Value = Vec<Phase>> {
    let is =
        || prop_oneof![3 => Just(Is::Gone), 4 => Just(Is::Open), 1 => Just(Is::Folded), 1 => Just(Is::Aside)];
    let phase = ([is(), is()], prop::bool::weighted(0.8), 1_u64..90, prop::bool::weighted(0.2));
    prop::collection::vec(phase, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Opened and cleared take turns for each problem (`Look::at` holds that against what is stored); nothing is told
    /// before its limit; and in the end, when all is long over or long open, exactly that is known.
    #[test]
    fn nothing_twice_nothing_forgotten_nothing_early(phases in phases()) {
        let problems = [bad(), warn()];
        let limits = [5_u64, 60];
        let mut look = Look::new();
        // For how many looks each was open and counting, or gone and judged, without a break.
        let mut run = [(0_u64, 0_u64); 2];
        for (is, judgeable, seconds, restart) in phases {
            if restart {
                look.restart();
                run = [(0, 0); 2];
            }
            for _ in 0..seconds {
                let open: Vec<OpenProblem> = problems.iter().zip(is).filter_map(|(p, is)| match is {
                    Is::Gone => None,
                    Is::Open => Some(p.clone()),
                    Is::Folded => Some(folded(p.clone())),
                    Is::Aside => Some(aside(p.clone())),
                }).collect();
                for (run, is) in run.iter_mut().zip(is) {
                    run.0 = if is == Is::Open { run.0 + 1 } else { 0 };
                    run.1 = if is == Is::Gone && judgeable { run.1 + 1 } else { 0 };
                }
                for said in look.at(&open, judgeable, 1) {
                    let which = usize::from(said.ends_with(&problems[1].id));
                    if said.starts_with('+') {
                        prop_assert!(run[which].0 > limits[which], "{said} after {}", run[which].0);
                    } else {
                        prop_assert!(run[which].1 > 60, "{said} after {}", run[which].1);
                    }
                }
                for (i, p) in problems.iter().enumerate() {
                    let known = look.kept.contains_key(&p.id);
                    prop_assert!(known || run[i].0 <= limits[i], "{} is not told", p.id);
                    prop_assert!(!known || run[i].1 <= 60, "{} is not over", p.id);
                }
            }
        }
        look.at(&problems, true, 61);
        prop_assert_eq!(look.kept.len(), 2);
        look.at(&[], true, 61);
        prop_assert!(look.kept.is_empty());
    }
}
