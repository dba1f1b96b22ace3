//! Arabic sentences for taking nodes, regions and the platform out of service and back.

use common::intent::{EffectCode, PreconditionCode};

use super::glossary::{CONVERSATION, NODE, OUTBOUND, SLOT, iso, nom, number, obl};
use crate::i18n::en_pages::lifecycle::{LifecycleWords, Noun};
use crate::i18n::plural;

fn whole(noun: Noun, name: &str) -> String {
    match noun {
        Noun::Node => format!("العقدة {}", iso(name)),
        Noun::Region => format!("المنطقة {}", iso(name)),
        Noun::Platform => "المنصة كلها".to_owned(),
    }
}

fn effect(code: EffectCode, region: Option<&str>, kind: Option<&str>, count: Option<u32>) -> String {
    let here = region.map_or_else(|| "منطقتها".to_owned(), iso);
    let kind = kind.unwrap_or("عقدة");
    let slots = count.map_or_else(|| "عدد غير معلوم من الخانات".to_owned(), |n| obl(n, &SLOT));
    match code {
        EffectCode::LastLive => {
            format!("هذه آخر {kind} نابضة في {here}. ستُرفض المكالمات الجديدة هناك.")
        }
        EffectCode::HeadroomShort => {
            format!("لا يبقى في {here} إلا {slots}، أي أقل من محادثاتها الآن.")
        }
        EffectCode::HeadroomTight => {
            format!("لا يبقى في {here} إلا {slots}، أي بالكاد ما يكفي محادثاتها الآن.")
        }
        EffectCode::AnotherDrain => format!("في {here} عقدة أخرى قيد الإفراغ."),
        EffectCode::NotLive => match count {
            Some(1) | None => "عقدة واحدة غير نابضة: تنفّذ الأمر حين تعود.".to_owned(),
            Some(n) => format!("العُقد غير النابضة: {}. تنفّذ الأمر حين تعود.", nom(n, &NODE)),
        },
        EffectCode::Unjudgeable => {
            "لا يستطيع الخادم المركزي الحكم على الصمت الآن، فلا يعلم أي العُقد نابضة.".to_owned()
        }
        EffectCode::NoRestartSeen => match count {
            Some(1) | None => "لم تُشاهد وهي تعود من تلقاء نفسها. من دون مدير خدمات تبقى متوقفة.".to_owned(),
            Some(n) => {
                format!("لم تُشاهد عودة {} من تلقاء نفسها. من دون مدير خدمات تبقى متوقفة.", obl(n, &NODE))
            }
        },
        EffectCode::EndsSessions => match count {
            Some(n) => format!("تنتهي {} فورًا.", nom(n, &CONVERSATION)),
            None => "ينتهي فورًا عدد غير معلوم من المحادثات.".to_owned(),
        },
    }
}

