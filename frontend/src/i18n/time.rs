//! Times of day and dates in the reader's zone, by the browser's `Intl`: no calendar has to be in the bundle.

use std::collections::HashMap;

use common::time::Timestamp;
use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::state::prefs::{self, Digits, Zone};

struct Formats {
    time: Function,
    date_time: Function,
    day: Function,
    whole: Function,
}

/// Formats times. Making an `Intl` object is slow, so each is made once.
#[derive(Clone, Copy)]
pub struct TimeFormat {
    made: StoredValue<HashMap<(Digits, Zone), Formats>, LocalStorage>,
    locale: fn(Digits) -> &'static str,
}

impl TimeFormat {
    /// For the BCP 47 tags of a language: digits and order of the parts follow it. Digits and zone are those the reader
    /// prefers; a view that shows a time is made again when they change.
    pub fn new(locale: fn(Digits) -> &'static str) -> Self {
        Self { made: StoredValue::new_local(HashMap::new()), locale }
    }

    /// `14:02:11`.
    pub fn time(self, at: Timestamp) -> String {
        self.written(at, |f| &f.time)
    }

    /// `12 Nov, 14:02`.
    pub fn date_time(self, at: Timestamp) -> String {
        self.written(at, |f| &f.date_time)
    }

    /// `Thursday, 12 November 2026`, as a heading.
    pub fn day(self, at: Timestamp) -> String {
        self.written(at, |f| &f.day)
    }

    /// `12 Nov 2026, 14:02:11 GST`: all there is to say, for tooltips.
    pub fn whole(self, at: Timestamp) -> String {
        self.written(at, |f| &f.whole)
    }

    fn written(self, at: Timestamp, which: fn(&Formats) -> &Function) -> String {
        let key = (prefs::digits(), prefs::zone());
        let made = self.made.try_update_value(|made| {
            let formats = made.entry(key).or_insert_with(|| formats((self.locale)(key.0), key.1));
            write(which(formats), at)
        });
        made.unwrap_or_default()
    }
}

fn formats(locale: &str, zone: Zone) -> Formats {
    let clock = [("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")];
    let seconds = [("second", "2-digit")];
    let date = [("day", "numeric"), ("month", "short")];
    let day = [("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")];
    let all = [("year", "numeric"), ("timeZoneName", "short")];
    let zone: &[(&str, &str)] = if zone == Zone::Utc { &[("timeZone", "UTC")] } else { &[] };
    Formats {
        time: format(locale, &[&clock, &seconds, zone]),
        date_time: format(locale, &[&date, &clock, zone]),
        day: format(locale, &[&day, zone]),
        whole: format(locale, &[&date, &clock, &seconds, &all, zone]),
    }
}

fn format(locale: &str, options: &[&[(&str, &str)]]) -> Function {
    let object = Object::new();
    for (key, value) in options.iter().copied().flatten() {
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
