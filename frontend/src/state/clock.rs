//! The browser's clocks. Everything that reckons with time is given a number; this is where the numbers come from.

use common::time::Timestamp;
use leptos::prelude::window;

/// Milliseconds of the monotonic clock since the page was opened.
pub fn monotonic_ms() -> u64 {
    whole(window().performance().map_or(0.0, |p| p.now()))
}

/// Milliseconds since the epoch by the browser's wall clock. Only to notice that the machine slept: it may be wrong.
pub fn wall_ms() -> u64 {
    whole(js_sys::Date::now())
}

/// The browser's wall clock as a time.
pub fn wall() -> Timestamp {
    Timestamp(i64::try_from(wall_ms()).unwrap_or(i64::MAX))
}

/// A number from 0 to 1 for spreading attempts to reconnect.
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// Cuts the fraction off; negative and missing numbers are 0.
#[expect(clippy::as_conversions, reason = "a saturating cast of a number of milliseconds")]
fn whole(ms: f64) -> u64 {
    ms as u64
}
