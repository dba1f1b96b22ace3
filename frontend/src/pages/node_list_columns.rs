//! Which columns a list of nodes shows: in its address, and remembered by the browser.

use common::node::NodeKind;
use common::node_order::NodeColumn;

use crate::components::words;

/// All columns that can be shown, in their order. The name is always there: it is the way to the node.
pub const ALL: [NodeColumn; 16] = [
    NodeColumn::Status,
    NodeColumn::Name,
    NodeColumn::Region,
    NodeColumn::Kind,
    NodeColumn::Cpu,
    NodeColumn::Ram,
    NodeColumn::Sessions,
    NodeColumn::Network,
    NodeColumn::Heartbeat,
    NodeColumn::Version,
    NodeColumn::Sip,
    NodeColumn::Uptime,
    NodeColumn::Since,
    NodeColumn::Reason,
    NodeColumn::Id,
    NodeColumn::Labels,
];

/// Columns that are shown, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<NodeColumn>);

impl Default for Columns {
    fn default() -> Self {
        Self(vec![
            NodeColumn::Status,
            NodeColumn::Name,
            NodeColumn::Region,
            NodeColumn::Kind,
            NodeColumn::Cpu,
            NodeColumn::Ram,
            NodeColumn::Sessions,
            NodeColumn::Heartbeat,
            NodeColumn::Version,
        ])
    }
}

impl Columns {
    /// Of these; the name is added, the order is that of [`ALL`].
    fn of(wanted: &[NodeColumn]) -> Self {
        Self(ALL.into_iter().filter(|c| *c == NodeColumn::Name || wanted.contains(c)).collect())
    }

    /// Whether a column is shown.
    pub fn has(&self, column: NodeColumn) -> bool {
        self.0.contains(&column)
    }

    /// With a column that was not shown, without one that was.
    pub fn toggled(&self, column: NodeColumn) -> Self {
        let mut wanted = self.0.clone();
        match wanted.iter().position(|c| *c == column) {
            Some(at) => {
                wanted.remove(at);
            }
            None => wanted.push(column),
        }
        Self::of(&wanted)
    }

    /// Without some that a place has no use for.
    pub fn without(&self, useless: &[NodeColumn]) -> Vec<NodeColumn> {
        self.0.iter().filter(|c| !useless.contains(c)).copied().collect()
    }

    /// As in the address; empty for the usual ones.
    pub fn text(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        self.0.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(",")
    }

    /// Whether this names a column.
    pub fn is_name(name: &str) -> bool {
        NodeColumn::parse(name).is_some_and(|column| ALL.contains(&column))
    }
}

/// The inverse of [`Columns::text`]; what is not known is left out.
pub fn read_columns(text: &str) -> Columns {
    let wanted: Vec<NodeColumn> = text.split(',').filter_map(|name| NodeColumn::parse(name.trim())).collect();
    if wanted.is_empty() { Columns::default() } else { Columns::of(&wanted) }
}

/// Where the browser remembers the columns.
const REMEMBERED: &str = "iqra.nodes.columns";

/// The columns that were chosen last; empty for the usual ones.
pub fn remembered() -> String {
    let storage = leptos::prelude::window().local_storage().ok().flatten();
    storage.and_then(|s| s.get_item(REMEMBERED).ok().flatten()).unwrap_or_default()
}

/// Remembers a choice. A storage that is full or refused costs the memory, not the choice.
pub fn remember(columns: &Columns) {
    if let Some(storage) = leptos::prelude::window().local_storage().ok().flatten() {
        let _ = storage.set_item(REMEMBERED, &columns.text());
    }
}

/// A column of numbers.
pub fn is_numeric(column: NodeColumn) -> bool {
    matches!(
        column,
        NodeColumn::Cpu
            | NodeColumn::Ram
            | NodeColumn::Sessions
            | NodeColumn::Network
            | NodeColumn::Heartbeat
            | NodeColumn::Uptime
            | NodeColumn::Since
    )
}

/// The heading of a column; of nodes of one kind alone it can say more.
pub fn heading(column: NodeColumn, only: Option<NodeKind>) -> &'static str {
    let (w, t) = (&words().nodes, &words().table);
    match column {
        NodeColumn::Status => w.status,
        NodeColumn::Name => w.name,
        NodeColumn::Endpoint => t.endpoint,
        NodeColumn::Region => w.region,
        NodeColumn::Kind => w.kind,
        NodeColumn::Cpu => w.cpu,
        NodeColumn::Ram => w.ram,
        NodeColumn::Sessions => match only {
            Some(NodeKind::Proxy) => w.queue_head,
            Some(_) => w.sessions,
            None => w.work,
        },
        NodeColumn::Network => t.network,
        NodeColumn::Heartbeat => w.heard,
        NodeColumn::Version => w.version,
        NodeColumn::Sip => t.sip,
        NodeColumn::Uptime => t.uptime,
        NodeColumn::Since => t.since,
        NodeColumn::Reason => t.reason,
        NodeColumn::Id => t.id,
        NodeColumn::Labels => t.labels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_the_address() {
        assert_eq!(read_columns(""), Columns::default());
        assert_eq!(Columns::default().text(), "");
        let few = read_columns("cpu,status,nonsense");
        assert_eq!(few.text(), "status,name,cpu");
        assert_eq!(read_columns(&few.text()), few);
        assert_eq!(few.toggled(NodeColumn::Id).text(), "status,name,cpu,id");
        assert_eq!(few.toggled(NodeColumn::Cpu).text(), "status,name");
        // The way to the node cannot be taken away.
        assert!(few.toggled(NodeColumn::Name).has(NodeColumn::Name));
        assert_eq!(few.without(&[NodeColumn::Status]), [NodeColumn::Name, NodeColumn::Cpu]);
        assert!(!Columns::is_name("endpoint") && Columns::is_name("id"));
    }
}
