//! One connection to the stream: the browser's `EventSource`.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::state::clock::monotonic_ms;

/// An open source; dropping it closes the connection.
pub struct Source {
    /// Counts the sources of this tab.
    pub number: u32,
    /// When it was opened.
    pub opened_at_ms: u64,
    /// Whether it follows the topic `nodes`: only then it takes a window.
    pub has_nodes: bool,
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut()>,
}

impl Source {
    /// Opens one; `None` where the browser does not.
    pub fn open(
        number: u32,
        url: &str,
        mut message: impl FnMut(String) + 'static,
        error: impl FnMut() + 'static,
    ) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            message(event.data().as_string().unwrap_or_default());
        });
        let error = Closure::<dyn FnMut()>::new(error);
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        Some(Self {
            number,
            opened_at_ms: monotonic_ms(),
            has_nodes: false,
            source,
            _message: message,
            _error: error,
        })
    }

    /// Closed for good, which means that the server answered, and not with a stream.
    pub fn was_answered(&self) -> bool {
        self.source.ready_state() == EventSource::CLOSED
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
