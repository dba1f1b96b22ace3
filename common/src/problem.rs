//! The one error body: RFC 9457 problem details, with every field error at once.

use serde::{Deserialize, Serialize};

/// One field of the request that is not right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FieldError {
    /// JSON pointer into the request body (RFC 6901), or `#query/name`, `#path/name`.
    pub pointer: String,
    /// Stable, for programs.
    pub code: String,
    /// What is wrong and how to fix it, for people.
    pub detail: String,
}

impl FieldError {
    /// An error at `/field` of the body.
    pub fn new(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: format!("/{field}"), code: code.to_owned(), detail: detail.into() }
    }

    /// An error of a query parameter.
    pub fn query(name: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: format!("#query/{name}"), code: code.to_owned(), detail: detail.into() }
    }
}

/// Problem details (RFC 9457), `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:iqra:problem:` and the code.
    #[serde(rename = "type")]
    pub type_: String,
    /// The same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time and what to do.
    pub detail: String,
    /// Stable, for programs.
    pub code: String,
    /// Quote it when asking for help; the server's log has it too.
    pub request_id: String,
    /// Every field that is not right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The object as it is now, where the request was based on an older version (412); what a rule saw (409); the `role`
    /// or the `region` that is missing (403).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<serde_json::Value>,
}
