//! The form that invites somebody, and the link that comes of it.

use common::auth::{Permission, Role};
use common::users::{InviteRequest, Invited};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fields::{RegionsField, RoleField, Scope};
use super::link::{HEADING, LinkCard};
use super::list::closed;
use crate::api::use_api;
use crate::components::form::{Fault, fault_of, focus_id};
use crate::components::{Breadcrumb, Crumb, ErrorSummary, Reason, SubmitButton, TextField, words};
use crate::i18n::{people, use_i18n};
use crate::pages::lifecycle::fields::{SendError, Sending};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::announce::use_announcer;
use crate::state::gate::{use_gate_everywhere, use_right_everywhere};

const REASON: &str = "invite-reason";
const EMAIL: &str = "invite-email";
const NAME: &str = "invite-name";
const REGIONS: &str = "invite-regions";
const FIELDS: [(&str, &str); 3] = [("/email", EMAIL), ("/displayName", NAME), ("/regionScope", REGIONS)];

/// `/users/invite`
#[component]
pub fn InvitePage() -> impl IntoView {
    let w = people();
    use_title(move || w.invite.to_owned());
    let made = RwSignal::new(None::<Invited>);
    let right = use_right_everywhere(Permission::Administer);
    let allowed = memo(move || right.with(Option::is_none));
    let crumbs = vec![Crumb::link(routes::USERS, words().access.users), Crumb::here(w.invite)];
    view! {
        <Breadcrumb crumbs=Signal::stored(crumbs) />
        <div class="hd">
            <h1 tabindex="-1">{w.invite}</h1>
        </div>
        {dynamic(move || {
            if !allowed.get() {
                return closed(right.get());
            }
            match made.get() {
                Some(invited) => {
                    let account = routes::user(invited.account.id);
                    let done = Callback::new(move |()| made.set(None));
                    view! {
                        <LinkCard
                            title=(w.link_invitation)(&invited.account.email)
                            link=invited.link
                            done=done
                        />
                        <p class="row">
                            <a href=account>{super::called(&invited.account)}</a>
                            <a href=routes::USERS>{w.to_list}</a>
                        </p>
                    }
                        .into_any()
                }
                None => view! { <Form made=made /> }.into_any(),
            }
        })}
    }
}

#[component]
fn Form(made: RwSignal<Option<Invited>>) -> impl IntoView {
    let (w, t, api, announcer) = (people(), use_i18n().t, use_api(), use_announcer());
    let gate = use_gate_everywhere(Permission::Administer);
    let (email, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // The least that is of use: more is a choice.
    let (role, scope) = (RwSignal::new(Role::Viewer), Scope::of(None));
    let sending = Sending::default();
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if gate.with_untracked(Option::is_some) {
            return;
        }
        let request = InviteRequest {
            email: email.get_untracked(),
            display_name: Some(name.get_untracked().trim().to_owned()).filter(|n| !n.is_empty()),
            role: role.get_untracked(),
            region_scope: untrack(|| scope.value()),
        };
        let mut faults: Vec<Fault> = Vec::new();
        if common::users::normal_email(&request.email).is_none() {
            faults.push((EMAIL.to_owned(), w.need_email.to_owned()));
        }
        if scope.is_missing() {
            faults.push((REGIONS.to_owned(), w.need_region.to_owned()));
        }
        if !sending.begin(faults) {
            return;
        }
        spawn_local(async move {
            match api.invite(&request).await {
                Ok(invited) => {
                    announcer.say((w.invited)(&invited.account.email));
                    made.try_set(Some(invited));
                    request_animation_frame(|| focus_id(HEADING));
                }
                Err(e) => sending.failed(&e, t, &FIELDS),
            }
        });
    };
    let off = Signal::stored(None::<String>);
    view! {
        <form class="form card narrow" novalidate on:submit=send>
            <p class="mut">{w.invite_sub}</p>
            <ErrorSummary faults=sending.faults attempt=sending.attempt />
            <TextField
                id=EMAIL
                label=w.email
                hint=w.email_hint
                value=email
                error=fault_of(sending.faults.into(), EMAIL)
                required=true
                technical=true
                inputmode="email"
                placeholder="name@example.org"
            />
            <TextField
                id=NAME
                label=w.name
                hint=w.name_hint
                value=name
                error=fault_of(sending.faults.into(), NAME)
                optional=true
            />
            <RoleField role=role off=off />
            <RegionsField id=REGIONS scope=scope off=off error=fault_of(sending.faults.into(), REGIONS) />
            <SendError sending=sending />
            <Reason id=REASON off=gate />
            <div class="toolbar end">
                <a class="btn" href=routes::USERS>
                    {w.cancel}
                </a>
                <SubmitButton
                    label=derived(move || if sending.busy.get() { w.inviting } else { w.invite_send }.to_owned())
                    off=gate
                    reason=REASON
                    busy=sending.busy
                />
            </div>
        </form>
    }
}
