//! Arabic sentences for drains, shutdowns and their receipts, deletes, and changes of many nodes.

use common::command::{CommandKind, CommandState};
use common::intent::{BulkAction, PreconditionCode};

use super::glossary::{CALL, NODE, TIMES, iso, nom, number, obl};
use crate::i18n::en_pages::lifecycle::Noun;
use crate::i18n::en_pages::signals::{BulkWords, DeleteWords, DrainWords, PlatformWords, ShutdownWords};
use crate::i18n::plural;

/// The card of a drain.
pub(super) const DRAIN: DrainWords = DrainWords {
    title_maintenance: "إفراغ للصيانة",
    title_disable: "إفراغ قبل الخروج من الخدمة",
    cancel_maintenance: "إلغاء الصيانة",
    cancel_disable: "إلغاء التعطيل",
    requested: "طُلب",
    delivered: "سُلّم مع نبضة",
    not_delivered: "ينتظر النبضة التالية",
    acknowledged: "أقرّت به: لا مكالمات جديدة",
    not_acknowledged: "لم تُقرّ به بعد",
    waiting: "في انتظار الصفر",
    zero: "أبلغت عن الصفر مرتين",
    left: |n, of| match of {
        Some(of) if of >= n && of > 0 => format!("بقي {} من {}", number(n), number(of)),
        _ => format!("بقي {}", number(n)),
    },
    left_unknown: "لم تُبلغ كم بقي.",
    eta: |time| format!("نحو {}", iso(time)),
    eta_minutes: |low, high| {
        let range = plural::ar(high, ["# دقيقة", "دقيقة", "دقيقتين", "# دقائق", "# دقيقة", "# دقيقة"]);
        format!("من {} إلى {range}", number(low))
    },
    eta_range: |low, high| format!("من {} إلى {}", iso(low), iso(high)),
    stalled: |time| format!("لم تنتهِ أي مكالمة منذ {}", iso(time)),
    stalled_own: "توقف الإفراغ عن التقدم. افحص أطول مكالمة على الخادم: قد تكون معلّقة. يمكنك الاستمرار في الانتظار أو الإلغاء أو إيقاف تشغيل العقدة الآن، وذلك يُنهي المكالمات المتبقية.",
    stalled_inherited: "توقف الإفراغ عن التقدم. افحص أطول مكالمة على الخادم: قد تكون معلّقة. يمكنك الاستمرار في الانتظار أو إيقاف تشغيل العقدة الآن، وذلك يُنهي المكالمات المتبقية.",
    no_eta: "جارٍ التقدير…",
    longest: |time| format!("أطول مكالمة {}", iso(time)),
    bar: "المكالمات التي انتهت",
    safe: |when| format!("يمكن الإيقاف بأمان. لا شيء يجري منذ {}.", iso(when)),
    safe_maintenance: "تبقى قائمة في الصيانة، حتى بعد إعادة التشغيل، إلى أن تنتهي الصيانة.",
    safe_disable: "تنتهي عمليتها من تلقاء نفسها ولا تُشغَّل من جديد.",
    deadline_hold: |when| format!("المهلة {}؛ ما يبقى من المكالمات عندئذ يستمر.", iso(when)),
    deadline_force: |when| format!("المهلة {}؛ ما يبقى من المكالمات عندئذ يُنهى.", iso(when)),
    reached_hold: |when| format!("انقضت المهلة {} وبقيت مكالمات. ستستمر.", iso(when)),
    reached_force: |when| format!("انقضت المهلة {}. تُؤمر العقدة بإنهاء مكالماتها.", iso(when)),
    lost: |ago, left| match left {
        Some(0) => format!("غير معلوم. آخر بلاغ {}: لم تبقَ مكالمات.", iso(ago)),
        Some(n) => format!("غير معلوم. آخر بلاغ {}: بقيت {}.", iso(ago), nom(n, &CALL)),
        None => format!("غير معلوم. آخر بلاغ {}.", iso(ago)),
    },
    entrances: "المداخل",
    inbound: "المكالمات الواردة",
    outbound: "المكالمات الصادرة",
    web: "جلسات الويب",
    open: "مفتوح",
    closed: "مغلق",
};

