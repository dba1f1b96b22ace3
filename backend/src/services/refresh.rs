//! Refresh tokens: how a program that signed in once goes on for 30 days without keeping a password.
//!
//! Each is good for one renewal, which brings the next (RFC 9700 §4.14.2). One that comes a second time shows that two
//! have it, and nobody can say who of them is the thief: the session ends for both. There is no grace for a repeat of
//! the very same request, because a thief's looks the same; a program writes the new token down before it uses it,
//! renews in one place at a time, and signs in again where a reply was lost.

use std::net::IpAddr;
use std::sync::Arc;

use common::activity::Outcome;
use common::auth::LoginReply;
use common::sessions::SessionKind;
use uuid::Uuid;

use super::{App, ServiceError, finish, sessions};
use crate::auth::secret::{REFRESH_PREFIX, opaque, well_formed};
use crate::auth::sha256;
use crate::auth::token::TokenError;
use crate::config::Hidden;
use crate::db::{NewRefresh, Refreshed};
use crate::domain::activity::{Entry, Target};

/// How long a session of the command line may last in all, and so its last refresh token, in milliseconds.
pub const COMMAND_LINE_MS: u64 = 30 * 86_400_000;

/// Where a refresh token comes from.
pub struct From {
    /// Address.
    pub source: IpAddr,
    /// The request's number.
    pub request_id: String,
}

fn made(app: &App) -> Result<(Hidden, NewRefresh), ServiceError> {
    let (token, at) = (opaque(REFRESH_PREFIX)?, app.clock.wall());
    let new = NewRefresh { hash: sha256(token.as_bytes()), at, expires_at: at.later(COMMAND_LINE_MS) };
    Ok((Hidden::new(token), new))
}

/// The first refresh token of a session that begins.
///
/// # Errors
/// Where the database fails.
pub(super) async fn first(app: &App, sid: Uuid) -> Result<Hidden, ServiceError> {
    let (token, new) = made(app)?;
    app.db.refresh_insert(sid, &new).await?;
    Ok(token)
}

/// A new access token and a new refresh token for one that is used up by this.
///
/// # Errors
/// [`ServiceError::RefreshReused`] where it was used before: its session has ended then, with its tokens and streams;
/// [`ServiceError::Unauthenticated`] where it is none, has ended, or the account may not sign in.
pub async fn renew(app: &Arc<App>, presented: Hidden, from: From) -> Result<LoginReply, ServiceError> {
    if !well_formed(REFRESH_PREFIX, presented.reveal()) {
        return Err(ServiceError::Unauthenticated);
    }
    if app.signer.now().kid().is_none() {
        // Before it is used up for nothing.
        return Err(TokenError::Key.into());
    }
    let app = Arc::clone(app);
    // To its end: a client that hangs up must not leave a token that is used and a next one that nobody has.
    finish(async move {
        let (token, new) = made(&app)?;
        let hash = sha256(presented.reveal().as_bytes());
        let entry = |email: &str| {
            let entry = Entry::system(new.at, "auth.refresh_reused", Target::named("session", email));
            Entry {
                actor: email.to_owned(),
                request_id: Some(from.request_id.clone()),
                source: Some(from.source.to_string()),
                ..entry.ended(Outcome::Denied)
            }
            .because(Some("A refresh token was used a second time; its session has ended."))
        };
        match app.db.refresh_use(&hash, &new, entry).await? {
            Refreshed::Unknown => Err(ServiceError::Unauthenticated),
            Refreshed::Reused(sid) => {
                app.hub.close(sid);
                tracing::warn!(session = %sid, source = %from.source, "a refresh token was used a second time");
                Err(ServiceError::RefreshReused)
            }
            Refreshed::Renewed(sid) => {
                let session = app.db.session_by_sid(sid).await?.ok_or(ServiceError::Unauthenticated)?;
                let good = session.kind == SessionKind::CommandLine
                    && !session.user.disabled
                    && new.at < sessions::ends_at(&session);
                if !good {
                    return Err(ServiceError::Unauthenticated);
                }
                app.db.session_touch(sid, new.at).await?;
                let reply = sessions::access(&app, &session.user, sid)?;
                Ok(LoginReply { refresh_token: Some(token.reveal().to_owned()), ..reply })
            }
        }
    })
    .await
}
