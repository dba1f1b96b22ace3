//! What a node was, from its events: the strip of its status, and its last outage. Pure; tested on the host.

use common::activity::{EventKind, TimelineEvent};
use common::status::StatusWord;
use common::time::Timestamp;

/// What the strip is made of at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes {
    /// As the timeline spells it.
    pub liveness: String,
    /// What counts for the node: `active`, `maintenance`, `disabled`.
    pub intent: String,
    /// It reported that nothing is left.
    pub drained: bool,
}

impl Axes {
    /// The status; the same precedence as everywhere.
    pub fn word(&self) -> StatusWord {
        match (self.liveness.as_str(), self.intent.as_str()) {
            ("never_seen", _) => StatusWord::NeverSeen,
            ("unconfirmed", _) => StatusWord::Unconfirmed,
            ("offline" | "left", "disabled") => StatusWord::Disabled,
            ("offline" | "left", _) => StatusWord::Offline,
            ("stale", _) => StatusWord::Stale,
            (_, "active") => StatusWord::Online,
            _ if !self.drained => StatusWord::Draining,
            (_, "disabled") => StatusWord::Disabled,
            _ => StatusWord::Maintenance,
        }
    }

    fn take(&mut self, event: &TimelineEvent) {
        let to = event.to.clone().unwrap_or_default();
        match event.kind {
            EventKind::Liveness => self.liveness = to,
            EventKind::Intent => {
                self.intent = to;
                self.drained = false;
            }
            EventKind::Drain => self.drained = to == "drained",
            _ => {}
        }
    }

    /// As it was at a time: what the last event of each kind before it made of it, in any order. `intent` is what counts
    /// for a node of which no intent is noted. `None` where no event of its liveness is kept.
    pub fn at(last: &[TimelineEvent], intent: &str) -> Option<Self> {
        let given = intent;
        let to = |kind| last.iter().find(|e| e.kind == kind);
        let intent = to(EventKind::Intent);
        // A drain ends with the intent it began with.
        let drained = to(EventKind::Drain)
            .filter(|d| intent.is_none_or(|i| d.at >= i.at))
            .is_some_and(|d| d.to.as_deref() == Some("drained"));
        Some(Self {
            liveness: to(EventKind::Liveness)?.to.clone()?,
            intent: intent.and_then(|e| e.to.clone()).unwrap_or_else(|| given.to_owned()),
            drained,
        })
    }

    /// As it is after all of these, newest first.
    pub fn after(mut self, events: &[TimelineEvent]) -> Self {
        for event in events.iter().rev() {
            self.take(event);
        }
        self
    }

    /// As it was before all of these, oldest first, where it is `self` now.
    fn before(mut self, events: &[&TimelineEvent]) -> Self {
        let first = |kind| events.iter().find(|e| e.kind == kind).and_then(|e| e.from.clone());
        if let Some(was) = first(EventKind::Liveness) {
            self.liveness = was;
        }
        if let Some(was) = first(EventKind::Intent) {
            self.intent = was;
        }
        if let Some(was) = first(EventKind::Drain) {
            self.drained = was == "drained";
        }
        self
    }
}

/// A stretch of one status; `None` before the node was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// What it was.
    pub word: Option<StatusWord>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// The strip from `from` to `to`, oldest first. `events` are newest first; after the newest the node is `now`.
pub fn strip(
    events: &[TimelineEvent],
    from: Timestamp,
    to: Timestamp,
    registered: Timestamp,
    now: Axes,
) -> Vec<Stretch> {
    let oldest_first: Vec<&TimelineEvent> = events.iter().rev().collect();
    let mut axes = now.before(&oldest_first);
    let mut out: Vec<Stretch> = Vec::new();
    let mut at = from;
    let mut lengthen = |word, end: Timestamp| {
        if end > at {
            match out.last_mut().filter(|s| s.word == word) {
                Some(last) => last.to = end,
                None => out.push(Stretch { word, from: at, to: end }),
            }
            at = end;
        }
    };
    lengthen(None, registered.min(to));
    for event in oldest_first {
        lengthen(Some(axes.word()), event.at.min(to));
        axes.take(event);
    }
    lengthen(Some(axes.word()), to);
    out
}

/// How long it was what, in the order of the first time.
pub fn sums(strip: &[Stretch]) -> Vec<(Option<StatusWord>, u64)> {
    let mut all: Vec<(Option<StatusWord>, u64)> = Vec::new();
    for s in strip {
        let ms = s.to.since(s.from);
        match all.iter_mut().find(|(word, _)| *word == s.word) {
            Some((_, sum)) => *sum = sum.saturating_add(ms),
            None => all.push((s.word, ms)),
        }
    }
    all
}

/// A time in which no heartbeat came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// The last sign before it.
    pub from: Timestamp,
    /// When it was live again; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// It began with a goodbye.
    pub goodbye: bool,
    /// Another process came back.
    pub restarted: bool,
}

