//! The status badge: a word, an icon and a shape, never colour alone.

use common::capacity::KindCounts;
use common::status::{RegionStatus, StatusWord};
use leptos::prelude::*;

use super::icon::Icon;
use super::words;
use crate::reactive::{attr, dynamic, memo};

/// How a word looks: the colour family of the badge, and the icon.
pub fn look(word: StatusWord) -> (&'static str, &'static str) {
    match word {
        StatusWord::Offline => ("bad", "octagon-x"),
        StatusWord::Unregistered => ("warn", "ghost"),
        StatusWord::Stale => ("warn", "triangle-alert"),
        StatusWord::Unconfirmed => ("unsure", "circle-help"),
        StatusWord::NeverSeen => ("never", "circle-dashed"),
        StatusWord::Draining => ("move", "arrow-down-to-line"),
        StatusWord::Restarting => ("move", "refresh-cw"),
        StatusWord::Starting => ("move", "loader-circle"),
        StatusWord::Maintenance => ("maint", "wrench"),
        StatusWord::Disabled => ("idle", "circle-slash"),
        StatusWord::Empty => ("never", "circle-dashed"),
        StatusWord::Online => ("ok", "circle-check"),
    }
}

/// The word as it is shown.
pub fn word_text(word: StatusWord) -> &'static str {
    let w = &words().status;
    match word {
        StatusWord::Offline => w.offline,
        StatusWord::Unregistered => w.unregistered,
        StatusWord::Stale => w.stale,
        StatusWord::Unconfirmed => w.unconfirmed,
        StatusWord::NeverSeen => w.never_seen,
        StatusWord::Draining => w.draining,
        StatusWord::Restarting => w.restarting,
        StatusWord::Starting => w.starting,
        StatusWord::Maintenance => w.maintenance,
        StatusWord::Disabled => w.disabled,
        StatusWord::Empty => w.empty,
        StatusWord::Online => w.online,
    }
}

/// The word as URLs and the API spell it.
pub fn word_key(word: StatusWord) -> &'static str {
    match word {
        StatusWord::Offline => "offline",
        StatusWord::Unregistered => "unregistered",
        StatusWord::Stale => "stale",
        StatusWord::Unconfirmed => "unconfirmed",
        StatusWord::NeverSeen => "never_seen",
        StatusWord::Draining => "draining",
        StatusWord::Restarting => "restarting",
        StatusWord::Starting => "starting",
        StatusWord::Maintenance => "maintenance",
        StatusWord::Disabled => "disabled",
        StatusWord::Empty => "empty",
        StatusWord::Online => "online",
    }
}

/// The number in a region's badge: how many nodes are not fine. How many are is among its figures.
pub fn count_beside(status: &RegionStatus) -> String {
    status.count.filter(|_| status.word != StatusWord::Online).map(|n| n.to_string()).unwrap_or_default()
}

/// The badge of a node or region.
#[component]
pub fn StatusBadge(
    /// The word.
    #[prop(into)]
    word: Signal<StatusWord>,
    /// What follows the word after a dot: a count, `4 left`. Empty for nothing.
    #[prop(optional, into)]
    extra: MaybeProp<String>,
    /// The age of the status; the first thing to go where space is short. Empty for nothing.
    #[prop(optional, into)]
    age: MaybeProp<String>,
) -> impl IntoView {
    // Only a change of the word may rebuild the icon: ages tick every second.
    let word = memo(move || word.get());
    let shown = |text: MaybeProp<String>| move || text.get().filter(|t| !t.is_empty());
    let (extra, age) = (shown(extra), shown(age));
    view! {
        <span class=attr(move || format!("st {}", look(word.get()).0)) data-status=attr(move || word_key(word.get()))>
            {dynamic(move || view! { <Icon name=look(word.get()).1 /> })}
            <span>
                {dynamic(move || word_text(word.get()))}
                {dynamic(move || extra().map(|text| format!(" · {text}")))}
                {dynamic(move || age().map(|text| view! { <span class="st-age">" · "{text}</span> }))}
            </span>
        </span>
    }
}

/// A quiet tag beside a status: the kind of a node, `Dev`, a count.
#[component]
pub fn Tag(
    /// Its words.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <span class="st plain">{text}</span> }
}

/// One part of a stacked bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The pattern: a family of [`look`], or `none`.
    pub family: &'static str,
    /// What it stands for.
    pub label: &'static str,
    /// How much; parts of 0 are left out.
    pub amount: u32,
}

/// The parts of the nodes of one kind, healthy first.
pub fn segments(counts: &KindCounts) -> Vec<Segment> {
    let w = &words().status;
    [
        ("ok", w.online, counts.online),
        ("warn", w.stale, counts.stale),
        ("unsure", w.unconfirmed, counts.unconfirmed),
        ("bad", w.offline, counts.offline.saturating_add(counts.left)),
        ("never", w.never_seen, counts.never_seen),
    ]
    .into_iter()
    .filter(|(_, _, amount)| *amount > 0)
    .map(|(family, label, amount)| Segment { family, label, amount })
    .collect()
}

/// `Online 16, Offline 2`: what a bar says to those who do not see it.
pub fn sentence(segments: &[Segment]) -> String {
    let parts: Vec<String> = segments.iter().map(|s| format!("{} {}", s.label, s.amount)).collect();
    parts.join(", ")
}

/// A bar of parts, told apart by pattern as well as colour, with a sentence for screen readers.
#[component]
pub fn StackedBar(
    /// What the bar is about, the beginning of its sentence.
    #[prop(into)]
    label: String,
    /// Its parts.
    #[prop(into)]
    segments: Signal<Vec<Segment>>,
    /// A legend with words below it.
    #[prop(optional)]
    legend: bool,
) -> impl IntoView {
    let spoken = move || format!("{label}: {}", segments.with(|s| sentence(s)));
    view! {
        <div class="bar" role="img" aria-label=spoken>
            {dynamic(move || {
                segments
                    .get()
                    .into_iter()
                    .map(|s| view! { <i class=format!("b-{}", s.family) style:flex-grow=s.amount.to_string()></i> })
                    .collect_view()
            })}
        </div>
        {legend
            .then(|| {
                view! {
                    <ul class="legend">
                        {dynamic(move || {
                            segments
                                .get()
                                .into_iter()
                                .map(|s| {
                                    view! {
                                        <li>
                                            <i class=format!("key b-{}", s.family)></i>
                                            {s.label}
                                            " "
                                            <b class="num">{s.amount}</b>
                                        </li>
                                    }
                                })
                                .collect_view()
                        })}
                    </ul>
                }
            })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_own_icon_or_shape() {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for word in StatusWord::ALL.into_iter().filter(|w| *w != StatusWord::Empty) {
            assert!(!seen.contains(&look(word)), "{word:?} looks like another");
            seen.push(look(word));
            assert_eq!(serde_json::to_value(word).unwrap(), word_key(word));
            assert!(!word_text(word).is_empty());
        }
    }

    #[test]
    fn a_bar_leaves_out_what_is_not_there() {
        let counts = KindCounts { online: 5, registered: 8, offline: 2, left: 1, ..KindCounts::default() };
        assert_eq!(sentence(&segments(&counts)), "Online 5, Offline 3");
        let sum: u32 = segments(&counts).iter().map(|s| s.amount).sum();
        assert_eq!(sum, counts.registered);
    }
}
