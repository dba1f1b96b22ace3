//! `/settings/about`: which console this is, and the licences of what others made.

use common::meta::Meta;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;

use super::settings::crumbs;
use super::settings_tabs::{SettingsTab, SettingsTabs};
use crate::api::use_api;
use crate::components::Breadcrumb;
use crate::components::{NoData, TableBox, words};
use crate::i18n::use_i18n;
use crate::reactive::dynamic;
use crate::shell::title::use_title;

/// The page.
#[component]
pub fn AboutPage() -> impl IntoView {
    let (w, api, fmt) = (&words().settings, use_api(), use_i18n().fmt);
    use_title(move || w.about.to_owned());
    let meta = RwSignal::new(None::<Meta>);
    spawn_local(async move {
        if let Ok(answer) = api.meta().await {
            let _ = meta.try_set(Some(answer));
        }
    });
    let technical = |text: Option<String>| match text {
        Some(text) => view! { <bdi class="id" translate="no">{text}</bdi> }.into_any(),
        None => view! { <NoData /> }.into_any(),
    };
    let started = move || {
        meta.with(|m| m.as_ref().map(|m| (m.started_at.to_string(), fmt.whole(m.started_at)))).map_or_else(
            || view! { <NoData /> }.into_any(),
            |(at, text)| view! { <time datetime=at>{text}</time> }.into_any(),
        )
    };
    view! {
        <Breadcrumb crumbs=crumbs(SettingsTab::About) />
        <div class="hd">
            <h1 tabindex="-1">{w.about}</h1>
            <p class="sub">{w.about_lead}</p>
        </div>
        <SettingsTabs tab=SettingsTab::About />
        <section class="card narrow">
            <dl class="kv">
                <dt>{w.console_version}</dt>
                <dd>{technical(Some(env!("CARGO_PKG_VERSION").to_owned()))}</dd>
                <dt>{w.server_version}</dt>
                <dd>{dynamic(move || technical(meta.with(|m| m.as_ref().map(|m| m.version.clone()))))}</dd>
                <dt>{w.bundle}</dt>
                <dd>{dynamic(move || technical(meta.with(|m| m.as_ref().and_then(|m| m.bundle.clone()))))}</dd>
                <dt>{w.started}</dt>
                <dd>{dynamic(started)}</dd>
                <dt>{w.licence}</dt>
                <dd>{technical(Some(env!("CARGO_PKG_LICENSE").to_owned()))}</dd>
            </dl>
        </section>
        <section class="stack tight">
            <h2>{w.parts}</h2>
            <p class="mut">{w.parts_lead}</p>
            <TableBox label=w.parts>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{w.part}</th>
                            <th scope="col">{w.part_licence}</th>
                        </tr>
                    </thead>
                    <tbody>{licences().into_iter().map(row).collect_view()}</tbody>
                </table>
            </TableBox>
        </section>
    }
}

/// A work of others, its licence, and where its text is.
struct Licence {
    work: String,
    name: String,
    address: String,
}

/// `index.html` lists them, because the bundler knows the addresses of the texts: `<link rel="license">` with
/// `title="work · licence"`.
fn licences() -> Vec<Licence> {
    let Ok(links) = document().query_selector_all("head > link[rel=license]") else { return Vec::new() };
    let one = |i| {
        let link = links.item(i)?.dyn_into::<web_sys::Element>().ok()?;
        let (title, address) = (link.get_attribute("title")?, link.get_attribute("href")?);
        let (work, name) = title.split_once(" · ")?;
        Some(Licence { work: work.to_owned(), name: name.to_owned(), address })
    };
    (0..links.length()).filter_map(one).collect()
}

fn row(licence: Licence) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <bdi lang="en" dir="ltr">{licence.work}</bdi>
            </th>
            <td>
                <a href=licence.address rel="external">
                    <bdi translate="no">{licence.name}</bdi>
                </a>
            </td>
        </tr>
    }
}
