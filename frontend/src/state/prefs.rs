//! What this browser remembers of how a person likes the console: one key of the browser's storage each, `iqra.` and
//! the name. `index.html` reads the ones that show before the program runs. A choice in one tab reaches the others.

use std::cell::Cell;

use leptos::prelude::*;
use leptos::reactive::graph::Observer;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

/// One of a few ways the console can be.
pub trait Choice: Copy + PartialEq + Default + Send + Sync + 'static {
    /// All, in the order they are offered in; the first is what holds until somebody chooses.
    const ALL: &'static [Self];

    /// The word it is remembered by.
    fn as_str(self) -> &'static str;

    /// The choice of a word; the default for any other.
    fn parse(word: &str) -> Self {
        Self::ALL.iter().copied().find(|c| c.as_str() == word).unwrap_or_default()
    }
}

/// An enum of choices, the first of which is the default.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident = $first_word:literal, $($(#[$each_doc:meta])* $each:ident = $word:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
            pub enum $name {
                $(#[$first_doc])*
                #[default]
                $first,
                $($(#[$each_doc])* $each,)*
            }

            impl Choice for $name {
                const ALL: &'static [Self] = &[Self::$first, $(Self::$each,)*];

                fn as_str(self) -> &'static str {
                    match self {
                        Self::$first => $first_word,
                        $(Self::$each => $word,)*
                    }
                }
            }
        )*
    };
}

choices! {
    /// Light, dark, or as the system.
    Theme {
        /// Follows the system.
        System = "system",
        /// Light.
        Light = "light",
        /// Dark.
        Dark = "dark",
    }
    /// How strong borders and text are.
    Contrast {
        /// Follows the system.
        System = "system",
        /// No faint borders, no tints.
        More = "more",
    }
    /// How much room rows and controls have.
    Density {
        /// Rows of 44 px.
        Comfortable = "comfortable",
        /// Rows of 32 px.
        Compact = "compact",
    }
    /// Whether anything moves.
    Motion {
        /// Follows the system.
        System = "system",
        /// Nothing moves.
        Reduced = "reduced",
    }
    /// The digits of figures and times where a language has its own.
    Digits {
        /// 123, as in addresses and ids.
        Latin = "latin",
        /// ١٢٣.
        Arabic = "arabic",
    }
    /// The zone of times.
    Zone {
        /// Of this browser.
        Browser = "browser",
        /// UTC.
        Utc = "utc",
    }
    /// Whether single letters are shortcuts.
    SingleKeys {
        /// They are.
        On = "on",
        /// They type and nothing else.
        Off = "off",
    }
    /// How often figures may change on the screen.
    Frequency {
        /// As they come.
        EverySecond = "1",
        /// Every five seconds.
        EveryFive = "5",
        /// Every half minute.
        EveryThirty = "30",
    }
}

impl Frequency {
    /// Seconds between two changes.
    pub fn seconds(self) -> u32 {
        match self {
            Self::EverySecond => 1,
            Self::EveryFive => 5,
            Self::EveryThirty => 30,
        }
    }
}

/// The preferences; setting one of the signals shows and remembers it. Copy it freely.
#[derive(Clone, Copy)]
pub struct Prefs {
    /// Light or dark.
    pub theme: RwSignal<Theme>,
    /// How strong borders and text are.
    pub contrast: RwSignal<Contrast>,
    /// How much room rows have.
    pub density: RwSignal<Density>,
    /// Whether anything moves.
    pub motion: RwSignal<Motion>,
    /// Digits of figures and times, in Arabic.
    pub digits: RwSignal<Digits>,
    /// Zone of times.
    pub zone: RwSignal<Zone>,
    /// Shortcuts of one letter.
    pub single_keys: RwSignal<SingleKeys>,
    /// How often figures change.
    pub frequency: RwSignal<Frequency>,
}

/// The preferences.
pub fn use_prefs() -> Prefs {
    expect_context()
}

thread_local! {
    /// For text that is made deep inside components, where carrying the preferences along would be noise.
    static PAGE: Cell<Option<Prefs>> = const { Cell::new(None) };
}

/// The digits of figures; a view or memo that asks is made again when they change.
pub fn digits() -> Digits {
    PAGE.get().map(|prefs| followed(prefs.digits)).unwrap_or_default()
}

/// The zone of times; a view or memo that asks is made again when it changes.
pub fn zone() -> Zone {
    PAGE.get().map(|prefs| followed(prefs.zone)).unwrap_or_default()
}

fn followed<C: Choice>(signal: RwSignal<C>) -> C {
    // Asked from an event's handler there is nobody to follow it.
    let value = if Observer::get().is_some() { signal.try_get() } else { signal.try_get_untracked() };
    value.unwrap_or_default()
}

