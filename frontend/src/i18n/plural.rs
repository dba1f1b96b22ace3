//! Which form of a word a count takes, by the rules of the Unicode CLDR. Pure; `Intl.PluralRules` of the browser is
//! only in the tests, which compare with it.
//!
//! A sentence with a count is written once for each form, with `#` where the figure stands:
//! `plural::en(n, ["# node", "# nodes"])`, `plural::ar(n, [zero, one, two, few, many, other])`.

use super::figures::figures;

/// The cardinal categories; English has two of them, Arabic all six.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plural {
    /// Arabic: 0.
    Zero,
    /// 1.
    One,
    /// Arabic: 2.
    Two,
    /// Arabic: 3–10, and all that end in 03–10.
    Few,
    /// Arabic: 11–99, and all that end in 11–99.
    Many,
    /// Everything else.
    Other,
}

/// The English category of a count.
pub fn english(n: u64) -> Plural {
    if n == 1 { Plural::One } else { Plural::Other }
}

/// The Arabic category of a count.
pub fn arabic(n: u64) -> Plural {
    match (n, n % 100) {
        (0, _) => Plural::Zero,
        (1, _) => Plural::One,
        (2, _) => Plural::Two,
        (_, 3..=10) => Plural::Few,
        (_, 11..=99) => Plural::Many,
        _ => Plural::Other,
    }
}

/// What is counted: sentences are given counts of several widths.
pub trait Count: Copy {
    /// The same number.
    fn n(self) -> u64;
}

impl Count for u64 {
    fn n(self) -> u64 {
        self
    }
}

impl Count for u32 {
    fn n(self) -> u64 {
        u64::from(self)
    }
}

impl Count for usize {
    fn n(self) -> u64 {
        // A count of things in memory always fits.
        u64::try_from(self).unwrap_or(u64::MAX)
    }
}

/// An English sentence: for one, and for any other number.
pub fn en(n: impl Count, [one, other]: [&str; 2]) -> String {
    fill(if english(n.n()) == Plural::One { one } else { other }, n.n())
}

/// An Arabic sentence: for 0, 1, 2, 3–10, 11–99, and the rest.
pub fn ar(n: impl Count, [zero, one, two, few, many, other]: [&str; 6]) -> String {
    let form = match arabic(n.n()) {
        Plural::Zero => zero,
        Plural::One => one,
        Plural::Two => two,
        Plural::Few => few,
        Plural::Many => many,
        Plural::Other => other,
    };
    fill(form, n.n())
}

/// The figure of a sentence, grouped and in the digits of the page.
pub fn num(n: impl Count) -> String {
    figures().exact(n.n())
}

fn fill(form: &str, n: u64) -> String {
    if form.contains('#') { form.replace('#', &num(n)) } else { form.to_owned() }
}

#[cfg(test)]
#[path = "plural_tests.rs"]
mod tests;