/// The newest outage of what happened; `events` are newest first.
pub fn last_outage(events: &[TimelineEvent]) -> Option<Outage> {
    let moves = || events.iter().filter(|e| e.kind == EventKind::Liveness);
    let gone = |e: &&TimelineEvent| matches!(e.to.as_deref(), Some("offline" | "left"));
    let end = moves().find(gone)?;
    let back = moves().take_while(|e| e.id != end.id).filter(|e| e.to.as_deref() == Some("live")).last();
    // It was late before it was offline: the time begins there.
    let start = moves()
        .skip_while(|e| e.id != end.id)
        .take_while(|e| e.to.as_deref() != Some("live"))
        .last()
        .unwrap_or(end);
    let goodbye = moves()
        .skip_while(|e| e.id != end.id)
        .take_while(|e| e.to.as_deref() != Some("live"))
        .any(|e| e.to.as_deref() == Some("left"));
    let until = back.map(|e| e.at.later(5_000));
    let restarted = events
        .iter()
        .any(|e| e.kind == EventKind::Boot && e.at >= start.at && until.is_some_and(|until| e.at <= until));
    Some(Outage { from: start.at, to: back.map(|e| e.at), goodbye, restarted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::test_events::event;

    #[test]
    fn a_moment_is_what_the_last_events_made_of_it() {
        let online = event(10, EventKind::Liveness, "never_seen", "live");
        assert_eq!(Axes::at(&[], "active"), None, "nothing is kept");
        let word = |last: &[TimelineEvent]| Axes::at(last, "active").map(|axes| axes.word());
        assert_eq!(word(std::slice::from_ref(&online)), Some(StatusWord::Online));
        let maintenance = event(20, EventKind::Intent, "active", "maintenance");
        assert_eq!(word(&[online.clone(), maintenance.clone()]), Some(StatusWord::Draining));
        let drained = event(30, EventKind::Drain, "draining", "drained");
        assert_eq!(
            word(&[online.clone(), maintenance.clone(), drained.clone()]),
            Some(StatusWord::Maintenance)
        );
        let again = event(40, EventKind::Intent, "active", "maintenance");
        assert_eq!(
            word(&[online.clone(), again, drained]),
            Some(StatusWord::Draining),
            "an older drain is another one's"
        );
        assert_eq!(
            Axes::at(&[online], "maintenance").map(|a| a.after(&[maintenance]).intent),
            Some("maintenance".to_owned())
        );
    }

    fn live() -> Axes {
        Axes { liveness: "live".into(), intent: "active".into(), drained: false }
    }

    fn shown(strip: &[Stretch]) -> Vec<(Option<StatusWord>, i64, i64)> {
        strip.iter().map(|s| (s.word, s.from.0, s.to.0)).collect()
    }

    #[test]
    fn a_strip_covers_its_whole_time() {
        let (from, to) = (Timestamp(0), Timestamp(100));
        assert_eq!(shown(&strip(&[], from, to, from, live())), [(Some(StatusWord::Online), 0, 100)]);
        let events = [
            event(90, EventKind::Drain, "draining", "drained"),
            event(70, EventKind::Intent, "active", "maintenance"),
            event(60, EventKind::Liveness, "offline", "live"),
            event(50, EventKind::Liveness, "stale", "offline"),
            event(40, EventKind::Liveness, "live", "stale"),
        ];
        let now = Axes { intent: "maintenance".into(), drained: true, ..live() };
        assert_eq!(
            shown(&strip(&events, from, to, Timestamp(10), now)),
            [
                (None, 0, 10),
                (Some(StatusWord::Online), 10, 40),
                (Some(StatusWord::Stale), 40, 50),
                (Some(StatusWord::Offline), 50, 60),
                (Some(StatusWord::Online), 60, 70),
                (Some(StatusWord::Draining), 70, 90),
                (Some(StatusWord::Maintenance), 90, 100),
            ]
        );
        // What happened before its time counts for how it begins.
        let early = [event(-50, EventKind::Liveness, "live", "offline")];
        let now = Axes { liveness: "offline".into(), ..live() };
        assert_eq!(
            shown(&strip(&early, from, to, Timestamp(-90), now)),
            [(Some(StatusWord::Offline), 0, 100)]
        );
    }

    #[test]
    fn sums_are_by_status() {
        let s = |word, from, to| Stretch { word: Some(word), from: Timestamp(from), to: Timestamp(to) };
        let all = [s(StatusWord::Online, 0, 10), s(StatusWord::Stale, 10, 15), s(StatusWord::Online, 15, 50)];
        assert_eq!(sums(&all), [(Some(StatusWord::Online), 45), (Some(StatusWord::Stale), 5)]);
    }

    #[test]
    fn the_last_outage_and_what_is_known_of_it() {
        assert_eq!(last_outage(&[event(1, EventKind::Liveness, "live", "stale")]), None);
        let over = [
            event(99_000, EventKind::Liveness, "live", "stale"),
            event(60_000, EventKind::Boot, "a", "b"),
            event(60_001, EventKind::Liveness, "offline", "live"),
            event(30_000, EventKind::Liveness, "stale", "offline"),
            event(15_000, EventKind::Liveness, "live", "stale"),
        ];
        let outage = last_outage(&over).unwrap();
        assert_eq!(
            outage,
            Outage { from: Timestamp(15_000), to: Some(Timestamp(60_001)), goodbye: false, restarted: true }
        );
        let lasting = [
            event(30_000, EventKind::Liveness, "live", "left"),
            event(20_000, EventKind::Liveness, "offline", "live"),
            event(10_000, EventKind::Liveness, "live", "offline"),
        ];
        let outage = last_outage(&lasting).unwrap();
        assert_eq!((outage.from, outage.to, outage.goodbye), (Timestamp(30_000), None, true));
    }
}
