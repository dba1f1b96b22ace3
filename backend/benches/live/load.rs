//! The load: keep-alive connections that send prepared heartbeats one after the other and read the replies with as
//! little work as possible, so that the server is what is measured.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use backend::clock::{Clock as _, SystemClock};
use common::heartbeat::{Accepts, Hardware, Heartbeat, HeartbeatReply, Outbound, RuntimeReport, Sessions};
use common::ids::NodeId;
use common::node::NodeKind;
use common::status::Runtime;
use common::time::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::fleet::Member;
use crate::page::EVERY;
use crate::{Done, now};

/// Ten digits from the first heartbeat on, so that a request is changed in place.
const FIRST_SEQ: u64 = 1_000_000_000;
const SEQ: &str = "\"seq\":";
const NOT_DUPLICATE: &str = "\"duplicate\":false";

/// The heartbeats of one node.
struct Beats {
    id: NodeId,
    bytes: Vec<u8>,
    seq: u64,
    seq_at: usize,
    beat: Heartbeat,
    secret: String,
}

impl Beats {
    fn new(member: &Member, started_at: Timestamp) -> Self {
        let backend = member.kind == NodeKind::Backend;
        let sessions =
            Sessions { phone: Some(3), web: Some(1), max: Some(25), age_seconds: vec![640, 310, 12, 4] };
        let outbound = Outbound { processing: Some(12), pending: Some(40), oldest_pending_seconds: Some(9) };
        let beat = Heartbeat {
            boot_id: Some(Uuid::now_v7().to_string()),
            seq: Some(FIRST_SEQ),
            node_id: Some(member.id.to_string()),
            region_id: Some(member.region.to_string()),
            kind: Some(member.kind.as_str().to_owned()),
            version: Some("1.4.2".to_owned()),
            runtime: Some(RuntimeReport { status: Runtime::Running, reason: "Normal operation".to_owned() }),
            sessions: backend.then_some(sessions),
            outbound: (!backend).then_some(outbound),
            started_at: Some(started_at),
            hostname: Some("voice-17.example".to_owned()),
            hardware: Some(Hardware {
                cpu_percent: Some(12.5),
                memory_percent: Some(41.2),
                network_down_mbps: Some(3.1),
                network_up_mbps: Some(0.4),
            }),
            accepts: Some(Accepts { inbound: Some(true), outbound: Some(true), web: Some(backend) }),
            sip_port: member.kind.default_sip_port(),
            observed_generation: Some(3),
            ..Heartbeat::default()
        };
        let secret = member.secret.clone();
        Self { id: member.id, bytes: Vec::new(), seq: FIRST_SEQ, seq_at: 0, beat, secret }
    }

    /// Writes the request out with the time of day, where it is given; it serves for a round.
    fn prepare(&mut self, host: SocketAddr, at: Option<Timestamp>) -> Done {
        self.beat.sent_at = at;
        self.beat.seq = Some(self.seq);
        let body = serde_json::to_string(&self.beat)?;
        let text = format!(
            "POST /api/v1/node/heartbeat HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {}\r\nAccept: */*\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.secret,
            body.len()
        );
        self.seq_at = text.find(SEQ).ok_or("a heartbeat without a seq")? + SEQ.len();
        self.bytes = text.into_bytes();
        Ok(())
    }

    /// The next heartbeat, with a number one higher than the last.
    fn next(&mut self) -> &[u8] {
        self.seq += 1;
        let mut rest = self.seq;
        for digit in self.bytes.iter_mut().skip(self.seq_at).take(10).rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        &self.bytes
    }

    /// Other figures than the last time, in the place of those that were written out.
    fn vary(&mut self) {
        let number = self.seq.wrapping_mul(7) ^ (self.seq >> 3);
        // The first digit of each: `12.5` percent, `3` conversations, `12` calls.
        for name in ["\"cpuPercent\":", "\"memoryPercent\":", "\"phone\":", "\"processing\":"] {
            let Some(at) = self.bytes.windows(name.len()).position(|w| w == name.as_bytes()) else {
                continue;
            };
            if let Some(digit) = self.bytes.get_mut(at + name.len()) {
                *digit = b'1' + u8::try_from((number ^ u64::from(*digit)) % 9).unwrap_or_default();
            }
        }
    }
}

