//! What exists once in a cluster: the background node, and the frontend node (the control plane itself, of which
//! several may run).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::edit::OwnSecret;
use crate::endpoint::Endpoint;
use crate::ids::{FrontendId, NodeId};
use crate::job::{JobOffer, JobRun};
use crate::node::Node;
use crate::problem::FieldError;
use crate::region::{DISPLAY_NAME_MAX, check_text};
use crate::status::StatusWord;
use crate::time::Timestamp;

mod check;
mod trigger;

pub use check::{BackgroundStep, BackgroundStepKind, BackgroundTestReply, BackgroundVerdict, CheckState};
pub use trigger::{Trigger, TriggerCode};

/// `GET /background-node`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BackgroundNode {
    /// The node; `null` where none is registered.
    pub node: Option<Node>,
    /// Jobs as its last heartbeat advertised them.
    pub jobs: Vec<JobOffer>,
    /// When that heartbeat came.
    pub jobs_at: Option<Timestamp>,
    /// Whether a job can be started now, and if not, why.
    pub trigger: Trigger,
    /// Whether both sides hold the same key; `null` where no node is registered.
    pub config: Option<ConfigSync>,
    /// Runs that go on, newest first.
    pub runs: Vec<JobRun>,
    /// The newest run that ended, of every job that ever ran.
    pub last: Vec<JobRun>,
}

/// Whether the key here is the node's `Security.ApiKey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncVerdict {
    /// The node uses the newest key.
    InSync,
    /// The node uses another one.
    Differs,
    /// Nothing was heard of it since the key was set.
    Unknown,
}

/// Which finding speaks for or against the keys being the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncSource {
    /// A heartbeat that was accepted.
    Heartbeat,
    /// A heartbeat that was refused, from the node's address or claiming to be a background node.
    RefusedHeartbeat,
    /// What the endpoint answered to our key.
    Endpoint,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SyncEvidence {
    /// Where from.
    pub source: SyncSource,
    /// Whether it speaks for the keys being the same.
    pub agrees: bool,
    /// When.
    pub at: Timestamp,
    /// Fingerprint of what was presented, where one was.
    pub fingerprint: Option<String>,
    /// In words.
    pub detail: String,
}

/// Our key against what the background node presents, by fingerprints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConfigSync {
    /// The verdict.
    pub verdict: SyncVerdict,
    /// Of the key stored here.
    pub fingerprint: String,
    /// Of the key the node last presented.
    pub presented: Option<String>,
    /// When the finding that decided was made.
    pub checked_at: Option<Timestamp>,
    /// In words, with the cure where they differ.
    pub detail: String,
    /// All findings since the key was set, newest first.
    pub evidence: Vec<SyncEvidence>,
}

/// `PUT /background-node`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutBackgroundNode {
    /// `https://10.0.0.40:5003`; scheme, port and path may be left out.
    #[cfg_attr(feature = "openapi", schema(example = "https://10.0.0.40:5003", max_length = 300))]
    pub endpoint: String,
    /// The node's own key, 32–256 printable characters. Where neither this nor `generate` is given, the stored key
    /// stays; a new registration gets a generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 32, max_length = 256, write_only))]
    pub secret: Option<String>,
    /// Make a new key.
    #[serde(default)]
    pub generate: bool,
    /// Shown instead of the endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub display_name: Option<String>,
    /// For operators, at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub notes: Option<String>,
}

impl fmt::Debug for PutBackgroundNode {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutBackgroundNode")
            .field("endpoint", &self.endpoint)
            .field("generate", &self.generate)
            .finish_non_exhaustive()
    }
}

impl PutBackgroundNode {
    /// Checks every field and takes the endpoint apart.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<Endpoint, Vec<FieldError>> {
        let mut errors = Vec::new();
        let endpoint = endpoint(&mut errors, &self.endpoint);
        check_secret(&mut errors, self.secret.as_deref());
        if self.secret.is_some() && self.generate {
            let detail = "Either paste a key or have one generated.";
            errors.push(FieldError::new("generate", "one_of_two", detail));
        }
        check_text(&mut errors, "displayName", self.display_name.as_deref(), DISPLAY_NAME_MAX);
        check_text(&mut errors, "notes", self.notes.as_deref(), 2000);
        endpoint.filter(|_| errors.is_empty()).ok_or(errors)
    }
}

/// Reply to `PUT /background-node`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PutBackgroundReply {
    /// As it is now.
    pub background: BackgroundNode,
    /// The key, where this request set one. It is stored encrypted and is never shown again.
    pub plain_secret: Option<String>,
    /// `appsettings.json` for the node, key included, where this request set one.
    pub snippet: Option<String>,
    /// The agent's command line for that file.
    pub command: Option<String>,
}

/// `POST /background-node/test`: the values of the form, saved or not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestBackgroundNode {
    /// Absent: the stored one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "https://10.0.0.40:5003", max_length = 300))]
    pub endpoint: Option<String>,
    /// Absent: the stored one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 32, max_length = 256, write_only))]
    pub secret: Option<String>,
}

