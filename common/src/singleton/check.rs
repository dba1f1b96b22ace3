//! What a test of the background node's address and key found, step by step.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A step of the test, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BackgroundStepKind {
    /// There is an address and a key to test.
    Address,
    /// The name resolves, and to addresses that may be called.
    Dns,
    /// The port opens.
    Connect,
    /// The certificate is valid and names this host.
    Tls,
    /// A background node answers.
    Answer,
    /// It accepts the key.
    Key,
}

impl BackgroundStepKind {
    /// All, in order.
    pub const ALL: [Self; 6] = [Self::Address, Self::Dns, Self::Connect, Self::Tls, Self::Answer, Self::Key];
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should.
    Ok,
    /// The test ends here.
    Failed,
    /// Not run: an earlier step failed, or there is nothing to do (no TLS on plain HTTP).
    Skipped,
}

/// One step of the test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BackgroundStep {
    /// Which.
    pub step: BackgroundStepKind,
    /// How it ended.
    pub state: CheckState,
    /// How long it took; `null` where it was not run, or together with the step before.
    pub duration_ms: Option<u64>,
    /// What was seen.
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

/// What the test comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BackgroundVerdict {
    /// It answers and accepts the key.
    Ok,
    /// There is no address or no key to test.
    Missing,
    /// Nobody answers there.
    Unreachable,
    /// It answers and refuses the key.
    KeysDiffer,
    /// Something answers that is no background node.
    NotANode,
}

/// What a test of the background node found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BackgroundTestReply {
    /// Whether every step that was to run passed.
    pub ok: bool,
    /// In one word.
    pub verdict: BackgroundVerdict,
    /// All steps in order, those that were not run too.
    pub steps: Vec<BackgroundStep>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// Fingerprint of the key that was tested.
    pub fingerprint: Option<String>,
}

impl BackgroundTestReply {
    /// The step that failed, if one did.
    pub fn failed(&self) -> Option<&BackgroundStep> {
        self.steps.iter().find(|s| s.state == CheckState::Failed)
    }
}
