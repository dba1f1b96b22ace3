//! JSON into wire types, with as little code as possible: the types are many, and what derives make of them is paid for
//! on the wire.
//!
//! Text is read into a plain value once, so that the parser is compiled once, and every type is read out of that value.
//! A struct is an object here and never a list, an error says nothing (nobody at a browser can mend a reply), and the few
//! types that are tagged or flattened are taken apart by hand, because their derives bring a second reader for
//! everything inside. A test holds the outcome against serde_json's own.

use std::fmt;

use common::auth::{LoginReply, Me};
use common::meta::Meta;
use common::node::{CreatedNode, Node, NodePage};
use common::overview::{Overview, RegionSummary, RejectionPage};
use common::problem::Problem;
use common::region::Region;
use common::stream::{Change, LiveEvent, SnapshotData};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

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
            Value::Number(_) => self.deserialize_u64(visitor),
            Value::String(s) => visitor.visit_string(s),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Number(n) = self.0 else { return Err(Unreadable) };
        match (n.as_u64(), n.as_i64(), n.as_f64()) {
            (Some(n), ..) => visitor.visit_u64(n),
            (_, Some(n), _) => visitor.visit_i64(n),
            (.., Some(n)) => visitor.visit_f64(n),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Bool(b) = self.0 else { return Err(Unreadable) };
        visitor.visit_bool(b)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::String(s) = self.0 else { return Err(Unreadable) };
        visitor.visit_string(s)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Array(items) = self.0 else { return Err(Unreadable) };
        visitor.visit_seq(Items(items.into_iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Value::Object(fields) = self.0 else { return Err(Unreadable) };
        visitor.visit_map(Entries { rest: fields.into_iter(), value: Value::Null })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let Value::String(word) = self.0 else { return Err(Unreadable) };
        visitor.visit_enum(de::value::StringDeserializer::new(word))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> de::SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unreadable> {
        self.0.next().map(|item| seed.deserialize(Source(item))).transpose()
    }
}

struct Entries {
    rest: serde_json::map::IntoIter,
    value: Value,
}

impl<'de> de::MapAccess<'de> for Entries {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Source(Value::String(name))).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(Source(self.value.take()))
    }
}

/// A type that the server sends.
pub trait FromJson: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Where the value is not of this type.
    fn from_json(value: Value) -> Result<Self, Unreadable>;
}

fn plain<T: DeserializeOwned>(value: Value) -> Result<T, Unreadable> {
    T::deserialize(Source(value))
}

macro_rules! plain {
    ($($name:ty),*) => {
        $(impl FromJson for $name {
            fn from_json(value: Value) -> Result<Self, Unreadable> {
                plain(value)
            }
        })*
    };
}

plain!(LoginReply, Me, Meta, Problem, Region, RejectionPage);

/// The members of an object that is taken apart by hand.
struct Fields(Map<String, Value>);

impl Fields {
    fn of(value: Value) -> Result<Self, Unreadable> {
        if let Value::Object(fields) = value { Ok(Self(fields)) } else { Err(Unreadable) }
    }

    /// A member; where it is missing, only what may be null can be read.
    fn value(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_default()
    }

    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Unreadable> {
        plain(self.value(name))
    }

    fn each<T: FromJson>(&mut self, name: &str) -> Result<Vec<T>, Unreadable> {
        let Value::Array(items) = self.value(name) else { return Err(Unreadable) };
        items.into_iter().map(T::from_json).collect()
    }

    /// What has not been taken.
    fn rest<T: DeserializeOwned>(self) -> Result<T, Unreadable> {
        plain(Value::Object(self.0))
    }
}

impl FromJson for Node {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            external_id: f.take("externalId")?,
            region_id: f.take("regionId")?,
            kind: f.take("kind")?,
            endpoint: f.take("endpoint")?,
            sip_host: f.take("sipHost")?,
            sip_port: f.take("sipPort")?,
            sip_transport: f.take("sipTransport")?,
            display_name: f.take("displayName")?,
            notes: f.take("notes")?,
            labels: f.take("labels")?,
            development: f.take("development")?,
            max_concurrent_calls: f.take("maxConcurrentCalls")?,
            intent: f.take("intent")?,
            secret: f.take("secret")?,
            created_at: f.take("createdAt")?,
            version: f.take("version")?,
            live: f.rest()?,
        })
    }
}

impl FromJson for NodePage {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self { items: f.each("items")?, next_cursor: f.take("nextCursor")? })
    }
}

impl FromJson for CreatedNode {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            node: Node::from_json(f.value("node"))?,
            plain_secret: f.take("plainSecret")?,
            snippet: f.take("snippet")?,
            command: f.take("command")?,
        })
    }
}

impl FromJson for RegionSummary {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            id: f.take("id")?,
            country_code: f.take("countryCode")?,
            display_name: f.take("displayName")?,
            status: f.take("status")?,
            capacity: f.rest()?,
        })
    }
}

impl FromJson for Overview {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(Self {
            as_of: f.take("asOf")?,
            change: f.take("change")?,
            cluster: f.take("cluster")?,
            regions: f.each("regions")?,
            problems: f.take("problems")?,
            collecting: f.take("collecting")?,
        })
    }
}

