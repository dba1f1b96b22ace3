//! One node against a reference model that keeps the whole log and derives everything from it each time.

use proptest::prelude::*;

use super::super::guard::Reason;
use super::*;

/// Where the test's clock starts.
const START: Mono = Mono(1_000_000_000);

fn earlier(now: Mono, ms: u64) -> Mono {
    Mono(now.0 - ms)
}

/// One entry of the log.
#[derive(Debug, Clone, Copy)]
enum Op {
    Event(Event),
    /// Another process takes over from the database, with a grace until then.
    Restart(Mono),
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    now: Mono,
    op: Op,
    policy: Policy,
}

/// A run of the node's process: every counter heard of it, and how many were news after it was superseded.
struct Incarnation {
    boot: BootId,
    heard: Vec<u64>,
    posthumous: u32,
}

/// What the log means.
#[derive(Debug, PartialEq)]
struct Meaning {
    liveness: Liveness,
    last_seen: Option<Mono>,
    boot: Option<BootId>,
    told: Policy,
    /// About the last entry: an old message; the first word of another run.
    duplicate: bool,
    new_run: bool,
}

/// Whether a beat is old news, and whether it opens a new run. Counters are always given.
fn hear(runs: &mut Vec<Incarnation>, boot: BootId, seq: u64) -> (bool, bool) {
    let count = runs.len();
    let current = runs.last().map(|run| run.boot);
    if let Some(run) = runs.iter_mut().skip(count.saturating_sub(2)).rfind(|run| run.boot == boot) {
        let news = run.heard.iter().all(|heard| *heard < seq);
        run.heard.push(seq);
        if current == Some(boot) {
            return (!news, false);
        }
        run.posthumous += u32::from(news);
        if !news || run.posthumous == 1 {
            return (true, false);
        }
    }
    runs.push(Incarnation { boot, heard: vec![seq], posthumous: 0 });
    (false, current.is_some())
}

/// From the last beat that counts to the end of the log: silence can only get worse.
fn judge(tail: &[Entry], last_seen: Mono, mut told: Policy) -> Liveness {
    let mut word = Liveness::Live;
    let mut doubts: Vec<Mono> = Vec::new();
    let rank = |word| match word {
        Liveness::Offline => 2,
        Liveness::Stale => 1,
        _ => 0,
    };
    for Entry { now, op, policy } in tail {
        let blind = doubts.iter().any(|until| until > now);
        let mut doubt = None;
        match *op {
            Op::Restart(until) => {
                doubts.clear();
                // What the node was told before is not written down.
                told = *policy;
                doubt = Some(until);
            }
            Op::Event(Event::Unjudgeable(Doubt { until, .. })) => doubt = Some(until),
            Op::Event(Event::Due { slack_ms, judgement }) if !blind => {
                let silent = now.0.saturating_sub(last_seen.0).saturating_sub(slack_ms);
                let verdict = match silent {
                    ms if ms >= told.offline_after_ms => Liveness::Offline,
                    ms if ms >= told.stale_after_ms => Liveness::Stale,
                    _ => Liveness::Live,
                };
                match judgement {
                    Judgement::Unjudgeable(Doubt { until, .. }) if rank(verdict) > rank(word) => {
                        doubt = Some(until);
                        if until <= *now {
                            continue;
                        }
                    }
                    _ if rank(verdict) >= rank(word) => word = verdict,
                    _ => {}
                }
            }
            Op::Event(_) => {}
        }
        if let Some(until) = doubt.filter(|until| until > now) {
            doubts.push(until);
            if rank(word) == 0 {
                word = Liveness::Unconfirmed;
            }
        }
    }
    word
}

