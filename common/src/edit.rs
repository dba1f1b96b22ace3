//! Changing what is registered: a field that is absent stays as it is, `null` clears it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::endpoint::{Endpoint, normal_host};
use crate::node::{OWN_SECRET_MAX, OWN_SECRET_MIN, SipTransport, check_labels, printable};
use crate::problem::FieldError;
use crate::region::{DISPLAY_NAME_MAX, check_text};

/// How long the old secret works beside a new one where nobody says otherwise: a day, in seconds.
pub const OVERLAP_DEFAULT_SECONDS: u32 = 24 * 3600;
/// The longest it may: thirty days, in seconds.
pub const OVERLAP_MAX_SECONDS: u32 = 30 * 24 * 3600;

/// Present and `null` is `Some(None)`; absent, by `default`, is `None`.
pub(crate) fn clearable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    d: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(d).map(Some)
}

/// Present must have a value: `null` does not mean "unchanged".
pub(crate) fn settable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// Whether the field was named at all, whatever its value.
fn named<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(d).map(|_| true)
}

fn check_immutable(errors: &mut Vec<FieldError>, fields: &[(&str, bool)]) {
    for (field, _) in fields.iter().filter(|(_, named)| *named) {
        errors.push(FieldError::new(field, "immutable", "This never changes after it was added."));
    }
}

/// `PATCH /nodes/{nodeId}`. An absent field stays as it is; `null` clears it, or brings its default back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditNode {
    /// `http://10.0.0.5:5002`; scheme, port and path may be left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settable")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, example = "http://10.0.0.5:5002", max_length = 300))]
    pub endpoint: Option<String>,
    /// `null`: the endpoint's host.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 253))]
    pub sip_host: Option<Option<String>>,
    /// `null`: 5060 for a proxy, 5080 for a backend.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>, minimum = 1, maximum = 65535))]
    pub sip_port: Option<Option<u16>>,
    /// How SIP travels.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settable")]
    #[cfg_attr(feature = "openapi", schema(value_type = SipTransport, required = false))]
    pub sip_transport: Option<SipTransport>,
    /// `null`: the endpoint is shown instead.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 80))]
    pub display_name: Option<Option<String>>,
    /// For operators, at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 2000))]
    pub notes: Option<Option<String>>,
    /// Takes the place of all labels; `null` removes them.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, String>>))]
    pub labels: Option<Option<BTreeMap<String, String>>>,
    /// Takes calls of administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settable")]
    #[cfg_attr(feature = "openapi", schema(value_type = bool, required = false))]
    pub development: Option<bool>,
    /// What the server can hold at once, 1–100,000; for backends.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 1, maximum = 100000))]
    pub max_concurrent_calls: Option<Option<u32>>,
    /// An id of your own for this server, unique, 1–64 printable characters.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 64))]
    pub external_id: Option<Option<String>>,
    /// `id` was named; refused, it never changes.
    #[serde(default, skip_serializing, deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub id: bool,
    /// `regionId` was named; refused, it never changes.
    #[serde(default, skip_serializing, deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub region_id: bool,
    /// `kind` was named; refused, it never changes.
    #[serde(default, skip_serializing, deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub kind: bool,
}

impl EditNode {
    /// Checks every field that is there and takes the endpoint apart.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<Option<Endpoint>, Vec<FieldError>> {
        let mut errors = Vec::new();
        check_immutable(&mut errors, &[("id", self.id), ("regionId", self.region_id), ("kind", self.kind)]);
        let endpoint = self.endpoint.as_deref().map(Endpoint::parse).transpose();
        if let Err(e) = &endpoint {
            errors.push(FieldError::new("endpoint", e.code(), e.to_string()));
        }
        check_registration(
            &mut errors,
            &Registration {
                sip_port: self.sip_port.flatten(),
                sip_host: text(&self.sip_host),
                display_name: text(&self.display_name),
                notes: text(&self.notes),
                max_concurrent_calls: self.max_concurrent_calls.flatten(),
                external_id: text(&self.external_id),
            },
        );
        if let Some(Some(labels)) = &self.labels {
            check_labels(&mut errors, labels);
        }
        match endpoint {
            Ok(endpoint) if errors.is_empty() => Ok(endpoint),
            _ => Err(errors),
        }
    }
}

