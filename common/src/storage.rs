//! A region's S3 storage: what an operator types with its rules, what the server shows of it, and what nodes are given.
//!
//! The rules are pure and used on both sides: the form shows an error while typing, the server refuses the same.

mod check;
mod names;
mod node;
mod view;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::endpoint::{Endpoint, Scheme};
use crate::problem::FieldError;
use crate::time::Timestamp;

pub use check::{
    StorageCheck, StorageFrom, StorageHealth, StorageState, StorageStep, StorageStepKind, StorageStepState,
    StorageTestReply,
};
pub use names::{access_policy, aws_region, is_aws_host, path_style};
pub use node::NodeStorage;
pub use view::{RegionStorage, StorageReportOfNode};

/// The bucket where none is named.
pub const DEFAULT_BUCKET: &str = "iqra";
/// The region requests are signed for where none is named and the address does not tell.
pub const DEFAULT_SIGNING_REGION: &str = "us-east-1";
/// Longest access key.
pub const ACCESS_KEY_MAX: usize = 128;
/// Longest secret key.
pub const SECRET_KEY_MAX: usize = 256;
/// Longest prefix.
pub const PREFIX_MAX: usize = 200;

/// Where a request carries the name of the bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PathStyle {
    /// In the host name at AWS, in the path elsewhere.
    #[default]
    Auto,
    /// In the path: `http://host/bucket/object`.
    On,
    /// In the host name: `http://bucket.host/object`.
    Off,
}

/// Whether a secret key is kept that a request without one falls back on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredSecret {
    /// One is kept.
    Kept,
    /// None yet: the request must bring one.
    Missing,
}

/// `PUT /regions/{regionId}/storage`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutStorage {
    /// Host or URL, with or without a scheme and a port.
    #[cfg_attr(feature = "openapi", schema(example = "http://rustfs:9000", max_length = 300))]
    pub endpoint: String,
    /// The access key's id.
    #[cfg_attr(feature = "openapi", schema(min_length = 3, max_length = 128))]
    pub access_key: String,
    /// The secret key, 8 to 256 characters; absent: the one that is stored stays. It is never returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 256, write_only))]
    pub secret_key: Option<String>,
    /// Whether to speak HTTPS. Must agree with the scheme, where one is typed.
    pub ssl: bool,
    /// The bucket; absent: `iqra`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 3, max_length = 63))]
    pub bucket: Option<String>,
    /// The region requests are signed for; absent: told by an AWS address, else `us-east-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub signing_region: Option<String>,
    /// Where requests carry the bucket.
    #[serde(default)]
    pub path_style: PathStyle,
    /// What all object names begin with; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub prefix: Option<String>,
}

impl fmt::Debug for PutStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutStorage")
            .field("endpoint", &self.endpoint)
            .field("access_key", &self.access_key)
            .field("secret_key", &self.secret_key.as_ref().map(|_| "(hidden)"))
            .field("ssl", &self.ssl)
            .field("bucket", &self.bucket)
            .field("signing_region", &self.signing_region)
            .field("path_style", &self.path_style)
            .field("prefix", &self.prefix)
            .finish()
    }
}

/// `POST /regions/{regionId}/storage/test`: the values in the form, saved or not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestStorage {
    /// Host or URL, with or without a scheme and a port.
    #[cfg_attr(feature = "openapi", schema(example = "http://rustfs:9000", max_length = 300))]
    pub endpoint: String,
    /// The access key's id.
    pub access_key: String,
    /// The secret key; absent: the one that is stored is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 256, write_only))]
    pub secret_key: Option<String>,
    /// Whether to speak HTTPS.
    pub ssl: bool,
    /// The bucket; absent: `iqra`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The region requests are signed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_region: Option<String>,
    /// Where requests carry the bucket.
    #[serde(default)]
    pub path_style: PathStyle,
    /// What all object names begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Make the bucket if it does not exist.
    #[serde(default)]
    pub create_bucket: bool,
}

impl TestStorage {
    /// The values under test, as they would be saved.
    pub fn values(&self) -> PutStorage {
        PutStorage {
            endpoint: self.endpoint.clone(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
            ssl: self.ssl,
            bucket: self.bucket.clone(),
            signing_region: self.signing_region.clone(),
            path_style: self.path_style,
            prefix: self.prefix.clone(),
        }
    }
}

impl fmt::Debug for TestStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestStorage")
            .field("values", &self.values())
            .field("create_bucket", &self.create_bucket)
            .finish()
    }
}

/// Storage settings in their normal form, without the secret key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageValues {
    /// Scheme, host and port; the path is empty.
    pub endpoint: Endpoint,
    /// The access key's id.
    pub access_key: String,
    /// The bucket.
    pub bucket: String,
    /// The region requests are signed for.
    pub signing_region: String,
    /// Where requests carry the bucket, as chosen.
    pub path_style: PathStyle,
    /// What object names begin with: empty, or without a slash at either end.
    pub prefix: String,
}

impl StorageValues {
    /// Whether the connection is HTTPS.
    pub fn ssl(&self) -> bool {
        self.endpoint.scheme == Scheme::Https
    }

