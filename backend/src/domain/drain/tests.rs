//! A drain step by step, and from any two processes.

use super::*;
use proptest::prelude::*;

fn t(s: i64) -> Timestamp {
    Timestamp(s * 1000)
}

fn around(left: Option<u32>) -> Around {
    Around {
        desired: DesiredState::Maintenance,
        deadline: None,
        on_deadline: OnDeadline::Hold,
        silent: false,
        left,
        longest_seconds: Some(90),
        reported_at: Some(t(100)),
    }
}

fn report(observed: Option<i64>, runtime: Option<Runtime>, work: Option<u32>, s: i64) -> Report {
    Report { observed, runtime, work, figures: [work, None, None, None], at: t(s) }
}

/// Obeys with this work at second `s`.
fn obey(track: &mut Track, work: Option<u32>, s: i64) {
    track.observe(report(Some(7), None, work, s));
}

#[test]
fn step_by_step_to_zero() {
    let mut d = Track::new(7, t(0));
    let phase = |d: &Track, left| d.phase(&around(left));
    assert_eq!(phase(&d, Some(2)), DrainPhase::Requested);
    assert!(!d.deliver(6, t(1)), "an older reply does not carry it");
    assert!(d.deliver(7, t(2)) && !d.deliver(7, t(3)));
    assert_eq!(phase(&d, Some(2)), DrainPhase::Delivered);
    assert!(!d.observe(report(Some(6), Some(Runtime::Running), Some(0), 3)), "it has not obeyed yet");
    assert_eq!(d.acknowledged_at, None);
    assert!(d.observe(report(Some(7), Some(Runtime::Maintenance), Some(2), 4)));
    assert_eq!((phase(&d, Some(2)), d.started_with), (DrainPhase::Draining, Some(2)));
    obey(&mut d, Some(0), 5);
    assert_eq!(phase(&d, Some(0)), DrainPhase::Draining, "once is not enough");
    obey(&mut d, Some(1), 6);
    obey(&mut d, Some(0), 7);
    assert_eq!(phase(&d, Some(0)), DrainPhase::Draining, "not in a row");
    obey(&mut d, Some(0), 8);
    assert_eq!((phase(&d, Some(0)), d.drained_at), (DrainPhase::Drained, Some(t(8))));
    obey(&mut d, Some(0), 9);
    assert_eq!(d.drained_at, Some(t(8)));
    obey(&mut d, Some(1), 10);
    assert_eq!(phase(&d, Some(1)), DrainPhase::Draining, "it took a call after all");
}

#[test]
fn what_another_process_knows_only_leads_on() {
    let mut here = Track::new(7, t(0));
    let mut there = here.clone();
    assert!(!here.learn(&there));
    there.deliver(7, t(1));
    obey(&mut there, Some(2), 2);
    assert!(here.learn(&there) && !here.learn(&there));
    assert_eq!(
        (here.delivered_at, here.acknowledged_at, here.started_with),
        (Some(t(1)), Some(t(2)), Some(2))
    );
    assert!(!here.learn(&Track::new(7, t(0))), "an older note takes nothing back");
    assert!(!here.learn(&Track { drained_at: Some(t(3)), ..Track::new(8, t(0)) }), "another drain");
    assert_eq!(here.acknowledged_at, Some(t(2)));
}

#[test]
fn new_work_is_what_rises_twice_after_it_obeyed() {
    let taken = |figures: &[Figures]| {
        let mut d = Track::new(7, t(0));
        d.deliver(7, t(1));
        d.observe(Report { figures: [Some(1); 4], ..report(Some(6), None, Some(4), 2) });
        for (s, f) in (3..).zip(figures) {
            let work = f.iter().take(3).flatten().sum();
            d.observe(Report { figures: *f, ..report(Some(7), None, Some(work), s) });
        }
        d.view(&around(Some(4))).took_new_at
    };
    let calls = |n: &[u32]| n.iter().map(|n| [Some(*n), None, None, None]).collect::<Vec<_>>();
    // What it took before it obeyed is not counted, and one call may have come in while the doors closed.
    assert_eq!(taken(&calls(&[9, 9, 8])), None);
    assert_eq!(taken(&calls(&[4, 5, 5, 3])), None);
    assert_eq!(taken(&calls(&[4, 5, 5, 3, 4, 2])), Some(t(7)));
    // A proxy starts what it had claimed.
    let queue = |processing, pending| [Some(0), None, Some(processing), Some(pending)];
    assert_eq!(taken(&[queue(2, 4), queue(3, 3), queue(4, 2), queue(6, 0)]), None);
    assert_eq!(taken(&[queue(2, 4), queue(3, 4), queue(4, 4)]), Some(t(5)));
    // A figure that could not be read for once is no call.
    let odd = [Some(4), None, None, None];
    assert_eq!(taken(&[odd, [None; 4], odd, [None; 4], odd]), None);
    // A drained node is judged by its zeros.
    assert_eq!(taken(&calls(&[1, 2, 3, 0, 0])), None);
}

