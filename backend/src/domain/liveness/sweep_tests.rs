//! The three parts together: a few nodes, the guard and the wheel under a sweeper that is late, sleeps, fails
//! and restarts. What must hold is stated from the outside, by what was heard and when.

use proptest::prelude::*;

use super::super::deadlines::Deadlines;
use super::super::guard::{Guard, Tick};
use super::*;

/// Where the test's clock starts.
const START: Mono = Mono(1_000_000_000);

const POLICY: Policy = Policy { interval_ms: 100, stale_after_ms: 300, offline_after_ms: 600 };
const GRACE_MS: u64 = 900;
/// The sweep's period, and the wheel's slot.
const SWEEP_MS: u64 = 10;
const NODES: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Op {
    /// Time passes, sweeps run.
    Wait {
        ms: u64,
    },
    /// The node beats until the next operations are over, or stops.
    Beating {
        node: usize,
        on: bool,
    },
    Beat {
        node: usize,
    },
    Goodbye {
        node: usize,
    },
    NewRun {
        node: usize,
    },
    /// The next sweep is late.
    Stall {
        ms: u64,
    },
    /// The machine sleeps.
    Suspend {
        ms: u64,
    },
    IngestError,
    DatabaseError,
    NewSweeper,
    Restart {
        down_ms: u64,
    },
}

fn ops() -> impl Strategy<Value = Op> {
    let node = || 0..NODES;
    prop_oneof![
        6 => prop_oneof![2 => 1..150_u64, 2 => 250..700_u64, 1 => 900..1_500_u64].prop_map(|ms| Op::Wait { ms }),
        3 => (node(), any::<bool>()).prop_map(|(node, on)| Op::Beating { node, on }),
        3 => node().prop_map(|node| Op::Beat { node }),
        1 => node().prop_map(|node| Op::Goodbye { node }),
        1 => node().prop_map(|node| Op::NewRun { node }),
        1 => prop_oneof![3 => 1..100_u64, 1 => 95..106_u64, 1 => 0..800_u64].prop_map(|ms| Op::Stall { ms }),
        1 => prop_oneof![1..100_u64, 100..10_000_u64].prop_map(|ms| Op::Suspend { ms }),
        1 => Just(Op::IngestError),
        1 => Just(Op::DatabaseError),
        1 => Just(Op::NewSweeper),
        1 => (0..2_000_u64).prop_map(|down_ms| Op::Restart { down_ms }),
    ]
}

/// A real server process, seen from outside.
#[derive(Debug, Clone, Copy)]
struct Server {
    boot: u128,
    seq: u64,
    beating: bool,
    next_beat: Mono,
    heard: Option<Mono>,
    left: bool,
}

/// The control plane and what surrounds it.
struct World {
    now: Mono,
    slept_ms: u64,
    next_sweep: Mono,
    stall_ms: u64,
    guard: Guard,
    wheel: Deadlines,
    states: Vec<State>,
    servers: Vec<Server>,
    /// The fold of all transitions.
    replayed: Vec<Liveness>,
    /// Until when our own faults forbid to judge, kept apart from the guard.
    blamed_until: Mono,
    /// Late sweeps: when, and by how much.
    lateness: Vec<(Mono, u64)>,
    last_wall: Option<(Mono, u64)>,
    started: Mono,
}

impl World {
    fn new() -> World {
        let now = START;
        let state = State::registered(now, POLICY);
        let server = Server { boot: 1, seq: 0, beating: false, next_beat: now, heard: None, left: false };
        World {
            now,
            slept_ms: 0,
            next_sweep: now.after(SWEEP_MS),
            stall_ms: 0,
            guard: Guard::restarted(now, &POLICY),
            wheel: Deadlines::new(now, SWEEP_MS),
            states: vec![state; NODES],
            servers: vec![server; NODES],
            replayed: vec![Liveness::NeverSeen; NODES],
            blamed_until: now.after(GRACE_MS),
            lateness: Vec::new(),
            last_wall: None,
            started: now,
        }
    }

    fn blame(&mut self, until: Mono) {
        self.blamed_until = self.blamed_until.max(until);
    }

    fn slack(&self, seen: Mono) -> u64 {
        self.lateness.iter().filter(|(at, _)| *at > seen).map(|(_, ms)| ms).sum()
    }

    /// Stores a step's outcome and checks what holds for every single step.
    fn settle(&mut self, node: usize, state: State, effects: Effects) -> Result<(), TestCaseError> {
        self.states[node] = state;
        let key = u32::try_from(node).unwrap();
        match effects.next_deadline {
            Some(at) => self.wheel.schedule(key, at),
            None => self.wheel.cancel(key),
        }
        if let Some(Transition { from, to }) = effects.transition {
            prop_assert_eq!(self.replayed[node], from, "replay follows the transitions");
            self.replayed[node] = to;
        }
        if let Some(worse @ (Kind::WentStale | Kind::WentOffline)) = effects.kind {
            let seen = self.servers[node].heard.expect("what was never seen never lapses");
            let limit =
                if worse == Kind::WentStale { POLICY.stale_after_ms } else { POLICY.offline_after_ms };
            let silent = self.now.since(seen);
            prop_assert!(silent >= limit + self.slack(seen), "{:?} after {} ms", worse, silent);
            prop_assert!(self.now >= self.blamed_until, "{:?} while we are to blame", worse);
            prop_assert!(self.now >= self.started.after(GRACE_MS), "{:?} within the grace", worse);
        }
        Ok(())
    }

