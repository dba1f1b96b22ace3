//! What dialogs reckon with, without a browser: subjects, phrases to type, requests. Tested on the host.

use common::capacity::KindCounts;
use common::ids::RegionId;
use common::intent::{EffectCode, EffectLevel, OnDeadline, PreconditionCode, Preview, SetIntent};
use common::node::{Node, NodeKind};
use common::overview::RegionSummary;
use common::region::Region;
use common::status::{Intent, IntentState, Liveness, StatusWord};
use common::time::Timestamp;
use leptos::prelude::Memo;

use crate::api::Object;
use crate::components::words;
use crate::i18n::en_pages::lifecycle::Noun;
use crate::routes;

/// What an operator does to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// No new work, stays.
    Maintenance,
    /// Out of service for good.
    Disable,
    /// Back in service after a disable.
    Enable,
    /// The process ends once.
    Shutdown,
    /// The registration goes.
    Delete,
}

impl Action {
    /// The intent it sets, of those that set one.
    pub fn state(self) -> Option<IntentState> {
        match self {
            Self::Maintenance => Some(IntentState::Maintenance),
            Self::Disable => Some(IntentState::Disabled),
            Self::Enable => Some(IntentState::Active),
            Self::Shutdown | Self::Delete => None,
        }
    }
}

/// What is acted on, as the page shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Which.
    pub object: Object,
    /// As sentences name it.
    pub name: String,
    /// The region of a node.
    pub region: Option<RegionId>,
    /// Its own intent.
    pub intent: Intent,
    /// What a change is based on.
    pub version: i64,
    /// Whether somebody would hear a signal; `None` where that is not known here.
    pub live: Option<bool>,
    /// Whether a delete has a chance; `None` where its dialog tells.
    pub may_go: Option<bool>,
    /// It is the background node: there is one of it, and that is what is typed.
    pub background: bool,
}

/// Titles of the jobs that run on the background node, for the dialogs of its page.
#[derive(Clone, Copy)]
pub struct RunningJobs(pub Memo<Vec<String>>);

/// Whether a node may be deleted, as far as a list knows: disabled, by itself or through its region, and silent.
pub fn node_may_go(node: &Node) -> bool {
    let disabled =
        node.intent.state == IntentState::Disabled || node.live.status.word == StatusWord::Disabled;
    disabled && node.live.liveness != Liveness::Live
}

/// Whether a region may be deleted: disabled, and without nodes.
pub fn region_may_go(region: &RegionSummary) -> bool {
    let nodes = |k: &KindCounts| k.registered.saturating_add(k.disabled);
    let capacity = &region.capacity;
    region.status.word == StatusWord::Disabled && nodes(&capacity.backend) == 0 && nodes(&capacity.proxy) == 0
}

/// Where a precondition of a delete is put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// By the dialog that disables it.
    Disable,
    /// On this page.
    Page(String),
}

/// Where what stands against deleting an object is put right.
pub fn cure(code: PreconditionCode, object: &Object) -> Cure {
    let page = match object {
        Object::Node(id) => routes::node(*id),
        Object::Region(id) => routes::region(id),
        Object::Platform => routes::MAINTENANCE.to_owned(),
    };
    match (code, object) {
        (PreconditionCode::Disabled, _) => Cure::Disable,
        (PreconditionCode::Judgeable, _) => Cure::Page(routes::DASHBOARD.to_owned()),
        (PreconditionCode::NoNodes, Object::Region(id)) => Cure::Page(routes::region_nodes(id)),
        _ => Cure::Page(page),
    }
}

impl Subject {
    /// Of a node.
    pub fn node(node: &Node) -> Self {
        Self {
            object: Object::Node(node.id()),
            name: node.name(),
            region: node.region_id.clone(),
            intent: node.intent.clone(),
            version: node.version,
            live: Some(node.live.liveness == Liveness::Live),
            may_go: Some(node_may_go(node)),
            background: node.kind == NodeKind::Background,
        }
    }

    /// Of a region.
    pub fn region(region: &Region) -> Self {
        Self {
            object: Object::Region(region.id.clone()),
            name: region.id.to_string(),
            region: None,
            intent: region.intent.clone(),
            version: region.version,
            // A disabled node that still beats hears the signal too and is in no count.
            live: None,
            may_go: None,
            background: false,
        }
    }

