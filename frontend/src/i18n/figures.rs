//! Numbers, ratios and durations as text, in the units and digits of a language. Pure, so that the rules of the screen
//! are tested on the host.
//!
//! No data is [`NONE`], never 0; a percentage is never rounded up to 100; a duration has at most two units.

use super::strings::Units;
use crate::state::prefs::{self, Digits};

/// Shown where nothing is known.
pub const NONE: &str = "—";

/// Keeps a sign of Latin writing on its side of a Latin figure (U+200E); Arabic figures have theirs on the other one.
const LEFT_TO_RIGHT: char = '\u{200e}';

/// How figures are written.
#[derive(Clone, Copy)]
pub struct Figures {
    /// The units.
    pub units: &'static Units,
    /// Latin figures, or those the language calls its own.
    pub digits: Digits,
}

/// Figures of the page. Inside a view or a memo it is made again when other digits are chosen.
pub fn figures() -> Figures {
    let units = &super::current().units;
    // English has no digits but the Latin ones.
    Figures { units, digits: if units.own_digits { prefs::digits() } else { Digits::Latin } }
}

impl Figures {
    /// A count with grouped digits: `1,284`; from a million on compact: `1.2 M`.
    pub fn count(self, n: u64) -> String {
        if n < 1_000_000 {
            return self.exact(n);
        }
        let (unit, name) = if n < 1_000_000_000 {
            (1_000_000, self.units.million)
        } else {
            (1_000_000_000, self.units.billion)
        };
        // One digit after the point, cut: a figure is never shown larger than it is.
        let figure = format!("{}.{}", grouped(n / unit), n % unit * 10 / unit);
        format!("{} {name}", self.written(figure))
    }

    /// A count with grouped digits, whatever its size.
    pub fn exact(self, n: u64) -> String {
        self.written(grouped(n))
    }

    /// A count or [`NONE`].
    pub fn count_or_none(self, n: Option<u64>) -> String {
        n.map_or_else(|| NONE.to_owned(), |n| self.count(n))
    }

    /// `18 / 22` with thin spaces; a missing part is [`NONE`].
    pub fn ratio(self, part: Option<u64>, whole: Option<u64>) -> String {
        format!("{}\u{2009}/\u{2009}{}", self.count_or_none(part), self.count_or_none(whole))
    }

    /// A percentage as reported: `12 %`, `< 1 %` for what is more than nothing, 99 % up to the last tenth below 100.
    pub fn percent(self, value: f64) -> String {
        match value {
            v if !v.is_finite() => NONE.to_owned(),
            v if v <= 0.0 => self.percentage("0"),
            v if v < 1.0 => (self.units.below)(&self.percentage("1")),
            v if v < 100.0 => self.percentage(&format!("{:.0}", v.round().min(99.0))),
            _ => self.percentage("100"),
        }
    }

    /// `part` of `whole` as a percentage by the rule of [`Self::percent`]; `None` where there is no whole.
    pub fn percent_of(self, part: u64, whole: u64) -> Option<String> {
        let hundredfold = part.checked_mul(100)?;
        let p = hundredfold.checked_div(whole)?;
        Some(match p {
            0 if part > 0 => (self.units.below)(&self.percentage("1")),
            p if part < whole => {
                self.percentage(&((hundredfold + whole / 2) / whole).clamp(p, 99).to_string())
            }
            p => self.percentage(&p.min(100).to_string()),
        })
    }

    /// A rate in megabits a second without its unit, with one digit after the point below 100.
    pub fn rate(self, mbps: f64) -> String {
        match mbps {
            v if !v.is_finite() || v < 0.0 => NONE.to_owned(),
            v if v > 0.0 && v < 0.1 => (self.units.below)(&self.written("0.1".to_owned())),
            v if v < 100.0 => self.written(format!("{v:.1}")),
            v => self.written(format!("{v:.0}")),
        }
    }

    /// A rate in megabits a second with its unit: `3.2 Mb/s`.
    pub fn mbps(self, mbps: f64) -> String {
        if mbps.is_finite() && mbps >= 0.0 {
            (self.units.technical)(&self.rate(mbps), "Mb/s")
        } else {
            NONE.to_owned()
        }
    }

