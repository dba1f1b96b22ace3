//! Arabic sentences of long lists of nodes.

use super::glossary::{NODE as NODES_COUNTED, iso, nom, number, obl};
use crate::i18n::en_pages::table::TableWords;
use crate::i18n::plural::ar;

/// A list of nodes.
pub(super) const TABLE: TableWords = TableWords {
    endpoint: "نقطة النهاية",
    name: "الاسم",
    network: "الشبكة ↓ / ↑",
    sip: "SIP",
    uptime: "مدة التشغيل",
    since: "مدة هذه الحالة",
    reason: "السبب",
    id: "معرّف العقدة",
    labels: "الوسوم",
    limit: "الحد أو المنتظر",
    received: "المستقبَل Mb/s",
    sent: "المرسَل Mb/s",
    started: "بدأت في",
    actions: "الإجراءات",
    actions_of: |name| format!("إجراءات {}", iso(name)),
    label: "الوسم",
    filters: "التصفية",
    remove_filter: |filter| format!("إزالة التصفية {filter}"),
    text_chip: |text| format!("النص: {}", iso(text)),
    ignored: |values| format!("قيم غير معروفة في هذا العنوان، وقد أُهملت: {}", iso(values)),
    order_age: |age, rows| format!("عمر الترتيب {age} · إعادة الترتيب ({})", number(rows)),
    new_rows: |n| {
        ar(n, ["لا عُقد جديدة", "عقدة جديدة", "عقدتان جديدتان", "# عُقد جديدة", "# عقدة جديدة", "# عقدة جديدة"])
    },
    resorted: "أُعيد الترتيب.",
    sorted: |column, descending| {
        if descending {
            format!("الترتيب حسب {column}، تنازليًا.")
        } else {
            format!("الترتيب حسب {column}، تصاعديًا.")
        }
    },
    gone: "لم تعد تطابق",
    columns: "الأعمدة",
    sort_by: "الترتيب حسب",
    compact: "صفوف متراصة",
    more: "إجراءات أخرى لهذه القائمة",
    copy_view: "نسخ رابط هذا العرض",
    export: "تصدير CSV",
    export_busy: "يجري جلب العُقد.",
    exporting: |n| format!("يجري جلب {} للملف، صفحة بعد صفحة.", obl(n, &NODES_COUNTED)),
    exported: |n| format!("صُدّر إلى الملف: {}", nom(n, &NODES_COUNTED)),
    not_exported: "لم يقبل المتصفح الملف.",
    print: "طباعة",
    open: "فتح",
    diagnose: "تشخيص",
    copy_id: "نسخ المعرّف",
    copy_endpoint: "نسخ نقطة النهاية",
    copy_link: "نسخ الرابط",
    not_copied: "لا يسمح المتصفح لهذه الصفحة بالنسخ.",
    rotate: "تدوير السرّ…",
    delete_off: "يمكن حذف العقدة عندما تكون معطّلة وصامتة.",
    region_for: |action| format!("{action}: اختر منطقة"),
    select_matching: |n| format!("تحديد كل المطابق ({})", number(n)),
    too_many: |n| format!("لا يمكن تغيير أكثر من {} دفعة واحدة.", obl(n, &NODES_COUNTED)),
};
