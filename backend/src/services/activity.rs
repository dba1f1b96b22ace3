//! The activity log: who tried to change what, and how it ended.

use std::net::IpAddr;

use common::activity::{Activity, ActivityCount, ActivityPage, Outcome};
use common::auth::Permission;
use common::ids::RegionId;
use common::problem::FieldError;
use uuid::Uuid;

use super::history::{listed, time};
use super::{App, ServiceError};
use crate::auth::policy::{Actor, authorize};
use crate::domain::activity::{ActorKind, Entry, Filter, Target};

pub mod chain;
mod denied;
mod export;

pub use denied::{Denials, Denied, note_denied, note_more};
pub use export::{EXPORT_MAX, Export, Format, export};

/// Longest text of a filter.
const TEXT_MAX: usize = 200;
/// Longest e-mail address there is.
const EMAIL_MAX: usize = 254;

/// Which entries are asked for, as it came.
#[derive(Debug, Clone, Default)]
pub struct ActivityQuery {
    /// E-mail.
    pub actor: Option<String>,
    /// `user`, `token` or `system`.
    pub actor_kind: Option<String>,
    /// How the action begins.
    pub action: Option<String>,
    /// `region`, `node`, …
    pub target_kind: Option<String>,
    /// Of the target.
    pub target_id: Option<String>,
    /// Region ID.
    pub region: Option<String>,
    /// Names with commas between.
    pub outcome: Option<String>,
    /// RFC 3339.
    pub since: Option<String>,
    /// RFC 3339.
    pub until: Option<String>,
    /// Text.
    pub q: Option<String>,
}

impl ActivityQuery {
    fn filter(&self, errors: &mut Vec<FieldError>) -> Filter {
        let mut text = |name: &str, given: &Option<String>| {
            let given = given.as_deref().map(str::trim).filter(|t| !t.is_empty())?;
            if given.chars().count() > TEXT_MAX || given.contains('\0') {
                let detail = format!("{name} is text of at most {TEXT_MAX} characters.");
                errors.push(FieldError::query(name, "too_long", detail));
                return None;
            }
            Some(given.to_owned())
        };
        let actor = text("actor", &self.actor).map(|a| a.to_lowercase());
        let action = text("action", &self.action);
        let target_kind = text("targetKind", &self.target_kind);
        let target_id = text("targetId", &self.target_id);
        let region_id = text("region", &self.region).map(|r| RegionId::from(r.as_str()));
        let words = text("q", &self.q);
        let by = self.actor_kind.as_deref().and_then(|kind| {
            let known = ActorKind::parse(kind);
            if known.is_none() {
                let detail = "actorKind is user, token or system.";
                errors.push(FieldError::query("actorKind", "unknown", detail));
            }
            known
        });
        let outcomes = self.outcome.as_deref().map(|o| listed(o, Outcome::parse, "outcome", errors));
        Filter {
            actor,
            by,
            action,
            target_kind,
            target_id,
            region_id,
            outcomes: outcomes.unwrap_or_default(),
            since: time(self.since.as_deref(), "since", errors),
            until: time(self.until.as_deref(), "until", errors),
            words,
        }
    }

    /// The filter alone.
    fn understood(&self) -> Result<Filter, ServiceError> {
        let mut errors = Vec::new();
        let filter = self.filter(&mut errors);
        if errors.is_empty() { Ok(filter) } else { Err(ServiceError::Invalid(errors)) }
    }
}

/// A page of entries, newest first.
///
/// # Errors
/// All parameters that are not right.
pub async fn list(
    app: &App,
    actor: &Actor,
    query: &ActivityQuery,
    cursor: Option<&str>,
    limit: usize,
) -> Result<ActivityPage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let mut errors = Vec::new();
    let filter = query.filter(&mut errors);
    let after = cursor.map(|c| c.parse::<Uuid>().ok());
    if after == Some(None) {
        errors.push(FieldError::query("cursor", "cursor", "Not a cursor of this list."));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    let asked = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let mut items = app.db.activity_page(&filter, after.flatten(), asked).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|e| e.id.clone());
    Ok(ActivityPage { items, next_cursor })
}

/// How many entries an export of this filter would hold.
///
/// # Errors
/// All parameters that are not right.
pub async fn count(app: &App, actor: &Actor, query: &ActivityQuery) -> Result<ActivityCount, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    export::counted(&app.db, &query.understood()?, None).await
}

/// One entry.
///
/// # Errors
/// Where there is none.
pub async fn get(app: &App, actor: &Actor, id: &str) -> Result<Activity, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let missing = || ServiceError::NotFound { what: "activity", id: id.to_owned() };
    let parsed: Uuid = id.parse().map_err(|_| missing())?;
    app.db.activity_get(parsed).await?.ok_or_else(missing)
}

/// Notes something that stands whether or not it can be noted: where the database fails, the log of the server has it.
pub async fn note(app: &App, entry: &Entry) {
    written(app, entry).await;
}

/// The same, and whether the database has it.
async fn written(app: &App, entry: &Entry) -> bool {
    let outcome = app.db.activity_add(entry).await;
    if let Err(e) = &outcome {
        tracing::error!(error = %e, actor = entry.actor, action = entry.action, "activity could not be written");
    }
    outcome.is_ok()
}

/// A sign-in, or an attempt at one, for the log. What was typed is cut to what an address can be, so that nobody signs in
/// vain under the name of the control plane or of a script.
pub fn sign_in(app: &App, email: &str, source: IpAddr, request_id: &str, outcome: Outcome) -> Entry {
    let email = typed_address(email);
    Entry {
        actor: email.clone(),
        request_id: Some(request_id.to_owned()),
        source: Some(source.to_string()),
        ..Entry::system(app.clock.wall(), "auth.login", Target::named("session", &email))
    }
    .ended(outcome)
}

/// Without spaces, which no address has, and in quotes where it is none.
fn typed_address(typed: &str) -> String {
    let kept = |c: &char| !c.is_control() && !c.is_whitespace();
    let text: String = typed.chars().filter(kept).take(EMAIL_MAX).collect();
    if text.contains('@') { text } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_understood_or_all_of_it_is_refused() {
        let text = |t: &str| Some(t.to_owned());
        let q = ActivityQuery {
            actor: text(" Salim@Example.org "),
            actor_kind: text("user"),
            region: text("om-mct"),
            outcome: text("denied,refused"),
            since: text("2026-03-04T00:00:00Z"),
            q: text("   "),
            ..ActivityQuery::default()
        };
        let f = q.understood().unwrap();
        assert_eq!(f.actor.as_deref(), Some("salim@example.org"));
        assert_eq!((f.by, f.outcomes.len(), f.words), (Some(ActorKind::Person), 2, None));
        assert_eq!(f.region_id, Some(RegionId::from("OM-MCT")));
        let bad = ActivityQuery {
            q: Some("x".repeat(201)),
            actor_kind: text("robot"),
            outcome: text("won"),
            since: text("yesterday"),
            until: text("2026"),
            ..ActivityQuery::default()
        };
        let Err(ServiceError::Invalid(errors)) = bad.understood() else { panic!("it was understood") };
        let pointers: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["#query/q", "#query/actorKind", "#query/outcome", "#query/since", "#query/until"]
        );
    }

    #[test]
    fn nobody_types_another_kind_of_actor() {
        assert_eq!(typed_address("salim@example.org"), "salim@example.org");
        assert_eq!(typed_address("system"), "\"system\"");
        assert_eq!(typed_address("a@b (token)\u{7}"), "a@b(token)");
        assert_eq!(typed_address(&"@".repeat(300)).len(), EMAIL_MAX);
    }
}
