//! How streams end: stuck, signed out, expired, old, shut down.

use common::ids::UserId;

use super::support::*;
use super::*;

#[test]
fn a_reader_that_takes_nothing_is_cut() {
    let (hub, world) = setup(Limits::default());
    let mut stuck = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let mut reads = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let (mut client, mut other) = (Client::default(), Client::default());
    client.came(&mut stuck);
    // Silence is no stall: nothing waits.
    hub.reap(T0.after(60_000));
    let t = T0.after(60_000);
    hub.broadcast(&tick(), t);
    for s in (2..10).step_by(2) {
        hub.reap(t.after(s * 1_000));
        hub.broadcast(&tick(), t.after(s * 1_000));
        other.came(&mut reads);
    }
    assert_eq!(hub.stats().cut, 0);
    hub.reap(t.after(10_000));
    assert_eq!(hub.stats().cut, 1);
    assert_eq!(client.came(&mut stuck), [""; 0]);
    assert!(client.ended, "without a word");
    assert_eq!(other.came(&mut reads), [""; 0]);
    assert!(!other.ended);
}

#[test]
fn a_large_message_taken_slowly_is_progress() {
    let (hub, world) = setup(Limits { slice: 64, ..Limits::default() });
    let mut stream = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let mut client = Client::default();
    hub.broadcast(&tick(), T0);
    for s in 0..20 {
        hub.reap(T0.after(s * 4_000));
        client.read(&mut stream, 1);
        assert!(client.largest_piece <= 64);
    }
    assert_eq!(hub.stats().cut, 0);
    client.read(&mut stream, usize::MAX);
    assert_eq!(client.log, ["hello false", "snapshot summary", "tick"]);
}

#[test]
fn a_session_that_ends_takes_its_streams_along() {
    let (hub, world) = setup(Limits::default());
    let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let of = |id| Opening { owner: Some(owner(id, 1)), ..ask(&[Topic::Summary], None, T0) };
    let mut a = hub.subscribe(of(mine), world.clone()).unwrap();
    let mut b = hub.subscribe(of(other), world.clone()).unwrap();
    let (mut client_a, mut client_b) = (Client::default(), Client::default());
    client_a.came(&mut a);
    client_b.came(&mut b);
    change(&hub, &world, &Topic::Summary, 1, T0);
    hub.close(mine);
    change(&hub, &world, &Topic::Summary, 2, T0);
    assert_eq!(client_a.came(&mut a), ["bye SignedOut"], "not even what was queued before");
    assert!(client_a.ended);
    assert_eq!(client_b.came(&mut b), ["delta summary", "delta summary"]);
    // A stream that was allowed a moment before the session ended, and opens a moment after.
    let mut late = hub.subscribe(of(mine), world.clone()).unwrap();
    let mut client = Client::default();
    assert_eq!(client.came(&mut late), ["bye SignedOut"]);
    assert!(client.ended);
    hub.reap(T0.after(60_000));
    let mut later = hub.subscribe(of(mine), world.clone()).unwrap();
    assert_eq!(Client::default().came(&mut later), ["hello false", "snapshot summary"]);
}

/// A session of person 9 with rights of this version.
fn owner(id: Uuid, version: i64) -> Owner {
    Owner { kind: OwnerKind::Session, id, user: UserId(Uuid::from_u128(9)), version }
}

#[test]
fn other_rights_end_the_streams_that_were_opened_with_older_ones() {
    let (hub, world) = setup(Limits::default());
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let of = |owner| Opening { owner: Some(owner), ..ask(&[Topic::Summary], None, T0) };
    let other = Owner { user: UserId(Uuid::from_u128(8)), ..owner(two, 1) };
    let mut old = hub.subscribe(of(owner(one, 1)), world.clone()).unwrap();
    let mut new = hub.subscribe(of(owner(one, 2)), world.clone()).unwrap();
    let mut someone = hub.subscribe(of(other), world.clone()).unwrap();
    let mut clients = [Client::default(), Client::default(), Client::default()];
    clients[0].came(&mut old);
    clients[1].came(&mut new);
    clients[2].came(&mut someone);
    assert_eq!(hub.owners().len(), 3);
    hub.access_changed(UserId(Uuid::from_u128(9)), 2);
    assert_eq!(clients[0].came(&mut old), ["bye AccessChanged"]);
    assert!(clients[1].came(&mut new).is_empty() && clients[2].came(&mut someone).is_empty());
    // One that was let in a moment before the change, and opens a moment after: everybody may read, so it is polite.
    let mut late = hub.subscribe(of(owner(two, 1)), world.clone()).unwrap();
    let all = ["hello false", "snapshot summary", "bye AccessChanged"];
    assert_eq!(Client::default().came(&mut late), all);
    let mut fresh = hub.subscribe(of(owner(two, 2)), world.clone()).unwrap();
    assert_eq!(Client::default().came(&mut fresh), ["hello false", "snapshot summary"]);
}

#[test]
fn a_permission_that_ends_takes_its_stream_along() {
    let (hub, world) = setup(Limits::default());
    let asked = Opening { expires: Some(T0.after(5_000)), ..ask(&[Topic::Summary], None, T0) };
    let mut stream = hub.subscribe(asked, world.clone()).unwrap();
    let mut client = Client::default();
    hub.reap(T0.after(4_999));
    assert_eq!(client.came(&mut stream), ["hello false", "snapshot summary"]);
    hub.reap(T0.after(5_000));
    assert_eq!(client.came(&mut stream), ["bye SignedOut"]);
}

#[test]
fn old_streams_rotate_spread_over_time_and_resume() {
    let (hub, world) = setup(Limits::default());
    let mut open: Vec<_> = (0..200)
        .map(|_| (hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap(), Client::default()))
        .collect();
    for (stream, client) in &mut open {
        client.came(stream);
    }
    hub.reap(T0.after(479_999));
    assert!(open.iter_mut().all(|(stream, client)| client.came(stream).is_empty() && !client.ended));
    hub.reap(T0.after(600_000));
    change(&hub, &world, &Topic::Summary, 1, T0.after(600_000));
    let gone = open.iter_mut().filter_map(|(s, c)| (c.came(s) == ["bye Rotate"]).then_some(())).count();
    assert!((50..150).contains(&gone), "{gone} of 200 at the middle");
    hub.reap(T0.after(720_000));
    for (stream, client) in &mut open {
        client.came(stream);
        assert_eq!(client.bye, Some(ByeReason::Rotate));
        assert!(client.ended);
    }
    let (stream, mut client) = open.remove(0);
    drop(stream);
    client.reconnect();
    let mut stream = hub.subscribe(ask(&[Topic::Summary], client.last, T0), world.clone()).unwrap();
    assert_eq!(client.came(&mut stream)[0], "hello true");
    assert_eq!(client.views[&Topic::Summary], world.view(&Topic::Summary));
}

#[test]
fn shutdown_ends_all_after_what_was_queued_and_refuses_new_ones() {
    let (hub, world) = setup(Limits::default());
    let mut stream = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).unwrap();
    let mut client = Client::default();
    change(&hub, &world, &Topic::Summary, 1, T0);
    hub.close_all(ByeReason::Shutdown);
    assert_eq!(
        client.came(&mut stream),
        ["hello false", "snapshot summary", "delta summary", "bye Shutdown"]
    );
    assert!(client.ended);
    let refused = hub.subscribe(ask(&[Topic::Summary], None, T0), world.clone()).map(|_| ());
    assert_eq!(refused, Err(Refused::Closing));
}
