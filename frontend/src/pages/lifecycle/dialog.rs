//! One dialog for everything that is done to one object.

use leptos::prelude::*;

use super::delete::DeleteForm;
use super::intent::IntentForm;
use super::model::{Action, Subject};
use super::shutdown::ShutdownForm;
use crate::components::{Modal, words};
use crate::reactive::{effect, memo};

/// The dialog, open while something is asked. Its subject is that of the moment it opened: what is changed meanwhile
/// by somebody else is a conflict and never overwritten unseen.
#[component]
pub fn ActionDialog(
    /// What is asked; `None` closes it.
    ask: RwSignal<Option<Action>>,
    /// What it is about.
    #[prop(into)]
    subject: Signal<Option<Subject>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let there = ask.with(Option::is_some);
        if there != open.get_untracked() {
            open.set(there);
        }
    });
    effect(move || {
        if !open.get() && ask.with_untracked(Option::is_some) {
            ask.set(None);
        }
    });
    let title = memo(move || {
        let (Some(action), Some(subject)) = (ask.get(), subject.get()) else { return String::new() };
        let (l, noun, name) = (&words().lifecycle, subject.noun(), subject.name.as_str());
        match action {
            Action::Maintenance => (l.maintenance_title)(noun, name),
            Action::Disable => (l.disable_title)(noun, name),
            Action::Enable => (l.enable_title)(noun, name),
            Action::Shutdown => (words().shutdown.title)(noun, name),
            Action::Delete => (words().delete.title)(noun, name),
        }
    });
    let shown = memo(move || subject.with(|s| s.as_ref().map_or(0, |s| s.version)));
    // A key may ask before the page knows what it is about; the form follows with it.
    let known = memo(move || subject.with(Option::is_some));
    let close = Callback::new(move |()| {
        ask.try_set(None);
    });
    // Closed and opened again, so that the focus begins anew and the page gives it back in the end.
    let instead = Callback::new(move |action: Action| {
        ask.try_set(None);
        request_animation_frame(move || {
            ask.try_set(Some(action));
        });
    });
    view! {
        <Modal heading_id="act-title" title=title open=open>
            {move || {
                if !known.get() {
                    return ().into_any();
                }
                let (Some(action), Some(subject)) = (ask.get_untracked(), subject.get_untracked()) else {
                    return ().into_any();
                };
                match action {
                    Action::Shutdown => view! { <ShutdownForm subject=subject close=close /> }.into_any(),
                    Action::Delete => view! { <DeleteForm subject=subject close=close instead=instead /> }.into_any(),
                    action => {
                        view! { <IntentForm subject=subject action=action shown=shown close=close /> }.into_any()
                    }
                }
            }}
        </Modal>
    }
}
