//! The first steps, told by what is registered and what reports, not by what this browser remembers. Only that somebody
//! hid the list is remembered here.

use common::auth::Permission;
use common::capacity::KindCounts;
use common::ids::RegionId;
use common::node::NodeKind;
use common::overview::{OpenProblemCode, Overview};
use common::status::StatusWord;
use common::time::Timestamp;
use leptos::prelude::*;

use super::regions::AddRegion;
use crate::components::{GatedLink, Icon, words};
use crate::i18n::{problems, use_i18n};
use crate::reactive::{dynamic, memo};
use crate::routes;
use crate::state::gate::use_gate_in;
use crate::state::live::use_live;

/// Where the browser remembers that the list is hidden.
const HIDDEN_KEY: &str = "iqra.first-steps-hidden";

/// How far a step with a server behind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Nothing is registered.
    Missing,
    /// Registered, and nothing was heard.
    Waits,
    /// Heard, and something about it is wrong.
    Wrong,
    /// Heard.
    Done,
}

/// How far the platform is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The first region.
    pub region: Option<RegionId>,
    /// When a storage test passed last; none of a region whose test has not passed.
    pub storage: Option<Option<Timestamp>>,
    /// Backends.
    pub backend: Server,
    /// Proxies.
    pub proxy: Server,
    /// The background node.
    pub background: Server,
}

fn server(k: &KindCounts) -> Server {
    match k.registered.saturating_add(k.disabled) {
        0 => Server::Missing,
        _ if k.registered.saturating_sub(k.never_seen) > 0 => Server::Done,
        _ => Server::Waits,
    }
}

impl Progress {
    /// Of the overview.
    pub fn of(o: &Overview) -> Self {
        let passed = o.regions.iter().find(|r| r.storage.healthy == Some(true));
        let b = &o.singletons.background;
        let differ = o.problems.iter().any(|p| p.code == OpenProblemCode::BackgroundKeysDiffer);
        let background = match (b.configured, b.word) {
            (false, _) => Server::Missing,
            (true, _) if differ => Server::Wrong,
            (true, None | Some(StatusWord::NeverSeen)) => Server::Waits,
            (true, Some(_)) => Server::Done,
        };
        // Storage is asked for where it is missing, not of a region that has it already.
        let wanting = o.regions.iter().find(|r| r.storage.healthy != Some(true)).or(o.regions.first());
        let region = if passed.is_some() { o.regions.first() } else { wanting };
        Self {
            region: region.map(|r| r.id.clone()),
            storage: passed.map(|r| r.storage.checked_at),
            backend: server(&o.cluster.backend),
            proxy: server(&o.cluster.proxy),
            background,
        }
    }

    /// How many of the five are done.
    pub fn done(&self) -> usize {
        [
            self.region.is_some(),
            self.storage.is_some(),
            self.backend == Server::Done,
            self.proxy == Server::Done,
            self.background == Server::Done,
        ]
        .into_iter()
        .filter(|done| *done)
        .count()
    }
}

/// How many steps there are.
const STEPS: usize = 5;

fn storage() -> Option<web_sys::Storage> {
    // A browser may refuse storage altogether; then the choice lasts as long as the page.
    window().local_storage().ok().flatten()
}

/// The list, until all steps are done or somebody hides it.
#[component]
pub fn Setup() -> impl IntoView {
    let live = use_live();
    let progress = memo(move || {
        // Its parts are followed each on its own: regions come, a test passes, keys are found to differ.
        for id in live.region_ids()? {
            live.summary(&id, |_| ());
        }
        live.problems(|_| ())?;
        live.overview(Progress::of).filter(|p| p.done() < STEPS)
    });
    let remembered = storage().and_then(|s| s.get_item(HIDDEN_KEY).ok().flatten()).is_some();
    let hidden = RwSignal::new(remembered);
    let hide = move |yes: bool| {
        if let Some(storage) = storage() {
            // A full or forbidden storage costs the memory of the choice, not the choice.
            let _ = if yes { storage.set_item(HIDDEN_KEY, "yes") } else { storage.remove_item(HIDDEN_KEY) };
        }
        hidden.set(yes);
    };
    let w = &words().dashboard;
    dynamic(move || {
        let progress = progress.get()?;
        // Without a region there is nothing else to see; the way back is kept.
        if hidden.get() && progress.region.is_some() {
            return Some(
                view! {
                    <p class="sm">
                        <button type="button" class="link" on:click=move |_| hide(false)>
                            {w.setup_show}
                        </button>
                    </p>
                }
                .into_any(),
            );
        }
        Some(view! { <List progress=progress on_hide=Callback::new(move |()| hide(true)) /> }.into_any())
    })
}

