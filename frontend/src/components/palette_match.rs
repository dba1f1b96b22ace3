//! How well something fits what was typed into the palette. Pure, so that both languages are tested on the host.

use crate::text::lower;

/// Points for a text that begins with what was typed, down to letters that are merely in order.
const WHOLE: u32 = 120;
const BEGINS: u32 = 100;
const WORD: u32 = 80;
const INSIDE: u32 = 60;
const SCATTERED: u32 = 20;
/// Letters in order say little about a text that is much longer than they are.
const SPREAD: usize = 4;

/// A text without what people leave out: case, and in Arabic vowel marks, the bar that stretches a word, and the
/// spellings of alef, ta marbuta and ya.
pub fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        '\u{64b}'..='\u{652}' | '\u{640}' | '\u{670}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
            None
        }
        'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
        'ة' => Some('ه'),
        'ى' => Some('ي'),
        // Arabic-Indic digits.
        '٠'..='٩' => char::from_digit(u32::from(c) - u32::from('٠'), 10),
        c => Some(c),
    };
    lower(text).chars().filter_map(letter).collect()
}

/// Points of one plain text for one plain word; `None` where it does not fit.
fn points(text: &str, word: &str) -> Option<u32> {
    if text == word {
        return Some(WHOLE);
    }
    if text.starts_with(word) {
        return Some(BEGINS);
    }
    let begins_a_word =
        |at: usize| text.get(..at).is_some_and(|before| !before.ends_with(char::is_alphanumeric));
    let article = |at: usize| text.get(..at).is_some_and(|before| before.ends_with(" ال") || before == "ال");
    let mut inside = None;
    for (at, _) in text.match_indices(word) {
        if begins_a_word(at) || article(at) {
            return Some(WORD);
        }
        inside = Some(INSIDE);
    }
    inside.or_else(|| scattered(text, word))
}

/// The letters of the word in their order, beginning with the beginning of a word and not too far apart.
fn scattered(text: &str, word: &str) -> Option<u32> {
    if word.chars().count() < 2 || text.chars().count() > word.chars().count().saturating_mul(SPREAD) {
        return None;
    }
    let mut wanted = word.chars().peekable();
    let mut before = ' ';
    let mut begun = false;
    for c in text.chars() {
        let fits = wanted.peek() == Some(&c) && (begun || !before.is_alphanumeric());
        if fits {
            wanted.next();
            begun = true;
        }
        before = c;
    }
    wanted.peek().is_none().then_some(SCATTERED)
}

/// Points of something with several names for what was typed, every word of which must fit one of the names. `None`
/// where it does not fit; the same for everything where nothing was typed.
pub fn score<'a>(query: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> Option<u32> {
    let query = plain(query);
    let mut sum = 0_u32;
    for word in query.split_whitespace() {
        let best = names.clone().into_iter().filter_map(|name| points(&plain(name), word)).max()?;
        sum = sum.saturating_add(best);
    }
    // All words in one name, as typed, are worth more than the same words anywhere.
    let whole = query.trim();
    let together = names.into_iter().any(|name| !whole.is_empty() && plain(name).starts_with(whole));
    Some(if together { sum.saturating_add(WHOLE) } else { sum })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order<'a>(query: &str, names: &[&'a str]) -> Vec<&'a str> {
        let mut found: Vec<(u32, &str)> =
            names.iter().filter_map(|name| score(query, [*name]).map(|points| (points, *name))).collect();
        found.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn the_better_fit_comes_first() {
        let names = ["Unregistered nodes", "Nodes", "Background node", "Dashboard"];
        assert_eq!(order("nodes", &names), ["Nodes", "Unregistered nodes"]);
        assert_eq!(order("node", &names), ["Nodes", "Unregistered nodes", "Background node"]);
        assert_eq!(order("dsh", &names), ["Dashboard"]);
        assert!(order("xyz", &names).is_empty());
        assert_eq!(order("", &names).len(), 4);
    }

    #[test]
    fn every_word_has_to_fit_and_any_name_will_do() {
        let names = ["10.0.0.9:5002", "OM-MCT", "Backend", "0.3.1"];
        assert!(score("mct backend", names).is_some());
        assert!(score("0.9:50", names).is_some());
        assert!(score("0.3.1 om", names).is_some());
        assert!(score("mct proxy", names).is_none());
        // Letters that happen to be in order in a long text are no fit.
        assert!(score("od", ["Settings: Platform maintenance of everything"]).is_none());
    }

    #[test]
    fn arabic_as_people_type_it() {
        for (query, name) in [
            ("لوحه المتابعه", "لوحة المتابعة"),
            ("مناطق", "المناطق"),
            ("الاعدادات", "الإعدادات: عام"),
            ("صيانة", "صيانة المنصة"),
            ("عُقد", "العقد"),
            ("٥٠٠٢", "10.0.0.9:5002"),
        ] {
            assert!(score(query, [name]).is_some(), "{query} in {name}");
        }
        assert!(score("صيانة", ["المناطق"]).is_none());
        assert!(score("regions", ["المناطق", "Regions"]).is_some());
    }
}
