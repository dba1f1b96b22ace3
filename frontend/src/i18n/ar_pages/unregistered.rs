//! Arabic sentences about servers that are not registered.

use super::glossary::{TIMES, iso, number, obl};
use crate::i18n::en_pages::unregistered::UnregisteredWords;

/// The list of servers that are not registered.
pub(super) const UNREGISTERED: UnregisteredWords = UnregisteredWords {
    title: "عُقد غير مسجّلة",
    intro: "ترسل هذه الخوادم نبضات تُرفض، لأن السجل لا يعرفها. ما تقوله عن نفسها ادعاء، وأرقامها لا تُحسب في أي مكان.",
    empty_title: "لا عُقد غير مسجّلة",
    empty_text: "الخادم الذي يرسل نبضات بسرّ لم يعطه إياه أحد يظهر هنا مدة 24 ساعة.",
    all_ignored: "كلها متجاهَلة.",
    not_loaded: "تعذّر تحميل القائمة",
    show_ignored: |n| format!("عرض المتجاهَل ({})", number(n)),
    truncated: "تظهر أحدث 500 فقط.",
    row: "من",
    claims: "يدّعي أنه",
    claims_nothing: "لا يقول شيئًا عن نفسه.",
    claims_id: "العقدة",
    claims_kind: "النوع",
    claims_region: "المنطقة",
    fingerprint: "بصمة سرّه",
    no_secret: "لا يقدّم سرًّا.",
    tries: |n, first, last| match n {
        1 => format!("مرة واحدة، {}", iso(last)),
        n => format!("{}، من {} إلى {}", obl(n, &TIMES), iso(first), iso(last)),
    },
    unknown_secret: "لا عقدة لها هذا السرّ.",
    deleted: |name, when, who| format!("كان العقدة {}، حُذفت {} بأمر {}.", iso(name), iso(when), iso(who)),
    was_deleted: "حُذفت العقدة.",
    is_registered: "لعقدة مسجّلة هذا المعرّف، فالخادم معروف وسرّه خطأ. ضع السرّ الصحيح في \u{2068}appsettings.json\u{2069} على الخادم، أو دوّره.",
    expected: |fingerprint| format!("البصمة المتوقعة: {}", iso(fingerprint)),
    open_node: "فتح إعدادات تلك العقدة",
    register: "تسجيله",
    choose_region: "اختيار منطقة",
    ignore: "تجاهل",
    ignored_by: |who, when| format!("تجاهله {}، {}", iso(who), iso(when)),
    undo: "تراجع",
    ignored_said: "سيُتجاهل من الآن",
    shown_said: "عاد إلى الظهور",
    link: "عُقد غير مسجّلة",
    prefilled: "معبّأ مما يدّعيه الخادم عن نفسه. يحصل على سرّ خاص به: السرّ الذي يقدّمه الآن يبقى مرفوضًا.",
};
