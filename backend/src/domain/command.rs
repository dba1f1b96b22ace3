//! What becomes of a command. One pure function, [`step`], applies what happened to one command.
//!
//! A `shutdown` and an `end_sessions` are meant for one run of the process and never reach its successor. What a node
//! says about a shutdown is a promise; that it happened is seen: the run says goodbye, falls silent, or another run
//! speaks.

use common::command::{AckStatus, Command, CommandKind, CommandState, ShutdownMode};
use common::time::Timestamp;

/// How long a command may wait for its node, in milliseconds.
pub const NOT_AFTER_MS: u64 = 10 * 60 * 1000;
/// Longest text of a node that is kept.
const DETAIL_MAX: usize = 500;
/// How long a process may take to come back after a shutdown, in milliseconds.
pub const RETURN_WITHIN_MS: u64 = 2 * 60 * 1000;

/// Something that happened to a command or to its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened<'a> {
    /// It was in a reply to this run of the process.
    Offered,
    /// The node acknowledged it, in this run.
    Acked {
        /// What it says.
        status: AckStatus,
        /// In its words.
        detail: &'a str,
        /// The run that says so.
        boot: Option<&'a str>,
    },
    /// The run we knew said goodbye.
    Goodbye,
    /// The node has been silent for `offlineAfter`.
    Offline,
    /// A heartbeat of this run came, where another was known before.
    Booted(&'a str),
    /// Time passed.
    Time,
    /// A newer command takes its place.
    Superseded,
    /// An operator takes it back.
    Cancelled,
}

/// Applies what happened; whether the state changed. A command that has ended never changes again.
pub fn step(c: &mut Command, happened: Happened<'_>, now: Timestamp) -> bool {
    if !c.state.is_open() {
        return false;
    }
    let accepted = c.state == CommandState::Accepted;
    let shutdown = c.kind == CommandKind::Shutdown;
    match happened {
        Happened::Offered => {
            c.offered_count = c.offered_count.saturating_add(1);
            if c.state != CommandState::Queued {
                return false;
            }
            c.offered_at = Some(now);
            c.state = CommandState::Offered;
            true
        }
        Happened::Acked { boot, .. } if !meant_for(c, boot) => false,
        Happened::Acked { status, detail, boot } => acked(c, status, detail, boot, now),
        Happened::Goodbye if shutdown => end(c, CommandState::Done, None, now),
        Happened::Offline if shutdown && accepted => end(c, CommandState::Done, None, now),
        Happened::Goodbye if accepted => end(c, CommandState::Failed, Some(ENDED_BEFORE), now),
        Happened::Booted(boot) if c.boot_id.as_deref().is_some_and(|meant| meant != boot) => {
            match (accepted, shutdown) {
                (true, true) => end(c, CommandState::Done, None, now),
                (true, false) => end(c, CommandState::Failed, Some(ENDED_BEFORE), now),
                (false, _) => end(c, CommandState::Superseded, Some(ANOTHER_RUN), now),
            }
        }
        // An accepted command has no end by time: calls may take as long as they take.
        Happened::Time if !accepted && now > c.not_after => {
            let why = if c.offered_at.is_some() { UNANSWERED } else { UNASKED };
            end(c, CommandState::Expired, Some(why), now)
        }
        Happened::Superseded => end(c, CommandState::Superseded, Some(REPLACED), now),
        Happened::Cancelled if !accepted => end(c, CommandState::Cancelled, None, now),
        Happened::Goodbye
        | Happened::Offline
        | Happened::Booted(_)
        | Happened::Time
        | Happened::Cancelled => false,
    }
}

const ENDED_BEFORE: &str = "The process ended before it said that this is done.";
const ANOTHER_RUN: &str = "Another run of the process came before this one acknowledged it.";
const UNANSWERED: &str = "The node was told and did not acknowledge it in time.";
const UNASKED: &str = "The node sent no heartbeat in time.";
const REPLACED: &str = "A newer command takes its place.";

