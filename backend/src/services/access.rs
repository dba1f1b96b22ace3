//! The end of open streams whose bearer may no longer, or may do other things: at once where the change was made here,
//! by a notice where it was made on another server, and by a look at the database where a notice may have been missed.

use std::collections::{HashMap, HashSet};

use common::ids::{TokenId, UserId};

use super::{App, ServiceError};
use crate::db::AccessNotice;
use crate::live::hub::{Owner, OwnerKind};

/// What becomes of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It goes on.
    Good,
    /// Its session or token has ended.
    Over,
    /// Its bearer may do other things than when it was opened: what they may do now.
    Changed(i64),
}

/// `version`: of what the person may do now; `None` where they may not sign in any more.
fn verdict(owner: &Owner, version: Option<i64>, alive: bool) -> Verdict {
    match version {
        Some(version) if alive && version == owner.version => Verdict::Good,
        Some(version) if alive => Verdict::Changed(version),
        _ => Verdict::Over,
    }
}

/// Ends what a notice says has ended.
///
/// # Errors
/// Where the database has to be asked and fails.
pub async fn heard(app: &App, notice: AccessNotice) -> Result<(), ServiceError> {
    match notice {
        AccessNotice::Session(id) => app.hub.close(id.0),
        AccessNotice::Token(id) => app.hub.close(id.0),
        AccessNotice::User(id) => review(app, Some(id)).await?,
    }
    Ok(())
}

/// Compares the open streams of a person, or of all, with the database, and ends those that must not go on.
///
/// # Errors
/// Where the database fails; nothing was ended then.
pub async fn review(app: &App, whose: Option<UserId>) -> Result<(), ServiceError> {
    let mut owners = app.hub.owners();
    owners.retain(|o| whose.is_none_or(|user| o.user == user));
    // Also where no stream is open: one that is being opened in this moment must hear of it.
    let people: HashSet<UserId> = owners.iter().map(|o| o.user).chain(whose).collect();
    let people: Vec<UserId> = people.into_iter().collect();
    if people.is_empty() {
        return Ok(());
    }
    let of = |kind| owners.iter().filter(move |o| o.kind == kind).map(|o| o.id);
    let (sessions, tokens): (Vec<_>, Vec<_>) =
        (of(OwnerKind::Session).collect(), of(OwnerKind::Token).map(TokenId).collect());
    let now = app.clock.wall();
    let versions: HashMap<UserId, i64> = app.db.user_versions(&people).await?.into_iter().collect();
    let mut alive: HashSet<_> = HashSet::new();
    if !sessions.is_empty() {
        alive.extend(app.db.session_alive(&sessions, now).await?);
    }
    if !tokens.is_empty() {
        alive.extend(app.db.token_alive(&tokens, now).await?.into_iter().map(|t| t.0));
    }
    for owner in &owners {
        match verdict(owner, versions.get(&owner.user).copied(), alive.contains(&owner.id)) {
            Verdict::Good => {}
            Verdict::Over => app.hub.close(owner.id),
            Verdict::Changed(version) => app.hub.access_changed(owner.user, version),
        }
    }
    if let Some(user) = whose
        && let Some(version) = versions.get(&user)
    {
        app.hub.access_changed(user, *version);
    }
    Ok(())
}

/// The same after a change made here: what was changed stands, and the streams hear of it by the notice at the latest.
pub(super) async fn told(app: &App, notice: AccessNotice) {
    if let Err(e) = heard(app, notice).await {
        tracing::warn!(error = %e, %notice, "open streams could not be compared with what changed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn who_may_go_on() {
        let owner = Owner {
            kind: OwnerKind::Session,
            id: Uuid::from_u128(1),
            user: UserId(Uuid::from_u128(2)),
            version: 3,
        };
        assert_eq!(verdict(&owner, Some(3), true), Verdict::Good);
        assert_eq!(verdict(&owner, Some(4), true), Verdict::Changed(4));
        for (version, alive) in [(Some(3), false), (Some(4), false), (None, true), (None, false)] {
            assert_eq!(verdict(&owner, version, alive), Verdict::Over);
        }
    }
}
