//! Which regions a list shows and in which order. Pure; tested on the host.

use std::cmp::Reverse;

use common::capacity::Capacity;
use common::country;
use common::overview::RegionSummary;
use common::status::StatusWord;

use crate::components::region_card::conversations;
use crate::components::status::word_key;
use crate::text::lower;

/// What is asked of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// A part of the id or the name, or the beginning of a word of the country.
    pub query: String,
    /// The word of a status; empty for any.
    pub status: String,
    /// A country code; empty for any.
    pub country: String,
}

/// Whether a region answers a typed filter.
pub fn answers(query: &str, id: &str, name: Option<&str>, code: &str, countries: &[String]) -> bool {
    let query = lower(query.trim());
    let word_begins = |text: &String| {
        let text = lower(text);
        text.starts_with(&query) || text.split([' ', '-', '(']).any(|word| word.starts_with(&query))
    };
    query.is_empty()
        || lower(id).contains(&query)
        || name.is_some_and(|n| lower(n).contains(&query))
        || lower(code) == query
        || countries.iter().any(word_begins)
}

/// Orders that can be asked for; the first one is the default.
pub const SORTS: [&str; 5] = ["", "id", "-conversations", "-pending", "-slots"];

/// Words that regions can be filtered by.
pub fn statuses() -> impl Iterator<Item = StatusWord> {
    StatusWord::ALL.into_iter().filter(|w| *w != StatusWord::Unregistered)
}

/// The value of a filter where it is known, else none at all.
fn known(value: String, is: impl Fn(&str) -> bool) -> String {
    if is(&value) { value } else { String::new() }
}

fn is_status(value: &str) -> bool {
    statuses().any(|w| word_key(w) == value)
}

fn is_country(value: &str) -> bool {
    country::find(&value.to_uppercase()).is_some()
}

/// What an address says and nobody understands, as `key=value`.
pub fn unknown(status: &str, country: &str, sort: &str, view: &str) -> Vec<String> {
    let all = [
        ("status", status, is_status(status)),
        ("country", country, is_country(country)),
        ("sort", sort, SORTS.contains(&sort)),
        ("view", view, view == "cards" || view == "table"),
    ];
    let odd = all.into_iter().filter(|(_, value, known)| !value.is_empty() && !known);
    odd.map(|(key, value, _)| format!("{key}={value}")).collect()
}

impl Wanted {
    /// Reads it from the values of an address; what is not known is no filter.
    pub fn read(query: String, status: String, country: String) -> Self {
        Self { query, status: known(status, is_status), country: known(country, is_country) }
    }

    /// Whether a region is shown; `countries` are the names of its country.
    pub fn fits(&self, r: &RegionSummary, countries: &[String]) -> bool {
        answers(&self.query, r.id.as_str(), r.display_name.as_deref(), &r.country_code, countries)
            && (self.status.is_empty() || self.status == word_key(r.status.word))
            && (self.country.is_empty() || self.country.eq_ignore_ascii_case(&r.country_code))
    }
}

/// Slots in use, in thousandths of those there are; nothing without slots.
pub fn fullness(c: &Capacity) -> Option<u64> {
    let (used, max) = (c.slots.used?, c.slots.max.filter(|max| *max > 0)?);
    used.saturating_mul(1000).checked_div(max)
}

/// Puts regions in order: worst first, or by a figure. What is equal is by id; no data comes last.
pub fn arrange(all: &mut [RegionSummary], sort: &str) {
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let figure = |read: fn(&Capacity) -> Option<u64>| move |r: &RegionSummary| Reverse(read(&r.capacity));
    match sort {
        "id" => {}
        "-conversations" => all.sort_by_key(figure(conversations)),
        "-pending" => all.sort_by_key(figure(|c| c.outbound.pending)),
        "-slots" => all.sort_by_key(figure(fullness)),
        _ => all.sort_by_key(|r| (r.status.word.severity(), Reverse(r.status.count))),
    }
}