    /// Of the platform.
    pub fn platform(platform: &common::intent::Platform) -> Self {
        Self {
            object: Object::Platform,
            name: words().platform.name.to_owned(),
            region: None,
            intent: platform.intent.clone(),
            version: platform.version,
            live: None,
            may_go: None,
            background: false,
        }
    }

    /// The region that a change of it is in; `None` for what concerns all of them.
    pub fn place(&self) -> Option<RegionId> {
        match &self.object {
            Object::Region(id) => Some(id.clone()),
            Object::Node(_) => self.region.clone(),
            Object::Platform => None,
        }
    }

    /// What kind of thing it is, for sentences.
    pub fn noun(&self) -> Noun {
        match self.object {
            Object::Node(_) => Noun::Node,
            Object::Region(_) => Noun::Region,
            Object::Platform => Noun::Platform,
        }
    }

    /// What has to be typed: nothing where it is undone easily, the name where it is not, and the region's where its
    /// last live node of a kind goes.
    pub fn phrase(&self, action: Action, last_live: bool) -> Option<String> {
        let name = match self.object {
            Object::Platform => words().platform.phrase.to_owned(),
            Object::Node(_) if self.background => words().lifecycle.background_phrase.to_owned(),
            _ => self.name.clone(),
        };
        match (action, &self.object, &self.region) {
            (Action::Enable, ..) => None,
            (Action::Delete, ..) => Some(name),
            (_, Object::Node(_), Some(region)) if last_live => Some(region.to_string()),
            (Action::Maintenance, Object::Node(_), _) => None,
            _ => Some(name),
        }
    }
}

/// The words of a state.
pub fn state_text(state: IntentState) -> &'static str {
    match state {
        IntentState::Active => words().lifecycle.active,
        IntentState::Maintenance => words().status.maintenance,
        IntentState::Disabled => words().status.disabled,
    }
}

/// What is filled in for an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// What is wanted.
    pub state: IntentState,
    /// For operators.
    pub private: String,
    /// For users.
    pub public: String,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// Minutes until the deadline; empty for none.
    pub minutes: String,
    /// Calls are ended then.
    pub force: bool,
}

impl Filled {
    /// The request; a deadline counts from `now`.
    pub fn wish(&self, now: Timestamp) -> SetIntent {
        let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
        let quiet = self.state != IntentState::Active;
        let minutes: Option<u64> = self.minutes.parse().ok().filter(|_| quiet);
        let deadline = minutes.map(|m| now.later(m.saturating_mul(60_000)));
        SetIntent {
            state: self.state,
            public_reason: text(&self.public).filter(|_| quiet),
            private_reason: text(&self.private),
            until: self.until.filter(|_| self.state == IntentState::Maintenance),
            deadline,
            on_deadline: if deadline.is_some() && self.force { OnDeadline::Force } else { OnDeadline::Hold },
            preview_token: None,
        }
    }
}

/// What stands against a change: the effects that refuse it without a token.
pub fn blockers(preview: &Preview) -> Vec<(EffectCode, Option<RegionId>)> {
    let blocks = preview.effects.iter().filter(|e| e.level == EffectLevel::Block);
    blocks.map(|e| (e.code, e.region_id.clone())).collect()
}

