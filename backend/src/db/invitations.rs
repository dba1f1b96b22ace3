//! One-time links by which people choose a password.

use chrono::{DateTime, Utc};
use common::auth::User;
use common::ids::UserId;
use common::time::Timestamp;
use common::users::LinkKind;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::notify::{AccessNotice, notify};
use super::schema::{invitations, sessions, users};
use super::sessions::{NewSession, session_add};
use super::told::{Told, next_change};
use super::users::{UserRecord, user_add, user_locked};
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;

/// A link to be stored.
pub struct NewLink<'a> {
    /// SHA-256 of its secret.
    pub token_hash: [u8; 32],
    /// As named in the activity log.
    pub made_by: &'a str,
    /// Now.
    pub made_at: Timestamp,
    /// Not after.
    pub expires_at: Timestamp,
}

/// A link that works, and whom it is for.
pub struct LinkFound {
    /// The account.
    pub user: UserRecord,
    /// A first password, or another one.
    pub kind: LinkKind,
    /// Not after.
    pub expires_at: Timestamp,
}

/// What a link is redeemed with.
pub struct Redeemed<'a> {
    /// SHA-256 of its secret.
    pub token_hash: [u8; 32],
    /// Of the password to be.
    pub password_hash: &'a str,
    /// Another name, where one was given.
    pub display_name: Option<&'a str>,
    /// The session it opens; its moment is the one that is compared with the link's end.
    pub session: &'a NewSession,
}

/// Which of the two a person gets.
fn kind_for(user: &UserRecord) -> LinkKind {
    if user.password_hash.is_some() { LinkKind::Reset } else { LinkKind::Invitation }
}

/// Stores a link in the place of the one before.
async fn link_add(
    c: &mut AsyncPgConnection,
    user: UserId,
    kind: LinkKind,
    link: &NewLink<'_>,
) -> Result<(), diesel::result::Error> {
    diesel::delete(invitations::table.filter(invitations::user_id.eq(user.0))).execute(c).await?;
    diesel::insert_into(invitations::table)
        .values((
            invitations::token_hash.eq(&link.token_hash[..]),
            invitations::user_id.eq(user.0),
            invitations::kind.eq(kind.as_str()),
            invitations::made_by.eq(link.made_by),
            invitations::made_at.eq(to_db(link.made_at)),
            invitations::expires_at.eq(to_db(link.expires_at)),
        ))
        .execute(c)
        .await?;
    Ok(())
}

impl Db {
    /// Adds somebody without a password, and the link for one; the number of the change, or `None` where the e-mail is
    /// taken.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn user_invite(
        &self,
        user: &User,
        link: &NewLink<'_>,
        entry: &Entry,
    ) -> Result<Option<i64>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            if user_add(c, user, None).await? == 0 {
                return Ok(None);
            }
            link_add(c, user.id, LinkKind::Invitation, link).await?;
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Nothing).await.map(Some).map_err(DbError::from)
        })
        .await
    }

    /// Makes a new link for somebody who is not disabled, in the place of the one before; what for. `entry` is told
    /// that too.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn link_make<'a>(
        &self,
        user: UserId,
        link: impl FnOnce(LinkKind) -> (NewLink<'a>, Entry) + Send,
    ) -> Result<Option<LinkKind>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let known = user_locked(c, user).await?.map(UserRecord::try_from).transpose()?;
            let Some(known) = known.filter(|u| !u.disabled) else { return Ok(None) };
            let kind = kind_for(&known);
            let (link, entry) = link(kind);
            link_add(c, user, kind, &link).await?;
            note(c, &entry).await?;
            Ok(Some(kind))
        })
        .await
    }

    /// The link of this secret, if it works at `now`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn link_find(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<LinkFound>, DbError> {
        let found: Option<(Uuid, String, DateTime<Utc>)> = {
            let mut c = self.conn().await?;
            invitations::table
                .filter(invitations::token_hash.eq(&token_hash[..]))
                .filter(invitations::used_at.is_null())
                .filter(invitations::expires_at.gt(to_db(now)))
                .select((invitations::user_id, invitations::kind, invitations::expires_at))
                .first(&mut c)
                .await
                .optional()?
        };
        let Some((user, kind, expires)) = found else { return Ok(None) };
        let kind = LinkKind::parse(&kind).ok_or_else(|| unknown("kind of link", &kind))?;
        let user = self.user_by_id(UserId(user)).await?.filter(|u| !u.disabled);
        Ok(user.map(|user| LinkFound { user, kind, expires_at: from_db(expires) }))
    }

    /// Redeems a link: the password is set, all sessions end, one begins. `false` where it does not work any more; of
    /// two at once, one is first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn link_redeem(&self, r: &Redeemed<'_>, entry: &Entry) -> Result<bool, DbError> {
        let mut c = self.conn().await?;
        let user = r.session.user_id;
        c.transaction(async |c| {
            let known = user_locked(c, user).await?.map(UserRecord::try_from).transpose()?;
            if known.is_none_or(|u| u.disabled) {
                return Ok(false);
            }
            let link = invitations::table
                .filter(invitations::token_hash.eq(&r.token_hash[..]))
                .filter(invitations::user_id.eq(user.0))
                .filter(invitations::used_at.is_null())
                .filter(invitations::expires_at.gt(to_db(r.session.at)));
            let used = invitations::used_at.eq(to_db(r.session.at));
            if diesel::update(link).set(used).execute(c).await? == 0 {
                return Ok(false);
            }
            let row = users::table.find(user.0);
            diesel::update(row)
                .set((users::password_hash.eq(r.password_hash), users::revision.eq(users::revision + 1)))
                .execute(c)
                .await?;
            if let Some(name) = r.display_name {
                diesel::update(row).set(users::display_name.eq(name)).execute(c).await?;
            }
            diesel::delete(sessions::table.filter(sessions::user_id.eq(user.0))).execute(c).await?;
            session_add(c, r.session).await?;
            note(c, entry).await?;
            notify(c, AccessNotice::User(user)).await?;
            Ok(true)
        })
        .await
    }

    /// Forgets links that ended before `at`; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn link_purge(&self, at: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let old = invitations::table.filter(invitations::expires_at.lt(to_db(at)));
        Ok(diesel::delete(old).execute(&mut c).await?)
    }
}