/// Shutdowns and their receipts.
pub(super) const SHUTDOWN: ShutdownWords = ShutdownWords {
    title: |noun, name| match noun {
        Noun::Node => format!("إيقاف العقدة {}", iso(name)),
        _ => format!("إيقاف كل عُقد {}", iso(name)),
    },
    text: |noun| match noun {
        Noun::Node => {
            "تنتهي عمليتها. لا تعود من تلقاء نفسها إلا إذا أعاد خادمها تشغيلها (systemd أو Docker أو خدمة \u{2068}Windows\u{2069})."
        }
        _ => "يصل الأمر إلى كل عقدة نابضة. الخوادم التي بلا مدير خدمات تبقى متوقفة حتى يشغّلها أحد.",
    },
    how: "المكالمات الجارية",
    graceful: "إكمال المكالمات الجارية أولًا",
    graceful_hint: "لا تستقبل مكالمات جديدة وتنتهي بعد آخر مكالمة.",
    immediate: "الإيقاف الآن",
    immediate_hint: "تُقطع المكالمات الجارية.",
    results: |ok, all| format!("وصل الأمر إلى {} من {}.", number(ok), obl(all, &NODE)),
    node: "العقدة",
    result: "النتيجة",
    queued: "ينتظر النبضة التالية",
    done: "تم",
    receipts: "الأوامر",
    no_receipts: "لم يُرسل أي أمر إلى هذه العقدة.",
    receipts_failed: "تعذّرت قراءة الأوامر.",
    kind: |kind, immediate| match (kind, immediate) {
        (CommandKind::Shutdown, false) => "إيقاف بعد المكالمات الجارية",
        (CommandKind::Shutdown, true) => "إيقاف فوري",
        (CommandKind::EndSessions, _) => "إنهاء كل المكالمات",
        (CommandKind::RunJob, _) => "تنفيذ مهمة",
    },
    state: |state| match state {
        CommandState::Queued => "في الانتظار",
        CommandState::Offered => "سُلّم",
        CommandState::Accepted => "مقبول",
        CommandState::Done => "تم",
        CommandState::Failed => "فشل",
        CommandState::Refused => "مرفوض",
        CommandState::Expired => "انتهت مدته",
        CommandState::Superseded => "حلّ محله أمر آخر",
        CommandState::Cancelled => "أُلغي",
    },
    asked: |who| format!("طلبه {}", iso(who)),
    offered: |n| match n {
        0 | 1 => "سُلّم مع نبضة".to_owned(),
        n => format!("سُلّم مع النبضات {}", obl(n, &TIMES)),
    },
    not_offered: "ينتظر النبضة التالية",
    accepted: "قبلته العقدة",
    push: |result| format!("الإرسال المباشر إلى نقطة النهاية: {}", iso(result)),
    take_back: "سحب الأمر",
    taken_back: "سُحب الأمر.",
    not_after: |when| format!("لا يُنفَّذ بعد {}", iso(when)),
    waits_back: |ago| format!("انتهت العملية. في انتظار عودتها، {}.", iso(ago)),
    did_not_return: |when| format!("لم تعد منذ {}. يجب أن يشغّلها خادمها كخدمة يُعاد تشغيلها.", iso(when)),
    back: |when| format!("عادت في {}", iso(when)),
};

