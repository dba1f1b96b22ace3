//! The agent towards the control plane: what it reads, what it says, and how it takes in the answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arc_swap::ArcSwap;
use common::heartbeat::{Bootstrap, Desired, DesiredState, Goodbye, HeartbeatReply};
use common::ids::RegionId;
use common::node::NodeKind;
use sysinfo::System;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::beat::{Claims, Node};
use crate::cli::{Calls, Listen, RunArgs};
use crate::clock::Clock;
use crate::http::{self, Listener};
use crate::jobs::{Jobs, Tools};
use crate::pace::{self, Rng};
use crate::push::Door;
use crate::sample::Sampler;
use crate::schedule::Schedule;
use crate::settings::Source;
use crate::storage::{Tester, Watch};
use crate::trouble::Log;
use crate::wire::{Base, Client, Secret, Trouble};
use crate::work::Work;

/// A goodbye, with its second and third attempt, takes no longer.
const GOODBYE: Duration = Duration::from_secs(4);
/// A port that is taken is tried again this often: the last run of this node may still hold it.
const LISTEN_AGAIN: Duration = Duration::from_secs(5);

/// What an attempt came to.
pub(crate) enum Step {
    /// It counted: the next one is due after this time, and these are new or old commands.
    Answered {
        /// To the next heartbeat.
        wait: Duration,
        /// As offered, with the server's time.
        reply: Box<HeartbeatReply>,
    },
    /// It did not: the next one is due after this time.
    Again(Duration),
    /// There is nothing left to speak for.
    Deleted,
}

/// One node's side of the protocol.
pub(crate) struct Agent {
    /// The time.
    pub(crate) clock: Clock,
    /// What it says of itself.
    pub(crate) node: Node,
    /// When to send.
    pub(crate) schedule: Schedule,
    /// What the listener knows.
    pub(crate) door: Arc<Door>,
    /// Tests of the region's storage.
    pub(crate) storage: Watch,
    /// Jobs; background nodes.
    pub(crate) jobs: Option<Jobs>,
    /// A heartbeat counted.
    pub(crate) accepted: bool,
    /// The newest heartbeat that counted said that nothing is left to do.
    pub(crate) told_idle: bool,
    started: Instant,
    source: Source,
    client: Client,
    secret: Arc<ArcSwap<Secret>>,
    sampler: Sampler,
    log: Log,
    config_tag: String,
    /// What the file says, where the registry says nothing.
    max_of_file: Option<u32>,
    listen: Option<Listen>,
    listener: Option<Listener>,
    /// Where it should listen, and who it is there.
    wanted: (Vec<SocketAddr>, String),
    listen_again: Option<Instant>,
    last_sent: Option<Instant>,
    rotation_told: bool,
}

