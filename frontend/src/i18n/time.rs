//! Times of day and dates in the reader's zone, by the browser's `Intl`: no calendar has to be in the bundle.

use common::time::Timestamp;
use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

struct Formats {
    time: Function,
    date_time: Function,
}

/// Formats times. Making an `Intl` object is slow, so both are made once.
#[derive(Clone, Copy)]
pub struct TimeFormat(StoredValue<Formats, LocalStorage>);

impl TimeFormat {
    /// For a BCP 47 tag; digits and order of the parts follow it, the zone follows the browser.
    pub fn new(locale: &str) -> Self {
        let clock = [("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit"), ("hourCycle", "h23")];
        let date = [
            ("day", "numeric"),
            ("month", "short"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("hourCycle", "h23"),
        ];
        Self(StoredValue::new_local(Formats {
            time: format(locale, &clock),
            date_time: format(locale, &date),
        }))
    }

    /// `14:02:11`.
    pub fn time(self, at: Timestamp) -> String {
        self.0.with_value(|f| write(&f.time, at))
    }

    /// `12 Nov, 14:02`.
    pub fn date_time(self, at: Timestamp) -> String {
        self.0.with_value(|f| write(&f.date_time, at))
    }
}

fn format(locale: &str, options: &[(&str, &str)]) -> Function {
    let object = Object::new();
    for (key, value) in options {
        // Fails only on frozen objects.
        let _ = Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::of1(&JsValue::from_str(locale)), &object).format()
}

fn write(format: &Function, at: Timestamp) -> String {
    let text = format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(millis(at)));
    // Out of the range of `Date`; the wire form is readable too.
    text.ok().and_then(|t| t.as_string()).unwrap_or_else(|| at.to_string())
}

#[expect(
    clippy::as_conversions,
    reason = "exact: a date in milliseconds has fewer bits than the fraction of an f64"
)]
fn millis(at: Timestamp) -> f64 {
    at.millis() as f64
}
