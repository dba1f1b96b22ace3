//! A heartbeat or a goodbye, applied: from secret to reply without leaving memory.

use std::net::IpAddr;
use std::sync::Arc;

use common::activity::EventKind;
use common::heartbeat::{self, Bootstrap, Heartbeat, HeartbeatReply, Parsed, SecretNotice};
use common::ids::NodeId;
use common::node::NodeKind;
use common::overview::Rejection;
use common::status::Liveness;
use parking_lot::MutexGuard;

use super::Fleet;
use super::entry::{Live, NodeEntry, Refusal, Registered};
use super::registry::Fence;
use super::timeline::{What, word};
use crate::auth::secret::{self, plausible};
use crate::clock::Mono;
use crate::domain::liveness::{BootId, Event, step};
use crate::domain::registry::SecretHash;

/// What a node presented.
pub struct Presented<'a> {
    /// The secret, from either header.
    pub secret: Option<&'a str>,
    /// Where it came from.
    pub source: IpAddr,
    /// When the headers were read.
    pub received: Mono,
    /// What the secret is looked up by, where it can be one.
    hash: Option<SecretHash>,
    /// The node the secret belongs to.
    holder: Option<Arc<NodeEntry>>,
}

impl Presented<'_> {
    /// Whether the secret is known; strangers are served last.
    pub fn is_known(&self) -> bool {
        self.holder.is_some()
    }
}

/// Why a heartbeat was refused; each is a code of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeatError {
    /// 401: no such secret, whatever the precise reason.
    UnknownSecret,
    /// 409: the body names another region.
    RegionMismatch,
    /// 409: the body names another kind.
    KindMismatch,
    /// 409: the body names another registered node.
    NodeMismatch,
    /// 422: the body could not be understood.
    Invalid(String),
    /// 429: above the rate of one node.
    TooFast,
    /// 410: the node was deleted.
    NodeDeleted,
    /// 503: the node is being deleted at this very moment; what comes of it is not decided yet.
    Closing,
}

impl BeatError {
    /// As on the wire and in the diary.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownSecret => "unknown_secret",
            Self::RegionMismatch => "region_mismatch",
            Self::KindMismatch => "kind_mismatch",
            Self::NodeMismatch => "node_mismatch",
            Self::Invalid(_) => "invalid_heartbeat",
            Self::TooFast => "too_fast",
            Self::NodeDeleted => "node_deleted",
            Self::Closing => "overloaded",
        }
    }
}

/// A goodbye that was understood.
pub struct Accepted {
    /// Whose.
    pub node_id: NodeId,
    /// Whether it ended the run we know.
    pub left: bool,
}

/// What a body claims about its sender, for the diary.
#[derive(Default)]
struct Claims {
    node: Option<String>,
    region: Option<String>,
    kind: Option<String>,
}

