//! Ways through the console: breadcrumbs.

use leptos::prelude::*;

use super::page_tools::PageTools;
use super::words;
use crate::reactive::dynamic;
use crate::routes;
use crate::state::trail::Trail;

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

/// The way to a page right below the top.
pub fn only(text: &'static str) -> Signal<Vec<Crumb>> {
    Signal::stored(vec![Crumb::here(text)])
}

/// The way from the top to this page, with help and the page's menu at the end of its line. A list is gone back to with
/// the filters it was left with.
#[component]
pub fn Breadcrumb(
    /// The steps, this page last; the first, the product's part, stands before them by itself.
    #[prop(into)]
    crumbs: Signal<Vec<Crumb>>,
) -> impl IntoView {
    let trail = use_context::<Trail>();
    let words_of = |crumb: &Crumb| {
        if crumb.technical {
            view! { <bdi class="id" translate="no">{crumb.text.clone()}</bdi> }.into_any()
        } else {
            crumb.text.clone().into_any()
        }
    };
    let way_back = move |href: &str| trail.map_or_else(|| href.to_owned(), |trail| trail.back_to(href));
    view! {
        <div class="crumb-row">
            <nav class="crumbs" aria-label=words().common.breadcrumb>
                <ol>
                    <li>
                        <a href=routes::DASHBOARD>{words().states.home}</a>
                    </li>
                    {dynamic(move || {
                        crumbs
                            .get()
                            .iter()
                            .map(|crumb| match &crumb.href {
                                Some(href) => {
                                    view! {
                                        <li>
                                            <a href=way_back(href)>{words_of(crumb)}</a>
                                        </li>
                                    }
                                        .into_any()
                                }
                                None => view! { <li aria-current="page">{words_of(crumb)}</li> }.into_any(),
                            })
                            .collect_view()
                    })}
                </ol>
            </nav>
            <span class="sp"></span>
            <PageTools />
        </div>
    }
}