#[test]
fn no_data_is_not_zero() {
    let mut d = Track::new(7, t(0));
    for s in 1..5 {
        obey(&mut d, None, s);
    }
    obey(&mut d, Some(0), 5);
    obey(&mut d, None, 6);
    obey(&mut d, Some(0), 7);
    assert_eq!((d.drained_at, d.started_with), (None, Some(0)));
}

#[test]
fn nodes_that_name_no_generation_show_it() {
    let mut d = Track::new(7, t(0));
    d.observe(report(None, Some(Runtime::Maintenance), Some(1), 1));
    assert_eq!(d.acknowledged_at, None, "it was in maintenance before it was told");
    d.deliver(7, t(1));
    d.observe(report(None, Some(Runtime::Running), Some(1), 2));
    d.observe(report(None, None, Some(1), 3));
    assert_eq!(d.acknowledged_at, None);
    d.observe(report(None, Some(Runtime::Draining), Some(1), 4));
    assert_eq!(d.acknowledged_at, Some(t(4)));
    // One that names generations is not taken by its runtime.
    let mut d = Track::new(7, t(0));
    d.deliver(7, t(1));
    d.observe(report(Some(3), Some(Runtime::Maintenance), Some(0), 2));
    assert_eq!(d.acknowledged_at, None);
}

#[test]
fn silence_is_loss_and_not_success() {
    let mut d = Track::new(7, t(0));
    let silent = Around { silent: true, ..around(Some(2)) };
    assert_eq!(d.phase(&silent), DrainPhase::Requested, "it was never told");
    d.deliver(7, t(1));
    assert_eq!(d.phase(&silent), DrainPhase::NodeLost);
    obey(&mut d, Some(2), 2);
    obey(&mut d, Some(0), 3);
    assert_eq!(d.phase(&Around { left: Some(0), ..silent }), DrainPhase::NodeLost, "zero once");
    assert_eq!(d.phase(&around(Some(2))), DrainPhase::Draining, "it came back");
    obey(&mut d, Some(0), 4);
    assert_eq!(d.phase(&Around { left: Some(0), ..silent }), DrainPhase::Drained);
}

#[test]
fn a_goodbye_after_zero_is_the_second_word() {
    let mut d = Track::new(7, t(0));
    assert!(!d.goodbye(Some(0), t(1)), "it never obeyed");
    obey(&mut d, Some(3), 2);
    assert!(!d.goodbye(Some(3), t(3)), "it ended with calls");
    assert!(!d.goodbye(None, t(3)));
    assert!(d.goodbye(Some(0), t(4)));
    assert_eq!(d.drained_at, Some(t(4)));
}

#[test]
fn another_run_starts_again() {
    let mut d = Track::new(7, t(0));
    d.deliver(7, t(1));
    obey(&mut d, Some(0), 2);
    obey(&mut d, Some(0), 3);
    assert!(d.drained_at.is_some());
    d.rebooted();
    assert_eq!(d, Track::new(7, t(0)));
    obey(&mut d, Some(0), 5);
    assert_eq!(d.phase(&around(Some(0))), DrainPhase::Draining);
    obey(&mut d, Some(0), 6);
    assert_eq!(d.drained_at, Some(t(6)));
}

