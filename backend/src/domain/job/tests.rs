//! Every state against every report, the lapses, and the output.

use super::*;
use common::ids::RunId;
use uuid::Uuid;

const T0: Timestamp = Timestamp(1_000_000);

fn at(ms: i64) -> Timestamp {
    Timestamp(T0.0 + ms)
}

fn run(state: RunState) -> RunRecord {
    let run = JobRun {
        id: RunId(Uuid::from_u128(1)),
        job: "cleanup".into(),
        node_id: Some(NodeId(Uuid::from_u128(2))),
        state,
        requested_by: "huda@example.org".into(),
        requested_at: T0,
        started_at: None,
        finished_at: None,
        reported_at: None,
        cancel_requested: false,
        output: Some(String::new()),
        output_bytes: 0,
        error: None,
        command_id: None,
        push: None,
    };
    RunRecord { run, boot_id: None }
}

fn says(status: RunReportStatus) -> RunReport {
    RunReport { boot_id: "a".into(), status, output: None, error: None }
}

fn node(boot: &str) -> NodeFact {
    NodeFact { id: NodeId(Uuid::from_u128(2)), boot_id: Some(boot.into()) }
}

fn command(state: CommandState) -> CommandFact {
    CommandFact { state, detail: Some("no such job".into()), accepted_at: None }
}

#[test]
fn every_state_against_every_report() {
    use RunReportStatus as R;
    use RunState::*;
    for state in RunState::ALL {
        for (status, next) in [
            (R::Accepted, if state == Queued { Accepted } else { state }),
            (R::Running, Running),
            (R::Succeeded, Succeeded),
            (R::Failed, Failed),
            (R::Cancelled, Cancelled),
        ] {
            let mut r = run(state);
            let taken = r.report(&says(status), at(5));
            if state.is_active() {
                assert_eq!((taken, r.run.state), (Reported::Taken, next), "{state:?} {status:?}");
                assert_eq!(r.run.finished_at.is_some(), !next.is_active());
                assert_eq!((r.run.reported_at, r.boot_id.as_deref()), (Some(at(5)), Some("a")));
            } else {
                assert_eq!((taken, &r), (Reported::Ended, &run(state)), "{state:?} {status:?}");
            }
        }
    }
}

#[test]
fn the_start_is_the_first_report_of_it() {
    let mut r = run(RunState::Queued);
    for (status, ms) in
        [(RunReportStatus::Accepted, 1), (RunReportStatus::Running, 2), (RunReportStatus::Running, 9)]
    {
        assert_eq!(r.report(&says(status), at(ms)), Reported::Taken);
    }
    assert_eq!((r.run.started_at, r.run.reported_at), (Some(at(2)), Some(at(9))));
}

#[test]
fn another_process_ends_it() {
    let mut r = run(RunState::Queued);
    r.report(&says(RunReportStatus::Running), at(1));
    let other = RunReport { boot_id: "b".into(), ..says(RunReportStatus::Running) };
    assert_eq!(r.report(&other, at(2)), Reported::OtherBoot);
    assert_eq!((r.run.state, r.run.finished_at), (RunState::Lost, Some(at(2))));

    let mut r = run(RunState::Queued);
    assert!(
        !r.lapse(Some(&command(CommandState::Queued)), Some(&node("b")), at(1)),
        "it waits for any process"
    );
    r.report(&says(RunReportStatus::Running), at(1));
    assert!(!r.lapse(None, Some(&node("a")), at(2)));
    assert!(r.lapse(None, Some(&node("b")), at(3)));
    assert_eq!(r.run.state, RunState::Lost);
    assert!(!r.lapse(None, None, at(4)), "once");
}

#[test]
fn silence_loses_it_after_five_minutes() {
    let mut r = run(RunState::Queued);
    r.report(&says(RunReportStatus::Running), at(1_000));
    assert!(!r.lapse(None, Some(&node("a")), at(300_999)));
    assert!(r.lapse(None, Some(&node("a")), at(301_000)));
    assert_eq!((r.run.state, r.run.error.as_deref()), (RunState::Lost, Some("No report for 5 minutes.")));

    let mut r = run(RunState::Queued);
    let taken = CommandFact { accepted_at: Some(at(10)), ..command(CommandState::Accepted) };
    assert!(!r.lapse(Some(&taken), Some(&node("a")), at(300_009)));
    assert!(r.lapse(Some(&taken), Some(&node("a")), at(300_010)));
    assert_eq!(r.run.state, RunState::Lost);
}

