//! Help beside the page: the topic of what is on the screen, without leaving it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::sheet::Sheet;
use crate::components::words;
use crate::pages::help_topics::topic;
use crate::reactive::effect;
use crate::routes::{self, HelpPlace, Page};
use crate::state::commands::use_commands;

/// The topic of a page.
fn place_of(path: &str) -> HelpPlace {
    match routes::find(path).0 {
        Page::Node | Page::NodeDiagnose | Page::RegionDiagnose | Page::Problem | Page::NodeConnect => {
            HelpPlace::WhyZero
        }
        Page::Nodes | Page::RegionNodes | Page::Unregistered | Page::SettingsGeneral => HelpPlace::Statuses,
        Page::NodeSettings | Page::RegionSettings | Page::Maintenance => HelpPlace::Lifecycle,
        Page::Regions | Page::RegionNew | Page::NodeNew | Page::Region => HelpPlace::RegionIds,
        Page::SettingsAppearance => HelpPlace::Shortcuts,
        Page::Users | Page::UserInvite | Page::User | Page::Tokens | Page::TokenNew => HelpPlace::Roles,
        _ => HelpPlace::Statuses,
    }
}

/// The panel.
#[component]
pub fn HelpPanel() -> impl IntoView {
    let (w, commands) = (&words().help_pages, use_commands());
    let place = place_of(&use_location().pathname.get_untracked());
    let open = RwSignal::new(true);
    // A link in it opens a page, and the panel is about the old one.
    let path = use_location().pathname;
    let first = StoredValue::new(path.get_untracked());
    effect(move || {
        if path.get() != first.get_value() {
            open.set(false);
        }
    });
    effect(move || {
        if !open.get() {
            commands.close();
        }
    });
    view! {
        <Sheet
            heading_id="help-panel-title"
            title=Signal::stored((w.title)(place).to_owned())
            open=open
            edge="end"
        >
            <div class="dlg-body">
                {topic(place)}
                <p class="row">
                    <a class="btn" href=place.path()>
                        {w.open_page}
                    </a>
                    <a href=routes::HELP>{w.all}</a>
                </p>
            </div>
        </Sheet>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_the_topic_that_fits_it() {
        assert_eq!(place_of("/nodes/0198f6a2-0000-7000-8000-000000000001"), HelpPlace::WhyZero);
        assert_eq!(place_of("/regions/OM-MCT/settings"), HelpPlace::Lifecycle);
        assert_eq!(place_of("/dashboard"), HelpPlace::Statuses);
    }
}
