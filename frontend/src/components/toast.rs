//! The messages at the edge: results of what the person just did.

use leptos::prelude::*;

use super::icon::Icon;
use super::words;
use crate::ids;
use crate::reactive::{dynamic, memo};
use crate::state::toasts::{Toast, use_toasts};

/// Where they stand. They keep their place while somebody points at them or has the focus among them.
#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = use_toasts();
    let some = memo(move || !toasts.all().is_empty());
    dynamic(move || {
        some.get().then(|| {
            view! {
                <section
                    id=ids::TOASTS
                    class="toasts no-print"
                    aria-label=words().states.toasts
                    tabindex="-1"
                    on:mouseenter=move |_| toasts.hold(true)
                    on:mouseleave=move |_| toasts.hold(false)
                    on:focusin=move |_| toasts.hold(true)
                    on:focusout=move |_| toasts.hold(false)
                >
                    <For each=move || toasts.all() key=|toast| toast.id let:toast>
                        <One toast=toast />
                    </For>
                </section>
            }
        })
    })
}

#[component]
fn One(toast: Toast) -> impl IntoView {
    let toasts = use_toasts();
    let Toast { id, text, bad, action } = toast;
    view! {
        <div class=if bad { "toast bad" } else { "toast" }>
            <Icon name=if bad { "circle-alert" } else { "circle-check" } />
            <p class="gr">{text}</p>
            {action
                .map(|action| {
                    view! {
                        <button
                            type="button"
                            class="btn small"
                            on:click=move |_| {
                                toasts.close(id);
                                action.run.run(());
                            }
                        >
                            {action.label}
                        </button>
                    }
                })}
            <button
                type="button"
                class="btn ghost small ic"
                aria-label=words().common.close
                on:click=move |_| toasts.close(id)
            >
                <Icon name="x" />
            </button>
        </div>
    }
}
