//! Arabic: open problems, what they rest on, and putting one aside.

use common::node::NodeKind;
use common::overview::{IncidentCause, OpenProblemCode as Code};

use super::glossary::{CALL, NODE, PROCESS, STRANGER, TIMES, VERSION, iso, nom, number, obl};
use crate::i18n::en_pages::problems::{ProblemWords, Said};
use crate::i18n::plural;

/// `في OM-MCT`, with a space before it.
fn in_region(region: &str) -> String {
    if region.is_empty() { String::new() } else { format!(" في {region}") }
}

fn kind(k: Option<NodeKind>) -> &'static str {
    match k {
        Some(NodeKind::Proxy) => "البوابات",
        Some(NodeKind::Backend) => "عُقد المعالجة",
        Some(NodeKind::Background) | None => "العُقد",
    }
}

fn headline(x: &Said<'_>) -> String {
    let (r, n, count) = (x.region.as_str(), x.node.as_str(), x.p.count.unwrap_or(0));
    match x.p.code {
        Code::ClusterSilent => format!("صمتت كل المناطق: {} في وقت واحد.", nom(count, &NODE)),
        Code::RegionSilent => format!("صمتت {} معًا في {r}.", nom(count, &NODE)),
        Code::NodeRefused => format!("نبضات {n} مرفوضة."),
        Code::UnregisteredNodes => format!("يرسل {} نبضات.", nom(count, &STRANGER)),
        Code::ClockSkew => format!("ساعة {n} تخطئ بمقدار {}.", x.span),
        Code::IdentityConflict => format!("عمليتان تتحدثان باسم {n}."),
        Code::SecretExpiring => format!("ما زالت {n} تستخدم سرّها السابق."),
        Code::FiguresUnreadable => format!("أجزاء من نبضات {n} لا تُقرأ."),
        Code::StillReporting => format!("{n} معطّلة وما زالت تعمل."),
        Code::StorageFailing => format!("تخزين {r} متعطّل."),
        Code::StorageFailingOnNodes => format!("عُقد {r} لا تستطيع استخدام تخزينها."),
        Code::StorageNotConfigured => format!("لا تخزين في {r}."),
        Code::DrainNotObeyed => format!("طُلب من {n} أن تكف عن استقبال المكالمات ولم تفعل."),
        Code::DrainTookNew => format!("قبلت {n} مكالمات جديدة بعد أن طُلب منها ألا تستقبل شيئًا."),
        Code::DrainStalled => format!("إفراغ {n} لا يتقدم."),
        Code::DrainDeadline => format!("لم يكتمل إفراغ {n} في موعده."),
        Code::DrainNodeLost => format!("صمتت {n} أثناء إفراغها."),
        Code::DidNotReturn => format!("لم تعد {n} بعد إيقافها."),
        Code::MaintenanceLong | Code::MaintenanceOverdue => {
            let what = match (n.is_empty(), r.is_empty()) {
                (false, _) => n,
                (true, false) => r,
                (true, true) => "المنصة",
            };
            if x.p.code == Code::MaintenanceLong {
                format!("صيانة {what} بلا نهاية وما زالت مستمرة.")
            } else {
                format!("كان يجب أن تنتهي صيانة {what}.")
            }
        }
        Code::BackgroundMissing => "عقدة الخلفية غير مسجّلة.".to_owned(),
        Code::BackgroundUnreachable => "تعذّر الوصول إلى عقدة الخلفية.".to_owned(),
        Code::BackgroundKeysDiffer => "مفتاح عقدة الخلفية غير مفتاح وحدة التحكم هذه.".to_owned(),
        Code::JobFailed => {
            let job = x.p.evidence.values.first().map_or("مهمة", String::as_str);
            if x.p.evidence.reason.as_deref() == Some("lost") {
                format!("{job}: فُقد آخر تنفيذ.")
            } else {
                format!("{job}: فشل آخر تنفيذ.")
            }
        }
        Code::FrontendVersionsDiffer => "عُقد الواجهة تعمل بإصدارات مختلفة.".to_owned(),
        Code::VaultLocked => "المفتاح الرئيس مفقود أو غير صحيح.".to_owned(),
        Code::NodeVersionsDiffer => {
            format!("{} من برنامج {} قيد العمل{}.", nom(count, &VERSION), kind(x.p.kind), in_region(r))
        }
        Code::CapacityShort => format!("خانات المحادثات في {r} شبه مستنفدة."),
        Code::PendingOld => format!("المكالمات الصادرة تنتظر طويلًا في {r}."),
        Code::TokenExpiring => {
            let token = x.p.evidence.values.first().map_or("", String::as_str);
            format!("يوشك الرمز {} أن ينتهي.", iso(token))
        }
        Code::WebhookFailing => {
            let webhook = iso(x.p.evidence.values.first().map_or("", String::as_str));
            match x.p.evidence.reason.as_deref() {
                Some("full") => format!("لا يلحق خطاف الويب {webhook} بما يُرسَل إليه."),
                Some(_) => format!("أُوقف خطاف الويب {webhook}."),
                None => format!("لا تصل رسائل خطاف الويب {webhook}."),
            }
        }
        Code::Collecting => "لا يمكن الحكم على الصمت الآن.".to_owned(),
        Code::NoneOnline
        | Code::NodeOffline
        | Code::NodeStale
        | Code::NodeNeverSeen
        | Code::HeartbeatsRefused => String::new(),
    }
}

