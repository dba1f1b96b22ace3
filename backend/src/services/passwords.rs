//! Passwords as they are typed: looked at a few at a time, throttled by account and address or by session, changed, and
//! given again before something dangerous.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use common::activity::Outcome;
use common::problem::FieldError;
use common::sessions::{Confirmed, PASSWORD_MAX_BYTES, PasswordChange};
use uuid::Uuid;

use super::context::MayTry;
use super::stepup::CONFIRMED_MS;
use super::{App, ServiceError, access, activity, sessions};
use crate::auth::password::{self, Look};
use crate::auth::policy::Actor;
use crate::config::Hidden;
use crate::db::AccessNotice;
use crate::domain::activity::Target;
use crate::domain::throttle::network;

/// How long a password waits for its turn.
const PASSWORD_WAIT: Duration = Duration::from_secs(10);

/// A password that somebody typed.
pub(super) struct Tried<'a> {
    /// For this account,
    pub(super) email: &'a str,
    /// from this address;
    pub(super) source: IpAddr,
    /// in this session, where it is given again;
    pub(super) session: Option<Uuid>,
    /// the password,
    pub(super) typed: Hidden,
    /// and what it is compared with: none where there is nobody of that name.
    pub(super) stored: Option<String>,
}

/// Whether somebody may sign in with this account from this address: not after too many wrong passwords. Where others
/// have spent the account's own count, it is still free from addresses it has a session from.
///
/// # Errors
/// [`ServiceError::TooManyAttempts`].
pub(super) async fn may_sign_in(app: &App, email: &str, source: IpAddr) -> Result<(), ServiceError> {
    let MayTry::WhereKnown { retry_after_ms } = app.attempts.check(email, source, app.clock.mono())? else {
        return Ok(());
    };
    let known = app.db.session_sources(email).await?;
    let here = |s: &String| s.parse::<IpAddr>().is_ok_and(|s| network(s) == network(source));
    if known.iter().any(here) {
        return Ok(());
    }
    // Counted like a wrong password, so that nobody goes on asking the database for nothing.
    app.attempts.failed_source(source, app.clock.mono());
    Err(ServiceError::TooManyAttempts { retry_after_ms })
}

async fn may_try(app: &App, tried: &Tried<'_>) -> Result<(), ServiceError> {
    match tried.session {
        Some(session) => app.attempts.check_session(session, app.clock.mono()),
        None => may_sign_in(app, tried.email, tried.source).await,
    }
}

