//! Whether an endpoint that is being typed is still free: asked of the list of nodes, a moment after the last key.

use std::time::Duration;

use common::endpoint::{Endpoint, EndpointError};
use common::ids::NodeId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{NodeQuery, use_api};
use crate::components::Icon;
use crate::i18n::handover;
use crate::reactive::{dynamic, effect};
use crate::routes;

/// After the last key, so that not every key is a question.
const REST: Duration = Duration::from_millis(400);
/// Addresses that only contain the typed one come back too.
const MOST: u32 = 50;

/// What is known of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Free,
    Taken(NodeId, String),
}

/// The same server: the scheme does not tell two apart.
fn same(a: &Endpoint, b: &Endpoint) -> bool {
    a.host == b.host && a.port == b.port && a.path == b.path
}

/// The line below the field.
#[component]
pub fn EndpointFree(
    /// What is typed, as far as it is an address.
    parsed: Memo<Result<Endpoint, EndpointError>>,
) -> impl IntoView {
    let api = use_api();
    let standing = RwSignal::new(None::<(Endpoint, Standing)>);
    let ask = move |wanted: Endpoint| {
        spawn_local(async move {
            let q = format!("{}{}", wanted.authority(), wanted.path);
            let reply = api.nodes(&NodeQuery { q: Some(q), limit: Some(MOST), ..NodeQuery::default() }).await;
            // Without an answer nothing is said; the server asks the same when the node is added.
            let Ok(page) = reply else { return };
            let found = match page.items.iter().find(|n| same(&n.endpoint, &wanted)) {
                Some(node) => Standing::Taken(node.id(), node.name()),
                None if page.next_cursor.is_none() => Standing::Free,
                None => return,
            };
            standing.try_set(Some((wanted, found)));
        });
    };
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        timer.try_update_value(|t| t.take().map(|t| t.clear()));
    };
    effect(move || {
        stop();
        if let Ok(wanted) = parsed.get() {
            timer.set_value(set_timeout_with_handle(move || ask(wanted), REST).ok());
        }
    });
    on_cleanup(stop);
    dynamic(move || {
        let w = handover();
        let now = parsed.get().ok()?;
        let (_, found) = standing.get().filter(|(asked, _)| same(asked, &now))?;
        Some(match found {
            Standing::Free => view! {
                <p class="good">
                    <Icon name="check" />
                    <span>{w.free}</span>
                </p>
            }
            .into_any(),
            Standing::Taken(id, name) => view! {
                <p class="bad-text">
                    {w.taken} " " <a href=routes::node(id)><bdi class="id" translate="no">{name}</bdi></a>
                </p>
            }
            .into_any(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_does_not_tell_servers_apart() {
        let of = |text: &str| Endpoint::parse(text).unwrap();
        assert!(same(&of("http://10.0.0.5:5002"), &of("https://10.0.0.5:5002/")));
        assert!(!same(&of("10.0.0.5:5002"), &of("10.0.0.5:5003")));
        assert!(!same(&of("10.0.0.5:5002"), &of("10.0.0.5:5002/a")));
    }
}
