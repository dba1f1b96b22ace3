//! Automation tokens: made by people for their scripts, looked up at every request, ended at once.
//!
//! What a token may do is worked out when it is used: the least of its scope and its creator's role, and only regions
//! that both may change. So nothing has to be taken back where a role is lowered, and a token dies with its creator.

use std::net::IpAddr;
use std::sync::Arc;

use common::auth::Permission;
use common::ids::{RegionId, TokenId};
use common::problem::FieldError;
use common::time::Timestamp;
use common::tokens::{EditToken, LISTED_DAYS, NewToken, Token, TokenMade, TokenPage, TokenState, WARN_DAYS};
use serde_json::json;

use super::regions::Changed;
use super::{App, ServiceError, finish, stepup};
use crate::auth::policy::{Actor, Bearer, Origin, authorize};
use crate::auth::token::{AutomationClaims, Keyring};
use crate::config::Hidden;
use crate::db::{Db, TokenOf, TokenRecord, Versioned};
use crate::domain::activity::{Entry, Target};
use crate::domain::problems::TokenFact;

mod rules;

use rules::{allowed_from, effective, noted, ready, record, within, within_token};

/// A day, in milliseconds.
const DAY_MS: u64 = 86_400_000;
/// Uses are noted once a minute at most.
const TOUCH_MS: u64 = 60_000;
/// When a token without an end would end, as far as streams are concerned.
const NEVER: Timestamp = Timestamp(i64::MAX / 2);

fn target(id: TokenId, name: &str) -> Target {
    Target { name: Some(name.to_owned()), ..Target::named("token", &id.to_string()) }
}

/// Who presents a token whose signature and end are right.
///
/// # Errors
/// [`ServiceError::Unauthenticated`] where it was revoked, or its creator is gone or disabled;
/// [`ServiceError::OtherNetwork`] where it may not be used from `source`.
pub async fn authenticate(
    app: &Arc<App>,
    claims: &AutomationClaims,
    source: IpAddr,
) -> Result<Actor, ServiceError> {
    let now = app.clock.wall();
    let TokenOf { token, creator } = app.db.token(claims.jti).await?.ok_or(ServiceError::Unauthenticated)?;
    let same = token.created_by == claims.sub && token.scope == claims.scope;
    if !same || token.state(now) != TokenState::Active || creator.disabled {
        return Err(ServiceError::Unauthenticated);
    }
    if !allowed_from(&token.networks, source) {
        tracing::warn!(token = %token.id, %source, "a token was used from a network it is not for");
        return Err(ServiceError::OtherNetwork);
    }
    if token.last_used_at.is_none_or(|at| now.since(at) >= TOUCH_MS) {
        touch(app, token.id, now, source);
    }
    Ok(Actor {
        user: effective(&token, &creator.user),
        credential: Bearer::Token { id: token.id.0, name: token.name },
        version: creator.version,
        confirmed_at: None,
        expires_at: token.expires_at.unwrap_or(NEVER),
        origin: Origin::default(),
    })
}

/// Beside the request, which does not wait for it.
fn touch(app: &Arc<App>, id: TokenId, now: Timestamp, source: IpAddr) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        if let Err(e) = app.db.token_touch(id, now, &source.to_string()).await {
            tracing::debug!(error = %e, "the use of a token could not be noted");
        }
    });
}

