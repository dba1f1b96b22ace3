//! Numbers, ratios and durations as text. Pure, so that the rules of the screen are tested on the host.
//!
//! No data is [`NONE`], never 0; a percentage is never rounded up to 100; a duration has at most two units.

use common::time::Timestamp;

/// Shown where nothing is known.
pub const NONE: &str = "—";

/// A count with grouped digits: `1,284`; from a million on compact: `1.2 M`.
pub fn count(n: u64) -> String {
    if n < 1_000_000 {
        return exact(n);
    }
    let (unit, name) = if n < 1_000_000_000 { (1_000_000, 'M') } else { (1_000_000_000, 'G') };
    // One digit after the point, cut: a figure is never shown larger than it is.
    format!("{}.{} {name}", exact(n / unit), n % unit * 10 / unit)
}

/// A count with grouped digits, whatever its size.
pub fn exact(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A count or [`NONE`].
pub fn count_or_none(n: Option<u64>) -> String {
    n.map_or_else(|| NONE.to_owned(), count)
}

/// `18 / 22` with thin spaces; a missing part is [`NONE`].
pub fn ratio(part: Option<u64>, whole: Option<u64>) -> String {
    format!("{}\u{2009}/\u{2009}{}", count_or_none(part), count_or_none(whole))
}

/// A percentage as reported: `12 %`, `< 1 %` for what is more than nothing, 99 % up to the last tenth below 100.
pub fn percent(value: f64) -> String {
    match value {
        v if !v.is_finite() => NONE.to_owned(),
        v if v <= 0.0 => "0 %".to_owned(),
        v if v < 1.0 => "< 1 %".to_owned(),
        v if v < 100.0 => format!("{:.0} %", v.round().min(99.0)),
        _ => "100 %".to_owned(),
    }
}

/// `part` of `whole` as a percentage by the rule of [`percent`]; `None` where there is no whole.
pub fn percent_of(part: u64, whole: u64) -> Option<String> {
    let hundredfold = part.checked_mul(100)?;
    let p = hundredfold.checked_div(whole)?;
    Some(match p {
        0 if part > 0 => "< 1 %".to_owned(),
        p if part < whole => format!("{} %", ((hundredfold + whole / 2) / whole).clamp(p, 99)),
        p => format!("{} %", p.min(100)),
    })
}

/// How far a level of 0–100 is filled, as the value of a CSS length.
pub fn level(value: f64) -> String {
    if value.is_finite() { format!("{:.1}%", value.clamp(0.0, 100.0)) } else { "0%".to_owned() }
}

/// A rate in megabits a second without its unit, with one digit after the point below 100.
pub fn rate(mbps: f64) -> String {
    match mbps {
        v if !v.is_finite() || v < 0.0 => NONE.to_owned(),
        v if v > 0.0 && v < 0.1 => "< 0.1".to_owned(),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

/// A duration in at most two units: `2 s`, `3 min 12 s`, `2 h 10 min`, `3 d 4 h`, `41 d`.
pub fn duration(ms: u64) -> String {
    let s = ms / 1000;
    let two = |big: u64, unit: &str, small: u64, sub: &str| match small {
        0 => format!("{big} {unit}"),
        n => format!("{big} {unit} {n} {sub}"),
    };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => two(s / 60, "min", s % 60, "s"),
        3600..86_400 => two(s / 3600, "h", s % 3600 / 60, "min"),
        86_400..864_000 => two(s / 86_400, "d", s % 86_400 / 3600, "h"),
        _ => format!("{} d", s / 86_400),
    }
}

/// How often something comes: as a duration, and below a second with a digit after the point: `0.5 s`.
pub fn interval(ms: u64) -> String {
    if ms.is_multiple_of(1000) || ms > 60_000 {
        return duration(ms);
    }
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// A duration in one unit, for badges: `12 s`, `3 min`, `2 h`, `41 d`.
pub fn short_duration(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min", s / 60),
        3600..86_400 => format!("{} h", s / 3600),
        _ => format!("{} d", s / 86_400),
    }
}

/// A stopwatch: `0:48`, `12:05`, `1:02:33`.
pub fn elapsed(ms: u64) -> String {
    let s = ms / 1000;
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

/// The clock's difference with its sign: `+0.2 s`, `−3.0 s`, `0.0 s`.
pub fn offset(ms: i64) -> String {
    let tenths = ms.unsigned_abs().saturating_add(50) / 100;
    let sign = match ms.signum() {
        _ if tenths == 0 => "",
        1 => "+",
        _ => "−",
    };
    format!("{sign}{}.{} s", tenths / 10, tenths % 10)
}

/// The age of `at` as seen at `now`, in milliseconds.
pub fn age_ms(at: Timestamp, now: Timestamp) -> u64 {
    now.since(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_never_shown_larger() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (999_999, "999,999"),
            (1_000_000, "1.0 M"),
            (1_299_999, "1.2 M"),
            (2_500_000_000, "2.5 G"),
        ] {
            assert_eq!(count(n), text);
        }
        assert_eq!(exact(1_234_567), "1,234,567");
        assert_eq!(count_or_none(None), "—");
    }

    #[test]
    fn percentages_are_never_rounded_up_to_a_hundred() {
        for (v, text) in [
            (0.0, "0 %"),
            (-1.0, "0 %"),
            (0.02, "< 1 %"),
            (0.99, "< 1 %"),
            (1.4, "1 %"),
            (11.6, "12 %"),
            (99.4, "99 %"),
            (99.95, "99 %"),
            (100.0, "100 %"),
            (f64::NAN, "—"),
        ] {
            assert_eq!(percent(v), text, "{v}");
        }
        for (part, whole, text) in [
            (0, 7, Some("0 %")),
            (1, 1000, Some("< 1 %")),
            (1, 3, Some("33 %")),
            (2, 3, Some("67 %")),
            (1999, 2000, Some("99 %")),
            (7, 7, Some("100 %")),
            (8, 7, Some("100 %")),
            (0, 0, None),
        ] {
            assert_eq!(percent_of(part, whole).as_deref(), text, "{part}/{whole}");
        }
    }

    #[test]
    fn durations_have_two_units_at_most() {
        for (s, long, short) in [
            (0, "0 s", "0 s"),
            (2, "2 s", "2 s"),
            (59, "59 s", "59 s"),
            (60, "1 min", "1 min"),
            (192, "3 min 12 s", "3 min"),
            (3600, "1 h", "1 h"),
            (7800, "2 h 10 min", "2 h"),
            (86_400 + 3600 * 4, "1 d 4 h", "1 d"),
            (86_400 * 41 + 5000, "41 d", "41 d"),
        ] {
            assert_eq!((duration(s * 1000).as_str(), short_duration(s * 1000).as_str()), (long, short));
        }
        assert_eq!(duration(1999), "1 s");
        for (ms, text) in
            [(500, "0.5 s"), (1000, "1 s"), (1500, "1.5 s"), (5000, "5 s"), (90_000, "1 min 30 s")]
        {
            assert_eq!(interval(ms), text);
        }
        assert_eq!(
            (elapsed(48_000), elapsed(725_000), elapsed(3_753_000)),
            ("0:48".into(), "12:05".into(), "1:02:33".into())
        );
    }

    #[test]
    fn ratios_rates_levels_offsets() {
        assert_eq!(ratio(Some(18), Some(22)), "18\u{2009}/\u{2009}22");
        assert_eq!(ratio(None, Some(25)), "—\u{2009}/\u{2009}25");
        assert_eq!(
            (rate(0.0), rate(0.04), rate(3.24), rate(940.4)),
            ("0.0".into(), "< 0.1".into(), "3.2".into(), "940".into())
        );
        assert_eq!(
            (level(42.25), level(180.0), level(f64::NAN)),
            ("42.2%".into(), "100.0%".into(), "0%".into())
        );
        assert_eq!(
            (offset(200), offset(-3010), offset(12), offset(-49)),
            ("+0.2 s".into(), "−3.0 s".into(), "0.0 s".into(), "0.0 s".into())
        );
        assert_eq!(age_ms(Timestamp(1000), Timestamp(3500)), 2500);
    }
}