/// The meaning of a log, from its beginning.
fn derive(log: &[Entry], start: Policy) -> Meaning {
    let mut runs: Vec<Incarnation> = Vec::new();
    let mut last_beat: Option<usize> = None;
    let mut last_bye: Option<usize> = None;
    let mut last_seen: Option<Mono> = None;
    let mut told = start;
    let (mut duplicate, mut new_run) = (false, false);
    for (i, Entry { now, op, policy }) in log.iter().enumerate() {
        (duplicate, new_run) = (false, false);
        match *op {
            Op::Event(Event::Beat { boot, seq }) => {
                if let (Some(boot), Some(seq)) = (boot, seq) {
                    (duplicate, new_run) = hear(&mut runs, boot, seq);
                }
                // What was sent before the goodbye doesn't count after it.
                if !(duplicate && last_bye > last_beat) {
                    last_beat = Some(i);
                    last_seen = last_seen.max(Some(*now));
                    told = *policy;
                }
            }
            Op::Event(Event::Goodbye { boot }) => {
                let current = runs.last().map(|run| run.boot);
                if boot.is_none() || current.is_none() || boot == current {
                    last_bye = Some(i);
                    if let (Some(boot), None) = (boot, current) {
                        runs.push(Incarnation { boot, heard: Vec::new(), posthumous: 0 });
                    }
                }
            }
            Op::Restart(_) => {
                told = *policy;
                runs.drain(..runs.len().saturating_sub(1));
            }
            Op::Event(_) => {}
        }
    }
    let liveness = match (last_beat, last_seen) {
        _ if last_bye > last_beat => Liveness::Left,
        (Some(beat), Some(seen)) => judge(&log[beat + 1..], seen, log[beat].policy),
        _ => Liveness::NeverSeen,
    };
    Meaning { liveness, last_seen, boot: runs.last().map(|run| run.boot), told, duplicate, new_run }
}

/// Small timers, so that a random walk crosses them often.
fn policies() -> impl Strategy<Value = Policy> {
    let timers = Timers { interval_ms: 10, stale_after_ms: 30, offline_after_ms: 60 };
    prop_oneof![8 => Just(1_u64), 1 => Just(15), 1 => Just(30)]
        .prop_map(move |nodes| Policy::for_fleet(timers, nodes))
}

fn boots() -> impl Strategy<Value = BootId> {
    (1_u128..=3).prop_map(BootId::new)
}

fn doubts() -> impl Strategy<Value = (Reason, u64)> {
    (prop_oneof![Just(Reason::Suspended), Just(Reason::IngestErrors)], prop_oneof![Just(0), 1..120_u64])
}

/// What happens, with times relative to "now".
#[derive(Debug, Clone, Copy)]
enum Step {
    Beat { boot: Option<(BootId, u64)>, received_ago: u64 },
    Goodbye { boot: Option<BootId> },
    Due { slack_ms: u64, doubt: Option<(Reason, u64)> },
    Unjudgeable((Reason, u64)),
    Restart,
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (proptest::option::weighted(0.9, (boots(), 0..8_u64)), prop_oneof![4 => Just(0), 1 => 0..40_u64])
            .prop_map(|(boot, received_ago)| Step::Beat { boot, received_ago }),
        2 => proptest::option::weighted(0.9, boots()).prop_map(|boot| Step::Goodbye { boot }),
        8 => (prop_oneof![3 => Just(0), 1 => 0..40_u64], proptest::option::weighted(0.2, doubts()))
            .prop_map(|(slack_ms, doubt)| Step::Due { slack_ms, doubt }),
        1 => doubts().prop_map(Step::Unjudgeable),
        1 => Just(Step::Restart),
    ]
}

/// A pause before each step: often none at all, often around a threshold.
fn pauses() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0), 4 => 0..20_u64, 2 => 28..33_u64, 2 => 58..95_u64]
}

