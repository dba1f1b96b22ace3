//! Arabic sentences of the diagnosis: why a node, or all nodes of a kind, do not report. Ids come isolated already.

use common::node::NodeKind;
use common::status::InheritedFrom;

use super::glossary::{NODE, iso, number, obl};
use crate::i18n::en_pages::diagnose::{DiagnoseWords, Said};
use crate::i18n::plural;
use crate::pages::diagnose::verdict::{Act, Verdict};

fn kinds(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Proxy => "البوابات",
        NodeKind::Backend => "عُقد المعالجة",
        NodeKind::Background => "عقدة الخلفية",
    }
}

fn sentence(v: &Verdict, s: &Said) -> String {
    match v {
        Verdict::Fine => "ترسل نبضات، وهي مقبولة.".to_owned(),
        Verdict::ClockSkew(_) => format!("ترسل نبضات، لكن ساعتها تخطئ بمقدار {}.", s.value),
        Verdict::Duplicate => "ترسل عمليتان نبضات باسم هذه العقدة.".to_owned(),
        Verdict::ConsoleLate(_) => {
            "لا تستطيع وحدة التحكم الحكم على الصمت الآن؛ هذا لا يقول شيئًا عن الخادم بعد.".to_owned()
        }
        Verdict::Disabled(Some(InheritedFrom::Region)) => {
            format!("منطقتها {} معطّلة، فهي خارج الخدمة.", s.region)
        }
        Verdict::Disabled(Some(InheritedFrom::Platform)) => "المنصة معطّلة، فهي خارج الخدمة.".to_owned(),
        Verdict::Disabled(None) => "إنها معطّلة: أخرجها أحد من الخدمة.".to_owned(),
        Verdict::WrongSecret(_) => "يرسل الخادم نبضات، لكن بسرّ خطأ.".to_owned(),
        Verdict::UnknownNode(_) if s.value.is_empty() => {
            "يرسل خادم على عنوانها نبضات لا تخص أي عقدة مسجّلة.".to_owned()
        }
        Verdict::UnknownNode(_) => {
            format!("يرسل خادم على عنوانها نبضات باسم {}، وهي غير مسجّلة.", s.value)
        }
        Verdict::RegionMismatch(_) if !s.value.is_empty() => {
            format!("يرسل الخادم نبضات للمنطقة {}؛ وهذه العقدة تنتمي إلى {}.", s.value, s.region)
        }
        Verdict::RegionMismatch(_) => format!("يرسل الخادم نبضات لمنطقة غير {}.", s.region),
        Verdict::KindMismatch(_) => "يرسل الخادم نبضات بنوع آخر من العُقد.".to_owned(),
        Verdict::NodeMismatch(_) => "يرسل الخادم نبضات بمعرّف عقدة أخرى.".to_owned(),
        Verdict::Deleted => "ما زال الخادم يستخدم سرّ عقدة حُذفت.".to_owned(),
        Verdict::RateLimited => "يرسل الخادم نبضات أسرع مما يُقبل.".to_owned(),
        Verdict::BodyRejected => "يرسل الخادم نبضات لا تُقرأ.".to_owned(),
        Verdict::Refused(_) => format!("يرسل الخادم نبضات، وهي مرفوضة: {}.", s.value),
        Verdict::Restarting(_) => "أُوقفت بطلب، وعودتها متوقعة.".to_owned(),
        Verdict::NotReturned(_) => format!("أُوقفت بطلب في {} ولم تعد.", s.at),
        Verdict::LeftInMaintenance => format!("أُوقفت في {} أثناء الصيانة.", s.at),
        Verdict::Left => format!("أعلنت توقفها في {}: أُوقفت عمليتها على الخادم.", s.at),
        Verdict::NeverContacted => "لم يصل شيء من هذا الخادم قط.".to_owned(),
        Verdict::Crashed(n) => {
            let starts = plural::ar(
                *n,
                [
                    "ولم تبدأ",
                    "بعد أن بدأت مرة واحدة",
                    "بعد أن بدأت مرتين",
                    "بعد أن بدأت # مرات",
                    "بعد أن بدأت # مرة",
                    "بعد أن بدأت # مرة",
                ],
            );
            format!("صمتت في {} {starts} خلال ساعة: يبدو أنها تنهار.", s.at)
        }
        Verdict::RegionSilent(n) => plural::ar(
            *n,
            [
                "عُقد {} كلها صامتة، لا هذه وحدها.",
                "عقدة {} الوحيدة صامتة.",
                "عقدتا {} صامتتان، لا هذه وحدها.",
                "عُقد {} كلها (#) صامتة، لا هذه وحدها.",
                "عُقد {} كلها (#) صامتة، لا هذه وحدها.",
                "عُقد {} كلها (#) صامتة، لا هذه وحدها.",
            ],
        )
        .replace("{}", &s.region),
        Verdict::Late => "فات موعد نبضتها؛ وقد تصل بعد.".to_owned(),
        Verdict::Stopped => format!("توقفت نبضاتها في {} دون إعلان.", s.at),
    }
}