#[component]
fn List(progress: Progress, on_hide: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let (t, w) = (i18n.t, &words().dashboard);
    let done = progress.done();
    let Progress { region, storage, backend, proxy, background } = progress;
    let node = |kind: NodeKind, state: Server| {
        let (text, done) = match state {
            Server::Missing if region.is_none() => (w.setup_needs_region, false),
            Server::Missing => ((t.setup_node_why)(kind), false),
            Server::Waits | Server::Wrong => (w.setup_waits, false),
            Server::Done => ((t.setup_node_why)(kind), true),
        };
        let action = match (&region, state) {
            (Some(region), Server::Missing) => {
                let label = if kind == NodeKind::Proxy { t.add_proxy } else { t.add_backend };
                let place = Signal::stored(Some(region.clone()));
                let off = use_gate_in(Permission::Operate, place);
                let href = routes::node_new(region, kind);
                view! { <GatedLink href=href off=off reason="setup-reason" label=label /> }.into_any()
            }
            (_, Server::Waits) => {
                view! { <a class="btn" href=routes::nodes_filtered(Some(kind), None)>{w.setup_show_nodes}</a> }
                    .into_any()
            }
            _ => ().into_any(),
        };
        step(t, done, (t.setup_node)(kind), text.to_owned(), action)
    };
    let region_text = match &region {
        Some(id) => problems::id(id.as_str()),
        None => t.setup_region_why.to_owned(),
    };
    let storage_text = match (&storage, &region) {
        (Some(Some(at)), _) => (w.setup_storage_done)(&i18n.fmt.date_time(*at)),
        (_, None) => w.setup_needs_region.to_owned(),
        _ => w.setup_storage_why.to_owned(),
    };
    let storage_action = region.as_ref().filter(|_| storage.is_none()).map(|id| {
        view! { <a class="btn" href=routes::region_storage(id)>{w.setup_storage_action}</a> }
    });
    let background_text = match background {
        Server::Missing | Server::Done => w.setup_background_why,
        Server::Waits => w.setup_background_waits,
        Server::Wrong => w.setup_background_differs,
    };
    let background_action = (background != Server::Done)
        .then(|| view! { <a class="btn" href=routes::BACKGROUND_CONFIG>{w.setup_background_action}</a> });
    let nodes = [node(NodeKind::Backend, backend).into_any(), node(NodeKind::Proxy, proxy).into_any()];
    let add_region = region.is_none().then(|| view! { <AddRegion /> });
    view! {
        <section class="card" aria-labelledby="setup">
            <header>
                <h2 id="setup">{t.setup_title}</h2>
                <span class="sp"></span>
                <span class="sm num">{(w.setup_progress)(done, STEPS)}</span>
            </header>
            <p class="sm mut">{t.setup_intro}</p>
            <ol class="steps push">
                {step(t, region.is_some(), t.setup_region, region_text, add_region.into_any())}
                {step(t, storage.is_some(), w.setup_storage, storage_text, storage_action.into_any())} {nodes}
                {step(
                    t,
                    background == Server::Done,
                    w.setup_background,
                    background_text.to_owned(),
                    background_action.into_any(),
                )}
            </ol>
            <div class="toolbar sm">
                <span class="mut">
                    {w.setup_optional} " " <a href=routes::HELP>{w.setup_read_help}</a> " · "
                    <a href=routes::REGION_NEW>{w.setup_add_region}</a>
                </span>
                <span class="sp"></span>
                {region
                    .is_some()
                    .then(|| {
                        view! {
                            <button type="button" class="link" on:click=move |_| on_hide.run(())>
                                {w.setup_hide}
                            </button>
                        }
                    })}
            </div>
        </section>
    }
}

