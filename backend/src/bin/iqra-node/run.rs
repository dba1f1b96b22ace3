//! `iqra-node run`: the life of one real server, from its first word to its goodbye.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::command::{AckStatus, ShutdownMode};
use common::heartbeat::{DesiredState, HeartbeatReply, StorageReport};
use common::ids::CommandId;
use tokio::time::{Instant, sleep_until};

use crate::agent::{Agent, Step};
use crate::beat::Leave;
use crate::child::Child;
use crate::cli::RunArgs;
use crate::exit::End;
use crate::jobs::{Ended, Jobs, Outcome};
use crate::orders::Order;
use crate::signals::{Asked, Signals};
use crate::work::Work;

/// How often a leaving agent looks whether its last call has ended.
const LOOK: Duration = Duration::from_millis(250);
/// So long the end waits until the control plane has taken the last acknowledgements.
const ACKS: Duration = Duration::from_secs(3);

/// Speaks for a server until it is told to end.
///
/// # Errors
/// In words, where the settings or the command cannot be used.
pub(crate) async fn run(args: RunArgs) -> Result<End, String> {
    let mut agent = Agent::new(&args)?;
    let mut signals = Signals::listen()?;
    let started = loop {
        tokio::select! {
            biased;
            asked = signals.next() => match asked {
                Asked::End => return Ok(End::StayDown),
                Asked::Reload => { agent.reload(true); }
            },
            known = Box::pin(agent.connect()) => break known,
        }
    };
    if !started {
        return Ok(End::StayDown);
    }
    let due = agent.first();
    let life = Life {
        agent,
        signals,
        command: args.command,
        drain_timeout: args.drain_timeout,
        stop_timeout: args.stop_timeout,
        child: None,
        failed: None,
        due: Some(due),
        deadline: None,
        acks_until: None,
        kill_at: None,
    };
    life.live().await
}

struct Life {
    agent: Agent,
    signals: Signals,
    /// Still to be started; empty where it was, or there is none.
    command: Vec<OsString>,
    drain_timeout: Duration,
    stop_timeout: Duration,
    child: Option<Child>,
    /// How the command ended by itself, or why it could not be started.
    failed: Option<Result<End, String>>,
    /// The next heartbeat; none where nobody wants to hear of this node.
    due: Option<Instant>,
    /// Of the wait after a signal.
    deadline: Option<Instant>,
    acks_until: Option<Instant>,
    /// When the command has had time enough to end.
    kill_at: Option<Instant>,
}

/// What happened.
enum Event {
    Signal(Asked),
    Child(ExitStatus),
    Knock,
    Storage(StorageReport),
    Job(Ended),
    Time,
}

impl Life {
    async fn live(mut self) -> Result<End, String> {
        loop {
            let now = self.agent.clock.now();
            self.start_child();
            self.agent.storage.start_if_due(now);
            if self.agent.listen_again().is_some_and(|at| at <= now) {
                self.agent.listen_if_needed(false).await;
            }
            if self.may_end(now) {
                break;
            }
            match self.event().await {
                Event::Signal(asked) => {
                    if self.signal(asked) {
                        return Ok(End::StayDown);
                    }
                }
                Event::Child(status) => self.child_ended(status),
                Event::Knock => self.beat_soon(),
                Event::Storage(report) => {
                    let now = self.agent.clock.now();
                    if self.agent.storage.keep(report, now, &mut self.agent.schedule.rng) {
                        self.beat_soon();
                    }
                    self.agent.node.storage = self.agent.storage.last();
                }
                Event::Job(ended) => self.job_ended(&ended),
                Event::Time => {
                    if self.on_time().await {
                        return Ok(End::StayDown);
                    }
                }
            }
            self.agent.node.jobs_running = self.agent.jobs.as_ref().map_or(0, Jobs::active);
        }
        self.farewell().await
    }

    async fn event(&mut self) -> Event {
        let wake = self.wake();
        let Self { agent, signals, child, .. } = self;
        let Agent { storage, jobs, door, .. } = agent;
        tokio::select! {
            biased;
            asked = signals.next() => Event::Signal(asked),
            status = async {
                match child {
                    Some(child) => child.ended().await,
                    None => std::future::pending().await,
                }
            } => Event::Child(status),
            report = storage.tested() => Event::Storage(report),
            ended = async {
                match jobs {
                    Some(jobs) => jobs.ended().await,
                    None => std::future::pending().await,
                }
            } => Event::Job(ended),
            () = door.knock.notified() => Event::Knock,
            () = sleep_until(wake) => Event::Time,
        }
    }