impl Fleet {
    /// Looks the presented secret up.
    pub fn present<'a>(&self, secret: Option<&'a str>, source: IpAddr, received: Mono) -> Presented<'a> {
        let hash = secret.filter(|s| plausible(s)).map(secret::hash);
        Presented { secret, source, received, hash, holder: hash.and_then(|h| self.holder(h)) }
    }

    /// Whether a secret opens a node now.
    pub fn knows_secret(&self, secret: Option<&str>) -> bool {
        secret.filter(|s| plausible(s)).is_some_and(|s| self.holder(secret::hash(s)).is_some())
    }

    /// Applies a heartbeat.
    ///
    /// # Errors
    /// [`BeatError`], which is in the diary by then.
    pub fn beat(&self, from: &Presented<'_>, body: &[u8]) -> Result<HeartbeatReply, BeatError> {
        let Some(entry) = from.holder.clone() else {
            // An unknown sender's claims are worth reading: they tell the operator which server it is.
            let claims = heartbeat::parse(body).map(|p| claims_of(&p)).unwrap_or_default();
            return Err(self.stranger(from, claims));
        };
        if entry.limiter.as_ref().is_some_and(|l| l.check().is_err()) {
            return Err(self.refuse(from, Some(&entry), Claims::default(), BeatError::TooFast));
        }
        let parsed = match heartbeat::parse(body) {
            Ok(parsed) => parsed,
            Err(e) => {
                return Err(self.refuse(
                    from,
                    Some(&entry),
                    Claims::default(),
                    BeatError::Invalid(e.to_string()),
                ));
            }
        };
        let registered = entry.registered.load_full();
        match self.cross_check(&entry, &registered, &parsed) {
            Ok(foreign_id) => self.accept(&entry, &registered, parsed, from, foreign_id),
            Err(e) => Err(self.refuse(from, Some(&entry), claims_of(&parsed), e)),
        }
    }

    /// Applies a goodbye.
    ///
    /// # Errors
    /// [`BeatError`], which is in the diary by then.
    pub fn goodbye(&self, from: &Presented<'_>, boot_id: &str) -> Result<Accepted, BeatError> {
        let Some(entry) = from.holder.clone() else {
            return Err(self.stranger(from, Claims::default()));
        };
        if !(1..=64).contains(&boot_id.len()) {
            let why = "bootId is text of 1 to 64 characters.".to_owned();
            return Err(self.refuse(from, Some(&entry), Claims::default(), BeatError::Invalid(why)));
        }
        let mut live = self.open(&entry, from, Claims::default())?;
        self.apply(&entry, &mut live, Event::Goodbye { boot: Some(boot_number(boot_id)) }, from.received);
        Ok(Accepted { node_id: entry.id, left: live.state.liveness() == Liveness::Left })
    }

    /// The node that speaks, for what it sends besides heartbeats.
    ///
    /// # Errors
    /// [`BeatError::UnknownSecret`], or [`BeatError::NodeDeleted`].
    pub fn identify(&self, from: &Presented<'_>) -> Result<NodeId, BeatError> {
        from.holder.as_ref().map(|n| n.id).ok_or_else(|| self.stranger(from, Claims::default()))
    }

    /// What a node needs to start.
    ///
    /// # Errors
    /// [`BeatError::UnknownSecret`].
    pub fn bootstrap(&self, from: &Presented<'_>) -> Result<Bootstrap, BeatError> {
        let Some(entry) = from.holder.clone() else {
            return Err(self.stranger(from, Claims::default()));
        };
        let r = entry.registered.load();
        Ok(Bootstrap {
            node_id: entry.id,
            region_id: r.record.region_id.clone(),
            kind: r.record.kind,
            endpoint: r.record.endpoint.clone(),
            sip_port: r.record.sip_port,
            max_concurrent_calls: r.record.max_concurrent_calls,
            interval_ms: self.policy().interval_ms,
            desired: r.effective.desired(),
            config_tag: config_tag(self, &entry, &r),
            storage: Vec::new(),
        })
    }

    /// A request whose body was too large to be read.
    pub fn note_too_large(&self, from: &Presented<'_>) {
        self.note(from, from.holder.as_ref(), Claims::default(), "body_too_large");
    }

    /// The node a secret belongs to. The look-up is by the secret's SHA-256, so its time says nothing about how much
    /// of a guess was right.
    fn holder(&self, hash: SecretHash) -> Option<Arc<NodeEntry>> {
        let entry = self.secrets.get(&hash).map(|e| Arc::clone(e.value()))?;
        let until = entry.registered.load().record.secrets.iter().find(|s| s.hash == hash)?.valid_until;
        until.is_none_or(|until| self.clock.wall() < until).then_some(entry)
    }

    /// Refuses a sender whose secret no node has now: one that nobody knows, or that of a deleted node.
    fn stranger(&self, from: &Presented<'_>, claims: Claims) -> BeatError {
        let deleted = from.hash.is_some_and(|h| self.tombstone(&h).is_some());
        let why = if deleted { BeatError::NodeDeleted } else { BeatError::UnknownSecret };
        self.refuse(from, None, claims, why)
    }

    /// The node's live part, unless it is deleted meanwhile.
    fn open<'e>(
        &self,
        entry: &'e Arc<NodeEntry>,
        from: &Presented<'_>,
        claims: Claims,
    ) -> Result<MutexGuard<'e, Live>, BeatError> {
        let live = entry.live.lock();
        match live.fence {
            Fence::Open => Ok(live),
            Fence::Closing => Err(BeatError::Closing),
            Fence::Gone => {
                drop(live);
                Err(self.refuse(from, None, claims, BeatError::NodeDeleted))
            }
        }
    }

    /// Whether the body may come from this node; `Ok(true)` where it names an id that nobody has.
    fn cross_check(&self, entry: &NodeEntry, r: &Registered, p: &Parsed) -> Result<bool, BeatError> {
        let b = &p.beat;
        if let Some(kind) = &b.kind
            && !kind.eq_ignore_ascii_case(r.record.kind.as_str())
        {
            return Err(BeatError::KindMismatch);
        }
        let own_region = r.record.region_id.as_ref().map(|id| id.as_str());
        if let Some(region) = &b.region_id
            && !own_region.is_some_and(|own| own.eq_ignore_ascii_case(region.trim()))
            && r.record.kind != NodeKind::Background
        {
            return Err(BeatError::RegionMismatch);
        }
        let Some(claimed) = &b.node_id else { return Ok(false) };
        if r.record.external_id.as_deref() == Some(claimed) {
            return Ok(false);
        }
        match claimed.parse::<NodeId>() {
            Ok(id) if id == entry.id => Ok(false),
            Ok(id) if self.node(id).is_some() => Err(BeatError::NodeMismatch),
            _ if self.has_external_id(claimed) => Err(BeatError::NodeMismatch),
            _ => Ok(true),
        }
    }

    fn accept(
        &self,
        entry: &Arc<NodeEntry>,
        r: &Registered,
        p: Parsed,
        from: &Presented<'_>,
        foreign_id: bool,
    ) -> Result<HeartbeatReply, BeatError> {
        let server_time = self.clock.wall();
        let boot = p.beat.boot_id.as_deref().map(boot_number);
        let mut live = self.open(entry, from, claims_of(&p))?;
        let duplicate = self.apply(entry, &mut live, Event::Beat { boot, seq: p.beat.seq }, from.received);
        // A straggler of the run before is told nothing that is meant for its successor.
        let same_run = !duplicate || p.beat.boot_id.as_deref() == live.boot.as_deref();
        if live.state.last_seen() == Some(from.received) {
            live.last_seen_at = Some(server_time.before(self.clock.mono().since(from.received)));
        }
        if !duplicate {
            live.clock_offset_ms = p.beat.sent_at.map(|at| at.millis().saturating_sub(server_time.millis()));
            self.note_changes(entry, &live, &p.beat);
            self.note_storage(entry, &mut live, &p.beat);
            let rebooted = live.boot.is_some() && live.boot.as_deref() != p.beat.boot_id.as_deref();
            if live.boot.as_deref() != p.beat.boot_id.as_deref() {
                let was = live.boot.take();
                live.rivals.rebooted(was.as_deref(), p.beat.boot_id.as_deref(), server_time);
                live.boot = p.beat.boot_id.clone();
            }
            if live.source != Some(from.source) {
                live.source = Some(from.source);
                live.source_text = Some(from.source.to_string());
            }
            live.secret_in_use = from.hash;
            live.foreign_id = foreign_id;
            live.spoiled = p.spoiled;
            live.beat = Some(Box::new(p.beat));
            if !live.life.is_idle() {
                self.life_beat(entry, &mut live, r, rebooted);
            }
            // The figures may have changed the word: work that came to zero ends a drain.
            self.refresh(entry, &mut live);
        }
        self.board.beat();
        let interval_ms = self.policy().interval_ms;
        let phase = live.state.seq().unwrap_or(from.received.0);
        let mut commands = Vec::new();
        if same_run && !live.life.is_idle() {
            self.life_told(entry, &mut live, r);
            commands = self.offers(entry, &mut live);
        }
        drop(live);
        // The older of two secrets still opens; its holder is told that a newer one waits.
        let newest = r.record.secrets.first().map(|s| s.hash);
        Ok(HeartbeatReply {
            node_id: entry.id,
            server_time,
            next_in_ms: jittered(interval_ms, entry.slot, phase),
            duplicate,
            desired: r.effective.desired(),
            commands,
            config_tag: config_tag(self, entry, r),
            secret: SecretNotice { rotation_due: from.hash != newest },
        })
    }

    /// A new process and another runtime are events of the node's timeline.
    fn note_changes(&self, entry: &NodeEntry, live: &Live, new: &Heartbeat) {
        if live.boot.is_some() && live.boot != new.boot_id {
            let what = What { from: live.boot.clone(), to: new.boot_id.clone(), ..What::default() };
            self.record_node(entry, EventKind::Boot, What { detail: new.version.clone(), ..what });
        }
        let status = |b: Option<&Heartbeat>| b.and_then(|b| b.runtime.as_ref()).map(|r| r.status);
        let (was, is) = (status(live.beat.as_deref()), status(Some(new)));
        if live.beat.is_some() && was != is {
            let detail = new.runtime.as_ref().map(|r| r.reason.clone()).filter(|r| !r.is_empty());
            let what = What { from: was.and_then(word), to: is.and_then(word), detail, ..What::default() };
            self.record_node(entry, EventKind::Runtime, what);
        }
    }

    /// Steps the state machine and does what follows; whether the beat was a duplicate.
    pub(super) fn apply(&self, entry: &Arc<NodeEntry>, live: &mut Live, event: Event, now: Mono) -> bool {
        // A sweep that began before the node was deleted must not bring its deadline back.
        if live.fence == Fence::Gone {
            return false;
        }
        let (state, effects) = step(live.state, event, now, self.policy());
        live.state = state;
        {
            let mut deadlines = self.deadlines.lock();
            match effects.next_deadline {
                Some(at) => deadlines.schedule(entry.slot, at),
                None => deadlines.cancel(entry.slot),
            }
        }
        let heard = matches!(event, Event::Beat { .. } | Event::Goodbye { .. });
        let sweeps = self.sweeps();
        if heard || (effects.transition.is_some() && sweeps) {
            self.mark_unwritten(entry, live);
        }
        if let Some(change) = effects.transition {
            live.liveness_since = self.clock.wall();
            self.dirty.lock().problems = true;
            // A doubt of one that only follows is nobody's history.
            let doubted = [change.from, change.to].contains(&Liveness::Unconfirmed);
            if sweeps || (heard && !doubted) {
                let what = What { from: word(change.from), to: word(change.to), ..What::default() };
                self.record_node(entry, EventKind::Liveness, what);
                if !live.life.is_idle() {
                    self.life_moved(entry, live, change.to);
                }
            }
            tracing::info!(node = %entry.id, from = ?change.from, to = ?change.to, why = ?effects.kind, "liveness changed");
        }
        self.refresh(entry, live);
        effects.duplicate
    }

    pub(super) fn refresh(&self, entry: &Arc<NodeEntry>, live: &mut Live) {
        entry.refresh_word(live, self.clock.wall());
        self.mark_dirty(entry, live);
    }

    fn refuse(
        &self,
        from: &Presented<'_>,
        entry: Option<&Arc<NodeEntry>>,
        claims: Claims,
        why: BeatError,
    ) -> BeatError {
        self.note(from, entry, claims, why.code());
        why
    }

    fn note(&self, from: &Presented<'_>, entry: Option<&Arc<NodeEntry>>, claims: Claims, code: &str) {
        let now = self.clock.wall();
        let deleted = from.hash.filter(|_| code == "node_deleted").and_then(|h| self.tombstone(&h));
        let fingerprint = from.secret.filter(|s| !s.is_empty()).map(|s| secret::hash(s).fingerprint());
        // A wrong secret that claims to be a registered node is that node's problem, and shown there.
        let claimed =
            claims.node.as_deref().and_then(|id| id.parse::<NodeId>().ok()).and_then(|id| self.node(id));
        if let Some(concerned) = entry.or(claimed.as_ref()) {
            let shown = fingerprint.as_deref().unwrap_or("none");
            let detail = format!("{code} from {}, secret {shown}", from.source);
            let mut live = concerned.live.lock();
            live.refused = Some(Refusal { at: now, detail });
            self.mark_dirty(concerned, &mut live);
        }
        self.diary.add(Rejection {
            reason: code.to_owned(),
            node_id: entry.map(|e| e.id).or(deleted.map(|t| t.id)),
            claimed_node: claims.node,
            claimed_region: claims.region,
            claimed_kind: claims.kind,
            source: from.source.to_string(),
            fingerprint,
            first_at: now,
            last_at: now,
            count: 1,
        });
        self.dirty.lock().problems = true;
    }

    fn has_external_id(&self, id: &str) -> bool {
        self.index.read().external.contains_key(id)
    }
}

