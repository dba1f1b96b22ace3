//! Arabic words of what every page shares: the frame, states of pages, messages, settings.

use super::glossary::iso;
use crate::i18n::en_pages::states::StateWords;
use crate::i18n::plural::ar;

/// Arabic.
pub(super) const STATES: StateWords = StateWords {
    home: "البنية التحتية",
    nav_admin: "الإدارة",
    problems: |n| {
        ar(
            n,
            [
                "لا مشكلات مفتوحة",
                "مشكلة مفتوحة واحدة",
                "مشكلتان مفتوحتان",
                "# مشكلات مفتوحة",
                "# مشكلة مفتوحة",
                "# مشكلة مفتوحة",
            ],
        )
    },
    help_here: "مساعدة لهذه الصفحة",
    slow: "ما زال التحميل جاريًا. لم يجب الخادم المركزي منذ 8 ثوانٍ.",
    toasts: "الرسائل",
    undo: "تراجع",
    undone: "تم التراجع",
    undo_failed: |why| format!("تعذّر التراجع. {why}"),
    typed_stays: "سيضيع ما كتبته. زر الإلغاء يغلق هذه النافذة.",
    typed_differs: |phrase| format!("ليس هذا الاسم. اكتب {} كما هو.", iso(phrase)),
    turning_on: "يجري تشغيل الصيانة…",
    disabling: "يجري التعطيل…",
    enabling: "يجري التفعيل…",
    shutting_down: "يجري الإيقاف…",
    deleting: "يجري الحذف…",
    printed: |time| format!("القراءات كما في {time}"),
    did_you_mean: "هل تقصد",
    search_instead: "ابحث في وحدة التحكم",
    settings: "الإعدادات",
    general_lead: "كيف تحكم هذه المنصة على عُقدها وما الذي تحتفظ به. تُضبط هذه القيم عند تشغيل الخادم المركزي.",
    timers: "النبضات",
    interval: "الفاصل",
    interval_text: "بهذا التكرار يُطلب من كل عقدة أن ترسل نبضة.",
    stale_after: "متأخرة بعد",
    stale_text: "العقدة التي تصمت هذه المدة متأخرة، وقد تكون ما زالت تعمل.",
    offline_after: "غير متصلة بعد",
    offline_text: "العقدة التي تصمت هذه المدة تُعد غائبة وتُفتح لها مشكلة.",
    retention: "مدة الاحتفاظ",
    forbidden_title: "ليست لدورك",
    forbidden: |role| format!("تحتاج هذه الصفحة إلى دور {role}"),
    forbidden_who: |own, who| format!("دورك الحالي: {own}. {who}"),
    operators_have_it: "الدور لدى المشغّلين والمديرين. اطلب من أحدهم أن يقوم بذلك، أو اطلب الدور من مدير.",
    admins_have_it: "الدور لدى المديرين. اطلب ذلك من أحدهم.",
    kept_activity: "سجل النشاط",
    kept_runs: "عمليات تنفيذ المهام",
    kept_commands: "إيصالات الأوامر",
    kept_diary: "النبضات المرفوضة",
    days: |n| ar(n, ["أقل من يوم", "يوم واحد", "يومان", "# أيام", "# يومًا", "# يوم"]),
    server: "الخادم المركزي",
    version: "الإصدار",
    started: "بدأ التشغيل",
    public_url: "العنوان للعُقد",
    public_url_none: "غير مضبوط. تُعطى العُقد عنوان هذه الصفحة.",
    reach: "يمكن الوصول إليه من",
    reach_loopback: "هذا الجهاز فقط: لا تستطيع الخوادم الأخرى إرسال نبضات.",
    reach_all: "أجهزة أخرى أيضًا.",
};
