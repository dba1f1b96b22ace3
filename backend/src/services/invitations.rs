//! One-time links: made by an administrator for somebody else, looked at and redeemed by whoever has one.

use std::sync::Arc;

use common::activity::Outcome;
use common::auth::{LoginReply, Permission, User};
use common::ids::UserId;
use common::problem::FieldError;
use common::sessions::SessionKind;
use common::time::Timestamp;
use common::users::{InviteRequest, Invited, LinkKind, OneTimeLink, Redeem, WelcomeInfo};
use serde_json::json;
use uuid::Uuid;

use super::regions::Changed;
use super::sessions::{From, SignedIn, begin, by};
use super::users::{account, known_regions, target};
use super::{App, ServiceError, access, activity, finish, passwords, sessions, stepup};
use crate::auth::policy::{Actor, authorize};
use crate::auth::secret::{LINK_PREFIX, opaque, well_formed};
use crate::auth::{NoRandom, sha256};
use crate::config::Hidden;
use crate::db::{AccessNotice, LinkFound, NewLink, Redeemed};
use crate::domain::activity::Target;

/// An invitation works for three days,
pub const INVITATION_MS: u64 = 72 * 3_600_000;
/// a link to another password for one.
pub const RESET_MS: u64 = 24 * 3_600_000;
/// Who presents a link that leads to nobody.
const UNKNOWN: &str = "unknown";

/// A new link, and what is stored of it.
pub(super) struct Made {
    /// For the person.
    pub(super) link: OneTimeLink,
    /// For the database.
    pub(super) token_hash: [u8; 32],
}

impl Made {
    /// The secret stands behind `#`, which browsers send to nobody.
    pub(super) fn new(url: &str, now: Timestamp, kind: LinkKind) -> Result<Self, NoRandom> {
        let token = opaque(LINK_PREFIX)?;
        let lasts_ms = match kind {
            LinkKind::Invitation => INVITATION_MS,
            LinkKind::Reset => RESET_MS,
        };
        let url = format!("{}/welcome#{token}", url.trim_end_matches('/'));
        let link = OneTimeLink { url, expires_at: now.later(lasts_ms) };
        Ok(Self { link, token_hash: sha256(token.as_bytes()) })
    }
}

/// 409 for an e-mail that somebody has.
pub(super) fn taken() -> ServiceError {
    let (code, detail) = ("email_taken", "Somebody has an account with this e-mail.".to_owned());
    ServiceError::Conflict { code, errors: vec![FieldError::new("email", code, detail.clone())], detail }
}

/// Adds an account without a password; the link to choose one is in the reply and nowhere else.
///
/// # Errors
/// Field errors, 409 `email_taken`, a role too low, [`stepup::require`].
pub async fn invite(
    app: &Arc<App>,
    actor: &Actor,
    request: InviteRequest,
    url: &str,
) -> Result<Changed<Invited>, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    stepup::require(app, actor)?;
    let email = request.validate().map_err(ServiceError::Invalid)?;
    known_regions(app, request.region_scope.as_deref(), None)?;
    let region_scope = request.region_scope.map(|mut regions| {
        regions.sort();
        regions.dedup();
        regions
    });
    let name = request.display_name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    let user =
        User { id: UserId(Uuid::now_v7()), email, display_name: name, role: request.role, region_scope };
    let now = app.clock.wall();
    let made = Made::new(url, now, LinkKind::Invitation)?;
    let entry = actor.act(now, "user.invite", target(&user)).changed(
        None,
        Some(json!({ "email": user.email, "role": user.role, "regionScope": user.region_scope })),
    );
    let (app, by) = (Arc::clone(app), actor.name());
    finish(async move {
        let link = NewLink {
            token_hash: made.token_hash,
            made_by: &by,
            made_at: now,
            expires_at: made.link.expires_at,
        };
        let change = app.db.user_invite(&user, &link, &entry).await?.ok_or_else(taken)?;
        app.fleet.note_change(change);
        let account = account(&app, user.id).await?;
        Ok(Changed { object: Invited { account, link: made.link }, change })
    })
    .await
}

