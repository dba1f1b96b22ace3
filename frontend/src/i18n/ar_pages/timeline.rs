//! Arabic: what happened to nodes and regions; timelines, marks on charts, outages.

use common::node::NodeKind;

use super::glossary::{BACKEND, PROXY, iso, nom};
use crate::i18n::en_pages::timeline::TimelineWords;

/// Arabic.
pub(super) const TIMELINE: TimelineWords = TimelineWords {
    word: |word| {
        Some(match word {
            "live" => "نابض",
            "stale" => "متأخر",
            "offline" => "غير متصل",
            "never_seen" => "لم يظهر بعد",
            "unconfirmed" => "غير مؤكد",
            "left" => "توقف معلن",
            "active" => "مُفعّل",
            "maintenance" => "صيانة",
            "disabled" => "معطّل",
            "starting" => "قيد التشغيل",
            "running" => "يعمل",
            "degraded" => "يعمل جزئيًا",
            "stopping" => "قيد التوقف",
            "requested" => "مطلوب",
            "delivered" | "offered" => "سُلّم",
            "draining" => "قيد الإفراغ",
            "drained" => "أُفرغ",
            "deadline_reached" => "انقضت المهلة",
            "node_lost" => "صمتت العقدة",
            "cancelled" => "أُلغي",
            "queued" => "في الانتظار",
            "accepted" => "مقبول",
            "done" => "تم",
            "failed" => "فشل",
            "refused" => "مرفوض",
            "expired" => "انتهت مدته",
            "superseded" => "حلّ محله أمر آخر",
            "added" => "أُضيف",
            "edited" => "عُدّل",
            "deleted" => "حُذف",
            "healthy" => "سليم",
            "failing" => "متعطّل",
            "unknown" => "غير معلوم",
            _ => return None,
        })
    },
    boot: |version| format!("عملية جديدة، {}", iso(version)),
    boot_plain: "عملية جديدة",
    intent: |word| format!("الحالة المطلوبة: {word}"),
    order: |order, state| format!("{order}: {state}"),
    shutdown: "إيقاف",
    end_sessions: "إنهاء المكالمات",
    of_node: |node, text| format!("{}: {text}", iso(node)),
    hour: "النبض في آخر 60 دقيقة",
    said: |parts| format!("آخر 60 دقيقة، الأقدم أولًا: {parts}."),
    part: |word, time| format!("{word} {}", iso(time)),
    comma: "، ",
    nothing: "لم تكن مسجّلة",
    table: "عرض كجدول",
    status: "الحالة",
    from: "من",
    until: "إلى",
    length: "المدة",
    why_now: |since| format!("لماذا لا تتصل؟ منذ {}", iso(since)),
    why_then: |from, to| format!("لماذا لم تتصل؟ من {} إلى {}", iso(from), iso(to)),
    outages: "الانقطاعات",
    no_outage: "لا انقطاع في آخر 24 ساعة.",
    diagnose: "بدء التشخيص",
    stopped: |at| format!("توقفت النبضات {}", iso(at)),
    stopped_resumed: |from, to| format!("توقفت النبضات {} وعادت {}", iso(from), iso(to)),
    goodbye: "أعلنت العقدة توقفها",
    goodbye_text: "انتهت عمليتها انتهاءً سليمًا: إيقاف أو إعادة تشغيل أو تحديث.",
    silent: "لم تعلن العقدة توقفها",
    silent_text: "انتهت العملية فجأة، أو لم تصل نبضاتها.",
    restarted: "عادت عملية أخرى",
    restarted_text: "شُغّلت العقدة من جديد.",
    same_process: "عادت العملية نفسها",
    same_process_text: "كانت تعمل طوال الوقت: لم تصل نبضاتها.",
    others: |kind, n, region| match (kind, n) {
        (NodeKind::Proxy, 0) => format!("لا بوابة أخرى في {} تستقبل مكالمات جديدة.", iso(region)),
        (_, 0) => format!("لا عقدة معالجة أخرى في {} تستقبل مكالمات جديدة.", iso(region)),
        (NodeKind::Proxy, n) => {
            format!("تنتقل المكالمات الجديدة إلى بقية البوابات في {}: {}.", iso(region), nom(n, &PROXY))
        }
        (_, n) => {
            format!("تنتقل المكالمات الجديدة إلى بقية عُقد المعالجة في {}: {}.", iso(region), nom(n, &BACKEND))
        }
    },
    rose: "استقبلت العقدة مكالمة جديدة بعد الطلب.",
    lasted: |time| format!("استمر {}", iso(time)),
};
