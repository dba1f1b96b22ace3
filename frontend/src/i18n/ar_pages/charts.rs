//! Arabic: charts of figures over time.

use common::history::Metric;

use super::glossary::iso;
use crate::i18n::en_pages::charts::ChartWords;

/// Arabic.
pub(super) const CHARTS: ChartWords = ChartWords {
    title: "الأرقام عبر الزمن",
    range: "المدة",
    ranges: &[
        ("15m", "15 د", 15),
        ("1h", "1 س", 60),
        ("6h", "6 س", 360),
        ("24h", "24 س", 1_440),
        ("7d", "7 أيام", 10_080),
        ("14d", "14 يومًا", 20_160),
        ("30d", "30 يومًا", 43_200),
        ("90d", "90 يومًا", 129_600),
        ("1y", "سنة", 525_600),
    ],
    cpu: "المعالج",
    memory: "الذاكرة",
    network: "الشبكة",
    sessions: "المحادثات",
    queue: "المكالمات الصادرة",
    slots: "خانات المحادثات",
    backends: "عُقد المعالجة",
    proxies: "البوابات",
    database: "زمن استجابة قاعدة البيانات",
    sweeper: "تأخر كاشف المتأخرين",
    metric: |metric| match metric {
        Metric::Cpu => "المعالج",
        Metric::Memory => "الذاكرة",
        Metric::NetworkDown => "المستقبَل",
        Metric::NetworkUp => "المرسَل",
        Metric::Phone => "هاتف",
        Metric::Web => "ويب",
        Metric::Processing => "قيد المعالجة",
        Metric::Pending => "في الانتظار",
        Metric::SlotsUsed => "المستخدم",
        Metric::SlotsMax => "الإجمالي",
        Metric::BackendOnline | Metric::ProxyOnline => "نشط",
        Metric::BackendRegistered | Metric::ProxyRegistered => "الإجمالي",
        Metric::BackendAccepting | Metric::ProxyAccepting => "تستقبل",
        Metric::DatabaseMs => "قاعدة البيانات",
        Metric::SweeperLateMs => "كاشف المتأخرين",
    },
    no_data: "لا أرقام في هذه المدة",
    gap: "لا بيانات",
    no_data_since: |time| format!("لا بيانات منذ {}", iso(time)),
    hint: "الخط: المتوسط. المساحة: من الأصغر إلى الأكبر. المظلل بخطوط: لا بيانات. اسحب على المخطط لتقرّب.",
    table: "عرض كجدول",
    csv: "تنزيل CSV",
    plot: |title| format!("{title} عبر الزمن"),
    reading: |name, avg, min, max| {
        if min == max {
            format!("{name} {}", iso(avg))
        } else {
            format!("{name} {} (من {} إلى {})", iso(avg), iso(min), iso(max))
        }
    },
    reading_none: |name| format!("{name}: لا بيانات"),
    comma: "، ",
    span: |title, from, to| format!("{title} من {} إلى {}.", iso(from), iso(to)),
    said: |name, min, avg, max, last, at| {
        format!(
            "{name}: الأدنى {}، المتوسط {}، الأعلى {}، الأخير {} في {}.",
            iso(min),
            iso(avg),
            iso(max),
            iso(last),
            iso(at)
        )
    },
    said_none: |name| format!("{name}: لا بيانات."),
    marked: |from, to| format!("المحدد: من {} إلى {}. مفتاح Enter يعرض هذه المدة.", iso(from), iso(to)),
    zoomed: |from, to| format!("من {} إلى {}", iso(from), iso(to)),
    reset: "العودة إلى المدة",
    events: "الأحداث في هذه المدة",
    no_events: "لم يحدث شيء في هذه المدة.",
    col_time: "من",
    column: |series, of| format!("{series}، {of}"),
    last: "الأخير",
    last_at: |at| format!("في {}", iso(at)),
    p95: "\u{2068}p95\u{2069}",
    min: "الأدنى",
    avg: "المتوسط",
    max: "الأعلى",
    keys: "مفاتيح الأسهم تقرأ القيم، ومفتاحا Home وEnd ينتقلان إلى الطرفين. مفتاح Shift مع الأسهم يحدد مدة، ومفتاح Enter يعرضها.",
    spark: |what, time, low, high, last| {
        format!("{what}، آخر {}: الأدنى {}، الأعلى {}، الآن {}.", iso(time), iso(low), iso(high), iso(last))
    },
    spark_gap: |time| format!("لا بيانات خلال {} منها.", iso(time)),
    spark_none: |what, time| format!("{what}، آخر {}: لا بيانات.", iso(time)),
};
