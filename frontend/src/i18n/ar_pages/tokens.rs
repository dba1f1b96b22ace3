//! Arabic words about automation tokens.

use common::tokens::{TokenScope, TokenState};

use super::glossary::iso;
use crate::i18n::en_pages::tokens::TokenWords;
use crate::i18n::plural::ar;

const DAYS: [&str; 6] = ["# يوم", "يوم واحد", "يومان", "# أيام", "# يومًا", "# يوم"];

/// Tokens.
pub(super) const TOKENS: TokenWords = TokenWords {
    sub: "برموز الوصول تستدعي البرامج واجهة API. لا تستخدمها العُقد، فلكل عقدة سرّها.",
    new: "رمز وصول جديد",
    none: "لا رموز وصول بعد",
    none_text: "برموز الوصول تستدعي البرامج واجهة API. لا تستخدمها العُقد، فلكل عقدة سرّها.",
    table: "رموز الوصول",
    name: "الاسم",
    scope: "النطاق",
    scope_of: |scope| match scope {
        TokenScope::Read => "قراءة",
        TokenScope::Operate => "تشغيل",
        TokenScope::Admin => "إدارة",
    },
    scope_hint: |scope| match scope {
        TokenScope::Read => "يقرأ كل شيء ولا يغيّر شيئًا.",
        TokenScope::Operate => "يغيّر المناطق والعُقد كما يجوز للمشغّل.",
        TokenScope::Admin => "والأشخاص والمنصة أيضًا كما يجوز للمدير.",
    },
    scope_off: |role| format!("لا يجوز للرمز أكثر مما يجوز لك. يتطلب هذا دور «{role}»."),
    regions: "المناطق",
    all_regions: "كلها",
    created_by: "أنشأه",
    expires: "ينتهي",
    never: "أبدًا",
    never_hint: "رمز بلا نهاية مفتاح لا يبدّله أحد.",
    in_time: |time| format!("بعد {}", iso(time)),
    ends_soon: |time| format!("ينتهي بعد {}", iso(time)),
    expired_ago: |time| format!("انتهى قبل {}", iso(time)),
    last_used: "آخر استخدام",
    unused: "أبدًا",
    used_from: |ago, from| format!("{ago}، {}", iso(from)),
    state: "الحالة",
    state_of: |state| match state {
        TokenState::Active => "مُفعّل",
        TokenState::Expired => "منتهٍ",
        TokenState::Revoked => "مُبطل",
    },
    revoked_by: |who| format!("أبطله {}", iso(who)),
    action: "إجراء",
    networks_of: |networks| format!("من {} فقط", iso(networks)),
    kept: |days| format!("يبقى ما انتهى أو أُبطل في هذه القائمة {}.", ar(days, DAYS)),

    new_sub: "لا يجوز للرمز أكثر مما يجوز لك، وينتهي مع حسابك.",
    name_hint: "ما يستخدمه، مثل \u{2068}ci-deploy\u{2069}. يظهر هذا الاسم في سجل النشاط.",
    need_name: "سمِّ ما يستخدمه.",
    days: |n| ar(n, DAYS),
    year: "سنة واحدة",
    no_end: "بلا نهاية",
    no_end_warning: "من يجد هذا الرمز يستخدمه حتى يُبطله أحد. اختر له نهاية ما أمكن: تذكّر بها هذه الصفحة ولوحة المتابعة قبل 14 و7 أيام ويوم.",
    networks: "العناوين المسموح بها",
    networks_hint: "عنوان أو شبكة في كل سطر، مثل \u{2068}10.2.0.0/16\u{2069}. فارغ: من أي مكان.",
    make: "إنشاء الرمز",
    making: "جارٍ إنشاء الرمز…",
    cancel: "إلغاء",

    made: |name| format!("رمز الوصول {}", iso(name)),
    shown_once: "يُعرض مرة واحدة",
    copy_now: "انسخه الآن. لا يُحفظ في أي مكان ولا يُعرض ثانية.",
    shown_before: "هذا جواب مكرر لطلب سابق، بلا نص الرمز. إن لم ينسخه أحد فأبطل هذا الرمز وأنشئ غيره.",
    label: "رمز الوصول",
    copy: "نسخ الرمز",
    use_it: "كيف يستخدمه برنامج",
    use_text: "يوضع في الترويسة \u{2068}Authorization\u{2069}. احفظه حيث يحفظ برنامجك أسراره، لا في البرنامج.",
    copy_line: "نسخ السطر",
    docs: "مرجع API",
    stored: "حفظتُه",
    stored_first: "أكّد أولًا أنك حفظت الرمز.",
    leave: "لن يُعرض الرمز ثانية. هل تغادر مع ذلك؟",
    done: "تم",

    actions_of: |name| format!("إجراءات {}", iso(name)),
    rename: "إعادة التسمية",
    rename_of: |name| format!("إعادة تسمية {}", iso(name)),
    rename_text: "يبقى نصه وما يُسمح له به كما هما. يظهر الاسم الجديد في سجل النشاط من الآن.",
    renaming: "جارٍ إعادة التسمية…",
    renamed: |name| format!("صار اسم الرمز {}.", iso(name)),
    renamed_meanwhile: |name| format!("سمّاه شخص آخر {} في الأثناء. أرسل اسمك مجددًا ليحل محله.", iso(name)),

    revoke: "إبطال",
    revoke_title: |name| format!("إبطال {}", iso(name)),
    revoke_used: |name, ago, from| {
        format!("استُخدم {} {ago} من {}، وتفشل البرامج التي تستخدمه فورًا.", iso(name), iso(from))
    },
    revoke_text: "تفشل البرامج التي تستخدمه فورًا. الرمز المُبطل لا يعمل ثانية أبدًا.",
    revoke_softer: "للتبديل بلا انقطاع أنشئ رمزًا جديدًا أولًا، وأعطه للبرامج، ثم أبطل هذا.",
    revoking: "جارٍ الإبطال…",
    revoked: |name| format!("أُبطل {}.", iso(name)),
};