fn remedy(v: &Verdict) -> &'static str {
    match v {
        Verdict::Fine => "لا شيء يلزم فعله.",
        Verdict::ClockSkew(_) => "افحص خدمة الوقت على الخادم: الشهادات والسجلات تعتمد عليها.",
        Verdict::Duplicate => {
            "ملف \u{2068}appsettings.json\u{2069} واحد على جهازين، أو عملية قديمة ما زالت تعمل. أوقف إحداهما."
        }
        Verdict::ConsoleLate(_) => "انتظر بضع ثوانٍ: تحكم من جديد مع وصول النبضات.",
        Verdict::Disabled(_) => "فعّلها، ثم شغّل العملية على الخادم: العقدة المعطّلة تنتهي من تلقاء نفسها.",
        Verdict::WrongSecret(_) => {
            "ضع السرّ الحالي في \u{2068}appsettings.json\u{2069} على الخادم، أو دوّره وضع الجديد هناك."
        }
        Verdict::UnknownNode(_) => {
            "ضع معرّف هذه العقدة ومنطقتها وسرّها في \u{2068}appsettings.json\u{2069} على الخادم، أو سجّل ذلك الخادم عقدةً مستقلة."
        }
        Verdict::RegionMismatch(_) => {
            "صحّح قيمة \u{2068}RegionId\u{2069} في \u{2068}appsettings.json\u{2069} على الخادم. العقدة لا تنتقل بين المناطق."
        }
        Verdict::KindMismatch(_) => {
            "الملف لنوع آخر من العُقد. ضع القسم الصحيح في \u{2068}appsettings.json\u{2069}."
        }
        Verdict::NodeMismatch(_) => {
            "ضع معرّف هذه العقدة وسرّها هي في \u{2068}appsettings.json\u{2069} على الخادم."
        }
        Verdict::Deleted => "ضع معرّف هذه العقدة وسرّها في \u{2068}appsettings.json\u{2069} على الخادم.",
        Verdict::RateLimited => "قد تكون هناك عمليتان، أو ضُبط الفاصل يدويًا. انظر في سجل الخادم.",
        Verdict::BodyRejected => {
            "قد يكون برنامجها أقدم أو أحدث مما تقبله وحدة التحكم هذه. انظر في سجلها وحدّثها."
        }
        Verdict::Refused(_) => "انظر في سجل الخادم؛ فيه الرد كاملًا.",
        Verdict::Restarting(_) => "انتظر: مدير الخدمات يعيد تشغيلها.",
        Verdict::NotReturned(_) => "لا تعود من تلقاء نفسها إلا إذا أعاد مدير خدمات تشغيلها. شغّلها على الخادم.",
        Verdict::LeftInMaintenance => "هذا متوقع. شغّلها على الخادم حين تنتهي الصيانة.",
        Verdict::Left => "شغّل العملية على الخادم، أو أخرج العقدة من الخدمة هنا.",
        Verdict::NeverContacted => {
            "تحقق من أن العملية تعمل، وأن \u{2068}appsettings.json\u{2069} يذكر وحدة التحكم هذه ويحمل سرّ هذه العقدة، وأن جدار الحماية يسمح للخادم بالوصول إلى وحدة التحكم."
        }
        Verdict::Crashed(_) => "انظر في سجل الخادم لتعرف ما ينهي العملية.",
        Verdict::RegionSilent(_) => {
            "ابحث عما تشترك فيه: الشبكة أو جدار الحماية بين المنطقة ووحدة التحكم هذه، أو كهرباء المكان."
        }
        Verdict::Late => "انتظر: تنظر هذه الصفحة من جديد من تلقاء نفسها.",
        Verdict::Stopped => {
            "تحقق من أن العملية تعمل وأن جدار الحماية ما زال يسمح للخادم بالوصول إلى وحدة التحكم هذه. كان \u{2068}appsettings.json\u{2069} صحيحًا من قبل: نبضاتها قُبلت."
        }
    }
}

