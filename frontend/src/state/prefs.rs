//! What this browser remembers: the theme. The first paint reads the same key in `index.html`.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

const THEME_KEY: &str = "iqra.theme";

/// Light, dark, or as the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Follows the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn parse(s: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.as_str() == s).unwrap_or_default()
    }
}

/// Handle to the preferences.
#[derive(Clone, Copy)]
pub struct Prefs {
    /// The theme as chosen.
    pub theme: RwSignal<Theme>,
}

/// The preferences.
pub fn use_prefs() -> Prefs {
    expect_context()
}

fn storage() -> Option<web_sys::Storage> {
    // A browser may refuse storage altogether; then the choice lasts as long as the page.
    window().local_storage().ok().flatten()
}

fn system_is_dark() -> Option<web_sys::MediaQueryList> {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten()
}

fn paint(theme: Theme) {
    let dark = match theme {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => system_is_dark().is_some_and(|query| query.matches()),
    };
    if let Some(root) = document().document_element() {
        // Setting an attribute fails only for names that are no attribute names.
        let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
    }
}

impl Prefs {
    /// Reads what is remembered and keeps the page painted accordingly, also where the system changes its mind.
    pub fn start() -> Self {
        let remembered = storage().and_then(|s| s.get_item(THEME_KEY).ok().flatten());
        let theme = RwSignal::new(remembered.as_deref().map(Theme::parse).unwrap_or_default());
        Effect::new(move |before: Option<Theme>| {
            let now = theme.get();
            paint(now);
            if before.is_some()
                && let Some(storage) = storage()
            {
                // A full or forbidden storage costs the memory of the choice, not the choice.
                let _ = storage.set_item(THEME_KEY, now.as_str());
            }
            now
        });
        if let Some(query) = system_is_dark() {
            let changed = Closure::<dyn FnMut()>::new(move || paint(theme.get_untracked()));
            query.set_onchange(Some(changed.as_ref().unchecked_ref()));
            // Lives as long as the page.
            changed.forget();
            std::mem::forget(query);
        }
        Self { theme }
    }
}