/// Whether a password is right. A wrong one counts: for the account and the address, or for the session it is given
/// again in.
///
/// # Errors
/// [`ServiceError::TooManyAttempts`]; [`ServiceError::Busy`] where too many are looked at.
pub(super) async fn matches(app: &App, tried: Tried<'_>) -> Result<Look, ServiceError> {
    may_try(app, &tried).await?;
    // argon2 takes tens of milliseconds of a core and 19 MiB: off the async threads, and only a few at once.
    let permit = tokio::time::timeout(PASSWORD_WAIT, app.password_slots.acquire())
        .await
        .map_err(|_| ServiceError::Busy)?
        .map_err(|e| ServiceError::Internal(e.to_string()))?;
    // Once more after the wait: many guesses sent at once all passed the look above before the first had failed.
    may_try(app, &tried).await?;
    let Tried { email, source, session, typed, stored } = tried;
    let look = tokio::task::spawn_blocking(move || password::verify(typed.reveal(), stored.as_deref()))
        .await
        .map_err(|e| ServiceError::Internal(e.to_string()))?;
    let now = app.clock.mono();
    match session {
        _ if look != Look::Wrong => app.attempts.succeeded(email, source, session),
        Some(session) => app.attempts.failed_in_session(session, email, source, now),
        None => app.attempts.failed(email, source, now),
    }
    drop(permit);
    Ok(look)
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

/// Another hash of a password that is right, where the stored one was made in a way of before.
///
/// # Errors
/// Where the system refuses memory.
pub(super) async fn renewed(look: Look, typed: Hidden) -> Result<Option<String>, ServiceError> {
    if look == Look::Outdated { hash_password(typed).await.map(Some) } else { Ok(None) }
}

/// The hash of a new password, if nothing stands against it. Looking at it takes a moment, so it is done off the async
/// threads too.
///
/// # Errors
/// The field with what stands against it.
pub(super) async fn hash_new(
    app: &App,
    field: &'static str,
    typed: Hidden,
    email: &str,
) -> Result<String, ServiceError> {
    let (asked, email) = (typed.clone(), email.to_owned());
    let refused = tokio::task::spawn_blocking(move || password::refused(field, asked.reveal(), &email))
        .await
        .map_err(|e| ServiceError::Internal(e.to_string()))?;
    if let Some(error) = refused {
        return Err(ServiceError::Invalid(vec![error]));
    }
    let _permit = tokio::time::timeout(PASSWORD_WAIT, app.password_slots.acquire())
        .await
        .map_err(|_| ServiceError::Busy)?
        .map_err(|e| ServiceError::Internal(e.to_string()))?;
    hash_password(typed).await
}

/// The stored password of somebody who is signed in, if this is it. A wrong one is noted, as what it was for.
async fn own_password(
    app: &App,
    actor: &Actor,
    action: &'static str,
    field: &str,
    typed: Hidden,
) -> Result<String, ServiceError> {
    if typed.reveal().is_empty() || typed.reveal().len() > PASSWORD_MAX_BYTES {
        let detail = "Enter your password.";
        return Err(ServiceError::Invalid(vec![FieldError::new(field, "required", detail)]));
    }
    let source = actor.origin.source.parse().map_err(|_| ServiceError::Internal("no address".into()))?;
    let email = &actor.user.email;
    let stored = app.db.user_by_id(actor.user.id).await?.and_then(|u| u.password_hash);
    let session = Some(sessions::own(actor)?);
    let tried = Tried { email, source, session, typed, stored: stored.clone() };
    if matches(app, tried).await? != Look::Wrong
        && let Some(stored) = stored
    {
        return Ok(stored);
    }
    let entry = actor.act(app.clock.wall(), action, Target::named("session", email)).ended(Outcome::Denied);
    activity::note(app, &entry.because(Some("The password is not right."))).await;
    // Not 401: the session is as good as before, and no client must take it for over.
    let error = FieldError::new(field, "wrong_password", "This is not your password.");
    Err(ServiceError::Invalid(vec![error]))
}

/// Takes the password again: for five minutes, this session is not asked before something dangerous.
///
/// # Errors
/// A wrong password, too many of them, [`ServiceError::SessionNeeded`].
pub async fn confirm(app: &Arc<App>, actor: &Actor, typed: Hidden) -> Result<Confirmed, ServiceError> {
    let sid = sessions::own(actor)?;
    let seen = own_password(app, actor, "auth.confirm", "password", typed).await?;
    let now = app.clock.wall();
    let entry = actor.act(now, "auth.confirm", Target::named("session", &actor.user.email));
    if !app.db.session_confirm(sid, actor.user.id, &seen, now, &entry).await? {
        return Err(ServiceError::Unauthenticated);
    }
    Ok(Confirmed { until: now.later(CONFIRMED_MS) })
}

/// Sets another password of one's own, and ends one's other sessions.
///
/// # Errors
/// A wrong password, too many of them, what stands against the new one, [`ServiceError::SessionNeeded`].
pub async fn change(app: &Arc<App>, actor: &Actor, request: PasswordChange) -> Result<(), ServiceError> {
    let sid = sessions::own(actor)?;
    let seen = own_password(app, actor, "auth.password", "current", Hidden::new(request.current)).await?;
    let hash = hash_new(app, "new", Hidden::new(request.new), &actor.user.email).await?;
    let (now, user) = (app.clock.wall(), actor.user.id);
    let target = Target { name: Some(actor.user.email.clone()), ..Target::named("user", &user.to_string()) };
    let entry = actor.act(now, "auth.password", target);
    if !app.db.password_change(user, sid, &seen, &hash, now, &entry).await? {
        return Err(ServiceError::Unauthenticated);
    }
    access::told(app, AccessNotice::User(user)).await;
    Ok(())
}
