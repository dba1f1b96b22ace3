//! The Arabic words of the console: one term for one concept, and nouns that agree with their number.
//!
//! | English | Arabic |
//! |---|---|
//! | region | منطقة، مناطق |
//! | node | عقدة، عُقد (a registered process) |
//! | server | خادم، خوادم (the machine and its program) |
//! | proxy | بوابة، بوابات |
//! | backend | عقدة معالجة، عُقد معالجة |
//! | background node, frontend node | عقدة الخلفية، عقدة الواجهة |
//! | control plane, console | الخادم المركزي، وحدة التحكم |
//! | heartbeat | نبضة، نبضات |
//! | live (a node that beats), silent | نابض، صامت |
//! | conversation, call, session | محادثة، مكالمة، جلسة |
//! | slot | خانة |
//! | outbound pipeline | المكالمات الصادرة |
//! | processing, pending | قيد المعالجة، في الانتظار |
//! | active / total, accepting | نشط / الإجمالي، تستقبل مكالمات جديدة |
//! | maintenance, disable, enable | صيانة، تعطيل، تفعيل |
//! | active (intent), intent | مُفعّل، الحالة المطلوبة |
//! | drain, shut down, restart | إفراغ، إيقاف، إعادة تشغيل |
//! | delete, remove, discard, cancel | حذف، إزالة، تجاهل، إلغاء |
//! | secret, key, token, fingerprint | سرّ، مفتاح، رمز وصول، بصمة |
//! | webhook, delivery, attempt, receiver | خطاف ويب، تسليم، محاولة، مستقبِل |
//! | rotate, revoke | تدوير، إبطال |
//! | command, order, signal | أمر، أوامر |
//! | job, run | مهمة، تنفيذ |
//! | endpoint, host name, version, label | نقطة النهاية، اسم المضيف، إصدار، وسم |
//! | storage, bucket | تخزين، حاوية |
//! | problem, incident, snooze | مشكلة، حادثة، تأجيل |
//! | refused, denied | مرفوض، ممنوع |
//! | figures, metrics | الأرقام، المقاييس |
//! | activity, entry, timeline | سجل النشاط، إدخال، الخط الزمني |
//!
//! Status words are those of the design: متصل، غير متصل، متأخر، غير مسجّل، لم يظهر بعد، معطّل، إعادة تشغيل، قيد الإفراغ،
//! صيانة، قيد التشغيل. Verbs stand before their subject, so that they need no plural. Ids, endpoints, versions and names
//! of files stay Latin; a value in a sentence is put between isolates by [`iso`].

use crate::i18n::plural::{self, Count, Plural};

pub(in crate::i18n) use crate::i18n::plural::num as number;
/// A value that keeps its own direction inside a sentence.
pub(in crate::i18n) use crate::i18n::problems::id as iso;

/// A counted noun as a subject: `عقدتان`, `5 عُقد`.
pub(in crate::i18n) fn nom(n: impl Count, noun: &Noun) -> String {
    counted(n, noun, noun.two)
}

/// A counted noun after a verb or a preposition: `عقدتين`, `5 عُقد`.
pub(in crate::i18n) fn obl(n: impl Count, noun: &Noun) -> String {
    counted(n, noun, noun.two_oblique)
}

fn counted(n: impl Count, noun: &Noun, two: &str) -> String {
    let word = match plural::arabic(n.n()) {
        Plural::One => return noun.one.to_owned(),
        Plural::Two => return two.to_owned(),
        Plural::Few => noun.few,
        Plural::Many => noun.many,
        Plural::Zero | Plural::Other => noun.other,
    };
    format!("{} {word}", number(n))
}

/// A noun and what becomes of it beside a number. `many` is the singular accusative (11 to 99), `other` the singular
/// after hundreds and zero.
pub(in crate::i18n) struct Noun {
    one: &'static str,
    /// The dual as a subject.
    two: &'static str,
    /// The dual after a verb or a preposition.
    two_oblique: &'static str,
    few: &'static str,
    many: &'static str,
    other: &'static str,
}