impl FromJson for SnapshotData {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(match f.value("kind").as_str() {
            Some("summary") => Self::Summary { overview: Overview::from_json(f.value("overview"))? },
            Some("nodes") => Self::Nodes {
                region: f.take("region")?,
                nodes: f.each("nodes")?,
                truncated: f.take("truncated")?,
            },
            Some("node") => Self::Node { node: Node::from_json(f.value("node"))? },
            Some("gone") => Self::Gone,
            _ => return Err(Unreadable),
        })
    }
}

impl FromJson for Change {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(match f.value("kind").as_str() {
            Some("cluster") => Self::Cluster { capacity: f.take("capacity")? },
            Some("region") => Self::Region { region: RegionSummary::from_json(f.value("region"))? },
            Some("regionDetail") => Self::RegionDetail { region: f.take("region")? },
            Some("node") => Self::Node { node: Node::from_json(f.value("node"))? },
            Some("nodeLive") => Self::NodeLive { live: f.take("live")? },
            Some("nodeRemoved") => Self::NodeRemoved { id: f.take("id")? },
            Some("regionRemoved") => Self::RegionRemoved { id: f.take("id")? },
            Some("problems") => Self::Problems { problems: f.take("problems")? },
            _ => return Err(Unreadable),
        })
    }
}

impl FromJson for LiveEvent {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let mut f = Fields::of(value)?;
        Ok(match f.value("type").as_str() {
            Some("hello") => Self::Hello {
                stream_id: f.take("streamId")?,
                server_time: f.take("serverTime")?,
                tick_ms: f.take("tickMs")?,
                timers: f.take("timers")?,
                version: f.take("version")?,
                resumed: f.take("resumed")?,
            },
            Some("snapshot") => Self::Snapshot {
                topic: f.take("topic")?,
                as_of: f.take("asOf")?,
                change: f.take("change")?,
                data: SnapshotData::from_json(f.value("data"))?,
            },
            Some("delta") => Self::Delta {
                topic: f.take("topic")?,
                as_of: f.take("asOf")?,
                change: f.take("change")?,
                changes: f.each("changes")?,
            },
            Some("tick") => {
                Self::Tick { server_time: f.take("serverTime")?, collecting: f.take("collecting")? }
            }
            Some("reset") => Self::Reset { reason: f.take("reason")? },
            Some("bye") => Self::Bye { reason: f.take("reason")? },
            _ => return Err(Unreadable),
        })
    }
}

/// A reply or an event.
///
/// # Errors
/// Where the text is not JSON, or not of this type.
pub fn read<T: FromJson>(text: &str) -> Result<T, Unreadable> {
    T::from_json(serde_json::from_str(text).map_err(|_| Unreadable)?)
}

#[cfg(test)]
mod tests {
    use common::endpoint::Endpoint;
    use serde_json::json;

    use super::*;

    #[test]
    fn replies_are_read_whole_or_not_at_all() {
        let text = r#"{"user":{"id":"0198f6a2-0000-7000-8000-000000000001","email":"a@b","displayName":null,
            "role":"admin","regionScope":["OM-MCT"],"later":1}}"#;
        assert_eq!(read::<Me>(text), Ok(serde_json::from_str(text).unwrap()));
        assert_eq!(read(r#"{"user":null}"#), Ok(Me { user: None }));
        for bad in ["", "<html>", r#"{"user":1}"#, r#"{"user":null}} {"#, r#"{"user":{"id":"x"}}"#] {
            assert_eq!(read::<Me>(bad), Err(Unreadable), "{bad}");
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
        let mut node = live.clone();
        node.as_object_mut().unwrap().extend(
            json!({"externalId": null, "regionId": "OM-MCT", "kind": "backend",
                "endpoint": Endpoint::parse("http://10.0.0.5:5002/x").unwrap(), "sipHost": "h", "sipPort": 5080,
                "sipTransport": "tls", "displayName": "d", "notes": null, "labels": {"a": "b"}, "development": true,
                "maxConcurrentCalls": 25, "intent": {"state": "maintenance", "publicReason": "p", "privateReason": "q",
                "until": at, "by": "a@b", "at": at}, "secret": {"fingerprint": "00ff00ff", "createdAt": at,
                "previousUntil": null}, "createdAt": at, "version": 3})
            .as_object()
            .unwrap()
            .clone(),
        );
        let detail = json!({"id": "OM-MCT", "countryCode": "OM", "name": "MCT", "displayName": null,
            "intent": node["intent"], "status": {"word": "empty", "count": null, "since": at}, "capacity": cluster,
            "storage": {"configured": false, "healthy": null, "checkedAt": at}, "createdAt": at, "version": 1});
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
                {"kind": "regionRemoved", "id": "OM-MCT"}, {"kind": "node", "node": node}, {"kind": "regionDetail", "region": detail}, {"kind": "problems", "problems": []}]}),
            topic(json!({"kind": "node", "node": node})),
            json!({"type": "tick", "serverTime": at, "collecting": null}),
            json!({"type": "reset", "reason": "slow"}),
            json!({"type": "bye", "reason": "signedOut"}),
        ] {
            let text = event.to_string();
            let expected: LiveEvent = serde_json::from_str(&text).unwrap();
            assert_eq!(read::<LiveEvent>(&text), Ok(expected), "{text}");
        }
        assert_eq!(read::<LiveEvent>(r#"{"type":"later"}"#), Err(Unreadable));
    }
}