/// Makes a token. Its text is in the reply and nowhere else.
///
/// # Errors
/// Field errors; a scope or a region that the one who asks does not have; [`stepup::require`].
pub async fn create(
    app: &Arc<App>,
    actor: &Actor,
    request: NewToken,
) -> Result<Changed<TokenMade>, ServiceError> {
    if actor.session_id().is_none() {
        // A script makes tokens only where it may manage them all.
        authorize(actor, Permission::Administer, None)?;
    }
    within(&actor.user, &request)?;
    stepup::require(app, actor)?;
    let networks = ready(|r| app.fleet.region(r).is_some(), &request)?;
    let now = app.clock.wall();
    let mut token = record(request, networks, &actor.user, now);
    if let Bearer::Token { id, .. } = actor.credential {
        let parent = app.db.token(TokenId(id)).await?.ok_or(ServiceError::Unauthenticated)?.token;
        within_token(&parent, token.expires_at, &token.networks)?;
    }
    let (plain_token, kid) =
        app.signer.issue_automation(token.created_by, token.id, token.scope, now, token.expires_at)?;
    token.kid = kid.to_string();
    let entry =
        actor.act(now, "token.create", target(token.id, &token.name)).changed(None, Some(noted(&token)));
    let (app, creator) = (Arc::clone(app), actor.user.email.clone());
    finish(async move {
        let change = app.db.token_insert(&token, &entry).await?;
        warn(&app).await;
        let token = token.shown(creator, now);
        Ok(Changed { object: TokenMade { token, plain_token, secret_shown: false }, change })
    })
    .await
}

/// Whether the actor manages everybody's tokens.
fn manages_all(actor: &Actor) -> bool {
    authorize(actor, Permission::Administer, None).is_ok()
}

/// Tokens, the newest first: those of one's own, and everybody's for administrators of everything. What ended is listed
/// for 30 days more.
///
/// # Errors
/// A cursor that is none.
pub async fn list(
    app: &App,
    actor: &Actor,
    cursor: Option<&str>,
    limit: usize,
) -> Result<TokenPage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let after = cursor.map(|c| c.parse::<TokenId>()).transpose().map_err(|_| {
        let detail = "This cursor did not come from this list.";
        ServiceError::Invalid(vec![FieldError::query("cursor", "cursor", detail)])
    })?;
    let now = app.clock.wall();
    let whose = (!manages_all(actor)).then_some(actor.user.id);
    let more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let listed = now.before(u64::from(LISTED_DAYS) * DAY_MS);
    let rows = app.db.token_page(whose, after, listed, more).await?;
    let full = rows.len() > limit;
    let shown = |t: TokenOf| t.token.shown(t.creator.user.email, now);
    let items: Vec<Token> = rows.into_iter().take(limit).map(shown).collect();
    let next_cursor = items.last().filter(|_| full).map(|t| t.id.to_string());
    Ok(TokenPage { items, next_cursor })
}

fn missing(id: TokenId) -> ServiceError {
    ServiceError::NotFound { what: "token", id: id.to_string() }
}

/// A token that is one's own, or anybody's for an administrator.
async fn reachable(app: &App, actor: &Actor, id: TokenId) -> Result<TokenOf, ServiceError> {
    let found = app.db.token(id).await?.ok_or_else(|| missing(id))?;
    if found.token.created_by != actor.user.id {
        authorize(actor, Permission::Administer, None)?;
    }
    Ok(found)
}

/// One token.
///
/// # Errors
/// Where there is none, or it is somebody else's.
pub async fn get(app: &App, actor: &Actor, id: TokenId) -> Result<Token, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let found = reachable(app, actor, id).await?;
    Ok(found.token.shown(found.creator.user.email, app.clock.wall()))
}

/// Whether the actor may change this token: a script does so only where it may manage them all.
async fn changeable(app: &App, actor: &Actor, id: TokenId) -> Result<String, ServiceError> {
    if actor.session_id().is_none() {
        authorize(actor, Permission::Administer, None)?;
    }
    stepup::require(app, actor)?;
    Ok(reachable(app, actor, id).await?.creator.user.email)
}

/// Gives a token another name.
///
/// # Errors
/// Field errors, an older version, somebody else's token; [`stepup::require`].
pub async fn rename(
    app: &Arc<App>,
    actor: &Actor,
    id: TokenId,
    version: i64,
    request: EditToken,
) -> Result<Changed<Token>, ServiceError> {
    let creator = changeable(app, actor, id).await?;
    request.validate().map_err(ServiceError::Invalid)?;
    let (name, now) = (request.name.trim().to_owned(), app.clock.wall());
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let outcome = app
            .db
            .token_change(id, Some(version), |t| {
                let before = std::mem::replace(&mut t.name, name.clone());
                (before != name).then(|| {
                    let entry = actor.act(now, "token.rename", target(id, &name));
                    entry.changed(Some(json!({ "name": before })), Some(json!({ "name": name })))
                })
            })
            .await?;
        changed(&app, id, creator, outcome).await
    })
    .await
}

