//! The rules beside what `Intl.PluralRules` of a browser answers (CLDR 48).

use super::*;

/// For 0..=210, as digits: the place of the category among zero, one, two, few, many, other.
const ENGLISH: &str = "\
     5155555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555\
     5555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555\
     55555555555";
const ARABIC: &str = "\
     0123333333344444444444444444444444444444444444444444444444444444444444444444444444444444444444444444\
     5553333333344444444444444444444444444444444444444444444444444444444444444444444444444444444444444444\
     55533333333";

const ORDER: [Plural; 6] = [Plural::Zero, Plural::One, Plural::Two, Plural::Few, Plural::Many, Plural::Other];

fn listed(table: &str) -> Vec<Plural> {
    table.chars().filter_map(|c| c.to_digit(10)).map(|i| ORDER[usize::try_from(i).unwrap()]).collect()
}

#[test]
fn as_the_browser_says() {
    let rules: [fn(u64) -> Plural; 2] = [english, arabic];
    for (table, rule) in [ENGLISH, ARABIC].into_iter().zip(rules) {
        let expected = listed(table);
        assert_eq!(expected.len(), 211);
        for (n, category) in (0..).zip(expected) {
            assert_eq!(rule(n), category, "{n}");
        }
    }
    use Plural::{Few, Many, Other};
    for (n, category) in [
        (999, Many),
        (1000, Other),
        (1001, Other),
        (1002, Other),
        (1003, Few),
        (1010, Few),
        (1011, Many),
        (1099, Many),
        (1103, Few),
        (1_000_000, Other),
        (1_000_003, Few),
        (1_000_011, Many),
        (2_000_100, Other),
        (4_294_967_295, Many),
        (9_007_199_254_740_991, Many),
    ] {
        assert_eq!((arabic(n), english(n)), (category, Other), "{n}");
    }
}

#[test]
fn sentences_take_their_form_and_their_figure() {
    let nodes = |n: u32| ar(n, ["لا خوادم", "خادم واحد", "خادمان", "# خوادم", "# خادمًا", "# خادم"]);
    let said = [0, 1, 2, 3, 11, 100, 1_203].map(nodes);
    assert_eq!(said, ["لا خوادم", "خادم واحد", "خادمان", "3 خوادم", "11 خادمًا", "100 خادم", "1,203 خوادم"]);
    assert_eq!([1_u32, 0, 2000].map(|n| en(n, ["# node", "# nodes"])), ["1 node", "0 nodes", "2,000 nodes"]);
}
