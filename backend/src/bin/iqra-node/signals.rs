//! SIGTERM and Ctrl-C.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Both signals, from the moment of the first call to `listen`.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on the signals no longer end the process.
    ///
    /// # Errors
    /// In words, where the system refuses.
    pub(crate) fn listen() -> Result<Self, String> {
        let of = |kind| signal(kind).map_err(|e| format!("cannot listen to signals: {e}"));
        Ok(Self { terminate: of(SignalKind::terminate())?, interrupt: of(SignalKind::interrupt())? })
    }

    /// Ends with the next of either. Nothing is lost where it is dropped before.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
