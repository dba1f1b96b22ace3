//! Ways through the console: breadcrumbs.

use leptos::prelude::*;

use super::words;
use crate::reactive::dynamic;

/// One step of a breadcrumb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// Where it leads; `None` for the page one is on.
    pub href: Option<String>,
    /// Its words.
    pub text: String,
    /// The words are an id or endpoint: mono, isolated, not translated.
    pub technical: bool,
}

impl Crumb {
    /// A step with a link.
    pub fn link(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { href: Some(href.into()), text: text.into(), technical: false }
    }

    /// The page one is on.
    pub fn here(text: impl Into<String>) -> Self {
        Self { href: None, text: text.into(), technical: false }
    }

    /// The same with an id as its words.
    pub fn technical(self) -> Self {
        Self { technical: true, ..self }
    }
}

/// The way from the top to this page.
#[component]
pub fn Breadcrumb(
    /// The steps, this page last.
    #[prop(into)]
    crumbs: Signal<Vec<Crumb>>,
) -> impl IntoView {
    let words_of = |crumb: &Crumb| {
        if crumb.technical {
            view! { <bdi class="id" translate="no">{crumb.text.clone()}</bdi> }.into_any()
        } else {
            crumb.text.clone().into_any()
        }
    };
    view! {
        <nav class="crumbs" aria-label=words().common.breadcrumb>
            <ol>
                {dynamic(move || {
                    crumbs
                        .get()
                        .iter()
                        .map(|crumb| match &crumb.href {
                            Some(href) => view! { <li><a href=href.clone()>{words_of(crumb)}</a></li> }.into_any(),
                            None => view! { <li aria-current="page">{words_of(crumb)}</li> }.into_any(),
                        })
                        .collect_view()
                })}
            </ol>
        </nav>
    }
}
