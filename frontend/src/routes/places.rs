//! Pages with places of their own below them: the background node, the help and deliveries.

use super::HELP;

/// A page of the background node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackgroundPlace {
    /// How it is.
    Overview,
    /// What it can do.
    Jobs,
    /// One job and its runs.
    Job(String),
    /// One run of a job.
    Run(String, String),
    /// Address and key.
    Config,
    /// Its figures over time.
    Metrics,
}

/// A page of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelpPlace {
    /// All topics.
    Index,
    /// What to do about 0/N.
    WhyZero,
    /// The keys.
    Shortcuts,
    /// What the status words mean, and after which times.
    Statuses,
    /// Maintenance, disable, shutdown, delete.
    Lifecycle,
    /// Region IDs and what a server's file says.
    RegionIds,
    /// What each role may do.
    Roles,
    /// The interface for scripts.
    Api,
}

impl HelpPlace {
    /// All, in the order of the index.
    pub const ALL: [Self; 8] = [
        Self::Index,
        Self::WhyZero,
        Self::Statuses,
        Self::Lifecycle,
        Self::RegionIds,
        Self::Roles,
        Self::Shortcuts,
        Self::Api,
    ];

    /// Its address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Index => HELP,
            Self::WhyZero => "/help/why-zero",
            Self::Shortcuts => "/help/shortcuts",
            Self::Statuses => "/help/statuses",
            Self::Lifecycle => "/help/lifecycle",
            Self::RegionIds => "/help/region-ids",
            Self::Roles => "/help/roles",
            Self::Api => "/help/api",
        }
    }

    /// Which one a path shows.
    pub fn of(path: &str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        Self::ALL.into_iter().find(|place| place.path() == path)
    }
}

/// Which page of the background node a path shows.
pub fn background_place(path: &str) -> Option<BackgroundPlace> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match [(); 6].map(|()| parts.next()) {
        [Some("background"), None | Some("overview"), None, ..] => Some(BackgroundPlace::Overview),
        [Some("background"), Some("jobs"), None, ..] => Some(BackgroundPlace::Jobs),
        [Some("background"), Some("config"), None, ..] => Some(BackgroundPlace::Config),
        [Some("background"), Some("metrics"), None, ..] => Some(BackgroundPlace::Metrics),
        [Some("background"), Some("jobs"), Some(job), None, ..] => Some(BackgroundPlace::Job(job.to_owned())),
        [Some("background"), Some("jobs"), Some(job), Some("runs"), Some(run), None] => {
            Some(BackgroundPlace::Run(job.to_owned(), run.to_owned()))
        }
        _ => None,
    }
}

/// The delivery of a path, as it stands there; empty where there is none.
pub fn delivery_in(path: &str) -> &str {
    path.split('/').filter(|part| !part.is_empty()).nth(3).unwrap_or_default()
}
