//! Every word on the screen. One typed table per language: a missing sentence does not compile.
//!
//! Sentences with parts are functions of the table, because the order of the parts is the language's own. A count in a
//! sentence is given as a number, and [`plural`] finds the form of its words.
//!
//! To add one: a field in `strings.rs` (frame, sign-in, dashboard, help) or in the struct of its page in `en_pages/`, and
//! its words in each table: `en.rs` and `ar.rs`, or the `const` beside the struct and its twin in `ar_pages/`. A new page
//! brings a struct of its own in a file of `en_pages/`, as a field of `en_pages::PageStrings`, and a file of the same name
//! in `ar_pages/`. Views read `use_i18n().t.field` or `words().page.field`.
//! A sentence without values is a `&'static str`; one with values is a `fn(&str, …) -> String`, which is code beside
//! the words: where a value stands apart from its label anyway, put it beside the label in the view.

pub mod ar;
mod ar_help;
pub mod ar_pages;
mod ar_words;
pub mod en;
pub mod en_pages;
pub mod figures;
pub mod language;
pub mod list;
pub mod plural;
pub mod problems;
pub mod strings;
mod time;

pub use language::Language;
pub use time::TimeFormat;

use std::sync::OnceLock;

use leptos::prelude::expect_context;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

/// The language of the page; copy it freely. `expect_context::<I18n>()` or [`use_i18n`].
#[derive(Clone, Copy)]
pub struct I18n {
    /// Sentences.
    pub t: &'static strings::Strings,
    /// Times of day and dates.
    pub fmt: TimeFormat,
}

/// The language of the page.
pub fn use_i18n() -> I18n {
    expect_context()
}

/// The table of another language than English, once it is here.
static CHOSEN: OnceLock<&'static strings::Strings> = OnceLock::new();

/// The table of the page's language.
pub fn current() -> &'static strings::Strings {
    CHOSEN.get().copied().unwrap_or(&en::EN)
}

/// Words about people. Their English is in the parts that say them.
pub fn people() -> &'static en_pages::people::PeopleWords {
    current().pages.apart.map_or(&en_pages::people::PEOPLE, |apart| &apart.people)
}

/// Words about sessions and passwords. Their English is in the parts that say them.
pub fn credentials() -> &'static en_pages::credentials::CredentialWords {
    current().pages.apart.map_or(&en_pages::credentials::CREDENTIALS, |apart| &apart.credentials)
}

/// Words about automation tokens. Their English is in the parts that say them.
pub fn tokens() -> &'static en_pages::tokens::TokenWords {
    current().pages.apart.map_or(&en_pages::tokens::TOKENS, |apart| &apart.tokens)
}

/// Words about webhooks. Their English is in the part that says them.
pub fn webhooks() -> &'static en_pages::webhooks::WebhookWords {
    current().pages.apart.map_or(&en_pages::webhooks::WEBHOOKS, |apart| &apart.webhooks)
}

/// Words about the chain of the activity log. Their English is in the part that says them.
pub fn chain() -> &'static en_pages::chain::ChainWords {
    current().pages.apart.map_or(&en_pages::chain::CHAIN, |apart| &apart.chain)
}

/// Words about the settings of a server. Their English is in the part that says them.
pub fn handover() -> &'static en_pages::handover::HandoverWords {
    current().pages.apart.map_or(&en_pages::handover::HANDOVER, |apart| &apart.handover)
}

/// A value in a text that is put together outside of the tables: in Arabic it keeps its own direction.
pub fn isolated(text: &str) -> String {
    if CHOSEN.get().is_some() { problems::id(text) } else { text.to_owned() }
}

/// The Arabic table, a part of the program of its own. Nothing else may name it, or everybody has to fetch it.
#[wasm_split(arabic, wasm_split_path = leptos::wasm_split, fallible)]
fn arabic() -> Result<&'static strings::Strings, SplitLoaderError> {
    Ok(&ar::AR)
}

/// Fetches the words of the page's language; to be awaited before anything is shown. English is there anyway, and is
/// what the page is in where the server does not send another language.
pub async fn prepare() {
    if Language::of_page() != Language::Arabic {
        return;
    }
    match arabic().await {
        Ok(table) => {
            // Set once: the page is loaded anew for another language.
            let _ = CHOSEN.set(table);
        }
        Err(_) => Language::English.mark_page(),
    }
}

impl I18n {
    /// The page's language with its formats.
    pub fn start() -> Self {
        let t = current();
        Self { t, fmt: TimeFormat::new(t.locale) }
    }
}
