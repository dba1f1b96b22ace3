//! Names in a sentence, one of which will do: “Huda, Salim or Ali”. By the browser's `Intl.ListFormat` where it has it.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use super::{current, isolated};
use crate::state::prefs;

/// The names with commas and “or”; `None` where there are none.
pub fn either(names: &[String]) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| isolated(name)).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => by_browser((current().locale)(prefs::digits()), &names).or_else(|| by_words(&names)),
    }
}

fn by_browser(locale: &str, names: &[String]) -> Option<String> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
    let class = get(&get(&js_sys::global(), "Intl")?, "ListFormat")?.dyn_into::<Function>().ok()?;
    let options = Object::new();
    Reflect::set(&options, &JsValue::from_str("type"), &JsValue::from_str("disjunction")).ok()?;
    let made = Reflect::construct(&class, &Array::of2(&JsValue::from_str(locale), &options)).ok()?;
    let format = get(&made, "format")?.dyn_into::<Function>().ok()?;
    let all = Array::new();
    for name in names {
        all.push(&JsValue::from_str(name));
    }
    format.call1(&made, &all).ok()?.as_string()
}

/// By the words of the language.
fn by_words(names: &[String]) -> Option<String> {
    let w = &current().pages.access;
    let (last, before) = names.split_last()?;
    if before.is_empty() {
        return Some(last.clone());
    }
    Some((w.or)(&before.join(w.comma), last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::ar::AR;

    #[test]
    fn names_are_joined() {
        let names =
            |n: usize| ["Huda", "Salim", "Ali"].iter().take(n).map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(by_words(&names(0)), None);
        assert_eq!(by_words(&names(1)).as_deref(), Some("Huda"));
        assert_eq!(by_words(&names(2)).as_deref(), Some("Huda or Salim"));
        assert_eq!(by_words(&names(3)).as_deref(), Some("Huda, Salim or Ali"));
        assert_eq!(either(&[]), None);
        assert_eq!(either(&names(1)).as_deref(), Some("Huda"));
        assert_eq!((AR.pages.access.or)("هدى", "سالم"), "هدى أو سالم");
        assert_eq!((AR.pages.access.can)("هدى أو سالم"), "يمكن أن يقوم بذلك: هدى أو سالم.");
    }
}
