//! A secret on the screen: hidden until somebody asks, hidden again by itself.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::copy::CopyButton;
use super::icon::Icon;
use super::words;
use crate::reactive::{attr, dynamic};

/// How long a secret stays readable.
pub const REVEALED_FOR: Duration = Duration::from_secs(60);

/// The secret with its middle hidden: the prefix up to the first `_` and the last four characters stay.
pub fn mask(secret: &str) -> String {
    let keep = secret.split_once('_').map_or(0, |(prefix, _)| prefix.chars().count() + 1);
    let length = secret.chars().count();
    if length < keep + 12 {
        return "•".repeat(length.max(8));
    }
    let head: String = secret.chars().take(keep).collect();
    let tail: String = secret.chars().skip(length - 4).collect();
    format!("{head}{}{tail}", "•".repeat(24))
}

/// A switch that turns itself off after [`REVEALED_FOR`], and when the page goes.
#[derive(Clone, Copy)]
pub struct Reveal {
    on: RwSignal<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Reveal {
    /// Hidden at first.
    pub fn hidden() -> Self {
        let reveal = Self { on: RwSignal::new(false), timer: StoredValue::new(None) };
        on_cleanup(move || reveal.stop());
        reveal
    }

    /// Whether the secret is readable now.
    pub fn is_on(self) -> bool {
        self.on.get()
    }

    /// Shows or hides.
    pub fn toggle(self) {
        let show = !self.on.get_untracked();
        self.stop();
        self.on.set(show);
        if show {
            let on = self.on;
            let hide = move || {
                on.try_set(false);
            };
            self.timer.set_value(set_timeout_with_handle(hide, REVEALED_FOR).ok());
        }
    }

    fn stop(self) {
        self.timer.try_update_value(|timer| {
            if let Some(timer) = timer.take() {
                timer.clear();
            }
        });
    }
}

/// A masked secret with Reveal and Copy. The value stays in memory only.
#[component]
pub fn SecretBox(
    /// The secret.
    #[prop(into)]
    secret: Signal<String>,
    /// Whether it is readable; shared, so that a snippet beside it follows.
    reveal: Reveal,
    /// What it is called, where it is no node's secret.
    #[prop(default = words().secret.label)]
    label: &'static str,
    /// Words of the button that copies it.
    #[prop(default = words().secret.copy)]
    copy: &'static str,
) -> impl IntoView {
    let shown = move || if reveal.is_on() { secret.get() } else { secret.with(|s| mask(s)) };
    view! {
        <div class="secret">
            // A box of several lines: all of the secret is seen at once, on a phone too.
            <textarea
                class="code gr"
                rows="1"
                readonly
                translate="no"
                dir="ltr"
                spellcheck="false"
                autocomplete="off"
                aria-label=label
                data-masked=attr(move || (!reveal.is_on()).then_some(""))
                prop:value=shown
            ></textarea>
            <button
                type="button"
                class="btn"
                aria-pressed=attr(move || if reveal.is_on() { "true" } else { "false" })
                on:click=move |_| reveal.toggle()
            >
                {dynamic(move || {
                    if reveal.is_on() { view! { <Icon name="eye-off" /> } } else { view! { <Icon name="eye" /> } }
                })}
                <span>{words().secret.reveal}</span>
            </button>
            <CopyButton text=secret label=copy primary=true />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn a_mask_hides_all_but_prefix_and_end() {
        let secret = "iqn_0123456789abcdefghijklmnop";
        let masked = mask(secret);
        assert!(masked.starts_with("iqn_•") && masked.ends_with("•mnop"), "{masked}");
        assert!(!masked.contains("0123"));
        assert_eq!(mask("short"), "••••••••");
        assert_eq!(mask("iqn_12345678"), "••••••••••••");
    }
}
