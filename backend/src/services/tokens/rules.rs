//! Rules of automation tokens, without I/O: what one may do, and who may make which.

use std::net::IpAddr;

use common::auth::User;
use common::ids::{RegionId, TokenId};
use common::problem::FieldError;
use common::time::Timestamp;
use common::tokens::{NewToken, TokenScope};
use ipnet::IpNet;
use serde_json::json;
use uuid::Uuid;

use super::DAY_MS;
use crate::db::TokenRecord;
use crate::services::ServiceError;

/// Whether a token bound to `networks` may be used from `source`.
pub(super) fn allowed_from(networks: &[String], source: IpAddr) -> bool {
    networks.is_empty() || networks.iter().any(|n| n.parse::<IpNet>().is_ok_and(|n| n.contains(&source)))
}

/// What both the token and its creator may do now.
pub(super) fn effective(token: &TokenRecord, creator: &User) -> User {
    User {
        role: token.scope.role().min(creator.role),
        region_scope: match (&token.region_scope, &creator.region_scope) {
            (None, all) | (all, None) => all.clone(),
            (Some(a), Some(b)) => Some(a.iter().filter(|r| b.contains(r)).cloned().collect()),
        },
        ..creator.clone()
    }
}

/// One network, as `10.2.0.0/16` or an address, in its normal form.
pub(super) fn network(text: &str) -> Option<String> {
    let text = text.trim();
    let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(net.trunc().to_string())
}

/// A request whose fields are right, on behalf of somebody who may do so much.
pub(super) fn ready(
    exists: impl Fn(&RegionId) -> bool,
    request: &NewToken,
) -> Result<Vec<String>, ServiceError> {
    let mut errors = request.validate().err().unwrap_or_default();
    let mut networks = Vec::new();
    for (i, text) in request.networks.iter().enumerate() {
        match network(text) {
            Some(net) => networks.push(net),
            None => {
                let detail = "Write a network as 10.2.0.0/16 or one address.";
                errors.push(FieldError::new(&format!("networks/{i}"), "network", detail));
            }
        }
    }
    for (i, region) in request.region_scope.iter().flatten().enumerate() {
        if !exists(region) {
            let detail = format!("There is no region {region}.");
            errors.push(FieldError::new(&format!("regionScope/{i}"), "unknown", detail));
        }
    }
    networks.sort();
    networks.dedup();
    if errors.is_empty() { Ok(networks) } else { Err(ServiceError::Invalid(errors)) }
}

/// Nobody hands out more than they have: neither rights, nor regions.
pub(super) fn within(user: &User, request: &NewToken) -> Result<(), ServiceError> {
    if request.scope > TokenScope::most_of(user.role) {
        return Err(ServiceError::NeedsRole(request.scope.role()));
    }
    let (Some(own), Some(asked)) = (&user.region_scope, &request.region_scope) else { return Ok(()) };
    match asked.iter().find(|r| !own.contains(r)) {
        Some(region) => Err(ServiceError::OutOfScope(region.clone())),
        None => Ok(()),
    }
}

/// A token that makes another hands on neither a longer life nor more networks than its own.
pub(super) fn within_token(
    parent: &TokenRecord,
    ends: Option<Timestamp>,
    networks: &[String],
) -> Result<(), ServiceError> {
    let mut errors = Vec::new();
    if let Some(end) = parent.expires_at
        && ends.is_none_or(|e| e > end)
    {
        let detail = "A token makes none that outlives it.";
        errors.push(FieldError::new("expiresInDays", "outlives", detail));
    }
    let inside = |n: &String| {
        let net = n.parse::<IpNet>();
        net.is_ok_and(|net| {
            parent.networks.iter().any(|p| p.parse::<IpNet>().is_ok_and(|p| p.contains(&net)))
        })
    };
    if !parent.networks.is_empty() && (networks.is_empty() || !networks.iter().all(inside)) {
        let detail = "A token makes none for other networks than its own.";
        errors.push(FieldError::new("networks", "other_networks", detail));
    }
    if errors.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(errors)) }
}

pub(super) fn record(
    request: NewToken,
    networks: Vec<String>,
    creator: &User,
    now: Timestamp,
) -> TokenRecord {
    TokenRecord {
        id: TokenId(Uuid::now_v7()),
        name: request.name.trim().to_owned(),
        scope: request.scope,
        region_scope: request.region_scope,
        networks,
        kid: String::new(),
        created_by: creator.id,
        created_at: now,
        expires_at: request.expires_in_days.map(|d| now.later(u64::from(d) * DAY_MS)),
        last_used_at: None,
        last_used_from: None,
        revoked_at: None,
        revoked_by: None,
        version: 1,
    }
}

