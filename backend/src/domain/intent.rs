//! What an operator's wish becomes, before it is stored.

use common::intent::{BulkAction, BulkRequest, OnDeadline, SetIntent};
use common::problem::FieldError;
use common::status::{Intent, IntentState};
use common::time::Timestamp;

/// Whose intent it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The whole deployment.
    Platform,
    /// A region.
    Region,
    /// A node.
    Node,
}

/// The state's word, as it is told to nodes where nobody says more.
pub fn word(state: IntentState) -> &'static str {
    match state {
        IntentState::Active => "active",
        IntentState::Maintenance => "maintenance",
        IntentState::Disabled => "disabled",
    }
}

/// All field errors of a wish at its level.
///
/// # Errors
/// All of them at once.
pub fn check(request: &SetIntent, level: Level, now: Timestamp) -> Result<(), Vec<FieldError>> {
    let mut errors = request.validate(now).err().unwrap_or_default();
    if level == Level::Platform && request.state == IntentState::Disabled {
        let detail = "The platform can be active or in maintenance.";
        errors.insert(0, FieldError::new("state", "not_applicable", detail));
    }
    if request.on_deadline == OnDeadline::Force && request.deadline.is_none() {
        errors.push(FieldError::new("onDeadline", "needs_deadline", "Say when: set a deadline."));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The intent to be stored. Times of another state are left out, so that nothing old acts later.
pub fn wanted(request: &SetIntent, by: &str, now: Timestamp) -> Intent {
    let text = |t: &Option<String>| t.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let quiet = request.state != IntentState::Active;
    let public = text(&request.public_reason).or_else(|| quiet.then(|| word(request.state).to_owned()));
    Intent {
        state: request.state,
        public_reason: public.filter(|_| quiet),
        private_reason: text(&request.private_reason).filter(|_| quiet),
        until: request.until.filter(|_| request.state == IntentState::Maintenance),
        deadline: request.deadline.filter(|_| quiet),
        on_deadline: if quiet && request.deadline.is_some() { request.on_deadline } else { OnDeadline::Hold },
        by: Some(by.to_owned()),
        at: Some(now),
    }
}

/// Whether the server itself has to end it now.
pub fn is_over(intent: &Intent, now: Timestamp) -> bool {
    intent.state == IntentState::Maintenance && intent.until.is_some_and(|until| until <= now)
}

/// The wish to take work again.
pub fn active() -> SetIntent {
    SetIntent {
        state: IntentState::Active,
        public_reason: None,
        private_reason: None,
        until: None,
        deadline: None,
        on_deadline: OnDeadline::Hold,
        preview_token: None,
    }
}

/// The wish behind a bulk change, where it is one about intent.
pub fn of_bulk(request: &BulkRequest) -> Option<SetIntent> {
    let state = match request.action {
        BulkAction::Maintenance => IntentState::Maintenance,
        BulkAction::Disable => IntentState::Disabled,
        BulkAction::Activate => IntentState::Active,
        BulkAction::Shutdown | BulkAction::Delete => return None,
    };
    Some(SetIntent { state, private_reason: request.reason.clone(), ..active() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn wish(state: IntentState) -> SetIntent {
        SetIntent { state, private_reason: Some(" update ".into()), ..active() }
    }

    fn codes(request: &SetIntent, level: Level) -> Vec<(String, String)> {
        let errors = check(request, level, NOW).err().unwrap_or_default();
        errors.into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn reasons_and_times() {
        let kept = wanted(&wish(IntentState::Maintenance), "a@b", NOW);
        assert_eq!(kept.public_reason.as_deref(), Some("maintenance"));
        assert_eq!((kept.private_reason.as_deref(), kept.by.as_deref()), (Some("update"), Some("a@b")));
        let full = SetIntent {
            public_reason: Some("Back at noon".into()),
            until: Some(Timestamp(NOW.0 + 10)),
            deadline: Some(Timestamp(NOW.0 + 5)),
            on_deadline: OnDeadline::Force,
            ..wish(IntentState::Maintenance)
        };
        let kept = wanted(&full, "a@b", NOW);
        assert_eq!(kept.public_reason.as_deref(), Some("Back at noon"));
        assert_eq!((kept.until, kept.deadline), (full.until, full.deadline));
        assert_eq!(kept.on_deadline, OnDeadline::Force);
        let kept = wanted(&SetIntent { state: IntentState::Active, ..full }, "a@b", NOW);
        assert_eq!((kept.until, kept.deadline, kept.on_deadline), (None, None, OnDeadline::Hold));
        assert_eq!((kept.public_reason, kept.private_reason), (None, None));
    }

    #[test]
    fn what_is_not_right() {
        assert_eq!(codes(&wish(IntentState::Disabled), Level::Node), []);
        assert_eq!(
            codes(&wish(IntentState::Disabled), Level::Platform),
            [("/state".into(), "not_applicable".into())]
        );
        let bad = SetIntent {
            private_reason: Some("  ".into()),
            until: Some(NOW),
            on_deadline: OnDeadline::Force,
            ..wish(IntentState::Maintenance)
        };
        let fields: Vec<String> = codes(&bad, Level::Region).into_iter().map(|(p, _)| p).collect();
        assert_eq!(fields, ["/privateReason", "/until", "/onDeadline"]);
    }

    #[test]
    fn an_end_comes_on_time_and_to_maintenance_alone() {
        let mut i = wanted(
            &SetIntent { until: Some(Timestamp(NOW.0 + 10)), ..wish(IntentState::Maintenance) },
            "a@b",
            NOW,
        );
        assert!(!is_over(&i, Timestamp(NOW.0 + 9)) && is_over(&i, Timestamp(NOW.0 + 10)));
        i.state = IntentState::Disabled;
        assert!(!is_over(&i, Timestamp(NOW.0 + 10)));
    }
}
