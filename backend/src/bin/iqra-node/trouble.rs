//! Says in the log what is wrong and what to do, once, and again every minute, not at every attempt.

use std::time::Duration;

use crate::wire::Trouble;

/// The same trouble is repeated this often.
const AGAIN: Duration = Duration::from_secs(60);

/// What was said last.
#[derive(Debug)]
pub(crate) struct Log {
    fingerprint: String,
    /// The code, when it began, when it was last said.
    now: Option<(String, Duration, Duration)>,
    ever_fine: bool,
}

impl Log {
    /// For a node with that secret.
    pub(crate) fn new(fingerprint: &str) -> Self {
        Self { fingerprint: fingerprint.to_owned(), now: None, ever_fine: false }
    }

    /// An attempt did not count.
    pub(crate) fn trouble(&mut self, why: &Trouble, at: Duration) {
        if self.is_news(why.code(), at) {
            let text = explain(why, &self.fingerprint);
            match why {
                Trouble::Failed(_) | Trouble::Overloaded { .. } | Trouble::TooFast { .. } => {
                    tracing::warn!("{text}");
                }
                _ => tracing::error!("{text}"),
            }
        }
    }

    /// A heartbeat counted.
    pub(crate) fn fine(&mut self, at: Duration) {
        let trouble = self.now.take();
        if !self.ever_fine {
            tracing::info!("heartbeats are accepted");
        } else if let Some((_, since, _)) = trouble {
            let secs = at.saturating_sub(since).as_secs();
            tracing::info!("heartbeats are accepted again, after {secs} s");
        }
        self.ever_fine = true;
    }

    fn is_news(&mut self, code: &str, at: Duration) -> bool {
        match &mut self.now {
            Some((last, _, said)) if last == code => {
                let again = at.saturating_sub(*said) >= AGAIN;
                if again {
                    *said = at;
                }
                again
            }
            now => {
                let since = now.as_ref().map_or(at, |(_, since, _)| *since);
                *now = Some((code.to_owned(), since, at));
                true
            }
        }
    }
}

/// What happened and what an operator can do.
fn explain(why: &Trouble, fingerprint: &str) -> String {
    match why {
        Trouble::Failed(e) => format!("no usable answer from the control plane: {e}; trying again"),
        Trouble::Overloaded { why, .. } => {
            format!("the control plane cannot answer now ({why}); trying again")
        }
        Trouble::TooFast { .. } => "the control plane finds our heartbeats too fast (429); slowing down. \
                                    Does another process use the same secret?"
            .to_owned(),
        Trouble::UnknownSecret => format!(
            "the control plane knows no secret with the fingerprint {fingerprint} (401 unknown_secret); compare it \
             with the node's page in the console and put the right ApiKey into the settings: they are read again with \
             every attempt"
        ),
        Trouble::Mismatch { code, detail } => {
            format!(
                "the settings do not fit the registration (409 {code}): {detail} Trying again now and then"
            )
        }
        Trouble::Deleted => {
            "this node was deleted from the control plane (410 node_deleted): ending".to_owned()
        }
        Trouble::Refused { code, detail } => {
            format!("the control plane refused us ({code}): {detail}; trying again now and then")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_it_once_a_minute_and_at_every_change() {
        let mut log = Log::new("ba7816bf");
        let s = Duration::from_secs;
        let said: Vec<_> = [
            ("failed", 0),
            ("failed", 1),
            ("failed", 59),
            ("failed", 60),
            ("failed", 61),
            ("overloaded", 62),
            ("failed", 63),
        ]
        .into_iter()
        .map(|(code, at)| log.is_news(code, s(at)))
        .collect();
        assert_eq!(said, [true, false, false, true, false, true, true]);
        log.fine(s(70));
        assert!(log.is_news("failed", s(71)), "after it was fine it is news again");
    }

    #[test]
    fn names_what_to_compare() {
        assert!(explain(&Trouble::UnknownSecret, "ba7816bf").contains("ba7816bf"));
        let mismatch = Trouble::Mismatch { code: "region_mismatch".into(), detail: "It is OM-MCT.".into() };
        let text = explain(&mismatch, "ba7816bf");
        assert!(text.contains("region_mismatch") && text.contains("It is OM-MCT."));
    }
}
