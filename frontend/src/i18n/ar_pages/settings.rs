//! Arabic words of the settings.

use super::super::en_pages::settings::SettingsWords;
use crate::state::prefs::{Contrast, Density, Digits, Frequency, Motion, Zone};

/// Settings.
pub(crate) const SETTINGS: SettingsWords = SettingsWords {
    tabs: "الإعدادات",
    general: "عام",
    appearance: "المظهر",
    maintenance: "صيانة المنصة",
    about: "حول",
    menu: "المظهر واللغة",

    appearance_lead: "محفوظ في هذا المتصفح، لك وحدك.",
    look: "الشكل",
    reading: "اللغة والأرقام",
    behaviour: "السلوك",
    contrast: "التباين",
    contrast_name: |contrast| match contrast {
        Contrast::System => "حسب النظام",
        Contrast::More => "أعلى",
    },
    density: "الكثافة",
    density_name: |density| match density {
        Density::Comfortable => "مريحة",
        Density::Compact => "متراصّة",
    },
    density_hint: "ارتفاع صفوف الجداول والأزرار والحقول.",
    language_hint: "اختيار لغة أخرى يحمّل الصفحة من جديد. ما كُتب ولم يُحفظ يضيع.",
    digits: "الأرقام",
    digits_name: |digits| match digits {
        Digits::Latin => "123",
        Digits::Arabic => "١٢٣",
    },
    digits_hint: "للأعداد والأوقات. تبقى العناوين والمعرّفات والإصدارات كما هي.",
    zone: "المنطقة الزمنية",
    zone_name: |zone, browser| match zone {
        Zone::Browser => format!("منطقة هذا المتصفح (\u{2068}{browser}\u{2069})"),
        Zone::Utc => "التوقيت العالمي UTC".into(),
    },
    zone_hint: |now| format!("تُكتب الأوقات بنظام 24 ساعة. الآن: \u{2068}{now}\u{2069}"),
    motion: "الحركة",
    motion_name: |motion| match motion {
        Motion::System => "حسب النظام",
        Motion::Reduced => "بلا حركة",
    },
    frequency: "تحديث الأرقام",
    frequency_name: |frequency| match frequency {
        Frequency::EverySecond => "كل ثانية",
        Frequency::EveryFive => "كل 5 ثوانٍ",
        Frequency::EveryThirty => "كل 30 ثانية",
    },
    frequency_hint: "كم مرة يجوز أن تتغير الأرقام على الشاشة. تُعلن المشكلات فورًا في كل الأحوال.",
    single_keys: "اختصارات من حرف واحد",
    single_keys_hint: "عند الإيقاف تُستخدم الحروف للكتابة فقط. يبقى \u{2068}Ctrl K\u{2069} و\u{2068}Escape\u{2069}.",

    about_lead: "أيّ وحدة تحكم هذه، ومن شارك عمله فيها.",
    console_version: "وحدة التحكم",
    server_version: "الخادم المركزي",
    bundle: "البناء",
    started: "بدأ الخادم المركزي",
    licence: "الترخيص",
    parts: "أعمال الآخرين في هذه الصفحة",
    parts_lead: "تُقدَّم مع وحدة التحكم بتراخيصها الخاصة.",
    part: "العمل",
    part_licence: "الترخيص",
};