#[test]
fn a_command_that_came_to_nothing_fails_it_with_the_reason() {
    for (state, error) in [
        (CommandState::Refused, "The node refused it: no such job"),
        (CommandState::Failed, "The node could not start it: no such job"),
        (CommandState::Expired, "The node did not take it in time."),
        (CommandState::Cancelled, "It was taken back: no such job"),
        (CommandState::Superseded, "It was taken back: no such job"),
    ] {
        let mut r = run(RunState::Queued);
        assert!(r.lapse(Some(&command(state)), Some(&node("a")), at(1)), "{state:?}");
        assert_eq!((r.run.state, r.run.error.as_deref()), (RunState::Failed, Some(error)));
        // What the node says of the run itself outweighs what became of the command.
        let mut r = run(RunState::Queued);
        r.report(&says(RunReportStatus::Running), at(1));
        assert!(!r.lapse(Some(&command(state)), Some(&node("a")), at(2)), "{state:?}");
    }
    for state in [CommandState::Queued, CommandState::Offered] {
        assert!(!run(RunState::Queued).lapse(Some(&command(state)), Some(&node("a")), at(400_000)));
    }
    let mut r = run(RunState::Queued);
    assert!(!r.lapse(None, Some(&node("a")), at(59_999)));
    assert!(r.lapse(None, Some(&node("a")), at(60_000)));
    assert_eq!(r.run.state, RunState::Failed);
}

#[test]
fn a_removed_node_loses_it() {
    let mut r = run(RunState::Running);
    assert!(r.lapse(None, None, at(1)));
    assert_eq!(r.run.state, RunState::Lost);
}

#[test]
fn cancelling() {
    let mut r = run(RunState::Queued);
    r.cancel(false, at(1));
    assert_eq!((r.run.state, r.run.finished_at), (RunState::Cancelled, Some(at(1))));
    let mut r = run(RunState::Queued);
    r.cancel(true, at(1));
    assert_eq!((r.run.state, r.run.cancel_requested), (RunState::Queued, true));
    assert!(r.lapse(Some(&command(CommandState::Expired)), Some(&node("a")), at(2)));
    assert_eq!(r.run.state, RunState::Cancelled);
    let mut r = run(RunState::Running);
    r.cancel(false, at(1));
    assert_eq!((r.run.state, r.run.cancel_requested), (RunState::Running, true), "the node has to end it");
}

#[test]
fn output_is_appended_cleaned_and_cut_between_characters() {
    let mut r = run(RunState::Running);
    let printed = |text: &str| RunReport { output: Some(text.into()), ..says(RunReportStatus::Running) };
    r.report(&printed("one\r\n\u{1b}[31mred\u{0}\ttab\u{85}"), at(1));
    assert_eq!(r.run.output.as_deref(), Some("one\n[31mred\ttab"));
    assert!(!too_much(&"x".repeat(OUTPUT_CALL_MAX)) && too_much(&"x".repeat(OUTPUT_CALL_MAX + 1)));
    let mut r = run(RunState::Running);
    // 3 bytes each: 65,536 is no multiple of 3, so the cut falls inside one.
    for _ in 0..5 {
        r.report(&printed(&"ﷺ".repeat(5_000)), at(1));
    }
    let kept = r.run.output.unwrap();
    assert_eq!((kept.len(), r.run.output_bytes), (65_535, 75_000));
    assert!(kept.chars().all(|c| c == 'ﷺ'));
}

#[test]
fn errors_are_cleaned_and_bounded() {
    let mut r = run(RunState::Running);
    let failed = RunReport { error: Some("é\u{7}".repeat(3_000)), ..says(RunReportStatus::Failed) };
    r.report(&failed, at(1));
    assert_eq!(r.run.error.unwrap(), "é".repeat(2_000));
    let mut r = run(RunState::Running);
    r.report(&says(RunReportStatus::Failed), at(1));
    assert_eq!(r.run.error.as_deref(), Some("The node gave no reason."));
}
