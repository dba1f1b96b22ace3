//! A point in time on the wire: RFC 3339 in UTC with milliseconds, epoch milliseconds in memory.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since 1970-01-01T00:00:00Z; on the wire `2026-11-22T10:20:30.123Z` (RFC 3339).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime, example = "2026-11-22T10:20:30.123Z"))]
pub struct Timestamp(pub i64);

const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// How many milliseconds `self` is after `earlier`; 0 where it is before.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// The point `ms` milliseconds before `self`.
    pub fn before(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(i64::try_from(ms).unwrap_or(i64::MAX)))
    }

    /// The point `ms` milliseconds after `self`.
    pub fn later(self, ms: u64) -> Self {
        Self(self.0.saturating_add_unsigned(ms))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, ms) = (self.0.div_euclid(DAY_MS), self.0.rem_euclid(DAY_MS));
        let (y, m, d) = civil_from_days(days);
        let (h, min, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}.{:03}Z", ms % 1000)
    }
}

/// The text is not an RFC 3339 time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an RFC 3339 time such as 2026-11-22T10:20:30.123Z")
    }
}

impl std::error::Error for NotATime {}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Reads RFC 3339 with `Z` or a numeric offset and any number of fraction digits (more than three are cut).
    fn from_str(s: &str) -> Result<Self, NotATime> {
        parse(s).ok_or(NotATime)
    }
}

fn parse(s: &str) -> Option<Timestamp> {
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = s.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let sep = |at: usize, c: &str| s.get(at..at + 1).filter(|x| x.eq_ignore_ascii_case(c)).map(|_| ());
    let (y, m, d) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (h, min, sec) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    sep(4, "-")?;
    sep(7, "-")?;
    sep(10, "t").or_else(|| sep(10, " "))?;
    sep(13, ":")?;
    sep(16, ":")?;
    // 60 is a leap second (RFC 3339 §5.6); it is counted as the second after.
    if !(1..=12).contains(&m) || !(1..=days_in_month(y, m)).contains(&d) || h > 23 || min > 59 || sec > 60 {
        return None;
    }
    let mut rest = s.get(19..)?;
    let mut ms = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let text = fraction.get(..len).filter(|t| !t.is_empty())?;
        ms = format!("{text:0<3}").get(..3)?.parse().ok()?;
        rest = fraction.get(len..)?;
    }
    let offset_min = match rest {
        "Z" | "z" => 0,
        _ => {
            let sign = if rest.starts_with('+') { 1 } else { rest.starts_with('-').then_some(-1)? };
            let (oh, om) = rest.get(1..)?.split_once(':')?;
            let both_two = oh.len() == 2 && om.len() == 2;
            let (oh, om): (i64, i64) = (oh.parse().ok()?, om.parse().ok()?);
            (both_two && (0..24).contains(&oh) && (0..60).contains(&om)).then_some(sign * (oh * 60 + om))?
        }
    };
    let seconds = ((days_from_civil(y, m, d) * 24 + h) * 60 + min - offset_min) * 60 + sec;
    Some(Timestamp(seconds * 1000 + ms))
}

fn days_in_month(y: i64, m: i64) -> i64 {
    match m {
        2 if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the epoch of a proleptic Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + d - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The date of a day since the epoch; the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, doy - (153 * mp + 2) / 5 + 1)
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_the_same_point() {
        for ms in [0, 1, 951_782_400_000, 1_795_343_230_123, -1, -62_135_596_800_000, 4_102_444_799_999] {
            let text = Timestamp(ms).to_string();
            assert_eq!(text.parse(), Ok(Timestamp(ms)), "{text}");
        }
        assert_eq!(Timestamp(1_772_582_400_000).to_string(), "2026-03-04T00:00:00.000Z");
    }

    #[test]
    fn reads_offsets_and_long_fractions() {
        let utc: Timestamp = "2026-03-15T10:20:30.123Z".parse().unwrap();
        assert_eq!("2026-03-15T10:20:30.1234567Z".parse(), Ok(utc));
        assert_eq!("2026-03-15T14:20:30.123+04:00".parse(), Ok(utc));
        assert_eq!("2026-03-15t10:20:30.123z".parse(), Ok(utc));
    }

    #[test]
    fn refuses_what_is_not_a_time() {
        for bad in [
            "",
            "2026",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+4:00",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00é",
        ] {
            assert_eq!(bad.parse::<Timestamp>(), Err(NotATime), "{bad}");
        }
    }
}
