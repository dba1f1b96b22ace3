//! Arabic sentences about the settings of a server: their forms, and what a file that was pasted says.

use common::snippet::{Form, Setting, SnippetError};

use super::glossary::{iso, number};
use crate::i18n::en_pages::handover::HandoverWords;

/// Arabic.
pub(super) const HANDOVER: HandoverWords = HandoverWords {
    forms: "صيغة الإعدادات",
    form: |form| match form {
        Form::File => "ملف",
        Form::Environment => "متغيرات البيئة",
        Form::Compose => "\u{2068}docker-compose\u{2069}",
        Form::Systemd => "\u{2068}systemd\u{2069}",
    },
    form_hint: |form| match form {
        Form::File => "ضع هذا في \u{2068}appsettings.json\u{2069} على الخادم. النسخ والتنزيل يتضمنان السرّ.",
        Form::Environment => "الإعدادات نفسها متغيراتٍ، لخادم أو وكيل بلا ملف. النسخ والتنزيل يتضمنان السرّ.",
        Form::Compose => {
            "خدمة تشغّل الوكيل بهذه الإعدادات. يُتوقع البرنامج في المسار المذكور. النسخ والتنزيل يتضمنان السرّ."
        }
        Form::Systemd => "وحدة تشغّل الوكيل بالملف، ويُتوقع الملف في المسار المذكور. لا تتضمن السرّ.",
    },
    download: |file| format!("تنزيل {}", iso(file)),
    check: "افحص ملفي",
    check_lead: "الصق \u{2068}appsettings.json\u{2069} من الخادم. يُقرأ في هذا المتصفح، ولا يُرسل شيء.",
    check_label: "محتوى \u{2068}appsettings.json\u{2069}",
    fits: "الملف يطابق هذه العقدة.",
    differs: |n| match n {
        1 => "إعداد واحد مختلف.".to_owned(),
        2 => "إعدادان مختلفان.".to_owned(),
        n => format!("{} إعدادات مختلفة.", number(n)),
    },
    unreadable: |e| match e {
        SnippetError::Json(_) => "هذا ليس JSON. والتعليقات غير مسموح بها أيضًا.",
        SnippetError::NoKey => {
            "لا يوجد \u{2068}ApiKey\u{2069} في الأقسام \u{2068}Server\u{2069} أو \u{2068}Proxy\u{2069} أو \u{2068}Security\u{2069}."
        }
        SnippetError::TwoKinds => {
            "في أكثر من قسم من \u{2068}Server\u{2069} و\u{2068}Proxy\u{2069} و\u{2068}Security\u{2069} مفتاح \u{2068}ApiKey\u{2069}."
        }
        SnippetError::NoUrl => "لا يوجد \u{2068}Infrastructure:Url\u{2069}، أي عنوان الخادم المركزي هذا.",
    },
    setting: |setting| match setting {
        Setting::Kind => "القسم",
        Setting::Id => "معرّف العقدة",
        Setting::Region => "معرّف المنطقة",
        Setting::Secret => "بصمة السرّ",
        Setting::Url => "عنوان الخادم المركزي",
    },
    same: "كما هو مسجّل",
    other: "مختلف",
    missing: "ليس في الملف",
    should: "والمطلوب",
    empty: "إفراغ",
    free: "نقطة النهاية غير مستخدمة",
    taken: "مسجّلة من قبل باسم",
};
