//! Sign-in, sessions, access tokens, and the first administrator.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::activity::Outcome;
use common::auth::{LoginReply, LoginRequest, Role, User};
use common::ids::UserId;
use common::problem::FieldError;
use common::time::Timestamp;
use uuid::Uuid;

use super::{App, ServiceError, activity};
use crate::auth::policy::{Actor, Origin};
use crate::auth::{NoRandom, password, random, sha256};
use crate::config::Hidden;
use crate::db::{NewSession, SessionUser, UserRecord};
use crate::domain::activity::Target;

/// A session ends at the latest after a week,
pub const ABSOLUTE_MS: u64 = 7 * 86_400_000;
/// and when nobody used it for half a day.
pub const IDLE_MS: u64 = 12 * 3_600_000;
/// Uses are noted once a minute at most.
const TOUCH_MS: u64 = 60_000;

/// How long a sign-in waits for its turn.
const PASSWORD_WAIT: Duration = Duration::from_secs(10);

/// A new session: what the cookie holds, and the reply.
pub struct SignedIn {
    /// The session id, for the cookie alone.
    pub cookie: Hidden,
    /// The body.
    pub reply: LoginReply,
}

/// Who presents a password.
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
    if email.is_empty() || email.len() > 254 {
        errors.push(FieldError::new("email", "required", "Enter your e-mail."));
    }
    if request.password.is_empty() || request.password.len() > 1024 {
        errors.push(FieldError::new("password", "required", "Enter your password."));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    app.attempts.check(&email, from.source, app.clock.mono())?;
    let known = app.db.user_by_email(&email).await?.filter(|u| !u.disabled);
    let stored = known.as_ref().map(|u| u.password_hash.clone());
    let typed = Hidden::new(request.password);
    // argon2 takes tens of milliseconds of a core and 19 MiB: off the async threads, and only a few at once.
    let permit = tokio::time::timeout(PASSWORD_WAIT, app.password_slots.acquire())
        .await
        .map_err(|_| ServiceError::Busy)?
        .map_err(|e| ServiceError::Internal(e.to_string()))?;
    // Once more after the wait: many guesses sent at once all passed the look above before the first had failed.
    app.attempts.check(&email, from.source, app.clock.mono())?;
    let right = tokio::task::spawn_blocking(move || password::verify(typed.reveal(), stored.as_deref()))
        .await
        .map_err(|e| ServiceError::Internal(e.to_string()))?;
    let Some(user) = known.filter(|_| right) else {
        app.attempts.failed(&email, from.source, app.clock.mono());
        tracing::warn!(source = %from.source, "sign-in refused");
        // Bounded by the throttle: beyond it nobody gets this far.
        let entry = activity::sign_in(app, &email, from.source, &from.request_id, Outcome::Denied);
        activity::note(app, &entry.because(Some("E-mail or password is not right."))).await;
        return Err(ServiceError::WrongPassword);
    };
    drop(permit);
    app.attempts.succeeded(&email, from.source);
    let cookie = new_session_id()?;
    let now = app.clock.wall();
    let session = NewSession {
        id_hash: sha256(cookie.reveal().as_bytes()),
        sid: Uuid::now_v7(),
        user_id: user.user.id,
        expires_at: Timestamp(now.millis().saturating_add_unsigned(ABSOLUTE_MS)),
        source: from.source.to_string(),
        user_agent: from.user_agent.map(|a| a.chars().filter(|c| !c.is_control()).take(200).collect()),
    };
    app.db.session_insert(&session).await?;
    let entry = activity::sign_in(app, &email, from.source, &from.request_id, Outcome::Allowed);
    activity::note(app, &entry).await;
    tracing::info!(user = %user.user.id, source = %from.source, "signed in");
    let reply = access(app, &user, session.sid)?;
    Ok(SignedIn { cookie, reply })
}

fn new_session_id() -> Result<Hidden, NoRandom> {
    Ok(Hidden::new(URL_SAFE_NO_PAD.encode(random::<32>()?)))
}

fn access(app: &App, user: &UserRecord, sid: Uuid) -> Result<LoginReply, ServiceError> {
    let (access_token, expires_at) = app
        .signer
        .issue(user.user.id, sid, user.user.role, user.version, app.clock.wall())
        .map_err(|e| ServiceError::Internal(e.to_string()))?;
    Ok(LoginReply { user: user.user.clone(), access_token, expires_at })
}

/// A new access token for a session that is still good.
///
/// # Errors
/// [`ServiceError::Unauthenticated`].
pub async fn refresh(app: &Arc<App>, actor: &Actor) -> Result<LoginReply, ServiceError> {
    let session = app.db.session_by_sid(actor.session_id).await?.ok_or(ServiceError::Unauthenticated)?;
    access(app, &session.user, session.sid)
}

