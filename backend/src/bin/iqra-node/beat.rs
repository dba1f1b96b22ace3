//! What a node says of itself and how it obeys: the same for a real agent and for each node of a simulated fleet.
//! Pure: time is passed in.

use std::time::Duration;

use common::heartbeat::{Accepts, Desired, DesiredState, Hardware, Heartbeat, RuntimeReport, StorageReport};
use common::job::JobOffer;
use common::node::NodeKind;
use common::status::Runtime;
use common::time::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::orders::Orders;
use crate::work::Work;

/// Why a run ends, where that is not the operator's lasting wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    /// A signal: whoever runs the process wants it down.
    Signal,
    /// A command of the control plane: it is to come back.
    Shutdown,
    /// The supervised command ended by itself.
    Command,
    /// The node was deleted.
    Deleted,
}

/// What the node claims to be; the server holds it against its registry.
#[derive(Debug, Clone)]
pub(crate) struct Claims {
    /// Its id, as text: files written for today's servers hold other ids than ours.
    pub(crate) node_id: Option<String>,
    /// Its region.
    pub(crate) region_id: Option<String>,
    /// Its kind.
    pub(crate) kind: NodeKind,
    /// Of the machine.
    pub(crate) hostname: Option<String>,
    /// The port it takes SIP on.
    pub(crate) sip_port: Option<u16>,
}

/// One run of a node.
#[derive(Debug)]
pub(crate) struct Node {
    /// Sent with every heartbeat.
    pub(crate) claims: Claims,
    /// What it is busy with.
    pub(crate) work: Work,
    /// The commands of this run.
    pub(crate) orders: Orders,
    /// How many jobs run.
    pub(crate) jobs_running: usize,
    /// What it can run; background nodes.
    pub(crate) jobs: Option<Vec<JobOffer>>,
    /// What its storage test found.
    pub(crate) storage: Option<StorageReport>,
    /// The registration it runs with.
    pub(crate) config_hash: Option<String>,
    /// The supervised command does not run yet.
    pub(crate) starting: bool,
    /// The supervised command was asked to end.
    pub(crate) stopping: bool,
    boot_id: String,
    seq: u64,
    started_at: Timestamp,
    wish: DesiredState,
    reason: String,
    generation: Option<i64>,
    /// Nothing an operator wishes takes that back.
    leave: Option<Leave>,
}

impl Node {
    /// A run that starts now and takes work until it is told otherwise.
    pub(crate) fn new(claims: Claims, work: Work, started_at: Timestamp) -> Self {
        Self {
            claims,
            work,
            orders: Orders::default(),
            jobs_running: 0,
            jobs: None,
            storage: None,
            config_hash: None,
            starting: false,
            stopping: false,
            boot_id: Uuid::now_v7().to_string(),
            seq: 0,
            started_at,
            wish: DesiredState::Run,
            reason: String::new(),
            generation: None,
            leave: None,
        }
    }

    /// Names this run.
    pub(crate) fn boot_id(&self) -> &str {
        &self.boot_id
    }

    /// Becomes another run of the same node: what a restart of the process does.
    pub(crate) fn reboot(&mut self, work: Work, started_at: Timestamp) {
        *self = Self::new(self.claims.clone(), work, started_at);
    }

    /// Takes over the operator's wish; whether that changed what the node does or says.
    pub(crate) fn obey(&mut self, desired: &Desired) -> bool {
        let changed = self.wish != desired.state
            || self.reason != desired.reason
            || self.generation != Some(desired.generation);
        if changed {
            self.wish = desired.state;
            self.reason.clone_from(&desired.reason);
            self.generation = Some(desired.generation);
        }
        changed
    }

    /// Closes every entrance for the rest of this run. A signal counts more than what came before it.
    pub(crate) fn end(&mut self, why: Leave) {
        if self.leave.is_none() || why == Leave::Signal {
            self.leave = Some(why);
        }
    }

    /// What it was told last.
    pub(crate) fn wish(&self) -> DesiredState {
        self.wish
    }

    /// Why this run ends, where that is not the operator's wish.
    pub(crate) fn leave(&self) -> Option<Leave> {
        self.leave
    }

    /// Whether new work is taken.
    pub(crate) fn is_open(&self) -> bool {
        self.wish == DesiredState::Run && self.leave.is_none() && !self.starting && !self.stopping
    }

    /// Whether it is to exit at zero work.
    pub(crate) fn is_leaving(&self) -> bool {
        self.wish == DesiredState::Drain || self.leave.is_some()
    }

    /// Whether it has to exit now.
    pub(crate) fn is_done(&self) -> bool {
        self.is_leaving() && self.work.is_idle() && self.jobs_running == 0
    }

    /// What it is doing.
    pub(crate) fn runtime(&self) -> Runtime {
        match self.wish {
            _ if self.stopping => Runtime::Stopping,
            _ if self.leave.is_some() => Runtime::Draining,
            DesiredState::Drain => Runtime::Draining,
            _ if self.starting => Runtime::Starting,
            DesiredState::Maintenance => Runtime::Maintenance,
            DesiredState::Run => Runtime::Running,
        }
    }

