//! Arabic sentences about regions.

use super::glossary::{NODE, REGION as REGIONS_COUNTED, iso, number, obl};
use crate::i18n::en_pages::regions::{KindWords, RegionCardWords, RegionNewWords, RegionWords, RegionsWords};

/// What a node does.
pub(super) const KIND: KindWords =
    KindWords {
        proxy: "بوابة", backend: "عقدة معالجة", background: "عقدة الخلفية"
    };

/// The card of a region.
pub(super) const REGION_CARD: RegionCardWords = RegionCardWords {
    backend: "المعالجة",
    proxy: "البوابات",
    conversations: "المحادثات",
    pending: "في الانتظار",
    storage_ok: "التخزين سليم",
    storage_ok_here: "التخزين سليم من جهة الخادم",
    storage_nodes: |text, failing, of| {
        if of == 1 {
            format!("{text}؛ العقدة الوحيدة التي تفحصه تبلغ عن عطل")
        } else {
            format!("{text}؛ يبلغ عن العطل {} من {}", number(failing), obl(of, &NODE))
        }
    },
    storage_failing: |since| format!("التخزين متعطّل منذ {}", iso(since)),
    storage_unknown: "لم يُفحص التخزين بعد",
    storage_none: "لا تخزين بعد",
};

/// The list of regions.
pub(super) const REGIONS: RegionsWords = RegionsWords {
    title: "المناطق",
    add: "إضافة منطقة",
    filter: "تصفية بالاسم أو المعرّف أو الدولة",
    of: |n, all| format!("{} من {}", number(n), obl(all, &REGIONS_COUNTED)),
    list: "كل المناطق",
    empty_title: "لا مناطق بعد",
    empty_text: "تجمع المنطقة الخوادم والتخزين في مكان واحد، مثل \u{2068}OM-MCT\u{2069}.",
    none_title: "لا منطقة تطابق هذه التصفية",
};

/// The form for a new region.
pub(super) const REGION_NEW: RegionNewWords = RegionNewWords {
    title: "إضافة منطقة",
    intro: "تجمع المنطقة البوابات وعُقد المعالجة والتخزين في مكان واحد.",
    country: "الدولة",
    country_error: "اختر دولة من القائمة.",
    country_hint: "حيث توجد الخوادم. ابحث بالاسم أو الرمز.",
    name: "اسم المنطقة",
    name_hint: "أحرف لاتينية وأرقام وواصلات، مثل \u{2068}us-east-1\u{2069}.",
    display: "الاسم المعروض",
    display_hint: "يظهر بجانب معرّف المنطقة، مثل مسقط.",
    preview: "معرّف المنطقة، وهو ما تكتبه في \u{2068}appsettings.json\u{2069}",
    preview_empty: "COUNTRY-NAME",
    preview_hint: "يتكوّن من الدولة والاسم. إذا بدأ الاسم برمز الدولة فلا يتكرر الرمز.",
    copy_id: "نسخ معرّف المنطقة",
    free: "هذا المعرّف متاح.",
    taken: |id| format!("{} موجودة من قبل.", iso(id)),
    open_it: "فتحها",
    maintenance: "البدء في وضع الصيانة",
    maintenance_hint: "لا تُرسل إليها مكالمات جديدة حتى يُنهي مشغّل الصيانة.",
    fixed: "لا يمكن تغيير معرّف المنطقة لاحقًا.",
    cancel: "إلغاء",
    create: "إنشاء المنطقة",
    creating: "جارٍ الإنشاء…",
    added: |id| format!("أُضيفت المنطقة {}", iso(id)),
};

/// The page of a region.
pub(super) const REGION: RegionWords = RegionWords {
    missing_title: "المنطقة غير موجودة",
    missing: |id| format!("لا توجد منطقة باسم {}", iso(id)),
    day: "آخر 24 ساعة",
    day_said: |parts| format!("آخر 24 ساعة، الأقدم أولًا: {parts}"),
    was_whole: "كل العُقد أبلغت",
    was_partly: "بعض العُقد صامتة",
    was_none: "لم تُبلغ أي عقدة من نوع ما",
    was_empty: "لا عُقد مسجّلة",
    was_unknown: "لا بيانات",
    missing_text: "حُذفت، أو كُتب العنوان خطأً.",
    to_list: "كل المناطق",
    conversations: "المحادثات الجارية",
    phone: "هاتف",
    web: "ويب",
    slots: |used, max, percent| match percent {
        Some(p) => format!("الخانات المستخدمة {} من {} ({})", iso(used), iso(max), iso(p)),
        None => format!("الخانات المستخدمة {} من {}", iso(used), iso(max)),
    },
    outbound: "المكالمات الصادرة",
    processing: "قيد المعالجة",
    pending: "في الانتظار",
    backends: "عُقد المعالجة · نشط / الإجمالي",
    proxies: "البوابات · نشط / الإجمالي",
    accepting: "تستقبل مكالمات جديدة",
    fix: |n| format!("كيف أصلح {}؟", iso(&format!("0/{}", number(n)))),
    proxies_list: "البوابات",
    backends_list: "عُقد المعالجة",
    add_proxy: "إضافة بوابة",
    add_backend: "إضافة عقدة معالجة",
    no_proxy: "لا بوابة في هذه المنطقة",
    no_backend: "لا عقدة معالجة في هذه المنطقة",
    first_proxy: "أضف بوابة",
    first_proxy_text: "بوابة إشارات على منفذ SIP رقم 5060: تتصل بشركات الاتصالات وتُجري المكالمات الصادرة.",
    first_backend: "أضف عقدة معالجة",
    first_backend_text: "تعالج الصوت على منفذ SIP رقم 5080، وتجري فيها المحادثات.",
};