/// One keep-alive connection with the nodes that beat over it.
struct Connection {
    stream: TcpStream,
    nodes: Vec<Beats>,
    at: usize,
    reply: Vec<u8>,
}

impl Connection {
    /// Sends the next heartbeat and waits for its reply; returns the body's place in `reply`.
    async fn beat(&mut self) -> Done<(NodeId, usize, usize)> {
        self.at = (self.at + 1) % self.nodes.len().max(1);
        let node = self.nodes.get_mut(self.at).ok_or("a connection without a node")?;
        let id = node.id;
        self.stream.write_all(node.next()).await?;
        let mut have = 0;
        loop {
            let free = self.reply.get_mut(have..).filter(|free| !free.is_empty());
            let read = self.stream.read(free.ok_or("a reply of more than 8 KiB")?).await?;
            if read == 0 {
                return Err("the server closed a connection".into());
            }
            have += read;
            let seen = self.reply.get(..have).unwrap_or_default();
            if let Some((from, to)) = body(seen)? {
                return Ok((id, from, to));
            }
        }
    }

    /// Every node once; each reply is read whole and must not be a duplicate. `strict`: it names the node that asked.
    async fn greet(mut self, strict: bool) -> Done<Self> {
        for _ in 0..self.nodes.len() {
            let (id, from, to) = self.beat().await?;
            let reply: HeartbeatReply = serde_json::from_slice(self.reply.get(from..to).unwrap_or_default())?;
            if reply.duplicate || (strict && reply.node_id != id) {
                return Err(format!("node {id} was answered {reply:?}").into());
            }
        }
        Ok(self)
    }

    /// Beats until `end` and returns the time of each in nanoseconds.
    async fn drive(mut self, end: Instant) -> Done<(Self, Vec<u32>)> {
        let mut nanos = Vec::with_capacity(16_384);
        let mut sent = now();
        while sent < end {
            let (id, from, to) = self.beat().await?;
            let text = std::str::from_utf8(self.reply.get(from..to).unwrap_or_default())?;
            if !text.contains(NOT_DUPLICATE) {
                return Err(format!("node {id} was answered {text}").into());
            }
            let received = now();
            let took = received.duration_since(sent).as_nanos();
            nanos.push(u32::try_from(took).unwrap_or(u32::MAX));
            sent = received;
        }
        Ok((self, nanos))
    }
}

impl Connection {
    /// Each node once every [`EVERY`], with other figures each time, until told to stop; how many heartbeats that were.
    async fn pace(mut self, after: Duration, stop: CancellationToken) -> Done<(Self, usize)> {
        let mut beats = 0;
        tokio::time::sleep(after).await;
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok((self, beats)),
                _ = ticks.tick() => {}
            }
            self.nodes.iter_mut().for_each(Beats::vary);
            for _ in 0..self.nodes.len() {
                self.beat().await?;
            }
            beats += self.nodes.len();
        }
    }
}

/// Where the body of a whole reply is; `None` while it is not whole. Anything but 200 is an error.
fn body(seen: &[u8]) -> Done<Option<(usize, usize)>> {
    const STATUS: &[u8] = b"HTTP/1.1 200 ";
    const LENGTH: &[u8] = b"content-length: ";
    let Some(end) = seen.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    if !seen.starts_with(STATUS) {
        return Err(format!("the server answered {}", String::from_utf8_lossy(seen)).into());
    }
    let head = seen.get(..end).unwrap_or_default();
    let length = head
        .split(|byte| *byte == b'\n')
        .find_map(|line| {
            line.get(..LENGTH.len())?.eq_ignore_ascii_case(LENGTH).then(|| line.get(LENGTH.len()..))
        })
        .flatten()
        .ok_or("a reply without a length")?;
    let length: usize = std::str::from_utf8(length)?.trim().parse()?;
    let (from, to) = (end + 4, end + 4 + length);
    Ok((seen.len() >= to).then_some((from, to)))
}

