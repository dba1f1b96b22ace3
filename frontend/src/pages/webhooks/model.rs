//! What is typed and said of webhooks and their deliveries. Pure; tested on the host.

use common::activity::EventKind;
use common::ids::RegionId;
use common::time::Timestamp;
use common::webhooks::{Delivery, DeliveryState, PutWebhook, Webhook, WebhookEvent, WebhookState};

use crate::components::words;
use crate::i18n::webhooks;
use crate::pages::conflict::Clash;

/// Events that tell of problems.
pub const PROBLEMS: [WebhookEvent; 2] = [WebhookEvent::ProblemOpened, WebhookEvent::ProblemCleared];
/// So many events are named in a list; more are counted.
const NAMED: usize = 3;
/// An attempt that is due within this time, in milliseconds, is waited for.
const SOON_MS: u64 = 15_000;

/// Events of the timeline, in the order in which they are shown.
pub fn lifecycle() -> Vec<WebhookEvent> {
    WebhookEvent::SUBSCRIBABLE.into_iter().filter(|e| !PROBLEMS.contains(e)).collect()
}

/// What an event is called.
pub fn event_text(event: WebhookEvent) -> &'static str {
    let w = webhooks();
    match event {
        WebhookEvent::ProblemOpened => w.opened,
        WebhookEvent::ProblemCleared => w.cleared,
        WebhookEvent::Test => w.test_event,
        lifecycle => EventKind::ALL
            .into_iter()
            .find(|kind| WebhookEvent::of(*kind) == lifecycle)
            .map_or(lifecycle.as_str(), words().activity.kind),
    }
}

/// Events in few words, for a list: three at most, the rest as a number.
pub fn events_text(events: &[WebhookEvent]) -> String {
    let mut names = names(events);
    let rest = names.len().saturating_sub(NAMED);
    if rest > 0 {
        names.truncate(NAMED);
        names.push((webhooks().more)(rest));
    }
    names.join(words().access.comma)
}

/// All events by name.
pub fn all_events_text(events: &[WebhookEvent]) -> String {
    names(events).join(words().access.comma)
}

/// Whole groups by their name.
fn names(events: &[WebhookEvent]) -> Vec<String> {
    let w = webhooks();
    let all = |group: &[WebhookEvent]| group.iter().all(|e| events.contains(e));
    if all(&WebhookEvent::SUBSCRIBABLE) {
        return vec![w.all_events.to_owned()];
    }
    let mut names = Vec::new();
    for (group, name) in [(PROBLEMS.to_vec(), w.problems), (lifecycle(), w.lifecycle)] {
        if all(&group) {
            names.push(name.to_owned());
        } else {
            names.extend(group.iter().filter(|e| events.contains(e)).map(|e| event_text(*e).to_owned()));
        }
    }
    names
}

/// Family and icon of a webhook's badge.
pub fn look(state: WebhookState) -> (&'static str, &'static str) {
    match state {
        WebhookState::Idle => ("never", "circle-dashed"),
        WebhookState::Delivering => ("ok", "circle-check"),
        WebhookState::Failing => ("bad", "triangle-alert"),
        WebhookState::Off => ("idle", "circle-slash"),
        WebhookState::Stopped => ("bad", "octagon-x"),
    }
}

/// The same of a delivery.
pub fn delivery_look(state: DeliveryState) -> (&'static str, &'static str) {
    match state {
        DeliveryState::Waiting => ("move", "clock"),
        DeliveryState::Delivered => ("ok", "circle-check"),
        DeliveryState::Failed => ("bad", "octagon-x"),
    }
}

/// Whether a call leaves in plain text.
pub fn is_plain(url: &str) -> bool {
    let scheme = url.trim().split("://").next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") && url.contains("://")
}

/// Whether something happens to these deliveries within moments, so that the log is looked at more often.
pub fn is_soon(deliveries: &[Delivery], now: Timestamp) -> bool {
    let soon = now.later(SOON_MS);
    deliveries.iter().any(|d| d.state == DeliveryState::Waiting && d.next_at.is_none_or(|at| at <= soon))
}

/// The deliveries on the screen as they are by now, and how many there are that are not on it. Nothing moves.
pub fn follow(shown: &[Delivery], read: &[Delivery]) -> (Vec<Delivery>, usize) {
    let now = |d: &Delivery| read.iter().find(|r| r.id == d.id).unwrap_or(d).clone();
    let unknown = read.iter().take_while(|r| !shown.iter().any(|d| d.id == r.id)).count();
    (shown.iter().map(now).collect(), unknown)
}

/// What stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Name.
    pub name: String,
    /// Address.
    pub url: String,
    /// Events, in the order in which they are shown.
    pub events: Vec<WebhookEvent>,
    /// Regions; `None` for all.
    pub regions: Option<Vec<RegionId>>,
}

impl Typed {
    /// Of a webhook as it is stored.
    pub fn of(webhook: &Webhook) -> Self {
        Self {
            name: webhook.name.clone(),
            url: webhook.url.clone(),
            events: in_order(&webhook.events),
            regions: webhook.region_ids.clone().map(sorted),
        }
    }

    /// As it is sent.
    pub fn put(&self, enabled: bool) -> PutWebhook {
        PutWebhook {
            name: self.name.trim().to_owned(),
            url: self.url.trim().to_owned(),
            events: in_order(&self.events),
            region_ids: self.regions.clone().map(sorted),
            enabled,
        }
    }