/// Whether a last live node of a kind would go.
pub fn last_live(preview: &Preview) -> bool {
    preview.effects.iter().any(|e| e.code == EffectCode::LastLive && e.level == EffectLevel::Block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(object: Object) -> Subject {
        Subject {
            object,
            name: "10.0.0.9:5002".into(),
            region: Some(RegionId::from("OM-MCT")),
            intent: Intent::default(),
            version: 1,
            live: Some(true),
            may_go: Some(false),
            background: false,
        }
    }

    #[test]
    fn what_has_to_be_typed() {
        let id = "0198f6a2-0000-7000-8000-000000000001".parse().unwrap();
        let node = subject(Object::Node(id));
        assert_eq!(node.phrase(Action::Maintenance, false), None);
        assert_eq!(node.phrase(Action::Maintenance, true).as_deref(), Some("OM-MCT"));
        assert_eq!(node.phrase(Action::Disable, false).as_deref(), Some("10.0.0.9:5002"));
        assert_eq!(node.phrase(Action::Shutdown, true).as_deref(), Some("OM-MCT"));
        assert_eq!(node.phrase(Action::Delete, true).as_deref(), Some("10.0.0.9:5002"));
        assert_eq!(node.phrase(Action::Enable, true), None);
        let background = Subject { region: None, background: true, ..node };
        assert_eq!(background.phrase(Action::Shutdown, false).as_deref(), Some("background"));
        assert_eq!(background.phrase(Action::Maintenance, false), None);
        let region =
            Subject { name: "OM-MCT".into(), region: None, ..subject(Object::Region("OM-MCT".into())) };
        assert_eq!(region.phrase(Action::Maintenance, false).as_deref(), Some("OM-MCT"));
        assert_eq!(subject(Object::Platform).phrase(Action::Maintenance, false).as_deref(), Some("platform"));
    }

    #[test]
    fn what_stands_against_a_delete_is_put_right_somewhere() {
        let region = Object::Region("OM-MCT".into());
        let node = Object::Node("0198f6a2-0000-7000-8000-000000000001".parse().unwrap());
        let on = |path: &str| Cure::Page(path.to_owned());
        assert_eq!(cure(PreconditionCode::Disabled, &region), Cure::Disable);
        assert_eq!(cure(PreconditionCode::NoNodes, &region), on("/regions/OM-MCT/nodes"));
        assert_eq!(
            cure(PreconditionCode::NoSessions, &node),
            on("/nodes/0198f6a2-0000-7000-8000-000000000001")
        );
        assert_eq!(cure(PreconditionCode::Judgeable, &node), on("/dashboard"));
    }

    #[test]
    fn a_delete_is_offered_for_what_is_disabled_and_silent() {
        use super::super::super::node_row::tests::node;
        assert!(!node_may_go(&node("10.0.0.9:5002", StatusWord::Offline)), "not disabled");
        let mut gone = node("10.0.0.9:5002", StatusWord::Disabled);
        gone.live.liveness = Liveness::Offline;
        assert!(node_may_go(&gone), "disabled through its region counts");
        gone.live.liveness = Liveness::Live;
        assert!(!node_may_go(&gone), "still reporting");

        let none = serde_json::json!({"online": 0, "registered": 0, "accepting": 0, "stale": 0, "offline": 0,
            "left": 0, "neverSeen": 0, "unconfirmed": 0, "disabled": 0});
        let mut region: RegionSummary = serde_json::from_value(serde_json::json!({
            "id": "OM-MCT", "countryCode": "OM", "displayName": null,
            "status": {"word": "disabled", "count": null, "since": "2026-11-22T10:00:00Z"},
            "storage": {"configured": false, "healthy": null, "checkedAt": null, "since": null},
            "conversations": {"phone": null, "web": null},
            "outbound": {"processing": null, "pending": null, "oldestPendingSeconds": null},
            "backend": none, "proxy": none, "slots": {"used": null, "max": null},
            "lastKnown": {"phone": null, "web": null, "processing": null, "pending": null},
            "coverage": {"reporting": 0, "expected": 0}
        }))
        .unwrap();
        assert!(region_may_go(&region));
        region.capacity.proxy.disabled = 1;
        assert!(!region_may_go(&region), "nodes of a disabled region are beside the total");
        region.capacity.proxy.disabled = 0;
        region.status.word = StatusWord::Empty;
        assert!(!region_may_go(&region));
    }

    #[test]
    fn a_wish_says_only_what_applies() {
        let filled = Filled {
            state: IntentState::Maintenance,
            private: " update ".into(),
            public: String::new(),
            until: Some(Timestamp(9_000_000)),
            minutes: "15".into(),
            force: true,
        };
        let wish = filled.wish(Timestamp(1_000));
        assert_eq!(wish.private_reason.as_deref(), Some("update"));
        assert_eq!((wish.public_reason.clone(), wish.until), (None, Some(Timestamp(9_000_000))));
        assert_eq!((wish.deadline, wish.on_deadline), (Some(Timestamp(901_000)), OnDeadline::Force));
        assert_eq!(wish.validate(Timestamp(1_000)), Ok(()));
        let wish = Filled { state: IntentState::Active, ..filled.clone() }.wish(Timestamp(1_000));
        assert_eq!((wish.until, wish.deadline, wish.on_deadline), (None, None, OnDeadline::Hold));
        let wish =
            Filled { state: IntentState::Disabled, minutes: String::new(), ..filled }.wish(Timestamp(1_000));
        assert_eq!((wish.until, wish.deadline, wish.on_deadline), (None, None, OnDeadline::Hold));
    }
}
