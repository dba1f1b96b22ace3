//! Arabic words of the connection's details, of the pause, and of a session that ended.

use super::glossary::iso;
use crate::i18n::en_pages::live::LiveWords;
use crate::i18n::plural;

/// The connection's details, the pause, and a session that ended.
pub(super) const LIVE: LiveWords = LiveWords {
    paused: |time, n| match n {
        0 => format!("متوقّف منذ {}", iso(time)),
        n => {
            let changes =
                plural::ar(n, ["لا تغييرات", "تغيير واحد", "تغييران", "# تغييرات", "# تغييرًا", "# تغيير"]);
            format!("متوقّف منذ {} · {changes}", iso(time))
        }
    },
    paused_means: "الأرقام ثابتة. المشكلات الجديدة ما زالت تُعلن، والإجراءات تعمل.",
    pause: "إيقاف التحديث مؤقتًا",
    resume: "استئناف التحديث",
    refresh: "تحديث الآن",
    frequency: "تتغيّر الأرقام",
    every: |seconds| {
        plural::ar(seconds, ["كل ثانية", "كل ثانية", "كل ثانيتين", "كل # ثوانٍ", "كل # ثانية", "كل # ثانية"])
    },
    last_frame: "آخر رسالة",
    ago: |age| format!("قبل {}", iso(age)),
    server_time: "وقت الخادم المركزي",
    clock: "ساعة هذا الحاسوب",
    clock_off: |by, ahead| format!("{} بمقدار {}", if ahead { "متقدّمة" } else { "متأخّرة" }, iso(by)),
    clock_right: "مطابقة للخادم المركزي",
    clock_note: "تُحسب الأعمار في هذه الصفحة من ساعة الخادم المركزي.",
    stream: "البث",
    place: "هذا التبويب",
    leads: |tabs| match tabs {
        0 | 1 => "يحمل الاتصال".into(),
        tabs => plural::ar(
            tabs,
            [
                "يحمل الاتصال",
                "يحمل الاتصال",
                "يحمل اتصال تبويبين",
                "يحمل اتصال # تبويبات",
                "يحمل اتصال # تبويبًا",
                "يحمل اتصال # تبويب",
            ],
        ),
    },
    follows: "يتلقّى أرقامه من تبويب آخر",
    asking: "يبحث عن تبويبات أخرى",
    copy: "نسخ بيانات التشخيص",
    say_paused: "توقّف التحديث مؤقتًا.",
    say_resumed: "استؤنف التحديث.",
    more: |n| plural::ar(n, ["+#", "+# آخر", "+# آخران", "+# أخرى", "+# أخرى", "+# أخرى"]),
    fewer: "إظهار واحد",
    ended_title: "انتهت جلستك",
    ended: "سجّل الدخول للمتابعة. ما كتبته محفوظ.",
    ended_other: "الانتقال إلى صفحة تسجيل الدخول",
};
