//! The connection to the server as signals: how fresh the page is, what time it is there, what the pages want of it.

use common::ids::{NodeId, StreamId};
use common::overview::OpenProblem;
use common::stream::{Topic, WINDOW_MAX};
use common::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::reactive::{effect, memo};
use crate::state::clock::{monotonic_ms, wall_ms};
use crate::state::freshness::{DELAYED_AFTER_MS, Event, Freshness, Watch};
use crate::state::live::use_live;

/// What one frame tells of the time and of itself is noted within this.
const SAME_MS: u64 = 500;

/// The server's clock as last told.
#[derive(Debug, Clone, Copy)]
struct ServerClock {
    told: Timestamp,
    at_ms: u64,
}

/// What the page tells about its attempts to reconnect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Attempts that failed since the last frame.
    pub failed: u32,
    /// When the next one begins, by the monotonic clock.
    pub next_at_ms: Option<u64>,
}

/// How this tab comes to its frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// Not settled yet among the tabs of this browser.
    #[default]
    Asking,
    /// It holds the stream, for so many tabs, itself included.
    Leads(usize),
    /// Another tab relays them.
    Follows,
}

/// Handle to the connection; copy it freely.
#[derive(Clone, Copy)]
pub struct Connection {
    watch: StoredValue<Watch>,
    clock: StoredValue<Option<ServerClock>>,
    freshness: RwSignal<Freshness>,
    as_of: RwSignal<Option<Timestamp>>,
    server_now: RwSignal<Option<Timestamp>>,
    attempts: RwSignal<Attempts>,
    wanted: RwSignal<Vec<Topic>>,
    window: RwSignal<Vec<NodeId>>,
    refreshes: RwSignal<u32>,
    newer: RwSignal<Option<String>>,
    paused: RwSignal<bool>,
    moment: RwSignal<Option<Timestamp>>,
    waiting: RwSignal<usize>,
    alarms: RwSignal<Option<Vec<OpenProblem>>>,
    place: RwSignal<Place>,
    stream_id: RwSignal<Option<StreamId>>,
    offset_ms: RwSignal<i64>,
    /// How often the page's clock goes on, and when it last did.
    step: StoredValue<(u64, u64)>,
}

/// The connection.
pub fn use_connection() -> Connection {
    expect_context()
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            watch: StoredValue::new(Watch::new(monotonic_ms())),
            clock: StoredValue::new(None),
            freshness: RwSignal::new(Freshness::Connecting),
            as_of: RwSignal::new(None),
            server_now: RwSignal::new(None),
            attempts: RwSignal::new(Attempts::default()),
            wanted: RwSignal::new(Vec::new()),
            window: RwSignal::new(Vec::new()),
            refreshes: RwSignal::new(0),
            newer: RwSignal::new(None),
            paused: RwSignal::new(false),
            moment: RwSignal::new(None),
            waiting: RwSignal::new(0),
            alarms: RwSignal::new(None),
            place: RwSignal::new(Place::default()),
            stream_id: RwSignal::new(None),
            offset_ms: RwSignal::new(0),
            step: StoredValue::new((0, 0)),
        }
    }
}

/// What pages read and ask for.
impl Connection {
    /// Follows how fresh the page is.
    pub fn freshness(self) -> Freshness {
        self.freshness.get()
    }

    /// How fresh what comes in is, without following it; whatever moment the page shows.
    pub fn link_now(self) -> Freshness {
        self.watch.with_value(|w| w.link(monotonic_ms()))
    }

    /// Follows the moment the page shows, where that is over.
    pub fn moment(self) -> Option<Timestamp> {
        self.moment.get()
    }

    /// Shows a moment that is over, or now.
    pub fn visit(self, moment: Option<Timestamp>) {
        set_if_new(self.moment, moment);
        self.note(if moment.is_some() { Event::Back } else { Event::Now });
    }

    /// Follows whether writes are off. Cheaper to follow than [`Connection::freshness`], which counts seconds.
    pub fn disconnected(self) -> bool {
        self.freshness.get() == Freshness::Disconnected
    }

    /// Follows the time of the last frame by the server's clock: the time of the figures on the screen. It stands
    /// still in a pause.
    pub fn as_of(self) -> Option<Timestamp> {
        self.as_of.get()
    }

    /// Follows the server's clock, once a second: what ages are reckoned from. It stops where frames stop, because
    /// nobody knows what happened since, and in a pause.
    pub fn server_now(self) -> Option<Timestamp> {
        self.server_now.get()
    }

