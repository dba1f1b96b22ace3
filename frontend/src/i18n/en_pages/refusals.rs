//! What the server refuses, in the words of the page's language. The server's own words are English.

use common::command::RowResult;
use common::intent::Precondition;

/// Refusals by their stable codes; none where the server's own words stand.
pub struct RefusalWords {
    /// The heading of an error: its code.
    pub title: fn(&str) -> Option<&'static str>,
    /// What happened and what to do: the code of the error.
    pub detail: fn(&str) -> Option<&'static str>,
    /// What is wrong with a field: its JSON pointer, and the code.
    pub field: fn(&str, &str) -> Option<&'static str>,
    /// Why a step of a connection test failed, and what to do about it: the step's code.
    pub seen: fn(&str) -> Option<Seen>,
    /// What a condition of a delete rests on.
    pub fact: fn(&Precondition) -> String,
    /// Why a row of many was not done.
    pub row: fn(&RowResult) -> Option<String>,
}

/// Why a step failed, and what to do about it; the server's own words for that where there are none.
pub type Seen = (&'static str, Option<&'static str>);

/// The server's own words.
pub(crate) const REFUSALS: RefusalWords = RefusalWords {
    title: |_| None,
    detail: |_| None,
    field: |_, _| None,
    seen: |_| None,
    fact: |p| p.detail.clone(),
    row: |r| r.detail.clone(),
};