fn step(
    t: &'static crate::i18n::strings::Strings,
    done: bool,
    title: &'static str,
    why: String,
    action: AnyView,
) -> impl IntoView {
    let (mark, icon, word) = if done {
        ("step-mark ok", "check", t.setup_done)
    } else {
        ("step-mark idle", "circle-dashed", t.setup_to_do)
    };
    view! {
        <li class="step">
            <span class=mark>
                <Icon name=icon />
                <span class="vh">{word}</span>
            </span>
            <div class="gr">
                <b>{title}</b>
                <p class="sm mut">{why}</p>
            </div>
            {action}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counts(registered: u32, online: u32) -> serde_json::Value {
        json!({"online": online, "registered": registered, "accepting": online, "stale": 0, "offline": 0, "left": 0,
            "neverSeen": registered - online, "unconfirmed": 0, "disabled": 0})
    }

    fn overview(backend: serde_json::Value, proxy: serde_json::Value, healthy: Option<bool>) -> Overview {
        let capacity = json!({
            "conversations": {"phone": null, "web": null},
            "outbound": {"processing": null, "pending": null, "oldestPendingSeconds": null},
            "backend": backend, "proxy": proxy, "slots": {"used": null, "max": null},
            "lastKnown": {"phone": null, "web": null, "processing": null, "pending": null},
            "coverage": {"reporting": 0, "expected": 0}
        });
        let mut region = capacity.clone();
        region["id"] = json!("OM-MCT");
        region["countryCode"] = json!("OM");
        region["displayName"] = json!(null);
        region["status"] = json!({"word": "empty", "count": null, "since": "2026-11-22T10:00:00Z"});
        region["storage"] = json!({"configured": healthy.is_some(), "healthy": healthy,
            "checkedAt": "2026-11-22T10:00:00Z", "since": null});
        serde_json::from_value(json!({
            "asOf": "2026-11-22T10:00:00Z", "change": 1, "cluster": capacity, "regions": [region],
            "problems": [], "collecting": null,
            "singletons": {"frontend": {"count": 1, "version": "x", "versionsDiffer": false},
                "background": {"configured": false, "nodeId": null, "word": null, "since": null}}
        }))
        .unwrap()
    }

    #[test]
    fn a_step_is_done_when_it_works_and_not_when_it_is_typed() {
        let p = Progress::of(&overview(counts(2, 0), counts(1, 1), Some(false)));
        assert_eq!((p.backend, p.proxy, p.background), (Server::Waits, Server::Done, Server::Missing));
        assert_eq!((p.storage, p.done()), (None, 2));
        let p = Progress::of(&overview(counts(2, 1), counts(0, 0), Some(true)));
        assert_eq!((p.backend, p.proxy), (Server::Done, Server::Missing));
        assert!(p.storage.is_some_and(|at| at.is_some()));
        assert_eq!(p.done(), 3);
    }

    #[test]
    fn the_background_node_is_done_when_it_was_heard_and_keys_match() {
        let mut o = overview(counts(1, 1), counts(1, 1), Some(true));
        let b = |o: &mut Overview, word| {
            o.singletons.background.configured = true;
            o.singletons.background.word = word;
            Progress::of(o).background
        };
        assert_eq!(b(&mut o, Some(StatusWord::NeverSeen)), Server::Waits);
        assert_eq!(b(&mut o, Some(StatusWord::Online)), Server::Done);
        assert_eq!(Progress::of(&o).done(), STEPS);
        o.problems = vec![
            serde_json::from_value(json!({"id": "x", "code": "background_keys_differ", "severity": "bad",
                "regionId": null, "nodeId": null, "nodeName": null, "kind": null, "count": null, "since": null,
                "lastHeartbeatAt": null, "rejections": []}))
            .unwrap(),
        ];
        assert_eq!(Progress::of(&o).background, Server::Wrong);
    }
}
