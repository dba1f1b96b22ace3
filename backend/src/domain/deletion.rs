//! May this be deleted? A list of what must hold, all of it looked at, so that an operator sees what is missing before
//! the click and the server asks the same again inside the transaction.
//!
//! Closed by default: what cannot be known (silence that cannot be judged, work that was never reported by a node that
//! was seen) counts as not met.

use common::intent::{Deletion, Precondition, PreconditionCode as Code, PreconditionFact as Fact};
use common::overview::CollectingReason;
use common::status::Liveness;

/// Work a node left behind, as far as it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It was never heard of.
    Never,
    /// It was heard of and said nothing about its work.
    Unknown,
    /// So many calls or jobs.
    Known(u32),
}

/// What memory knows of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// As judged.
    pub liveness: Liveness,
    /// Milliseconds since its last accepted heartbeat.
    pub silent_ms: Option<u64>,
    /// How long it has to be silent, in milliseconds.
    pub stale_after_ms: u64,
    /// Why silence cannot be judged now.
    pub doubt: Option<CollectingReason>,
    /// In its last heartbeat.
    pub left: Left,
}

/// What the database knows of a node, and what the operator says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// How long it has been disabled, by itself or through its region, in milliseconds; `None` where it is not.
    pub disabled_ms: Option<u64>,
    /// Commands that something may still become of.
    pub open_commands: u32,
    /// The operator knows that what was left is lost.
    pub sessions_lost: bool,
}

/// Whether a node may be deleted.
pub fn node(stored: Stored, observed: Observed) -> Deletion {
    let disabled = if stored.disabled_ms.is_some() { Fact::Disabled } else { Fact::NeitherDisabled };
    of(vec![
        plain(Code::Disabled, stored.disabled_ms.is_some(), disabled),
        silent(stored, observed),
        judgeable(observed),
        no_sessions(stored, observed),
        no_open_command(stored.open_commands),
    ])
}

/// Whether a region may be deleted: disabled itself, and without nodes.
pub fn region(is_disabled: bool, nodes: u32) -> Deletion {
    let disabled = if is_disabled { Fact::Disabled } else { Fact::NotDisabled };
    let none = match nodes {
        0 => plain(Code::NoNodes, true, Fact::NoNodes),
        n => counted(Code::NoNodes, false, Fact::NodesLeft, n),
    };
    of(vec![plain(Code::Disabled, is_disabled, disabled), none])
}

fn of(preconditions: Vec<Precondition>) -> Deletion {
    Deletion { allowed: preconditions.iter().all(|p| p.met), preconditions }
}

fn plain(code: Code, met: bool, fact: Fact) -> Precondition {
    worded(Precondition {
        code,
        met,
        fact,
        count: None,
        seconds: None,
        needed_seconds: None,
        detail: String::new(),
    })
}

fn counted(code: Code, met: bool, fact: Fact, count: u32) -> Precondition {
    worded(Precondition { count: Some(count), ..plain(code, met, fact) })
}

fn worded(p: Precondition) -> Precondition {
    Precondition { detail: words(&p), ..p }
}

/// Long enough since it was disabled and since it was last heard of: a node that beats every few seconds must have had
/// the time to do so.
fn silent(stored: Stored, o: Observed) -> Precondition {
    let wanted = o.stale_after_ms;
    let gone =
        matches!(o.liveness, Liveness::Left | Liveness::Stale | Liveness::Offline | Liveness::NeverSeen);
    let lasting = |met, fact, ms: u64, needed: Option<u64>| {
        worded(Precondition {
            seconds: Some(ms / 1000),
            needed_seconds: needed.map(|ms| ms.div_ceil(1000)),
            ..plain(Code::Silent, met, fact)
        })
    };
    match (gone, stored.disabled_ms, o.silent_ms) {
        (false, ..) => plain(Code::Silent, false, Fact::MayRun),
        (true, _, Some(ms)) if ms < wanted => lasting(false, Fact::SilentTooShort, ms, Some(wanted)),
        (true, Some(ms), _) if ms < wanted => lasting(false, Fact::DisabledTooShort, ms, Some(wanted)),
        (true, None, _) => plain(Code::Silent, false, Fact::CountsFromDisabled),
        (true, Some(_), None) => plain(Code::Silent, true, Fact::NeverHeard),
        (true, Some(_), Some(ms)) => lasting(true, Fact::Silent, ms, None),
    }
}

fn judgeable(o: Observed) -> Precondition {
    let met = o.doubt.is_none() && o.liveness != Liveness::Unconfirmed;
    plain(Code::Judgeable, met, if met { Fact::Judgeable } else { Fact::Unjudgeable })
}

