//! Everything this process logs, kept in memory: what the server says about itself is part of what is tested.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use tracing_subscriber::EnvFilter;

static LOG: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();

struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Starts collecting, once per process. The server's own modules log everything they can; the client's libraries,
/// which live in this process too, log as little as in production.
pub(crate) fn collect() {
    LOG.get_or_init(|| {
        let log = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&log);
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(
                "info,backend=trace,actix_web=debug,actix_http=debug,actix_server=warn",
            ))
            .with_ansi(false)
            .with_writer(move || Sink(Arc::clone(&sink)))
            .init();
        log
    });
}

/// What was logged so far, by all tests of this process.
pub(crate) fn text() -> String {
    let log = LOG.get().expect("logs are collected from the first server on");
    String::from_utf8_lossy(&log.lock().unwrap()).into_owned()
}
