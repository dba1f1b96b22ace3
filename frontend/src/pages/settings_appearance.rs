//! `/settings/appearance`: how this browser shows the console. Every choice works at once and is remembered.

use js_sys::{Array, Intl, Object, Reflect};
use leptos::prelude::*;

use super::settings::crumbs;
use super::settings_tabs::{SettingsTab, SettingsTabs};
use crate::components::Breadcrumb;
use crate::components::words;
use crate::i18n::{Language, use_i18n};
use crate::reactive::{attr, dynamic};
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::prefs::{Choice, Frequency, SingleKeys, use_prefs};

/// The page.
#[component]
pub fn AppearancePage() -> impl IntoView {
    let (t, w, prefs) = (use_i18n().t, &words().settings, use_prefs());
    use_title(move || w.appearance.to_owned());
    let now = Language::of_page();
    let zone = browser_zone();
    let languages = Language::ALL.map(|language| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="language"
                    value=language.tag()
                    prop:checked=language == now
                    on:change=move |_| language.choose()
                />
                <b lang=language.tag()>{language.name()}</b>
            </label>
        }
    });
    view! {
        <Breadcrumb crumbs=crumbs(SettingsTab::Appearance) />
        <div class="hd">
            <h1 tabindex="-1">{w.appearance}</h1>
            <p class="sub">{w.appearance_lead}</p>
        </div>
        <SettingsTabs tab=SettingsTab::Appearance />
        <section class="card stack narrow" aria-labelledby="appearance-reading">
            <h2 id="appearance-reading">{w.reading}</h2>
            <Group name="language" title=t.language hint=w.language_hint>
                {languages.collect_view()}
            </Group>
            <Group name="digits" title=w.digits hint=w.digits_hint>
                <Choices name="digits" value=prefs.digits text=move |d| (w.digits_name)(d).to_owned() />
            </Group>
            <Group name="zone" title=w.zone hint="">
                <Choices name="zone" value=prefs.zone text=move |z| (w.zone_name)(z, &zone) />
            </Group>
            <TimeNow />
        </section>
        <section class="card stack narrow" aria-labelledby="appearance-look">
            <h2 id="appearance-look">{w.look}</h2>
            <Group name="theme" title=t.theme hint="">
                <Choices name="theme" value=prefs.theme text=move |c| (t.theme_name)(c).to_owned() />
            </Group>
            <Group name="contrast" title=w.contrast hint="">
                <Choices name="contrast" value=prefs.contrast text=move |c| (w.contrast_name)(c).to_owned() />
            </Group>
            <Group name="density" title=w.density hint=w.density_hint>
                <Choices name="density" value=prefs.density text=move |d| (w.density_name)(d).to_owned() />
            </Group>
            <Group name="motion" title=w.motion hint="">
                <Choices name="motion" value=prefs.motion text=move |m| (w.motion_name)(m).to_owned() />
            </Group>
        </section>
        <section class="card stack narrow" aria-labelledby="appearance-behaviour">
            <h2 id="appearance-behaviour">{w.behaviour}</h2>
            <Group name="frequency" title=w.frequency hint=w.frequency_hint>
                <Choices
                    name="frequency"
                    value=prefs.frequency
                    text=move |f: Frequency| (w.frequency_name)(f).to_owned()
                />
            </Group>
            <SingleKeysSwitch />
        </section>
    }
}

/// A question and its answers.
#[component]
fn Group(name: &'static str, title: &'static str, hint: &'static str, children: Children) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let described = (!hint.is_empty()).then(|| hint_id.clone());
    view! {
        <fieldset class="stack tight" aria-describedby=described>
            <legend class="sub-legend">{title}</legend>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class="choices small">{children()}</div>
        </fieldset>
    }
}

/// The ways of one preference as radio buttons. Another tab may choose too, so they follow the preference.
#[component]
fn Choices<C: Choice>(
    name: &'static str,
    value: RwSignal<C>,
    text: impl Fn(C) -> String + 'static,
) -> impl IntoView {
    let one = |choice: &C| {
        let choice = *choice;
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=name
                    value=choice.as_str()
                    prop:checked=attr(move || value.get() == choice)
                    on:change=move |_| value.set(choice)
                />
                <b>{text(choice)}</b>
            </label>
        }
    };
    C::ALL.iter().map(one).collect_view()
}

/// Off is a way to type letters without doing anything.
#[component]
fn SingleKeysSwitch() -> impl IntoView {
    let (w, prefs) = (&words().settings, use_prefs());
    view! {
        <label class="check">
            <input
                type="checkbox"
                class="switch"
                role="switch"
                aria-describedby="single-keys-hint"
                prop:checked=attr(move || prefs.single_keys.get() == SingleKeys::On)
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    prefs.single_keys.set(if on { SingleKeys::On } else { SingleKeys::Off });
                }
            />
            <span>{w.single_keys}</span>
            <span class="hint" id="single-keys-hint">
                {w.single_keys_hint}
            </span>
        </label>
    }
}

/// What the choices of language, digits and zone come to.
#[component]
fn TimeNow() -> impl IntoView {
    let (w, fmt, connection) = (&words().settings, use_i18n().fmt, use_connection());
    dynamic(move || {
        connection.server_now().map(|now| {
            view! { <p class="hint">{(w.zone_hint)(&fmt.whole(now))}</p> }
        })
    })
}

/// The name of the browser's zone, empty where it does not say.
fn browser_zone() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string()).unwrap_or_default()
}
