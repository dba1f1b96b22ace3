//! How far the page itself can be believed: a pure state machine with injected time.
//!
//! It never looks at the age of a node's heartbeat; that is another clock and another word.

use std::fmt;

/// A frame younger than this is current.
pub const DELAYED_AFTER_MS: u64 = 5_000;
/// Silence after which the figures are not to be acted on.
pub const DISCONNECTED_AFTER_MS: u64 = 30_000;
/// This many failed reconnects, over at least [`FAILED_FOR_MS`], count as disconnected too.
pub const FAILED_RECONNECTS: u32 = 3;
/// A server that restarts is away for a few seconds; that alone is a delay and no alarm.
pub const FAILED_FOR_MS: u64 = 10_000;

/// What the pill says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// No frame yet.
    Connecting,
    /// The figures are current.
    Live,
    /// The figures are late.
    Delayed {
        /// Their age.
        seconds: u64,
    },
    /// The figures are old; nothing may be changed on their strength.
    Disconnected,
    /// The person has stopped the figures; they come in and wait.
    Paused,
    /// The page shows a moment that is over; what comes in does not change it, and nothing may be changed on it.
    Historic,
}

impl Freshness {
    /// The word the style sheets know, for `data-s` and `data-fresh`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Delayed { .. } => "stale",
            Self::Disconnected => "down",
            Self::Paused => "paused",
            Self::Historic => "historic",
        }
    }
}

impl fmt::Display for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What happened to the connection. Times are milliseconds of a monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A frame of any kind arrived.
    Frame,
    /// The connection broke; the first attempt to make another begins.
    Lost,
    /// An attempt to connect failed.
    Failed,
    /// The server refuses this session (401, 403).
    Refused,
    /// The browser says that there is no network.
    Offline,
    /// The browser says that there is a network again.
    Online,
    /// The page or the machine stood still: the frames are older than the monotonic clock says, and what arrives next
    /// may have waited for long.
    Slept,
    /// The person stops the figures.
    Pause,
    /// The person lets them go on.
    Resume,
    /// The page shows a moment that is over.
    Back,
    /// It shows now again.
    Now,
}

/// What the word is made of.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// The last frame, or the start of the page while there was none.
    since_ms: u64,
    any_frame: bool,
    lost: bool,
    failures: u32,
    refused: bool,
    offline: bool,
    slept: bool,
    paused: bool,
    past: bool,
}

impl Watch {
    /// A page that starts now.
    pub fn new(now_ms: u64) -> Self {
        Self {
            since_ms: now_ms,
            any_frame: false,
            lost: false,
            failures: 0,
            refused: false,
            offline: false,
            slept: false,
            paused: false,
            past: false,
        }
    }

    /// Takes note of an event.
    pub fn on(&mut self, event: Event, now_ms: u64) {
        match event {
            // A frame settles everything: whatever was wrong, the data is current now.
            Event::Frame => {
                *self = Self { any_frame: true, paused: self.paused, past: self.past, ..Self::new(now_ms) };
            }
            Event::Lost => self.lost = true,
            Event::Failed => {
                self.lost = true;
                self.failures = self.failures.saturating_add(1);
            }
            Event::Refused => self.refused = true,
            Event::Offline => self.offline = true,
            Event::Online => self.offline = false,
            Event::Slept => self.slept = true,
            // There is nothing to stop before the first figures.
            Event::Pause => self.paused = self.any_frame,
            Event::Resume => self.paused = false,
            Event::Back => self.past = true,
            Event::Now => self.past = false,
        }
    }

    /// Whether the person has stopped the figures, whatever the pill says.
    pub fn paused(&self) -> bool {
        self.paused
    }

