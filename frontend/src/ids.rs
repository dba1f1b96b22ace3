//! Ids of elements that more than one place names.

/// The page's content: target of the skip link.
pub const MAIN: &str = "main";
/// What `index.html` paints before the program runs.
pub const BOOT_SHELL: &str = "shell";
/// The menu of the languages.
pub const LANGUAGE_MENU: &str = "language-menu";
/// The menu of the theme.
pub const THEME_MENU: &str = "theme-menu";
/// The menu of the account.
pub const ACCOUNT_MENU: &str = "account-menu";
/// The details behind the freshness pill.
pub const FRESHNESS_MENU: &str = "freshness-menu";
/// The messages at the edge.
pub const TOASTS: &str = "toasts";
/// The menu of the page.
pub const PAGE_MENU: &str = "page-menu";
