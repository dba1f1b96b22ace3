//! What a test of a region's storage found, step by step, and what is known of its health.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A step of the connection test, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StorageStepKind {
    /// The address is well formed.
    Address,
    /// The name resolves, and to addresses that may be called.
    Dns,
    /// The port opens.
    Tcp,
    /// The certificate is valid and names this host.
    Tls,
    /// The keys are accepted.
    Credentials,
    /// The bucket exists.
    Bucket,
    /// A test object can be written.
    Put,
    /// It can be read back, unchanged.
    Get,
    /// It can be deleted.
    Delete,
}

impl StorageStepKind {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Address,
        Self::Dns,
        Self::Tcp,
        Self::Tls,
        Self::Credentials,
        Self::Bucket,
        Self::Put,
        Self::Get,
        Self::Delete,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Credentials => "credentials",
            Self::Bucket => "bucket",
            Self::Put => "put",
            Self::Get => "get",
            Self::Delete => "delete",
        }
    }

    /// The step of a word, as nodes report it; in any letter case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for StorageStepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StorageStepState {
    /// As it should.
    Ok,
    /// The test ends here.
    Failed,
    /// Not run: an earlier step failed, or there is nothing to do (no TLS without SSL).
    Skipped,
}

/// One step of the test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageStep {
    /// Which.
    pub step: StorageStepKind,
    /// How it ended.
    pub state: StorageStepState,
    /// How long it took; `null` where it was not run.
    pub duration_ms: Option<u64>,
    /// What was seen: `rustfs → 10.0.0.30`, `403 AccessDenied on PutObject`, `not used`.
    pub detail: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
    /// Stable, for programs; where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What a connection test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageTestReply {
    /// Whether every step that was to run passed.
    pub ok: bool,
    /// All steps in order, those that were not run too.
    pub steps: Vec<StorageStep>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// Whether requests carried the bucket in the path.
    pub path_style: bool,
    /// The region requests were signed for.
    pub signing_region: String,
    /// Where objects would be: `http://rustfs:9000/iqra/`, with bucket and prefix.
    pub url: String,
}

impl StorageTestReply {
    /// The step that failed, if one did.
    pub fn failed(&self) -> Option<&StorageStep> {
        self.steps.iter().find(|s| s.state == StorageStepState::Failed)
    }

    /// The short form: what is kept as the region's health.
    pub fn check(&self) -> StorageCheck {
        let took = |kind| self.steps.iter().find(|s| s.step == kind).and_then(|s| s.duration_ms);
        let failed = self.failed();
        StorageCheck {
            ok: self.ok,
            checked_at: self.started_at,
            duration_ms: self.duration_ms,
            put_ms: took(StorageStepKind::Put),
            step: failed.map(|s| s.step),
            code: failed.and_then(|s| s.code.clone()),
            detail: failed.map(|s| {
                let parts = [Some(&s.detail), s.cause.as_ref(), s.cure.as_ref()];
                let words: Vec<&str> =
                    parts.into_iter().flatten().map(String::as_str).filter(|t| !t.is_empty()).collect();
                words.join(" · ")
            }),
        }
    }
}

/// One check of a region's storage, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageCheck {
    /// Whether the storage can be used.
    pub ok: bool,
    /// When it was looked at.
    pub checked_at: Timestamp,
    /// How long that took.
    pub duration_ms: u64,
    /// How long writing one small object took; `null` where it did not come to that.
    pub put_ms: Option<u64>,
    /// The step that failed.
    pub step: Option<StorageStepKind>,
    /// Its code.
    pub code: Option<String>,
    /// What was seen, why, and what to do.
    pub detail: Option<String>,
}

/// Whether a region's storage works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StorageState {
    /// Not looked at since it was set.
    #[default]
    Unknown,
    /// The last check passed.
    Healthy,
    /// The last check failed.
    Failing,
}

/// Who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StorageFrom {
    /// This server.
    Server,
    /// A node of the region.
    Node,
}

/// What is known of a storage's health, from one point of view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StorageHealth {
    /// Whether it works.
    pub state: StorageState,
    /// When it was last looked at.
    pub checked_at: Option<Timestamp>,
    /// The step that failed.
    pub step: Option<StorageStepKind>,
    /// What was seen, why, and what to do.
    pub detail: Option<String>,
    /// Since when the state is what it is.
    pub since: Option<Timestamp>,
    /// Who looked.
    pub from: StorageFrom,
}

impl StorageHealth {
    /// Nobody looked yet.
    pub fn unknown(from: StorageFrom) -> Self {
        Self { state: StorageState::Unknown, checked_at: None, step: None, detail: None, since: None, from }
    }

    /// What is known after a check: a state that goes on keeps its beginning, an older check changes nothing.
    #[must_use]
    pub fn after(&self, check: &StorageCheck) -> Self {
        if self.checked_at.is_some_and(|last| last > check.checked_at) {
            return self.clone();
        }
        let state = if check.ok { StorageState::Healthy } else { StorageState::Failing };
        let since = if state == self.state { self.since } else { None };
        Self {
            state,
            checked_at: Some(check.checked_at),
            step: check.step,
            detail: check.detail.clone(),
            since: since.or(Some(check.checked_at)),
            from: self.from,
        }
    }
}
