//! Why registered nodes are silent: the three usual causes, ranked by what is known. Pure.

use common::overview::Rejection;

/// A usual cause of 0/N.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The settings file holds another secret, region or kind.
    Settings,
    /// Messages do not arrive.
    Firewall,
    /// Nothing sends messages.
    NotRunning,
}

/// All three, likeliest first, and whether the evidence really points at the first.
///
/// A refusal proves that messages arrive, so the file is wrong. Silence after heartbeats points at the process: the
/// way was open. Silence from the start points at the way, because a wrong file would have been refused.
pub fn ranked(rejections: &[Rejection], ever_heard: bool) -> ([Cause; 3], bool) {
    let settings = ["unknown_secret", "region_mismatch", "kind_mismatch", "node_mismatch", "node_deleted"];
    if rejections.iter().any(|r| settings.contains(&r.reason.as_str())) {
        ([Cause::Settings, Cause::Firewall, Cause::NotRunning], true)
    } else if ever_heard {
        ([Cause::NotRunning, Cause::Firewall, Cause::Settings], true)
    } else {
        ([Cause::Firewall, Cause::NotRunning, Cause::Settings], false)
    }
}

#[cfg(test)]
mod tests {
    use common::time::Timestamp;

    use super::*;

    fn refused(reason: &str) -> Rejection {
        Rejection {
            reason: reason.into(),
            node_id: None,
            claimed_node: None,
            claimed_region: None,
            claimed_kind: None,
            source: "10.0.0.1".into(),
            fingerprint: None,
            first_at: Timestamp(0),
            last_at: Timestamp(0),
            count: 1,
        }
    }

    #[test]
    fn evidence_decides() {
        assert_eq!(ranked(&[refused("unknown_secret")], true).0[0], Cause::Settings);
        assert_eq!(ranked(&[refused("too_fast")], true).0[0], Cause::NotRunning, "no sign of a wrong file");
        assert_eq!(ranked(&[], true).0[0], Cause::NotRunning);
        assert_eq!(ranked(&[], false), ([Cause::Firewall, Cause::NotRunning, Cause::Settings], false));
    }
}