fn no_sessions(stored: Stored, o: Observed) -> Precondition {
    match o.left {
        Left::Never => plain(Code::NoSessions, true, Fact::NeverWorked),
        Left::Known(0) => plain(Code::NoSessions, true, Fact::NoWork),
        Left::Known(n) => counted(Code::NoSessions, stored.sessions_lost, Fact::WorkLeft, n),
        Left::Unknown => plain(Code::NoSessions, stored.sessions_lost, Fact::WorkUnknown),
    }
}

fn no_open_command(open: u32) -> Precondition {
    match open {
        0 => plain(Code::NoOpenCommand, true, Fact::NoCommand),
        n => counted(Code::NoOpenCommand, false, Fact::CommandsOpen, n),
    }
}

/// The fact as an English sentence, for scripts and logs.
fn words(p: &Precondition) -> String {
    let n = p.count.unwrap_or(0);
    let (seconds, needed) = (p.seconds.unwrap_or(0), p.needed_seconds.unwrap_or(0));
    let lost = if p.met { "You confirmed that it is lost." } else { "Confirm that it is lost." };
    match p.fact {
        Fact::Disabled => "It is disabled.".to_owned(),
        Fact::NotDisabled => "Disable it first.".to_owned(),
        Fact::NeitherDisabled => "Disable it, or its region, first.".to_owned(),
        Fact::MayRun => "It may still be running. Stop its process first.".to_owned(),
        Fact::SilentTooShort => format!("Silent for {seconds} s; {needed} s are needed."),
        Fact::DisabledTooShort => format!("Disabled for {seconds} s; {needed} s are needed."),
        Fact::CountsFromDisabled => "Silence counts from when it is disabled.".to_owned(),
        Fact::NeverHeard => "It was never heard of.".to_owned(),
        Fact::Silent => format!("Silent for {seconds} s."),
        Fact::Judgeable => "Silence can be judged.".to_owned(),
        Fact::Unjudgeable => {
            "The control plane cannot judge silence at the moment. Try again when it can.".to_owned()
        }
        Fact::NeverWorked => "It never reported any work.".to_owned(),
        Fact::NoWork => "Its last heartbeat reported no work.".to_owned(),
        Fact::WorkLeft => format!("Its last heartbeat reported work left: {n}. {lost}"),
        Fact::WorkUnknown => format!("Its last heartbeat said nothing about its work. {lost}"),
        Fact::NoCommand => "No command is open.".to_owned(),
        Fact::CommandsOpen if n == 1 => "1 command is open. Cancel it, or wait until it ends.".to_owned(),
        Fact::CommandsOpen => format!("{n} commands are open. Cancel them, or wait until they end."),
        Fact::NoNodes => "It has no nodes.".to_owned(),
        Fact::NodesLeft if n == 1 => "It still has 1 node. Delete it first.".to_owned(),
        Fact::NodesLeft => format!("It still has {n} nodes. Delete them first."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Liveness; 6] = [
        Liveness::NeverSeen,
        Liveness::Live,
        Liveness::Stale,
        Liveness::Offline,
        Liveness::Left,
        Liveness::Unconfirmed,
    ];

    fn fine() -> (Stored, Observed) {
        (
            Stored { disabled_ms: Some(15_000), open_commands: 0, sessions_lost: false },
            Observed {
                liveness: Liveness::Offline,
                silent_ms: Some(15_000),
                stale_after_ms: 15_000,
                doubt: None,
                left: Left::Known(0),
            },
        )
    }

    fn unmet(d: &Deletion) -> Vec<&str> {
        d.preconditions.iter().filter(|p| !p.met).map(|p| p.code.as_str()).collect()
    }

    #[test]
    fn what_is_disabled_silent_and_empty_may_go() {
        let (stored, observed) = fine();
        let d = node(stored, observed);
        assert!(d.allowed);
        let codes: Vec<_> = d.preconditions.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["disabled", "silent", "judgeable", "no_sessions", "no_open_command"]);
        let never =
            Observed { liveness: Liveness::NeverSeen, silent_ms: None, left: Left::Never, ..observed };
        assert!(node(stored, never).allowed);
    }

    #[test]
    fn each_precondition_alone_stands_against_it() {
        let (s, o) = fine();
        for (s, o, code) in [
            (Stored { disabled_ms: Some(14_999), ..s }, o, "silent"),
            (s, Observed { silent_ms: Some(14_999), ..o }, "silent"),
            (s, Observed { liveness: Liveness::Live, ..o }, "silent"),
            (s, Observed { doubt: Some(CollectingReason::Restart), ..o }, "judgeable"),
            (s, Observed { left: Left::Known(1), ..o }, "no_sessions"),
            (s, Observed { left: Left::Unknown, ..o }, "no_sessions"),
            (Stored { open_commands: 1, ..s }, o, "no_open_command"),
        ] {
            let d = node(s, o);
            assert!(!d.allowed);
            assert_eq!(unmet(&d), [code], "{s:?} {o:?}");
        }
        assert_eq!(unmet(&node(Stored { disabled_ms: None, ..s }, o)), ["disabled", "silent"]);
        let unconfirmed = Observed { liveness: Liveness::Unconfirmed, ..o };
        assert_eq!(unmet(&node(s, unconfirmed)), ["silent", "judgeable"]);
    }

    #[test]
    fn lost_calls_are_acknowledged_and_nothing_else_is() {
        let (s, o) = fine();
        let s = Stored { sessions_lost: true, ..s };
        for left in [Left::Known(3), Left::Unknown] {
            assert!(node(s, Observed { left, ..o }).allowed);
        }
        for (s, o) in [
            (Stored { disabled_ms: None, ..s }, o),
            (Stored { open_commands: 2, ..s }, o),
            (s, Observed { liveness: Liveness::Live, ..o }),
            (s, Observed { doubt: Some(CollectingReason::DatabaseErrors), ..o }),
        ] {
            assert!(!node(s, Observed { left: Left::Known(3), ..o }).allowed);
        }
    }

    /// Every combination against the rule said once more in one line.
    #[test]
    fn every_combination() {
        let ages = [None, Some(0), Some(999), Some(1_000), Some(u64::MAX)];
        let lefts = [Left::Never, Left::Unknown, Left::Known(0), Left::Known(7)];
        let mut allowed = 0;
        for liveness in ALL {
            for disabled_ms in ages {
                for silent_ms in ages {
                    for doubt in [None, Some(CollectingReason::Restart)] {
                        for left in lefts {
                            for open_commands in [0, 1] {
                                for sessions_lost in [false, true] {
                                    let s = Stored { disabled_ms, open_commands, sessions_lost };
                                    let o =
                                        Observed { liveness, silent_ms, stale_after_ms: 1_000, doubt, left };
                                    let d = node(s, o);
                                    let expected = disabled_ms.is_some_and(|ms| ms >= 1_000)
                                        && silent_ms.is_none_or(|ms| ms >= 1_000)
                                        && !matches!(liveness, Liveness::Live | Liveness::Unconfirmed)
                                        && doubt.is_none()
                                        && (sessions_lost || matches!(left, Left::Never | Left::Known(0)))
                                        && open_commands == 0;
                                    assert_eq!(d.allowed, expected, "{s:?} {o:?}");
                                    assert!(d.preconditions.iter().all(|p| !p.detail.is_empty()));
                                    allowed += u32::from(d.allowed);
                                }
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(allowed, 4 * 2 * 3 * 6, "the rule lets something through, and not more");
    }

    /// A fact has its numbers beside it, so that whoever puts it into words needs no other.
    #[test]
    fn facts_have_their_numbers() {
        let (s, o) = fine();
        let of = |s: Stored, o: Observed, code: Code| {
            let found = node(s, o).preconditions.into_iter().find(|p| p.code == code).unwrap();
            (found.fact, found.count, found.seconds, found.needed_seconds, found.detail)
        };
        assert_eq!(
            of(s, Observed { silent_ms: Some(3_999), ..o }, Code::Silent),
            (Fact::SilentTooShort, None, Some(3), Some(15), "Silent for 3 s; 15 s are needed.".to_owned())
        );
        assert_eq!(
            of(s, o, Code::Silent),
            (Fact::Silent, None, Some(15), None, "Silent for 15 s.".to_owned())
        );
        let left = "Its last heartbeat reported work left: 3. Confirm that it is lost.".to_owned();
        let working = Observed { left: Left::Known(3), ..o };
        assert_eq!(of(s, working, Code::NoSessions), (Fact::WorkLeft, Some(3), None, None, left));
        let open = "2 commands are open. Cancel them, or wait until they end.".to_owned();
        assert_eq!(
            of(Stored { open_commands: 2, ..s }, o, Code::NoOpenCommand),
            (Fact::CommandsOpen, Some(2), None, None, open)
        );
        let nodes = region(true, 4).preconditions.pop().unwrap();
        assert_eq!((nodes.fact, nodes.count, nodes.met), (Fact::NodesLeft, Some(4), false));
    }

    #[test]
    fn regions() {
        assert!(region(true, 0).allowed);
        assert_eq!(unmet(&region(false, 0)), ["disabled"]);
        assert_eq!(unmet(&region(true, 1)), ["no_nodes"]);
        assert_eq!(unmet(&region(false, 9)), ["disabled", "no_nodes"]);
    }
}