const fn noun(
    one: &'static str,
    [two, two_oblique]: [&'static str; 2],
    few: &'static str,
    many: &'static str,
    other: &'static str,
) -> Noun {
    Noun { one, two, two_oblique, few, many, other }
}

/// A node.
pub(in crate::i18n) const NODE: Noun = noun("عقدة واحدة", ["عقدتان", "عقدتين"], "عُقد", "عقدة", "عقدة");
/// A proxy.
pub(in crate::i18n) const PROXY: Noun =
    noun("بوابة واحدة", ["بوابتان", "بوابتين"], "بوابات", "بوابة", "بوابة");
/// A backend.
pub(in crate::i18n) const BACKEND: Noun =
    noun("عقدة معالجة واحدة", ["عقدتا معالجة", "عقدتي معالجة"], "عُقد معالجة", "عقدة معالجة", "عقدة معالجة");
/// The background node, of which there is one.
pub(in crate::i18n) const BACKGROUND: Noun =
    noun("عقدة خلفية واحدة", ["عقدتا خلفية", "عقدتي خلفية"], "عُقد خلفية", "عقدة خلفية", "عقدة خلفية");
/// A region.
pub(in crate::i18n) const REGION: Noun =
    noun("منطقة واحدة", ["منطقتان", "منطقتين"], "مناطق", "منطقة", "منطقة");
/// A call.
pub(in crate::i18n) const CALL: Noun =
    noun("مكالمة واحدة", ["مكالمتان", "مكالمتين"], "مكالمات", "مكالمة", "مكالمة");
/// An outbound call.
pub(in crate::i18n) const OUTBOUND: Noun = noun(
    "مكالمة صادرة واحدة",
    ["مكالمتان صادرتان", "مكالمتين صادرتين"],
    "مكالمات صادرة",
    "مكالمة صادرة",
    "مكالمة صادرة",
);
/// A conversation.
pub(in crate::i18n) const CONVERSATION: Noun =
    noun("محادثة واحدة", ["محادثتان", "محادثتين"], "محادثات", "محادثة", "محادثة");
/// A slot for a conversation.
pub(in crate::i18n) const SLOT: Noun = noun("خانة واحدة", ["خانتان", "خانتين"], "خانات", "خانة", "خانة");
/// How often.
pub(in crate::i18n) const TIMES: Noun = noun("مرة واحدة", ["مرتان", "مرتين"], "مرات", "مرة", "مرة");
/// A country.
pub(in crate::i18n) const COUNTRY: Noun = noun("دولة واحدة", ["دولتان", "دولتين"], "دول", "دولة", "دولة");
/// An unregistered server.
pub(in crate::i18n) const STRANGER: Noun = noun(
    "خادم واحد غير مسجّل",
    ["خادمان غير مسجّلين", "خادمين غير مسجّلين"],
    "خوادم غير مسجّلة",
    "خادمًا غير مسجّل",
    "خادم غير مسجّل",
);
/// An entry of the log.
pub(in crate::i18n) const ENTRY: Noun = noun("إدخال واحد", ["إدخالان", "إدخالين"], "إدخالات", "إدخالًا", "إدخال");
/// A new entry of the log.
pub(in crate::i18n) const NEW_ENTRY: Noun =
    noun("إدخال جديد", ["إدخالان جديدان", "إدخالين جديدين"], "إدخالات جديدة", "إدخالًا جديدًا", "إدخال جديد");
/// A process.
pub(in crate::i18n) const PROCESS: Noun =
    noun("عملية واحدة", ["عمليتان", "عمليتين"], "عمليات", "عملية", "عملية");
/// A version.
pub(in crate::i18n) const VERSION: Noun =
    noun("إصدار واحد", ["إصداران", "إصدارين"], "إصدارات", "إصدارًا", "إصدار");
/// A step.
pub(in crate::i18n) const STEP: Noun = noun("خطوة واحدة", ["خطوتان", "خطوتين"], "خطوات", "خطوة", "خطوة");
/// A problem.
pub(in crate::i18n) const PROBLEM: Noun =
    noun("مشكلة واحدة", ["مشكلتان", "مشكلتين"], "مشكلات", "مشكلة", "مشكلة");
/// A correction a form asks for.
pub(in crate::i18n) const CORRECTION: Noun =
    noun("تصحيح واحد", ["تصحيحان", "تصحيحين"], "تصحيحات", "تصحيحًا", "تصحيح");
