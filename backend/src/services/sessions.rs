//! Sign-in, sessions, access tokens.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::activity::Outcome;
use common::auth::{LoginReply, LoginRequest, Me, Permission};
use common::ids::{SessionId, UserId};
use common::problem::FieldError;
use common::sessions::{PASSWORD_MAX_BYTES, SessionKind, SessionList};
use common::time::Timestamp;
use common::users::EMAIL_MAX;
use uuid::Uuid;

use super::{App, ServiceError, access as streams, activity, passwords, refresh, signing, stepup, tokens};
use crate::auth::password::Look;
use crate::auth::policy::{Actor, Bearer, Origin, authorize};
use crate::auth::token::Presented;
use crate::auth::{NoRandom, random, sha256};
use crate::config::Hidden;
use crate::db::{AccessNotice, NewSession, PasswordSeen, SessionUser, UserRecord};
use crate::domain::activity::{Entry, Target};

/// A browser's session ends at the latest after a week,
pub const ABSOLUTE_MS: u64 = 7 * 86_400_000;
/// and when nobody used it for half a day.
pub const IDLE_MS: u64 = 12 * 3_600_000;
/// Uses are noted once a minute at most.
const TOUCH_MS: u64 = 60_000;

/// A new session: what the cookie holds, and the reply.
pub struct SignedIn {
    /// The session id, for the cookie alone; a command line gets none.
    pub cookie: Option<Hidden>,
    /// The body.
    pub reply: LoginReply,
}

/// Who presents a password or a link.
#[derive(Debug, Clone)]
pub struct From {
    /// Address.
    pub source: IpAddr,
    /// Browser or program.
    pub user_agent: Option<String>,
    /// The request's number.
    pub request_id: String,
}

