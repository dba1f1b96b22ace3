//! What stands where data would: skeletons, empty places, errors, notes.

use leptos::prelude::*;

use super::copy::CopyButton;
use super::icon::Icon;
use super::words;

/// Rows or cards of the final geometry while the first data is on its way. Keeps still.
#[component]
pub fn Skeleton(
    /// `sk-row`, `sk-card`, `sk-line`, `sk-title`, `sk-fig`.
    #[prop(default = "sk-row")]
    shape: &'static str,
    /// How many.
    #[prop(default = 6)]
    count: usize,
) -> impl IntoView {
    (0..count).map(|_| view! { <span class=format!("sk {shape}") aria-hidden="true"></span> }).collect_view()
}

/// An empty place: what would be here, and what to do.
#[component]
pub fn Empty(
    /// Its icon.
    icon: &'static str,
    /// What is not here.
    #[prop(into)]
    title: String,
    /// One sentence what this is.
    #[prop(optional, into)]
    text: String,
    /// Inside another page part.
    #[prop(optional)]
    small: bool,
    /// The actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=if small { "panel empty small" } else { "panel empty" }>
            <Icon name=icon class="lg" />
            <h2>{title}</h2>
            {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            {children.map(|c| view! { <div class="toolbar">{c()}</div> })}
        </div>
    }
}

/// An error in place of a page or part: what happened, what it means, the request id, and another try.
#[component]
pub fn ErrorPanel(
    /// What happened.
    #[prop(into)]
    title: String,
    /// What it means and what to do.
    #[prop(into)]
    detail: String,
    /// To quote when asking for help.
    #[prop(optional_no_strip)]
    request_id: Option<String>,
    /// Inside another page part.
    #[prop(optional)]
    small: bool,
    /// Tries again.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class=if small { "panel error small" } else { "panel error" } role="alert">
            <Icon name="circle-alert" class="lg" />
            <h2>{title}</h2>
            <p>{detail}</p>
            {request_id
                .map(|id| {
                    view! {
                        <p class="reqid">
                            {words().common.request_id}
                            " "
                            <bdi class="id" translate="no">{id.clone()}</bdi>
                            <CopyButton text=id label=words().common.copy_request_id icon_only=true />
                        </p>
                    }
                })}
            {on_retry
                .map(|retry| {
                    view! {
                        <div class="toolbar">
                            <button type="button" class="btn" on:click=move |_| retry.run(())>
                                <Icon name="rotate-cw" />
                                {words().common.try_again}
                            </button>
                        </div>
                    }
                })}
        </div>
    }
}

/// A box that explains what is beside it.
#[component]
pub fn Note(
    /// `plain`, `warn`, `bad`, `info`.
    #[prop(default = "plain")]
    tone: &'static str,
    /// Its icon.
    #[prop(default = "info")]
    icon: &'static str,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("note {tone}")>
            <Icon name=icon />
            <div class="gr">{children()}</div>
        </div>
    }
}
