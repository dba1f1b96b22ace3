//! A card for every region.

use common::auth::Permission;
use common::ids::RegionId;
use leptos::prelude::*;

use super::scope::use_scope;
use crate::components::Icon;
use crate::components::region_card::RegionCard;
use crate::i18n::use_i18n;
use crate::pages::sparks::region_line;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::state::gate::use_gate_everywhere;
use crate::state::live::use_live;

/// The heading, the button, the cards; nothing where there is no region, the list of first steps says what to do.
#[component]
pub fn Regions() -> impl IntoView {
    let (t, live, scope) = (use_i18n().t, use_live(), use_scope());
    let ids = memo(move || {
        let mut ids = live.region_ids().unwrap_or_default();
        ids.retain(|id| scope.has(Some(id)));
        ids
    });
    let any = memo(move || ids.with(|ids| !ids.is_empty()));
    let place = move |id: &RegionId| ids.with_untracked(|ids| ids.iter().position(|i| i == id)).unwrap_or(0);
    dynamic(move || {
        any.get().then(|| {
            view! {
                <section class="stack" aria-labelledby="regions">
                    <div class="hd">
                        <h2 id="regions">{t.regions}</h2>
                        <span class="sp"></span>
                        <AddRegion />
                    </div>
                    <div class="grid k3">
                        <For each=move || ids.get() key=|id| id.clone() let:id>
                            <RegionCard
                                id=id.clone()
                                line=region_line(id.clone(), place(&id))
                                summary=derived(move || live.summary(&id, Clone::clone))
                            />
                        </For>
                    </div>
                </section>
            }
        })
    })
}

/// The way to the form, or why it is shut.
#[component]
pub fn AddRegion() -> impl IntoView {
    let (t, gate) = (use_i18n().t, use_gate_everywhere(Permission::Operate));
    let shut = memo(move || gate.get());
    let stay = move |event: leptos::ev::MouseEvent| {
        if shut.with_untracked(Option::is_some) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    view! {
        <a
            class="btn pri"
            href=routes::REGION_NEW
            aria-disabled=attr(move || shut.with(Option::is_some).then_some("true"))
            aria-describedby="add-region-why"
            title=attr(move || shut.get())
            on:click=stay
        >
            <Icon name="plus" />
            {t.add_region}
        </a>
        <span id="add-region-why" class="vh">{dynamic(move || shut.get())}</span>
    }
}