    /// Whether sending it would change anything.
    pub fn same(&self, base: &Self) -> bool {
        self.put(true) == base.put(true)
    }

    /// What differs from what somebody else saved.
    pub fn clashes(&self, theirs: &Self) -> Vec<Clash> {
        let w = webhooks();
        // All by name: what differs could be among those that are counted elsewhere.
        let events = |t: &Self| {
            in_order(&t.events).into_iter().map(event_text).collect::<Vec<_>>().join(words().access.comma)
        };
        let regions = |t: &Self| match &t.regions {
            None => words().access.everywhere.to_owned(),
            Some(some) => crate::state::gate::names(&sorted(some.clone())),
        };
        [
            (w.name, theirs.name.clone(), self.name.trim().to_owned()),
            (w.url, theirs.url.clone(), self.url.trim().to_owned()),
            (w.events, events(theirs), events(self)),
            (w.regions, regions(theirs), regions(self)),
        ]
        .into_iter()
        .filter(|(_, theirs, yours)| theirs != yours)
        .map(|(field, theirs, yours)| Clash { field, theirs, yours })
        .collect()
    }
}

fn in_order(events: &[WebhookEvent]) -> Vec<WebhookEvent> {
    WebhookEvent::SUBSCRIBABLE.into_iter().filter(|e| events.contains(e)).collect()
}

fn sorted(mut regions: Vec<RegionId>) -> Vec<RegionId> {
    regions.sort();
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(n: u8, state: DeliveryState, next_at: Option<i64>) -> Delivery {
        Delivery {
            id: format!("00000000-0000-0000-0000-{n:012}").parse().unwrap(),
            webhook_id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            message_id: "m".into(),
            event: WebhookEvent::Boot,
            region_id: None,
            created_at: Timestamp(0),
            state,
            attempts: 0,
            next_at: next_at.map(Timestamp),
            finished_at: None,
            replay_of: None,
            last: None,
        }
    }

    #[test]
    fn events_in_few_words() {
        use WebhookEvent as E;
        assert_eq!(events_text(&E::SUBSCRIBABLE), "All events");
        assert_eq!(events_text(&PROBLEMS), "Problems");
        assert_eq!(
            events_text(&[E::ProblemCleared, E::Boot, E::Liveness]),
            "Problem over, Liveness, New process"
        );
        let most: Vec<E> = E::SUBSCRIBABLE.into_iter().filter(|e| *e != E::Boot).collect();
        assert_eq!(events_text(&most), "Problems, Liveness, Intent, 6 more");
        assert!(all_events_text(&most).ends_with("Drain, Storage, Registry"));
        assert_eq!(lifecycle().len(), 9);
        assert!(E::SUBSCRIBABLE.iter().all(|e| event_text(*e) != e.as_str()), "every event has a word");
    }

    #[test]
    fn plain_text_is_noticed() {
        assert!(is_plain(" HTTP://hooks.example.com/x"));
        assert!(!is_plain("https://hooks.example.com/x") && !is_plain("http") && !is_plain(""));
    }

    #[test]
    fn what_is_due_is_waited_for() {
        use DeliveryState as S;
        let now = Timestamp(1_000_000);
        assert!(is_soon(&[delivery(1, S::Waiting, Some(1_010_000))], now));
        assert!(is_soon(&[delivery(1, S::Waiting, Some(900_000))], now));
        assert!(!is_soon(&[delivery(1, S::Waiting, Some(1_060_000)), delivery(2, S::Failed, None)], now));
    }

    #[test]
    fn the_log_is_followed_without_moving() {
        use DeliveryState as S;
        let shown = [delivery(2, S::Waiting, Some(0)), delivery(1, S::Waiting, Some(0))];
        let read = [delivery(3, S::Waiting, Some(0)), delivery(2, S::Delivered, None)];
        let (now, fresh) = follow(&shown, &read);
        assert_eq!(now.iter().map(|d| d.state).collect::<Vec<_>>(), [S::Delivered, S::Waiting]);
        assert_eq!(fresh, 1);
        assert_eq!(follow(&[], &read).1, 2);
    }

    #[test]
    fn the_form_follows_what_is_stored() {
        let base = Typed {
            name: "On call".into(),
            url: "https://a.example/x".into(),
            events: vec![WebhookEvent::Boot, WebhookEvent::ProblemOpened],
            regions: Some(vec!["OM-MCT".into(), "DE-FRA".into()]),
        };
        let other = Typed {
            name: " On call ".into(),
            events: vec![WebhookEvent::ProblemOpened, WebhookEvent::Boot],
            regions: Some(vec!["DE-FRA".into(), "OM-MCT".into()]),
            ..base.clone()
        };
        assert!(other.same(&base));
        assert_eq!(base.put(false).events, [WebhookEvent::ProblemOpened, WebhookEvent::Boot]);
        assert!(!base.put(false).enabled);
        let mine = Typed { regions: None, url: "https://b.example/x".into(), ..base.clone() };
        let found = mine.clashes(&base);
        assert_eq!(found.iter().map(|c| c.field).collect::<Vec<_>>(), ["Address", "Regions"]);
        assert_eq!(found[1].theirs, "DE-FRA, OM-MCT");
    }
}