    /// The next heartbeat, sent at `sent_at` by the node's clock, `uptime` after the start. Every attempt gets a
    /// number and a time of its own: repeated unchanged, it would be taken for a duplicate with a slow clock.
    pub(crate) fn heartbeat(
        &mut self,
        sent_at: Timestamp,
        uptime: Duration,
        hardware: Option<Hardware>,
    ) -> Heartbeat {
        self.seq += 1;
        self.work.advance(uptime, self.is_open());
        let reason = match (self.leave, self.runtime()) {
            (Some(Leave::Signal), _) => "Asked to stop".to_owned(),
            (Some(Leave::Shutdown), _) => "Shutting down".to_owned(),
            (Some(Leave::Command), _) => "The supervised command ended".to_owned(),
            _ if !self.reason.is_empty() => self.reason.clone(),
            (_, Runtime::Starting) => "Starting".to_owned(),
            (_, Runtime::Draining | Runtime::Stopping) => "Taken out of service".to_owned(),
            (_, Runtime::Maintenance) => "Maintenance".to_owned(),
            _ => "Normal operation".to_owned(),
        };
        let open = Some(self.is_open());
        // A proxy has no entrance for web sessions, a background node has none at all.
        let accepts = match self.claims.kind {
            NodeKind::Backend => Some(Accepts { inbound: open, outbound: open, web: open }),
            NodeKind::Proxy => Some(Accepts { inbound: open, outbound: open, web: None }),
            NodeKind::Background => None,
        };
        Heartbeat {
            boot_id: Some(self.boot_id.clone()),
            seq: Some(self.seq),
            sent_at: Some(sent_at),
            node_id: self.claims.node_id.clone(),
            region_id: self.claims.region_id.clone(),
            kind: Some(self.claims.kind.as_str().to_owned()),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            runtime: Some(RuntimeReport { status: self.runtime(), reason }),
            sessions: self.work.sessions(uptime),
            outbound: self.work.outbound(uptime),
            started_at: Some(self.started_at),
            hostname: self.claims.hostname.clone(),
            hardware,
            accepts,
            sip_port: self.claims.sip_port,
            storage: self.storage.clone(),
            config_hash: self.config_hash.clone(),
            jobs: self.jobs.clone(),
            observed_generation: self.generation,
            acks: self.orders.acks(),
        }
    }
}

