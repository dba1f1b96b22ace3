//! What can be done on the page that is on the screen: for the palette, for shortcuts, for the page's menu.
//!
//! A page registers what it offers and the offer goes with it:
//! `use_commands().register(move || vec![Command::new("add", words.add, "plus", move || …)])`. The closure is read anew
//! each time somebody looks, and may follow signals. Nothing destructive runs from a command: it opens its dialog.

use std::sync::Arc;

use leptos::prelude::*;

use crate::shell::shortcuts::Shortcut;

/// Something that can be done on this page.
#[derive(Clone)]
pub struct Command {
    /// Names it among those of its page.
    pub id: &'static str,
    /// Its words; empty for what has a key and stands in no list.
    pub label: String,
    /// Its icon.
    pub icon: &'static str,
    /// Its key.
    pub key: Option<Shortcut>,
    /// Why it is off; `None` where it is on.
    pub off: Option<String>,
    /// Does it. Counted, not owned by whoever looked: a list that is closed by the choice takes nothing with it.
    pub run: Arc<dyn Fn() + Send + Sync>,
}

impl Command {
    /// A command with words, for the palette and the page's menu.
    pub fn new(
        id: &'static str,
        label: impl Into<String>,
        icon: &'static str,
        run: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { id, label: label.into(), icon, key: None, off: None, run: Arc::new(run) }
    }

    /// A key that does something on this page and stands in no list: the keys of rows, for instance.
    pub fn key_only(key: Shortcut, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { id: "", label: String::new(), icon: "", key: Some(key), off: None, run: Arc::new(run) }
    }

    /// The same with a key.
    pub fn key(self, key: Shortcut) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The same, off for a reason.
    pub fn off(self, reason: Option<String>) -> Self {
        Self { off: reason, ..self }
    }

    /// Does it, unless it is off.
    pub fn go(&self) -> bool {
        if self.off.is_none() {
            (self.run)();
        }
        self.off.is_none()
    }
}

/// A layer over the page that comes in a part of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// Search and commands.
    Palette,
    /// The list of shortcuts.
    Shortcuts,
    /// Help beside the page.
    Help,
    /// The call behind the page.
    ApiCall,
    /// The password again.
    Confirm,
}

type Offer = Box<dyn Fn() -> Vec<Command> + Send + Sync>;

/// Handle to the commands; copy it freely.
#[derive(Clone, Copy)]
pub struct Commands {
    offers: StoredValue<Vec<(u32, Offer)>>,
    last: StoredValue<u32>,
    changed: RwSignal<u32>,
    overlay: RwSignal<Option<Overlay>>,
    renewed: RwSignal<u32>,
}

/// The commands.
pub fn use_commands() -> Commands {
    expect_context()
}

impl Default for Commands {
    fn default() -> Self {
        Self {
            offers: StoredValue::new(Vec::new()),
            last: StoredValue::new(0),
            changed: RwSignal::new(0),
            overlay: RwSignal::new(None),
            renewed: RwSignal::new(0),
        }
    }
}

impl Commands {
    /// Offers commands as long as the component that calls this is on the screen.
    pub fn register(self, offer: impl Fn() -> Vec<Command> + Send + Sync + 'static) {
        let id = self.last.with_value(|last| last.wrapping_add(1));
        self.last.set_value(id);
        self.offers.update_value(|all| all.push((id, Box::new(offer))));
        self.touch();
        on_cleanup(move || {
            self.offers.try_update_value(|all| all.retain(|(other, _)| *other != id));
            self.touch();
        });
    }

    fn touch(self) {
        self.changed.try_update(|n| *n = n.wrapping_add(1));
    }

    /// All commands of the page; follows what offers them.
    pub fn all(self) -> Vec<Command> {
        self.changed.track();
        self.offers.with_value(|all| all.iter().flat_map(|(_, offer)| offer()).collect())
    }

    /// Runs the command of a key; says whether there was one. Of two with the same key the younger one is meant.
    pub fn press(self, key: Shortcut) -> bool {
        let all = untrack(|| self.all());
        all.iter().rev().find(|command| command.key == Some(key)).is_some_and(Command::go)
    }

    /// Has the page on the screen made anew, with everything it asks for.
    pub fn renew(self) {
        self.renewed.update(|n| *n = n.wrapping_add(1));
    }

    /// Follows how often that was.
    pub fn renewals(self) -> u32 {
        self.renewed.get()
    }

    /// Follows which layer is open.
    pub fn overlay(self) -> Option<Overlay> {
        self.overlay.get()
    }

    /// Opens a layer, or closes it where it is open.
    pub fn toggle(self, layer: Overlay) {
        self.overlay.update(|open| *open = if *open == Some(layer) { None } else { Some(layer) });
    }

    /// Opens a layer.
    pub fn open(self, layer: Overlay) {
        self.overlay.set(Some(layer));
    }

    /// Closes what is open.
    pub fn close(self) {
        if self.overlay.try_get_untracked().flatten().is_some() {
            self.overlay.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_younger_command_has_the_key_and_goes_with_its_page() {
        let owner = Owner::new();
        owner.set();
        let commands = Commands::default();
        let pressed = StoredValue::new(Vec::new());
        let note = move |name: &'static str| move || pressed.update_value(|all| all.push(name));
        commands.register(move || vec![Command::key_only(Shortcut::Maintenance, note("page"))]);
        let dialog = owner.child();
        dialog.with(|| {
            let off = move || vec![Command::new("x", "X", "x", note("off")).key(Shortcut::Select)];
            commands.register(move || off().into_iter().map(|c| c.off(Some("Not now".into()))).collect());
            commands.register(move || vec![Command::key_only(Shortcut::Maintenance, note("dialog"))]);
        });
        assert!(commands.press(Shortcut::Maintenance));
        assert!(!commands.press(Shortcut::Select), "off");
        dialog.cleanup();
        assert!(commands.press(Shortcut::Maintenance));
        assert!(!commands.press(Shortcut::Select));
        assert_eq!(pressed.get_value(), ["dialog", "page"]);
    }
}