impl Agent {
    /// For the node of these settings.
    ///
    /// # Errors
    /// In words, where they cannot be used.
    pub(crate) fn new(args: &RunArgs) -> Result<Self, String> {
        let source = Source { file: args.appsettings.clone(), url: args.url.clone(), kind: args.kind };
        let settings = source.read()?;
        let (kind, max) = (settings.kind, settings.max_concurrent_calls);
        let base = Base::parse(&settings.url)?;
        let clock = Clock::default();
        let secret = Secret::new(&settings.api_key)?;
        let (seed, jitter) = Uuid::new_v4().as_u64_pair();
        let claims = Claims {
            node_id: settings.id.clone(),
            region_id: settings.region_id.as_ref().map(ToString::to_string),
            kind,
            hostname: System::host_name(),
            sip_port: None,
        };
        let work = match args.calls {
            Some(Calls::Demo) => Work::demo(kind, max, seed),
            Some(Calls::Steady(n)) => Work::steady(kind, max, n, args.call_seconds, seed),
            Some(Calls::None) => Work::none(kind, max),
            None if args.command.is_empty() => Work::none(kind, max),
            // Whether the command has calls is its own knowledge.
            None => Work::unknown(kind, max),
        };
        tracing::info!(
            "{} of region {} speaks with {}; its secret has the fingerprint {}",
            kind.as_str(),
            claims.region_id.as_deref().unwrap_or("-"),
            base.as_str(),
            secret.fingerprint()
        );
        let now = clock.now();
        let log = Log::new(secret.fingerprint());
        let client = Client::new(base)?;
        let secret = Arc::new(ArcSwap::from_pointee(secret));
        let storage = Watch::new(Tester::new(clock)?, args.storage_every);
        let mut node = Node::new(claims, work, clock.wall());
        node.starting = !args.command.is_empty();
        let jobs = (kind == NodeKind::Background).then(|| {
            node.jobs = Some(Jobs::offers(args.keep_days));
            let (tester, settings) = storage.shared();
            Jobs::new(Tools {
                client: client.clone(),
                secret: Arc::clone(&secret),
                boot_id: node.boot_id().to_owned(),
                clock,
                tester,
                storage: settings,
                folder: args.work_dir.clone(),
                keep_days: args.keep_days,
            })
        });
        let door = Arc::new(Door {
            secret: Arc::clone(&secret),
            jobs: node.jobs.iter().flatten().map(|job| job.key.clone()).collect(),
            knock: Notify::new(),
            shutting_down: AtomicBool::new(false),
        });
        Ok(Self {
            clock,
            node,
            schedule: Schedule::new(Rng::new(jitter), None),
            door,
            storage,
            jobs,
            accepted: false,
            told_idle: false,
            started: now,
            source,
            client,
            secret,
            sampler: Sampler::start(now),
            log,
            config_tag: String::new(),
            max_of_file: max,
            listen: args.listen,
            listener: None,
            wanted: (Vec::new(), String::new()),
            listen_again: None,
            last_sent: None,
            rotation_told: false,
        })
    }