    fn step(&mut self, node: usize, event: Event) -> Result<(), TestCaseError> {
        let (state, effects) = step(self.states[node], event, self.now, POLICY);
        self.settle(node, state, effects)
    }

    fn everyone(&mut self, judgement: Judgement) -> Result<(), TestCaseError> {
        if let Judgement::Unjudgeable(doubt) = judgement {
            for node in 0..NODES {
                self.step(node, Event::Unjudgeable(doubt))?;
            }
        }
        Ok(())
    }

    fn beat(&mut self, node: usize) -> Result<(), TestCaseError> {
        let server = &mut self.servers[node];
        server.seq += 1;
        server.heard = Some(self.now);
        server.left = false;
        server.next_beat = self.now.after(POLICY.interval_ms);
        let event = Event::Beat { boot: Some(BootId::new(server.boot)), seq: Some(server.seq) };
        self.step(node, event)?;
        prop_assert_eq!(self.states[node].liveness(), Liveness::Live, "a beat is a sign of life");
        Ok(())
    }

    fn sweep(&mut self) -> Result<(), TestCaseError> {
        let planned = self.next_sweep;
        let late = self.now.since(planned);
        let slept = match self.last_wall.replace((self.now, self.slept_ms)) {
            Some((_, before)) => self.slept_ms - before,
            None => 0,
        };
        if slept > POLICY.interval_ms || late > POLICY.interval_ms {
            self.blame(self.now.after(POLICY.offline_after_ms));
        } else {
            self.lateness.push((self.now, late));
        }
        let wall_ms = i64::try_from(self.now.0 + self.slept_ms).unwrap();
        let tick = Tick { planned, actual: self.now, wall_ms };
        let judgement = self.guard.tick(tick, &POLICY);
        self.everyone(judgement)?;
        let mut due = Vec::new();
        self.wheel.pop_due(self.now, &mut due);
        for key in due {
            let node = usize::try_from(key).unwrap();
            let event = self.guard.due(&self.states[node], self.now);
            self.step(node, event)?;
        }
        self.next_sweep = self.now.after(SWEEP_MS);
        self.check_after_sweep()
    }

    /// What an operator sees is true: no silent node is shown live, no node that beats as lost.
    fn check_after_sweep(&self) -> Result<(), TestCaseError> {
        let mut watched = 0;
        for (state, server) in self.states.iter().zip(&self.servers) {
            let liveness = state.liveness();
            watched += usize::from(state.next_deadline(0).is_some());
            let Some(seen) = server.heard else {
                prop_assert!(matches!(liveness, Liveness::NeverSeen | Liveness::Left));
                continue;
            };
            prop_assert_eq!(server.left, liveness == Liveness::Left);
            if server.left {
                continue;
            }
            let silent = self.now.since(seen);
            if silent < POLICY.stale_after_ms {
                prop_assert!(matches!(liveness, Liveness::Live | Liveness::Unconfirmed), "{:?}", liveness);
            }
            let patience = self.slack(seen) + SWEEP_MS;
            if silent > POLICY.stale_after_ms + patience {
                prop_assert_ne!(liveness, Liveness::Live, "silent for {} ms", silent);
            }
            let judged = self.now >= self.blamed_until.after(SWEEP_MS);
            if judged && silent > POLICY.offline_after_ms + patience {
                prop_assert_eq!(liveness, Liveness::Offline, "silent for {} ms", silent);
            }
            if judged {
                prop_assert_ne!(liveness, Liveness::Unconfirmed, "nothing speaks against us");
            }
        }
        prop_assert_eq!(self.wheel.len(), watched, "a deadline for every node that needs one, and no other");
        let replayed: Vec<_> = self.states.iter().map(State::liveness).collect();
        prop_assert_eq!(&self.replayed, &replayed);
        Ok(())
    }

    fn wait(&mut self, ms: u64) -> Result<(), TestCaseError> {
        let end = self.now.after(ms);
        while self.now < end {
            self.now = self.now.after(1);
            for node in 0..NODES {
                let server = self.servers[node];
                if server.beating && self.now >= server.next_beat {
                    self.beat(node)?;
                }
            }
            if self.now >= self.next_sweep.after(self.stall_ms) {
                self.stall_ms = 0;
                self.sweep()?;
            }
        }
        Ok(())
    }