fn claims_of(p: &Parsed) -> Claims {
    let b = &p.beat;
    Claims { node: b.node_id.clone(), region: b.region_id.clone(), kind: b.kind.clone() }
}

/// A boot id of any text as 128 bits: the UUID's own where it is one, else of its SHA-256.
pub(super) fn boot_number(boot_id: &str) -> BootId {
    let number = uuid::Uuid::try_parse(boot_id).map(|u| u.as_u128()).unwrap_or_else(|_| {
        let hash = crate::auth::sha256(boot_id.as_bytes());
        hash.iter().take(16).fold(0, |n, b| n << 8 | u128::from(*b))
    });
    BootId::new(number)
}

/// Changes whenever `bootstrap` would answer something else.
fn config_tag(fleet: &Fleet, entry: &NodeEntry, r: &Registered) -> String {
    let region = entry.region.as_ref().map_or(0, |region| region.record.load().version);
    format!("{}.{region}.{}", r.record.version, fleet.storage.tag(r.record.region_id.as_ref()))
}

/// T ± 10 %, spread by node and by heartbeat so that nodes started together drift apart.
fn jittered(interval_ms: u64, slot: u32, phase: u64) -> u64 {
    // SplitMix64's finaliser (Steele, Lea, Flood 2014): well mixed, no state.
    let mut z = (u64::from(slot) << 32 ^ phase).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    let tenth = (interval_ms / 10).max(1);
    (interval_ms - interval_ms / 10).saturating_add((z ^ z >> 31) % (2 * tenth + 1)).max(1)
}