/// Signs in.
///
/// # Errors
/// [`ServiceError::WrongPassword`], [`ServiceError::TooManyAttempts`], or fields that cannot be right.
pub async fn login(app: &Arc<App>, request: LoginRequest, from: From) -> Result<SignedIn, ServiceError> {
    let email = request.email.trim().to_lowercase();
    let mut errors = Vec::new();
    if email.is_empty() || email.len() > EMAIL_MAX {
        errors.push(FieldError::new("email", "required", "Enter your e-mail."));
    }
    if request.password.is_empty() || request.password.len() > PASSWORD_MAX_BYTES {
        errors.push(FieldError::new("password", "required", "Enter your password."));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    passwords::may_sign_in(app, &email, from.source).await?;
    let known = app.db.user_by_email(&email).await?.filter(|u| !u.disabled);
    let stored = known.as_ref().and_then(|u| u.password_hash.clone());
    let typed = Hidden::new(request.password);
    let tried = passwords::Tried {
        email: &email,
        source: from.source,
        session: None,
        typed: typed.clone(),
        stored: stored.clone(),
    };
    let look = passwords::matches(app, tried).await?;
    let Some((user, stored)) = known.zip(stored).filter(|_| look != Look::Wrong) else {
        tracing::warn!(source = %from.source, "sign-in refused");
        // Bounded by the throttle: beyond it nobody gets this far.
        let entry = activity::sign_in(app, &email, from.source, &from.request_id, Outcome::Denied);
        activity::note(app, &entry.because(Some("E-mail or password is not right."))).await;
        return Err(ServiceError::WrongPassword);
    };
    let instead = passwords::renewed(look, typed).await?;
    let kind = if request.command_line { SessionKind::CommandLine } else { SessionKind::Browser };
    let (cookie, session) = begin(app, user.user.id, kind, &from)?;
    let entry = activity::sign_in(app, &email, from.source, &from.request_id, Outcome::Allowed);
    let seen = PasswordSeen { hash: &stored, instead: instead.as_deref() };
    if !app.db.session_open(&session, &seen, &entry).await? {
        // Disabled, or another password, since it was looked at.
        return Err(ServiceError::WrongPassword);
    }
    tracing::info!(user = %user.user.id, source = %from.source, "signed in");
    if kind == SessionKind::Browser {
        let reply = access_if_any(app, &user, session.sid)?;
        return Ok(SignedIn { cookie: Some(cookie), reply });
    }
    let mut reply = access(app, &user, session.sid)?;
    reply.refresh_token = Some(refresh::first(app, session.sid).await?.reveal().to_owned());
    Ok(SignedIn { cookie: None, reply })
}

/// A session to be stored, and what the cookie of a browser holds.
pub(super) fn begin(
    app: &App,
    user_id: UserId,
    kind: SessionKind,
    from: &From,
) -> Result<(Hidden, NewSession), NoRandom> {
    let cookie = Hidden::new(URL_SAFE_NO_PAD.encode(random::<32>()?));
    let at = app.clock.wall();
    let lasts_ms = match kind {
        SessionKind::Browser => ABSOLUTE_MS,
        SessionKind::CommandLine => refresh::COMMAND_LINE_MS,
    };
    let agent = from.user_agent.as_deref();
    let session = NewSession {
        id_hash: sha256(cookie.reveal().as_bytes()),
        sid: Uuid::now_v7(),
        user_id,
        kind,
        at,
        expires_at: at.later(lasts_ms),
        source: from.source.to_string(),
        user_agent: agent.map(|a| a.chars().filter(|c| !c.is_control()).take(200).collect()),
    };
    Ok((cookie, session))
}

/// An access token of a session.
pub(super) fn access(app: &App, user: &UserRecord, sid: Uuid) -> Result<LoginReply, ServiceError> {
    let now = app.clock.wall();
    let (access_token, expires_at) =
        app.signer.issue(user.user.id, sid, user.user.role, user.version, now)?;
    Ok(LoginReply { user: user.user.clone(), access_token, expires_at, refresh_token: None })
}

/// The same for a browser, which has its cookie: while the vault is locked there is no token in the reply.
pub(super) fn access_if_any(app: &App, user: &UserRecord, sid: Uuid) -> Result<LoginReply, ServiceError> {
    match access(app, user, sid) {
        Err(ServiceError::VaultLocked(_)) => Ok(LoginReply {
            user: user.user.clone(),
            access_token: String::new(),
            expires_at: app.clock.wall(),
            refresh_token: None,
        }),
        other => other,
    }
}

/// A new access token for a session that is still good.
///
/// # Errors
/// [`ServiceError::Unauthenticated`], [`ServiceError::SessionNeeded`], [`ServiceError::Refused`] for a command line.
pub async fn refresh(app: &Arc<App>, actor: &Actor) -> Result<LoginReply, ServiceError> {
    let session = app.db.session_by_sid(own(actor)?).await?.ok_or(ServiceError::Unauthenticated)?;
    if session.kind == SessionKind::CommandLine {
        // Or an access token that got away would renew itself, and the refresh token would stand for nothing.
        let detail = "This session is renewed by its refresh token.".to_owned();
        return Err(ServiceError::Refused { code: "refresh_token_needed", detail, current: None });
    }
    access(app, &session.user, session.sid)
}

/// Ends the session with its tokens and streams.
///
/// # Errors
/// [`ServiceError::SessionNeeded`], or where the database fails.
pub async fn logout(app: &Arc<App>, actor: &Actor) -> Result<(), ServiceError> {
    let sid = own(actor)?;
    let target = Target::named("session", &actor.user.email);
    app.db.session_end(sid, &actor.act(app.clock.wall(), "auth.logout", target)).await?;
    app.hub.close(sid);
    Ok(())
}

/// The session acted in.
///
/// # Errors
/// [`ServiceError::SessionNeeded`] where a token acts.
pub(super) fn own(actor: &Actor) -> Result<Uuid, ServiceError> {
    actor.session_id().ok_or(ServiceError::SessionNeeded)
}

/// Who is signed in, and whether they are asked for their password before something dangerous.
pub fn me(app: &App, actor: Option<Actor>) -> Me {
    let Some(actor) = actor else { return Me { user: None, session: None, confirmed_until: None } };
    Me {
        session: actor.session_id().map(SessionId),
        confirmed_until: stepup::until(actor.confirmed_at, app.clock.wall()),
        user: Some(actor.user),
    }
}

/// One's own sessions.
///
/// # Errors
/// [`ServiceError::SessionNeeded`], or where the database fails.
pub async fn list_own(app: &App, actor: &Actor) -> Result<SessionList, ServiceError> {
    own(actor)?;
    listed(app, actor, actor.user.id, &actor.user.email).await
}

/// Somebody's sessions.
///
/// # Errors
/// A role too low, or there is no such account.
pub async fn list_of(app: &App, actor: &Actor, user: UserId) -> Result<SessionList, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    let known = app.db.user_by_id(user).await?.ok_or_else(|| no_user(user))?;
    listed(app, actor, user, &known.user.email).await
}

async fn listed(app: &App, actor: &Actor, user: UserId, email: &str) -> Result<SessionList, ServiceError> {
    let now = app.clock.wall();
    let mut items = app.db.session_list(user, email, now, now.before(IDLE_MS)).await?;
    for s in &mut items {
        s.current = actor.session_id() == Some(s.id.0);
    }
    Ok(SessionList { items })
}