    /// Follows the attempts to reconnect.
    pub fn attempts(self) -> Attempts {
        self.attempts.get()
    }

    /// Milliseconds since the last frame.
    pub fn age_ms(self) -> u64 {
        self.watch.with_value(|w| w.age_ms(monotonic_ms()))
    }

    /// Follows the version of the server where it is another than that of this page.
    pub fn newer_version(self) -> Option<String> {
        self.newer.get()
    }

    /// Follows how this tab comes to its frames.
    pub fn place(self) -> Place {
        self.place.get()
    }

    /// Follows the id of the stream the last frame came by.
    pub fn stream_id(self) -> Option<StreamId> {
        self.stream_id.get()
    }

    /// Follows by how many milliseconds the server's clock is ahead of this machine's wall clock.
    pub fn offset_ms(self) -> i64 {
        self.offset_ms.get()
    }

    /// The server's clock at this moment, also in a pause; for the details of the connection alone.
    pub fn server_clock(self) -> Option<Timestamp> {
        let clock = self.clock.get_value()?;
        Some(later(clock.told, monotonic_ms().saturating_sub(clock.at_ms)))
    }

    /// Follows whether the person has stopped the figures, also while the pill says that the connection is lost.
    pub fn paused(self) -> bool {
        self.paused.get()
    }

    /// Whether the person has stopped the figures, without following it.
    pub fn is_paused(self) -> bool {
        self.paused.get_untracked()
    }

    /// Follows how many changes wait for the end of the pause.
    pub fn waiting(self) -> usize {
        self.waiting.get()
    }

    /// Follows the open problems as they are while the figures stand still; `None` outside of a pause.
    pub fn alarms<T>(self, read: impl FnOnce(&[OpenProblem]) -> T) -> Option<T> {
        self.alarms.with(|all| all.as_deref().map(read))
    }

    /// Stops all figures, ages and charts, or lets them go on.
    pub fn toggle_pause(self) {
        // A moment that is over stands still already.
        if self.moment.get_untracked().is_some() {
            return;
        }
        let pause = !self.watch.with_value(Watch::paused);
        self.note(if pause { Event::Pause } else { Event::Resume });
        set_if_new(self.paused, self.watch.with_value(Watch::paused));
    }

    /// Asks for everything anew, now: fresh snapshots, or an attempt to connect. In a pause the figures are brought to
    /// this moment, once.
    pub fn refresh(self) {
        self.refreshes.update(|n| *n = n.wrapping_add(1));
    }

    /// Asks for the figures of these nodes in topic `nodes`, at most 400, in place of those asked for before; a fleet
    /// too large to be sent whole has figures for these alone. A page that leaves asks for none.
    pub fn set_window(self, mut ids: Vec<NodeId>) {
        ids.truncate(WINDOW_MAX);
        ids.sort_unstable();
        ids.dedup();
        set_if_new(self.window, ids);
    }
}

/// What the stream tells.
impl Connection {
    /// Follows requests for everything anew.
    pub fn refreshes(self) -> u32 {
        self.refreshes.get()
    }

    /// Follows the topics that the pages on the screen want, each once and in order.
    pub fn topics(self) -> Vec<Topic> {
        let mut topics = self.wanted.get();
        topics.dedup();
        topics
    }

    /// Follows the nodes whose figures the page wants.
    pub fn window(self) -> Vec<NodeId> {
        self.window.get()
    }

    /// Takes note of an event of the connection and judges anew.
    pub fn note(self, event: Event) {
        let now = monotonic_ms();
        self.watch.update_value(|w| w.on(event, now));
        self.judge();
    }

    /// Takes note of the server's clock, told by a frame that just arrived.
    pub fn tell_time(self, told: Timestamp) {
        self.clock.set_value(Some(ServerClock { told, at_ms: monotonic_ms() }));
        let wall = i64::try_from(wall_ms()).unwrap_or(0);
        // A tenth of a second more or less is the network, not the clock.
        let offset = told.millis().saturating_sub(wall);
        if offset.abs_diff(self.offset_ms.get_untracked()) > 100 {
            self.offset_ms.set(offset);
        }
    }

    /// Takes note of which stream the frames come by.
    pub fn tell_stream(self, id: StreamId) {
        set_if_new(self.stream_id, Some(id));
    }