/// `كانت مكالمتان جاريتين.`
fn under_way(calls: u64) -> String {
    plural::ar(
        calls,
        [
            "لم تكن أي مكالمة جارية.",
            "كانت مكالمة واحدة جارية.",
            "كانت مكالمتان جاريتين.",
            "كانت # مكالمات جارية.",
            "كانت # مكالمة جارية.",
            "كانت # مكالمة جارية.",
        ],
    )
}

/// `بقيت 3 مكالمات. `
fn left(n: u32) -> String {
    match n {
        0 => "لم تبقَ مكالمات. ".to_owned(),
        n => format!("بقيت {}. ", nom(n, &CALL)),
    }
}

/// Names side by side; each keeps its own direction.
fn listed(values: &[String]) -> String {
    values.iter().map(|v| iso(v)).collect::<Vec<_>>().join("، ")
}

fn detail(x: &Said<'_>) -> String {
    let e = &x.p.evidence;
    let count = x.p.count.unwrap_or(0);
    let since = || x.since.as_deref().map(|t| format!("منذ {t}.")).unwrap_or_default();
    // When it was, and when it will be.
    let until = |past: &str, ahead: &str| -> Option<String> {
        let (time, over) = x.until.as_ref()?;
        Some(if *over { format!("{past} قبل {time}.") } else { format!("{ahead} بعد {time}.") })
    };
    let detail = e.detail.as_deref().unwrap_or_default();
    let left = x.p.count.map(left).unwrap_or_default();
    match x.p.code {
        Code::ClusterSilent | Code::RegionSilent => {
            let of = e.total.map(|total| format!("{} من {}. ", number(count), obl(total, &NODE)));
            let calls = e.calls.filter(|n| *n > 0).map(|n| format!("{} ", under_way(n)));
            format!("{}{}{}", of.unwrap_or_default(), calls.unwrap_or_default(), since())
        }
        Code::NodeRefused => {
            let times = format!("رُفضت {}.", obl(count, &TIMES));
            match x.last.as_deref() {
                Some(t) => format!("{times} آخر نبضة قُبلت كانت قبل {t}."),
                None => times,
            }
        }
        Code::UnregisteredNodes => "خادم جديد، أو خادم معرّف منطقته أو سرّه خطأ.".to_owned(),
        Code::ClockSkew => {
            if e.offset_ms.unwrap_or(0) > 0 {
                "إنها متقدمة. ستخطئ شهاداتها وسجلاتها؛ افحص خدمة الوقت فيها.".to_owned()
            } else {
                "إنها متأخرة عن الوقت. ستخطئ شهاداتها وسجلاتها؛ افحص خدمة الوقت فيها.".to_owned()
            }
        }
        Code::IdentityConflict => {
            format!("{detail} ملف إعدادات واحد على جهازين، أو عملية قديمة ما زالت تعمل.")
        }
        Code::SecretExpiring => {
            let end = until("انتهى السرّ السابق", "ينتهي السرّ السابق").unwrap_or_default();
            format!("{end} ضع السرّ الجديد في \u{2068}appsettings.json\u{2069} على خادمها.")
        }
        Code::FiguresUnreadable => format!("لم يُقرأ: {}. حدّث العقدة.", listed(&e.values)),
        Code::StillReporting => "يمكن إيقاف عمليتها، أو حذف العقدة.".to_owned(),
        Code::StorageFailing => {
            let step = e.reason.as_deref().map(|r| format!("تفشل الخطوة «{r}». ")).unwrap_or_default();
            format!("{step}لا يمكن حفظ التسجيلات والصوت في هذه المنطقة. {}", since())
        }
        Code::StorageFailingOnNodes => format!(
            "{} من {} أبلغت. {}",
            number(count),
            obl(e.total.unwrap_or(0), &NODE),
            e.reason.as_deref().map(|r| format!("تفشل هناك الخطوة «{r}».")).unwrap_or_default()
        ),
        Code::StorageNotConfigured => "ليس لعُقد المعالجة فيها مكان تحفظ فيه التسجيلات والصوت.".to_owned(),
        Code::DrainNotObeyed => format!("{} قد يكون برنامجها أقدم من ذلك.", since()),
        Code::DrainTookNew => {
            format!("{left}تقول إنها لا تستقبل شيئًا، فقد لا ينتهي الإفراغ أبدًا. افحص برنامجها.")
        }
        Code::DrainStalled => format!("{left}لم ينتهِ شيء منذ 10 دقائق."),
        Code::DrainDeadline => {
            format!("{left}{}", until("انقضت المهلة", "تنقضي المهلة").unwrap_or_default())
        }
        Code::DrainNodeLost => format!("{left}إما أنها فُقدت أو تستمر دون أن تُرى."),
        Code::DidNotReturn => {
            "لا تعود من تلقاء نفسها إلا إذا أعاد مدير خدمات تشغيلها (systemd أو Docker أو خدمة \u{2068}Windows\u{2069})."
                .to_owned()
        }
        Code::MaintenanceLong => since(),
        Code::MaintenanceOverdue => until("كان موعد نهايتها", "موعد نهايتها").unwrap_or_default(),
        Code::BackgroundMissing => "لا يمكن تنفيذ المهام يدويًا.".to_owned(),
        Code::BackgroundUnreachable => format!("{detail} {}", since()),
        Code::BackgroundKeysDiffer => {
            "ضع المفتاح في \u{2068}appsettings.json\u{2069} على خادمها تحت \u{2068}Security.ApiKey\u{2069}، أو الصق مفتاحها هنا.".to_owned()
        }
        Code::JobFailed => {
            let ago = x.since.as_deref().map(|t| format!("قبل {t}. ")).unwrap_or_default();
            format!("{ago}{detail}")
        }
        Code::FrontendVersionsDiffer => "وحّد إصداراتها.".to_owned(),
        Code::VaultLocked => "لا يمكن قراءة الأسرار ولا إنشاؤها. أعطِ الخادم مفتاحه الرئيس.".to_owned(),
        Code::NodeVersionsDiffer => listed(&e.values),
        Code::CapacityShort => format!(
            "المستخدم {} من {} ({}\u{200e}%\u{200e}).",
            number(count),
            number(e.total.unwrap_or(0)),
            e.percent.unwrap_or(0)
        ),
        Code::PendingOld => {
            let many = x.p.count.map(|n| format!("تنتظر {}. ", nom(n, &CALL))).unwrap_or_default();
            format!("{many}أقدمها ينتظر منذ {}.", x.span)
        }
        Code::TokenExpiring => {
            let end = until("انتهى", "ينتهي").unwrap_or_default();
            format!("{end} عندئذ تفشل البرامج التي تستخدمه؛ أعطها رمزًا جديدًا. أنشأه {}.", iso(detail))
        }
        Code::WebhookFailing => match e.reason.as_deref() {
            Some("gone") => "أجاب الطرف الآخر بأنه لا يريد المزيد (410).".to_owned(),
            Some("full") => {
                let many = number(x.p.count.unwrap_or(0));
                format!("امتلأ صف انتظاره، وعدد ما لم يُضَف إليه من الرسائل: {many}. سجلّ رسائله يبيّن السبب؛ وإن كان الطرف الآخر سليمًا فاختر أحداثًا أقل.")
            }
            Some(_) => "لم يُقبل شيء مما أرسله طوال خمسة أيام. شغّله حين يستقيم الطرف الآخر.".to_owned(),
            None => format!("لا يُقبل شيء مما يرسله. سجلّ رسائله يبيّن السبب. {}", since()),
        },
        Code::Collecting => "لدى الخادم المركزي صعوبة خاصة به؛ الحالات موسومة بأنها غير مؤكدة.".to_owned(),
        Code::NodeOffline | Code::NodeStale => e.calls.filter(|n| *n > 0).map(under_way).unwrap_or_default(),
        Code::NoneOnline | Code::NodeNeverSeen | Code::HeartbeatsRefused => String::new(),
    }
}