/// Ends the session with its tokens and streams.
///
/// # Errors
/// Where the database fails.
pub async fn logout(app: &Arc<App>, actor: &Actor) -> Result<(), ServiceError> {
    app.db.session_delete(actor.session_id).await?;
    app.hub.close(actor.session_id);
    let target = Target::named("session", &actor.user.email);
    activity::note(app, &actor.act(app.clock.wall(), "auth.logout", target)).await;
    Ok(())
}

/// What somebody presents.
pub enum Credential {
    /// The session cookie.
    Cookie(Hidden),
    /// `Authorization: Bearer`.
    Bearer(Hidden),
}

/// Who that is.
///
/// # Errors
/// [`ServiceError::Unauthenticated`] whatever the reason.
pub async fn authenticate(app: &Arc<App>, credential: &Credential) -> Result<Actor, ServiceError> {
    let now = app.clock.wall();
    let (session, token_ends) = match credential {
        Credential::Cookie(id) => {
            let hash = sha256(id.reveal().as_bytes());
            (app.db.session_by_hash(&hash).await?.ok_or(ServiceError::Unauthenticated)?, None)
        }
        Credential::Bearer(token) => {
            let claims = app.signer.check(token.reveal(), now).map_err(|_| ServiceError::Unauthenticated)?;
            let session = app.db.session_by_sid(claims.sid).await?.ok_or(ServiceError::Unauthenticated)?;
            // A changed role or password makes older tokens worthless at once.
            if session.user.user.id != claims.sub || session.user.version != claims.ver {
                return Err(ServiceError::Unauthenticated);
            }
            (session, Some(Timestamp(claims.exp.saturating_mul(1000))))
        }
    };
    let ends = ends_at(&session);
    if session.user.disabled || now >= ends {
        return Err(ServiceError::Unauthenticated);
    }
    if now.since(session.last_used_at) > TOUCH_MS {
        app.db.session_touch(session.sid, now).await?;
    }
    Ok(Actor {
        origin: Origin::default(),
        user: session.user.user,
        session_id: session.sid,
        expires_at: token_ends.map_or(session.expires_at, |t| t.min(session.expires_at)),
    })
}

fn ends_at(s: &SessionUser) -> Timestamp {
    s.expires_at.min(Timestamp(s.last_used_at.millis().saturating_add_unsigned(IDLE_MS)))
}

/// Makes the first administrator where nobody exists. The password is returned where it was made up here, to be
/// printed once.
///
/// # Errors
/// Where the database fails, or the given password is too short.
pub async fn first_administrator(
    db: &crate::db::Db,
    email: &str,
    given: Option<&Hidden>,
) -> Result<Option<Hidden>, ServiceError> {
    if db.user_any().await? {
        return Ok(None);
    }
    let (chosen, made) = choose_password(given.cloned())?;
    let hash = hash_password(chosen.clone()).await?;
    let user = User {
        id: UserId(Uuid::now_v7()),
        email: email.to_owned(),
        display_name: None,
        role: Role::Admin,
        region_scope: None,
    };
    // Another server of this database may have been first.
    let inserted = db.user_insert(&user, &hash).await?;
    Ok((inserted && made).then_some(chosen))
}

/// Hashes a password off the async threads.
///
/// # Errors
/// Where the system refuses memory.
pub async fn hash_password(typed: Hidden) -> Result<String, ServiceError> {
    tokio::task::spawn_blocking(move || password::hash(typed.reveal()))
        .await
        .map_err(|e| ServiceError::Internal(e.to_string()))?
        .map_err(|e| ServiceError::Internal(e.to_string()))
}

/// Sets a password and ends the user's sessions; returns it where it was made up here.
///
/// # Errors
/// Where there is no such user, or the given password is too short.
pub async fn reset_password(
    db: &crate::db::Db,
    email: &str,
    given: Option<Hidden>,
) -> Result<Option<Hidden>, ServiceError> {
    let (chosen, made) = choose_password(given)?;
    let hash = hash_password(chosen.clone()).await?;
    let email = email.trim().to_lowercase();
    if !db.user_set_password(&email, &hash).await? {
        return Err(ServiceError::NotFound { what: "user", id: email });
    }
    Ok(made.then_some(chosen))
}

/// The password given, if it is long enough, or a new one; whether it was made up here.
fn choose_password(given: Option<Hidden>) -> Result<(Hidden, bool), ServiceError> {
    let Some(given) = given else { return Ok((Hidden::new(URL_SAFE_NO_PAD.encode(random::<15>()?)), true)) };
    if given.reveal().chars().count() < password::PASSWORD_MIN {
        let detail = format!("The password has fewer than {} characters.", password::PASSWORD_MIN);
        return Err(ServiceError::Invalid(vec![FieldError::new("password", "too_short", detail)]));
    }
    Ok((given, false))
}
