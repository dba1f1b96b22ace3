//! The filter of the activity log: as it stands in the address, as the server reads it, and what it lets through. Pure.

use common::activity::{Activity, Outcome};
use common::time::Timestamp;

use crate::routes::encode;

/// What is looked for; an empty text is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// E-mail.
    pub actor: String,
    /// `user`, `token` or `system`.
    pub actor_kind: String,
    /// How the action begins.
    pub action: String,
    /// `node`, `region`, …
    pub target_kind: String,
    /// Id of the target.
    pub target_id: String,
    /// A Region ID.
    pub region: String,
    /// Outcomes with commas between.
    pub outcome: String,
    /// RFC 3339; not before.
    pub since: String,
    /// RFC 3339; before.
    pub until: String,
    /// Text in actor, action, target or reason.
    pub q: String,
}

impl Filter {
    fn members(&self) -> [(&'static str, &str); 10] {
        [
            ("actor", &self.actor),
            ("actorKind", &self.actor_kind),
            ("action", &self.action),
            ("targetKind", &self.target_kind),
            ("targetId", &self.target_id),
            ("region", &self.region),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("until", &self.until),
            ("q", &self.q),
        ]
    }

    /// As the server reads it, without a question mark.
    pub fn query(&self) -> String {
        let set = self.members().into_iter().filter(|(_, value)| !value.trim().is_empty());
        set.map(|(name, value)| format!("{name}={}", encode(value.trim()))).collect::<Vec<_>>().join("&")
    }

    /// Whether a new entry passes, by the rules of the server.
    pub fn lets(&self, e: &Activity) -> bool {
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted.eq_ignore_ascii_case(value);
        let kind = match self.actor_kind.as_str() {
            "" => true,
            wanted => wanted == actor_kind(&e.actor).0,
        };
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let q = self.q.trim().to_lowercase();
        let texts = [
            Some(e.actor.as_str()),
            Some(e.action.as_str()),
            Some(e.target_id.as_str()),
            e.target_name.as_deref(),
            e.reason.as_deref(),
        ];
        kind && is(self.actor.trim(), &e.actor)
            && e.action.starts_with(self.action.trim())
            && is(&self.target_kind, &e.target_kind)
            && is(&self.target_id, &e.target_id)
            && is(&self.region, e.region_id.as_ref().map_or("", |r| r.as_str()))
            && (self.outcome.is_empty()
                || self.outcome.split(',').any(|o| Outcome::parse(o) == Some(e.outcome)))
            && at(&self.since).is_none_or(|since| e.at >= since)
            && at(&self.until).is_none_or(|until| e.at < until)
            && (q.is_empty() || texts.into_iter().flatten().any(|t| t.to_lowercase().contains(&q)))
    }
}

/// How the server marks a script that acted with a token.
const TOKEN: &str = " (token)";

/// What kind of actor somebody is, by the names of the filter, and what they are called.
pub fn actor_kind(actor: &str) -> (&'static str, &str) {
    match (actor, actor.strip_suffix(TOKEN)) {
        ("system", _) => ("system", actor),
        (_, Some(token)) => ("token", token),
        (person, None) => ("user", person),
    }
}

/// The changed fields of an entry: name, before, after.
pub fn changes(e: &Activity) -> Vec<(String, Option<String>, Option<String>)> {
    use serde_json::Value;
    let text = |v: &Value| match v {
        Value::String(s) => s.clone(),
        Value::Null => "—".to_owned(),
        other => other.to_string(),
    };
    let of = |side: &Option<Value>, name: &str| match side {
        Some(Value::Object(fields)) => fields.get(name).map(text),
        _ => None,
    };
    let mut names: Vec<String> = Vec::new();
    for side in [&e.before, &e.after] {
        if let Some(Value::Object(fields)) = side {
            names.extend(fields.keys().filter(|k| !names.contains(k)).cloned().collect::<Vec<_>>());
        }
    }
    let mut rows: Vec<_> =
        names.into_iter().map(|n| (n.clone(), of(&e.before, &n), of(&e.after, &n))).collect();
    // What is no object stands as a whole.
    let whole = |side: &Option<Value>| side.as_ref().filter(|v| !v.is_object() && !v.is_null()).map(text);
    if whole(&e.before).is_some() || whole(&e.after).is_some() {
        rows.push((String::new(), whole(&e.before), whole(&e.after)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry() -> Activity {
        Activity {
            id: "7".into(),
            at: Timestamp(1_000),
            actor: "salim@example.com".into(),
            action: "node.intent".into(),
            outcome: Outcome::Denied,
            target_kind: "node".into(),
            target_id: "n1".into(),
            target_name: Some("10.0.0.9:5002".into()),
            region_id: Some("OM-MCT".into()),
            before: Some(json!({ "state": "active", "until": null })),
            after: Some(json!({ "state": "maintenance", "reason": "Upgrade" })),
            reason: Some("needs Operator".into()),
            request_id: None,
            source: None,
        }
    }

    #[test]
    fn a_filter_is_written_and_applied() {
        let all = Filter::default();
        assert_eq!(all.query(), "");
        assert!(all.lets(&entry()));
        let some =
            Filter { action: "node.".into(), outcome: "denied,refused".into(), q: " upGRADE".into(), ..all };
        assert_eq!(some.query(), "action=node.&outcome=denied%2Crefused&q=upGRADE");
        assert!(!some.lets(&entry()), "the text is in no searched member");
        assert!(Filter { q: "0.0.9".into(), ..some.clone() }.lets(&entry()));
        for other in [
            Filter { outcome: "allowed".into(), ..Filter::default() },
            Filter { actor_kind: "system".into(), ..Filter::default() },
            Filter { actor_kind: "token".into(), ..Filter::default() },
            Filter { region: "DE-FRA".into(), ..Filter::default() },
            Filter { since: "2026-01-01T00:00:00Z".into(), ..Filter::default() },
        ] {
            assert!(!other.lets(&entry()), "{other:?}");
        }
    }

    #[test]
    fn people_scripts_and_the_control_plane_are_told_apart() {
        let by = |actor: &str| Activity { actor: actor.into(), ..entry() };
        for (actor, kind, name) in [
            ("salim@example.com", "user", "salim@example.com"),
            ("ci-deploy (token)", "token", "ci-deploy"),
            ("system", "system", "system"),
        ] {
            assert_eq!(actor_kind(actor), (kind, name));
            for wanted in ["user", "token", "system"] {
                let filter = Filter { actor_kind: wanted.into(), ..Filter::default() };
                assert_eq!(filter.lets(&by(actor)), wanted == kind, "{actor} by {wanted}");
                assert_eq!(filter.query(), format!("actorKind={wanted}"));
            }
        }
    }

    #[test]
    fn changes_are_named_once() {
        let rows = changes(&entry());
        assert_eq!(rows.len(), 3);
        let state = rows.iter().find(|(n, ..)| n == "state").unwrap();
        assert_eq!((state.1.as_deref(), state.2.as_deref()), (Some("active"), Some("maintenance")));
        let until = rows.iter().find(|(n, ..)| n == "until").unwrap();
        assert_eq!((until.1.as_deref(), until.2.as_deref()), (Some("—"), None));
    }
}
