//! Calls of the dashboard and of the diagnosis.

use common::activity::{ActivityPage, TimelineEvent, TimelinePage};
use common::overview::RejectionPage;
use common::paths;
use common::region::{Region, RegionPage};
use common::time::Timestamp;
use gloo_net::http::Method;

use super::{Api, ApiError, Whose};
use crate::routes::encode;

impl Api {
    /// The newest refused heartbeats, as many as one page holds.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn all_rejections(self) -> Result<RejectionPage, ApiError> {
        self.call(Method::GET, &format!("{}?limit=500", paths::REJECTIONS), None).await
    }

    /// All regions, page by page.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn regions(self) -> Result<Vec<Region>, ApiError> {
        let mut all: Vec<Region> = Vec::new();
        loop {
            let after = all.last().map(|r| format!("&cursor={}", encode(r.id.as_str()))).unwrap_or_default();
            let path = format!("{}?limit=500{after}", paths::REGIONS);
            let page: RegionPage = self.call(Method::GET, &path, None).await?;
            all.extend(page.items);
            if page.next_cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// The last event of a kind before a time.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn last_event(
        self,
        whose: &Whose,
        before: Timestamp,
        kind: &str,
    ) -> Result<Option<TimelineEvent>, ApiError> {
        let to = encode(&before.to_string());
        let path = format!("{}/events?to={to}&limit=1&kind={kind}", whose.path());
        let page: TimelinePage = self.call(Method::GET, &path, None).await?;
        Ok(page.items.into_iter().next())
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
