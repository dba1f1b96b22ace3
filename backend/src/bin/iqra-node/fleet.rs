//! One node of a simulated fleet: what a real agent does, with faults on request and without a machine of its own.

use std::sync::Arc;
use std::time::Duration;

use common::command::{Ack, AckStatus, ShutdownMode};
use common::heartbeat::{DesiredState, Goodbye, Hardware, Heartbeat, HeartbeatReply};
use common::node::NodeKind;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::beat::{self, Claims, Leave, Node};
use crate::clock::Clock;
use crate::orders::Order;
use crate::pace::{self, Rng};
use crate::schedule::Schedule;
use crate::settings::Member;
use crate::stats::Stats;
use crate::wire::{Client, Secret, Trouble};
use crate::work::Work;

/// What may go wrong, on request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Share of heartbeats that get lost.
    pub(crate) loss: f64,
    /// How long each is on its way.
    pub(crate) delay: Duration,
    /// Clocks are off by this much.
    pub(crate) skew: Duration,
    /// How often a node restarts.
    pub(crate) restart_every: Option<Duration>,
    /// When silence begins and when it ends, since the start.
    pub(crate) silence: Option<(Duration, Option<Duration>)>,
    /// How many nodes of the list it takes.
    pub(crate) silent: usize,
    /// How long a node that was shut down stays away: what its service manager takes to start it.
    pub(crate) restart_delay: Duration,
}

/// What all nodes of a fleet share.
pub(crate) struct Shared {
    /// One pool of connections.
    pub(crate) client: Client,
    /// Requests at once.
    pub(crate) slots: Semaphore,
    /// The faults.
    pub(crate) faults: Faults,
    /// The form of today's servers.
    pub(crate) flat: bool,
    /// Whatever the server says.
    pub(crate) interval: Option<Duration>,
    /// When the fleet started.
    pub(crate) started: Instant,
    /// Seed of everything random.
    pub(crate) seed: u64,
    /// Ends all nodes.
    pub(crate) stop: CancellationToken,
    /// Whether they then say goodbye.
    pub(crate) goodbye: bool,
    /// Since the last line, added to the total with it.
    pub(crate) stats: Mutex<Stats>,
}

/// A node while it lives.
struct Simulated {
    shared: Arc<Shared>,
    secret: Secret,
    clock: Clock,
    node: Node,
    schedule: Schedule,
    /// What this run of the node counts its calls from.
    booted: Instant,
    restart: Option<Instant>,
    /// Seldom changes on a real machine.
    memory_base: f64,
    silent: bool,
}

/// Lives as number `index` of the list until the fleet stops or the node is told to end.
pub(crate) async fn live(shared: Arc<Shared>, member: Member, secret: Secret, index: usize) {
    let mut node = Simulated::new(shared, member, secret, index);
    let stop = node.shared.stop.clone();
    let mut due = node.shared.started + node.first();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = sleep_until(due) => {}
        }
        match node.turn().await {
            Some(next) => due = next,
            None => {
                node.shared.stats.lock().ended += 1;
                return;
            }
        }
    }
    if node.shared.goodbye && !node.silence().0 {
        node.goodbye("shutdown").await;
    }
}

impl Simulated {
    fn new(shared: Arc<Shared>, member: Member, secret: Secret, index: usize) -> Self {
        let number = u64::try_from(index).unwrap_or(0);
        let mut rng = Rng::new(Rng::new(shared.seed.wrapping_add(number)).next());
        let skew = i64::try_from(shared.faults.skew.as_millis()).unwrap_or(i64::MAX);
        let clock = Clock::skewed(if index.is_multiple_of(2) { skew } else { -skew });
        let claims = Claims {
            node_id: member.node_id,
            region_id: member.region_id.map(|r| r.0),
            kind: member.kind,
            hostname: Some(format!("sim-{index}")),
            sip_port: member.kind.default_sip_port(),
        };
        let node = Node::new(claims, Work::demo(member.kind, None, rng.next()), clock.wall());
        // The first restart comes at any moment of the first period, or all would come at once.
        let restart = shared.faults.restart_every.map(|t| shared.started + rng.between(Duration::ZERO, t));
        let memory_base = 25.0 + 20.0 * rng.unit();
        let silent = index < shared.faults.silent;
        let schedule = Schedule::new(rng, shared.interval);
        let booted = shared.started;
        Self { shared, secret, clock, node, schedule, booted, restart, memory_base, silent }
    }

    /// When the first heartbeat of a fleet that starts or comes back is due: at any moment of an interval.
    fn first(&mut self) -> Duration {
        let interval = self.schedule.interval();
        self.schedule.rng.between(Duration::ZERO, interval)
    }

    /// Whether it is silent now, and when that ends, if ever.
    fn silence(&self) -> (bool, Option<Instant>) {
        let Some((from, to)) = self.shared.faults.silence.filter(|_| self.silent) else {
            return (false, None);
        };
        let now = self.clock.now();
        let to = to.map(|to| self.shared.started + to);
        (self.shared.started + from <= now && to.is_none_or(|to| now < to), to)
    }

