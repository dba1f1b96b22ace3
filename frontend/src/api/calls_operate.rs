//! Calls about the background node, the control plane's own processes, activity, figures over time, and problems.

use common::activity::{Activity, ActivityChain, ActivityCount, ActivityPage, TimelinePage};
use common::history::History;
use common::ids::{FrontendId, NodeId, RegionId, RunId};
use common::job::{JobRun, JobRunPage};
use common::overview::{OpenProblem, ProblemList, SnoozeRequest};
use common::paths;
use common::singleton::{
    BackgroundNode, BackgroundTestReply, FrontendNodes, PutBackgroundNode, PutBackgroundReply,
    TestBackgroundNode,
};
use common::time::Timestamp;
use gloo_net::http::Method;

use super::calls::{Ask, json};
use super::{Api, ApiError};
use crate::routes::encode;

/// A test of the background node may take as long as its slowest step, and some more on the way.
const TEST_TIMEOUT_MS: u32 = 30_000;

/// Whose figures or events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// All regions together.
    Cluster,
    /// A region and its nodes.
    Region(RegionId),
    /// A node.
    Node(NodeId),
    /// A process of the control plane.
    Frontend(FrontendId),
}

impl Whose {
    pub(super) fn path(&self) -> String {
        match self {
            Self::Cluster => paths::OVERVIEW.to_owned(),
            Self::Region(id) => format!("{}/{}", paths::REGIONS, encode(id.as_str())),
            Self::Node(id) => format!("{}/{id}", paths::NODES),
            Self::Frontend(id) => format!("{}/{id}", paths::FRONTENDS),
        }
    }
}

/// The address of a file with the entries of a filter, for a link.
pub fn activity_export(filter: &str, format: &str) -> String {
    let and = if filter.is_empty() { "" } else { "&" };
    format!("{}/export?format={format}{and}{filter}", paths::ACTIVITY)
}

