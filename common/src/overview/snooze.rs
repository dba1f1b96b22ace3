//! Putting a problem aside for a while.

use serde::{Deserialize, Serialize};

use crate::intent::REASON_MAX;
use crate::problem::FieldError;
use crate::region::check_text;
use crate::time::Timestamp;

/// Longest a problem can be snoozed, in minutes: 30 days.
pub const SNOOZE_MAX_MINUTES: u32 = 30 * 24 * 60;

/// Who put a problem aside, until when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Snooze {
    /// E-mail.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// When it counts again at the latest; earlier where the problem clears or becomes worse.
    pub until: Timestamp,
    /// In their words.
    pub reason: String,
}

/// `POST /problems/{problemId}/snooze`. Without `until` and `minutes` it lasts until the problem changes, 30 days at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnoozeRequest {
    /// Until when, at most 30 days ahead. Not together with `minutes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// For how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 43200))]
    pub minutes: Option<u32>,
    /// Why, 1–500 characters; kept in the activity log.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub reason: String,
}

impl SnoozeRequest {
    /// When it ends.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self, now: Timestamp) -> Result<Timestamp, Vec<FieldError>> {
        let mut errors = Vec::new();
        if self.reason.trim().is_empty() {
            errors.push(FieldError::new("reason", "required", "Say why, in 1 to 500 characters."));
        }
        check_text(&mut errors, "reason", Some(&self.reason), REASON_MAX);
        let after = |minutes: u32| now.later(u64::from(minutes) * 60_000);
        let latest = after(SNOOZE_MAX_MINUTES);
        let until = match (self.until, self.minutes) {
            (Some(_), Some(_)) => {
                errors.push(FieldError::new("minutes", "not_both", "Give until or minutes, not both."));
                latest
            }
            (Some(until), None) => {
                if until <= now {
                    errors.push(FieldError::new("until", "in_the_past", "The end lies in the past."));
                } else if until > latest {
                    errors.push(FieldError::new("until", "out_of_range", "At most 30 days ahead."));
                }
                until
            }
            (None, Some(minutes)) => {
                if !(1..=SNOOZE_MAX_MINUTES).contains(&minutes) {
                    errors.push(FieldError::new("minutes", "out_of_range", "A number from 1 to 43,200."));
                }
                after(minutes)
            }
            (None, None) => latest,
        };
        if errors.is_empty() { Ok(until) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn request(until: Option<i64>, minutes: Option<u32>, reason: &str) -> SnoozeRequest {
        SnoozeRequest { until: until.map(Timestamp), minutes, reason: reason.to_owned() }
    }

    #[test]
    fn a_snooze_ends_within_thirty_days() {
        let month = 30 * 24 * 3_600_000;
        let ends = |r: SnoozeRequest| r.validate(NOW).map(|t| t.millis() - NOW.millis());
        assert_eq!(ends(request(None, Some(60), "x")), Ok(3_600_000));
        assert_eq!(ends(request(Some(1_000_001), None, "x")), Ok(1));
        assert_eq!(ends(request(None, None, "x")), Ok(month));
        for (bad, fields) in [
            (request(Some(1_000_000), None, "x"), vec!["/until"]),
            (request(Some(1_000_001 + month), None, "x"), vec!["/until"]),
            (request(None, Some(0), "x"), vec!["/minutes"]),
            (request(None, Some(43_201), " "), vec!["/reason", "/minutes"]),
            (request(Some(2_000_000), Some(5), "x"), vec!["/minutes"]),
            (request(None, Some(5), &"x".repeat(501)), vec!["/reason"]),
        ] {
            let errors = bad.validate(NOW).unwrap_err();
            assert_eq!(errors.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), fields, "{bad:?}");
        }
    }
}