    /// Milliseconds since the last frame, or since the start of the page.
    pub fn age_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.since_ms)
    }

    /// How many attempts to connect have failed since the last frame.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The word for this moment. What is over stays as it was, whatever becomes of the connection.
    pub fn state(&self, now_ms: u64) -> Freshness {
        if self.past { Freshness::Historic } else { self.link(now_ms) }
    }

    /// The word of the connection alone, also while the page shows a moment that is over.
    pub fn link(&self, now_ms: u64) -> Freshness {
        let age = self.age_ms(now_ms);
        let given_up = self.failures >= FAILED_RECONNECTS && age >= FAILED_FOR_MS;
        if self.refused || self.offline || given_up || age > DISCONNECTED_AFTER_MS {
            return Freshness::Disconnected;
        }
        if !self.any_frame {
            return Freshness::Connecting;
        }
        // Figures that stand still on purpose are as old as the person wants them. Writes go off with the connection
        // all the same, and a page that is lost says so.
        if self.paused {
            return Freshness::Paused;
        }
        if self.lost || self.slept || age >= DELAYED_AFTER_MS {
            return Freshness::Delayed { seconds: age / 1000 };
        }
        Freshness::Live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live_at(now: u64) -> Watch {
        let mut watch = Watch::new(0);
        watch.on(Event::Frame, now);
        watch
    }

    #[test]
    fn silence_alone_delays_then_disconnects() {
        let watch = live_at(1_000);
        for (now, state) in [
            (1_000, Freshness::Live),
            (5_999, Freshness::Live),
            (6_000, Freshness::Delayed { seconds: 5 }),
            (31_000, Freshness::Delayed { seconds: 30 }),
            (31_001, Freshness::Disconnected),
        ] {
            assert_eq!(watch.state(now), state, "at {now}");
        }
    }

    #[test]
    fn the_first_frame_ends_connecting() {
        let mut watch = Watch::new(0);
        assert_eq!(watch.state(29_000), Freshness::Connecting);
        assert_eq!(watch.state(30_001), Freshness::Disconnected);
        watch.on(Event::Frame, 30_002);
        assert_eq!(watch.state(30_002), Freshness::Live);
    }

    #[test]
    fn a_short_restart_of_the_server_is_a_delay() {
        let mut watch = live_at(0);
        watch.on(Event::Lost, 100);
        assert_eq!(watch.state(100), Freshness::Delayed { seconds: 0 });
        for at in [600, 1_500, 3_000] {
            watch.on(Event::Failed, at);
        }
        assert_eq!(watch.state(9_999), Freshness::Delayed { seconds: 9 });
        assert_eq!(watch.state(10_000), Freshness::Disconnected, "three failures over ten seconds");
        watch.on(Event::Frame, 10_100);
        assert_eq!(watch.state(10_100), Freshness::Live);
        assert_eq!(watch.failures(), 0, "a frame forgets the failures");
    }

    #[test]
    fn two_failures_are_not_three() {
        let mut watch = live_at(0);
        watch.on(Event::Failed, 100);
        watch.on(Event::Failed, 200);
        assert_eq!(watch.state(20_000), Freshness::Delayed { seconds: 20 });
    }

    #[test]
    fn refusal_and_a_missing_network_disconnect_at_once() {
        let mut watch = live_at(0);
        watch.on(Event::Offline, 10);
        assert_eq!(watch.state(10), Freshness::Disconnected);
        watch.on(Event::Online, 20);
        assert_eq!(watch.state(20), Freshness::Live);
        watch.on(Event::Refused, 30);
        assert_eq!(watch.state(30), Freshness::Disconnected);
    }

    #[test]
    fn a_machine_that_slept_does_not_trust_its_clock() {
        let mut watch = live_at(0);
        watch.on(Event::Slept, 1_000);
        assert_eq!(watch.state(1_000), Freshness::Delayed { seconds: 1 });
        watch.on(Event::Frame, 1_100);
        assert_eq!(watch.state(1_100), Freshness::Live);
    }

    #[test]
    fn a_pause_lasts_until_it_is_ended_and_hides_no_loss() {
        let mut watch = Watch::new(0);
        watch.on(Event::Pause, 10);
        assert_eq!(watch.state(10), Freshness::Connecting, "there is nothing to stop yet");
        watch.on(Event::Frame, 100);
        watch.on(Event::Pause, 200);
        assert_eq!(watch.state(200), Freshness::Paused);
        watch.on(Event::Frame, 2_000);
        assert_eq!(watch.state(2_000), Freshness::Paused, "frames go on and change nothing");
        assert_eq!(
            watch.state(9_000),
            Freshness::Paused,
            "a delay is no news to somebody who stopped the figures"
        );
        assert_eq!(watch.state(33_000), Freshness::Disconnected, "a loss is");
        watch.on(Event::Frame, 33_100);
        assert_eq!(watch.state(33_100), Freshness::Paused);
        watch.on(Event::Resume, 40_000);
        assert_eq!(watch.state(40_000), Freshness::Delayed { seconds: 6 });
    }

    #[test]
    fn a_moment_that_is_over_stays_as_it_was() {
        let mut watch = Watch::new(0);
        watch.on(Event::Back, 10);
        assert_eq!(watch.state(10), Freshness::Historic, "also before the first frame");
        assert_eq!(watch.link(10), Freshness::Connecting);
        watch.on(Event::Frame, 100);
        assert_eq!(watch.state(100), Freshness::Historic, "frames go on and change nothing");
        assert_eq!(watch.state(60_000), Freshness::Historic, "a loss changes nothing either");
        assert_eq!(watch.link(60_000), Freshness::Disconnected);
        watch.on(Event::Now, 60_001);
        assert_eq!(watch.state(60_001), Freshness::Disconnected);
        watch.on(Event::Frame, 60_100);
        assert_eq!(watch.state(60_100), Freshness::Live);
    }
}