fn acked(c: &mut Command, status: AckStatus, detail: &str, boot: Option<&str>, now: Timestamp) -> bool {
    let accepted = c.state == CommandState::Accepted;
    let words = Some(detail).filter(|d| !d.trim().is_empty());
    match status {
        // A shutdown that is done cannot be reported by the process that is gone: it is a promise until that is seen.
        AckStatus::Accepted | AckStatus::Done
            if status == AckStatus::Accepted || c.kind == CommandKind::Shutdown =>
        {
            if accepted {
                return false;
            }
            c.state = CommandState::Accepted;
            c.accepted_at = Some(now);
            // From here on it belongs to the run that took it.
            c.boot_id = c.boot_id.take().or_else(|| boot.map(str::to_owned));
            c.detail = words.map(cut);
            true
        }
        AckStatus::Accepted | AckStatus::Done => {
            c.accepted_at = c.accepted_at.or(Some(now));
            end(c, CommandState::Done, words, now)
        }
        AckStatus::Refused => end(c, CommandState::Refused, words, now),
        AckStatus::Failed => end(c, CommandState::Failed, words, now),
    }
}

fn end(c: &mut Command, state: CommandState, detail: Option<&str>, now: Timestamp) -> bool {
    c.state = state;
    c.finished_at = Some(now);
    if let Some(detail) = detail {
        c.detail = Some(cut(detail));
    }
    true
}

fn cut(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(DETAIL_MAX).collect()
}

/// Whether this run of the process may be offered the command, and may acknowledge it.
pub fn meant_for(c: &Command, boot: Option<&str>) -> bool {
    c.boot_id.is_none() || c.boot_id.as_deref() == boot
}

/// Whether it is put into the reply to a heartbeat of this run.
pub fn is_offered(c: &Command, boot: Option<&str>, now: Timestamp) -> bool {
    matches!(c.state, CommandState::Queued | CommandState::Offered)
        && now <= c.not_after
        && meant_for(c, boot)
}

/// Whether one note of a command knows more than another: it is further on, was offered more often, or knows what a push
/// brought. What has ended stays as it ended.
pub fn further(new: &Command, known: &Command) -> bool {
    let rank = |c: &Command| match c.state {
        CommandState::Queued => 0,
        CommandState::Offered => 1,
        CommandState::Accepted => 2,
        _ => 3,
    };
    match rank(new).cmp(&rank(known)) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => {
            new.offered_count > known.offered_count || (known.push.is_none() && new.push.is_some())
        }
    }
}

