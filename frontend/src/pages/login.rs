//! Sign-in: get in, or learn exactly why not.

use std::time::Duration;

use common::auth::LoginRequest;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::api::{ApiError, use_api};
use crate::components::form::focus_id;
use crate::components::{Field, Icon, Note};
use crate::i18n::use_i18n;
use crate::reactive::{attr, dynamic, effect, memo};
use crate::routes;
use crate::shell::language::LanguageMenu;
use crate::shell::theme::ThemeMenu;
use crate::shell::title::{use_fault_in_title, use_title};
use crate::shell::top::Brand;
use crate::state::announce::use_announcer;
use crate::state::clock::monotonic_ms;
use crate::state::session::{SessionState, use_session};

const EMAIL: &str = "email";
/// The field that a person who signs in again begins with.
pub const PASSWORD: &str = "password";
/// Wait where the server limits attempts and does not say for how long.
const WAIT_SECONDS: u64 = 60;

/// The page.
#[component]
pub fn LoginPage() -> impl IntoView {
    let (i18n, session, query) = (use_i18n(), use_session(), use_query_map());
    let t = i18n.t;
    use_title(move || t.login_title.to_owned());
    let navigate = use_navigate();
    request_animation_frame(|| focus_id(EMAIL));
    // Also where a signed-in person comes here by an old link.
    effect(move || {
        if matches!(session.get(), SessionState::In(_)) {
            let next = query.with_untracked(|q| q.get("next"));
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            navigate(routes::safe_next(next.as_deref()), options);
        }
    });
    let reason = move || query.with(|q| q.get("reason"));
    let note = move || match reason().as_deref() {
        Some("expired") => Some(match session.ended_at() {
            Some(at) => (t.login_expired_at)(&i18n.fmt.time(at)),
            None => t.login_expired.to_owned(),
        }),
        Some("signed-out") => Some(t.login_signed_out.to_owned()),
        _ => None,
    };
    view! {
        <div class="auth">
            <header class="auth-top">
                <Brand />
                <span class="sp"></span>
                <LanguageMenu />
                <ThemeMenu />
            </header>
            <main class="auth-card">
                <h1 tabindex="-1">{t.login_title}</h1>
                {dynamic(move || note().map(|text| view! { <Note tone="info">{text}</Note> }))}
                {unencrypted().then(|| view! { <Note tone="warn" icon="lock-open">{t.login_plain_http}</Note> })}
                <LoginForm />
                <p class="sm mut">{t.login_help}</p>
            </main>
            <footer class="auth-foot">
                <a href=common::paths::DOCS rel="external">
                    {t.login_api}
                </a>
            </footer>
        </div>
    }
}

/// Whether the password would cross a network in the clear. A page of this machine does not leave it.
fn unencrypted() -> bool {
    let location = window().location();
    let host = location.hostname().unwrap_or_default();
    let loopback =
        host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]";
    location.protocol().is_ok_and(|p| p == "http:") && !loopback
}

/// What came of the last attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    None,
    Wrong,
    /// Too many attempts; when the next one may be made, by the monotonic clock.
    Locked(u64),
    Failed(ApiError),
}

