//! `iqra-node run`: the agent of one real server.

use std::net::SocketAddr;
use std::time::Duration;

use common::heartbeat::{Bootstrap, Desired, DesiredState, Goodbye, HeartbeatReply};
use common::snippet::NodeSettings;
use sysinfo::System;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

use crate::beat::{Claims, Node};
use crate::cli::{Calls, RunArgs};
use crate::clock::Clock;
use crate::http::{self, Listener};
use crate::pace::{self, Rng};
use crate::sample::Sampler;
use crate::schedule::Schedule;
use crate::settings;
use crate::signals::Signals;
use crate::trouble::Log;
use crate::wire::{Base, Client, Secret, Trouble};
use crate::work::Work;

/// How often a draining agent looks whether its last call has ended.
const LOOK: Duration = Duration::from_millis(250);
/// A goodbye, with its second and third attempt, takes no longer.
const GOODBYE: Duration = Duration::from_secs(4);

/// Speaks for a server until it is told to end.
///
/// # Errors
/// In words, where the settings cannot be used.
pub(crate) async fn run(args: RunArgs) -> Result<(), String> {
    let settings = settings::read(&args.appsettings, args.url.as_deref())?;
    let base = Base::parse(&settings.url)?;
    let mut agent = Agent::new(&settings, &args, base)?;
    let mut signals = Signals::listen()?;
    let started = tokio::select! {
        biased;
        () = signals.next() => return Ok(()),
        known = agent.connect() => known,
    };
    if !started {
        return Ok(());
    }
    if agent.beat_until_done(&mut signals, args.drain_timeout).await {
        tokio::select! {
            biased;
            () = signals.next() => tracing::warn!("asked to end a second time: ending without a goodbye"),
            () = agent.goodbye() => {}
        }
    }
    Ok(())
}

struct Agent {
    clock: Clock,
    started: Instant,
    client: Client,
    secret: Secret,
    node: Node,
    sampler: Sampler,
    schedule: Schedule,
    log: Log,
    config_tag: String,
    /// What the file says, where the registry says nothing.
    max_of_file: Option<u32>,
    listen: Option<SocketAddr>,
    listener: Option<Listener>,
    last_sent: Option<Instant>,
    accepted: bool,
    rotation_told: bool,
}

/// What an attempt came to.
enum Step {
    /// The next one is due after this time.
    Next(Duration),
    /// There is nothing left to speak for.
    Deleted,
}

impl Agent {
    fn new(settings: &NodeSettings, args: &RunArgs, base: Base) -> Result<Self, String> {
        let clock = Clock::default();
        let secret = Secret::new(&settings.api_key)?;
        let (seed, jitter) = Uuid::new_v4().as_u64_pair();
        let claims = Claims {
            node_id: settings.id.clone(),
            region_id: settings.region_id.as_ref().map(ToString::to_string),
            kind: settings.kind,
            hostname: System::host_name(),
            sip_port: None,
        };
        let work = match args.calls {
            Calls::None => Work::none(settings.kind, settings.max_concurrent_calls),
            Calls::Demo => Work::demo(settings.kind, settings.max_concurrent_calls, seed),
        };
        tracing::info!(
            "{} of region {} speaks with {}; its secret has the fingerprint {}",
            settings.kind.as_str(),
            claims.region_id.as_deref().unwrap_or("-"),
            base.as_str(),
            secret.fingerprint()
        );
        let now = clock.now();
        Ok(Self {
            clock,
            started: now,
            client: Client::new(base)?,
            node: Node::new(claims, work, clock.wall()),
            sampler: Sampler::start(now),
            schedule: Schedule::new(Rng::new(jitter), None),
            log: Log::new(secret.fingerprint()),
            secret,
            config_tag: String::new(),
            max_of_file: settings.max_concurrent_calls,
            listen: args.listen,
            listener: None,
            last_sent: None,
            accepted: false,
            rotation_told: false,
        })
    }