/// What stands in the way of a further shutdown of the same node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again<'a> {
    /// Nothing.
    Free,
    /// A graceful one is open, and this one is immediate: it takes its place.
    Replaces(&'a Command),
    /// One is open already.
    Asked(&'a Command),
}

/// Compares a new shutdown with those that are open.
pub fn again<'a>(open: impl Iterator<Item = &'a Command>, mode: ShutdownMode) -> Again<'a> {
    let mut open = open.filter(|c| c.kind == CommandKind::Shutdown && c.state.is_open());
    match open.next() {
        None => Again::Free,
        Some(c) if mode == ShutdownMode::Immediate && c.args.mode != Some(ShutdownMode::Immediate) => {
            Again::Replaces(c)
        }
        Some(c) => Again::Asked(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::command::CommandArgs;
    use common::ids::{CommandId, NodeId};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn command(kind: CommandKind, boot: Option<&str>) -> Command {
        Command {
            id: CommandId(uuid::Uuid::nil()),
            node_id: NodeId(uuid::Uuid::nil()),
            kind,
            args: CommandArgs { mode: Some(ShutdownMode::Graceful), ..CommandArgs::default() },
            state: CommandState::Queued,
            detail: None,
            boot_id: boot.map(str::to_owned),
            created_by: "a@b".into(),
            created_at: NOW,
            not_after: Timestamp(NOW.0 + 600_000),
            offered_at: None,
            offered_count: 0,
            accepted_at: None,
            finished_at: None,
            push: None,
        }
    }

    fn ack(status: AckStatus) -> Happened<'static> {
        Happened::Acked { status, detail: "", boot: Some("b1") }
    }

    fn after(kind: CommandKind, events: &[Happened<'_>]) -> Command {
        let mut c = command(kind, (kind != CommandKind::RunJob).then_some("b1"));
        for e in events {
            step(&mut c, *e, NOW);
        }
        c
    }

    #[test]
    fn what_is_further_on_counts_and_an_end_is_an_end() {
        use CommandKind::Shutdown;
        let of = |events: &[Happened<'_>]| after(Shutdown, events);
        let steps = [
            of(&[]),
            of(&[Happened::Offered]),
            of(&[Happened::Offered, Happened::Offered]),
            of(&[Happened::Offered, ack(AckStatus::Accepted)]),
            of(&[Happened::Offered, ack(AckStatus::Accepted), Happened::Goodbye]),
        ];
        for (i, a) in steps.iter().enumerate() {
            for (j, b) in steps.iter().enumerate() {
                assert_eq!(further(a, b), i > j, "{i} {j}");
            }
        }
        assert!(!further(&of(&[Happened::Cancelled]), &of(&[Happened::Superseded])));
    }

    #[test]
    fn the_table() {
        use AckStatus as A;
        use CommandKind::*;
        use CommandState as S;
        use Happened::*;
        let accepted = ack(A::Accepted);
        for (kind, events, state) in [
            (Shutdown, vec![], S::Queued),
            (Shutdown, vec![Offered, Offered], S::Offered),
            (Shutdown, vec![Offered, accepted], S::Accepted),
            (Shutdown, vec![accepted], S::Accepted),
            (Shutdown, vec![Offered, ack(A::Done)], S::Accepted),
            (Shutdown, vec![Offered, ack(A::Refused)], S::Refused),
            (Shutdown, vec![Offered, accepted, ack(A::Failed)], S::Failed),
            (Shutdown, vec![Goodbye], S::Done),
            (Shutdown, vec![Offered, Goodbye], S::Done),
            (Shutdown, vec![Offered, accepted, Goodbye], S::Done),
            (Shutdown, vec![Offered, Offline], S::Offered),
            (Shutdown, vec![Offered, accepted, Offline], S::Done),
            (Shutdown, vec![Offered, accepted, Booted("b2")], S::Done),
            (Shutdown, vec![Offered, Booted("b2")], S::Superseded),
            (Shutdown, vec![Booted("b2")], S::Superseded),
            (Shutdown, vec![Booted("b1")], S::Queued),
            (Shutdown, vec![Offered, Cancelled], S::Cancelled),
            (Shutdown, vec![Offered, accepted, Cancelled], S::Accepted),
            (Shutdown, vec![Offered, accepted, Superseded], S::Superseded),
            (EndSessions, vec![Offered, ack(A::Done)], S::Done),
            (EndSessions, vec![Offered, accepted, Goodbye], S::Failed),
            (EndSessions, vec![Offered, Goodbye], S::Offered),
            (EndSessions, vec![Offered, Booted("b2")], S::Superseded),
            (RunJob, vec![Offered, Goodbye, Booted("b2")], S::Offered),
            (RunJob, vec![Offered, accepted, Booted("b2")], S::Failed),
            (RunJob, vec![Offered, accepted, Booted("b1"), ack(A::Done)], S::Done),
        ] {
            let c = after(kind, &events);
            assert_eq!(c.state, state, "{kind:?} {events:?}");
            assert_eq!(c.finished_at.is_some(), !c.state.is_open(), "{kind:?} {events:?}");
        }
    }

    #[test]
    fn time_ends_what_nobody_took() {
        let late = Timestamp(NOW.0 + 600_001);
        let mut c = command(CommandKind::Shutdown, Some("b1"));
        assert!(!step(&mut c, Happened::Time, Timestamp(NOW.0 + 600_000)));
        assert!(!is_offered(&c, Some("b1"), late));
        assert!(step(&mut c, Happened::Time, late));
        assert_eq!((c.state, c.detail.as_deref()), (CommandState::Expired, Some(UNASKED)));
        let mut c = after(CommandKind::Shutdown, &[Happened::Offered]);
        step(&mut c, Happened::Time, late);
        assert_eq!(c.detail.as_deref(), Some(UNANSWERED));
        let mut c = after(CommandKind::Shutdown, &[Happened::Offered, ack(AckStatus::Accepted)]);
        assert!(!step(&mut c, Happened::Time, late), "a drain takes as long as its calls");
    }

    #[test]
    fn another_run_neither_hears_nor_answers() {
        let mut c = command(CommandKind::Shutdown, Some("b1"));
        assert!(is_offered(&c, Some("b1"), NOW));
        assert!(!is_offered(&c, Some("b2"), NOW) && !is_offered(&c, None, NOW));
        let other = Happened::Acked { status: AckStatus::Accepted, detail: "", boot: Some("b2") };
        assert!(!step(&mut c, other, NOW));
        // Today's servers name no runs: what is meant for one of them is offered to whoever holds its secret.
        assert!(is_offered(&command(CommandKind::Shutdown, None), None, NOW));
    }

    #[test]
    fn receipts_are_kept() {
        let mut c = command(CommandKind::RunJob, None);
        step(&mut c, Happened::Offered, Timestamp(NOW.0 + 1));
        step(&mut c, Happened::Offered, Timestamp(NOW.0 + 2));
        assert_eq!((c.offered_at, c.offered_count), (Some(Timestamp(NOW.0 + 1)), 2));
        let words = format!(" it's\u{7} {}", "x".repeat(600));
        let said = Happened::Acked { status: AckStatus::Accepted, detail: &words, boot: Some("b7") };
        step(&mut c, said, Timestamp(NOW.0 + 3));
        assert_eq!((c.accepted_at, c.boot_id.as_deref()), (Some(Timestamp(NOW.0 + 3)), Some("b7")));
        let kept = c.detail.clone().unwrap();
        assert!(kept.starts_with("it's x") && kept.chars().count() == 500);
        let done = Happened::Acked { status: AckStatus::Done, detail: "", boot: Some("b7") };
        step(&mut c, done, Timestamp(NOW.0 + 4));
        assert_eq!((c.finished_at, c.detail), (Some(Timestamp(NOW.0 + 4)), Some(kept)));
    }

    #[test]
    fn only_haste_replaces() {
        let graceful = command(CommandKind::Shutdown, Some("b1"));
        let mut immediate = graceful.clone();
        immediate.args.mode = Some(ShutdownMode::Immediate);
        let mut over = graceful.clone();
        over.state = CommandState::Done;
        let job = command(CommandKind::RunJob, None);
        let check = |open: &Command, mode| match again([open].into_iter(), mode) {
            Again::Free => "free",
            Again::Replaces(_) => "replaces",
            Again::Asked(_) => "asked",
        };
        assert_eq!(check(&graceful, ShutdownMode::Graceful), "asked");
        assert_eq!(check(&graceful, ShutdownMode::Immediate), "replaces");
        assert_eq!(check(&immediate, ShutdownMode::Immediate), "asked");
        assert_eq!(check(&immediate, ShutdownMode::Graceful), "asked");
        assert_eq!(check(&over, ShutdownMode::Graceful), "free");
        assert_eq!(check(&job, ShutdownMode::Graceful), "free");
    }

    fn any_event() -> impl Strategy<Value = Happened<'static>> {
        let acks = [AckStatus::Accepted, AckStatus::Refused, AckStatus::Done, AckStatus::Failed];
        prop_oneof![
            Just(Happened::Offered),
            prop::sample::select(acks.to_vec()).prop_map(ack),
            Just(Happened::Goodbye),
            Just(Happened::Offline),
            Just(Happened::Booted("b2")),
            Just(Happened::Time),
            Just(Happened::Superseded),
            Just(Happened::Cancelled),
        ]
    }

    proptest! {
        #[test]
        fn what_has_ended_stays_as_it_is(events in prop::collection::vec(any_event(), 0..12), job in any::<bool>()) {
            let kind = if job { CommandKind::RunJob } else { CommandKind::Shutdown };
            let mut c = command(kind, (!job).then_some("b1"));
            for (i, e) in events.into_iter().enumerate() {
                let before = c.clone();
                let changed = step(&mut c, e, Timestamp(NOW.0 + i64::try_from(i).unwrap()));
                prop_assert_eq!(changed, before.state != c.state);
                if !before.state.is_open() {
                    prop_assert_eq!(before, c.clone());
                }
                prop_assert_eq!(c.finished_at.is_some(), !c.state.is_open());
                prop_assert!(c.state != CommandState::Accepted || c.accepted_at.is_some());
                prop_assert!(c.state != CommandState::Queued || c.offered_count == 0);
            }
        }
    }
}