impl fmt::Debug for TestBackgroundNode {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestBackgroundNode").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl TestBackgroundNode {
    /// Checks every field; the endpoint where one is given.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<Option<Endpoint>, Vec<FieldError>> {
        let mut errors = Vec::new();
        let endpoint = self.endpoint.as_deref().map(|typed| endpoint(&mut errors, typed));
        check_secret(&mut errors, self.secret.as_deref());
        if errors.is_empty() { Ok(endpoint.flatten()) } else { Err(errors) }
    }
}

fn endpoint(errors: &mut Vec<FieldError>, typed: &str) -> Option<Endpoint> {
    Endpoint::parse(typed).map_err(|e| errors.push(FieldError::new("endpoint", e.code(), e.to_string()))).ok()
}

fn check_secret(errors: &mut Vec<FieldError>, secret: Option<&str>) {
    if let Some(secret) = secret {
        OwnSecret(secret.to_owned()).check(errors);
    }
}

/// Whether a server process of the control plane runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FrontendState {
    /// It wrote about itself within the last 15 s.
    Live,
    /// It has been silent for longer than that.
    Stale,
    /// It said goodbye, or has been silent for longer than a minute.
    Gone,
}

/// The database as one server process sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseHealth {
    /// It answered.
    pub ok: bool,
    /// How long a question and its answer took.
    pub ping_ms: Option<f64>,
    /// The newest migration applied.
    pub schema: Option<String>,
}

/// The task that marks nodes stale and offline, in one server process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SweeperHealth {
    /// Whether this process sweeps; one of all does.
    pub active: bool,
    /// It sweeps on time.
    pub ok: bool,
    /// When it last swept.
    pub last_at: Option<Timestamp>,
    /// How late that sweep was.
    pub late_ms: Option<u64>,
}

/// A server process of the control plane, as it describes itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FrontendNode {
    /// One run of the process.
    pub id: FrontendId,
    /// The process that answers.
    #[serde(rename = "self")]
    pub is_self: bool,
    /// Whether it runs.
    pub state: FrontendState,
    /// Of the machine.
    pub hostname: String,
    /// Of the process.
    pub pid: u32,
    /// Where it listens.
    pub listen: String,
    /// Of the software.
    pub version: String,
    /// Names the console this process carries; `null` where it carries none.
    pub bundle: Option<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last wrote about itself.
    pub last_seen_at: Timestamp,
    /// Of the machine, 0–100 over all cores.
    pub cpu_percent: Option<f64>,
    /// Memory of the process.
    pub memory_bytes: Option<u64>,
    /// Memory of the machine in use, 0–100.
    pub memory_percent: Option<f64>,
    /// Memory of the machine.
    pub memory_total_bytes: Option<u64>,
    /// The database as it sees it.
    pub database: DatabaseHealth,
    /// Its sweeper.
    pub sweeper: SweeperHealth,
    /// Heartbeats it took each second, over the last few seconds.
    pub heartbeats_per_second: f64,
    /// Live streams open to it.
    pub open_streams: u32,
}

/// `GET /frontend-nodes`: the processes of the last 24 hours, live ones first, then the newest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FrontendNodes {
    /// The processes.
    pub items: Vec<FrontendNode>,
    /// Live ones have different versions, or carry different consoles.
    pub versions_differ: bool,
}

/// The singletons on the dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Singletons {
    /// The control plane itself.
    pub frontend: FrontendSummary,
    /// The background node.
    pub background: BackgroundSummary,
}

/// The control plane's processes in short.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FrontendSummary {
    /// How many are live.
    pub count: u32,
    /// Of the process that answers.
    pub version: String,
    /// Live ones have different versions, or carry different consoles.
    pub versions_differ: bool,
}

/// The background node in short.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BackgroundSummary {
    /// Whether one is registered; without it jobs cannot be started.
    pub configured: bool,
    /// Which.
    pub node_id: Option<NodeId>,
    /// Its word.
    pub word: Option<StatusWord>,
    /// Since when.
    pub since: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_error_at_once() {
        let bad: PutBackgroundNode = serde_json::from_str(
            r#"{"endpoint":"ftp://x","secret":"short one","generate":true,"displayName":"a\u0007"}"#,
        )
        .unwrap();
        let errors = bad.validate().unwrap_err();
        let found: Vec<_> = errors.iter().map(|e| (e.pointer.as_str(), e.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/endpoint", "endpoint_scheme"),
                ("/secret", "too_short"),
                ("/secret", "characters"),
                ("/generate", "one_of_two"),
                ("/displayName", "control_characters")
            ]
        );
    }

    #[test]
    fn secrets_are_not_printed() {
        let secret = "k".repeat(32);
        let put: PutBackgroundNode =
            serde_json::from_str(&format!(r#"{{"endpoint":"10.0.0.40:5003","secret":"{secret}"}}"#)).unwrap();
        assert_eq!(put.validate().unwrap().to_string(), "http://10.0.0.40:5003");
        assert!(!format!("{put:?}").contains(&secret));
        let test = TestBackgroundNode { endpoint: None, secret: Some(secret.clone()) };
        assert_eq!(test.validate(), Ok(None));
        assert!(!format!("{test:?}").contains(&secret));
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(serde_json::from_str::<PutBackgroundNode>(r#"{"endpoint":"x","apiKey":"y"}"#).is_err());
        assert!(serde_json::from_str::<TestBackgroundNode>(r#"{"apiKey":"y"}"#).is_err());
    }
}
