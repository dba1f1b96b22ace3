//! Every word on the screen. One typed table per language: a missing sentence does not compile.
//!
//! Sentences with parts are functions of the table, because the order of the parts is the language's own.
//!
//! To add one: a field in `strings.rs` (frame, sign-in, dashboard, help) or in the struct of its page in `en_pages/`, and
//! its words in each table (`en.rs`, the `static` beside the struct). A new page brings a struct of its own in a file of
//! `en_pages/`, as a field of `en_pages::PageStrings`. Views read `use_i18n().t.field` or `words().page.field`.
//! A sentence without values is a `&'static str`; one with values is a `fn(&str, …) -> String`, which is code beside
//! the words: where a value stands apart from its label anyway, put it beside the label in the view.

pub mod en;
pub mod en_pages;
pub mod problems;
pub mod strings;
mod time;

pub use time::TimeFormat;

use leptos::prelude::expect_context;

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

/// The table of the page's language. There is one so far.
pub fn current() -> &'static strings::Strings {
    &en::EN
}

impl I18n {
    /// The page's language with its formats.
    pub fn start() -> Self {
        let t = current();
        Self { t, fmt: TimeFormat::new(t.locale) }
    }
}
