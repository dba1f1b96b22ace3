//! The only place that talks to the server: one function per endpoint, and the stream of events.

mod calls;
mod calls_dashboard;
mod calls_lifecycle;
mod calls_operate;
mod calls_people;
mod calls_registry;
mod calls_webhooks;
pub mod decode;
pub mod events;
mod key;
mod source;

pub use calls::{Api, NodeQuery, OrderQuery, use_api};
pub use calls_lifecycle::Object;
pub use calls_operate::{Whose, activity_export};
pub use calls_webhooks::DeliveryQuery;

use common::problem::Problem;

use crate::i18n::isolated;
use crate::i18n::strings::Strings;

/// Why a call did not bring what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No answer, or none in time.
    Unreachable,
    /// The person did not give their password again, so that nothing was done.
    NotConfirmed,
    /// The server refused, and said why.
    Refused {
        /// The server's words.
        problem: Box<Problem>,
        /// Seconds to wait before the next try, where the server said so.
        retry_after: Option<u64>,
        /// Whom to ask, where a role is missing.
        whom: Option<String>,
    },
    /// Something answered that is not this server, or another version of it.
    Garbled {
        /// The HTTP status.
        status: u16,
    },
}

impl ApiError {
    /// The server's words, where it had any.
    pub fn problem(&self) -> Option<&Problem> {
        if let Self::Refused { problem, .. } = self { Some(problem) } else { None }
    }

    /// The object as it is now, where somebody changed it before this request came (412).
    pub fn current<T: decode::FromJson>(&self) -> Option<T> {
        let problem = self.problem().filter(|p| p.status == 412)?;
        T::from_json(problem.current.clone()?).ok()
    }

    /// The status of the answer; `None` without one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unreachable | Self::NotConfirmed => None,
            Self::Refused { problem, .. } => Some(problem.status),
            Self::Garbled { status } => Some(*status),
        }
    }

    /// What happened, for a heading.
    pub fn title(&self, t: &Strings) -> String {
        match self {
            Self::Unreachable => t.error_unreachable_title.to_owned(),
            Self::NotConfirmed => t.pages.access.not_confirmed_title.to_owned(),
            Self::Refused { problem, .. } => (t.pages.refusals.title)(&problem.code)
                .map_or_else(|| isolated(&problem.title), str::to_owned),
            Self::Garbled { .. } => t.error_garbled_title.to_owned(),
        }
    }

    /// What it means and what to do.
    pub fn detail(&self, t: &Strings) -> String {
        match self {
            Self::Unreachable => t.error_unreachable.to_owned(),
            Self::NotConfirmed => t.pages.access.not_confirmed.to_owned(),
            Self::Refused { problem, whom, .. } => {
                let said = (t.pages.refusals.detail)(&problem.code);
                let said = said.map_or_else(|| isolated(&problem.detail), str::to_owned);
                match whom {
                    Some(whom) => format!("{said} {whom}"),
                    None => said,
                }
            }
            Self::Garbled { status } => (t.error_garbled)(*status),
        }
    }

    /// What to quote when asking for help.
    pub fn request_id(&self) -> Option<String> {
        self.problem().map(|p| p.request_id.clone()).filter(|id| !id.is_empty())
    }
}