/// All connections to one server, with all nodes.
pub(crate) struct Load {
    host: SocketAddr,
    connections: Vec<Connection>,
}

impl Load {
    /// Opens `count` connections and deals the nodes out to them.
    ///
    /// # Errors
    /// Where the server cannot be reached.
    pub(crate) async fn connect(host: SocketAddr, members: &[Member], count: usize) -> Done<Self> {
        let started_at = SystemClock::new().wall();
        let mut connections = Vec::with_capacity(count);
        for first in 0..count {
            let stream = TcpStream::connect(host).await?;
            stream.set_nodelay(true)?;
            let nodes =
                members.iter().skip(first).step_by(count).map(|m| Beats::new(m, started_at)).collect();
            connections.push(Connection { stream, nodes, at: 0, reply: vec![0; 8 * 1024] });
        }
        Ok(Self { host, connections })
    }

    /// Sends one heartbeat of every node and reads each reply whole. `strict`: it names the node that asked.
    ///
    /// # Errors
    /// Where a reply is not 200, is a duplicate, or is meant for another node.
    pub(crate) async fn greet(&mut self, strict: bool) -> Done {
        self.prepare()?;
        // At once: the server does not wait long for the first request of a connection.
        for greeted in at_once(self.connections.drain(..).map(|c| c.greet(strict))).await? {
            self.connections.push(greeted);
        }
        Ok(())
    }

    /// Beats over all connections at once for a while; returns the time of each heartbeat in nanoseconds, sorted.
    ///
    /// # Errors
    /// Where one reply is not 200 or is a duplicate.
    pub(crate) async fn round(&mut self, length: Duration) -> Done<Vec<u32>> {
        self.prepare()?;
        let end = now() + length;
        let mut all = Vec::new();
        for (connection, nanos) in at_once(self.connections.drain(..).map(|c| c.drive(end))).await? {
            self.connections.push(connection);
            all.extend(nanos);
        }
        all.sort_unstable();
        Ok(all)
    }

    /// Beats at an even pace, each node once every [`EVERY`], until told to stop; how many heartbeats that were.
    ///
    /// # Errors
    /// Where one reply is not 200.
    pub(crate) async fn pace(mut self, stop: CancellationToken) -> Done<(Self, usize)> {
        // Without a time: it would be of another day by the end.
        self.write_out(None)?;
        let count = u32::try_from(self.connections.len()).unwrap_or(u32::MAX).max(1);
        let shift = |n: usize| EVERY / count * u32::try_from(n).unwrap_or_default();
        let connections = self.connections.drain(..).enumerate();
        let running = at_once(connections.map(|(n, c)| c.pace(shift(n), stop.clone())));
        let mut beats = 0;
        for (connection, own) in running.await? {
            self.connections.push(connection);
            beats += own;
        }
        Ok((self, beats))
    }

    /// The last number each node has sent.
    pub(crate) fn last(&self) -> impl Iterator<Item = (NodeId, u64)> {
        self.connections.iter().flat_map(|c| c.nodes.iter().map(|node| (node.id, node.seq)))
    }

    fn prepare(&mut self) -> Done {
        self.write_out(Some(SystemClock::new().wall()))
    }

    fn write_out(&mut self, at: Option<Timestamp>) -> Done {
        for node in self.connections.iter_mut().flat_map(|c| c.nodes.iter_mut()) {
            node.prepare(self.host, at)?;
        }
        Ok(())
    }
}

/// Runs all of them at the same time; the first failure is the outcome.
async fn at_once<T: Send + 'static>(
    jobs: impl Iterator<Item = impl Future<Output = Done<T>> + Send + 'static>,
) -> Done<Vec<T>> {
    let mut running: JoinSet<Done<T>> = jobs.collect();
    let mut all = Vec::new();
    while let Some(done) = running.join_next().await {
        all.push(done??);
    }
    Ok(all)
}