fn no_user(id: UserId) -> ServiceError {
    ServiceError::NotFound { what: "account", id: id.to_string() }
}

/// Ends one session: one's own, or as an administrator anybody's.
///
/// # Errors
/// There is none that one may end; [`stepup::require`] for that of somebody else.
pub async fn revoke(app: &Arc<App>, actor: &Actor, id: SessionId) -> Result<(), ServiceError> {
    let mine = actor.session_id();
    let none = || ServiceError::NotFound { what: "session", id: id.to_string() };
    let known: SessionUser = match app.db.session_by_sid(id.0).await? {
        Some(known) => known,
        None => return Err(none()),
    };
    if mine.is_none() || known.user.user.id != actor.user.id {
        // Whether somebody else has such a session is nobody's business but an administrator's.
        authorize(actor, Permission::Administer, None).map_err(|_| none())?;
        stepup::require(app, actor)?;
    }
    let target =
        Target { name: Some(known.user.user.email.clone()), ..Target::named("session", &id.to_string()) };
    if !app.db.session_end(id.0, &actor.act(app.clock.wall(), "session.revoke", target)).await? {
        return Err(none());
    }
    app.hub.close(id.0);
    Ok(())
}

/// Ends all sessions of somebody, also one's own.
///
/// # Errors
/// A role too low, there is no such account, [`stepup::require`].
pub async fn sign_out_everywhere(app: &Arc<App>, actor: &Actor, user: UserId) -> Result<(), ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    stepup::require(app, actor)?;
    let known = app.db.user_by_id(user).await?.ok_or_else(|| no_user(user))?;
    let target = Target { name: Some(known.user.email), ..Target::named("user", &user.to_string()) };
    app.db.session_end_all(user, &actor.act(app.clock.wall(), "user.sign_out", target)).await?;
    streams::told(app, AccessNotice::User(user)).await;
    Ok(())
}

/// A row of the log about something that nobody who is signed in does.
pub(super) fn by(app: &App, email: &str, from: &From, action: &'static str, target: Target) -> Entry {
    Entry {
        actor: email.to_owned(),
        request_id: Some(from.request_id.clone()),
        source: Some(from.source.to_string()),
        ..Entry::system(app.clock.wall(), action, target)
    }
}

/// What somebody presents.
pub enum Credential {
    /// The session cookie.
    Cookie(Hidden),
    /// `Authorization: Bearer`.
    Bearer(Hidden),
}

/// Who that is. `source` is where the request came from: a token may be limited to networks.
///
/// # Errors
/// [`ServiceError::Unauthenticated`] whatever the reason; as [`tokens::authenticate`] for an automation token.
pub async fn authenticate(
    app: &Arc<App>,
    credential: &Credential,
    source: IpAddr,
) -> Result<Actor, ServiceError> {
    let now = app.clock.wall();
    let (session, token_ends) = match credential {
        Credential::Cookie(id) => {
            let hash = sha256(id.reveal().as_bytes());
            (app.db.session_by_hash(&hash).await?.ok_or(ServiceError::Unauthenticated)?, None)
        }
        Credential::Bearer(token) => {
            let claims = match signing::read(app, token.reveal()).await? {
                Presented::Access(claims) => claims,
                Presented::Automation(claims) => return tokens::authenticate(app, &claims, source).await,
            };
            let session = app.db.session_by_sid(claims.sid).await?.ok_or(ServiceError::Unauthenticated)?;
            // Changed rights make older tokens worthless at once.
            if session.user.user.id != claims.sub || session.user.version != claims.ver {
                return Err(ServiceError::Unauthenticated);
            }
            (session, Some(Timestamp(claims.exp.saturating_mul(1000))))
        }
    };
    if session.user.disabled || now >= ends_at(&session) {
        return Err(ServiceError::Unauthenticated);
    }
    if now.since(session.last_used_at) > TOUCH_MS {
        app.db.session_touch(session.sid, now).await?;
    }
    Ok(Actor {
        origin: Origin::default(),
        version: session.user.version,
        user: session.user.user,
        credential: Bearer::Session(session.sid),
        confirmed_at: session.confirmed_at,
        expires_at: token_ends.map_or(session.expires_at, |t| t.min(session.expires_at)),
    })
}

/// When a session ends by itself. A command line may be silent as long as its refresh token lives.
pub(super) fn ends_at(s: &SessionUser) -> Timestamp {
    match s.kind {
        SessionKind::Browser => s.expires_at.min(s.last_used_at.later(IDLE_MS)),
        SessionKind::CommandLine => s.expires_at,
    }
}
