//! Addresses lead where they say.

use super::*;

#[test]
fn addresses() {
    let id: NodeId = "0198f6a2-0000-7000-8000-000000000001".parse().unwrap();
    let mct = RegionId::from("om-mct");
    assert_eq!(region(&mct), "/regions/OM-MCT");
    assert_eq!(node_new(&mct, NodeKind::Proxy), "/regions/OM-MCT/nodes/new?kind=proxy");
    assert_eq!(
        node_new_from(&mct, None, Some("10.0.0.5:5002")),
        "/regions/OM-MCT/nodes/new?kind=backend&endpoint=10.0.0.5%3A5002"
    );
    assert_eq!(node(id), "/nodes/0198f6a2-0000-7000-8000-000000000001");
    assert_eq!(node_connect(id), "/nodes/0198f6a2-0000-7000-8000-000000000001/connect");
    assert_eq!(nodes_filtered(None, None), "/nodes");
    assert_eq!(
        nodes_filtered(Some(NodeKind::Backend), Some("offline")),
        "/nodes?kind=backend&status=offline"
    );
    assert_eq!(nodes_of(&mct, NodeKind::Proxy), "/nodes?kind=proxy&region=OM-MCT");
    assert_eq!(login("/", false), "/login");
    assert_eq!(login("/nodes?kind=proxy", true), "/login?next=/nodes%3Fkind%3Dproxy&reason=expired");
}

#[test]
fn pages() {
    let id: NodeId = "0198f6a2-0000-7000-8000-000000000001".parse().unwrap();
    let mct = RegionId::from("OM-MCT");
    for (path, page, found) in [
        ("/", Page::Root, ""),
        (LOGIN, Page::Login, ""),
        (DASHBOARD, Page::Dashboard, ""),
        (REGIONS, Page::Regions, ""),
        ("/regions/", Page::Regions, ""),
        (REGION_NEW, Page::RegionNew, ""),
        (&region(&mct), Page::Region, "OM-MCT"),
        ("/regions/OM-MCT/nodes/new", Page::NodeNew, "OM-MCT"),
        ("/regions/OM-MCT/nodes/new/x", Page::NotFound, ""),
        ("/regions/OM-MCT/nodes", Page::RegionNodes, "OM-MCT"),
        ("/regions/OM-MCT/diagnose", Page::RegionDiagnose, "OM-MCT"),
        ("/problems/7", Page::Problem, "7"),
        ("/problems", Page::NotFound, ""),
        (SETTINGS, Page::SettingsGeneral, ""),
        (SETTINGS_GENERAL, Page::SettingsGeneral, ""),
        (SETTINGS_APPEARANCE, Page::SettingsAppearance, ""),
        (SETTINGS_ABOUT, Page::SettingsAbout, ""),
        (SETTINGS_SECURITY, Page::SettingsSecurity, ""),
        (USERS, Page::Users, ""),
        (USER_INVITE, Page::UserInvite, ""),
        ("/users/0198f6a2-0000-7000-8000-000000000001", Page::User, "0198f6a2-0000-7000-8000-000000000001"),
        (TOKENS, Page::Tokens, ""),
        (TOKEN_NEW, Page::TokenNew, ""),
        ("/tokens/7", Page::NotFound, ""),
        (WEBHOOKS, Page::Webhooks, ""),
        (WEBHOOK_NEW, Page::WebhookNew, ""),
        ("/webhooks/7", Page::Webhook, "7"),
        ("/webhooks/7/edit", Page::WebhookEdit, "7"),
        ("/webhooks/7/deliveries/8", Page::WebhookDelivery, "7"),
        ("/webhooks/7/deliveries", Page::NotFound, ""),
        (WELCOME, Page::Welcome, ""),
        (BACKGROUND_METRICS, Page::Background, ""),
        ("/help/why-zero", Page::Help, ""),
        ("/help/shortcuts/", Page::Help, ""),
        ("/help/nothing", Page::NotFound, ""),
        ("/regions/OM-MCT/overview", Page::Region, "OM-MCT"),
        (&region_storage(&mct), Page::RegionStorage, "OM-MCT"),
        (&region_activity(&mct), Page::RegionActivity, "OM-MCT"),
        (&region_settings(&mct), Page::RegionSettings, "OM-MCT"),
        (UNREGISTERED, Page::Unregistered, ""),
        (&node_metrics(id), Page::NodeMetrics, "0198f6a2-0000-7000-8000-000000000001"),
        (&node_activity(id), Page::NodeActivity, "0198f6a2-0000-7000-8000-000000000001"),
        (&node_settings(id), Page::NodeSettings, "0198f6a2-0000-7000-8000-000000000001"),
        (NODES, Page::Nodes, ""),
        (&node(id), Page::Node, "0198f6a2-0000-7000-8000-000000000001"),
        (&node_connect(id), Page::NodeConnect, "0198f6a2-0000-7000-8000-000000000001"),
        ("/nodes/x/y", Page::NotFound, ""),
        (MAINTENANCE, Page::Maintenance, ""),
        (HELP, Page::Help, ""),
        ("/nowhere", Page::NotFound, ""),
    ] {
        assert_eq!(find(path), (page, found), "{path}");
    }
}

#[test]
fn deliveries_have_addresses_of_their_own() {
    let id = "0198f6a2-0000-7000-8000-000000000001";
    let (of, delivery): (WebhookId, DeliveryId) = (id.parse().unwrap(), id.parse().unwrap());
    assert_eq!(webhook_edit(of), format!("/webhooks/{id}/edit"));
    assert_eq!(delivery_in(&webhook_delivery(of, delivery)), id);
    assert_eq!((delivery_in(&webhook(of)), delivery_in("/webhooks/7/deliveries/8/")), ("", "8"));
}

#[test]
fn sign_in_leads_nowhere_else() {
    assert_eq!(safe_next(Some("/nodes?kind=proxy")), "/nodes?kind=proxy");
    for bad in [
        None,
        Some(""),
        Some("//evil.example"),
        Some("https://evil.example"),
        Some("/\\evil.example"),
        Some("/\t/evil.example"),
        Some("/login?next=/login"),
        Some("nodes"),
    ] {
        assert_eq!(safe_next(bad), DASHBOARD, "{bad:?}");
    }
}
