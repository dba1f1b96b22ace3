//! A list as a file: the rows of the current filter in their order, with the columns that are shown.

use common::ids::NodeId;
use common::node::Node;
use common::node_order::NodeColumn;
use wasm_bindgen::JsCast as _;

use super::node_list_columns::heading;
use super::node_row::NodeRow;
use super::node_table::kind_text;
use crate::api::{Api, ApiError, NodeQuery};
use crate::components::status::word_text;

/// So many nodes come in one page.
const PAGE: u32 = 500;

/// One value: in quotes where it has to be, and never a formula of a spreadsheet.
fn field(text: &str) -> String {
    let text =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// The values of a column; two columns where the screen shows two figures in one.
fn values(column: NodeColumn, row: &NodeRow) -> Vec<String> {
    let text = |text: &Option<String>| field(text.as_deref().unwrap_or_default());
    let one = match column {
        NodeColumn::Status => field(word_text(row.word)),
        NodeColumn::Name => return vec![text(&row.name), field(&row.endpoint)],
        NodeColumn::Endpoint => field(&row.endpoint),
        NodeColumn::Region => number(row.region.as_ref()),
        NodeColumn::Kind => field(kind_text(row.kind)),
        NodeColumn::Cpu => number(row.cpu),
        NodeColumn::Ram => number(row.ram),
        NodeColumn::Sessions => return vec![number(row.work), number(row.limit)],
        NodeColumn::Network => return vec![number(row.network.0), number(row.network.1)],
        NodeColumn::Heartbeat => number(row.heard),
        NodeColumn::Version => text(&row.version),
        NodeColumn::Sip => text(&row.sip),
        NodeColumn::Uptime => number(row.started),
        NodeColumn::Since => number(Some(row.since)),
        NodeColumn::Reason => text(&row.reason),
        NodeColumn::Id => row.id.to_string(),
        NodeColumn::Labels => field(&row.labels.join(" ")),
    };
    vec![one]
}

fn headings(column: NodeColumn) -> Vec<String> {
    let head = |text: &str| field(text);
    let (w, t) = (&crate::components::words().nodes, &crate::components::words().table);
    match column {
        NodeColumn::Name => vec![head(t.name), head(t.endpoint)],
        NodeColumn::Sessions => vec![head(w.work), head(t.limit)],
        NodeColumn::Network => vec![head(t.received), head(t.sent)],
        NodeColumn::Uptime => vec![head(t.started)],
        column => vec![head(heading(column, None))],
    }
}

/// The file. Times are those of the API; figures that are not known are empty.
pub fn csv(columns: &[NodeColumn], rows: &[NodeRow]) -> String {
    let mut lines = vec![columns.iter().flat_map(|c| headings(*c)).collect::<Vec<_>>().join(",")];
    for row in rows {
        lines.push(columns.iter().flat_map(|c| values(*c, row)).collect::<Vec<_>>().join(","));
    }
    lines.push(String::new());
    // Spreadsheets take a file without this mark for one in an old encoding.
    format!("\u{feff}{}", lines.join("\r\n"))
}

/// All nodes, page after page: those of `ids` in their order.
///
/// # Errors
/// That of the page that did not come.
pub async fn fetch_rows(api: Api, ids: &[NodeId]) -> Result<Vec<NodeRow>, ApiError> {
    let mut found = std::collections::HashMap::new();
    let mut query = NodeQuery { limit: Some(PAGE), ..NodeQuery::default() };
    loop {
        let page = api.nodes(&query).await?;
        found.extend(page.items.iter().map(|node: &Node| (node.id(), NodeRow::of(node))));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Gives a text to the browser as a file; whether it took it.
pub fn save(name: &str, text: &str) -> bool {
    let give = || {
        let parts = js_sys::Array::of1(&text.into());
        let blob = web_sys::Blob::new_with_str_sequence(&parts).ok()?;
        let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
        let link = leptos::prelude::document()
            .create_element("a")
            .ok()?
            .dyn_into::<web_sys::HtmlAnchorElement>()
            .ok()?;
        link.set_href(&address);
        link.set_download(name);
        link.click();
        web_sys::Url::revoke_object_url(&address).ok()
    };
    give().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::node_row::tests::node;
    use common::status::StatusWord;

    #[test]
    fn a_file_of_what_is_shown() {
        let mut one = node("10.0.0.9:5002", StatusWord::Online);
        one.display_name = Some("=1+1, \"x\"".into());
        let rows = [NodeRow::of(&one), NodeRow::of(&node("10.0.0.8:5002", StatusWord::Offline))];
        let columns = [NodeColumn::Status, NodeColumn::Name, NodeColumn::Cpu, NodeColumn::Sessions];
        let text = csv(&columns, &rows);
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1], "Online,\"'=1+1, \"\"x\"\"\",10.0.0.9:5002,12.5,3,25");
        // What is not known is empty, not 0.
        assert_eq!(lines[2], "Offline,,10.0.0.8:5002,,,25");
    }
}