fn apply(state: State, entry: Entry) -> (State, Effects) {
    match entry.op {
        Op::Event(event) => step(state, event, entry.now, entry.policy),
        Op::Restart(until) => {
            let record = Record {
                liveness: state.liveness(),
                since: state.since(),
                last_seen: state.last_seen(),
                boot: state.boot(),
                seq: state.seq(),
            };
            let grace = Doubt { reason: Reason::Restart, until };
            State::restored(record, grace, entry.now, entry.policy)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    /// After every step, state and effects are what the log means.
    #[test]
    fn the_state_is_what_the_log_means(
        walk in proptest::collection::vec((pauses(), steps(), policies()), 1..40),
        start in policies(),
    ) {
        let mut clock = START;
        let mut state = State::registered(clock, start);
        let mut log = Vec::new();
        for (pause, what, policy) in walk {
            clock = clock.after(pause);
            let as_doubt = |(reason, ms)| Doubt { reason, until: clock.after(ms) };
            let mut now = clock;
            let op = match what {
                Step::Beat { boot, received_ago } => {
                    now = earlier(clock, received_ago);
                    Op::Event(Event::Beat { boot: boot.map(|it| it.0), seq: boot.map(|it| it.1) })
                }
                Step::Goodbye { boot } => Op::Event(Event::Goodbye { boot }),
                Step::Due { slack_ms, doubt } => {
                    let judgement =
                        doubt.map_or(Judgement::Clear, |doubt| Judgement::Unjudgeable(as_doubt(doubt)));
                    Op::Event(Event::Due { slack_ms, judgement })
                }
                Step::Unjudgeable(doubt) => Op::Event(Event::Unjudgeable(as_doubt(doubt))),
                Step::Restart => Op::Restart(clock.after(policy.restart_grace_ms())),
            };
            let entry = Entry { now, op, policy };
            log.push(entry);
            let before = state;
            let (after, effects) = apply(before, entry);
            state = after;

            let meaning = derive(&log, start);
            let new_run = matches!(effects.kind, Some(Kind::Restarted { .. }));
            let actual = Meaning {
                liveness: state.liveness(),
                last_seen: state.last_seen(),
                boot: state.boot(),
                told: state.told(),
                duplicate: effects.duplicate,
                // A first contact hides that the run is new to us.
                new_run: new_run || (meaning.new_run && effects.kind == Some(Kind::FirstContact)),
            };
            prop_assert_eq!(actual, meaning, "{:?}", log);

            let watched =
                matches!(state.liveness(), Liveness::Live | Liveness::Stale | Liveness::Unconfirmed);
            prop_assert_eq!(effects.next_deadline.is_some(), watched);
            prop_assert!(state.since() >= before.since());
            if let Some(Transition { from, to }) = effects.transition {
                prop_assert_ne!(from, to);
                prop_assert!(from == before.liveness() || matches!(op, Op::Restart(_)));
                prop_assert_eq!(to, state.liveness());
                prop_assert!(effects.kind.is_some(), "every transition has a meaning");
            }
        }
    }

    /// Looking at a node at its deadline settles something: the next deadline lies later, or there is none.
    #[test]
    fn deadlines_make_progress(
        walk in proptest::collection::vec((pauses(), steps(), policies()), 0..20),
        slack_ms in 0..50_u64,
    ) {
        let mut clock = START;
        let policy = Policy { interval_ms: 10, stale_after_ms: 30, offline_after_ms: 60 };
        let mut state = State::registered(clock, policy);
        for (pause, what, policy) in walk {
            clock = clock.after(pause);
            let event = match what {
                Step::Beat { boot, .. } => Event::Beat { boot: boot.map(|it| it.0), seq: boot.map(|it| it.1) },
                Step::Unjudgeable((reason, ms)) => {
                    Event::Unjudgeable(Doubt { reason, until: clock.after(ms) })
                }
                _ => Event::Due { slack_ms: 0, judgement: Judgement::Clear },
            };
            state = step(state, event, clock, policy).0;
        }
        let mut looks = 0;
        while let Some(deadline) = state.next_deadline(slack_ms) {
            let event = Event::Due { slack_ms, judgement: Judgement::Clear };
            let (after, effects) = step(state, event, deadline, policy);
            prop_assert!(effects.next_deadline.is_none_or(|next| next > deadline));
            state = after;
            looks += 1;
            prop_assert!(looks <= 4, "live again, stale, offline, and no more");
        }
        prop_assert!(matches!(state.liveness(), Liveness::NeverSeen | Liveness::Offline | Liveness::Left));
    }
}