/// Makes a new link for somebody: another invitation where they have no password yet, else one to another password.
/// The one before works no more; nothing else ends until it is used.
///
/// # Errors
/// A role too low, no such account, 409 `account_disabled`, [`stepup::require`].
pub async fn link(app: &Arc<App>, actor: &Actor, id: UserId, url: &str) -> Result<OneTimeLink, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    stepup::require(app, actor)?;
    let known = account(app, id).await?;
    let now = app.clock.wall();
    let (invitation, reset) =
        (Made::new(url, now, LinkKind::Invitation)?, Made::new(url, now, LinkKind::Reset)?);
    let target = Target { name: Some(known.email), ..Target::named("user", &id.to_string()) };
    let act = |kind: LinkKind, until: Timestamp| {
        let after = json!({ "kind": kind, "expiresAt": until });
        actor.act(now, "user.link", target.clone()).changed(None, Some(after))
    };
    let of = |kind| if kind == LinkKind::Invitation { &invitation } else { &reset };
    let made_by = actor.name();
    let kind = app
        .db
        .link_make(id, |kind| {
            let made = of(kind);
            let expires_at = made.link.expires_at;
            let link = NewLink { token_hash: made.token_hash, made_by: &made_by, made_at: now, expires_at };
            (link, act(kind, expires_at))
        })
        .await?;
    match kind {
        Some(kind) => Ok(of(kind).link.clone()),
        None => {
            let detail = "This account is disabled. Enable it first.".to_owned();
            let entry = actor.act(now, "user.link", target.clone()).ended(Outcome::Refused);
            activity::note(app, &entry.because(Some(&detail))).await;
            Err(ServiceError::Refused { code: "account_disabled", detail, current: None })
        }
    }
}

/// The link that this text is the secret of. A wrong one counts for the address it comes from.
async fn find(app: &App, token: &str, from: &From) -> Result<LinkFound, ServiceError> {
    app.attempts.check_source(from.source, app.clock.mono())?;
    let found = if well_formed(LINK_PREFIX, token) {
        app.db.link_find(&sha256(token.as_bytes()), app.clock.wall()).await?
    } else {
        None
    };
    found.ok_or_else(|| {
        app.attempts.failed_source(from.source, app.clock.mono());
        ServiceError::LinkUsed
    })
}

/// Whom a link is for; looking at it does not use it.
///
/// # Errors
/// [`ServiceError::LinkUsed`] where it was used, has ended or never was; [`ServiceError::TooManyAttempts`].
pub async fn look(app: &App, token: &Hidden, from: &From) -> Result<WelcomeInfo, ServiceError> {
    let found = find(app, token.reveal(), from).await?;
    Ok(WelcomeInfo { email: found.user.user.email, kind: found.kind, expires_at: found.expires_at })
}

/// Redeems a link: sets the password, ends all sessions of the account, and signs in.
///
/// # Errors
/// As [`look`], and what stands against the password; the link works on then.
pub async fn redeem(app: &Arc<App>, request: Redeem, from: From) -> Result<SignedIn, ServiceError> {
    request.validate().map_err(ServiceError::Invalid)?;
    let token = Hidden::new(request.token);
    let found = match find(app, token.reveal(), &from).await {
        Ok(found) => found,
        Err(e) => {
            if matches!(e, ServiceError::LinkUsed) {
                refused(app, UNKNOWN, &from).await;
            }
            return Err(e);
        }
    };
    let user = found.user;
    let email = user.user.email.clone();
    let hash = passwords::hash_new(app, "password", Hidden::new(request.password), &email).await?;
    let (cookie, session) = begin(app, user.user.id, SessionKind::Browser, &from)?;
    let name = request.display_name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    let entry = by(app, &email, &from, "auth.welcome", target(&user.user))
        .changed(None, Some(json!({ "kind": found.kind })));
    let app = Arc::clone(app);
    finish(async move {
        let redeemed = Redeemed {
            token_hash: sha256(token.reveal().as_bytes()),
            password_hash: &hash,
            display_name: name.as_deref(),
            session: &session,
        };
        if !app.db.link_redeem(&redeemed, &entry).await? {
            refused(&app, &email, &from).await;
            return Err(ServiceError::LinkUsed);
        }
        access::told(&app, AccessNotice::User(user.user.id)).await;
        let now = app.db.user_by_id(user.user.id).await?.ok_or(ServiceError::LinkUsed)?;
        tracing::info!(user = %user.user.id, source = %from.source, "a one-time link was redeemed");
        let reply: LoginReply = sessions::access_if_any(&app, &now, session.sid)?;
        Ok(SignedIn { cookie: Some(cookie), reply })
    })
    .await
}

/// Notes that somebody came with a link that does not work. Bounded by the throttle.
async fn refused(app: &App, email: &str, from: &From) {
    let entry = by(app, email, from, "auth.welcome", Target::named("session", email)).ended(Outcome::Denied);
    activity::note(app, &entry.because(Some("The link was used, has ended or never was."))).await;
}