/// Arabic.
pub(super) const PROBLEMS: ProblemWords = ProblemWords {
    headline,
    detail,
    badge: |code| match code {
        Code::ClusterSilent | Code::RegionSilent => "حادثة",
        Code::NodeRefused | Code::HeartbeatsRefused => "مرفوض",
        Code::UnregisteredNodes => "غير مسجّل",
        Code::ClockSkew => "الساعة",
        Code::IdentityConflict => "الهوية",
        Code::SecretExpiring => "السرّ",
        Code::FiguresUnreadable => "غير مقروء",
        Code::StillReporting => "معطّل",
        Code::StorageFailing | Code::StorageFailingOnNodes | Code::StorageNotConfigured => "التخزين",
        Code::DrainNotObeyed
        | Code::DrainTookNew
        | Code::DrainStalled
        | Code::DrainDeadline
        | Code::DrainNodeLost => "الإفراغ",
        Code::DidNotReturn => "لم تعد",
        Code::MaintenanceLong | Code::MaintenanceOverdue => "صيانة",
        Code::BackgroundMissing | Code::BackgroundUnreachable | Code::BackgroundKeysDiffer => "عقدة الخلفية",
        Code::JobFailed => "مهمة",
        Code::FrontendVersionsDiffer | Code::NodeVersionsDiffer => "الإصدارات",
        Code::VaultLocked => "المفتاح الرئيس",
        Code::CapacityShort => "السعة",
        Code::PendingOld => "انتظار",
        Code::TokenExpiring => "رمز",
        Code::WebhookFailing => "خطاف ويب",
        Code::Collecting => "غير مؤكد",
        Code::NoneOnline | Code::NodeOffline => "غير متصل",
        Code::NodeStale => "متأخر",
        Code::NodeNeverSeen => "لم يظهر بعد",
    },
    cause: |cause, what| match cause {
        IncidentCause::Refused => {
            "السبب المرجّح: ما زالت ترسل نبضات لكنها مرفوضة. افحص الأسرار ومعرّفات المناطق.".to_owned()
        }
        IncidentCause::Stopped => "السبب المرجّح: أُوقفت؛ كل منها أعلنت توقفها.".to_owned(),
        IncidentCause::Ingress => {
            "السبب المرجّح: ما يقع أمام الخادم المركزي (موازن الأحمال أو جدار الحماية أو TLS)، أو شبكته."
                .to_owned()
        }
        IncidentCause::Site => {
            "السبب المرجّح: الكهرباء أو الشبكة في ذلك المكان؛ وتخزينه متعطّل أيضًا.".to_owned()
        }
        IncidentCause::Machine => format!("السبب المرجّح: الجهاز الواحد الذي تشترك فيه، {what}."),
        IncidentCause::Subnet => format!("السبب المرجّح: الشبكة التي تشترك فيها، {what}."),
        IncidentCause::Region => {
            "السبب المرجّح: المنطقة، أو الطريق منها إلى هنا؛ المناطق الأخرى سليمة.".to_owned()
        }
        IncidentCause::Unknown => "السبب غير معلوم: لا شيء تشترك فيه هذه العُقد وحدها.".to_owned(),
    },
    calls: |n| nom(n, &CALL),
    nodes: |n| nom(n, &NODE),
    more_nodes: |n| {
        plural::ar(
            n,
            ["ولا عُقد أخرى", "وعقدة أخرى", "وعقدتان أخريان", "و# عُقد أخرى", "و# عقدة أخرى", "و# عقدة أخرى"],
        )
    },
    action_storage: "فتح التخزين",
    action_background: "فتح عقدة الخلفية",
    action_job: "فتح المهمة",
    action_webhook: "فتح خطاف الويب",
    action_frontend: "فتح عقدة الواجهة",
    action_region: "فتح المنطقة",
    action_unregistered: "عرضها",
    action_platform: "فتح صيانة المنصة",
    action_tokens: "فتح رموز الوصول",
    action_silent: "ما ينبغي فحصه",
    snooze: "تأجيل",
    snooze_title: "تأجيل هذه المشكلة",
    snooze_text: "تغادر القائمة والأعداد. تعود عند انتهاء المدة، أو قبل ذلك إذا ساءت.",
    snooze_for: "المدة",
    snooze_reason: "السبب",
    snooze_need: "اذكر السبب.",
    snooze_times: &[
        (Some(60), "ساعة واحدة"),
        (Some(240), "4 ساعات"),
        (Some(1_440), "يوم واحد"),
        (Some(10_080), "7 أيام"),
        (None, "حتى تتغير، 30 يومًا على الأكثر"),
    ],
    snooze_failed: "لم تُؤجَّل",
    snoozed: |n| format!("المؤجل: {}", number(n)),
    snoozed_line: |who, until, why| format!("{}، حتى {}: {}", iso(who), iso(until), iso(why)),
    unsnooze: "إنهاء التأجيل",
    none_snoozed: "لا شيء مؤجل.",
    cleared: "انتهت",
    cleared_ago: |ago| format!("انتهت قبل {ago}"),
    singletons: "العُقد المفردة",
    frontend: "عقدة الواجهة",
    background: "عقدة الخلفية",
    frontends: |n, version| format!("{}، {}", nom(n, &PROCESS), iso(version)),
    versions_differ: "الإصدارات مختلفة",
    not_registered: "غير مسجّلة",
};
