//! The window of the stream: the nodes whose figures all tabs together want of a fleet too large to be sent whole.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Stream;

/// Scrolling changes the window with every row; the server hears of the last one.
const SETTLED: Duration = Duration::from_millis(200);
/// After a try that failed.
const AGAIN: Duration = Duration::from_secs(2);

impl Stream {
    /// Sends the window when it has stood still for a moment.
    pub(super) fn window_soon(self) {
        self.window_in(SETTLED);
    }

    fn window_in(self, wait: Duration) {
        if !self.leads() {
            return;
        }
        self.inner.update_value(|inner| {
            // Nobody has asked for figures on this connection, and none are sent.
            if !inner.desk.has_window() {
                return;
            }
            let timer = set_timeout_with_handle(move || self.send_window(), wait).ok();
            if let Some(before) = std::mem::replace(&mut inner.window_timer, timer) {
                before.clear();
            }
        });
    }

    fn send_window(self) {
        let plan = self.inner.try_update_value(|inner| {
            inner.window_timer = None;
            // The window of a page that has just been left or opened waits for a connection that can take it.
            inner.current.as_ref().filter(|source| source.has_nodes)?;
            inner.stream.map(|stream| (stream, inner.desk.windows()))
        });
        let Some(Some((stream, windows))) = plan else { return };
        spawn_local(async move {
            for ids in windows {
                match self.api.set_window(stream, ids).await {
                    Ok(()) => {}
                    // That connection has ended; the next one is told after its first message.
                    Err(e) if e.status().is_some_and(|status| status < 500 && status != 429) => return,
                    Err(_) => {
                        return self.window_in(AGAIN);
                    }
                }
            }
        });
    }
}
