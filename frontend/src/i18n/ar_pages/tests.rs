//! Sentences with numbers take all forms of the grammar, and values keep their direction.

use common::intent::{BulkAction, EffectCode};

use super::AR_PAGES as AR;
use crate::i18n::en_pages::EN_PAGES as EN;
use crate::i18n::problems::{ISOLATE, POP, pieces};

const NUMBERS: [u32; 6] = [0, 1, 2, 3, 11, 100];

fn wide(n: u32) -> usize {
    usize::try_from(n).unwrap()
}

#[test]
fn nodes_agree_with_their_number() {
    assert_eq!(
        NUMBERS.map(|n| (AR.problems.nodes)(n)),
        ["0 عقدة", "عقدة واحدة", "عقدتان", "3 عُقد", "11 عقدة", "100 عقدة"]
    );
    assert_eq!(
        NUMBERS.map(|n| (AR.nodes.of)(2, wide(n))),
        ["2 من 0 عقدة", "2 من عقدة واحدة", "2 من عقدتين", "2 من 3 عُقد", "2 من 11 عقدة", "2 من 100 عقدة"]
    );
    assert_eq!(
        NUMBERS.map(|n| (AR.problems.more_nodes)(n)),
        ["ولا عُقد أخرى", "وعقدة أخرى", "وعقدتان أخريان", "و3 عُقد أخرى", "و11 عقدة أخرى", "و100 عقدة أخرى"]
    );
}

#[test]
fn masculine_nouns_take_the_accusative_from_eleven_on() {
    assert_eq!(
        NUMBERS.map(|n| (AR.activity.count)(n, false)),
        ["لا إدخالات", "إدخال واحد", "إدخالان", "3 إدخالات", "11 إدخالًا", "100 إدخال"]
    );
    assert_eq!(
        NUMBERS.map(|n| (AR.activity.fresh)(wide(n))).get(1..5).unwrap(),
        ["إدخال جديد", "إدخالان جديدان", "3 إدخالات جديدة", "11 إدخالًا جديدًا"]
    );
    // After a noun the dual is not that of a subject.
    assert_eq!((AR.activity.export_csv)(2), "تصدير إدخالين بصيغة CSV");
}

#[test]
fn every_form_is_one_of_its_own() {
    let forms: [fn(u32) -> String; 12] = [
        |n| (AR.problems.nodes)(n),
        |n| (AR.problems.calls)(u64::from(n)),
        |n| (AR.lifecycle.reaches)(n, 0),
        |n| (AR.lifecycle.effect)(EffectCode::EndsSessions, None, None, Some(n)),
        |n| (AR.lifecycle.effect)(EffectCode::NotLive, None, None, Some(n)),
        |n| (AR.lifecycle.work_now)(Some(n), None, None).unwrap(),
        |n| (AR.bulk.title)(BulkAction::Delete, wide(n)),
        |n| (AR.bulk.again)(wide(n)),
        |n| (AR.shutdown.results)(1, wide(n)),
        |n| (AR.regions.of)(1, wide(n)),
        |n| (AR.diagnose.boots)(n),
        |n| (AR.storage.passed)(wide(n), "1 s"),
    ];
    for (at, form) in forms.iter().enumerate() {
        let said = NUMBERS.map(form);
        for (i, one) in said.iter().enumerate() {
            assert!(!said.iter().skip(i + 1).any(|other| other == one), "{at}: {one}");
        }
        // One and two are words, not figures.
        assert!(said.get(1..3).unwrap().iter().all(|s| !s.contains(['0', '2', '3'])), "{at}: {said:?}");
        let bare = |n: usize| said.get(n).unwrap().replace(|c: char| c.is_ascii_digit(), "");
        assert_ne!(bare(3), bare(4), "{at}");
    }
}

#[test]
fn values_stand_between_isolates_that_end() {
    let said = [
        (AR.region.missing)("OM-MCT"),
        (AR.region_new.taken)("OM-MCT"),
        (AR.node_new.added)("10.0.0.5:5002"),
        (AR.rotate.revoke_title)("10.0.0.5:5002"),
        (AR.lifecycle.type_it)("OM-MCT"),
        (AR.connect.refusal)(Some("3 s"), "10.0.0.5", "x", Some("9f2c"), "41aa"),
        (AR.unregistered.deleted)("a", "b", "c@d"),
        (AR.storage.remove_title)("OM-MCT"),
        (AR.activity.from_to)("live", "stale"),
    ];
    for text in said {
        let begun = text.matches(ISOLATE).count();
        assert!(begun > 0 && begun == text.matches(POP).count(), "{text}");
        assert_eq!(pieces(&text).iter().filter(|(_, id)| *id).count(), begun, "{text}");
    }
}

#[test]
fn what_is_typed_has_nothing_that_cannot_be_seen() {
    for n in [1, 2, 3, 11, 100] {
        let phrase = (AR.bulk.phrase)(BulkAction::Shutdown, n);
        assert!(!phrase.contains([ISOLATE, POP]), "{phrase}");
    }
}

#[test]
fn lists_have_the_lengths_of_the_english_ones() {
    assert_eq!(AR.help.controls.len(), EN.help.controls.len());
    let anchors =
        |t: &[crate::i18n::en_pages::help::Topic]| -> Vec<&str> { t.iter().map(|t| t.anchor).collect() };
    assert_eq!(anchors(AR.help.topics), anchors(EN.help.topics));
    for (ar, en) in AR.help.topics.iter().zip(EN.help.topics) {
        assert_eq!(ar.text.len(), en.text.len(), "{}", en.anchor);
    }
    let times = |t: &[(Option<u32>, &str)]| -> Vec<Option<u32>> { t.iter().map(|t| t.0).collect() };
    assert_eq!(times(AR.problems.snooze_times), times(EN.problems.snooze_times));
    let keys = |t: &[(&'static str, &str)]| -> Vec<&'static str> { t.iter().map(|t| t.0).collect() };
    assert_eq!(keys(AR.activity.actions), keys(EN.activity.actions));
    assert_eq!(keys(&AR.lifecycle.deadlines), keys(&EN.lifecycle.deadlines));
    assert_eq!(keys(AR.dashboard.ranges), keys(EN.dashboard.ranges));
    assert_eq!(keys(AR.dashboard.sorts), keys(EN.dashboard.sorts));
    let ranges = |t: &[(&'static str, &str, u64)]| -> Vec<(&'static str, u64)> {
        t.iter().map(|t| (t.0, t.2)).collect()
    };
    assert_eq!(ranges(AR.charts.ranges), ranges(EN.charts.ranges));
    let pages = |t: &[(&'static str, &str, &str)]| -> Vec<&'static str> { t.iter().map(|t| t.0).collect() };
    assert_eq!(pages(AR.palette.pages), pages(EN.palette.pages));
}