    /// Takes note of when the next attempt begins.
    pub fn next_attempt(self, at_ms: Option<u64>) {
        let failed = self.watch.with_value(Watch::failures);
        set_if_new(self.attempts, Attempts { failed, next_at_ms: at_ms });
    }

    /// Takes note of the server's version.
    pub fn tell_version(self, version: &str) {
        let newer = (version != env!("CARGO_PKG_VERSION")).then(|| version.to_owned());
        set_if_new(self.newer, newer);
    }

    /// Takes note of this tab's place among the tabs.
    pub fn tell_place(self, place: Place) {
        set_if_new(self.place, place);
    }

    /// Takes note of how many changes wait, and of the problems among them.
    pub fn tell_waiting(self, changes: usize) {
        set_if_new(self.waiting, changes);
    }

    /// Takes note of the open problems while the figures stand still.
    pub fn tell_alarms(self, problems: Option<Vec<OpenProblem>>) {
        set_if_new(self.alarms, problems);
    }

    /// Starts over for another session.
    pub fn restart(self) {
        self.watch.set_value(Watch::new(monotonic_ms()));
        // The address still names its moment.
        self.visit(self.moment.get_untracked());
        set_if_new(self.paused, false);
        self.tell_waiting(0);
        self.tell_alarms(None);
        self.next_attempt(None);
        self.judge();
    }

    /// Sets how often figures and ages go on, in milliseconds.
    pub fn set_step(self, every_ms: u64) {
        self.step.set_value((every_ms, 0));
    }

    /// Judges anew; called by events and once a second.
    pub fn judge(self) {
        let now = monotonic_ms();
        let state = self.watch.with_value(|w| w.state(now));
        set_if_new(self.freshness, state);
        let (every, last) = self.step.get_value();
        // A page that is late shows at once how late.
        let due = every <= 1_000 || state != Freshness::Live || now.saturating_sub(last) >= every;
        if due && !self.watch.with_value(Watch::paused) {
            self.tell_clock();
        }
    }

    /// Brings the page's clock to the last frame, also in a pause: what waited is on the screen now.
    pub fn tell_clock(self) {
        let now = monotonic_ms();
        self.step.update_value(|step| step.1 = now);
        let age = self.watch.with_value(|w| w.age_ms(now));
        if let Some(clock) = self.clock.get_value() {
            let passed = now.saturating_sub(clock.at_ms);
            // The server has said what time it is, and its figures are not here yet.
            if age > passed.saturating_add(SAME_MS) {
                return;
            }
            // Beyond this age the page is no longer current, and its clock stands still with its figures.
            set_if_new(self.server_now, Some(later(clock.told, passed.min(DELAYED_AFTER_MS))));
            set_if_new(self.as_of, Some(later(clock.told, passed.saturating_sub(age))));
        }
    }
}

fn later(at: Timestamp, ms: u64) -> Timestamp {
    Timestamp(at.millis().saturating_add(i64::try_from(ms).unwrap_or(0)))
}

/// Setting a signal to what it is would render again for nothing.
fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// Follows a topic while the component that calls this is on the screen; `None` follows nothing. The topic may change,
/// for example with a parameter of the route.
pub fn use_topic(topic: impl Fn() -> Option<Topic> + Send + Sync + 'static) {
    let (connection, live) = (use_connection(), use_live());
    let topic = memo(topic);
    let held = StoredValue::new(None::<Topic>);
    let change = move |new: Option<Topic>| {
        let old = held.try_update_value(|h| std::mem::replace(h, new.clone())).flatten();
        if old == new {
            return;
        }
        let mut dropped = None;
        connection.wanted.update(|all| {
            // In order, each as often as it is wanted.
            if let Some(new) = new {
                let place = all.partition_point(|t| *t < new);
                all.insert(place, new);
            }
            if let Some(old) = old {
                if let Some(place) = all.iter().position(|t| *t == old) {
                    all.remove(place);
                }
                dropped = (!all.contains(&old)).then_some(old);
            }
        });
        if let Some(old) = dropped {
            // The page that comes instead may want it too, another tab of a region for instance. The stream then never
            // sees it leave and sends no second snapshot, so what is known must stay.
            spawn_local(async move {
                if connection.wanted.try_with_untracked(|all| !all.contains(&old)).unwrap_or(false) {
                    live.unfollow(&old);
                }
            });
        }
    };
    // At once and not in an effect: the stream is asked before the first paint.
    change(topic.get_untracked());
    effect(move || change(topic.get()));
    on_cleanup(move || change(None));
}
