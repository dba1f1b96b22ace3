//! The languages of the console, and which one this page is in.
//!
//! `index.html` chooses before the first paint and says so in the `lang` of the page; a new choice is stored and the page
//! loaded anew, so the words never change under a running page.

use leptos::prelude::*;

/// Where the choice is remembered; `index.html` reads it too.
pub const KEY: &str = "iqra.language";

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Arabic.
    Arabic,
}

impl Language {
    /// All, in the order of the menu.
    pub const ALL: [Self; 2] = [Self::English, Self::Arabic];

    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
        }
    }

    /// Its name in itself, the only one that everybody who looks for it can read.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Arabic => "العربية",
        }
    }

    fn direction(self) -> &'static str {
        match self {
            Self::English => "ltr",
            Self::Arabic => "rtl",
        }
    }

    /// The language of the page as `index.html` chose it.
    pub fn of_page() -> Self {
        let lang = document().document_element().and_then(|root| root.get_attribute("lang"));
        Self::ALL.into_iter().find(|l| lang.as_deref() == Some(l.tag())).unwrap_or_default()
    }

    /// Says on the page that it is in this language.
    pub(super) fn mark_page(self) {
        if let Some(root) = document().document_element() {
            // Setting an attribute fails only for names that are no attribute names.
            let _ = root.set_attribute("lang", self.tag());
            let _ = root.set_attribute("dir", self.direction());
        }
    }

    /// Remembers it and loads the page anew in it.
    pub fn choose(self) {
        if self == Self::of_page() {
            return;
        }
        if let Ok(Some(storage)) = window().local_storage() {
            // Without storage there is nothing to remember it in, and the page stays as it is.
            let _ = storage.set_item(KEY, self.tag());
        }
        let _ = window().location().reload();
    }
}