fn text(field: &Option<Option<String>>) -> Option<&str> {
    field.as_ref().and_then(Option::as_deref)
}

/// What a new node and a changed one are checked for alike.
pub(crate) struct Registration<'a> {
    pub(crate) sip_port: Option<u16>,
    pub(crate) sip_host: Option<&'a str>,
    pub(crate) display_name: Option<&'a str>,
    pub(crate) notes: Option<&'a str>,
    pub(crate) max_concurrent_calls: Option<u32>,
    pub(crate) external_id: Option<&'a str>,
}

pub(crate) fn check_registration(errors: &mut Vec<FieldError>, r: &Registration<'_>) {
    if r.sip_port == Some(0) {
        errors.push(FieldError::new("sipPort", "out_of_range", "The SIP port is a number from 1 to 65535."));
    }
    if r.sip_host.is_some_and(|h| normal_host(h.trim()).is_none()) {
        errors.push(FieldError::new("sipHost", "endpoint_host", "The SIP host is a name or an IP address."));
    }
    check_text(errors, "displayName", r.display_name, DISPLAY_NAME_MAX);
    check_text(errors, "notes", r.notes, 2000);
    if r.max_concurrent_calls.is_some_and(|n| !(1..=100_000).contains(&n)) {
        errors.push(FieldError::new("maxConcurrentCalls", "out_of_range", "A number from 1 to 100,000."));
    }
    if r.external_id.is_some_and(|id| !(1..=64).contains(&id.len()) || !printable(id)) {
        errors.push(FieldError::new("externalId", "characters", "1 to 64 printable ASCII characters."));
    }
}

/// `PATCH /regions/{regionId}`. An absent field stays as it is; `null` clears it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditRegion {
    /// Shown beside the id.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 80))]
    pub display_name: Option<Option<String>>,
    /// `id` was named; refused, it never changes.
    #[serde(default, skip_serializing, deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub id: bool,
    /// `countryCode` was named; refused, it never changes.
    #[serde(default, skip_serializing, deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub country_code: bool,
    /// `name` was named; refused, it never changes.
    #[serde(default, skip_serializing, deserialize_with = "named")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub name: bool,
}

impl EditRegion {
    /// Checks every field that is there.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_immutable(
            &mut errors,
            &[("id", self.id), ("countryCode", self.country_code), ("name", self.name)],
        );
        check_text(&mut errors, "displayName", text(&self.display_name), DISPLAY_NAME_MAX);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// A secret an operator brings from elsewhere. It goes in and never comes out: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnSecret(pub String);

impl fmt::Debug for OwnSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnSecret")
    }
}

impl OwnSecret {
    /// Length and characters: it must fit into a header as it is.
    pub fn check(&self, errors: &mut Vec<FieldError>) {
        let n = self.0.chars().count();
        if n < OWN_SECRET_MIN {
            let detail = format!("A secret of your own has at least {OWN_SECRET_MIN} characters.");
            errors.push(FieldError::new("secret", "too_short", detail));
        }
        if n > OWN_SECRET_MAX {
            errors.push(FieldError::new(
                "secret",
                "too_long",
                format!("At most {OWN_SECRET_MAX} characters."),
            ));
        }
        if !printable(&self.0) {
            let detail = "Printable ASCII characters without spaces: it travels in a header.";
            errors.push(FieldError::new("secret", "characters", detail));
        }
    }
}

/// `POST /nodes/{nodeId}/secret`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateSecret {
    /// How long the old secret works beside the new one; default a day, 0 ends it now, at most 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 2592000))]
    pub overlap_seconds: Option<u32>,
    /// One of your own, 32–256 printable characters, instead of a generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, write_only, min_length = 32, max_length = 256))]
    pub secret: Option<OwnSecret>,
}

