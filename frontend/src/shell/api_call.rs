//! The calls behind a page, as lines for a shell: what is on the screen, for scripts.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::{CopyButton, Modal, words};
use crate::reactive::effect;
use crate::routes::{self, Page};
use crate::state::commands::use_commands;

/// The paths of the API that a page shows, with its filters where the API knows the same.
pub fn calls_of(path: &str, search: &str) -> Vec<String> {
    let (page, id) = routes::find(path);
    let query = |known: &[(&str, &str)]| {
        let pairs = search.split('&').filter_map(|pair| pair.split_once('='));
        let kept: Vec<String> = pairs
            .filter_map(|(key, value)| {
                let name = known.iter().find(|(ours, _)| *ours == key)?.1;
                Some(format!("{name}={value}"))
            })
            .collect();
        if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
    };
    let nodes: [(&str, &str); 5] =
        [("q", "q"), ("status", "status"), ("region", "regionId"), ("kind", "kind"), ("label", "label")];
    let activity =
        ["actor", "actorKind", "action", "targetKind", "targetId", "outcome", "since", "until", "q"];
    let calls = match page {
        Page::Root | Page::Dashboard => vec!["/overview".to_owned(), "/problems".to_owned()],
        Page::Problem => vec!["/problems".to_owned()],
        Page::Regions => vec!["/regions".to_owned()],
        Page::Region | Page::RegionSettings | Page::RegionDiagnose => {
            vec![format!("/regions/{id}"), format!("/nodes?regionId={id}")]
        }
        Page::RegionNodes => vec![format!("/nodes?regionId={id}")],
        Page::RegionStorage => vec![format!("/regions/{id}/storage")],
        Page::RegionActivity => vec![format!("/regions/{id}/events"), format!("/regions/{id}/history")],
        Page::Nodes => vec![format!("/nodes{}", query(&nodes))],
        Page::Node | Page::NodeSettings | Page::NodeConnect => vec![format!("/nodes/{id}")],
        Page::NodeDiagnose => vec![format!("/nodes/{id}"), "/rejections".to_owned()],
        Page::NodeMetrics => vec![format!("/nodes/{id}/history")],
        Page::NodeActivity => vec![format!("/nodes/{id}/events"), format!("/nodes/{id}/commands")],
        Page::Unregistered => vec!["/unregistered-nodes".to_owned()],
        Page::Frontend => vec!["/frontend-nodes".to_owned()],
        Page::Background => vec!["/background-node".to_owned(), "/background-node/runs".to_owned()],
        Page::Activity => {
            let region = [("region", "regionId")];
            let same: Vec<(&str, &str)> = activity.iter().map(|key| (*key, *key)).chain(region).collect();
            vec![format!("/activity{}", query(&same))]
        }
        Page::ActivityEntry => vec![format!("/activity/{id}")],
        Page::Maintenance => vec!["/platform".to_owned()],
        Page::Users => vec!["/users".to_owned()],
        Page::User => vec![format!("/users/{id}"), format!("/users/{id}/sessions")],
        Page::Tokens => vec!["/tokens".to_owned()],
        Page::Webhooks => vec!["/webhooks".to_owned()],
        Page::Webhook => {
            let filters = query(&[("state", "state"), ("event", "event")]);
            vec![format!("/webhooks/{id}"), format!("/webhooks/{id}/deliveries{filters}")]
        }
        Page::WebhookEdit => vec![format!("/webhooks/{id}")],
        Page::WebhookDelivery => vec![format!("/webhooks/{id}/deliveries/{}", routes::delivery_in(path))],
        Page::SettingsSecurity => vec!["/auth/sessions".to_owned()],
        Page::SettingsGeneral
        | Page::UserInvite
        | Page::TokenNew
        | Page::WebhookNew
        | Page::Welcome
        | Page::SettingsAbout
        | Page::SettingsAppearance
        | Page::Help
        | Page::RegionNew
        | Page::NodeNew
        | Page::Login
        | Page::NotFound => vec!["/meta".to_owned()],
    };
    calls.into_iter().map(|call| format!("/api/v1{call}")).collect()
}

/// The line for a shell.
fn line(origin: &str, call: &str) -> String {
    format!("curl -s -b cookies '{origin}{call}'")
}

/// The line that begins a session.
pub fn sign_in_line(origin: &str) -> String {
    format!(
        "curl -s -c cookies -H 'Origin: {origin}' -H 'Content-Type: application/json' -d '{{\"email\":\"EMAIL\",\"password\":\"PASSWORD\"}}' '{origin}/api/v1/auth/login'"
    )
}

/// The address of this console.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// A line to copy.
#[component]
pub fn Line(
    /// What is copied.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <div class="code-line">
            <pre dir="ltr" translate="no" tabindex="0">
                <code>{text.clone()}</code>
            </pre>
            <CopyButton text=text label=words().palette.api_copy icon_only=true />
        </div>
    }
}

/// The dialog.
#[component]
pub fn ApiCall() -> impl IntoView {
    let (w, commands, location) = (&words().palette, use_commands(), use_location());
    let open = RwSignal::new(true);
    effect(move || {
        if !open.get() {
            commands.close();
        }
    });
    let origin = origin();
    let calls = calls_of(&location.pathname.get_untracked(), &location.search.get_untracked());
    let lines: Vec<String> = calls.iter().map(|call| line(&origin, call)).collect();
    let first = sign_in_line(&origin);
    view! {
        <Modal heading_id="api-title" title=Signal::stored(w.api_call.to_owned()) open=open wide=true>
            <div class="dlg-body">
                <p>{w.api_lead}</p>
                <section class="stack tight">
                    <h3>{w.api_page}</h3>
                    {lines.iter().map(|text| view! { <Line text=text.clone() /> }).collect_view()}
                </section>
                <section class="stack tight">
                    <h3>{w.api_sign_in}</h3>
                    <Line text=first.clone() />
                    <p class="sm mut">{w.api_sign_in_hint}</p>
                </section>
                <p>
                    <a href=common::paths::DOCS rel="external">
                        {w.api_docs}
                    </a>
                </p>
            </div>
        </Modal>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_calls_with_its_filters() {
        assert_eq!(
            calls_of("/nodes", "kind=proxy&sort=-cpu&region=OM-MCT"),
            ["/api/v1/nodes?kind=proxy&regionId=OM-MCT"]
        );
        assert_eq!(calls_of("/nodes", ""), ["/api/v1/nodes"]);
        assert_eq!(calls_of("/regions/OM-MCT/storage", ""), ["/api/v1/regions/OM-MCT/storage"]);
        assert_eq!(calls_of("/activity", "actor=huda&x=1"), ["/api/v1/activity?actor=huda"]);
    }

    #[test]
    fn a_line_can_be_pasted() {
        assert_eq!(line("https://c", "/api/v1/nodes?q=a"), "curl -s -b cookies 'https://c/api/v1/nodes?q=a'");
        assert!(sign_in_line("https://c").contains("'{\"email\":\"EMAIL\",\"password\":\"PASSWORD\"}'"));
    }
}