fn short(v: &Verdict) -> &'static str {
    match v {
        Verdict::Fine => "ترسل نبضاتها",
        Verdict::ClockSkew(_) => "الساعة خطأ",
        Verdict::Duplicate => "عمليتان",
        Verdict::ConsoleLate(_) => "لا يمكن الحكم الآن",
        Verdict::Disabled(_) => "معطّلة",
        Verdict::WrongSecret(_) => "سرّ خطأ",
        Verdict::UnknownNode(_) => "معرّف غير معروف",
        Verdict::RegionMismatch(_) => "منطقة خطأ",
        Verdict::KindMismatch(_) => "نوع خطأ",
        Verdict::NodeMismatch(_) => "معرّف خطأ",
        Verdict::Deleted => "هوية محذوفة",
        Verdict::RateLimited => "أسرع من اللازم",
        Verdict::BodyRejected => "لا تُقرأ",
        Verdict::Refused(_) => "مرفوضة",
        Verdict::Restarting(_) => "إعادة تشغيل",
        Verdict::NotReturned(_) => "لم تعد",
        Verdict::LeftInMaintenance => "أُوقفت أثناء الصيانة",
        Verdict::Left => "أُوقفت على الخادم",
        Verdict::NeverContacted => "لم تتصل قط",
        Verdict::Crashed(_) => "تنهار",
        Verdict::RegionSilent(_) => "المنطقة كلها صامتة",
        Verdict::Late => "متأخرة",
        Verdict::Stopped => "توقفت النبضات",
    }
}

