//! JSON into wire types, with as little code as possible: the types are many, and what derives make of them is paid for
//! by every visitor.
//!
//! Three things keep it small. Text is read into a plain value once, so the parser is compiled once. All wire types are
//! read out of the buffer that tagged types need anyway, so each is compiled for one source only. And the error says
//! nothing: nobody at a browser can mend a reply, and the sentences of thirty types are not in the bundle.

use std::fmt;

use common::stream::LiveEvent;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// The text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A value as a source of wire types.
struct Source(Value);

impl<'de> Deserializer<'de> for Source {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(b),
            Value::Number(n) => match (n.as_u64(), n.as_i64(), n.as_f64()) {
                (Some(n), ..) => visitor.visit_u64(n),
                (_, Some(n), _) => visitor.visit_i64(n),
                (.., Some(n)) => visitor.visit_f64(n),
                _ => Err(Unreadable),
            },
            Value::String(s) => visitor.visit_string(s),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Source))),
            Value::Object(fields) => {
                visitor.visit_map(MapDeserializer::new(fields.into_iter().map(|(name, v)| (name, Source(v)))))
            }
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Unreadable> for Source {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A reply as a member of a tagged type, which makes it go through the buffer.
#[derive(serde::Deserialize)]
#[serde(tag = "tag", rename_all = "camelCase")]
enum Tagged<T> {
    Reply { reply: T },
}

/// The body of a reply.
///
/// # Errors
/// Where it is not JSON, or not of this type.
pub fn reply<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let body = value(text)?;
    let fields = [("tag".to_owned(), Value::String("reply".to_owned())), ("reply".to_owned(), body)];
    let Tagged::Reply { reply } = Tagged::deserialize(Source(Value::Object(fields.into_iter().collect())))?;
    Ok(reply)
}

/// An event of the stream.
///
/// # Errors
/// Where it is not JSON, or not an event this page knows.
pub fn event(text: &str) -> Result<LiveEvent, Unreadable> {
    LiveEvent::deserialize(Source(value(text)?))
}

fn value(text: &str) -> Result<Value, Unreadable> {
    serde_json::from_str(text).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use common::auth::Me;
    use common::overview::Overview;
    use serde_json::json;

    use super::*;

    #[test]
    fn replies_are_read_whole_or_not_at_all() {
        let text = r#"{"user":{"id":"0198f6a2-0000-7000-8000-000000000001","email":"a@b","displayName":null,
            "role":"admin","regionScope":["OM-MCT"],"later":1}}"#;
        assert_eq!(reply::<Me>(text), Ok(serde_json::from_str(text).unwrap()));
        assert_eq!(reply(r#"{"user":null}"#), Ok(Me { user: None }));
        for bad in ["", "<html>", r#"{"user":1}"#, r#"{"user":null}} {"#, r#"{"user":{"id":"x"}}"#] {
            assert_eq!(reply::<Me>(bad), Err(Unreadable), "{bad}");
        }
    }

    /// One of everything, so that a kind of value that is read differently than serde_json reads it is noticed.
    #[test]
    fn events_are_read_as_serde_json_reads_them() {
        let counts = json!({"online": 1, "registered": 2, "accepting": 1, "stale": 1, "offline": 0, "left": 0,
            "neverSeen": 0, "unconfirmed": 0, "disabled": 3});
        let at = "2026-11-22T10:00:00.123Z";
        let region = json!({"id": "OM-MCT", "countryCode": "OM", "displayName": null,
            "status": {"word": "stale", "count": 1, "since": at},
            "conversations": {"phone": 3, "web": null},
            "outbound": {"processing": 1, "pending": 2, "oldestPendingSeconds": null},
            "backend": counts, "proxy": counts, "slots": {"used": 3, "max": 25},
            "lastKnown": {"phone": null, "web": null, "processing": null, "pending": 9},
            "coverage": {"reporting": 2, "expected": 4}});
        let mut cluster = region.clone();
        for field in ["id", "countryCode", "displayName", "status"] {
            cluster.as_object_mut().unwrap().remove(field);
        }
        let rejection = json!({"reason": "unknown_secret", "nodeId": null, "claimedNode": "x", "claimedRegion": null,
            "claimedKind": null, "source": "10.0.0.1", "fingerprint": "00ff00ff", "firstAt": at, "lastAt": at, "count": 7});
        let problem = json!({"id": "a", "code": "none_online", "severity": "bad", "regionId": "OM-MCT", "nodeId": null,
            "nodeName": null, "kind": "proxy", "count": 4, "since": at, "lastHeartbeatAt": null, "rejections": [rejection]});
        let overview = json!({"asOf": at, "change": -1, "cluster": cluster, "regions": [region], "problems": [problem],
            "collecting": {"reason": "restart", "since": at, "until": at, "confirmed": 1, "expected": 2}});
        let _: Overview = serde_json::from_value(overview.clone()).unwrap();
        let live = json!({"id": "0198f6a2-0000-7000-8000-000000000001", "status": {"word": "online", "since": at, "inheritedFrom": "region"},
            "liveness": "live", "runtime": "running", "runtimeReason": "", "sessions": {"phone": 1, "web": 0, "max": 25,
            "ageSeconds": [1, 2]}, "outbound": null, "hardware": {"cpuPercent": 12.5, "memoryPercent": 40,
            "networkDownMbps": 0.1, "networkUpMbps": null}, "lastHeartbeatAt": at, "intervalMs": 5000, "bootId": "b",
            "startedAt": at, "softwareVersion": "0.1.0", "hostname": "h", "source": "10.0.0.1", "clockOffsetMs": -20,
            "conditions": [{"kind": "clock_in_sync", "state": "ok", "detail": "fine"}]});
        let topic = |data: Value| json!({"type": "snapshot", "topic": "summary", "asOf": at, "change": 1, "data": data});
        for event in [
            json!({"type": "hello", "streamId": "0198f6a2-0000-7000-8000-000000000001", "serverTime": at, "tickMs": 2000,
                "timers": {"intervalMs": 5000, "staleAfterMs": 15000, "offlineAfterMs": 30000}, "version": "0.1.0",
                "resumed": false}),
            topic(json!({"kind": "summary", "overview": overview})),
            topic(json!({"kind": "nodes", "region": null, "nodes": [], "truncated": true})),
            topic(json!({"kind": "gone"})),
            json!({"type": "delta", "topic": "region:OM-MCT", "asOf": at, "change": 2, "changes": [
                {"kind": "cluster", "capacity": cluster}, {"kind": "region", "region": region},
                {"kind": "nodeLive", "live": live}, {"kind": "nodeRemoved", "id": "0198f6a2-0000-7000-8000-000000000001"},
                {"kind": "regionRemoved", "id": "OM-MCT"}, {"kind": "problems", "problems": []}]}),
            json!({"type": "tick", "serverTime": at, "collecting": null}),
            json!({"type": "reset", "reason": "slow"}),
            json!({"type": "bye", "reason": "signedOut"}),
        ] {
            let text = event.to_string();
            let expected: LiveEvent = serde_json::from_str(&text).unwrap();
            assert_eq!(super::event(&text), Ok(expected), "{text}");
        }
        assert_eq!(event(r#"{"type":"later"}"#), Err(Unreadable));
    }
}