impl Api {
    /// The background node, its jobs and their runs.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn background(self) -> Result<BackgroundNode, ApiError> {
        self.call(Method::GET, paths::BACKGROUND, None).await
    }

    /// Registers the background node, or changes it; `base` is the version this is based on, none to register.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed it meanwhile.
    pub async fn put_background(
        self,
        put: &PutBackgroundNode,
        base: Option<i64>,
    ) -> Result<PutBackgroundReply, ApiError> {
        let body = Some(json(put)?);
        self.ask(Ask { method: Method::PUT, path: paths::BACKGROUND, body, base, ..Ask::default() }).await
    }

    /// Tries an address and a key, saved or not. A test that fails is a reply.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn test_background(self, values: &TestBackgroundNode) -> Result<BackgroundTestReply, ApiError> {
        let (path, body) = (format!("{}/test", paths::BACKGROUND), Some(json(values)?));
        let ask =
            Ask { method: Method::POST, path: &path, body, timeout_ms: TEST_TIMEOUT_MS, ..Ask::default() };
        self.ask(ask).await
    }

    /// Starts a job.
    ///
    /// # Errors
    /// [`ApiError`]; 409 where it runs already or the node is not there.
    pub async fn start_job(self, job: &str) -> Result<JobRun, ApiError> {
        self.call(Method::POST, &format!("{}/jobs/{}/runs", paths::BACKGROUND, encode(job)), None).await
    }

    /// Runs of one job, newest first.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn runs_of(self, job: &str, cursor: Option<&str>) -> Result<JobRunPage, ApiError> {
        let cursor = cursor.map(|c| format!("&cursor={}", encode(c))).unwrap_or_default();
        let path = format!("{}/jobs/{}/runs?limit=50{cursor}", paths::BACKGROUND, encode(job));
        self.call(Method::GET, &path, None).await
    }

    /// One run with its output.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where there is no such run.
    pub async fn run(self, id: RunId) -> Result<JobRun, ApiError> {
        self.call(Method::GET, &format!("{}/runs/{id}", paths::BACKGROUND), None).await
    }

    /// Asks for the end of a run.
    ///
    /// # Errors
    /// [`ApiError`]; 409 where it is over.
    pub async fn cancel_run(self, id: RunId) -> Result<JobRun, ApiError> {
        self.call(Method::POST, &format!("{}/runs/{id}/cancel", paths::BACKGROUND), None).await
    }

    /// The control plane's own processes.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn frontends(self) -> Result<FrontendNodes, ApiError> {
        self.call(Method::GET, paths::FRONTENDS, None).await
    }

    /// Figures over time; an empty `metrics` brings all there are.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn history(
        self,
        whose: &Whose,
        metrics: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<History, ApiError> {
        self.history_in(whose, metrics, from, to, 240).await
    }

    /// The same in at most so many points.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn history_in(
        self,
        whose: &Whose,
        metrics: &str,
        from: Timestamp,
        to: Timestamp,
        points: u32,
    ) -> Result<History, ApiError> {
        let metrics = if metrics.is_empty() { String::new() } else { format!("&metric={metrics}") };
        let (from, to) = (encode(&from.to_string()), encode(&to.to_string()));
        let path = format!("{}/history?from={from}&to={to}&points={points}{metrics}", whose.path());
        self.call(Method::GET, &path, None).await
    }

    /// What happened to a region or a node since a time, newest first.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn events_of(
        self,
        whose: &Whose,
        from: Timestamp,
        kinds: &str,
        cursor: Option<&str>,
    ) -> Result<TimelinePage, ApiError> {
        let cursor = cursor.map(|c| format!("&cursor={}", encode(c))).unwrap_or_default();
        self.events(whose, from, kinds, &cursor).await
    }

    /// What happened to a region or a node within a time, newest first.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn events_between(
        self,
        whose: &Whose,
        from: Timestamp,
        to: Timestamp,
        kinds: &str,
    ) -> Result<TimelinePage, ApiError> {
        self.events(whose, from, kinds, &format!("&to={}", encode(&to.to_string()))).await
    }

    async fn events(
        self,
        whose: &Whose,
        from: Timestamp,
        kinds: &str,
        more: &str,
    ) -> Result<TimelinePage, ApiError> {
        let kinds = if kinds.is_empty() { String::new() } else { format!("&kind={kinds}") };
        let from = encode(&from.to_string());
        self.call(Method::GET, &format!("{}/events?from={from}&limit=200{kinds}{more}", whose.path()), None)
            .await
    }

    /// Entries of the activity log that pass a filter, newest first. The filter is written as in an address.
    ///
    /// # Errors
    /// [`ApiError`], with what the filter has wrong.
    pub async fn activity(self, filter: &str, cursor: Option<&str>) -> Result<ActivityPage, ApiError> {
        let and = if filter.is_empty() { "" } else { "&" };
        let cursor = cursor.map(|c| format!("&cursor={}", encode(c))).unwrap_or_default();
        self.call(Method::GET, &format!("{}?limit=50{and}{filter}{cursor}", paths::ACTIVITY), None).await
    }

    /// How many entries pass a filter.
    ///
    /// # Errors
    /// [`ApiError`], with what the filter has wrong.
    pub async fn activity_count(self, filter: &str) -> Result<ActivityCount, ApiError> {
        self.call(Method::GET, &format!("{}/count?{filter}", paths::ACTIVITY), None).await
    }

    /// The chain of the log: its ends, and what the last check found.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn activity_chain(self) -> Result<ActivityChain, ApiError> {
        self.call(Method::GET, paths::ACTIVITY_CHAIN, None).await
    }

    /// Begins a check of the chain.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn verify_activity_chain(self) -> Result<ActivityChain, ApiError> {
        self.call(Method::POST, paths::ACTIVITY_VERIFY, None).await
    }

    /// One entry.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where there is none.
    pub async fn activity_entry(self, id: &str) -> Result<Activity, ApiError> {
        self.call(Method::GET, &format!("{}/{}", paths::ACTIVITY, encode(id)), None).await
    }

    /// Open problems, snoozed ones too.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn problems(self) -> Result<ProblemList, ApiError> {
        self.call(Method::GET, &format!("{}?include=snoozed", paths::PROBLEMS), None).await
    }

    /// Puts a problem aside.
    ///
    /// # Errors
    /// [`ApiError`]; 404 where it is over.
    pub async fn snooze(self, id: &str, snooze: &SnoozeRequest) -> Result<OpenProblem, ApiError> {
        let (path, body) = (format!("{}/{}/snooze", paths::PROBLEMS, encode(id)), json(snooze)?);
        self.call(Method::POST, &path, Some(body)).await
    }

    /// Takes a problem up again.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn unsnooze(self, id: &str) -> Result<(), ApiError> {
        self.call(Method::DELETE, &format!("{}/{}/snooze", paths::PROBLEMS, encode(id)), None).await
    }
}
