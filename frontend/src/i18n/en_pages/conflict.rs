//! English sentences for two people who change the same thing.

/// Two people changed the same thing.
pub struct ConflictWords {
    /// Heading.
    pub title: &'static str,
    /// What happened.
    pub text: &'static str,
    /// Who did it.
    pub by: fn(&str) -> String,
    /// Who did it, and how long ago.
    pub changed_by: fn(&str, &str) -> String,
    /// What is the same on both sides is not listed.
    pub same: &'static str,
    /// Name of the table.
    pub table: &'static str,
    /// Column.
    pub field: &'static str,
    /// Column.
    pub theirs: &'static str,
    /// Column.
    pub yours: &'static str,
    /// Button.
    pub take: &'static str,
    /// Button.
    pub overwrite: &'static str,
    /// Button.
    pub keep_typing: &'static str,
    /// Instead of a secret.
    pub secret_theirs: &'static str,
    /// Instead of a secret.
    pub secret_yours: &'static str,
    /// Instead of an empty text.
    pub empty: &'static str,
    /// Question before a page with changes is left.
    pub leave: &'static str,
}

/// Two people changed the same thing.
pub(crate) const CONFLICT: ConflictWords = ConflictWords {
    title: "Somebody changed this meanwhile",
    text: "What you typed is kept. Choose which side stays.",
    by: |who| format!("Last changed by {who}."),
    changed_by: |who, ago| format!("{} changed this {ago}.", crate::i18n::isolated(who)),
    same: "Both sides have the same values by now: overwriting changes nothing.",
    table: "Theirs and yours",
    field: "Field",
    theirs: "Theirs now",
    yours: "Yours",
    take: "Take theirs",
    overwrite: "Overwrite with mine",
    keep_typing: "Keep typing",
    secret_theirs: "stored",
    secret_yours: "a new one",
    empty: "empty",
    leave: "Your changes are not saved. Leave this page?",
};
