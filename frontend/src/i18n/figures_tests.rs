//! The rules of the screen, in English and in Arabic.

use super::*;
use crate::i18n::{ar_words, en};

const EN: Figures = Figures { units: &en::UNITS, digits: Digits::Latin };
const AR: Figures = Figures { units: &ar_words::UNITS, digits: Digits::Latin };
const OWN: Figures = Figures { units: &ar_words::UNITS, digits: Digits::Arabic };

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
        assert_eq!(EN.count(n), text);
    }
    assert_eq!(EN.exact(1_234_567), "1,234,567");
    assert_eq!(EN.count_or_none(None), "—");
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
        assert_eq!(EN.percent(v), text, "{v}");
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
        assert_eq!(EN.percent_of(part, whole).as_deref(), text, "{part}/{whole}");
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
        assert_eq!((EN.duration(s * 1000).as_str(), EN.short_duration(s * 1000).as_str()), (long, short));
    }
    assert_eq!(EN.duration(1999), "1 s");
    for (ms, text) in [(500, "0.5 s"), (1000, "1 s"), (1500, "1.5 s"), (5000, "5 s"), (90_000, "1 min 30 s")]
    {
        assert_eq!(EN.interval(ms), text);
    }
    assert_eq!(
        (EN.elapsed(48_000), EN.elapsed(725_000), EN.elapsed(3_753_000)),
        ("0:48".into(), "12:05".into(), "1:02:33".into())
    );
}

#[test]
fn ratios_rates_offsets() {
    assert_eq!(EN.ratio(Some(18), Some(22)), "18\u{2009}/\u{2009}22");
    assert_eq!(EN.ratio(None, Some(25)), "—\u{2009}/\u{2009}25");
    assert_eq!(
        (EN.rate(0.0), EN.rate(0.04), EN.rate(3.24), EN.rate(940.4)),
        ("0.0".into(), "< 0.1".into(), "3.2".into(), "940".into())
    );
    assert_eq!(
        (EN.offset(200), EN.offset(-3010), EN.offset(12), EN.offset(-49)),
        ("+0.2 s".into(), "−3.0 s".into(), "0.0 s".into(), "0.0 s".into())
    );
}

#[test]
fn bytes_and_rates_have_their_unit() {
    const MIB: u64 = 1024 * 1024;
    for (bytes, text) in [
        (0, "0 B"),
        (2048, "2 KiB"),
        (120 * MIB, "120 MiB"),
        (1280 * MIB, "1.2 GiB"),
        (2000 * 1024 * MIB, "2,000.0 GiB"),
    ] {
        assert_eq!(EN.bytes(bytes), text);
    }
    assert_eq!((EN.mbps(3.24), EN.mbps(f64::NAN)), ("3.2 Mb/s".into(), "—".into()));
    // Kept in one piece, left to right, wherever it stands.
    assert_eq!(AR.mbps(940.4), "\u{2066}940 Mb/s\u{2069}");
}

#[test]
fn arabic_has_its_own_units_and_either_digits() {
    for (latin, own, text) in [
        (AR.count(1284), OWN.count(1284), ("1,284", "١٬٢٨٤")),
        (AR.count(1_299_999), OWN.count(1_299_999), ("1.2 مليون", "١٫٢ مليون")),
        (AR.percent(12.0), OWN.percent(12.0), ("12\u{200e}%\u{200e}", "١٢٪")),
        (AR.percent(0.2), OWN.percent(0.2), ("\u{2066}< 1\u{200e}%\u{200e}\u{2069}", "\u{2066}< ١٪\u{2069}")),
        (AR.duration(192_000), OWN.duration(192_000), ("3 د 12 ث", "٣ د ١٢ ث")),
        (AR.elapsed(725_000), OWN.elapsed(725_000), ("12:05", "١٢:٠٥")),
        (AR.offset(-3010), OWN.offset(-3010), ("\u{200e}−3.0 ث", "\u{200e}−٣٫٠ ث")),
        (AR.count_or_none(None), OWN.count_or_none(None), ("—", "—")),
    ] {
        assert_eq!((latin.as_str(), own.as_str()), text);
    }
}
