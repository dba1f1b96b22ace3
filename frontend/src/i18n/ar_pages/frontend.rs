//! Arabic: the frontend node, the control plane's own processes.

use common::singleton::FrontendState;

use super::glossary::{iso, number};
use crate::i18n::en_pages::frontend::FrontendWords;

/// Arabic.
pub(super) const FRONTEND: FrontendWords = FrontendWords {
    title: "عقدة الواجهة",
    sub: "الخادم المركزي نفسه، كما تصف عملياته نفسها.",
    differ_title: "عُقد الواجهة تعمل بإصدارات مختلفة",
    differ: "عمليتان بإصدارين مختلفين تعرضان وحدتي تحكم مختلفتين وقد يختلف حكمهما. وحّد إصداراتها.",
    state: |state| match state {
        FrontendState::Live => "متصل",
        FrontendState::Stale => "متأخر",
        FrontendState::Gone => "ذهب",
    },
    answers: "تجيب هذه الصفحة",
    version: "الإصدار",
    page: "هذه الصفحة",
    page_same: "من البناء نفسه",
    page_other: "من بناء آخر: أعد تحميل الصفحة",
    page_unknown: "البناء غير معلوم",
    page_none: "هذه العملية لا تحمل وحدة تحكم",
    up: "تعمل منذ",
    up_for: |at, age| format!("{}، منذ {}", iso(at), iso(age)),
    machine: "الجهاز",
    pid: |pid| format!("العملية {}", iso(&pid.to_string())),
    listen: "تستمع على",
    last_seen: "آخر خبر",
    cpu: "المعالج",
    memory: "الذاكرة",
    memory_of: |used, total, percent| {
        format!("{}؛ يستخدم الجهاز {} من {}", iso(used), iso(percent), iso(total))
    },
    heartbeats: "النبضات",
    per_second: |n| format!("{} كل ثانية", iso(n)),
    streams: "القنوات المفتوحة",
    charts_of: "مخططات",
    charts_option: |host, at| format!("{}، بدأ {}", iso(host), iso(at)),
    database: "قاعدة البيانات",
    database_ok: |ms| format!("تستجيب خلال {}", iso(ms)),
    database_bad: "لا تستجيب",
    schema: "أحدث ترحيل",
    sweeper: "كاشف المتأخرين",
    sweeper_ok: |ago| format!("عمل قبل {}", iso(ago)),
    sweeper_late: |ago| format!("تأخر؛ عمل قبل {}", iso(ago)),
    sweeper_idle: "تقوم به عملية أخرى",
    late: |ms| format!("{} بعد موعده", iso(&format!("{} ms", number(ms)))),
    clock_ok: |at| format!("ساعة الخادم: {}.", iso(at)),
    health: "السلامة",
    copy_restart: "نسخ الأمر",
    restart: "إعادة التشغيل من شأن مدير الخدمات. تبقى الحالات محفوظة وتُؤكَّد من جديد مع وصول النبضات.",
};
