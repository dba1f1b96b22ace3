//! The flat form of today's Iqra AI servers: PascalCase or camelCase members, integer enums, no boot id, no sequence.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::parse::{Form, Group, ParseError, Parsed, Reader, check_figures};
use super::{Hardware, Heartbeat, Outbound, RuntimeReport, Sessions};
use crate::status::Runtime;

/// Its Mbps are 2²⁰ bit/s, ours 10⁶.
const MEBI: f64 = 1.048_576;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Flat<'a> {
    #[serde(borrow, default, alias = "nodeId")]
    node_id: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "Type", alias = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "regionId")]
    region_id: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "runtimeStatus")]
    runtime_status: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "runtimeStatusReason")]
    runtime_status_reason: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "version")]
    version: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "lastUpdated")]
    last_updated: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "cpuUsagePercent")]
    cpu_usage_percent: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "memoryUsagePercent")]
    memory_usage_percent: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "networkDownloadMbps")]
    network_download_mbps: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "networkUploadMbps")]
    network_upload_mbps: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "maxConcurrentCallsCount")]
    max_concurrent_calls_count: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "currentActiveTelephonySessionCount")]
    current_active_telephony_session_count: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "currentActiveWebSessionCount")]
    current_active_web_session_count: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "currentOutboundMarkedQueues")]
    current_outbound_marked_queues: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "currentOutboundProcessingMarkedQueues")]
    current_outbound_processing_marked_queues: Option<&'a RawValue>,
}

pub(super) fn parse(body: &[u8]) -> Result<Parsed, ParseError> {
    let f: Flat<'_> = serde_json::from_slice(body).map_err(|e| ParseError::Json(e.to_string()))?;
    if [f.node_id, f.kind, f.runtime_status, f.last_updated].iter().all(Option::is_none) {
        return Err(ParseError::Form);
    }
    let mut r = Reader::default();
    let runtime = r.get::<i64>(f.runtime_status, Group::Runtime).and_then(|n| {
        let status = match n {
            0 => Runtime::Starting,
            1 => Runtime::Running,
            2 => Runtime::Maintenance,
            3 => Runtime::Draining,
            4 => Runtime::Stopping,
            _ => {
                r.spoil(Group::Runtime);
                return None;
            }
        };
        // A reason that cannot be read must not hide the state.
        let reason = f.runtime_status_reason.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        Some(RuntimeReport { status, reason: reason.unwrap_or_default() })
    });
    let kind = r.get::<i64>(f.kind, Group::Identity).map(|n| match n {
        1 => "proxy".to_owned(),
        2 => "backend".to_owned(),
        3 => "frontend".to_owned(),
        4 => "background".to_owned(),
        other => format!("type {other}"),
    });
    let (phone, web, max) = (
        r.get(f.current_active_telephony_session_count, Group::Sessions),
        r.get(f.current_active_web_session_count, Group::Sessions),
        r.get(f.max_concurrent_calls_count, Group::Sessions),
    );
    let (processing, pending) = (
        r.get(f.current_outbound_processing_marked_queues, Group::Outbound),
        r.get(f.current_outbound_marked_queues, Group::Outbound),
    );
    let hardware = Hardware {
        cpu_percent: r.get(f.cpu_usage_percent, Group::Hardware),
        memory_percent: r.get(f.memory_usage_percent, Group::Hardware),
        network_down_mbps: r.get::<f64>(f.network_download_mbps, Group::Hardware).map(|v| v * MEBI),
        network_up_mbps: r.get::<f64>(f.network_upload_mbps, Group::Hardware).map(|v| v * MEBI),
    };
    let has_hardware =
        [hardware.cpu_percent, hardware.memory_percent, hardware.network_down_mbps, hardware.network_up_mbps]
            .iter()
            .any(Option::is_some);
    let mut beat = Heartbeat {
        boot_id: None,
        seq: None,
        sent_at: r.get(f.last_updated, Group::Times),
        node_id: r.text(f.node_id, 64, Group::Identity),
        region_id: r.text(f.region_id, 64, Group::Identity),
        kind,
        version: r.text(f.version, 64, Group::Software),
        runtime,
        sessions: (phone.is_some() || web.is_some() || max.is_some()).then(|| Sessions {
            phone,
            web,
            max,
            age_seconds: Vec::new(),
        }),
        outbound: (processing.is_some() || pending.is_some()).then_some(Outbound {
            processing,
            pending,
            oldest_pending_seconds: None,
        }),
        hardware: has_hardware.then_some(hardware),
        ..Heartbeat::default()
    };
    check_figures(&mut beat, &mut r);
    Ok(r.done(beat, Form::Flat))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    const BACKEND: &str = r#"{"RegionId":"OM-MCT","MaxConcurrentCallsCount":25,"CurrentActiveTelephonySessionCount":3,
        "CurrentActiveWebSessionCount":1,"NodeId":"65f0c0ffee65f0c0ffee1234","Type":2,"RuntimeStatus":1,
        "RuntimeStatusReason":"Normal Operation","Version":"0.1.0","LastUpdated":"2026-03-15T10:20:30.1234567Z",
        "CpuUsagePercent":12.5,"MemoryUsagePercent":41.2,"NetworkDownloadMbps":3.1,"NetworkUploadMbps":0}"#;

    #[test]
    fn a_backend_of_today() {
        let p = parse(BACKEND.as_bytes()).unwrap();
        assert_eq!((p.form, p.spoiled.len()), (Form::Flat, 0));
        assert_eq!(p.beat.kind.as_deref(), Some("backend"));
        assert_eq!(p.beat.node_id.as_deref(), Some("65f0c0ffee65f0c0ffee1234"));
        assert_eq!(p.beat.runtime.map(|r| r.status), Some(Runtime::Running));
        let s = p.beat.sessions.unwrap();
        assert_eq!((s.phone, s.web, s.max), (Some(3), Some(1), Some(25)));
        let down = p.beat.hardware.unwrap().network_down_mbps.unwrap();
        assert!((down - 3.250_585_6).abs() < 1e-9, "{down}");
        assert_eq!((p.beat.boot_id, p.beat.seq), (None, None));
    }

    #[test]
    fn in_either_letter_case() {
        let p = parse(br#"{"nodeId":"x","type":1,"currentOutboundMarkedQueues":4,"currentOutboundProcessingMarkedQueues":2}"#).unwrap();
        assert_eq!(p.beat.kind.as_deref(), Some("proxy"));
        let o = p.beat.outbound.unwrap();
        assert_eq!((o.processing, o.pending), (Some(2), Some(4)));
    }

    #[test]
    fn any_of_the_four_marks_the_form() {
        for body in [
            r#"{"NodeId":"x"}"#,
            r#"{"type":3}"#,
            r#"{"RuntimeStatus":0}"#,
            r#"{"lastUpdated":"2026-03-15T10:20:30Z"}"#,
        ] {
            assert!(parse(body.as_bytes()).is_ok(), "{body}");
        }
        assert_eq!(parse(br#"{"Version":"1","CpuUsagePercent":1}"#), Err(ParseError::Form));
    }

    #[test]
    fn a_wrong_type_spoils_its_group_only() {
        let p = parse(BACKEND.replace("\"RuntimeStatus\":1", "\"RuntimeStatus\":9").as_bytes()).unwrap();
        assert_eq!((p.spoiled, p.beat.runtime), (vec![Group::Runtime], None));
        assert!(p.beat.sessions.is_some());
    }
}
