//! Where a one-time link leads: a password is chosen, and the person is signed in. An open page, outside of the frame.

use common::users::{LinkKind, Redeem, WelcomeInfo};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::new_password::{NewPasswordField, fault, faults_of};
use crate::api::{ApiError, use_api};
use crate::components::form::{Fault, fault_of};
use crate::components::{ErrorPanel, ErrorSummary, Note, SubmitButton, TextField};
use crate::i18n::{credentials, people, use_i18n};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::language::LanguageMenu;
use crate::shell::theme::ThemeMenu;
use crate::shell::title::use_title;
use crate::shell::top::Brand;

const NAME: &str = "welcome-name";
const PASSWORD: &str = "welcome-password";
const FIELDS: [(&str, &str); 2] = [("/displayName", NAME), ("/password", PASSWORD)];

/// What is known of the link.
#[derive(Clone)]
enum Link {
    /// Asked.
    Looking,
    /// The address had none.
    None,
    /// Used, too old, or never made.
    Gone,
    /// The server could not say.
    Failed(ApiError),
    /// Whom it is for.
    Found(WelcomeInfo),
}

/// Takes the secret out of the address, so that neither the history nor a picture of the screen has it.
fn taken() -> String {
    let hash = window().location().hash().unwrap_or_default();
    if let Ok(history) = window().history() {
        // Refused only where the address is of another site.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(routes::WELCOME));
    }
    hash.trim_start_matches('#').to_owned()
}

/// `/welcome`
#[component]
pub fn WelcomePage() -> impl IntoView {
    let (w, api) = (credentials(), use_api());
    let token = StoredValue::new(taken());
    let link = RwSignal::new(Link::Looking);
    let look = move || {
        let token = token.get_value();
        if token.is_empty() {
            return link.set(Link::None);
        }
        link.set(Link::Looking);
        spawn_local(async move {
            link.try_set(match api.look_at_link(&token).await {
                Ok(info) => Link::Found(info),
                Err(e) if e.status() == Some(410) => Link::Gone,
                Err(e) => Link::Failed(e),
            });
        });
    };
    look();
    let heading = memo(move || {
        link.with(|link| match link {
            Link::Looking | Link::Failed(_) => w.welcome,
            Link::None => w.no_link,
            Link::Gone => w.gone,
            Link::Found(info) if info.kind == LinkKind::Reset => w.welcome_reset,
            Link::Found(_) => w.welcome,
        })
    });
    use_title(move || heading.get().to_owned());
    let t = use_i18n().t;
    let sign_in = move || view! { <a class="btn" href=routes::LOGIN>{w.to_sign_in}</a> };
    view! {
        <div class="auth">
            <header class="auth-top">
                <Brand />
                <span class="sp"></span>
                <LanguageMenu />
                <ThemeMenu />
            </header>
            <main class="auth-card">
                <h1 tabindex="-1">{dynamic(move || heading.get())}</h1>
                {dynamic(move || match link.get() {
                    Link::Looking => view! { <p class="mut" aria-busy="true">{w.looking}</p> }.into_any(),
                    Link::None => view! { <p>{w.no_link_text}</p> {sign_in()} }.into_any(),
                    Link::Gone => view! { <p>{w.gone_text}</p> {sign_in()} }.into_any(),
                    Link::Failed(e) => {
                        view! {
                            <ErrorPanel
                                title=e.title(t)
                                detail=e.detail(t)
                                request_id=e.request_id()
                                small=true
                                on_retry=Callback::new(move |()| look())
                            />
                        }
                            .into_any()
                    }
                    Link::Found(info) => view! { <Form info=info token=token link=link /> }.into_any(),
                })}
            </main>
        </div>
    }
}

#[component]
fn Form(info: WelcomeInfo, token: StoredValue<String>, link: RwSignal<Link>) -> impl IntoView {
    let (w, i18n, api) = (credentials(), use_i18n(), use_api());
    let reset = info.kind == LinkKind::Reset;
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (faults, attempt, busy) =
        (RwSignal::new(Vec::<Fault>::new()), RwSignal::new(0_u32), RwSignal::new(false));
    let fail = move |found: Vec<Fault>| {
        faults.try_set(found);
        attempt.try_update(|n| *n = n.wrapping_add(1));
    };
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let request = Redeem {
            token: token.get_value(),
            password: password.get_untracked(),
            display_name: Some(name.get_untracked().trim().to_owned()).filter(|n| !n.is_empty()),
        };
        if let Some(text) = fault(&request.password) {
            return fail(vec![(PASSWORD.to_owned(), text)]);
        }
        faults.set(Vec::new());
        busy.set(true);
        spawn_local(async move {
            match api.redeem(&request).await {
                // A page of its own: nothing of whoever was signed in here before may be left on it.
                Ok(_) => {
                    let _ = window().location().replace(routes::DASHBOARD);
                }
                Err(e) => {
                    busy.try_set(false);
                    if e.status() == Some(410) {
                        link.try_set(Link::Gone);
                    } else {
                        fail(faults_of(&e, i18n.t, &FIELDS));
                    }
                }
            }
        });
    };
    let all = Signal::from(faults);
    let (text, email) = (if reset { w.reset_for } else { w.welcome_text }, info.email);
    let (idle, running) = (if reset { w.reset_send } else { w.welcome_send }, w.welcome_sending);
    view! {
        <p>{text(&email)}</p>
        <form class="form" novalidate on:submit=send>
            <ErrorSummary faults=all attempt=attempt />
            // For password managers: whose password this is.
            <input class="vh" type="email" autocomplete="username" value=email tabindex="-1" aria-hidden="true" readonly />
            {(!reset)
                .then(|| {
                    view! {
                        <TextField id=NAME label=people().name value=name error=fault_of(all, NAME) optional=true />
                    }
                })}
            <NewPasswordField id=PASSWORD value=password error=fault_of(all, PASSWORD) />
            <SubmitButton
                label=derived(move || if busy.get() { running } else { idle }.to_owned())
                off=Signal::stored(None::<String>)
                reason=""
                busy=busy
            />
        </form>
        <Note icon="clock">{(w.link_ends)(&i18n.fmt.date_time(info.expires_at))}</Note>
    }
}