    fn wake(&self) -> Instant {
        let now = self.agent.clock.now();
        let look = self.agent.node.is_leaving().then_some(now + LOOK);
        let others = [look, self.deadline, self.kill_at, self.agent.storage.due(), self.agent.listen_again()];
        // A look an hour from now costs nothing where nothing is due.
        let idle = self.due.unwrap_or(now + Duration::from_secs(3600));
        others.into_iter().flatten().fold(idle, Instant::min)
    }

    /// Makes the next heartbeat an extra one.
    fn beat_soon(&mut self) {
        let soonest = self.agent.soonest();
        self.due = self.due.map(|due| due.min(soonest));
    }

    /// Starts the command once the control plane has answered, unless this node is to end.
    fn start_child(&mut self) {
        let agent = &mut self.agent;
        if self.command.is_empty() || !agent.accepted || agent.node.is_leaving() {
            return;
        }
        match Child::start(&std::mem::take(&mut self.command)) {
            Ok(child) => self.child = Some(child),
            Err(e) => {
                self.failed = Some(Err(e));
                agent.node.end(Leave::Command);
            }
        }
        agent.node.starting = false;
        self.beat_soon();
    }

    /// Whether everything is worked off, said and ended, so that only the goodbye is left.
    fn may_end(&mut self, now: Instant) -> bool {
        let agent = &mut self.agent;
        let uptime = agent.uptime();
        agent.node.work.advance(uptime, agent.node.is_open());
        if self.kill_at.is_some_and(|at| at <= now) {
            self.kill_at = None;
            if let Some(child) = &self.child {
                tracing::warn!("the command did not end in time: killing it");
                child.kill();
            }
        }
        if self.deadline.is_some_and(|at| at <= now) {
            self.deadline = None;
            if !agent.node.is_done() {
                tracing::warn!("calls are left, and the time to drain is over: ending them");
                self.end_work();
            }
        }
        let agent = &mut self.agent;
        if agent.node.stopping {
            return self.child.is_none();
        }
        // A node that has never been heard has nobody to say goodbye to, unless its end has another cause.
        let heard = agent.accepted || agent.node.leave().is_some();
        if !agent.node.is_done() || !heard {
            self.acks_until = None;
            return false;
        }
        // Else the last thing known of this node would be work that it had left.
        if !(agent.node.orders.is_silent() && agent.told_idle) && self.due.is_some() {
            let until = *self.acks_until.get_or_insert(now + ACKS);
            if now < until {
                self.beat_soon();
                return false;
            }
        }
        tracing::info!("no work left: ending");
        agent.node.stopping = true;
        let Some(child) = &self.child else { return true };
        child.terminate();
        self.kill_at = Some(now + self.stop_timeout);
        self.beat_soon();
        false
    }

    fn end_work(&mut self) -> u32 {
        if let Some(jobs) = &self.agent.jobs {
            jobs.stop();
        }
        self.agent.node.work.end_all()
    }

    /// Whether to end at once.
    fn signal(&mut self, asked: Asked) -> bool {
        if asked == Asked::Reload {
            if self.agent.reload(true) {
                self.beat_soon();
            }
            return false;
        }
        if self.agent.node.leave() == Some(Leave::Signal) {
            tracing::warn!("asked to end a second time: ending without a goodbye");
            if let Some(child) = &self.child {
                child.kill();
            }
            return true;
        }
        tracing::info!(
            "asked to end: takes no new calls, waits at most {:?} for the running ones",
            self.drain_timeout
        );
        self.agent.node.end(Leave::Signal);
        self.deadline = Some(self.agent.clock.now() + self.drain_timeout);
        self.beat_soon();
        false
    }

    fn child_ended(&mut self, status: ExitStatus) {
        self.child = None;
        self.kill_at = None;
        if self.agent.node.stopping {
            tracing::info!("the command ended: {status}");
            return;
        }
        tracing::error!("the command ended by itself: {status}");
        self.failed = Some(Ok(End::of_command(status)));
        // Whatever calls it had ended with it.
        self.end_work();
        self.agent.node.end(Leave::Command);
        self.beat_soon();
    }

