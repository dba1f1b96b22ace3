//! What the pages of the settings share: their heading and their tabs.

use leptos::prelude::*;

use crate::components::{Tab, Tabs, words};
use crate::routes;

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsTab {
    /// Timers and versions of the installation.
    General,
    /// What this browser remembers.
    Appearance,
    /// Maintenance of the whole platform.
    Maintenance,
    /// Password and sessions.
    Security,
    /// Version and licences.
    About,
}

/// The tabs, below the heading of the page.
#[component]
pub fn SettingsTabs(
    /// The one on the screen.
    tab: SettingsTab,
) -> impl IntoView {
    let w = &words().settings;
    let tabs = [
        (SettingsTab::General, routes::SETTINGS_GENERAL, w.general),
        (SettingsTab::Appearance, routes::SETTINGS_APPEARANCE, w.appearance),
        (SettingsTab::Maintenance, routes::MAINTENANCE, w.maintenance),
        (SettingsTab::Security, routes::SETTINGS_SECURITY, words().access.security),
        (SettingsTab::About, routes::SETTINGS_ABOUT, w.about),
    ];
    let tabs = tabs.map(|(t, href, text)| Tab { href: href.to_owned(), text, here: t == tab }).to_vec();
    view! { <Tabs label=w.tabs tabs=tabs /> }
}
