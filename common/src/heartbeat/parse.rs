//! Lenient reading of heartbeat bodies.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Heartbeat, flat};
use crate::command::Ack;
use crate::job::{JOBS_MAX, JobOffer, is_key};

/// Which of the two forms a body had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// This project's, with `bootId` and `seq`.
    Native,
    /// The flat PascalCase one of today's servers; never a duplicate.
    Flat,
}

/// A group of figures that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// `sentAt`, `startedAt`.
    Times,
    /// `nodeId`, `regionId`, `kind`.
    Identity,
    /// `version`, `hostname`, `configHash`, `sipPort`.
    Software,
    /// `runtime`.
    Runtime,
    /// `sessions`.
    Sessions,
    /// `outbound`.
    Outbound,
    /// `hardware`.
    Hardware,
    /// `storage`.
    Storage,
    /// `accepts`.
    Accepts,
    /// `observedGeneration`.
    Generation,
    /// `jobs`.
    Jobs,
    /// `acks`.
    Acks,
}

impl Group {
    /// As named to operators.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Times => "times",
            Self::Identity => "identity",
            Self::Software => "software",
            Self::Runtime => "runtime",
            Self::Sessions => "sessions",
            Self::Outbound => "outbound",
            Self::Hardware => "hardware",
            Self::Storage => "storage",
            Self::Accepts => "accepts",
            Self::Generation => "observedGeneration",
            Self::Jobs => "jobs",
            Self::Acks => "acks",
        }
    }
}

/// A body that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What it said.
    pub beat: Heartbeat,
    /// In which form.
    pub form: Form,
    /// Groups left out, each once.
    pub spoiled: Vec<Group>,
}

/// Why a body is 422 `invalid_heartbeat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    /// Not a JSON object.
    Json(String),
    /// Neither form.
    Form,
    /// `bootId` or `seq` missing or of the wrong type.
    Boot,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(e) => write!(f, "The body is not a JSON object: {e}."),
            Self::Form => f.write_str(
                "Send bootId and seq, or one of NodeId, Type, RuntimeStatus, LastUpdated in the form of today's servers.",
            ),
            Self::Boot => f.write_str("bootId is text of 1 to 64 characters, and seq a number that is not negative."),
        }
    }
}

impl std::error::Error for ParseError {}

/// Every known member, unread: one wrong type must not spoil the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Native<'a> {
    #[serde(borrow, default)]
    boot_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    seq: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    node_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    region_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    version: Option<&'a RawValue>,
    #[serde(borrow, default)]
    runtime: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sessions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    outbound: Option<&'a RawValue>,
    #[serde(borrow, default)]
    started_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    hostname: Option<&'a RawValue>,
    #[serde(borrow, default)]
    storage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    hardware: Option<&'a RawValue>,
    #[serde(borrow, default)]
    accepts: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sip_port: Option<&'a RawValue>,
    #[serde(borrow, default)]
    config_hash: Option<&'a RawValue>,
    #[serde(borrow, default)]
    observed_generation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    jobs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    acks: Option<&'a RawValue>,
}

/// Collects the groups that could not be read.
#[derive(Default)]
pub(super) struct Reader {
    spoiled: Vec<Group>,
}

impl Reader {
    pub(super) fn spoil(&mut self, group: Group) {
        if !self.spoiled.contains(&group) {
            self.spoiled.push(group);
        }
    }

    /// The value, or `None` where it is absent, `null`, or (then the group is spoiled) of another type.
    pub(super) fn get<T: DeserializeOwned>(&mut self, raw: Option<&RawValue>, group: Group) -> Option<T> {
        match serde_json::from_str::<Option<T>>(raw?.get()) {
            Ok(value) => value,
            Err(_) => {
                self.spoil(group);
                None
            }
        }
    }

    /// A list without the elements that cannot be read or do not `fit`; those, and what is beyond `max`, spoil the
    /// group and leave the rest as it is.
    fn list<T: DeserializeOwned>(
        &mut self,
        raw: Option<&RawValue>,
        max: usize,
        group: Group,
        fit: impl Fn(&T) -> bool,
    ) -> Option<Vec<T>> {
        let elements: Vec<&RawValue> = match serde_json::from_str::<Option<Vec<&RawValue>>>(raw?.get()) {
            Ok(elements) => elements?,
            Err(_) => {
                self.spoil(group);
                return None;
            }
        };
        if elements.len() > max {
            self.spoil(group);
        }
        let mut list = Vec::with_capacity(elements.len().min(max));
        for element in elements.into_iter().take(max) {
            match serde_json::from_str::<T>(element.get()) {
                Ok(value) if fit(&value) => list.push(value),
                _ => self.spoil(group),
            }
        }
        Some(list)
    }

    /// Text of at most `max` bytes without control characters.
    pub(super) fn text(&mut self, raw: Option<&RawValue>, max: usize, group: Group) -> Option<String> {
        let text: String = self.get(raw, group)?;
        if text.len() > max || text.chars().any(char::is_control) {
            self.spoil(group);
            return None;
        }
        Some(text)
    }