/// Arabic.
pub(super) const DIAGNOSE: DiagnoseWords = DiagnoseWords {
    title_silent: |name| format!("لماذا لا ترسل {} نبضات؟", iso(name)),
    title_live: |name| format!("تشخيص {}", iso(name)),
    title_group: |active, total, kind, region| {
        format!("لماذا {}/{} من {} في {}؟", number(active), number(total), kinds(kind), iso(region))
    },
    crumb: "التشخيص",
    open: "تشخيص",
    open_named: |what| format!("تشخيص {}", iso(what)),
    help: "عن \u{2068}0/N\u{2069}",
    run_at: |time| format!("وقت الفحص {time}"),
    again: "فحص مرة أخرى",
    copy_report: "نسخ التقرير",
    sentence,
    remedy,
    short,
    act: |act| match act {
        Act::None | Act::Wait | Act::Server | Act::Network | Act::Clock => "فتح العقدة",
        Act::Rotate => "تدوير السرّ…",
        Act::Snippet => "فتح الإعدادات",
        Act::Enable => "تفعيل…",
        Act::Unregistered => "عرض الخوادم غير المسجّلة",
    },
    evidence: "الأدلة",
    good: "سليم",
    bad: "غير سليم",
    note: "ملاحظة",
    unknown: "غير معلوم",
    registered: |region| {
        if region.is_empty() {
            "مسجّلة ومفعّلة.".to_owned()
        } else {
            format!("مسجّلة ومفعّلة في {region}.")
        }
    },
    disabled: |from| match from {
        Some(InheritedFrom::Region) => "مسجّلة؛ منطقتها معطّلة.",
        Some(InheritedFrom::Platform) => "مسجّلة؛ المنصة معطّلة.",
        None => "مسجّلة ومعطّلة.",
    },
    maintenance: |from| match from {
        Some(InheritedFrom::Region) => "منطقتها في الصيانة.",
        Some(InheritedFrom::Platform) => "المنصة في الصيانة.",
        None => "إنها في الصيانة.",
    },
    last: |time, ago, every| format!("قُبلت آخر نبضة في {time} (قبل {ago})؛ تُتوقع نبضة كل {every}."),
    never: "لم تُقبل أي نبضة قط.",
    refused: |n, reason, source, first, last| {
        let times = plural::ar(
            n,
            ["لم تُرفض", "رُفضت مرة واحدة", "رُفضت مرتين", "رُفضت # مرات", "رُفضت # مرة", "رُفضت # مرة"],
        );
        format!("{times} من {source}: {reason}. أولها {first}، آخرها {last}.")
    },
    fingerprints: |presented, expected| format!("البصمة {presented}، والمتوقعة {expected}."),
    not_refused: "لم تُرفض لها نبضة في آخر 15 دقيقة.",
    none_arrive: "لم تُرفض لها نبضة في آخر 15 دقيقة: لا يصل شيء مما ترسله.",
    asked: |by, at| format!("طلب {by} إيقافها في {at}."),
    goodbye: |at| format!("أعلنت توقفها في {at}."),
    boots: |n| {
        plural::ar(
            n,
            [
                "لم تبدأ عمليتها في الساعة السابقة.",
                "بدأت عمليتها مرة واحدة في الساعة السابقة.",
                "بدأت عمليتها مرتين في الساعة السابقة.",
                "بدأت عمليتها # مرات في الساعة السابقة.",
                "بدأت عمليتها # مرة في الساعة السابقة.",
                "بدأت عمليتها # مرة في الساعة السابقة.",
            ],
        )
    },
    version: |version| format!("الإصدار {version}."),
    clock: |difference| format!("فرق الساعة عن وحدة التحكم {difference}."),
    duplicate: |detail| format!("تتحدث عمليتان باسمها: {detail}"),
    others: |live, of, region| {
        format!("العُقد الأخرى في {region}: ترسل النبضات {} من {}.", number(live), number(of))
    },
    alone: "هي العقدة الوحيدة في منطقتها.",
    console_ok: "وحدة التحكم نفسها تستقبل النبضات وتحكم عليها.",
    console_late: "وحدة التحكم نفسها متأخرة أو بدأت للتو.",
    not_checked: |endpoint| {
        format!(
            "لم يُفحص من هنا: هل يمكن الوصول إلى {endpoint}. لا تُحسب إلا النبضات من الخادم إلى وحدة التحكم هذه."
        )
    },
    loopback: "تستمع وحدة التحكم هذه على العنوان المحلي فقط: لا تستطيع الخوادم في مكان آخر الوصول إليها. اضبط \u{2068}IQRA_LISTEN\u{2069} و\u{2068}IQRA_PUBLIC_URL\u{2069}.",
    server_title: "إن لم ينفع ذلك، فعلى الخادم",
    server_text: "يقول السجل هل تُرسل النبضات وكيف يُرد عليها؛ ويقول curl هل الطريق إلى وحدة التحكم هذه مفتوح. قد تختلف أسماء الخدمات.",
    copy_command: "نسخ الأمر",
    usual: "الأسباب المعتادة",
    group_lead: |silent, of| {
        if silent == 0 {
            "كلها ترسل نبضاتها.".to_owned()
        } else {
            format!("الصامت {} من {}.", number(silent), obl(of, &NODE))
        }
    },
    group_one: |name, reports| format!("{name}: {}.", if reports { "ترسل نبضاتها" } else { "صامتة" }),
    group_one_fine: "لا شيء يحتاج إلى إصلاح.",
    group_one_most: |what| format!("{what}."),
    group_most: |n, of, what| {
        if n == of {
            format!("{what}، كلها.")
        } else {
            format!("الغالب: {what}، {} من {}.", number(n), number(of))
        }
    },
    shared_title: "ما تشترك فيه",
    shared_together: |at| format!("صمتت معًا، في {at}."),
    shared_never: "لم يُسمع من أي منها قط.",
    shared_network: |net| format!("كلها في الشبكة {net}."),
    shared_machine: |host| format!("كلها على جهاز واحد، {host}."),
    shared_quiet: "لم يُرفض شيء منها: لا تصل رسائلها إلى هنا أصلًا.",
    shared_nothing: "لا شيء معروف هنا.",
    matrix: "العُقد والفحوص",
    col_node: "العقدة",
    col_status: "الحالة",
    col_heard: "آخر نبضة",
    col_refused: "المرفوض",
    col_boots: "مرات البدء",
    col_version: "الإصدار",
    col_clock: "الساعة",
    col_verdict: "الحكم",
    none_registered: "لا عقدة كهذه مسجّلة في هذه المنطقة.",
    cut: "لا يُنظر إلا في أول 500 عقدة من المنطقة.",
    all_fine: "كلها ترسل نبضاتها. لا شيء يحتاج إلى إصلاح.",
    full: "التشخيص الكامل",
};
