//! What became of the signals to a node: every state with its time, and the way to take one back.

use common::auth::Permission;
use common::command::{Command, CommandKind, CommandState, ShutdownMode};
use common::ids::NodeId;
use common::node::Node;
use common::status::StatusWord;
use common::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::use_api;
use crate::components::{ErrorPanel, GatedButton, Icon, Note, Reason, ServerWords, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_in;

/// Id of the reason why none can be taken back.
const REASON: &str = "receipts-gate";
/// So many are shown.
const SHOWN: u32 = 5;

/// What the page holds: those of the stream are newer than those that were read once.
fn merged(read: &[Command], live: &[Command]) -> Vec<Command> {
    let mut all: Vec<Command> = live.to_vec();
    all.extend(read.iter().filter(|c| !live.iter().any(|l| l.id == c.id)).cloned());
    all.retain(|c| c.kind != CommandKind::RunJob);
    all.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| b.id.cmp(&a.id)));
    all.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    all
}

fn look(state: CommandState) -> (&'static str, &'static str) {
    match state {
        CommandState::Queued | CommandState::Offered | CommandState::Accepted => ("move", "clock"),
        CommandState::Done => ("ok", "circle-check"),
        CommandState::Failed | CommandState::Refused | CommandState::Expired => ("bad", "octagon-x"),
        CommandState::Superseded | CommandState::Cancelled => ("idle", "circle-slash"),
    }
}

/// The card.
#[component]
pub fn Receipts(
    /// Which.
    id: NodeId,
    /// As it is now.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let w = &words().shutdown;
    let (api, connection) = (use_api(), use_connection());
    let place = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let gate = use_gate_in(Permission::Operate, place);
    let read = RwSignal::new(Vec::<Command>::new());
    let failed = RwSignal::new(false);
    let live = memo(move || node.with(|n| n.as_ref().map(|n| n.live.commands.clone()).unwrap_or_default()));
    let open =
        memo(move || live.with(|l| l.iter().filter(|c| c.state.is_open()).map(|c| c.id).collect::<Vec<_>>()));
    let fetch = move || {
        spawn_local(async move {
            match api.commands(id, SHOWN).await {
                Ok(page) => {
                    failed.try_set(false);
                    read.try_set(page.items);
                }
                Err(_) => {
                    failed.try_set(true);
                }
            }
        });
    };
    // The stream holds those that are open, and for a minute those that have ended.
    effect(move || {
        open.track();
        fetch();
    });
    let all = memo(move || read.with(|read| live.with(|live| merged(read, live))));
    let ids = memo(move || all.with(|all| all.iter().map(|c| c.id).collect::<Vec<_>>()));
    let none = memo(move || ids.with(Vec::is_empty));
    let word = memo(move || node.with(|n| n.as_ref().map(|n| n.live.status.word)));
    let silent = move || {
        let heard = node.with(|n| n.as_ref().and_then(|n| n.live.last_heartbeat_at))?;
        let last = all.with(|all| all.first().cloned()).filter(|c| c.kind == CommandKind::Shutdown)?;
        let went = last.finished_at.filter(|_| last.state == CommandState::Done)?;
        match word.get()? {
            StatusWord::Restarting => {
                let ago = connection.server_now().map(|now| format::duration(format::age_ms(heard, now)))?;
                Some(view! { <Note tone="info" icon="refresh-cw">{(w.waits_back)(&ago)}</Note> }.into_any())
            }
            StatusWord::Offline | StatusWord::Stale => Some(view! { <NotBack at=went /> }.into_any()),
            _ => None,
        }
    };
    view! {
        <section class="card receipts">
            <header>
                <h2>{w.receipts}</h2>
            </header>
            <Reason id=REASON off=gate />
            {dynamic(silent)}
            {dynamic(move || match (none.get(), failed.get()) {
                (true, true) => {
                    view! {
                        <ErrorPanel
                            title=w.receipts_failed
                            detail=""
                            small=true
                            on_retry=Callback::new(move |()| fetch())
                        />
                    }
                        .into_any()
                }
                (true, false) => view! { <p class="mut">{w.no_receipts}</p> }.into_any(),
                (false, _) => ().into_any(),
            })}
            <For each=move || ids.get() key=|id| *id let:command>
                <Receipt all=all id=command gate=gate />
            </For>
        </section>
    }
}

#[component]
fn NotBack(at: Timestamp) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Note tone="bad" icon="octagon-x">
            {(words().shutdown.did_not_return)(&i18n.fmt.date_time(at))}
        </Note>
    }
}