    /// An amount of memory or storage: `512 MiB`, `1.2 GiB`, cut.
    pub fn bytes(self, bytes: u64) -> String {
        let mib = bytes / (1024 * 1024);
        let (figure, unit) = match bytes {
            0..1024 => (bytes.to_string(), "B"),
            1024..1_048_576 => ((bytes / 1024).to_string(), "KiB"),
            _ if mib < 1024 => (mib.to_string(), "MiB"),
            _ => (format!("{}.{}", grouped(mib / 1024), mib % 1024 * 10 / 1024), "GiB"),
        };
        (self.units.technical)(&self.written(figure), unit)
    }

    /// A short time as it was measured: `48 ms`.
    pub fn millis(self, ms: u64) -> String {
        (self.units.technical)(&self.exact(ms), "ms")
    }

    /// A duration in at most two units: `2 s`, `3 min 12 s`, `2 h 10 min`, `3 d 4 h`, `41 d`.
    pub fn duration(self, ms: u64) -> String {
        let Units { second, minute, hour, day, .. } = *self.units;
        let s = ms / 1000;
        let two = |big: u64, unit: &str, small: u64, sub: &str| match small {
            0 => self.of(big, unit),
            n => format!("{} {}", self.of(big, unit), self.of(n, sub)),
        };
        match s {
            0..60 => self.of(s, second),
            60..3600 => two(s / 60, minute, s % 60, second),
            3600..86_400 => two(s / 3600, hour, s % 3600 / 60, minute),
            86_400..864_000 => two(s / 86_400, day, s % 86_400 / 3600, hour),
            _ => self.of(s / 86_400, day),
        }
    }

    /// How often something comes: as a duration, and below a minute with a digit after the point: `0.5 s`.
    pub fn interval(self, ms: u64) -> String {
        if ms.is_multiple_of(1000) || ms > 60_000 {
            return self.duration(ms);
        }
        let figure = self.written(format!("{}.{}", ms / 1000, ms % 1000 / 100));
        format!("{figure} {}", self.units.second)
    }

    /// A duration in one unit, for badges: `12 s`, `3 min`, `2 h`, `41 d`.
    pub fn short_duration(self, ms: u64) -> String {
        let s = ms / 1000;
        match s {
            0..60 => self.of(s, self.units.second),
            60..3600 => self.of(s / 60, self.units.minute),
            3600..86_400 => self.of(s / 3600, self.units.hour),
            _ => self.of(s / 86_400, self.units.day),
        }
    }

    /// A stopwatch: `0:48`, `12:05`, `1:02:33`.
    pub fn elapsed(self, ms: u64) -> String {
        let s = ms / 1000;
        self.written(match s / 3600 {
            0 => format!("{}:{:02}", s / 60, s % 60),
            h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
        })
    }

    /// The clock's difference with its sign: `+0.2 s`, `−3.0 s`, `0.0 s`.
    pub fn offset(self, ms: i64) -> String {
        let tenths = ms.unsigned_abs().saturating_add(50) / 100;
        let sign = match ms.signum() {
            _ if tenths == 0 => "",
            1 => "+",
            _ => "−",
        };
        let figure = self.written(format!("{}.{}", tenths / 10, tenths % 10));
        format!("{}{sign}{figure} {}", self.units.before_sign, self.units.second)
    }

    fn of(self, n: u64, unit: &str) -> String {
        format!("{} {unit}", self.written(n.to_string()))
    }

    fn percentage(self, figure: &str) -> String {
        self.written(format!("{figure}{}", self.units.percent))
    }

    /// Figures as they were put together, in the digits of the page.
    pub fn written(self, latin: String) -> String {
        match self.digits {
            Digits::Latin => latin,
            Digits::Arabic => latin.chars().filter(|c| *c != LEFT_TO_RIGHT).map(arabic).collect(),
        }
    }
}

/// The Arabic counterpart of a character of a figure.
fn arabic(c: char) -> char {
    match c {
        '0' => '٠',
        '1' => '١',
        '2' => '٢',
        '3' => '٣',
        '4' => '٤',
        '5' => '٥',
        '6' => '٦',
        '7' => '٧',
        '8' => '٨',
        '9' => '٩',
        ',' => '٬',
        '.' => '٫',
        '%' => '٪',
        other => other,
    }
}

fn grouped(n: u64) -> String {
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

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
