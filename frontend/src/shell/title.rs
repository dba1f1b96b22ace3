//! The title of the document and its icon: open problems, page, product.

use common::overview::Severity;
use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::reactive::{effect, memo};
use crate::state::connection::use_connection;
use crate::state::live::use_live;

/// The icon of the page; its other address, with a mark, stands in `data-broken`, the first one in `data-fine`.
const ICON: &str = "link[rel=icon]";

/// What the page on the screen is called, and how many of its forms have something to correct.
#[derive(Clone, Copy)]
pub struct PageTitle {
    /// Its name.
    pub name: RwSignal<String>,
    faulty: RwSignal<u32>,
}

impl Default for PageTitle {
    fn default() -> Self {
        Self { name: RwSignal::new(String::new()), faulty: RwSignal::new(0) }
    }
}

/// Puts “Error: ” before the title while a form has something to correct.
pub fn use_fault_in_title(faulty: impl Fn() -> bool + Send + Sync + 'static) {
    let page = expect_context::<PageTitle>();
    let (faulty, counted) = (memo(faulty), StoredValue::new(false));
    let count = move |now: bool| {
        let before = counted.try_update_value(|counted| std::mem::replace(counted, now)).unwrap_or(now);
        if before != now {
            page.faulty.update(|n| *n = if now { n.saturating_add(1) } else { n.saturating_sub(1) });
        }
    };
    effect(move || count(faulty.get()));
    on_cleanup(move || count(false));
}

/// Names the page. The closure may follow signals, for example a region's id out of the route.
pub fn use_title(title: impl Fn() -> String + 'static) {
    let page = expect_context::<PageTitle>();
    effect(move || page.name.set(title()));
}

/// `(2) Nodes · Infrastructure`: what is broken, the page, the product. The icon gets a mark meanwhile.
pub fn follow_title() {
    let (live, i18n, page) = (use_live(), use_i18n(), expect_context::<PageTitle>());
    let connection = use_connection();
    let broken = memo(move || {
        live.problems(|all| all.iter().filter(|p| p.severity == Severity::Bad).count()).unwrap_or(0)
    });
    effect(move || {
        let title = page.name.get();
        // What is broken now says nothing of a moment that is over; the title says which it is.
        let text = match connection.moment() {
            Some(at) => (i18n.t.document_title)(0, &format!("{title} · {}", i18n.fmt.date_time(at))),
            None => (i18n.t.document_title)(broken.get(), &title),
        };
        let faulty = page.faulty.get() > 0;
        document().set_title(&if faulty { (i18n.t.title_with_fault)(&text) } else { text });
    });
    let any = memo(move || broken.get() > 0);
    effect(move || {
        let broken = any.get();
        let Some(link) = document().query_selector(ICON).ok().flatten() else { return };
        let address = link.get_attribute(if broken { "data-broken" } else { "data-fine" });
        // Not written where it is so already: some browsers fetch the icon anew.
        if let Some(address) = address.filter(|a| link.get_attribute("href").as_ref() != Some(a)) {
            let _ = link.set_attribute("href", &address);
        }
    });
}
