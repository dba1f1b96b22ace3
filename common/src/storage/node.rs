//! A region's storage as its nodes are given it, keys included.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{PathStyle, PutStorage, StorageValues, StoredSecret};
use crate::ids::RegionId;
use crate::problem::FieldError;

/// A region's storage with its keys, as `bootstrap` hands it to a node.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodeStorage {
    /// Whose storage this is.
    pub region_id: RegionId,
    /// URL with scheme and, unless it is the scheme's own, port.
    #[cfg_attr(feature = "openapi", schema(example = "http://rustfs:9000"))]
    pub endpoint: String,
    /// The access key's id.
    pub access_key: String,
    /// The secret key.
    pub secret_key: String,
    /// Whether the connection is HTTPS.
    pub ssl: bool,
    /// The bucket.
    pub bucket: String,
    /// The region requests are signed for.
    pub signing_region: String,
    /// Whether requests carry the bucket in the path.
    pub path_style: bool,
    /// What object names begin with; empty: nothing.
    pub prefix: String,
}

impl NodeStorage {
    /// What a node of `region_id`, or the background node, is given.
    pub fn new(region_id: RegionId, values: &StorageValues, secret_key: String) -> Self {
        Self {
            region_id,
            endpoint: values.url(),
            access_key: values.access_key.clone(),
            secret_key,
            ssl: values.ssl(),
            bucket: values.bucket.clone(),
            signing_region: values.signing_region.clone(),
            path_style: values.uses_path_style(),
            prefix: values.prefix.clone(),
        }
    }

    /// The settings in the form the S3 client takes.
    ///
    /// # Errors
    /// All field errors at once, where the server handed out something a client cannot use.
    pub fn values(&self) -> Result<StorageValues, Vec<FieldError>> {
        let put = PutStorage {
            endpoint: self.endpoint.clone(),
            access_key: self.access_key.clone(),
            secret_key: None,
            ssl: self.ssl,
            bucket: Some(self.bucket.clone()),
            signing_region: Some(self.signing_region.clone()),
            path_style: if self.path_style { PathStyle::On } else { PathStyle::Off },
            prefix: Some(self.prefix.clone()),
        };
        put.validate(StoredSecret::Kept)
    }
}

impl fmt::Debug for NodeStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeStorage")
            .field("region_id", &self.region_id)
            .field("endpoint", &self.endpoint)
            .field("access_key", &self.access_key)
            .field("secret_key", &"(hidden)")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
