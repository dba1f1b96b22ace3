//! Accounts from the server's own command line, where nobody is signed in: the first administrator, one more account,
//! another password.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::auth::{Role, User};
use common::ids::{RegionId, UserId};
use common::problem::FieldError;
use common::time::Timestamp;
use common::users::{InviteRequest, OneTimeLink};
use uuid::Uuid;

use super::passwords::hash_password;
use super::{ServiceError, invitations};
use crate::auth::{password, random};
use crate::config::Hidden;
use crate::db::{Db, NewLink};
use crate::domain::activity::{Entry, SYSTEM, Target};

/// An account that the command line adds.
#[derive(Debug)]
pub struct NewAccount {
    /// Sign-in name.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Where they may change things; `None` is everywhere.
    pub region_scope: Option<Vec<RegionId>>,
    /// Their password; without it they get a link.
    pub password: Option<Hidden>,
}

fn entry(at: Timestamp, action: &'static str, user: &User) -> Entry {
    let target = Target { name: Some(user.email.clone()), ..Target::named("user", &user.id.to_string()) };
    Entry::system(at, action, target).because(Some("Asked for on the server's command line."))
}

/// Makes the first administrator where there is none; others may have been added on the command line before. The password is returned where it was made up here, to be
/// printed once.
///
/// # Errors
/// Where the database fails, or something stands against the given password.
pub async fn first_administrator(
    db: &Db,
    email: &str,
    given: Option<&Hidden>,
    now: Timestamp,
) -> Result<Option<Hidden>, ServiceError> {
    if db.administrator_any().await? {
        return Ok(None);
    }
    let (chosen, made) = choose_password(given.cloned(), email)?;
    let hash = hash_password(chosen.clone()).await?;
    let user = User {
        id: UserId(Uuid::now_v7()),
        email: email.to_owned(),
        display_name: None,
        role: Role::Admin,
        region_scope: None,
    };
    let target = Target { name: Some(user.email.clone()), ..Target::named("user", &user.id.to_string()) };
    let entry = Entry::system(now, "user.create", target).because(Some("The first administrator."));
    // Another server of this database may have been first.
    let inserted = db.user_create(&user, &hash, &entry).await?;
    Ok((inserted && made).then_some(chosen))
}

/// Adds an account; returns a link to choose a password by where none was given.
///
/// # Errors
/// Field errors, an e-mail that is taken.
pub async fn create_account(
    db: &Db,
    new: NewAccount,
    url: &str,
    now: Timestamp,
) -> Result<Option<OneTimeLink>, ServiceError> {
    let request = InviteRequest {
        email: new.email,
        display_name: None,
        role: new.role,
        region_scope: new.region_scope.clone(),
    };
    let email = request.validate().map_err(ServiceError::Invalid)?;
    let user = User {
        id: UserId(Uuid::now_v7()),
        email,
        display_name: None,
        role: new.role,
        region_scope: new.region_scope,
    };
    let entry = entry(now, "user.create", &user);
    if let Some(given) = new.password {
        let (chosen, _) = choose_password(Some(given), &user.email)?;
        let hash = hash_password(chosen).await?;
        return if db.user_create(&user, &hash, &entry).await? {
            Ok(None)
        } else {
            Err(invitations::taken())
        };
    }
    let made = invitations::Made::new(url, now, common::users::LinkKind::Invitation)?;
    let link = NewLink {
        token_hash: made.token_hash,
        made_by: SYSTEM,
        made_at: now,
        expires_at: made.link.expires_at,
    };
    match db.user_invite(&user, &link, &entry).await? {
        Some(_) => Ok(Some(made.link)),
        None => Err(invitations::taken()),
    }
}

/// Sets a password and ends the user's sessions; returns it where it was made up here.
///
/// # Errors
/// Where there is no such user, or something stands against the given password.
pub async fn reset_password(
    db: &Db,
    email: &str,
    given: Option<Hidden>,
    now: Timestamp,
) -> Result<Option<Hidden>, ServiceError> {
    let email = email.trim().to_lowercase();
    let none = || ServiceError::NotFound { what: "user", id: email.clone() };
    let known = db.user_by_email(&email).await?.ok_or_else(none)?;
    let (chosen, made) = choose_password(given, &email)?;
    let hash = hash_password(chosen.clone()).await?;
    if !db.user_set_password(&email, &hash, &entry(now, "user.password", &known.user)).await? {
        return Err(none());
    }
    Ok(made.then_some(chosen))
}

/// The password given, if nothing stands against it, or a new one; whether it was made up here.
fn choose_password(given: Option<Hidden>, email: &str) -> Result<(Hidden, bool), ServiceError> {
    let Some(given) = given else { return Ok((Hidden::new(URL_SAFE_NO_PAD.encode(random::<15>()?)), true)) };
    match password::refused("password", given.reveal(), email) {
        None => Ok((given, false)),
        Some(error) => Err(ServiceError::Invalid(vec![FieldError {
            detail: format!("The password of {email}: {}", error.detail),
            ..error
        }])),
    }
}