    pub(super) fn done(self, beat: Heartbeat, form: Form) -> Parsed {
        Parsed { beat, form, spoiled: self.spoiled }
    }
}

/// Reads a heartbeat body of either form.
///
/// # Errors
/// [`ParseError`], each of which is a 422 and does not count as a sign of life.
pub fn parse(body: &[u8]) -> Result<Parsed, ParseError> {
    // serde reads a struct from an array too; the protocol does not.
    if body.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ParseError::Json("it does not start with {".to_owned()));
    }
    let native: Native<'_> = serde_json::from_slice(body).map_err(|e| ParseError::Json(e.to_string()))?;
    if native.boot_id.is_some() { parse_native(&native) } else { flat::parse(body) }
}

fn parse_native(n: &Native<'_>) -> Result<Parsed, ParseError> {
    let boot_id: Cow<'_, str> =
        n.boot_id.and_then(|raw| serde_json::from_str(raw.get()).ok()).ok_or(ParseError::Boot)?;
    if !(1..=64).contains(&boot_id.len()) || boot_id.chars().any(char::is_control) {
        return Err(ParseError::Boot);
    }
    let seq: u64 = n.seq.and_then(|raw| serde_json::from_str(raw.get()).ok()).ok_or(ParseError::Boot)?;
    let mut r = Reader::default();
    let mut beat = Heartbeat {
        boot_id: Some(boot_id.into_owned()),
        seq: Some(seq),
        sent_at: r.get(n.sent_at, Group::Times),
        node_id: r.text(n.node_id, 64, Group::Identity),
        region_id: r.text(n.region_id, 64, Group::Identity),
        kind: r.text(n.kind, 32, Group::Identity),
        version: r.text(n.version, 64, Group::Software),
        runtime: r.get(n.runtime, Group::Runtime),
        sessions: r.get(n.sessions, Group::Sessions),
        outbound: r.get(n.outbound, Group::Outbound),
        started_at: r.get(n.started_at, Group::Times),
        hostname: r.text(n.hostname, 253, Group::Software),
        storage: r.get(n.storage, Group::Storage),
        hardware: r.get(n.hardware, Group::Hardware),
        accepts: r.get(n.accepts, Group::Accepts),
        sip_port: r.get(n.sip_port, Group::Software),
        config_hash: r.text(n.config_hash, 128, Group::Software),
        observed_generation: r.get(n.observed_generation, Group::Generation),
        jobs: r.list(n.jobs, JOBS_MAX, Group::Jobs, job_fits),
        acks: r.list(n.acks, ACKS_MAX, Group::Acks, ack_fits).unwrap_or_default(),
    };
    check_figures(&mut beat, &mut r);
    Ok(r.done(beat, Form::Native))
}

/// Most acknowledgements in one heartbeat; a node has far fewer commands open at once.
const ACKS_MAX: usize = 64;

fn job_fits(j: &JobOffer) -> bool {
    is_key(&j.key)
        && short(&j.title, 80)
        && short(&j.description, 500)
        && j.schedule.as_deref().is_none_or(|s| short(s, 80))
}

fn ack_fits(a: &Ack) -> bool {
    short(&a.detail, 500)
}

/// At most `max` characters, none of them a control character.
fn short(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.chars().any(char::is_control)
}

