//! Where a person has been: the filters of the lists, the neighbours in the list one came from, the pages seen last.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::state::session::{SessionState, use_session};

/// Where pages seen last are kept, for as long as the tab.
const RECENT_KEY: &str = "iqra.recent";
/// So many pages are remembered.
const RECENT: usize = 8;
/// A list is remembered to here; nobody goes further step by step.
const ROWS: usize = 5_000;

/// A page that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its address.
    pub path: String,
    /// What it was called.
    pub title: String,
}

/// Handle to the trail; copy it freely.
#[derive(Clone, Copy)]
pub struct Trail {
    queries: StoredValue<Vec<(String, String)>>,
    rows: StoredValue<Vec<String>>,
    seen: StoredValue<Vec<Seen>>,
}

/// The trail.
pub fn use_trail() -> Trail {
    expect_context()
}

fn storage() -> Option<web_sys::Storage> {
    // Refused storage costs the memory over a reload.
    window().session_storage().ok().flatten()
}

impl Default for Trail {
    fn default() -> Self {
        let kept = storage().and_then(|s| s.get_item(RECENT_KEY).ok().flatten());
        let seen = kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self {
            queries: StoredValue::new(Vec::new()),
            rows: StoredValue::new(Vec::new()),
            seen: StoredValue::new(seen),
        }
    }
}

impl Trail {
    /// Forgets everything when nobody is signed in any more: the next person may not see the same.
    pub fn follow_session(self) {
        let session = use_session();
        crate::reactive::effect(move || {
            if matches!(session.get(), SessionState::Out(_)) {
                self.queries.set_value(Vec::new());
                self.rows.set_value(Vec::new());
                self.seen.set_value(Vec::new());
                if let Some(storage) = storage() {
                    let _ = storage.remove_item(RECENT_KEY);
                }
            }
        });
    }

    /// Remembers with which filters a page was seen.
    pub fn filtered(self, path: &str, query: &str) {
        self.queries.update_value(|all| {
            all.retain(|(known, _)| known != path);
            if !query.is_empty() {
                all.push((path.to_owned(), query.to_owned()));
            }
        });
    }

    /// The address of a list as it was left: with its filters.
    pub fn back_to(self, path: &str) -> String {
        let query = self
            .queries
            .with_value(|all| all.iter().find(|(known, _)| known == path).map(|(_, query)| query.clone()));
        query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }

    /// Keeps the addresses of a list's rows, in their order, from the moment the list is left: `[` and `]` then lead
    /// from one to the next. For the component of the list.
    pub fn rows(self, rows: impl Fn() -> Vec<String> + Send + Sync + 'static) {
        on_cleanup(move || {
            let mut rows = untrack(rows);
            rows.truncate(ROWS);
            self.rows.try_set_value(rows);
        });
    }

    /// The page beside this one in the list one came from.
    pub fn neighbour(self, path: &str, forward: bool) -> Option<String> {
        self.rows.with_value(|rows| neighbour_of(rows, path, forward))
    }

    /// Remembers a page.
    pub fn saw(self, path: &str, title: &str) {
        self.seen.update_value(|all| {
            all.retain(|seen| seen.path != path);
            all.insert(0, Seen { path: path.to_owned(), title: title.to_owned() });
            all.truncate(RECENT);
        });
        let text = self.seen.with_value(serde_json::to_string);
        if let (Some(storage), Ok(text)) = (storage(), text) {
            let _ = storage.set_item(RECENT_KEY, &text);
        }
    }

    /// The pages seen last, the newest first.
    pub fn seen(self) -> Vec<Seen> {
        self.seen.get_value()
    }
}

/// The row beside the one that this address belongs to, with the same tab of it.
fn neighbour_of(rows: &[String], path: &str, forward: bool) -> Option<String> {
    let of = |row: &String| path.strip_prefix(row.as_str()).filter(|r| r.is_empty() || r.starts_with('/'));
    let (place, rest) = rows.iter().enumerate().find_map(|(i, row)| of(row).map(|rest| (i, rest)))?;
    let beside = if forward { place.checked_add(1)? } else { place.checked_sub(1)? };
    rows.get(beside).map(|row| format!("{row}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_keep_the_tab() {
        let rows = ["/nodes/1", "/nodes/12", "/nodes/3"].map(str::to_owned);
        assert_eq!(neighbour_of(&rows, "/nodes/12", true).as_deref(), Some("/nodes/3"));
        assert_eq!(neighbour_of(&rows, "/nodes/12/metrics", false).as_deref(), Some("/nodes/1/metrics"));
        assert_eq!(neighbour_of(&rows, "/nodes/1", false), None);
        assert_eq!(neighbour_of(&rows, "/nodes/3", true), None);
        assert_eq!(neighbour_of(&rows, "/nodes/4", true), None);
    }
}