/// Ends a token at once, on every server; it stays listed for 30 days. One that was revoked before stays as it is.
///
/// # Errors
/// Somebody else's token; [`stepup::require`].
pub async fn revoke(app: &Arc<App>, actor: &Actor, id: TokenId) -> Result<Changed<Token>, ServiceError> {
    let creator = changeable(app, actor, id).await?;
    let now = app.clock.wall();
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let outcome = app
            .db
            .token_change(id, None, |t| {
                if t.revoked_at.is_some() {
                    return None;
                }
                (t.revoked_at, t.revoked_by) = (Some(now), Some(actor.name()));
                let entry = actor.act(now, "token.revoke", target(id, &t.name));
                Some(entry.changed(Some(json!({ "revokedAt": null })), Some(json!({ "revokedAt": now }))))
            })
            .await?;
        app.hub.close(id.0);
        changed(&app, id, creator, outcome).await
    })
    .await
}

async fn changed(
    app: &App,
    id: TokenId,
    creator: String,
    outcome: Versioned<TokenRecord>,
) -> Result<Changed<Token>, ServiceError> {
    let now = app.clock.wall();
    match outcome {
        Versioned::Done { record, change } => {
            warn(app).await;
            Ok(Changed { object: record.shown(creator, now), change })
        }
        Versioned::Same(record) => {
            let change = app.db.change_current().await?;
            Ok(Changed { object: record.shown(creator, now), change })
        }
        Versioned::Stale(record) => {
            let current = serde_json::to_value(record.shown(creator, now));
            Err(ServiceError::VersionStale { current: current.unwrap_or_default() })
        }
        Versioned::Missing => Err(missing(id)),
    }
}

/// Tells the fleet which tokens end soon, so that it is shown as a problem. Called after changes, and once a minute.
pub async fn warn(app: &App) {
    let now = app.clock.wall();
    let first = WARN_DAYS.iter().copied().max().unwrap_or_default();
    match app.db.tokens_ending(now, now.later(u64::from(first) * DAY_MS)).await {
        Ok(rows) => {
            let fact = |t: TokenOf| {
                let ends = t.token.expires_at?;
                Some(TokenFact { id: t.token.id, name: t.token.name, created_by: t.creator.user.email, ends })
            };
            if app.fleet.board.note_tokens_ending(rows.into_iter().filter_map(fact).collect()) {
                app.fleet.problems_touched();
            }
        }
        Err(e) => tracing::debug!(error = %e, "tokens that end soon could not be read"),
    }
}

/// Makes a token without a server, on behalf of somebody who may: for the first script of an installation. Returns its
/// text, which is nowhere else.
///
/// # Errors
/// Field errors; where there is no such account, or it may not do so much.
pub async fn bootstrap(
    db: &Db,
    keys: &Keyring,
    now: Timestamp,
    email: &str,
    request: NewToken,
) -> Result<(Token, Hidden), ServiceError> {
    let email = email.trim().to_lowercase();
    let creator = db.user_by_email(&email).await?.filter(|u| !u.disabled);
    let creator = creator.ok_or(ServiceError::NotFound { what: "account that may sign in", id: email })?;
    within(&creator.user, &request)?;
    let known: Vec<RegionId> = db.region_list().await?.into_iter().map(|r| r.id).collect();
    let networks = ready(|r| known.contains(r), &request)?;
    let mut token = record(request, networks, &creator.user, now);
    let (plain, kid) =
        keys.issue_automation(token.created_by, token.id, token.scope, now, token.expires_at)?;
    token.kid = kid.to_string();
    let entry = Entry {
        actor: creator.user.email.clone(),
        source: Some("command line".to_owned()),
        ..Entry::system(now, "token.create", target(token.id, &token.name))
    };
    db.token_insert(&token, &entry.changed(None, Some(noted(&token)))).await?;
    Ok((token.shown(creator.user.email, now), Hidden::new(plain)))
}
