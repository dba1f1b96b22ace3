//! Help and the menu of a page: its commands, its address, its call, paper.

use leptos::prelude::*;

use super::copy::copy_text;
use super::icon::Icon;
use super::words;
use crate::ids;
use crate::reactive::{attr, dynamic};
use crate::state::commands::{Command, Commands, Overlay, use_commands};
use crate::state::toasts::use_toasts;

/// What can be done with any page.
fn of_any_page(commands: Commands) -> Vec<Command> {
    let w = &words().palette;
    let toasts = use_toasts();
    let link = move || copy_text(&window().location().href().unwrap_or_default(), toasts);
    vec![
        Command::new("link", w.copy_link, "link", link),
        Command::new("api", w.api_call, "terminal", move || commands.open(Overlay::ApiCall)),
        Command::new("print", w.print, "printer", || {
            // Not every browser has a printer behind it.
            let _ = window().print();
        }),
    ]
}

/// The two buttons at the end of a breadcrumb's line.
#[component]
pub fn PageTools() -> impl IntoView {
    // A page may stand alone in a test.
    use_context::<Commands>().map(|_| view! { <Tools /> })
}

#[component]
fn Tools() -> impl IntoView {
    let (commands, w) = (use_commands(), words());
    let any = StoredValue::new(of_any_page(commands));
    let open = RwSignal::new(false);
    let item = |command: Command| {
        let off = command.off.clone();
        view! {
            <button
                type="button"
                class="menu-item"
                aria-disabled=off.is_some().then_some("true")
                title=off
                popovertarget=ids::PAGE_MENU
                popovertargetaction="hide"
                on:click=move |_| {
                    // After the menu has given the focus back: a dialog then gives it back to the button of the menu.
                    let command = command.clone();
                    set_timeout(move || _ = command.go(), std::time::Duration::ZERO);
                }
            >
                <Icon name=command.icon />
                <span class="gr">{command.label.clone()}</span>
                {command
                    .key
                    .map(|key| {
                        view! {
                            <span class="keys" aria-hidden="true">
                                {key.keys().iter().map(|k| view! { <kbd class="kbd">{*k}</kbd> }).collect_view()}
                            </span>
                        }
                    })}
            </button>
        }
    };
    view! {
        <div class="page-tools no-print">
            <button
                type="button"
                class="btn ghost small ic"
                aria-label=w.states.help_here
                title=w.states.help_here
                aria-haspopup="dialog"
                on:click=move |_| commands.open(Overlay::Help)
            >
                <Icon name="circle-help" />
            </button>
            <button
                type="button"
                class="btn ghost small ic"
                data-page-menu=""
                aria-label=w.palette.page_menu
                title=w.palette.page_menu
                popovertarget=ids::PAGE_MENU
                aria-expanded=attr(move || if open.get() { "true" } else { "false" })
            >
                <Icon name="ellipsis" />
            </button>
            <div
                id=ids::PAGE_MENU
                class="menu"
                popover="auto"
                role="group"
                aria-label=w.palette.page_menu
                on:toggle=move |event| {
                    let target = event_target::<web_sys::Element>(&event);
                    open.set(target.matches(":popover-open").unwrap_or(false));
                }
            >
                {dynamic(move || {
                    // Made when it is looked at: the labels of commands may follow many things.
                    open.get()
                        .then(|| {
                            let own: Vec<_> =
                                commands.all().into_iter().filter(|c| !c.label.is_empty()).collect();
                            let line = (!own.is_empty()).then(|| view! { <hr /> });
                            view! {
                                {own.into_iter().map(item).collect_view()}
                                {line}
                                {any.get_value().into_iter().map(item).collect_view()}
                            }
                        })
                })}
            </div>
        </div>
    }
}