    /// One heartbeat, or what takes its place; when the next is due, `None` where there is none.
    async fn turn(&mut self) -> Option<Instant> {
        let now = self.clock.now();
        match self.silence() {
            (false, _) => {}
            // Each comes back at a moment of its own, not all with the first second.
            (true, Some(end)) => return Some(end + self.first()),
            // Silent for good: only the end of the fleet is waited for.
            (true, None) => {
                self.shared.stop.cancelled().await;
                return Some(now);
            }
        }
        if let Some((at, every)) =
            self.restart.zip(self.shared.faults.restart_every).filter(|(at, _)| *at <= now)
        {
            self.goodbye("restart").await;
            self.reboot(now);
            self.restart = Some(at.max(now) + pace::jittered(every, &mut self.schedule.rng));
        }
        let uptime = now.saturating_duration_since(self.booted);
        let hardware = self.hardware();
        let beat = self.node.heartbeat(self.clock.wall(), uptime, Some(hardware));
        if self.schedule.rng.unit() < self.shared.faults.loss {
            self.shared.stats.lock().lost += 1;
            let wait = pace::jittered(self.schedule.interval(), &mut self.schedule.rng);
            return Some(now + wait);
        }
        if !self.shared.faults.delay.is_zero() {
            sleep_until(now + self.shared.faults.delay).await;
        }
        self.send(&beat).await
    }

    async fn send(&mut self, beat: &Heartbeat) -> Option<Instant> {
        let body = if self.shared.flat {
            serde_json::to_vec(&beat::flat(beat, self.node.claims.kind))
        } else {
            serde_json::to_vec(beat)
        };
        let body = body.unwrap_or_default();
        let shared = Arc::clone(&self.shared);
        let slot = shared.slots.acquire().await.ok()?;
        let sent = self.clock.now();
        let result = shared.client.heartbeat(&self.secret, body).await;
        drop(slot);
        let now = self.clock.now();
        let wait = self.note(result, &beat.acks, sent, now);
        if wait.is_none() && self.node.is_done() {
            let shut_down = self.node.leave() == Some(Leave::Shutdown);
            self.goodbye(if shut_down { "shutdown" } else { "drain" }).await;
            if shut_down && self.node.wish() != DesiredState::Drain {
                let back = self.clock.now() + self.shared.faults.restart_delay;
                self.reboot(back);
                return Some(back);
            }
        }
        wait.map(|wait| now + wait)
    }

    /// Becomes another run, which starts at `at`.
    fn reboot(&mut self, at: Instant) {
        let calls = Work::demo(self.node.claims.kind, None, self.schedule.rng.next());
        self.node.reboot(calls, self.clock.wall());
        self.booted = at;
    }

    /// Counts what a heartbeat came to; the time from `now` to the next one, `None` where the node ends.
    fn note(
        &mut self,
        result: Result<HeartbeatReply, Trouble>,
        acks: &[Ack],
        sent: Instant,
        now: Instant,
    ) -> Option<Duration> {
        let took = now.saturating_duration_since(sent);
        let shared = Arc::clone(&self.shared);
        let mut stats = shared.stats.lock();
        match result {
            Ok(reply) => {
                stats.ok += 1;
                stats.duplicates += u64::from(reply.duplicate);
                stats.latency.add(took);
                self.node.obey(&reply.desired);
                self.node.orders.arrived(acks);
                // What an agent does at once takes this one an interval: a fleet is asked at its pace. But for
                // commands, which are rare.
                let wait = self.schedule.accepted(reply.next_in_ms, took);
                if self.carry_out(reply) {
                    return Some(pace::spacing(self.schedule.interval()));
                }
                (!self.node.is_done()).then_some(wait)
            }
            Err(trouble) => {
                *stats.rejected.entry(trouble.code().to_owned()).or_default() += 1;
                if !matches!(trouble, Trouble::Failed(_)) {
                    stats.latency.add(took);
                }
                let since = |at: Instant| at.saturating_duration_since(self.shared.started);
                self.schedule.refused(&trouble, since(sent), since(now))
            }
        }
    }

    /// Executes new commands; whether there is something to say about them.
    fn carry_out(&mut self, reply: HeartbeatReply) -> bool {
        if self.shared.flat {
            // Today's servers know no commands.
            return false;
        }
        for (id, order) in self.node.orders.take(reply.commands, reply.server_time) {
            let (status, detail) = match order {
                Order::Shutdown(mode) => {
                    self.node.end(Leave::Shutdown);
                    if mode == ShutdownMode::Immediate {
                        self.node.work.end_all();
                    }
                    (AckStatus::Accepted, String::new())
                }
                Order::EndSessions => (AckStatus::Done, format!("{} ended.", self.node.work.end_all())),
                Order::RunJob { .. } => (AckStatus::Refused, "A simulated node runs no jobs.".to_owned()),
            };
            self.node.orders.ack(id, status, &detail);
        }
        !self.node.orders.is_silent()
    }

    async fn goodbye(&mut self, reason: &str) {
        if self.shared.flat {
            // Today's servers have no goodbye.
            return;
        }
        let message = Goodbye { boot_id: self.node.boot_id().to_owned(), reason: reason.to_owned() };
        let body = serde_json::to_vec(&message).unwrap_or_default();
        let Ok(_slot) = self.shared.slots.acquire().await else { return };
        if self.shared.client.goodbye(&self.secret, body).await.is_ok() {
            self.shared.stats.lock().goodbyes += 1;
        }
    }

    /// Figures that follow the load, as those of a machine do.
    fn hardware(&mut self) -> Hardware {
        let load = self.node.work.load();
        let noise = self.schedule.rng.unit();
        let tenth = |x: f64| Some((x * 10.0).round() / 10.0);
        let traffic = match self.node.claims.kind {
            NodeKind::Backend => 40.0 * load,
            NodeKind::Proxy => 12.0 * load,
            NodeKind::Background => 0.5,
        };
        Hardware {
            cpu_percent: tenth(4.0 + 65.0 * load + 6.0 * noise),
            memory_percent: tenth(self.memory_base + 25.0 * load),
            network_down_mbps: tenth(traffic + 0.4 * noise),
            network_up_mbps: tenth(traffic * 0.9 + 0.3 * noise),
        }
    }
}
