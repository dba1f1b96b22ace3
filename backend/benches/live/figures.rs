//! Medians, quantiles and how figures are written.

use std::time::Duration;

use crate::Done;

/// How often and for how long a benchmark measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds {
    /// Rounds on each side.
    pub(crate) count: u32,
    /// Length of one.
    pub(crate) length: Duration,
}

/// Reads `heartbeat [rounds [seconds]]`; five rounds of five seconds where nothing is said.
///
/// # Errors
/// Where a word is not a number of at least one.
pub(crate) fn rounds(words: &[String]) -> Done<Rounds> {
    let number = |at: usize, usual: u32| match words.get(at) {
        None => Ok(usual),
        Some(word) => word
            .parse()
            .ok()
            .filter(|n| *n > 0)
            .ok_or_else(|| format!("`{word}` is not a number of at least one")),
    };
    Ok(Rounds { count: number(1, 5)?, length: Duration::from_secs(u64::from(number(2, 5)?)) })
}

/// The middle one; of an even number of values the upper of the two. Zero where there are none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The latency that `per_mille` of all do not exceed, in milliseconds, by nearest rank; the values are sorted.
pub(crate) fn quantile_ms(sorted_nanos: &[u32], per_mille: usize) -> f64 {
    let rank = (sorted_nanos.len() * per_mille).div_ceil(1000).max(1);
    f64::from(sorted_nanos.get(rank - 1).copied().unwrap_or_default()) / 1e6
}

/// A count as a number to reckon with; a benchmark never comes near the bound.
pub(crate) fn real(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// `12,345`.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
