//! Regions: the rule for their ids, and their shapes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::country;
use crate::ids::RegionId;
use crate::problem::FieldError;
use crate::status::{Intent, RegionStatus};
use crate::time::Timestamp;

/// Longest region name after normalisation.
pub const NAME_MAX: usize = 32;
/// Longest display name.
pub const DISPLAY_NAME_MAX: usize = 80;

/// Why no Region ID can be made of a country and a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionIdError {
    /// Not an ISO 3166-1 alpha-2 code.
    Country,
    /// No name.
    NameEmpty,
    /// More than 32 characters.
    NameTooLong,
    /// Something else than letters, digits and hyphens.
    NameCharacters,
}

impl RegionIdError {
    /// The field at fault, as the request names it.
    pub fn field(self) -> &'static str {
        if self == Self::Country { "countryCode" } else { "name" }
    }

    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Country => "country_unknown",
            Self::NameEmpty => "required",
            Self::NameTooLong => "too_long",
            Self::NameCharacters => "name_characters",
        }
    }
}

impl fmt::Display for RegionIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Country => "Choose a country: a two-letter code of ISO 3166-1 such as OM.",
            Self::NameEmpty => "Enter a region name, for example us-east-1.",
            Self::NameTooLong => "The region name has at most 32 characters.",
            Self::NameCharacters => "The region name has letters, digits and hyphens only.",
        })
    }
}

/// The name in its normal form: upper case; spaces, underscores and runs of hyphens are one hyphen, none at the ends.
///
/// # Errors
/// Where nothing is left, too much is left, or a character does not belong.
pub fn normal_name(typed: &str) -> Result<String, RegionIdError> {
    let mut name = String::new();
    for c in typed.trim().chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => name.push(c.to_ascii_uppercase()),
            '-' | '_' | ' ' => {
                if !name.is_empty() && !name.ends_with('-') {
                    name.push('-');
                }
            }
            _ => return Err(RegionIdError::NameCharacters),
        }
    }
    let name = name.trim_end_matches('-');
    match name.len() {
        0 => Err(RegionIdError::NameEmpty),
        n if n > NAME_MAX => Err(RegionIdError::NameTooLong),
        _ => Ok(name.to_owned()),
    }
}

/// The Region ID of a country and a name, `CC-NAME`. A name that already starts with the country is not doubled:
/// US and `us-east-1` make `US-EAST-1`. The form shows this while typing, the server makes it; one function.
///
/// # Errors
/// [`RegionIdError`], the country first.
pub fn region_id(country_code: &str, name: &str) -> Result<RegionId, RegionIdError> {
    let country = country::find(country_code.trim()).ok_or(RegionIdError::Country)?;
    let name = normal_name(name)?;
    let own =
        name.strip_prefix(country.code).and_then(|rest| rest.strip_prefix('-')).filter(|r| !r.is_empty());
    Ok(RegionId(format!("{}-{}", country.code, own.unwrap_or(&name))))
}

/// `POST /regions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRegion {
    /// ISO 3166-1 alpha-2.
    #[cfg_attr(feature = "openapi", schema(example = "US", min_length = 2, max_length = 2))]
    pub country_code: String,
    /// Letters, digits, hyphens.
    #[cfg_attr(feature = "openapi", schema(example = "us-east-1", min_length = 1, max_length = 64))]
    pub name: String,
    /// Shown beside the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub display_name: Option<String>,
    /// Begin in maintenance instead of active.
    #[serde(default)]
    pub start_in_maintenance: bool,
}

impl CreateRegion {
    /// Checks every field.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<RegionId, Vec<FieldError>> {
        let mut errors = Vec::new();
        let id = region_id(&self.country_code, &self.name);
        if let Err(e) = &id {
            errors.push(FieldError::new(e.field(), e.code(), e.to_string()));
            // With an unknown country the name was not looked at yet.
            if let (RegionIdError::Country, Err(e)) = (e, normal_name(&self.name)) {
                errors.push(FieldError::new(e.field(), e.code(), e.to_string()));
            }
        }
        check_text(&mut errors, "displayName", self.display_name.as_deref(), DISPLAY_NAME_MAX);
        match id {
            Ok(id) if errors.is_empty() => Ok(id),
            _ => Err(errors),
        }
    }
}

/// Checks an optional text: at most `max` characters, no control characters.
pub(crate) fn check_text(errors: &mut Vec<FieldError>, field: &str, text: Option<&str>, max: usize) {
    let Some(text) = text else { return };
    if text.chars().count() > max {
        errors.push(FieldError::new(field, "too_long", format!("At most {max} characters.")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        errors.push(FieldError::new(field, "control_characters", "Leave control characters out."));
    }
}

/// A region's S3 storage, in short.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageSummary {
    /// Whether an endpoint and keys are set.
    pub configured: bool,
    /// Outcome of the last check; `null` where there was none.
    pub healthy: Option<bool>,
    /// When that was.
    pub checked_at: Option<Timestamp>,
    /// Since when the outcome is this.
    pub since: Option<Timestamp>,
    /// The step that fails.
    pub step: Option<crate::storage::StorageStepKind>,
    /// What its live nodes find when they try it themselves.
    #[serde(default)]
    pub nodes: NodesStorage,
}

/// What the live nodes of a region, but for disabled ones, last reported of its storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodesStorage {
    /// How many report at all.
    pub reporting: u32,
    /// How many of these report a failure.
    pub failing: u32,
}

/// A region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// The Region ID.
    pub id: RegionId,
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    /// The name in its normal form.
    pub name: String,
    /// Shown beside the id.
    pub display_name: Option<String>,
    /// The region's own intent.
    pub intent: Intent,
    /// Its word.
    pub status: RegionStatus,
    /// Its figures.
    pub capacity: Capacity,
    /// Its storage, in short.
    pub storage: StorageSummary,
    /// When it was added.
    pub created_at: Timestamp,
    /// Counts changes of the registration; the `ETag` too.
    pub version: i64,
}

/// A page of regions by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegionPage {
    /// The regions.
    pub items: Vec<Region>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_after_the_rule() {
        for (country, name, id) in [
            ("US", "us-east-1", "US-EAST-1"),
            ("OM", "mct", "OM-MCT"),
            ("om", " Mct ", "OM-MCT"),
            ("DE", "fra", "DE-FRA"),
            ("US", "us", "US-US"),
            ("US", "us-", "US-US"),
            ("US", "usa-1", "US-USA-1"),
            ("US", "east_1  b", "US-EAST-1-B"),
            ("DE", "--fra--1-", "DE-FRA-1"),
        ] {
            assert_eq!(region_id(country, name), Ok(RegionId(id.into())), "{country} {name}");
        }
    }

    #[test]
    fn every_field_error_at_once() {
        let bad = CreateRegion {
            country_code: "XX".into(),
            name: "a/b".into(),
            display_name: Some("x".repeat(81)),
            start_in_maintenance: false,
        };
        let errors = bad.validate().unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|e| (e.pointer.as_str(), e.code.as_str())).collect();
        assert_eq!(
            pointers,
            [("/countryCode", "country_unknown"), ("/name", "name_characters"), ("/displayName", "too_long")]
        );
        assert_eq!(region_id("US", &"x".repeat(33)), Err(RegionIdError::NameTooLong));
        assert_eq!(region_id("US", " - "), Err(RegionIdError::NameEmpty));
    }
}
