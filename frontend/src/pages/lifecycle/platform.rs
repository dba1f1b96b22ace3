//! `/settings/maintenance`: maintenance of the whole platform.

use common::auth::Permission;
use common::ids::RegionId;
use common::status::IntentState;
use leptos::prelude::*;

use super::actions::{ReleaseError, use_release};
use super::dialog::ActionDialog;
use super::model::{Action, Subject};
use super::notes::OwnNote;
use crate::components::region_card::conversations;
use crate::components::{
    GatedButton, Icon, Num, Reason, Skeleton, StatusBadge, TableBox, count_beside, words,
};
use crate::pages::settings::SettingsFrame;
use crate::pages::settings_tabs::SettingsTab;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::state::gate::use_gate_everywhere;
use crate::state::live::use_live;

/// Id of the reason why it cannot be changed.
const REASON: &str = "platform-gate";

/// The page.
#[component]
pub fn PlatformPage() -> impl IntoView {
    let w = &words().platform;
    let live = use_live();
    let gate = use_gate_everywhere(Permission::Administer);
    let subject = memo(move || live.overview(|o| Subject::platform(&o.platform)));
    let intent = memo(move || subject.with(|s| s.as_ref().map(|s| s.intent.clone())));
    let known = memo(move || subject.with(Option::is_some));
    let on = memo(move || intent.with(|i| i.as_ref().is_some_and(|i| i.state != IntentState::Active)));
    let ask = RwSignal::new(None::<Action>);
    let release = use_release(subject.into());
    let press = Callback::new(move |()| {
        if on.get_untracked() {
            release.run.run(());
        } else {
            ask.set(Some(Action::Maintenance));
        }
    });
    view! {
        <SettingsFrame tab=SettingsTab::Maintenance beside=|| view! { <AsOf /> }>
        <p class="sub">{w.lead}</p>
        {dynamic(move || {
            if !known.get() {
                return view! { <Skeleton shape="sk-card" count=1 /> }.into_any();
            }
            view! {
                <section class="card stack" aria-labelledby="platform-state">
                    <div class="row">
                        <span class=attr(move || if on.get() { "st maint" } else { "st ok" })>
                            {dynamic(move || {
                                view! { <Icon name=if on.get() { "wrench" } else { "circle-check" } /> }
                            })}
                            <b id="platform-state">{dynamic(move || if on.get() { w.on } else { w.off })}</b>
                        </span>
                        <span class="sp"></span>
                        <GatedButton
                            label=derived(move || if on.get() { w.turn_off } else { w.turn_on })
                            icon="wrench"
                            off=gate
                            reason=REASON
                            on_press=press
                        />
                    </div>
                    {dynamic(move || (!on.get()).then(|| view! { <p class="mut">{w.off_text}</p> }))}
                    <OwnNote intent=intent />
                    <Reason id=REASON off=gate />
                    <ReleaseError release=release />
                </section>
                <Regions />
            }
                .into_any()
        })}
        <ActionDialog ask=ask subject=subject />
        </SettingsFrame>
    }
}

/// Every region as it is now: what maintenance of the platform reaches.
#[component]
fn Regions() -> impl IntoView {
    let w = &words().platform;
    let live = use_live();
    let ids = memo(move || live.region_ids().unwrap_or_default());
    let some = memo(move || ids.with(|ids| !ids.is_empty()));
    dynamic(move || {
        some.get().then(|| {
            view! {
                <section class="stack tight">
                    <h2>{w.regions}</h2>
                    <TableBox label=w.regions>
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">{w.region}</th>
                                    <th scope="col">{w.state}</th>
                                    <th scope="col" class="n">
                                        {w.conversations}
                                    </th>
                                </tr>
                            </thead>
                            <tbody>
                                <For each=move || ids.get() key=Clone::clone let:id>
                                    <Row id=id />
                                </For>
                            </tbody>
                        </table>
                    </TableBox>
                </section>
            }
        })
    })
}

#[component]
fn Row(id: RegionId) -> impl IntoView {
    let live = use_live();
    let key = StoredValue::new(id.clone());
    let status = memo(move || key.with_value(|id| live.summary(id, |s| s.status.clone())));
    let calls =
        derived(move || key.with_value(|id| live.summary(id, |s| conversations(&s.capacity))).flatten());
    view! {
        <tr>
            <th scope="row">
                <a href=routes::region(&id)>
                    <bdi class="id" translate="no">
                        {id.to_string()}
                    </bdi>
                </a>
            </th>
            <td>
                {dynamic(move || {
                    status
                        .get()
                        .map(|s| {
                            let count = count_beside(&s);
                            view! { <StatusBadge word=s.word extra=count /> }
                        })
                })}
            </td>
            <td class="n">
                <Num value=calls />
            </td>
        </tr>
    }
}