/// The form alone.
#[component]
pub fn LoginForm(
    /// Who is expected to sign in.
    #[prop(optional)]
    email: String,
) -> impl IntoView {
    let (t, api, announcer) = (use_i18n().t, use_api(), use_announcer());
    let (email, password) = (RwSignal::new(email), RwSignal::new(String::new()));
    let (email_fault, password_fault) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let (busy, shown, caps) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let outcome = RwSignal::new(Outcome::None);
    use_fault_in_title(move || {
        email_fault.with(Option::is_some)
            || password_fault.with(Option::is_some)
            || outcome.with(|outcome| *outcome != Outcome::None)
    });
    let left = countdown(outcome);
    let shut = memo(move || busy.get() || left.get() > 0);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if shut.get_untracked() {
            return;
        }
        // Password managers may fill the fields without telling the page.
        let who = LoginRequest {
            email: value_of(EMAIL).unwrap_or_else(|| email.get_untracked()).trim().to_owned(),
            password: value_of(PASSWORD).unwrap_or_else(|| password.get_untracked()),
            command_line: false,
        };
        email_fault.set(who.email.is_empty().then(|| t.login_need_email.to_owned()));
        password_fault.set(who.password.is_empty().then(|| t.login_need_password.to_owned()));
        if who.email.is_empty() || who.password.is_empty() {
            focus_id(if who.email.is_empty() { EMAIL } else { PASSWORD });
            return;
        }
        busy.set(true);
        outcome.set(Outcome::None);
        spawn_local(async move {
            let result = api.login(&who).await;
            let _ = busy.try_set(false);
            let Err(e) = result else { return };
            let next = match (e.status(), &e) {
                (Some(401), _) => Outcome::Wrong,
                (Some(429), ApiError::Refused { retry_after, .. }) => {
                    let wait = retry_after.unwrap_or(WAIT_SECONDS).saturating_mul(1000);
                    Outcome::Locked(monotonic_ms().saturating_add(wait))
                }
                _ => Outcome::Failed(e),
            };
            if next == Outcome::Wrong {
                focus_id(PASSWORD);
            }
            if let Outcome::Locked(until) = next {
                announcer.say((t.login_locked)(until.saturating_sub(monotonic_ms()).div_ceil(1000)));
            }
            let _ = outcome.try_set(next);
        });
    };
    let failure = move || {
        let text = match outcome.get() {
            Outcome::None => return None,
            Outcome::Wrong => t.login_wrong.to_owned(),
            // Spoken when it begins and not every second.
            Outcome::Locked(_) => {
                let text = move || (t.login_locked)(left.get());
                return (left.get() > 0)
                    .then(|| view! { <Note tone="warn" icon="clock">{dynamic(text)}</Note> }.into_any());
            }
            Outcome::Failed(ApiError::Unreachable) => t.login_unreachable.to_owned(),
            Outcome::Failed(e) => e.detail(t),
        };
        Some(view! { <div role="alert"><Note tone="bad" icon="circle-alert">{text}</Note></div> }.into_any())
    };
    let look_at_caps = move |event: leptos::ev::KeyboardEvent| caps.set(event.get_modifier_state("CapsLock"));
    let describe = |fault: RwSignal<Option<String>>, id: &'static str| {
        move || fault.with(Option::is_some).then(|| format!("{id}-err"))
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            {dynamic(failure)}
            <Field id=EMAIL label=t.login_email error=email_fault>
                <input
                    class="inp"
                    id=EMAIL
                    name="email"
                    type="email"
                    dir="ltr"
                    autocomplete="username"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-required="true"
                    aria-invalid=attr(move || email_fault.with(Option::is_some).then_some("true"))
                    aria-describedby=describe(email_fault, EMAIL)
                    prop:value=email
                    on:input=move |event| email.set(event_target_value(&event))
                />
            </Field>
            <Field id=PASSWORD label=t.login_password error=password_fault>
                <div class="inp-wrap">
                    <input
                        class="inp"
                        id=PASSWORD
                        name="password"
                        type=attr(move || if shown.get() { "text" } else { "password" })
                        dir="ltr"
                        autocomplete="current-password"
                        autocapitalize="off"
                        spellcheck="false"
                        aria-required="true"
                        aria-invalid=attr(move || password_fault.with(Option::is_some).then_some("true"))
                        aria-describedby=describe(password_fault, PASSWORD)
                        prop:value=password
                        on:input=move |event| password.set(event_target_value(&event))
                        on:keydown=look_at_caps
                    />
                    <button
                        type="button"
                        class="btn ghost ic"
                        aria-pressed=attr(move || if shown.get() { "true" } else { "false" })
                        aria-label=t.login_show
                        aria-controls=PASSWORD
                        on:click=move |_| shown.update(|s| *s = !*s)
                    >
                        {dynamic(move || if shown.get() { view! { <Icon name="eye-off" /> } } else { view! { <Icon name="eye" /> } })}
                    </button>
                </div>
                {dynamic(move || caps.get().then(|| view! { <p class="hint">{t.login_caps_lock}</p> }))}
            </Field>
            <button
                type="submit"
                class="btn pri"
                aria-disabled=attr(move || shut.get().then_some("true"))
                aria-busy=attr(move || busy.get().then_some("true"))
            >
                {dynamic(move || busy.get().then(|| view! { <Icon name="loader-circle" class="spin" /> }))}
                {dynamic(move || if busy.get() { t.login_busy } else { t.login_submit })}
            </button>
        </form>
    }
}

/// Seconds until the next attempt may be made; 0 when it may.
fn countdown(outcome: RwSignal<Outcome>) -> Memo<u64> {
    let now = RwSignal::new(monotonic_ms());
    let timer = set_interval_with_handle(move || now.set(monotonic_ms()), Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    memo(move || match outcome.get() {
        Outcome::Locked(until) => until.saturating_sub(now.get()).div_ceil(1000),
        _ => 0,
    })
}

/// What a field really holds.
fn value_of(id: &str) -> Option<String> {
    use wasm_bindgen::JsCast as _;
    let element = document().get_element_by_id(id)?;
    element.dyn_into::<web_sys::HtmlInputElement>().ok().map(|input| input.value())
}
