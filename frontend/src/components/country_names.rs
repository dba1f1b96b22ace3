//! Names of countries from the browser, in the language of the page; English names from `common` where it has none.

use std::cell::RefCell;
use std::collections::HashMap;

use common::country::{self, Country};
use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::i18n::Language;

thread_local! {
    /// Building an `Intl` object is the costly part, so names are asked for once per language.
    static NAMES: RefCell<HashMap<String, HashMap<&'static str, String>>> = RefCell::new(HashMap::new());
}

/// The name of a country in the language of the page; the code itself where it is none.
pub fn country_name(code: &str) -> String {
    let Some(country) = country::find(code) else { return code.to_owned() };
    localised(country, Language::of_page().tag()).unwrap_or_else(|| country.name.to_owned())
}

/// All names by which a person may look for a country: in the languages of the console and the browser's own.
pub fn other_names(country: &'static Country) -> Vec<String> {
    let mut languages: Vec<String> = Language::ALL.map(|language| language.tag().to_owned()).to_vec();
    languages.extend(window().navigator().language());
    languages.iter().filter_map(|language| localised(country, language)).collect()
}

/// The English name and all of [`other_names`] of a code; empty where it is none.
pub fn names_of(code: &str) -> Vec<String> {
    let Some(country) = country::find(code) else { return Vec::new() };
    let mut names = other_names(country);
    names.push(country.name.to_owned());
    names
}

fn localised(country: &'static Country, language: &str) -> Option<String> {
    NAMES.with_borrow_mut(|names| {
        if !names.contains_key(language) {
            names.insert(language.to_owned(), all_in(language).unwrap_or_default());
        }
        names.get(language)?.get(country.code).cloned()
    })
}

/// Every name in one language through `Intl.DisplayNames`; `None` where the browser lacks it.
fn all_in(language: &str) -> Option<HashMap<&'static str, String>> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class: Function = Reflect::get(&intl, &"DisplayNames".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &"region".into()).ok()?;
    let arguments = Array::of2(&Array::of1(&language.into()), &options);
    let names = Reflect::construct(&class, &arguments).ok()?;
    let of: Function = Reflect::get(&names, &"of".into()).ok()?.dyn_into().ok()?;
    let name = |code: &str| of.call1(&names, &JsValue::from_str(code)).ok()?.as_string();
    Some(country::all().iter().filter_map(|c| Some((c.code, name(c.code)?))).collect())
}
