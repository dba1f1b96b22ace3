//! Arabic: the chain of the activity log.

use common::activity::BreakKind;

use super::glossary::{ENTRY, iso, nom, obl};
use crate::i18n::en_pages::chain::ChainWords;

fn entry(seq: Option<&str>) -> String {
    seq.map_or_else(|| "أحد الإدخالات".to_owned(), |seq| format!("الإدخال {}", iso(seq)))
}

/// Arabic.
pub(super) const CHAIN: ChainWords = ChainWords {
    title: "سلسلة السجل",
    verified: |ago| format!("متسلسل، تُحقق منه {ago}"),
    unverified: "متسلسل، ولم يُتحقق منه من هنا بعد",
    running: |n| format!("جارٍ التحقق: {} حتى الآن", nom(n, &ENTRY)),
    broken: |ago| format!("سلسلة هذا السجل مكسورة، واكتُشف ذلك {ago}"),
    about: "لكل إدخال بصمة تشمل بصمة ما قبله، فأحدثها يشملها كلها. يُعيد التحقق حساب كل بصمة.",
    entries: "الإدخالات",
    head: "أحدث إدخال",
    head_hint: "احفظ هذا خارج الخادم بين حين وآخر: به يُثبت أي شخص لاحقًا أن شيئًا قبله لم يُغيَّر ولم يُحذف.",
    copy_head: "نسخ",
    checkpoint: "يبدأ بعد",
    checkpoint_of: |seq, at| format!("الإدخال {}، أُزيل لقِدَمه في {at}", iso(seq)),
    no_checkpoint: "لم يُزَل شيء بعد",
    last_check: "آخر تحقق",
    last_check_of: |at, n| format!("{at}: عدد الصحيح {}", obl(n, &ENTRY)),
    role: "دور الخادم المركزي في قاعدة البيانات",
    role_bound: "يضيف إدخالات ولا يستطيع تغييرها أو إزالتها",
    role_free: "يستطيع تغيير الإدخالات أو إزالتها",
    role_hint: "أعطِ الخادم المركزي دورًا خاصًا به يضيف إلى السجل ولا يغيّره؛ الأوامر في \u{2068}SECURITY.md\u{2069}.",
    verify: "تحقق الآن",
    holds: |n| format!("السلسلة سليمة: {}.", nom(n, &ENTRY)),
    broken_how: |kind, seq| match kind {
        BreakKind::Missing => format!("{} مفقود، وقد نُزع مع بصمته.", entry(seq)),
        BreakKind::Removed => format!("{} أُزيل من السجل.", entry(seq)),
        BreakKind::Changed => format!("{} غُيّر بعد كتابته.", entry(seq)),
        BreakKind::Unlinked => format!("{} في السجل وليس في السلسلة.", entry(seq)),
        BreakKind::NotNoted => format!("{} ليس الذي دُوّن من قبل.", entry(seq)),
    },
    broken_do: "غيّر أحدٌ قاعدة البيانات من خارج هذا الخادم. احفظ نسخة منها كما هي الآن، واعرف من يستطيع الكتابة فيها، وقارنها بنسخة احتياطية وبأحدث إدخال دُوّن من قبل (\u{2068}iqra-infra audit verify --noted\u{2069}). قد لا يصح ما في السجل من ذلك الإدخال فصاعدًا.",
    open_entry: "فتح الإدخال",
};