    /// Since the start.
    pub(crate) fn uptime(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.started)
    }

    /// When the first heartbeat is due: a moment later than at once, so that it carries figures.
    pub(crate) fn first(&self) -> Instant {
        self.started + Sampler::FIRST_AFTER
    }

    /// Whether anybody could know of this run.
    pub(crate) fn has_beaten(&self) -> bool {
        self.last_sent.is_some()
    }

    /// When an extra heartbeat may be sent.
    pub(crate) fn soonest(&self) -> Instant {
        let now = self.clock.now();
        self.last_sent.map_or(now, |at| now.max(at + pace::spacing(self.schedule.interval())))
    }

    /// Reads the bootstrap, however long that takes, unless the secret is refused; whether there is something to say.
    pub(crate) async fn connect(&mut self) -> bool {
        for n in 1_u32.. {
            let sent = self.uptime();
            let trouble = match self.bootstrap().await {
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

    async fn bootstrap(&self) -> Result<Bootstrap, Trouble> {
        let secret = self.secret.load_full();
        self.client.bootstrap(&secret).await
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
        let addresses = match self.listen {
            Some(Listen::Nowhere) => Vec::new(),
            Some(Listen::At(address)) => vec![address],
            None => http::addresses(&b.endpoint),
        };
        let wanted = (addresses, b.node_id.to_string());
        if wanted != self.wanted {
            self.wanted = wanted;
            if let Some(listener) = self.listener.take() {
                listener.stop().await;
            }
            self.listen_if_needed(true).await;
        }
        self.take_storage(&b);
        self.node.config_hash = Some(b.config_tag.clone());
        self.config_tag = b.config_tag;
        self.obey(&b.desired) || sip_changed
    }

    fn take_storage(&mut self, b: &Bootstrap) {
        let region: Option<&RegionId> = b.region_id.as_ref();
        self.storage.set(b.storage.clone(), region, self.clock.now());
        self.node.storage = self.storage.last();
    }

    /// Listens where it should, unless it does; a port that is taken is said once and tried again.
    pub(crate) async fn listen_if_needed(&mut self, say: bool) {
        let (addresses, node_id) = self.wanted.clone();
        if addresses.is_empty() || self.listener.is_some() {
            self.listen_again = None;
            return;
        }
        match Listener::start(addresses, node_id, Arc::clone(&self.door)).await {
            Ok(listener) => {
                self.listener = Some(listener);
                self.listen_again = None;
            }
            Err(e) => {
                if say {
                    tracing::warn!("{e}; heartbeats go on without it, and it is tried again");
                }
                self.listen_again = Some(self.clock.now() + LISTEN_AGAIN);
            }
        }
    }

    /// When to try to listen again.
    pub(crate) fn listen_again(&self) -> Option<Instant> {
        self.listen_again
    }

    fn obey(&mut self, desired: &Desired) -> bool {
        let before = self.node.wish();
        let changed = self.node.obey(desired);
        if self.node.wish() != before {
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

    /// Reads the settings again; whether they hold another secret, which is used from now on.
    pub(crate) fn reload(&mut self, asked: bool) -> bool {
        let current = self.secret.load_full();
        match self.source.read().and_then(|s| Ok((Secret::new(&s.api_key)?, s.api_key))) {
            Ok((secret, text)) if !current.is(text.as_bytes()) => {
                let fingerprint = secret.fingerprint().to_owned();
                tracing::info!(
                    "the settings hold another secret, with the fingerprint {fingerprint}: using it"
                );
                self.secret.store(Arc::new(secret));
                self.log = Log::new(&fingerprint);
                self.rotation_told = false;
                true
            }
            Ok(_) => {
                if asked {
                    tracing::info!("the settings were read again: the secret is the same");
                }
                false
            }
            Err(e) => {
                tracing::warn!("the settings cannot be read again: {e}");
                false
            }
        }
    }

    /// Sends one heartbeat.
    pub(crate) async fn attempt(&mut self) -> Step {
        let now = self.clock.now();
        let sent = self.uptime();
        self.last_sent = Some(now);
        let hardware = self.sampler.sample(now);
        let idle = self.node.work.is_idle() && self.node.jobs_running == 0;
        let beat = self.node.heartbeat(self.clock.wall(), sent, Some(hardware));
        let body = serde_json::to_vec(&beat).unwrap_or_default();
        let secret = self.secret.load_full();
        match self.client.heartbeat(&secret, body).await {
            Ok(reply) => {
                self.node.orders.arrived(&beat.acks);
                self.told_idle = idle;
                let wait = self.answered(&reply, sent).await;
                Step::Answered { wait, reply: Box::new(reply) }
            }
            Err(trouble) => {
                let now = self.uptime();
                self.log.trouble(&trouble, now);
                // A connection on which something failed is not trusted with the next attempt.
                self.client.reconnect();
                let next = self.schedule.refused(&trouble, sent, now);
                if trouble == Trouble::UnknownSecret && self.reload(false) {
                    return Step::Again(pace::spacing(self.schedule.interval()));
                }
                next.map_or(Step::Deleted, Step::Again)
            }
        }
    }

    /// Takes in the reply to what was sent at `sent`; the time to the next heartbeat.
    async fn answered(&mut self, reply: &HeartbeatReply, sent: Duration) -> Duration {
        self.log.fine(self.uptime());
        self.accepted = true;
        if reply.secret.rotation_due && !self.rotation_told {
            self.rotation_told = true;
            tracing::warn!(
                "there is a newer secret, and this one ends soon: put the newer one into the settings; it is used \
                 after SIGHUP, or as soon as this one is refused"
            );
        }
        let mut changed = self.obey(&reply.desired);
        let wait = self.schedule.accepted(reply.next_in_ms, self.uptime().saturating_sub(sent));
        if reply.config_tag != self.config_tag {
            match self.bootstrap().await {
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
    pub(crate) async fn goodbye(&mut self, reason: &str) {
        let boot_id = self.node.boot_id().to_owned();
        let body = serde_json::to_vec(&Goodbye { boot_id, reason: reason.to_owned() }).unwrap_or_default();
        let secret = self.secret.load_full();
        let said = timeout(GOODBYE, async {
            for pause in [Duration::from_millis(200), Duration::from_millis(800), Duration::ZERO] {
                match self.client.goodbye(&secret, body.clone()).await {
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
