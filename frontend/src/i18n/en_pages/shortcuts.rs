//! English words of the shortcuts.

use crate::shell::shortcuts::Shortcut;

/// The list of shortcuts.
pub struct ShortcutWords {
    /// Its heading.
    pub title: &'static str,
    /// The switch.
    pub switch: &'static str,
    /// What it is for.
    pub switch_hint: &'static str,
    /// About other layouts.
    pub layout: &'static str,
    /// Column.
    pub keys: &'static str,
    /// Column.
    pub does: &'static str,
    /// Between two keys, one after the other.
    pub then: &'static str,
    /// Group: everywhere.
    pub everywhere: &'static str,
    /// Group: pages.
    pub pages: &'static str,
    /// Group: lists and rows.
    pub lists: &'static str,
    /// What a shortcut does.
    pub of: fn(Shortcut) -> &'static str,
    /// Keys that the browser and the parts of a page have themselves: keys, what they do.
    pub own: &'static [(&'static [&'static str], &'static str)],
    /// There is no list one came from.
    pub no_neighbour: &'static str,
}

/// English.
pub const SHORTCUTS: ShortcutWords = ShortcutWords {
    title: "Keyboard shortcuts",
    switch: "Single-key shortcuts",
    switch_hint: "Off, keys of one character only type. Ctrl K, F6 and Escape keep working.",
    layout: "Keys are named as on a Latin keyboard. On another layout, such as Arabic, the key in the same place counts.",
    keys: "Keys",
    does: "What they do",
    then: "then",
    everywhere: "Everywhere",
    pages: "Go to a page",
    lists: "Lists and pages of one thing",
    of: |shortcut| match shortcut {
        Shortcut::Palette => "Search and commands, also while typing",
        Shortcut::Toasts => "To the messages at the edge",
        Shortcut::Escape => "Close what is on top, then clear the filter, then the selection",
        Shortcut::Sheet => "This list",
        Shortcut::Go => "Go to a page: the next key names it",
        Shortcut::Filter => "To the filter of the page",
        Shortcut::Pause => "Pause or resume live figures",
        Shortcut::Refresh => "Refresh now",
        Shortcut::NextRow => "Next row",
        Shortcut::PreviousRow => "Row before",
        Shortcut::Select => "Select the row",
        Shortcut::SelectRange => "Select from the last selected row to this one",
        Shortcut::Maintenance => "Maintenance of the node or region",
        Shortcut::Actions => "Menu of the row or of the page",
        Shortcut::PreviousItem => "The one before in the list you came from",
        Shortcut::NextItem => "The next in the list you came from",
    },
    own: &[
        (&["↑", "↓"], "Rows of a table, points of a chart, results of a search"),
        (&["Enter"], "Open the row"),
    ],
    no_neighbour: "There is no list to step through. Open this page from a list.",
};
