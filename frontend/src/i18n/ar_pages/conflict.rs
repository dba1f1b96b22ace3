//! Arabic sentences for two people who change the same thing.

use super::glossary::iso;
use crate::i18n::en_pages::conflict::ConflictWords;

/// Two people changed the same thing.
pub(super) const CONFLICT: ConflictWords = ConflictWords {
    title: "غيّر شخص آخر هذا في الأثناء",
    text: "ما كتبته محفوظ. اختر القيم التي تبقى.",
    by: |who| format!("آخر تغيير من {}.", iso(who)),
    changed_by: |who, ago| format!("غيّر {} هذا {ago}.", iso(who)),
    same: "القيم متطابقة الآن لدى الطرفين: الكتابة فوقها لا تغيّر شيئًا.",
    table: "قيمه وقيمك",
    field: "الحقل",
    theirs: "قيمه الآن",
    yours: "قيمك",
    take: "أخذ قيمه",
    overwrite: "الكتابة فوقها بقيمي",
    keep_typing: "مواصلة الكتابة",
    secret_theirs: "المحفوظ",
    secret_yours: "جديد",
    empty: "فارغ",
    leave: "لم تُحفظ تغييراتك. هل تغادر هذه الصفحة؟",
};
