//! What is typed into the form of the background node, and what became of it.

use common::node::Node;
use common::singleton::{BackgroundTestReply, PutBackgroundReply};
use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::form::{Fault, place};
use crate::components::words;
use crate::pages::conflict::{Clash, Conflict};

/// What becomes of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Key {
    /// It stays.
    #[default]
    Keep,
    /// A new one is made.
    Generate,
    /// The one that is typed in.
    Paste,
}

/// What is typed, as far as it can be compared with what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Where it is called.
    pub endpoint: String,
    /// Display name; empty for none.
    pub name: String,
    /// What becomes of the key.
    pub key: Key,
}

impl Typed {
    /// As it is stored; none is registered where there is no node, and it gets a key.
    pub fn of(node: Option<&Node>) -> Self {
        Self {
            endpoint: node.map(|n| n.endpoint.to_string()).unwrap_or_default(),
            name: node.and_then(|n| n.display_name.clone()).unwrap_or_default(),
            key: if node.is_some() { Key::Keep } else { Key::Generate },
        }
    }

    /// Whether nothing differs.
    pub fn same(&self, other: &Self) -> bool {
        self.endpoint.trim() == other.endpoint.trim()
            && self.name.trim() == other.name.trim()
            && self.key == other.key
    }

    /// What differs from what somebody else has stored meanwhile.
    pub fn clashes(&self, theirs: &Self) -> Vec<Clash> {
        let (w, c) = (&words().background, &words().conflict);
        let trimmed = |text: &str| text.trim().to_owned();
        let texts = [(w.endpoint, &theirs.endpoint, &self.endpoint), (w.name, &theirs.name, &self.name)];
        let key = Clash {
            field: w.key_choice,
            theirs: c.secret_theirs.to_owned(),
            yours: c.secret_yours.to_owned(),
        };
        texts
            .into_iter()
            .map(|(field, theirs, yours)| Clash { field, theirs: trimmed(theirs), yours: trimmed(yours) })
            .filter(|clash| clash.theirs != clash.yours)
            .chain((self.key != Key::Keep).then_some(key))
            .collect()
    }
}

/// Id of the name that has to be typed.
pub const TYPED: &str = "bg-typed";
const FIELDS: [(&str, &str); 3] =
    [("/endpoint", "bg-endpoint"), ("/secret", "bg-secret"), ("/displayName", "bg-name")];

/// The form; copy it freely.
#[derive(Clone, Copy)]
pub struct Form {
    /// Where it is called.
    pub endpoint: RwSignal<String>,
    /// Display name.
    pub name: RwSignal<String>,
    /// What becomes of the key.
    pub key: RwSignal<Key>,
    /// A key of one's own.
    pub pasted: RwSignal<String>,
    /// The name of the node whose key is replaced, as it has to be typed.
    phrase: RwSignal<Option<String>>,
    /// What is typed of it.
    pub typed: RwSignal<String>,
    /// Version of the node the form is based on; none to register one.
    pub base: RwSignal<Option<i64>>,
    /// What the form began with.
    begun: RwSignal<Typed>,
    /// What is wrong with it.
    pub faults: RwSignal<Vec<Fault>>,
    /// Counts the tries to send it.
    pub attempt: RwSignal<u32>,
    /// What came back instead.
    pub failed: RwSignal<Option<ApiError>>,
    /// The request is under way.
    pub busy: RwSignal<bool>,
    /// The last test.
    pub tested: RwSignal<Option<BackgroundTestReply>>,
    /// A test is under way.
    pub testing: RwSignal<bool>,
    /// The reply with a new key, which is shown once.
    pub made: RwSignal<Option<PutBackgroundReply>>,
    /// It was saved.
    pub saved: RwSignal<bool>,
    /// Somebody else was first.
    pub conflict: RwSignal<Option<Conflict>>,
    /// What they stored.
    pub theirs: RwSignal<Option<Node>>,
}

impl Form {
    /// A form of what is stored.
    pub fn of(node: Option<&Node>) -> Self {
        let form = Self {
            endpoint: RwSignal::new(String::new()),
            name: RwSignal::new(String::new()),
            key: RwSignal::new(Key::Generate),
            pasted: RwSignal::new(String::new()),
            phrase: RwSignal::new(None),
            typed: RwSignal::new(String::new()),
            base: RwSignal::new(None),
            begun: RwSignal::new(Typed::default()),
            faults: RwSignal::new(Vec::new()),
            attempt: RwSignal::new(0),
            failed: RwSignal::new(None),
            busy: RwSignal::new(false),
            tested: RwSignal::new(None),
            testing: RwSignal::new(false),
            made: RwSignal::new(None),
            saved: RwSignal::new(false),
            conflict: RwSignal::new(None),
            theirs: RwSignal::new(None),
        };
        form.take(node);
        form
    }

