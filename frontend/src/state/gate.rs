//! Why a control is off: the role, the regions somebody may change, or a page whose figures are too old to act on.

use common::auth::{Permission, Role};
use common::ids::RegionId;
use leptos::prelude::*;

use crate::components::words;
use crate::i18n::{I18n, isolated, use_i18n};
use crate::reactive::derived;
use crate::state::connection::{Connection, use_connection};
use crate::state::freshness::Freshness;
use crate::state::helpers::{Want, sentence};
use crate::state::session::{Session, use_session};

/// What a change concerns, as far as people are limited to regions.
#[derive(Clone, Copy)]
enum Concern {
    /// It is not known yet, or differs from row to row.
    Open,
    /// The region, as soon as it is known.
    Region(Signal<Option<RegionId>>),
    /// All regions.
    All,
}

/// The reason why the person may not do what needs this permission now; `None` where they may. Where it is about one
/// region or about all of them, [`use_gate_in`] and [`use_gate_everywhere`] look at that too.
///
/// The connection comes first: a person who may act must still not act on old figures.
pub fn use_gate(permission: Permission) -> Signal<Option<String>> {
    gate(permission, Concern::Open)
}

/// The same for a change in one region; the regions that the person may change decide too.
pub fn use_gate_in(
    permission: Permission,
    region: impl Into<Signal<Option<RegionId>>>,
) -> Signal<Option<String>> {
    gate(permission, Concern::Region(region.into()))
}

/// The same for a change that concerns all regions.
pub fn use_gate_everywhere(permission: Permission) -> Signal<Option<String>> {
    gate(permission, Concern::All)
}

/// Why the person's role or regions do not allow what concerns everything; `None` where they do, however old the page is.
pub fn use_right_everywhere(permission: Permission) -> Signal<Option<String>> {
    let (session, i18n) = (use_session(), use_i18n());
    derived(move || lacking(session, i18n, permission, Concern::All))
}

/// The reason why this person may not change this region, whatever their role; `None` where they may.
pub fn out_of_scope(session: Session, region: &RegionId) -> Option<String> {
    let (role, scope) = session.user(|user| (user.role, user.region_scope.clone()))?;
    let scope = scope?;
    (!scope.contains(region)).then(|| {
        let why = (words().access.gate_region)(region.as_str(), &names(&scope));
        and_whom(session, why, role, Some(region))
    })
}

/// A reason, and whom to ask.
fn and_whom(session: Session, why: String, role: Role, region: Option<&RegionId>) -> String {
    // A viewer's regions limit nothing but what they would change with a higher role.
    let want = Want { role: role.max(Role::Operator), region: region.cloned() };
    format!("{why} {}", sentence(&session.helpers().names(session, want)))
}

/// Regions in a sentence.
pub fn names(regions: &[RegionId]) -> String {
    let names: Vec<String> = regions.iter().map(|id| isolated(id.as_str())).collect();
    names.join(words().access.comma)
}

fn lacking(session: Session, i18n: I18n, permission: Permission, concern: Concern) -> Option<String> {
    let allowed = session.user(|user| permission.granted_to(user.role)).unwrap_or(false);
    if !allowed {
        let least = permission.least_role();
        let region = match concern {
            Concern::Region(region) => region.get(),
            Concern::Open | Concern::All => None,
        };
        let why = (i18n.t.gate_role)((i18n.t.role)(least));
        return Some(and_whom(session, why, least, region.as_ref()));
    }
    match concern {
        Concern::Open => None,
        Concern::Region(region) => out_of_scope(session, &region.get()?),
        Concern::All => {
            let scope = session.user(|user| user.region_scope.clone()).flatten()?;
            let why = (words().access.gate_everywhere)(&names(&scope));
            Some(and_whom(session, why, permission.least_role(), None))
        }
    }
}

fn gate(permission: Permission, concern: Concern) -> Signal<Option<String>> {
    let (session, connection, i18n) = (use_session(), use_connection(), use_i18n());
    derived(move || writes_off(connection, i18n).or_else(|| lacking(session, i18n, permission, concern)))
}

/// Why nothing may be changed from this page now, whoever looks at it: it shows a moment that is over, old figures, or
/// none yet. Follows what it reads.
pub fn writes_off(connection: Connection, i18n: I18n) -> Option<String> {
    if let Some(at) = connection.moment() {
        return Some((words().past.gate)(&i18n.fmt.date_time(at)));
    }
    if connection.disconnected() {
        let as_of = connection.as_of().map(|at| i18n.fmt.time(at));
        return Some((i18n.t.gate_disconnected)(as_of.as_deref()));
    }
    (connection.freshness() == Freshness::Connecting).then(|| i18n.t.gate_connecting.to_owned())
}

/// The same as a signal: for what everybody may do with what is their own, and for dialogs, which may stand open while
/// the page loses the server.
pub fn use_writes() -> Signal<Option<String>> {
    let (connection, i18n) = (use_connection(), use_i18n());
    derived(move || writes_off(connection, i18n))
}
