//! The title of the document: open problems, page, product.

use leptos::prelude::*;

use crate::reactive::effect;

/// What the page on the screen is called.
#[derive(Clone, Copy)]
pub struct PageTitle(pub RwSignal<String>);

impl Default for PageTitle {
    fn default() -> Self {
        Self(RwSignal::new(String::new()))
    }
}

/// Names the page. The closure may follow signals, for example a region's id out of the route.
pub fn use_title(title: impl Fn() -> String + 'static) {
    let page = expect_context::<PageTitle>();
    effect(move || page.0.set(title()));
}