    /// Since the start.
    fn uptime(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.started)
    }

    /// Reads the bootstrap, however long that takes, unless the secret is refused; whether there is something to say.
    async fn connect(&mut self) -> bool {
        for n in 1_u32.. {
            let sent = self.uptime();
            let trouble = match self.client.bootstrap(&self.secret).await {
                Ok(b) => {
                    self.apply(b).await;
                    return true;
                }
                Err(trouble) => trouble,
            };
            self.log.trouble(&trouble, self.uptime());
            self.client.reconnect();
            let wait = match &trouble {
                Trouble::Failed(_) => pace::connect(n, &mut self.schedule.rng),
                // A heartbeat says who claims to be here, so that an operator sees which server it is. The first
                // one that is accepted makes us read the bootstrap again.
                Trouble::UnknownSecret => return true,
                _ => match self.schedule.refused(&trouble, sent, self.uptime()) {
                    Some(wait) => wait,
                    None => return false,
                },
            };
            sleep(wait).await;
        }
        false
    }

    /// Takes over what the registry says; whether the node now does or says something else.
    async fn apply(&mut self, b: Bootstrap) -> bool {
        let claims = &mut self.node.claims;
        if b.kind != claims.kind {
            tracing::error!(
                "this node is registered as a {}, and its settings are those of a {}",
                b.kind.as_str(),
                claims.kind.as_str()
            );
        }
        // What the file says is sent as it stands: the server is to notice a file of another node or region.
        claims.node_id.get_or_insert_with(|| b.node_id.to_string());
        if claims.region_id.is_none() {
            claims.region_id = b.region_id.as_ref().map(ToString::to_string);
        }
        let sip_changed = claims.sip_port != b.sip_port;
        claims.sip_port = b.sip_port;
        self.node.work.set_max(b.max_concurrent_calls.or(self.max_of_file));
        self.schedule.tell(b.interval_ms);
        let wanted = self.listen.map_or_else(|| http::addresses(&b.endpoint), |a| vec![a]);
        if !self.listener.as_ref().is_some_and(|l| l.is_for(&wanted)) {
            self.listener = None;
            match Listener::start(wanted, b.node_id.to_string()).await {
                Ok(l) => self.listener = Some(l),
                Err(e) => tracing::warn!("{e}; heartbeats go on without it"),
            }
        }
        self.config_tag = b.config_tag;
        self.obey(&b.desired) || sip_changed
    }

    fn obey(&mut self, desired: &Desired) -> bool {
        let before = self.node.runtime();
        let changed = self.node.obey(desired);
        if self.node.runtime() != before {
            let what = match desired.state {
                DesiredState::Run => "takes calls again",
                DesiredState::Maintenance => "maintenance: takes no new calls and stays",
                DesiredState::Drain => "drain: takes no new calls and ends after the last one",
            };
            let reason =
                if desired.reason.is_empty() { String::new() } else { format!(" ({})", desired.reason) };
            tracing::info!("{what}{reason}");
        }
        changed
    }

    /// Beats until the node has to end; whether a goodbye is due.
    async fn beat_until_done(&mut self, signals: &mut Signals, drain_timeout: Duration) -> bool {
        // A moment later than at once, so that the first heartbeat carries figures.
        let mut due = self.started + Sampler::FIRST_AFTER;
        let mut deadline: Option<Instant> = None;
        loop {
            let now = self.clock.now();
            let (uptime, open) = (self.uptime(), self.node.is_open());
            self.node.work.advance(uptime, open);
            // A node that has never been seen has nobody to say goodbye to, unless it was asked to end by a signal.
            if self.node.is_done() && (self.accepted || deadline.is_some()) {
                tracing::info!("no work left: ending");
                return self.last_sent.is_some();
            }
            if deadline.is_some_and(|d| d <= now) {
                tracing::warn!("calls are left, and the time to drain is over: ending");
                return self.last_sent.is_some();
            }
            let look = if self.node.is_leaving() { now + LOOK } else { due };
            let wake = due.min(look).min(deadline.unwrap_or(due));
            let asked = tokio::select! {
                biased;
                () = signals.next() => true,
                () = sleep_until(wake) => false,
            };
            let asked = asked
                || (self.clock.now() >= due && {
                    tokio::select! {
                        biased;
                        () = signals.next() => true,
                        step = self.attempt() => match step {
                            Step::Next(wait) => {
                                due = self.clock.now() + wait;
                                false
                            }
                            Step::Deleted => return false,
                        },
                    }
                });
            if asked {
                if deadline.is_some() {
                    tracing::warn!("asked to end a second time: ending without a goodbye");
                    return false;
                }
                tracing::info!(
                    "asked to end: takes no new calls, waits at most {drain_timeout:?} for the running ones"
                );
                self.node.end();
                deadline = Some(self.clock.now() + drain_timeout);
                due = self.soonest();
            }
        }
    }

    /// When an extra heartbeat may be sent.
    fn soonest(&self) -> Instant {
        let now = self.clock.now();
        self.last_sent.map_or(now, |at| now.max(at + pace::spacing(self.schedule.interval())))
    }

    /// Sends one heartbeat.
    async fn attempt(&mut self) -> Step {
        let now = self.clock.now();
        let sent = self.uptime();
        self.last_sent = Some(now);
        let hardware = self.sampler.sample(now);
        let beat = self.node.heartbeat(self.clock.wall(), sent, Some(hardware));
        let body = serde_json::to_vec(&beat).unwrap_or_default();
        match self.client.heartbeat(&self.secret, body).await {
            Ok(reply) => Step::Next(self.answered(reply, sent).await),
            Err(trouble) => {
                let now = self.uptime();
                self.log.trouble(&trouble, now);
                // A connection on which something failed is not trusted with the next attempt.
                self.client.reconnect();
                self.schedule.refused(&trouble, sent, now).map_or(Step::Deleted, Step::Next)
            }
        }
    }

    /// Takes in the reply to what was sent at `sent`; the time to the next heartbeat.
    async fn answered(&mut self, reply: HeartbeatReply, sent: Duration) -> Duration {
        self.log.fine(self.uptime());
        self.accepted = true;
        if reply.secret.rotation_due && !self.rotation_told {
            self.rotation_told = true;
            tracing::warn!(
                "this secret ends soon: put the newer one into the settings and start the agent again"
            );
        }
        let mut changed = self.obey(&reply.desired);
        let wait = self.schedule.accepted(reply.next_in_ms, self.uptime().saturating_sub(sent));
        if reply.config_tag != self.config_tag {
            match self.client.bootstrap(&self.secret).await {
                Ok(b) => {
                    tracing::info!("the registration changed and was read again");
                    changed |= self.apply(b).await;
                }
                // The tag stays as it was: the next reply makes us try again.
                Err(e) => tracing::warn!("the changed registration could not be read ({})", e.code()),
            }
        }
        if changed { self.soonest().saturating_duration_since(self.clock.now()) } else { wait }
    }

    /// Says that this run ends, three times at most.
    async fn goodbye(&mut self) {
        let boot_id = self.node.boot_id().to_owned();
        let body =
            serde_json::to_vec(&Goodbye { boot_id, reason: "shutdown".to_owned() }).unwrap_or_default();
        let said = timeout(GOODBYE, async {
            for pause in [Duration::from_millis(200), Duration::from_millis(800), Duration::ZERO] {
                match self.client.goodbye(&self.secret, body.clone()).await {
                    Ok(_) => return true,
                    Err(Trouble::Failed(_) | Trouble::Overloaded { .. }) => {
                        self.client.reconnect();
                        sleep(pause).await;
                    }
                    Err(_) => return false,
                }
            }
            false
        });
        match said.await {
            Ok(true) => tracing::info!("said goodbye"),
            _ => tracing::warn!("ending without a goodbye: the control plane did not take it"),
        }
    }
}
