//! Which moment the address asks for, and which pages can show one that is over.

use common::time::Timestamp;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::reactive::{effect, memo};
use crate::routes::{self, Page};
use crate::state::clock::wall;
use crate::state::connection::use_connection;

/// The key of the address.
pub const KEY: &str = "at";

/// What the address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: the page shows now.
    Now,
    /// A moment that is over.
    Moment(Timestamp),
    /// One that is to come.
    Future(Timestamp),
    /// Something that is no time.
    Unreadable,
}

/// Reads the address' value; `now` is the server's clock, where it is known.
pub fn read(value: Option<&str>, now: Option<Timestamp>) -> Asked {
    match value.map(str::parse) {
        None => Asked::Now,
        Some(Err(_)) => Asked::Unreadable,
        Some(Ok(at)) if now.is_some_and(|now| at > now) => Asked::Future(at),
        Some(Ok(at)) => Asked::Moment(at),
    }
}

/// Whether a page can show a moment that is over.
pub fn can_show(page: Page) -> bool {
    matches!(page, Page::Dashboard | Page::Node | Page::Region)
}

/// What the address asks for, and what the page shows; copy it freely.
#[derive(Clone, Copy)]
pub struct Past {
    /// What the address asks for.
    pub asked: Memo<Asked>,
    /// The moment on the screen; none where the page shows now.
    pub shown: Memo<Option<Timestamp>>,
}

/// What the page shows.
pub fn use_moment() -> Past {
    expect_context()
}

/// Follows the address. Once, inside the router and above all pages.
pub fn follow() {
    let (query, path, connection) = (use_query_map(), use_location().pathname, use_connection());
    // Before the server has told its time, the browser's own is good enough to tell what is to come.
    let wall = wall();
    let asked =
        memo(move || query.with(|q| read(q.get_str(KEY), Some(connection.server_now().unwrap_or(wall)))));
    let shown = memo(move || match asked.get() {
        Asked::Moment(at) if path.with(|path| can_show(routes::find(path).0)) => Some(at),
        _ => None,
    });
    provide_context(Past { asked, shown });
    // At once and not in an effect alone: nothing of now is shown first.
    connection.visit(shown.get_untracked());
    effect(move || connection.visit(shown.get()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_moment_that_is_over_is_shown() {
        let (noon, later) = ("2026-11-12T12:00:00Z", "2026-11-12T13:00:00Z".parse().ok());
        let at: Timestamp = noon.parse().unwrap();
        assert_eq!(read(None, later), Asked::Now);
        assert_eq!(read(Some(noon), later), Asked::Moment(at));
        assert_eq!(read(Some(noon), None), Asked::Moment(at));
        assert_eq!(read(Some(noon), Some(at.before(1))), Asked::Future(at));
        assert_eq!(read(Some(noon), Some(at)), Asked::Moment(at));
        for no_time in ["", "now", "2026-11-12", "-1h"] {
            assert_eq!(read(Some(no_time), later), Asked::Unreadable, "{no_time}");
        }
        assert!(can_show(Page::Dashboard) && can_show(Page::Node) && !can_show(Page::Nodes));
    }
}
