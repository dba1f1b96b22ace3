//! Nothing at this address: what was perhaps meant, and a search.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::{Breadcrumb, Crumb, Icon, words};
use crate::i18n::use_i18n;
use crate::near::nearest;
use crate::reactive::{derived, dynamic};
use crate::routes::{self, Page};
use crate::shell::title::use_title;
use crate::state::commands::{Overlay, use_commands};
use crate::state::live::use_live;

/// Pages that may have been meant: those whose address is nearly the same, and the longest beginning that is a page.
fn meant(path: &str, regions: &[String]) -> Vec<String> {
    let pages: Vec<String> = words().palette.pages.iter().map(|(path, ..)| (*path).to_owned()).collect();
    let of_regions = regions.iter().map(|id| format!("{}/{id}", routes::REGIONS));
    let known: Vec<String> = pages.into_iter().chain(of_regions).collect();
    let mut found: Vec<String> =
        nearest(path, known.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
    let mut above = path.trim_end_matches('/');
    while let Some((shorter, _)) = above.rsplit_once('/') {
        above = shorter;
        if !above.is_empty() && !matches!(routes::find(above).0, Page::NotFound | Page::Root) {
            found.push(above.to_owned());
            break;
        }
    }
    found.dedup();
    found
}

/// What a page is called, where its address says nothing better.
fn called(path: &str) -> Option<&'static str> {
    words().palette.pages.iter().find(|(known, ..)| *known == path).map(|(_, name, _)| *name)
}

/// The page.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let (t, w, commands, live) = (use_i18n().t, &words().states, use_commands(), use_live());
    use_title(move || t.not_found_title.to_owned());
    let path = use_location().pathname;
    let found = derived(move || {
        let regions: Vec<String> =
            live.region_ids().unwrap_or_default().iter().map(ToString::to_string).collect();
        path.with(|path| meant(path, &regions))
    });
    view! {
        <Breadcrumb crumbs=derived(move || vec![Crumb::here(t.not_found_title)]) />
        <div class="panel empty">
            <Icon name="map" class="lg" />
            <h1 tabindex="-1">{t.not_found_title}</h1>
            <p>{t.not_found}</p>
            <p>
                <bdi class="id" translate="no">
                    {dynamic(move || path.get())}
                </bdi>
            </p>
            {dynamic(move || {
                let found = found.get();
                (!found.is_empty())
                    .then(|| {
                        let links = found.into_iter().map(|path| {
                            let words = match called(&path) {
                                Some(name) => name.into_any(),
                                None => view! { <bdi class="id" translate="no">{path.clone()}</bdi> }.into_any(),
                            };
                            view! {
                                <li>
                                    <a href=path>{words}</a>
                                </li>
                            }
                        });
                        view! {
                            <p id="did-you-mean">{w.did_you_mean}</p>
                            <ul class="row" aria-labelledby="did-you-mean">
                                {links.collect_view()}
                            </ul>
                        }
                    })
            })}
            <div class="toolbar">
                <a class="btn" href=routes::DASHBOARD>
                    {t.not_found_home}
                </a>
                <button type="button" class="btn" on:click=move |_| commands.open(Overlay::Palette)>
                    <Icon name="search" />
                    {w.search_instead}
                </button>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_leads_to_the_page() {
        assert_eq!(meant("/nods", &[]).first().map(String::as_str), Some("/nodes"));
        assert_eq!(meant("/help/statusses", &[]).first().map(String::as_str), Some("/help/statuses"));
        assert_eq!(meant("/regions/om-mtc/x", &["OM-MCT".into()]), ["/regions/om-mtc"]);
        assert_eq!(meant("/regions/om-mct/nonsense/deep", &[]), ["/regions/om-mct"]);
        assert!(meant("/zzzzzzzz", &[]).is_empty());
    }
}