/// Maintenance, disable, activate.
pub(super) const LIFECYCLE: LifecycleWords = LifecycleWords {
    actions: "الإجراءات",
    maintenance: "صيانة…",
    end_maintenance: "إنهاء الصيانة",
    disable: "تعطيل…",
    enable: "تفعيل…",
    shut_down: "إيقاف…",
    shut_down_all: "إيقاف كل العُقد…",
    delete: "حذف…",
    cancel: "إلغاء",
    close: "إغلاق",
    not_live: "لا تُوقَف إلا عقدة نابضة: غيرها لا يسمع الأمر.",
    maintenance_title: |noun, name| format!("وضع {} في الصيانة", whole(noun, name)),
    disable_title: |noun, name| format!("تعطيل {}", whole(noun, name)),
    enable_title: |noun, name| format!("تفعيل {}", whole(noun, name)),
    maintenance_text: |noun| match noun {
        Noun::Node => {
            "لا تستقبل مكالمات جديدة، وتستمر المكالمات الجارية. تبقى العملية قائمة. استخدمها قبل التحديث."
        }
        Noun::Region => {
            "لا تُرسل مكالمات جديدة إلى عُقدها من الآن، وتستمر المكالمات الجارية. المناطق الأخرى لا تحل محلها من تلقاء نفسها."
        }
        Noun::Platform => {
            "لا تستقبل أي منطقة مكالمات جديدة، وتستمر المكالمات الجارية. يظهر ذلك على كل عقدة على أنه موروث."
        }
    },
    disable_text: |noun| match noun {
        Noun::Node => {
            "تخرج من الخدمة نهائيًا: تكتمل المكالمات الجارية، ثم تنتهي العملية ولا تعود. لا تُحسب بعد ذلك من العُقد المتاحة."
        }
        _ => "تُفرَغ عُقدها وتنتهي عملياتها ولا تعود. استخدم الصيانة إذا كانت الخوادم ستبقى.",
    },
    enable_text: |noun| match noun {
        Noun::Node => "تستقبل المكالمات حالما تتصل. العملية التي انتهت يجب تشغيلها على خادمها.",
        _ => "تستقبل عُقدها المكالمات حالما تتصل. العمليات التي انتهت يجب تشغيلها.",
    },
    help_title: "صيانة أم تعطيل أم إيقاف أم حذف؟",
    help_maintenance: "الصيانة: تُرفض المكالمات الجديدة، وتستمر الجارية، وتبقى العملية قائمة. للتحديث أو لفحص الخادم. لا تنهيها إعادة التشغيل، بل أنت أو الموعد الذي تحدده.",
    help_disable: "التعطيل نهائي: تكتمل المكالمات الجارية، وتنتهي العملية بنجاح فلا يعيدها مدير الخدمات، ولا تُحسب العقدة بعد ذلك. تبقى مسجّلة مع سجلها حتى تُفعَّل أو تُحذف. لخادم يُراد إخراجه من الخدمة.",
    help_delete: "الحذف يزيل التسجيل والأرقام. لا يُحذف إلا المعطّل الصامت. الخادم الذي يواصل إرسال النبضات بعد ذلك تُرفض نبضاته.",
    help_shutdown: "الإيقاف ينهي العملية مرة واحدة، ثم يعيدها مدير الخدمات على الخادم. حالتها المطلوبة (مُفعّل أو صيانة) لا تتغير. لإعادة التشغيل بعد التحديث.",
    private_reason: "السبب",
    private_hint: "للمشغّلين؛ يُكتب في سجل النشاط.",
    public_reason: "رسالة إلى المستخدمين",
    public_hint: "تُبلَّغ بها العُقد، وقد تعرضها على المستخدمين.",
    public_default: "صيانة مجدولة",
    until: "تنتهي تلقائيًا في",
    until_hint: "بتوقيت متصفحك. إن تُرك فارغًا: حتى ينهيها أحد.",
    deadline: "يجب أن تنتهي المكالمات خلال",
    deadline_hint: "تُحسب من الآن.",
    deadlines: [("", "بلا مهلة"), ("15", "15 دقيقة"), ("60", "ساعة واحدة"), ("240", "4 ساعات")],
    then: "إذا بقيت مكالمات عندئذ",
    hold: "دعها تستمر",
    hold_hint: "تُسجَّل مشكلة، ولا تُقطع أي مكالمة.",
    force: "أنهِها",
    force_hint: "تُؤمر العقدة بإنهاء مكالماتها.",
    type_it: |name| format!("اكتب {} للتأكيد", iso(name)),
    type_first: "اكتب الاسم أولًا كما هو معروض تمامًا.",
    need_reason: "اذكر السبب في 1 إلى 500 حرف.",
    bad_time: "أدخل وقتًا لم يمضِ بعد.",
    need_understood: "اقرأ ما يعترض ذلك ثم ضع العلامة في المربع.",
    understood: "أفهم ذلك، وأريده مع ذلك",
    impact: "ما الذي سيحدث الآن",
    impact_loading: "جارٍ حساب ما سيحدث…",
    impact_failed: "تعذّر حساب ما سيحدث.",
    impact_none: "لا شيء يعترض ذلك.",
    reaches: |nodes, live| match (nodes, live) {
        (0, _) => "لا يصل إلى أي عقدة.".to_owned(),
        (1, 1) => "يصل إلى عقدة واحدة، وهي نابضة.".to_owned(),
        (1, _) => "يصل إلى عقدة واحدة، وهي غير نابضة.".to_owned(),
        (n, 0) => format!("يصل إلى {}، وكلها غير نابضة.", obl(n, &NODE)),
        (n, live) if n == live => format!("يصل إلى {}، وكلها نابضة.", obl(n, &NODE)),
        (n, live) => format!("يصل إلى {}، النابض منها {}.", obl(n, &NODE), number(live)),
    },
    work_now: |conversations, processing, longest| {
        let calls = conversations.map(|n| match n {
            0 => "لا محادثات الآن".to_owned(),
            n => format!("{} الآن", nom(n, &CONVERSATION)),
        });
        let out = processing.map(|n| match n {
            0 => "لا مكالمات صادرة قيد المعالجة".to_owned(),
            n => format!("{} قيد المعالجة", nom(n, &OUTBOUND)),
        });
        let longest = longest.filter(|_| conversations != Some(0)).map(|l| format!("أطولها {}", iso(l)));
        let parts: Vec<String> = [calls, longest, out].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    },
    effect,
    level_info: "ملاحظة",
    level_warn: "تحذير",
    level_block: "مانع",
    changed: "تغيّر الوضع. اقرأ من جديد.",
    failed: "لم يُنفَّذ",
    done_maintenance: |name| format!("{} في الصيانة.", iso(name)),
    done_disable: |name| format!("عُطّلت {}.", iso(name)),
    done_active: |name| format!("تستقبل {} المكالمات من جديد.", iso(name)),
    done_shutdown: |name| format!("{}: أمر الإيقاف ينتظر النبضة التالية.", iso(name)),
    done_delete: |name| format!("حُذفت {}.", iso(name)),
    fix: |code| match code {
        PreconditionCode::Disabled => "التعطيل…",
        PreconditionCode::Silent => "عرض النبضات",
        PreconditionCode::Judgeable => "عرض حال منصة التحكم",
        PreconditionCode::NoSessions => "عرض ما بقي من عمل",
        PreconditionCode::NoOpenCommand => "عرض الأوامر المفتوحة",
        PreconditionCode::NoNodes => "فتح قائمة العُقد",
    },
    background_phrase: "background",
    schedule_stops: "تتوقف المهام المجدولة حتى تعمل من جديد.",
    jobs_running: |names, n| {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        let text = plural::ar(
            n,
            [
                "لا مهام قيد التنفيذ",
                "مهمة واحدة قيد التنفيذ",
                "مهمتان قيد التنفيذ",
                "# مهام قيد التنفيذ",
                "# مهمة قيد التنفيذ",
                "# مهمة قيد التنفيذ",
            ],
        );
        format!("{text}: {names}. إكمال العمل الجاري أولًا يتركها تنتهي، والإيقاف فورًا يقطعها.")
    },
    region_delete_off: "يمكن حذف المنطقة عندما تكون معطّلة وبلا عُقد.",
    field_intent: "الحالة المطلوبة",
    field_reason: "السبب",
    active: "مُفعّل",
    own: |state, when, by| match by {
        Some(by) => format!("{state} منذ {}، بأمر {}", iso(when), iso(by)),
        None => format!("{state} منذ {}", iso(when)),
    },
    own_reason: |reason| format!("السبب: {}", iso(reason)),
    own_public: |text| format!("رسالة إلى المستخدمين: {}", iso(text)),
    own_until: |when| format!("تنتهي تلقائيًا في {}", iso(when)),
    inherited_region: |state, region| format!("{state}: موروث من المنطقة {}.", iso(region)),
    inherited_platform: "المنصة كلها في الصيانة.",
    open_region: "فتح المنطقة",
    open_platform: "فتح صيانة المنصة",
    inherited_more: "تُنهى من حيث بدأت.",
};
