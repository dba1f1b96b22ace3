//! Choices that several forms have: a role, and the regions where changes are allowed.

use common::auth::Role;
use common::ids::RegionId;
use leptos::ev;
use leptos::prelude::*;

use super::matrix::ROLES;
use crate::i18n::{people, use_i18n};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::live::use_live;

/// What is typed and ticked of a region scope.
#[derive(Clone, Copy)]
pub struct Scope {
    /// Only some regions.
    pub limited: RwSignal<bool>,
    /// Which.
    pub regions: RwSignal<Vec<RegionId>>,
}

impl Scope {
    /// As it is stored.
    pub fn of(scope: Option<&[RegionId]>) -> Self {
        let this = Self { limited: RwSignal::new(false), regions: RwSignal::new(Vec::new()) };
        this.take(scope);
        this
    }

    /// Shows what is stored.
    pub fn take(self, scope: Option<&[RegionId]>) {
        self.limited.set(scope.is_some());
        self.regions.set(scope.unwrap_or_default().to_vec());
    }

    /// As it is to be stored; follows the choices.
    pub fn value(self) -> Option<Vec<RegionId>> {
        self.limited.get().then(|| {
            let mut regions = self.regions.get();
            regions.sort();
            regions
        })
    }

    /// Whether regions are to be named and none is.
    pub fn is_missing(self) -> bool {
        self.limited.get_untracked() && self.regions.with_untracked(Vec::is_empty)
    }
}

/// Keeps a choice as it is while it is off.
fn unless(off: Signal<Option<String>>) -> impl Fn(ev::MouseEvent) + Copy {
    move |event: ev::MouseEvent| {
        if off.with_untracked(Option::is_some) {
            event.prevent_default();
        }
    }
}

/// One choice of a group, as a card.
fn card(
    group: &'static str,
    id: String,
    label: &'static str,
    hint: String,
    chosen: Signal<bool>,
    off: Signal<Option<String>>,
    choose: Callback<()>,
) -> AnyView {
    let hint_id = format!("{id}-hint");
    view! {
        <label class="choice">
            <input
                type="radio"
                name=group
                id=id
                aria-describedby=hint_id.clone()
                aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
                title=attr(move || off.get())
                prop:checked=attr(move || chosen.get())
                on:click=unless(off)
                on:change=move |_| choose.run(())
            />
            <b>{label}</b>
            <span class="hint" id=hint_id>
                {hint}
            </span>
        </label>
    }
    .into_any()
}

/// The choice of a role.
#[component]
pub fn RoleField(
    /// The role.
    role: RwSignal<Role>,
    /// Why it cannot be changed.
    #[prop(into)]
    off: Signal<Option<String>>,
) -> impl IntoView {
    let (w, t) = (people(), use_i18n().t);
    let one = |of: Role| {
        let hint = (w.role_hint)(of).to_owned();
        let chosen = derived(move || role.get() == of);
        let choose = Callback::new(move |()| role.set(of));
        card("role", format!("role-{}", of.as_str()), (t.role)(of), hint, chosen, off, choose)
    };
    view! {
        <fieldset class="form-group">
            <legend>{w.role}</legend>
            <div class="choices">{ROLES.map(one)}</div>
        </fieldset>
    }
}

/// The choice of regions.
#[component]
pub fn RegionsField(
    /// Id of the boxes, for the summary of errors.
    id: &'static str,
    /// The choice.
    scope: Scope,
    /// Why it cannot be changed.
    #[prop(into)]
    off: Signal<Option<String>>,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// What all regions are.
    #[prop(optional)]
    all_hint: Option<&'static str>,
    /// What some regions are.
    #[prop(optional)]
    some_hint: Option<&'static str>,
) -> impl IntoView {
    let (w, live) = (people(), use_live());
    let all = derived(move || !scope.limited.get());
    let some = derived(move || scope.limited.get());
    let known = memo(move || live.region_ids().unwrap_or_default());
    // A region that was deleted stays in the scope until somebody takes it out.
    let offered = memo(move || {
        let mut ids = known.get();
        scope.regions.with(|chosen| {
            ids.extend(chosen.iter().filter(|r| !ids.contains(r)).cloned().collect::<Vec<_>>())
        });
        ids.sort();
        ids.dedup();
        ids
    });
    let error_id = format!("{id}-err");
    let described = error_id.clone();
    let boxes = move || {
        let list = offered.get();
        if list.is_empty() {
            return view! { <p class="hint">{w.no_regions}</p> }.into_any();
        }
        list.into_iter().map(|region| tick(id, region, scope, known, off)).collect_view().into_any()
    };
    let limited = memo(move || scope.limited.get());
    view! {
        <fieldset class="form-group" id=id tabindex="-1">
            <legend>{w.regions}</legend>
            <div class="choices">
                {card(
                    id,
                    format!("{id}-all"),
                    w.all_regions,
                    all_hint.unwrap_or(w.all_regions_hint).to_owned(),
                    all,
                    off,
                    Callback::new(move |()| scope.limited.set(false)),
                )}
                {card(
                    id,
                    format!("{id}-some"),
                    w.only_regions,
                    some_hint.unwrap_or(w.only_regions_hint).to_owned(),
                    some,
                    off,
                    Callback::new(move |()| scope.limited.set(true)),
                )}
            </div>
            {dynamic(move || {
                limited
                    .get()
                    .then(|| {
                        view! {
                            <div
                                class="tick-row"
                                role="group"
                                aria-label=w.which_regions
                                aria-describedby=described.clone()
                            >
                                {dynamic(boxes)}
                            </div>
                        }
                    })
            })}
            {dynamic(move || {
                error.get().map(|text| view! { <p class="err" id=error_id.clone()>{text}</p> })
            })}
        </fieldset>
    }
}

fn tick(
    id: &'static str,
    region: RegionId,
    scope: Scope,
    known: Memo<Vec<RegionId>>,
    off: Signal<Option<String>>,
) -> AnyView {
    let (mine, gone) = (region.clone(), region.clone());
    let name = region.to_string();
    let set = move |on: bool| {
        scope.regions.update(|all| {
            all.retain(|r| *r != region);
            if on {
                all.push(region.clone());
            }
        });
    };
    view! {
        <label class="check">
            <input
                type="checkbox"
                id=format!("{id}-{name}")
                aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
                prop:checked=attr(move || scope.regions.with(|all| all.contains(&mine)))
                on:click=unless(off)
                on:change=move |event| set(event_target_checked(&event))
            />
            <span>
                <bdi class="id" translate="no">
                    {name}
                </bdi>
                {dynamic(move || {
                    (!known.with(|k| k.contains(&gone))).then(|| view! { <span class="mut">" "{people().region_gone}</span> })
                })}
            </span>
        </label>
    }
    .into_any()
}