/// The next order after regions came, went or changed while nobody asked for another order: what stays keeps its place.
pub fn kept<T: PartialEq + Clone>(before: &[T], now: &[T]) -> Vec<T> {
    let stays = before.iter().filter(|id| now.contains(id)).cloned();
    let new = now.iter().filter(|id| !before.contains(id)).cloned();
    stays.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn region(id: &str, word: &str, count: Option<u32>, phone: Option<u64>) -> RegionSummary {
        let k = json!({"online": 0, "registered": 0, "accepting": 0, "stale": 0, "offline": 0, "left": 0,
            "neverSeen": 0, "unconfirmed": 0, "disabled": 0});
        serde_json::from_value(json!({
            "id": id, "countryCode": "OM", "displayName": "Muscat",
            "status": {"word": word, "count": count, "since": "2026-11-22T10:00:00Z"},
            "storage": {"configured": false, "healthy": null, "checkedAt": null, "since": null},
            "conversations": {"phone": phone, "web": null},
            "outbound": {"processing": null, "pending": null, "oldestPendingSeconds": null},
            "backend": k, "proxy": k, "slots": {"used": phone, "max": 10},
            "lastKnown": {"phone": null, "web": null, "processing": null, "pending": null},
            "coverage": {"reporting": 0, "expected": 0}
        }))
        .unwrap()
    }

    #[test]
    fn a_region_is_found_by_id_name_and_country() {
        let countries = ["Oman".to_owned(), "عُمان".to_owned()];
        let found = |q: &str| answers(q, "XY-MCT", Some("Muscat"), "OM", &countries);
        for q in ["", " xy-m", "mct", "usc", "oma", "عُم", "om"] {
            assert!(found(q), "{q}");
        }
        for q in ["man", "de", "zz"] {
            assert!(!found(q), "{q}");
        }
    }

    #[test]
    fn filters_go_together() {
        let r = region("OM-MCT", "offline", Some(2), None);
        let wanted = |status: &str, country: &str| Wanted {
            query: "mct".into(),
            status: status.into(),
            country: country.into(),
        };
        assert!(wanted("", "").fits(&r, &[]) && wanted("offline", "om").fits(&r, &[]));
        assert!(!wanted("online", "").fits(&r, &[]) && !wanted("", "DE").fits(&r, &[]));
    }

    #[test]
    fn what_nobody_understands_is_no_filter() {
        let own = str::to_owned;
        assert_eq!(
            Wanted::read(own("mct"), own("foo"), own("neverland")),
            Wanted { query: own("mct"), ..Wanted::default() }
        );
        let both = Wanted::read(String::new(), own("offline"), own("om"));
        assert_eq!((both.status.as_str(), both.country.as_str()), ("offline", "om"));
        assert_eq!(
            unknown("foo", "neverland", "-colour", "map"),
            ["status=foo", "country=neverland", "sort=-colour", "view=map"]
        );
        assert!(unknown("stale", "DE", "-slots", "table").is_empty());
        assert!(unknown("", "", "", "").is_empty());
    }

    #[test]
    fn worst_first_and_no_data_last() {
        let mut all = [
            region("A", "online", None, Some(5)),
            region("B", "offline", Some(1), None),
            region("C", "offline", Some(8), Some(9)),
            region("D", "stale", Some(1), Some(9)),
        ];
        let ids = |all: &[RegionSummary]| all.iter().map(|r| r.id.to_string()).collect::<String>();
        arrange(&mut all, "");
        assert_eq!(ids(&all), "CBDA");
        arrange(&mut all, "-conversations");
        assert_eq!(ids(&all), "CDAB");
        arrange(&mut all, "-slots");
        assert_eq!(ids(&all), "CDAB");
        arrange(&mut all, "id");
        assert_eq!(ids(&all), "ABCD");
    }

    #[test]
    fn what_stays_keeps_its_place() {
        assert_eq!(kept(&[3, 1, 2], &[1, 2, 3, 4]), [3, 1, 2, 4]);
        assert_eq!(kept(&[3, 1, 2], &[2, 3]), [3, 2]);
    }
}