fn storage() -> Option<web_sys::Storage> {
    // A browser may refuse storage altogether; then the choice lasts as long as the page.
    window().local_storage().ok().flatten()
}

fn stored<C: Choice>(key: &str) -> C {
    let word = storage().and_then(|s| s.get_item(key).ok().flatten());
    word.as_deref().map(C::parse).unwrap_or_default()
}

fn system_is_dark() -> Option<web_sys::MediaQueryList> {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten()
}

/// Says on the root of the page how it is; none for what needs no word.
fn mark(attribute: &str, word: Option<&str>) {
    let Some(root) = document().document_element() else { return };
    // Fails only for names that are no attribute names.
    let _ = match word {
        Some(word) => root.set_attribute(attribute, word),
        None => root.remove_attribute(attribute),
    };
}

/// Says a choice on the page, and nothing where it is the usual one.
fn mark_unusual<C: Choice>(attribute: &str, choice: C) {
    mark(attribute, (choice != C::default()).then(|| choice.as_str()));
}

fn paint(theme: Theme) {
    let dark = match theme {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => system_is_dark().is_some_and(|query| query.matches()),
    };
    mark("data-theme", Some(if dark { "dark" } else { "light" }));
}

/// A preference from its key: shown now and whenever it changes, and remembered.
fn remembered<C: Choice>(key: &'static str, show: fn(C)) -> RwSignal<C> {
    let signal = RwSignal::new(stored::<C>(key));
    Effect::new(move |before: Option<C>| {
        let now = signal.get();
        show(now);
        if before.is_some()
            && let Some(storage) = storage()
        {
            // A full or forbidden storage costs the memory of the choice, not the choice.
            let _ = storage.set_item(key, now.as_str());
        }
        now
    });
    signal
}

const THEME: &str = "iqra.theme";
const CONTRAST: &str = "iqra.contrast";
const DENSITY: &str = "iqra.density";
const MOTION: &str = "iqra.motion";
const DIGITS: &str = "iqra.digits";
const ZONE: &str = "iqra.zone";
const SINGLE_KEYS: &str = "iqra.single-keys";
const FREQUENCY: &str = "iqra.frequency";

impl Prefs {
    /// Reads what is remembered and keeps the page as it says, also where the system or another tab changes its mind.
    pub fn start() -> Self {
        let prefs = Self {
            theme: remembered(THEME, paint),
            contrast: remembered(CONTRAST, |c| mark_unusual("data-contrast", c)),
            density: remembered(DENSITY, |d| mark_unusual("data-density", d)),
            motion: remembered(MOTION, |m| mark_unusual("data-motion", m)),
            digits: remembered(DIGITS, |_| ()),
            zone: remembered(ZONE, |_| ()),
            single_keys: remembered(SINGLE_KEYS, |_| ()),
            frequency: remembered(FREQUENCY, |_| ()),
        };
        PAGE.set(Some(prefs));
        if let Some(query) = system_is_dark() {
            let changed = Closure::<dyn FnMut()>::new(move || paint(prefs.theme.get_untracked()));
            query.set_onchange(Some(changed.as_ref().unchecked_ref()));
            // Lives as long as the page.
            changed.forget();
            std::mem::forget(query);
        }
        let told = Closure::<dyn FnMut()>::new(move || prefs.read());
        // Told of what other tabs store, never of what this one does. Fails for no known reason.
        let _ = window().add_event_listener_with_callback("storage", told.as_ref().unchecked_ref());
        told.forget();
        prefs
    }

    /// Takes over what another tab stored.
    fn read(self) {
        fn take<C: Choice>(signal: RwSignal<C>, key: &str) {
            let now = stored(key);
            if signal.get_untracked() != now {
                signal.set(now);
            }
        }
        take(self.theme, THEME);
        take(self.contrast, CONTRAST);
        take(self.density, DENSITY);
        take(self.motion, MOTION);
        take(self.digits, DIGITS);
        take(self.zone, ZONE);
        take(self.single_keys, SINGLE_KEYS);
        take(self.frequency, FREQUENCY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survives<C: Choice + std::fmt::Debug>() {
        assert_eq!(C::ALL.first(), Some(&C::default()), "the default is offered first");
        for choice in C::ALL {
            assert_eq!(C::parse(choice.as_str()), *choice);
        }
        assert_eq!(C::parse("something an older console stored"), C::default());
    }

    #[test]
    fn choices_are_remembered_by_words() {
        survives::<Theme>();
        survives::<Contrast>();
        survives::<Density>();
        survives::<Motion>();
        survives::<Digits>();
        survives::<Zone>();
        survives::<SingleKeys>();
        survives::<Frequency>();
        assert_eq!(Frequency::ALL.iter().map(|f| f.seconds()).collect::<Vec<_>>(), [1, 5, 30]);
    }
}
