//! Arabic: units, and words that several sentences share.

use common::node::NodeKind;

use super::ar_pages::glossary::{BACKEND, BACKGROUND, PROXY, obl};
use super::strings::Units;

/// One of a kind, without the article.
pub(super) fn kind_one(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Proxy => "بوابة",
        NodeKind::Backend => "عقدة معالجة",
        NodeKind::Background => "عقدة خلفية",
    }
}

/// How many of a kind, after a verb or a preposition.
pub(super) fn kind_count(kind: NodeKind, n: u32) -> String {
    let noun = match kind {
        NodeKind::Proxy => &PROXY,
        NodeKind::Backend => &BACKEND,
        NodeKind::Background => &BACKGROUND,
    };
    obl(n, noun)
}

/// ` في OM-MCT`.
pub(super) fn in_region(region: Option<&str>) -> String {
    region.map(|r| format!(" في {r}")).unwrap_or_default()
}

/// `4:32`, `48 ث`.
pub(super) fn wait(seconds: u64) -> String {
    let figures = super::figures::figures();
    let ms = seconds.saturating_mul(1000);
    if seconds < 60 { figures.duration(ms) } else { figures.elapsed(ms) }
}

/// Units of figures.
pub(super) const UNITS: Units = Units {
    own_digits: true,
    second: "ث",
    minute: "د",
    hour: "س",
    day: "ي",
    million: "مليون",
    billion: "مليار",
    percent: "\u{200e}%\u{200e}",
    below: |figure| format!("\u{2066}< {figure}\u{2069}"),
    technical: |figure, unit| format!("\u{2066}{figure} {unit}\u{2069}"),
    before_sign: "\u{200e}",
};