    fn restart(&mut self, down_ms: u64) -> Result<(), TestCaseError> {
        // Nobody listens meanwhile; the database keeps the ages.
        self.now = self.now.after(down_ms);
        self.started = self.now;
        self.guard = Guard::restarted(self.now, &POLICY);
        self.wheel = Deadlines::new(self.now, SWEEP_MS);
        self.blamed_until = self.now.after(GRACE_MS);
        self.lateness.clear();
        self.last_wall = None;
        self.stall_ms = 0;
        self.next_sweep = self.now.after(SWEEP_MS);
        let Judgement::Unjudgeable(grace) = self.guard.judge(self.now) else {
            return Err(TestCaseError::fail("a restart starts with grace"));
        };
        for node in 0..NODES {
            let old = self.states[node];
            let record = Record {
                liveness: old.liveness(),
                since: old.since(),
                last_seen: old.last_seen(),
                boot: old.boot(),
                seq: old.seq(),
            };
            if old.liveness() == Liveness::Unconfirmed {
                self.replayed[node] = Liveness::Live;
            }
            let (state, effects) = State::restored(record, grace, self.now, POLICY);
            self.settle(node, state, effects)?;
            let kept = match old.liveness() {
                Liveness::Live | Liveness::Unconfirmed => Liveness::Unconfirmed,
                other => other,
            };
            prop_assert_eq!(state.liveness(), kept);
        }
        Ok(())
    }

    fn apply(&mut self, op: Op) -> Result<(), TestCaseError> {
        match op {
            Op::Wait { ms } => self.wait(ms),
            Op::Beating { node, on } => {
                let server = &mut self.servers[node];
                server.beating = on;
                server.next_beat = self.now;
                Ok(())
            }
            Op::Beat { node } => self.beat(node),
            Op::Goodbye { node } => {
                let server = &mut self.servers[node];
                server.beating = false;
                server.left = true;
                let boot = Some(BootId::new(server.boot));
                // A process that never beat is unknown to us: its goodbye is not the current run's.
                if server.seq == 0 && server.heard.is_some() {
                    server.left = self.states[node].liveness() == Liveness::Left;
                }
                self.step(node, Event::Goodbye { boot })
            }
            Op::NewRun { node } => {
                let server = &mut self.servers[node];
                let old = Event::Goodbye { boot: Some(BootId::new(server.boot)) };
                server.boot += 1;
                server.seq = 0;
                self.beat(node)?;
                // The old process's goodbye comes late.
                self.step(node, old)?;
                prop_assert_eq!(self.states[node].liveness(), Liveness::Live);
                Ok(())
            }
            Op::Stall { ms } => {
                self.stall_ms = ms;
                Ok(())
            }
            Op::Suspend { ms } => {
                self.slept_ms += ms;
                Ok(())
            }
            Op::IngestError => {
                self.guard.ingest_error(self.now, &POLICY);
                self.blame(self.now.after(POLICY.offline_after_ms));
                Ok(())
            }
            Op::DatabaseError => {
                self.guard.database_error(self.now, &POLICY);
                self.blame(self.now.after(POLICY.offline_after_ms));
                Ok(())
            }
            Op::NewSweeper => {
                self.last_wall = None;
                self.blame(self.now.after(GRACE_MS));
                let judgement = self.guard.new_sweeper(self.now, &POLICY);
                self.everyone(judgement)
            }
            Op::Restart { down_ms } => self.restart(down_ms),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to nodes and to us: nobody who beat within the time is called stale or offline,
    /// nobody silent is shown live, nothing is judged while we are to blame, and once nothing speaks
    /// against us everything is judged.
    #[test]
    fn the_sweep_tells_the_truth(walk in proptest::collection::vec(ops(), 1..60)) {
        let mut world = World::new();
        for op in walk {
            world.apply(op)?;
        }
        // Afterwards, in peace: those that beat are live, all others are offline, left or never seen.
        world.stall_ms = 0;
        world.wait(GRACE_MS + POLICY.offline_after_ms + 2_000)?;
        for (state, server) in world.states.iter().zip(&world.servers) {
            let expected = match server {
                Server { beating: true, .. } => Liveness::Live,
                Server { left: true, .. } => Liveness::Left,
                Server { heard: None, .. } => Liveness::NeverSeen,
                _ => Liveness::Offline,
            };
            prop_assert_eq!(state.liveness(), expected);
        }
    }

    /// A restart at any instant, for however long, is silent: nodes that go on beating are never called
    /// anything but unconfirmed, and live again with their next beat.
    #[test]
    fn a_restart_is_silent(
        beating_ms in 0..2_000_u64,
        down_ms in 0..100_000_u64,
        restarts in 1..4_usize,
    ) {
        let mut world = World::new();
        for node in 0..NODES {
            world.apply(Op::Beating { node, on: true })?;
        }
        for _ in 0..restarts {
            world.wait(beating_ms)?;
            world.restart(down_ms)?;
        }
        let allowed = [Liveness::NeverSeen, Liveness::Unconfirmed, Liveness::Live];
        prop_assert!(world.states.iter().all(|state| allowed.contains(&state.liveness())));
        world.wait(POLICY.interval_ms + 1)?;
        prop_assert!(world.states.iter().all(|state| state.liveness() == Liveness::Live));
        world.wait(2 * GRACE_MS)?;
        prop_assert!(world.states.iter().all(|state| state.liveness() == Liveness::Live));
    }
}
