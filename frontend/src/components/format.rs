//! Figures of the page as text; the rules are those of [`Figures`].

use common::time::Timestamp;

use crate::i18n::figures::{Figures, figures};

pub use crate::i18n::figures::NONE;

macro_rules! written {
    ($($(#[$doc:meta])* $name:ident($($value:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name($($value: $kind),*) -> $out {
                Figures::$name(figures(), $($value),*)
            }
        )*
    };
}

written! {
    /// A count with grouped digits: `1,284`; from a million on compact: `1.2 M`.
    count(n: u64) -> String;
    /// A count with grouped digits, whatever its size.
    exact(n: u64) -> String;
    /// A count or [`NONE`].
    count_or_none(n: Option<u64>) -> String;
    /// `18 / 22` with thin spaces; a missing part is [`NONE`].
    ratio(part: Option<u64>, whole: Option<u64>) -> String;
    /// A percentage: `12 %`, `< 1 %` for what is more than nothing, never rounded up to 100.
    percent(value: f64) -> String;
    /// `part` of `whole` as a percentage; `None` where there is no whole.
    percent_of(part: u64, whole: u64) -> Option<String>;
    /// A rate in megabits a second without its unit.
    rate(mbps: f64) -> String;
    /// A rate in megabits a second with its unit: `3.2 Mb/s`.
    mbps(mbps: f64) -> String;
    /// An amount of memory or storage: `512 MiB`, `1.2 GiB`.
    bytes(bytes: u64) -> String;
    /// A short time as it was measured: `48 ms`.
    millis(ms: u64) -> String;
    /// A duration in at most two units: `2 s`, `3 min 12 s`, `41 d`.
    duration(ms: u64) -> String;
    /// How often something comes, below a minute with a digit after the point: `0.5 s`.
    interval(ms: u64) -> String;
    /// A duration in one unit, for badges: `12 s`, `3 min`.
    short_duration(ms: u64) -> String;
    /// A stopwatch: `0:48`, `12:05`, `1:02:33`.
    elapsed(ms: u64) -> String;
    /// The clock's difference with its sign: `+0.2 s`.
    offset(ms: i64) -> String;
}

/// How far a level of 0–100 is filled, as the value of a CSS length.
pub fn level(value: f64) -> String {
    if value.is_finite() { format!("{:.1}%", value.clamp(0.0, 100.0)) } else { "0%".to_owned() }
}

/// The age of `at` as seen at `now`, in milliseconds.
pub fn age_ms(at: Timestamp, now: Timestamp) -> u64 {
    now.since(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_ages() {
        assert_eq!(
            (level(42.25), level(180.0), level(f64::NAN)),
            ("42.2%".into(), "100.0%".into(), "0%".into())
        );
        assert_eq!(age_ms(Timestamp(1000), Timestamp(3500)), 2500);
        assert_eq!((count(1284), duration(192_000)), ("1,284".to_owned(), "3 min 12 s".to_owned()));
    }
}
