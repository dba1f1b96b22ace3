//! Why a control is off: the role, or a page whose figures are too old to act on.

use common::auth::Permission;
use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::reactive::derived;
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;
use crate::state::session::use_session;

/// The reason why the person may not do what needs this permission now; `None` where they may.
///
/// The connection comes first: a person who may act must still not act on old figures.
pub fn use_gate(permission: Permission) -> Signal<Option<String>> {
    let (session, connection, i18n) = (use_session(), use_connection(), use_i18n());
    derived(move || {
        let writes = permission != Permission::Read;
        if writes && connection.disconnected() {
            let as_of = connection.as_of().map(|at| i18n.fmt.time(at));
            return Some((i18n.t.gate_disconnected)(as_of.as_deref()));
        }
        if writes && connection.freshness() == Freshness::Connecting {
            return Some(i18n.t.gate_connecting.to_owned());
        }
        let allowed = session.user(|user| permission.granted_to(user.role)).unwrap_or(false);
        (!allowed).then(|| (i18n.t.gate_role)((i18n.t.role)(permission.least_role())))
    })
}