#[component]
fn Receipt(
    all: Memo<Vec<Command>>,
    id: common::ids::CommandId,
    gate: Signal<Option<String>>,
) -> impl IntoView {
    let w = &words().shutdown;
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let command = memo(move || all.with(|all| all.iter().find(|c| c.id == id).cloned()));
    let refused = RwSignal::new(None::<String>);
    let state = memo(move || command.with(|c| c.as_ref().map(|c| c.state)));
    let back = Callback::new(move |()| {
        spawn_local(async move {
            match api.cancel_command(id).await {
                Ok(_) => announcer.say(w.taken_back),
                Err(e) => {
                    refused.try_set(Some(e.detail(i18n.t)));
                }
            }
        });
    });
    let step = move |done: bool, text: String, at: Option<Timestamp>| {
        let (family, icon) = if done { ("ok", "check") } else { ("move", "clock") };
        view! {
            <li class="step">
                <span class=format!("step-mark {family}")>
                    <Icon name=icon />
                </span>
                <div>{text}</div>
                {at.map(|at| view! { <span class="sm mut num">{i18n.fmt.time(at)}</span> })}
            </li>
        }
        .into_any()
    };
    let trail = move || {
        command.get().map(|c| {
            let mut steps = vec![step(true, (w.asked)(&c.created_by), Some(c.created_at))];
            match c.offered_at {
                Some(at) => steps.push(step(true, (w.offered)(c.offered_count), Some(at))),
                None if c.state.is_open() => steps.push(step(false, w.not_offered.to_owned(), None)),
                None => {}
            }
            steps.extend(c.accepted_at.map(|at| step(true, w.accepted.to_owned(), Some(at))));
            if let Some(at) = c.finished_at {
                let (family, icon) = look(c.state);
                let more = c.detail.filter(|d| !d.is_empty());
                steps.push(
                    view! {
                        <li class="step">
                            <span class=format!("step-mark {family}")>
                                <Icon name=icon />
                            </span>
                            <div>
                                {(w.state)(c.state)} {more.map(|text| view! { ": " <ServerWords text=text /> })}
                            </div>
                            <span class="sm mut num">{i18n.fmt.time(at)}</span>
                        </li>
                    }
                    .into_any(),
                );
            }
            let open = c.state.is_open();
            view! {
                <ol class="steps">{steps}</ol>
                {c.push.map(|result| view! { <p class="sm mut">{(w.push)(&result)}</p> })}
                {open.then(|| view! { <p class="xs">{(w.not_after)(&i18n.fmt.time(c.not_after))}</p> })}
            }
        })
    };
    let head = move || {
        command.get().map(|c| {
            let (family, icon) = look(c.state);
            let immediate = c.args.mode == Some(ShutdownMode::Immediate);
            view! {
                <h3>{(w.kind)(c.kind, immediate)}</h3>
                <span class=format!("st {family}")>
                    <Icon name=icon />
                    <span>{(w.state)(c.state)}</span>
                </span>
                <span class="sm mut">{i18n.fmt.date_time(c.created_at)}</span>
            }
        })
    };
    let revocable = memo(move || matches!(state.get(), Some(CommandState::Queued | CommandState::Offered)));
    view! {
        <article class="receipt" data-state=move || state.get().map(CommandState::as_str)>
            <header class="row">
                {dynamic(head)} <span class="sp"></span>
                {dynamic(move || {
                    revocable
                        .get()
                        .then(|| {
                            view! {
                                <GatedButton
                                    label=w.take_back
                                    icon="undo-2"
                                    off=gate
                                    reason=REASON
                                    class="btn small"
                                    on_press=back
                                />
                            }
                        })
                })}
            </header>
            {dynamic(trail)}
            {dynamic(move || refused.get().map(|text| view! { <p class="err" role="alert">{text}</p> }))}
        </article>
    }
}

#[cfg(test)]
mod tests {
    use common::command::CommandArgs;

    use super::*;

    fn command(n: u8, at: i64, state: CommandState) -> Command {
        Command {
            id: format!("0198f6a2-0000-7000-8000-0000000000{n:02}").parse().unwrap(),
            node_id: "0198f6a2-0000-7000-8000-000000000001".parse().unwrap(),
            kind: CommandKind::Shutdown,
            args: CommandArgs::default(),
            state,
            detail: None,
            boot_id: None,
            created_by: "a@b".into(),
            created_at: Timestamp(at),
            not_after: Timestamp(at + 1),
            offered_at: None,
            offered_count: 0,
            accepted_at: None,
            finished_at: None,
            push: None,
        }
    }

    #[test]
    fn the_stream_is_newer_than_what_was_read() {
        let read = [command(2, 200, CommandState::Queued), command(1, 100, CommandState::Done)];
        let live = [command(3, 300, CommandState::Queued), command(2, 200, CommandState::Accepted)];
        let all = merged(&read, &live);
        let seen: Vec<_> = all.iter().map(|c| (c.created_at.millis(), c.state)).collect();
        assert_eq!(
            seen,
            [(300, CommandState::Queued), (200, CommandState::Accepted), (100, CommandState::Done)]
        );
    }
}