/// Bounds what later code may rely on: percentages and rates are finite and plausible, lists and texts short.
pub(super) fn check_figures(beat: &mut Heartbeat, r: &mut Reader) {
    let percent = |v: Option<f64>| v.is_none_or(|v| (0.0..=100.0).contains(&v));
    // 10⁶ Mbit/s is a thousand times the fastest port of today.
    let rate = |v: Option<f64>| v.is_none_or(|v| (0.0..=1e6).contains(&v));
    if beat.hardware.as_ref().is_some_and(|h| {
        !(percent(h.cpu_percent)
            && percent(h.memory_percent)
            && rate(h.network_down_mbps)
            && rate(h.network_up_mbps))
    }) {
        beat.hardware = None;
        r.spoil(Group::Hardware);
    }
    if beat.sessions.as_ref().is_some_and(|s| s.age_seconds.len() > 256) {
        beat.sessions = None;
        r.spoil(Group::Sessions);
    }
    // PostgreSQL's jsonb takes no NUL: one such text would keep a batch of heartbeats from being written.
    let step = beat.storage.as_ref().and_then(|s| s.step.as_ref());
    if step.is_some_and(|s| s.len() > 64 || s.chars().any(char::is_control)) {
        beat.storage = None;
        r.spoil(Group::Storage);
    }
    if beat
        .runtime
        .as_ref()
        .is_some_and(|x| x.reason.chars().count() > 200 || x.reason.chars().any(char::is_control))
    {
        // The state is what matters; a reason that is too long is cut.
        if let Some(runtime) = &mut beat.runtime {
            runtime.reason = runtime.reason.chars().filter(|c| !c.is_control()).take(200).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Runtime;

    const FULL: &str = r#"{ "bootId": "0198f6a2-0000-7000-8000-000000000001", "seq": 17, "sentAt": "2026-11-22T10:20:30.123Z",
      "nodeId": "n", "regionId": "OM-MCT", "kind": "backend", "version": "1.4.2",
      "runtime": { "status": "running", "reason": "Normal operation" },
      "sessions": { "phone": 3, "web": 1, "max": 25, "ageSeconds": [640, 12] },
      "outbound": { "processing": 12, "pending": 40, "oldestPendingSeconds": 9 },
      "startedAt": "2026-11-22T09:20:30.123Z", "hostname": "h", "storage": { "ok": true, "checkedAt": null, "step": null },
      "hardware": { "cpuPercent": 12.5, "memoryPercent": 41.2, "networkDownMbps": 3.1, "networkUpMbps": 0.4 },
      "accepts": { "inbound": true, "outbound": true, "web": true },
      "sipPort": 5080, "configHash": "x", "jobs": [], "observedGeneration": 3, "acks": [], "later": {"x": 1} }"#;

    #[test]
    fn the_whole_native_form() {
        let p = parse(FULL.as_bytes()).unwrap();
        assert_eq!((p.form, p.spoiled.len()), (Form::Native, 0));
        assert_eq!(p.beat.sessions.as_ref().and_then(|s| s.phone), Some(3));
        assert_eq!(p.beat.hardware.as_ref().and_then(|h| h.cpu_percent), Some(12.5));
        let again = serde_json::to_vec(&p.beat).unwrap();
        assert_eq!(parse(&again).unwrap().beat, p.beat);
    }

    #[test]
    fn a_wrong_type_spoils_its_group_only() {
        for (from, to, group) in [
            (r#""phone": 3"#, r#""phone": "3""#, Group::Sessions),
            (r#""phone": 3"#, r#""phone": -3"#, Group::Sessions),
            (r#""cpuPercent": 12.5"#, r#""cpuPercent": 1250"#, Group::Hardware),
            (r#""cpuPercent": 12.5"#, r#""cpuPercent": 1e999"#, Group::Hardware),
            (r#""status": "running""#, r#""status": "dancing""#, Group::Runtime),
            (r#""pending": 40"#, r#""pending": []"#, Group::Outbound),
            (r#""sentAt": "2026"#, r#""sentAt": "20x6"#, Group::Times),
            (r#""version": "1.4.2""#, r#""version": "a\u0000b""#, Group::Software),
            (r#""sipPort": 5080"#, r#""sipPort": 99999"#, Group::Software),
            (r#""ok": true"#, r#""ok": 1"#, Group::Storage),
            (r#""step": null"#, r#""step": "a\u0000b""#, Group::Storage),
        ] {
            let body = FULL.replace(from, to);
            assert_ne!(body, FULL);
            let p = parse(body.as_bytes()).unwrap_or_else(|e| panic!("{to}: {e}"));
            assert_eq!(p.spoiled, [group], "{to}");
            assert_eq!(p.beat.seq, Some(17));
        }
    }

    #[test]
    fn the_least_that_counts() {
        let p = parse(br#"{"bootId":"b","seq":0}"#).unwrap();
        assert_eq!(p.beat, Heartbeat { boot_id: Some("b".into()), seq: Some(0), ..Heartbeat::default() });
    }

    #[test]
    fn what_is_422() {
        assert!(matches!(parse(b""), Err(ParseError::Json(_))));
        assert!(matches!(parse(br#"["b",1]"#), Err(ParseError::Json(_))));
        assert!(matches!(parse(b"\xff\xfe"), Err(ParseError::Json(_))));
        assert_eq!(parse(b"{}"), Err(ParseError::Form));
        assert_eq!(parse(br#"{"bootId":null,"seq":1}"#), Err(ParseError::Form));
        assert_eq!(parse(br#"{"bootId":"b"}"#), Err(ParseError::Boot));
        assert_eq!(parse(br#"{"bootId":"b","seq":-1}"#), Err(ParseError::Boot));
        assert_eq!(parse(br#"{"bootId":7,"seq":1}"#), Err(ParseError::Boot));
        assert_eq!(
            parse(format!(r#"{{"bootId":"{}","seq":1}}"#, "b".repeat(65)).as_bytes()),
            Err(ParseError::Boot)
        );
    }

    #[test]
    fn a_long_reason_is_cut_and_the_state_kept() {
        let body = format!(
            r#"{{"bootId":"b","seq":1,"runtime":{{"status":"draining","reason":"{}"}}}}"#,
            "x".repeat(900)
        );
        let runtime = parse(body.as_bytes()).unwrap().beat.runtime.unwrap();
        assert_eq!((runtime.status, runtime.reason.len()), (Runtime::Draining, 200));
    }
}