/// The same heartbeat in the flat form of today's Iqra AI servers.
pub(crate) fn flat(beat: &Heartbeat, kind: NodeKind) -> Value {
    // Its Mbps are 2²⁰ bit/s.
    let mebi = |v: Option<f64>| v.map_or(0.0, |v| v / 1.048_576);
    let runtime = beat.runtime.as_ref().map_or(1, |r| match r.status {
        Runtime::Starting => 0,
        Runtime::Running => 1,
        Runtime::Maintenance => 2,
        Runtime::Draining => 3,
        Runtime::Stopping => 4,
    });
    let kind = match kind {
        NodeKind::Proxy => 1,
        NodeKind::Backend => 2,
        NodeKind::Background => 4,
    };
    let mut body = json!({
        "RegionId": beat.region_id, "NodeId": beat.node_id, "Type": kind, "Version": beat.version,
        "RuntimeStatus": runtime, "RuntimeStatusReason": beat.runtime.as_ref().map(|r| &r.reason),
        "LastUpdated": beat.sent_at,
    });
    let Some(members) = body.as_object_mut() else { return body };
    members.retain(|_, v| !v.is_null());
    if let Some(h) = &beat.hardware {
        members.insert("CpuUsagePercent".into(), json!(h.cpu_percent.unwrap_or(0.0)));
        members.insert("MemoryUsagePercent".into(), json!(h.memory_percent.unwrap_or(0.0)));
        members.insert("NetworkDownloadMbps".into(), json!(mebi(h.network_down_mbps)));
        members.insert("NetworkUploadMbps".into(), json!(mebi(h.network_up_mbps)));
    }
    if let Some(s) = &beat.sessions {
        members.insert("MaxConcurrentCallsCount".into(), json!(s.max.unwrap_or(0)));
        members.insert("CurrentActiveTelephonySessionCount".into(), json!(s.phone.unwrap_or(0)));
        members.insert("CurrentActiveWebSessionCount".into(), json!(s.web.unwrap_or(0)));
    }
    if let Some(o) = &beat.outbound {
        members.insert("CurrentOutboundMarkedQueues".into(), json!(o.pending.unwrap_or(0)));
        members.insert("CurrentOutboundProcessingMarkedQueues".into(), json!(o.processing.unwrap_or(0)));
        members.insert("CurrentOutboundProcessedMarkedQueues".into(), json!(0));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::heartbeat::{Form, parse};

    const NOW: Timestamp = Timestamp(1_795_343_230_123);

    fn node(kind: NodeKind) -> Node {
        let claims = Claims {
            node_id: Some("n".into()),
            region_id: Some("OM-MCT".into()),
            kind,
            hostname: Some("h".into()),
            sip_port: Some(5080),
        };
        Node::new(claims, Work::demo(kind, Some(20), 9), NOW)
    }

    fn hardware() -> Hardware {
        Hardware {
            cpu_percent: Some(12.5),
            memory_percent: Some(41.0),
            network_down_mbps: Some(3.0),
            network_up_mbps: Some(0.5),
        }
    }

    fn desired(state: DesiredState, generation: i64) -> Desired {
        Desired { state, reason: String::new(), generation }
    }

    #[test]
    fn the_server_reads_what_is_written() {
        for kind in [NodeKind::Backend, NodeKind::Proxy, NodeKind::Background] {
            let mut node = node(kind);
            node.obey(&desired(DesiredState::Run, 4));
            let beat = node.heartbeat(NOW, Duration::from_secs(90), Some(hardware()));
            let read = parse(&serde_json::to_vec(&beat).unwrap()).unwrap();
            assert_eq!(read.form, Form::Native);
            assert!(read.spoiled.is_empty(), "{:?}", read.spoiled);
            assert_eq!(read.beat, beat);
            assert_eq!((beat.seq, beat.observed_generation), (Some(1), Some(4)));

            let read = parse(&serde_json::to_vec(&flat(&beat, kind)).unwrap()).unwrap();
            assert_eq!(read.form, Form::Flat);
            assert!(read.spoiled.is_empty(), "{:?}", read.spoiled);
            assert_eq!(read.beat.kind, beat.kind);
            assert_eq!(read.beat.runtime, beat.runtime);
            assert_eq!(read.beat.sessions.map(|s| s.phone), beat.sessions.map(|s| s.phone));
            assert_eq!(read.beat.outbound.map(|o| o.pending), beat.outbound.map(|o| o.pending));
            let down = read.beat.hardware.and_then(|h| h.network_down_mbps).unwrap();
            assert!((down - 3.0).abs() < 1e-9, "{down}");
        }
    }

    #[test]
    fn maintenance_and_drain_close_every_entrance() {
        let mut node = node(NodeKind::Backend);
        node.heartbeat(NOW, Duration::from_secs(120), None);
        for (generation, state, runtime) in [
            (1, DesiredState::Maintenance, Runtime::Maintenance),
            (2, DesiredState::Drain, Runtime::Draining),
        ] {
            assert!(node.obey(&desired(state, generation)));
            assert!(!node.obey(&desired(state, generation)), "nothing new, nothing changed");
            let beat = node.heartbeat(NOW, Duration::from_secs(120), None);
            let closed = Some(false);
            assert_eq!(beat.accepts, Some(Accepts { inbound: closed, outbound: closed, web: closed }));
            assert_eq!(beat.runtime.map(|r| r.status), Some(runtime));
            assert_eq!(beat.observed_generation, Some(generation));
            assert!(!node.is_done(), "there are calls left");
        }
        node.heartbeat(NOW, Duration::from_secs(3600), None);
        assert!(node.is_done());
        assert!(node.obey(&desired(DesiredState::Run, 3)) && !node.is_leaving() && node.is_open());
        node.end(Leave::Shutdown);
        node.obey(&desired(DesiredState::Run, 4));
        assert!(node.is_leaving() && !node.is_open(), "a wish does not take back a command");
        node.end(Leave::Signal);
        node.end(Leave::Shutdown);
        assert_eq!(node.leave(), Some(Leave::Signal), "what a service manager wants counts most");
    }

    #[test]
    fn without_its_command_a_node_takes_nothing() {
        let mut node = node(NodeKind::Backend);
        node.starting = true;
        let beat = node.heartbeat(NOW, Duration::from_secs(60), None);
        assert_eq!(beat.runtime.map(|r| r.status), Some(Runtime::Starting));
        assert_eq!(beat.accepts.and_then(|a| a.inbound), Some(false));
        node.starting = false;
        assert!(node.is_open());
        node.stopping = true;
        assert!(!node.is_open() && node.runtime() == Runtime::Stopping);
    }

    #[test]
    fn a_restart_is_another_run() {
        let mut node = node(NodeKind::Proxy);
        let first = node.heartbeat(NOW, Duration::from_secs(1), None);
        node.reboot(Work::none(NodeKind::Proxy, None), Timestamp(NOW.0 + 1));
        let second = node.heartbeat(NOW, Duration::from_secs(1), None);
        assert_ne!(first.boot_id, second.boot_id);
        assert_eq!((second.seq, second.started_at), (Some(1), Some(Timestamp(NOW.0 + 1))));
        assert_eq!((second.node_id, second.accepts.and_then(|a| a.web)), (first.node_id, None));
    }
}