    fn job_ended(&mut self, ended: &Ended) {
        let (status, detail) = match &ended.outcome {
            Outcome::Succeeded => (AckStatus::Done, ""),
            Outcome::Cancelled => (AckStatus::Done, "Cancelled."),
            Outcome::Failed(why) => (AckStatus::Failed, why.as_str()),
            // Nobody waits for a word about it.
            Outcome::Unwanted => return,
        };
        self.agent.node.orders.ack(ended.command, status, detail);
        self.beat_soon();
    }

    /// Sends a heartbeat where one is due; whether a second signal came meanwhile.
    async fn on_time(&mut self) -> bool {
        let now = self.agent.clock.now();
        if self.due.is_none_or(|due| due > now) {
            return false;
        }
        let step = tokio::select! {
            biased;
            asked = self.signals.next() => Err(asked),
            step = Box::pin(self.agent.attempt()) => Ok(step),
        };
        let now = self.agent.clock.now();
        match step {
            // The heartbeat was broken off, and is due again.
            Err(asked) => {
                self.due = Some(self.agent.soonest());
                return self.signal(asked);
            }
            Ok(Step::Again(wait)) => self.due = Some(now + wait),
            Ok(Step::Answered { wait, reply }) => {
                self.due = Some(now + wait);
                self.orders(*reply);
            }
            Ok(Step::Deleted) => {
                // Calls that run are not cut off for that; nobody wants to hear of them.
                self.due = None;
                self.agent.node.end(Leave::Deleted);
            }
        }
        false
    }

    fn orders(&mut self, reply: HeartbeatReply) {
        for (id, order) in self.agent.node.orders.take(reply.commands, reply.server_time) {
            let (status, detail) = self.carry_out(id, order);
            self.agent.node.orders.ack(id, status, &detail);
            self.beat_soon();
        }
    }

    fn carry_out(&mut self, id: CommandId, order: Order) -> (AckStatus, String) {
        match order {
            Order::Shutdown(mode) => {
                self.agent.door.shutting_down.store(true, Ordering::Relaxed);
                self.agent.node.end(Leave::Shutdown);
                let calls = self.agent.node.work.calls();
                if mode == ShutdownMode::Immediate {
                    tracing::info!("shutdown: ends {calls} calls and itself, to be started again");
                    self.end_work();
                } else {
                    tracing::info!("shutdown: ends after {calls} calls, to be started again");
                }
                (AckStatus::Accepted, String::new())
            }
            Order::EndSessions => {
                if let Work::Unknown { .. } = self.agent.node.work {
                    let text = "The agent cannot end the calls of the command it runs.";
                    return (AckStatus::Refused, text.to_owned());
                }
                let ended = self.agent.node.work.end_all();
                tracing::info!("ended {ended} calls");
                (AckStatus::Done, format!("{ended} ended."))
            }
            Order::RunJob { job, run } => {
                let started = match &mut self.agent.jobs {
                    _ if self.agent.node.is_leaving() => Err("This node is ending.".to_owned()),
                    Some(jobs) => jobs.start(&job, run, id),
                    None => Err("Only a background node runs jobs.".to_owned()),
                };
                match started {
                    Ok(()) => (AckStatus::Accepted, String::new()),
                    Err(why) => (AckStatus::Refused, why),
                }
            }
        }
    }

    /// Says goodbye; what a service manager is told.
    async fn farewell(mut self) -> Result<End, String> {
        let leave = self.agent.node.leave();
        let disabled = self.agent.node.wish() == DesiredState::Drain;
        let (reason, end) = match leave {
            Some(Leave::Signal) => ("stop", Ok(End::StayDown)),
            Some(Leave::Deleted) => ("", Ok(End::StayDown)),
            // Disabled in the meantime: it would be sent away again at once.
            Some(Leave::Shutdown) => ("shutdown", Ok(if disabled { End::StayDown } else { End::StartAgain })),
            Some(Leave::Command) => {
                let end = self.failed.take().unwrap_or(Ok(End::StartAgain));
                ("command_ended", if disabled { end.map(|_| End::StayDown) } else { end })
            }
            None if disabled => ("drain", Ok(End::StayDown)),
            // The drain was cancelled while the command was ending already.
            None => ("restart", Ok(End::StartAgain)),
        };
        if leave != Some(Leave::Deleted) && self.agent.has_beaten() {
            let goodbye = async {
                tokio::select! {
                    biased;
                    () = async { while self.signals.next().await != Asked::End {} } => {
                        tracing::warn!("asked to end: ending without a goodbye");
                    }
                    () = self.agent.goodbye(reason) => {}
                }
            };
            Box::pin(goodbye).await;
        }
        end
    }
}
