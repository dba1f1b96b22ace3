//! Finding what somebody names on a command line.

use common::ids::NodeId;
use common::node::{Node, NodePage};
use common::paths;

use super::Failure;
use super::api::Api;

/// Most pages of a list that are asked for: the server's largest fleet several times over.
const PAGES_MAX: usize = 200;

/// Query parameters, in order.
pub(super) type Filter = Vec<(&'static str, String)>;

/// The filter of a list of nodes.
pub(super) fn filter(
    regions: &[String],
    kind: Option<&str>,
    status: Option<&str>,
    labels: &[String],
    text: Option<&str>,
) -> Filter {
    let one = |name, value: Option<&str>| value.map(|v| (name, v.to_owned()));
    let all = |name, values: &[String]| values.iter().map(|v| (name, v.clone())).collect::<Vec<_>>();
    let mut out = all("regionId", regions);
    out.extend(all("label", labels));
    out.extend(one("kind", kind));
    out.extend(one("status", status));
    out.extend(one("q", text));
    out
}

/// A path with a query.
pub(super) fn with_query(path: &str, filter: &[(&str, String)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in filter {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}

/// A part of a path, with nothing in it that ends the part.
pub(super) fn part(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// All nodes that pass a filter, page by page.
///
/// # Errors
/// [`Failure`].
pub(super) async fn nodes(api: &Api, filter: &Filter) -> Result<Vec<Node>, Failure> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let mut asked = filter.clone();
        asked.push(("limit", "500".to_owned()));
        asked.extend(cursor.take().map(|c| ("cursor", c)));
        let page: NodePage = api.get(&with_query(paths::NODES, &asked)).await?;
        found.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(found),
        }
    }
    Err(Failure::Refused("There are more nodes than a list can hold: give a filter.".to_owned()))
}

/// The one node that `named` names: its id, the operator's own id, its name, or its address.
///
/// # Errors
/// [`Failure::Unknown`] where there is none, or more than one.
pub(super) async fn node(api: &Api, named: &str) -> Result<Node, Failure> {
    if let Ok(id) = named.parse::<NodeId>() {
        return api.get(&format!("{}/{id}", paths::NODES)).await;
    }
    let found = nodes(api, &vec![("q", named.to_owned())]).await?;
    let mut exact: Vec<Node> = found.into_iter().filter(|n| is_called(n, named)).collect();
    match (exact.pop(), exact.len()) {
        (Some(node), 0) => Ok(node),
        (None, _) => {
            Err(Failure::Unknown(format!("There is no node {named}. `iqra-infra nodes` lists them.")))
        }
        (Some(_), more) => {
            let text = format!("{} nodes are called {named}: give the id or the address.", more + 1);
            Err(Failure::Unknown(text))
        }
    }
}

/// Whether somebody means this node by that text.
fn is_called(node: &Node, named: &str) -> bool {
    let same = |own: &str| own.eq_ignore_ascii_case(named);
    same(&node.endpoint.authority())
        || node.external_id.as_deref().is_some_and(same)
        || node.display_name.as_deref().is_some_and(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_written_so_that_nothing_leaves_its_place() {
        let asked =
            filter(&["OM-MCT".into()], Some("proxy"), None, &["rack=b2&x".into()], Some("10.0.0.1:5060"));
        let path = with_query("/n", &asked);
        assert_eq!(path, "/n?regionId=OM-MCT&label=rack%3Db2%26x&kind=proxy&q=10.0.0.1%3A5060");
        assert_eq!(part("a/../b c?"), "a%2F..%2Fb%20c%3F");
    }
}