impl RotateSecret {
    /// Checks every field; the overlap in seconds.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<u32, Vec<FieldError>> {
        let mut errors = Vec::new();
        let overlap = self.overlap_seconds.unwrap_or(OVERLAP_DEFAULT_SECONDS);
        if overlap > OVERLAP_MAX_SECONDS {
            errors.push(FieldError::new(
                "overlapSeconds",
                "out_of_range",
                "0 to 2,592,000 seconds, which is 30 days.",
            ));
        }
        if let Some(secret) = &self.secret {
            secret.check(&mut errors);
        }
        if errors.is_empty() { Ok(overlap) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(errors: &[FieldError]) -> Vec<(&str, &str)> {
        errors.iter().map(|e| (e.pointer.as_str(), e.code.as_str())).collect()
    }

    #[test]
    fn absent_is_unchanged_and_null_clears() {
        let edit: EditNode = serde_json::from_str(r#"{"notes":null,"sipPort":5090,"labels":null}"#).unwrap();
        assert_eq!(
            (edit.notes.clone(), edit.sip_port, edit.labels.clone()),
            (Some(None), Some(Some(5090)), Some(None))
        );
        assert_eq!((edit.display_name.clone(), edit.endpoint.clone()), (None, None));
        assert_eq!(edit.validate(), Ok(None));
        let text = serde_json::to_string(&edit).unwrap();
        assert_eq!(text, r#"{"sipPort":5090,"notes":null,"labels":null}"#);
        for bad in
            [r#"{"endpoint":null}"#, r#"{"development":null}"#, r#"{"sipTransport":null}"#, r#"{"apiKey":1}"#]
        {
            assert!(serde_json::from_str::<EditNode>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_field_error_of_an_edit_at_once() {
        let edit: EditNode = serde_json::from_str(
            r#"{"id":null,"regionId":"X","kind":7,"endpoint":"ftp://x","sipPort":0,"sipHost":"a b",
                "displayName":"a\u0007","notes":"\u0000","maxConcurrentCalls":0,"externalId":"","labels":{"A":"v"}}"#,
        )
        .unwrap();
        let errors = edit.validate().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        let expected = [
            "/id",
            "/regionId",
            "/kind",
            "/endpoint",
            "/sipPort",
            "/sipHost",
            "/displayName",
            "/notes",
            "/maxConcurrentCalls",
            "/externalId",
            "/labels",
        ];
        assert_eq!(fields, expected);
        let edit: EditRegion =
            serde_json::from_str(r#"{"id":"X","countryCode":"X","name":null,"displayName":"\u0007"}"#)
                .unwrap();
        let errors = edit.validate().unwrap_err();
        assert_eq!(
            codes(&errors),
            [
                ("/id", "immutable"),
                ("/countryCode", "immutable"),
                ("/name", "immutable"),
                ("/displayName", "control_characters")
            ]
        );
    }

    #[test]
    fn secrets_of_ones_own() {
        let rotate = |overlap, secret: &str| RotateSecret {
            overlap_seconds: overlap,
            secret: Some(OwnSecret(secret.to_owned())),
        };
        assert_eq!(RotateSecret::default().validate(), Ok(86_400));
        assert_eq!(rotate(Some(0), &"x".repeat(32)).validate(), Ok(0));
        let errors = rotate(Some(OVERLAP_MAX_SECONDS + 1), "a b").validate().unwrap_err();
        assert_eq!(
            codes(&errors),
            [("/overlapSeconds", "out_of_range"), ("/secret", "too_short"), ("/secret", "characters")]
        );
        assert_eq!(codes(&rotate(None, &"x".repeat(257)).validate().unwrap_err()), [("/secret", "too_long")]);
        assert_eq!(
            codes(&rotate(None, &"é".repeat(40)).validate().unwrap_err()),
            [("/secret", "characters")]
        );
        assert!(!format!("{:?}", rotate(None, "canary")).contains("canary"));
    }
}