/// Deletes.
pub(super) const DELETE: DeleteWords = DeleteWords {
    title: |noun, name| match noun {
        Noun::Node => format!("حذف العقدة {}", iso(name)),
        _ => format!("حذف المنطقة {}", iso(name)),
    },
    text: |noun| match noun {
        Noun::Node => {
            "يُزال تسجيلها وسرّها وأرقامها. الخادم الذي يواصل إرسال النبضات تُرفض نبضاته. لا رجعة في ذلك."
        }
        _ => "يُزال تسجيلها وإعدادات تخزينها وأرقامها. التسجيلات الصوتية في التخزين لا تُمسّ. لا رجعة في ذلك.",
    },
    needs: "ما يجب أن يتحقق",
    loading: "جارٍ فحص ما يجب أن يتحقق…",
    met: "متحقق",
    unmet: "غير متحقق",
    precondition: |code| match code {
        PreconditionCode::Disabled => "معطّل",
        PreconditionCode::Silent => "صامت",
        PreconditionCode::Judgeable => "يمكن الحكم على الصمت",
        PreconditionCode::NoSessions => "لم يبقَ عمل",
        PreconditionCode::NoOpenCommand => "لا أمر مفتوحًا",
        PreconditionCode::NoNodes => "لا عُقد",
    },
    lost: "المكالمات التي أُبلغ عنها أخيرًا مفقودة",
    lost_hint: "ضع العلامة إذا ذهب الخادم إلى غير رجعة ولا يستطيع الإبلاغ عن الصفر.",
    off: "لم يتحقق كل ما في القائمة بعد.",
    refused: "رُفض الحذف. هذا هو الوضع الآن.",
};

/// What is done, as a noun before what it is done to.
fn act(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Maintenance => "صيانة",
        BulkAction::Disable => "تعطيل",
        BulkAction::Activate => "تفعيل",
        BulkAction::Shutdown => "إيقاف",
        BulkAction::Delete => "حذف",
    }
}

/// Changes of many nodes.
pub(super) const BULK: BulkWords = BulkWords {
    select: "تحديد",
    select_one: |name| format!("تحديد {}", iso(name)),
    select_all: "تحديد كل الصفوف المعروضة",
    bar: "العُقد المحددة",
    selected: |n| format!("المحدد: {}", nom(n, &NODE)),
    clear: "إلغاء التحديد",
    activate: "تفعيل…",
    title: |action, n| {
        let nodes = obl(n, &NODE);
        match action {
            BulkAction::Maintenance => format!("وضع {nodes} في الصيانة"),
            _ => format!("{} {nodes}", act(action)),
        }
    },
    // Typed on a keyboard: plain words and the figure, nothing that a reader cannot see.
    phrase: |action, n| format!("{} {}", act(action), obl(n, &NODE)),
    would: "مشمول",
    would_not: "مستثنى",
    results: |ok, all| format!("تم لعدد {} من {}.", number(ok), obl(all, &NODE)),
    again: |n| {
        plural::ar(
            n,
            [
                "إعادة محاولة ما فشل",
                "إعادة محاولة العقدة التي فشلت",
                "إعادة محاولة العقدتين اللتين فشلتا",
                "إعادة محاولة # عُقد فشلت",
                "إعادة محاولة # عقدة فشلت",
                "إعادة محاولة # عقدة فشلت",
            ],
        )
    },
    failed: "لم يُنفَّذ",
    none: "لا يمكن تنفيذ شيء على المحدد.",
};

/// Maintenance of the whole platform.
pub(super) const PLATFORM: PlatformWords = PlatformWords {
    title: "صيانة المنصة",
    nav: "الإعدادات",
    lead: "تغلق كل المناطق أمام المكالمات الجديدة، أيًّا كانت إعدادات المناطق والعُقد نفسها.",
    on: "الصيانة قائمة",
    off: "لا صيانة",
    off_text: "تتبع المناطق والعُقد إعداداتها الخاصة.",
    turn_on: "بدء الصيانة…",
    turn_off: "إنهاء الصيانة",
    phrase: "المنصة",
    name: "المنصة",
    regions: "المناطق الآن",
    banner: "المنصة كلها في الصيانة: لا تستقبل أي منطقة مكالمات جديدة.",
    banner_since: |when, by| match by {
        Some(by) => format!("منذ {}، بأمر {}.", iso(when), iso(by)),
        None => format!("منذ {}.", iso(when)),
    },
    banner_link: "فتح",
    own: "وبذاتها أيضًا",
    region: "المنطقة",
    state: "الحالة",
    conversations: "المحادثات",
};