    /// Shows what is stored.
    pub fn take(self, node: Option<&Node>) {
        let stored = Typed::of(node);
        self.endpoint.set(stored.endpoint.clone());
        self.name.set(stored.name.clone());
        self.key.set(stored.key);
        self.begun.set(stored);
        self.pasted.set(String::new());
        self.phrase.set(node.map(Node::name));
        self.typed.set(String::new());
        self.base.set(node.map(|n| n.version));
        self.failed.set(None);
        self.faults.set(Vec::new());
    }

    /// Whether something is typed that is not stored.
    pub fn dirty(self) -> bool {
        let typed = Typed { endpoint: self.endpoint.get(), name: self.name.get(), key: self.key.get() };
        !self.begun.with(|begun| typed.same(begun))
    }

    /// The key that is typed in, where one is.
    pub fn secret(self) -> Option<String> {
        (self.key.get_untracked() == Key::Paste).then(|| self.pasted.get_untracked().trim().to_owned())
    }

    /// What is missing, before anything is sent.
    pub fn check(self) -> bool {
        let w = &words().background;
        let mut faults = Vec::new();
        if self.endpoint.with_untracked(|e| e.trim().is_empty()) {
            faults.push(("bg-endpoint".to_owned(), w.need_endpoint.to_owned()));
        }
        if self.secret().is_some_and(|s| s.is_empty()) {
            faults.push(("bg-secret".to_owned(), w.need_key.to_owned()));
        }
        let fine = faults.is_empty();
        self.faults.set(faults);
        if !fine {
            self.attempt.update(|n| *n = n.wrapping_add(1));
        }
        fine
    }

    /// A key that is replaced ends the heartbeats with the old one: its node's name has to be typed.
    pub fn replaces(self) -> Option<String> {
        self.phrase.get().filter(|_| self.key.get() != Key::Keep)
    }

    /// Whether the name is typed, where it has to be.
    pub fn confirmed(self) -> bool {
        let phrase = untrack(|| self.replaces());
        let wrong = phrase.filter(|phrase| !crate::text::typed_as_asked(&self.typed.get_untracked(), phrase));
        let fine = wrong.is_none();
        if !fine {
            self.faults.set(vec![(TYPED.to_owned(), words().lifecycle.type_first.to_owned())]);
            self.attempt.update(|n| *n = n.wrapping_add(1));
        }
        fine
    }

    /// Takes note of a refusal: both sides where somebody else was first, else at the fields or above the button.
    pub fn refused(self, error: ApiError) {
        if let Some(now) = error.current::<Node>() {
            let typed = Typed {
                endpoint: self.endpoint.get_untracked(),
                name: self.name.get_untracked(),
                key: self.key.get_untracked(),
            };
            let clashes = typed.clashes(&Typed::of(Some(&now)));
            self.theirs.try_set(Some(now));
            self.conflict.try_set(Some(Conflict { clashes, by: None }));
            return;
        }
        let errors = error.problem().map(|p| place(&p.errors, &FIELDS)).unwrap_or_default();
        if errors.is_empty() {
            self.failed.try_set(Some(error));
        } else {
            self.faults.try_set(errors);
            self.attempt.try_update(|n| *n = n.wrapping_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_names_what_differs_and_never_a_key() {
        let own = str::to_owned;
        let mine = Typed { endpoint: own("https://a:1 "), name: own("Jobs"), key: Key::Keep };
        let theirs = Typed { endpoint: own("https://a:1"), name: String::new(), key: Key::Keep };
        assert!(!mine.same(&theirs));
        let found = mine.clashes(&theirs);
        assert_eq!(found.len(), 1, "white space is no difference");
        assert_eq!((found[0].theirs.as_str(), found[0].yours.as_str()), ("", "Jobs"));
        let replaced = Typed { key: Key::Paste, ..theirs.clone() };
        assert_eq!(replaced.clashes(&theirs).len(), 1);
        assert_eq!(replaced.clashes(&theirs)[0].yours, words().conflict.secret_yours);
        assert!(!replaced.same(&theirs) && theirs.clashes(&theirs).is_empty());
        assert_eq!(Typed::of(None).key, Key::Generate);
    }
}
