//! Calls of the dashboard and of the diagnosis.

use common::activity::ActivityPage;
use common::overview::RejectionPage;
use common::paths;
use gloo_net::http::Method;

use super::{Api, ApiError};

impl Api {
    /// The newest refused heartbeats, as many as one page holds.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn all_rejections(self) -> Result<RejectionPage, ApiError> {
        self.call(Method::GET, &format!("{}?limit=500", paths::REJECTIONS), None).await
    }

    /// The newest entries of the activity log, of one region where one is named.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn newest_activity(self, region: Option<&str>, limit: usize) -> Result<ActivityPage, ApiError> {
        let region = region.map(|r| format!("&region={}", crate::routes::encode(r))).unwrap_or_default();
        self.call(Method::GET, &format!("{}?limit={limit}{region}", paths::ACTIVITY), None).await
    }
}
