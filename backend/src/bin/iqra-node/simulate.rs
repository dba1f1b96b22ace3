//! `iqra-node simulate`: a fleet of any size in one process.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::cli::SimulateArgs;
use crate::clock::Clock;
use crate::fleet::{self, Faults, Shared};
use crate::settings::{self, Member};
use crate::signals::Signals;
use crate::stats::Stats;
use crate::wire::{Base, Client, Secret};

/// A line of statistics comes this often.
const LINE: Duration = Duration::from_secs(5);
/// All goodbyes of a fleet together take no longer.
const FAREWELL: Duration = Duration::from_secs(20);

/// Runs the fleet to its end and prints the summary.
///
/// # Errors
/// In words, where the list or the address cannot be used.
pub(crate) async fn simulate(args: SimulateArgs) -> Result<(), String> {
    let base = Base::parse(&args.url)?;
    let members = members(&args)?;
    let nodes = members.len();
    let clock = Clock::default();
    let started = clock.now();
    let silent = args.silence_count.and_then(|n| usize::try_from(n).ok()).unwrap_or(nodes);
    let shared = Arc::new(Shared {
        client: Client::new(base)?,
        slots: Semaphore::new(args.concurrency.into()),
        faults: Faults {
            loss: args.loss,
            delay: args.delay,
            skew: args.skew,
            restart_every: args.restart_every,
            silence: args.silence_after.map(|from| (from, args.silence_for.map(|d| from + d))),
            silent,
            restart_delay: args.restart_delay,
        },
        flat: args.flat,
        interval: args.interval_override,
        started,
        seed: args.seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0),
        stop: CancellationToken::new(),
        goodbye: !args.no_goodbye,
        stats: Mutex::default(),
    });
    let mut signals = Signals::listen()?;
    let mut tasks = JoinSet::new();
    for (index, (member, secret)) in members.into_iter().enumerate() {
        tasks.spawn(fleet::live(Arc::clone(&shared), member, secret, index));
    }
    tracing::info!("{nodes} nodes, seed {}", shared.seed);
    let mut total = Total { all: Stats::default(), said: started };
    let end = args.duration.map(|d| started + d);
    watch(&shared, &mut tasks, &mut signals, &mut total, end).await;
    let lasted = clock.now().saturating_duration_since(started);

    shared.stop.cancel();
    tokio::select! {
        biased;
        _ = signals.next() => {}
        _ = timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }) => {}
    }
    total.take(&shared);
    // Where standard output is closed nobody wants the summary.
    let _ = writeln!(std::io::stdout(), "{}", total.all.summary(nodes, lasted));
    Ok(())
}

fn members(args: &SimulateArgs) -> Result<Vec<(Member, Secret)>, String> {
    let mut members = settings::fleet(&args.secrets)?;
    if let Some(wanted) = args.nodes.and_then(|n| usize::try_from(n).ok()) {
        if wanted > members.len() {
            return Err(format!("--nodes {wanted}, and the list has {} nodes only", members.len()));
        }
        members.truncate(wanted);
    }
    members
        .into_iter()
        .enumerate()
        .map(|(n, m)| match Secret::new(&m.secret) {
            Ok(secret) => Ok((m, secret)),
            Err(_) => {
                Err(format!("the secret of node {} of the list holds characters no secret can have", n + 1))
            }
        })
        .collect()
}

/// Statistics of the whole time, and when the last line was said.
struct Total {
    all: Stats,
    said: Instant,
}

impl Total {
    /// Adds what happened since the last call; returns it.
    fn take(&mut self, shared: &Shared) -> Stats {
        let part = std::mem::take(&mut *shared.stats.lock());
        self.all.add(&part);
        part
    }
}

/// Says a line now and then, until the time is over, a signal comes or no node is left.
async fn watch(
    shared: &Shared,
    tasks: &mut JoinSet<()>,
    signals: &mut Signals,
    total: &mut Total,
    end: Option<Instant>,
) {
    let clock = Clock::default();
    loop {
        let line = total.said + LINE;
        let wake = end.map_or(line, |end| end.min(line));
        tokio::select! {
            biased;
            _ = signals.next() => return,
            () = sleep_until(wake) => {}
            left = tasks.join_next() => {
                if left.is_none() {
                    tracing::info!("no node is left");
                    return;
                }
                continue;
            }
        }
        let now = clock.now();
        if now >= line {
            let part = total.take(shared);
            tracing::info!("{}", part.line(tasks.len(), now.saturating_duration_since(total.said)));
            total.said = now;
        }
        if end.is_some_and(|end| end <= now) {
            return;
        }
    }
}