/// What is noted of a token: never its text.
pub(super) fn noted(t: &TokenRecord) -> serde_json::Value {
    json!({ "name": t.name, "scope": t.scope, "regionScope": t.region_scope, "networks": t.networks,
            "expiresAt": t.expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::auth::Role;
    use common::ids::UserId;

    fn person(role: Role, scope: Option<&[&str]>) -> User {
        let region_scope = scope.map(|s| s.iter().map(|r| RegionId::from(*r)).collect());
        User { id: UserId(Uuid::nil()), email: "a@b".into(), display_name: None, role, region_scope }
    }

    fn asked(scope: TokenScope, regions: Option<&[&str]>) -> NewToken {
        NewToken {
            name: "ci".into(),
            scope,
            region_scope: regions.map(|s| s.iter().map(|r| RegionId::from(*r)).collect()),
            networks: vec![],
            expires_in_days: None,
        }
    }

    fn stored(scope: TokenScope, regions: Option<&[&str]>) -> TokenRecord {
        record(asked(scope, regions), vec![], &person(Role::Admin, None), Timestamp(0))
    }

    #[test]
    fn a_token_may_what_both_may() {
        for (scope, role, least) in [
            (TokenScope::Read, Role::Admin, Role::Viewer),
            (TokenScope::Admin, Role::Viewer, Role::Viewer),
            (TokenScope::Admin, Role::Operator, Role::Operator),
            (TokenScope::Operate, Role::Admin, Role::Operator),
            (TokenScope::Admin, Role::Admin, Role::Admin),
        ] {
            assert_eq!(
                effective(&stored(scope, None), &person(role, None)).role,
                least,
                "{scope:?} {role:?}"
            );
        }
        type Regions = Option<&'static [&'static str]>;
        let cases: [(Regions, Regions, Regions); 5] = [
            (None, None, None),
            (None, Some(&["A"]), Some(&["A"])),
            (Some(&["A"]), None, Some(&["A"])),
            (Some(&["A", "B"]), Some(&["B", "C"]), Some(&["B"])),
            (Some(&["A"]), Some(&["B"]), Some(&[])),
        ];
        for (token, creator, both) in cases {
            let user = effective(&stored(TokenScope::Operate, token), &person(Role::Operator, creator));
            assert_eq!(user.region_scope, person(Role::Viewer, both).region_scope, "{token:?} {creator:?}");
        }
    }

    #[test]
    fn nobody_hands_out_more_than_they_have() {
        let operator = person(Role::Operator, Some(&["A", "B"]));
        assert!(within(&operator, &asked(TokenScope::Operate, Some(&["B"]))).is_ok());
        assert!(within(&operator, &asked(TokenScope::Read, None)).is_ok(), "everywhere the creator may");
        assert!(matches!(
            within(&operator, &asked(TokenScope::Admin, None)),
            Err(ServiceError::NeedsRole(Role::Admin))
        ));
        assert!(matches!(
            within(&operator, &asked(TokenScope::Operate, Some(&["A", "C"]))),
            Err(ServiceError::OutOfScope(r)) if r.as_str() == "C"
        ));
    }

    #[test]
    fn a_token_hands_on_neither_time_nor_networks() {
        let parent = TokenRecord {
            expires_at: Some(Timestamp(1_000)),
            networks: vec!["10.0.0.0/8".into()],
            ..stored(TokenScope::Admin, None)
        };
        let within = |ends, nets: &[&str]| {
            let nets: Vec<String> = nets.iter().map(|n| (*n).to_owned()).collect();
            within_token(&parent, ends, &nets).is_ok()
        };
        assert!(within(Some(Timestamp(1_000)), &["10.2.0.0/16"]));
        assert!(!within(Some(Timestamp(1_001)), &["10.2.0.0/16"]));
        assert!(!within(None, &["10.2.0.0/16"]));
        assert!(!within(Some(Timestamp(1)), &[]));
        assert!(!within(Some(Timestamp(1)), &["10.2.0.0/16", "11.0.0.1/32"]));
        assert!(!within(Some(Timestamp(1)), &["0.0.0.0/0"]));
    }

    #[test]
    fn networks_in_their_normal_form() {
        assert_eq!(network(" 10.2.3.4/16 ").as_deref(), Some("10.2.0.0/16"));
        assert_eq!(network("10.2.3.4").as_deref(), Some("10.2.3.4/32"));
        assert_eq!(network("2001:db8::1/32").as_deref(), Some("2001:db8::/32"));
        for bad in ["", "10.2.3.4/33", "10.2.3", "example.org", "10.0.0.0/8,11.0.0.0/8"] {
            assert_eq!(network(bad), None, "{bad}");
        }
        let nets = ["10.2.0.0/16".to_owned(), "::1/128".to_owned()];
        for (source, allowed) in [("10.2.255.1", true), ("10.3.0.1", false), ("::1", true), ("::2", false)] {
            assert_eq!(allowed_from(&nets, source.parse().unwrap()), allowed, "{source}");
        }
        assert!(allowed_from(&[], "203.0.113.1".parse().unwrap()));
    }
}