#[test]
fn deadlines() {
    let mut d = Track::new(7, t(0));
    obey(&mut d, Some(2), 1);
    let with = Around { deadline: Some(t(50)), ..around(Some(2)) };
    assert!(!d.is_due(&with, t(49)) && d.is_due(&with, t(50)));
    assert!(!d.is_due(&Around { silent: true, ..with }, t(50)), "nobody is there to be told");
    assert!(!d.is_due(&Around { left: Some(0), ..with }, t(50)), "it is almost there");
    d.deadline_done = true;
    assert!(!d.is_due(&with, t(60)));
    assert_eq!(d.phase(&with), DrainPhase::DeadlineReached);
    assert_eq!(d.phase(&Around { left: Some(0), ..with }), DrainPhase::Draining);
    d.new_deadline();
    assert_eq!(d.phase(&with), DrainPhase::Draining);
}

#[test]
fn how_long_no_call_has_ended() {
    let mut d = Track::new(7, t(0));
    let since = |d: &Track, left| d.view(&around(left)).no_end_since;
    assert_eq!(since(&d, Some(3)), None, "it has not obeyed");
    obey(&mut d, Some(3), 10);
    obey(&mut d, Some(3), 20);
    assert_eq!(since(&d, Some(3)), Some(t(10)), "none has ended since it obeyed");
    obey(&mut d, Some(2), 30);
    obey(&mut d, None, 40);
    obey(&mut d, Some(2), 50);
    assert_eq!(since(&d, Some(2)), Some(t(30)));
    assert_eq!((since(&d, Some(0)), since(&d, None)), (None, None));
    assert_eq!(d.view(&Around { silent: true, ..around(Some(2)) }).no_end_since, None);
    // Read back after a restart: what is left was first heard of then.
    let mut again = Track { last: None, ..d };
    assert_eq!(since(&again, Some(2)), None);
    obey(&mut again, Some(2), 60);
    assert_eq!(since(&again, Some(2)), Some(t(60)));
}

#[test]
fn expectations() {
    // 21 at the start, 4 left after 170 s: 17 in 170 s, so 40 s more.
    assert_eq!(eta(t(0), 21, 4, t(170)), Some(t(210)));
    assert_eq!(eta(t(0), 21, 20, t(59)), None, "one end within a minute is no pace");
    assert_eq!(eta(t(0), 2, 1, t(60)), Some(t(120)));
    assert_eq!(eta(t(0), 21, 19, t(10)), Some(t(105)));
    for (started, left) in [(5, 5), (5, 6), (5, 0)] {
        assert_eq!(eta(t(0), started, left, t(600)), None, "{started} {left}");
    }
    let mut d = Track::new(7, t(0));
    obey(&mut d, Some(21), 0);
    let seen = Around { reported_at: Some(t(170)), ..around(Some(4)) };
    let drain = d.view(&seen);
    assert_eq!((drain.eta, drain.left, drain.longest_seconds), (Some(t(210)), Some(4), Some(90)));
    assert_eq!(d.view(&Around { silent: true, ..seen }).eta, None, "a silent node promises nothing");
}

proptest! {
    #[test]
    fn drained_means_zero_twice_in_a_row_after_obeying(
        reports in prop::collection::vec((prop::option::of(5..9_i64), prop::option::of(0..3_u32)), 0..30),
    ) {
        let mut d = Track::new(7, t(0));
        let (mut obeyed, mut zeros) = (false, 0);
        for (i, (observed, work)) in reports.into_iter().enumerate() {
            let s = i64::try_from(i).unwrap();
            d.observe(report(observed, None, work, s));
            obeyed |= observed.is_some_and(|o| o >= 7);
            zeros = if obeyed && work == Some(0) { zeros + 1 } else { 0 };
            prop_assert_eq!(d.acknowledged_at.is_some(), obeyed);
            prop_assert!(zeros < 2 || d.drained_at.is_some());
            prop_assert!(d.drained_at.is_none() || work.is_none_or(|w| w == 0));
            prop_assert!(d.drained_at.is_none() || obeyed);
        }
    }

    #[test]
    fn an_expectation_lies_ahead(started in 0..200_u32, left in 0..200_u32, passed in 0..100_000_i64) {
        if let Some(at) = eta(t(0), started, left, t(passed)) {
            prop_assert!(at >= t(passed) && left > 0 && left < started);
        }
    }
}
