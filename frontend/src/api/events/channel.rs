//! The channel between the tabs of one browser.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// An open channel; dropping it closes it.
pub struct Channel {
    channel: BroadcastChannel,
    _message: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Opens a channel and hands every text on; `None` where the browser has no channels, or not for this page.
    pub fn open(name: &str, mut hear: impl FnMut(String) + 'static) -> Option<Self> {
        // Old browsers do not know the name at all, which calling it would turn into a panic.
        let known = js_sys::Reflect::has(&js_sys::global(), &"BroadcastChannel".into()).unwrap_or(false);
        let channel = known.then(|| BroadcastChannel::new(name).ok()).flatten()?;
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                hear(text);
            }
        });
        channel.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Some(Self { channel, _message: message })
    }

    /// Says something to all other tabs.
    pub fn say(&self, text: &str) {
        // Fails on a closed channel alone, and this one is open.
        let _ = self.channel.post_message(&text.into());
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
