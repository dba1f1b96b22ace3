//! Secrets of nodes: a new one beside the old for a while, and the end of the old one. At most two are valid at once.

use std::sync::Arc;

use common::activity::EventKind;
use common::edit::RotateSecret;
use common::ids::NodeId;
use common::node::{CreatedNode, Node};
use common::snippet;
use serde_json::json;
use uuid::Uuid;

use super::nodes::{changeable, place, taken, taken_over};
use super::regions::Changed;
use super::{App, ServiceError, finish, stepup};
use crate::auth::policy::Actor;
use crate::auth::secret;
use crate::db::{DbError, NewSecret, Versioned};
use crate::domain::activity::Target;
use crate::domain::registry::{NodeRecord, SecretRecord};
use crate::live::fleet::{NodeEntry, What};

/// What the agent is started with; the file holds the rest.
pub(super) const COMMAND: &str = "iqra-node run --appsettings appsettings.json";

/// Gives a node a new secret. It is in the reply and nowhere else; the one before it works as long as asked for.
///
/// # Errors
/// Field errors, a secret that is in use, an older version, a role too low.
pub async fn rotate(
    app: &Arc<App>,
    actor: &Actor,
    id: NodeId,
    version: i64,
    request: RotateSecret,
    url: &str,
) -> Result<Changed<CreatedNode>, ServiceError> {
    let endpoint = changeable(app, actor, id)?.record().endpoint;
    stepup::require(app, actor)?;
    let overlap_ms = u64::from(request.validate().map_err(ServiceError::Invalid)?) * 1000;
    let plain_secret = match request.secret {
        Some(own) => own.0,
        None => secret::generate()?,
    };
    let (secret_id, hash, now) = (Uuid::now_v7(), secret::hash(&plain_secret), app.clock.wall());
    let sealed = app.sealer.seal(&place(secret_id), plain_secret.as_bytes())?;
    let new = NewSecret { id: secret_id, sealed };
    let (app, actor, url) = (Arc::clone(app), actor.clone(), url.to_owned());
    finish(async move {
        let outcome = app
            .db
            .node_change(id, version, Some(&new), |record| {
                if record.secrets.iter().any(|s| s.hash == hash) {
                    return None;
                }
                let old = record.secrets.first().cloned();
                // The newest is found by its time, also where the clock was set back.
                let created_at = old.as_ref().map_or(now, |old| now.max(old.created_at.later(1)));
                let newest = SecretRecord { hash, created_at, valid_until: None };
                let kept = old.clone().filter(|_| overlap_ms > 0).map(|old| {
                    let asked = now.later(overlap_ms);
                    SecretRecord { valid_until: Some(asked), ..old }
                });
                let until = kept.as_ref().and_then(|s| s.valid_until);
                record.secrets = std::iter::once(newest).chain(kept).collect();
                let before = json!({ "fingerprint": old.map(|s| s.hash.fingerprint()) });
                let after = json!({ "fingerprint": hash.fingerprint(), "previousUntil": until });
                let target = Target::node(id, &record.name(), record.region_id.as_ref());
                Some(actor.act(now, "node.secret.rotate", target).changed(Some(before), Some(after)))
            })
            .await
            .map_err(|e| taken(e, &endpoint))?;
        if matches!(outcome, Versioned::Same(_)) {
            return Err(taken(DbError::Unique("node_secrets_sha256_key".to_owned()), &endpoint));
        }
        let (entry, change, _) = taken_over(&app, id, outcome)?;
        noted(&app, &entry, &actor, "secret rotated");
        let r = entry.record();
        let snippet =
            snippet::render(r.kind, &url, id, r.region_id.as_ref(), &plain_secret, r.max_concurrent_calls);
        let object = CreatedNode {
            node: entry.node(),
            plain_secret,
            snippet,
            command: COMMAND.to_owned(),
            secret_shown: false,
        };
        Ok(Changed { object, change })
    })
    .await
}

/// Ends the secret before the newest at once; where there is none, nothing changes.
///
/// # Errors
/// An older version, a role too low.
pub async fn revoke_previous(
    app: &Arc<App>,
    actor: &Actor,
    id: NodeId,
    version: i64,
) -> Result<Changed<Node>, ServiceError> {
    changeable(app, actor, id)?;
    stepup::require(app, actor)?;
    let now = app.clock.wall();
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let outcome = app
            .db
            .node_change(id, version, None, |record: &mut NodeRecord| {
                let old = record.secrets.get(1)?;
                let before = json!({ "previousFingerprint": old.hash.fingerprint(), "previousUntil": old.valid_until });
                record.secrets.truncate(1);
                let target = Target::node(id, &record.name(), record.region_id.as_ref());
                let after = json!({ "previousFingerprint": null, "previousUntil": null });
                Some(actor.act(now, "node.secret.revoke", target).changed(Some(before), Some(after)))
            })
            .await?;
        let (entry, change, changed) = taken_over(&app, id, outcome)?;
        if changed {
            noted(&app, &entry, &actor, "previous secret revoked");
        }
        Ok(Changed { object: entry.node(), change })
    })
    .await
}

fn noted(app: &App, entry: &NodeEntry, actor: &Actor, what: &str) {
    let what = What { to: Some(what.to_owned()), actor: Some(actor.user.email.clone()), ..What::default() };
    app.fleet.record_node(entry, EventKind::Registry, what);
}