    /// Scheme, host and, unless it is the scheme's own, port: `https://s3.eu-west-1.amazonaws.com`.
    pub fn url(&self) -> String {
        endpoint_url(&self.endpoint)
    }

    /// Whether requests carry the bucket in the path.
    pub fn uses_path_style(&self) -> bool {
        path_style(self.path_style, &self.endpoint.host, &self.bucket)
    }

    /// The host that requests go to: with the bucket in front, unless path style is used.
    pub fn request_host(&self) -> String {
        if self.uses_path_style() {
            self.endpoint.host.clone()
        } else {
            format!("{}.{}", self.bucket, self.endpoint.host)
        }
    }

    /// The URL of the bucket, as requests name it.
    pub fn bucket_url(&self) -> String {
        if self.uses_path_style() {
            return format!("{}/{}", self.url(), self.bucket);
        }
        endpoint_url(&Endpoint { host: self.request_host(), ..self.endpoint.clone() })
    }

    /// The full name of an object below the prefix; of no name, the prefix as a folder.
    pub fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }
}

fn endpoint_url(endpoint: &Endpoint) -> String {
    let text = endpoint.to_string();
    let port = format!(":{}", endpoint.scheme.default_port());
    text.strip_suffix(&port).map_or(text.clone(), str::to_owned)
}

impl PutStorage {
    /// Checks every field and brings the values into their normal form. `stored` tells whether the secret key may be
    /// left out.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self, stored: StoredSecret) -> Result<StorageValues, Vec<FieldError>> {
        let mut errors = Vec::new();
        let endpoint = self.endpoint(&mut errors);
        let access_key = names::access_key(&mut errors, &self.access_key);
        names::secret_key(&mut errors, self.secret_key.as_deref(), stored);
        let bucket = given(self.bucket.as_deref()).unwrap_or(DEFAULT_BUCKET);
        names::bucket(&mut errors, bucket);
        let signing_region = match (given(self.signing_region.as_deref()), &endpoint) {
            (Some(region), _) => region.to_owned(),
            (None, Some(e)) => aws_region(&e.host).unwrap_or(DEFAULT_SIGNING_REGION).to_owned(),
            (None, None) => DEFAULT_SIGNING_REGION.to_owned(),
        };
        names::signing_region(&mut errors, &signing_region);
        let prefix = names::prefix(&mut errors, self.prefix.as_deref().unwrap_or_default());
        if let Some(e) = &endpoint {
            names::virtual_host(&mut errors, self.path_style, &e.host, bucket);
        }
        match endpoint {
            Some(endpoint) if errors.is_empty() => Ok(StorageValues {
                endpoint,
                access_key,
                bucket: bucket.to_owned(),
                signing_region,
                path_style: self.path_style,
                prefix,
            }),
            _ => Err(errors),
        }
    }

    /// The address; without a scheme the switch decides on it, with one both must agree.
    fn endpoint(&self, errors: &mut Vec<FieldError>) -> Option<Endpoint> {
        let typed = self.endpoint.trim();
        let with_scheme = if typed.is_empty() || typed.contains("://") {
            typed.to_owned()
        } else {
            format!("{}://{typed}", if self.ssl { "https" } else { "http" })
        };
        let endpoint = match Endpoint::parse(&with_scheme) {
            Ok(endpoint) => endpoint,
            Err(e) => {
                let detail = match e {
                    crate::endpoint::EndpointError::Empty => {
                        "Enter the address of the storage, for example http://rustfs:9000.".to_owned()
                    }
                    other => other.to_string(),
                };
                errors.push(FieldError::new("endpoint", e.code(), detail));
                return None;
            }
        };
        let https = endpoint.scheme == Scheme::Https;
        if https != self.ssl {
            let detail = if https {
                "The address begins with https:// while SSL is off. Turn SSL on, or write http://."
            } else {
                "The address begins with http:// while SSL is on. Turn SSL off, or write https://."
            };
            errors.push(FieldError::new("ssl", "ssl_contradiction", detail));
        }
        names::endpoint(errors, &endpoint);
        Some(endpoint)
    }
}

/// An optional text: blank counts as absent.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

/// What is shown of a secret key that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageSecret {
    /// Whether one is kept. It is stored encrypted and never shown again.
    pub set: bool,
    /// The first 8 hex digits of its SHA-256, to tell two apart.
    pub fingerprint: Option<String>,
    /// When it was last replaced.
    pub updated_at: Option<Timestamp>,
}

/// A region's storage settings as operators read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageSettings {
    /// Scheme, host and port.
    #[cfg_attr(feature = "openapi", schema(example = "http://rustfs:9000"))]
    pub endpoint: String,
    /// The access key's id.
    pub access_key: String,
    /// What is shown of the secret key.
    pub secret: StorageSecret,
    /// Whether the connection is HTTPS.
    pub ssl: bool,
    /// The bucket.
    pub bucket: String,
    /// The region requests are signed for.
    pub signing_region: String,
    /// Where requests carry the bucket, as chosen.
    pub path_style: PathStyle,
    /// What object names begin with; empty: nothing.
    pub prefix: String,
    /// Counts changes; the `ETag` too.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who changed it.
    pub updated_by: String,
}

#[cfg(test)]
mod tests;
