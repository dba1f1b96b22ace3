//! Arabic sentences about adding a node: the form, the secret, the first heartbeat.

use super::glossary::iso;
use crate::i18n::en_pages::adding::{ConnectWords, NodeNewWords};

/// The form for a new node.
pub(super) const NODE_NEW: NodeNewWords = NodeNewWords {
    title_proxy: "إضافة بوابة",
    title_backend: "إضافة عقدة معالجة",
    step: "الخطوة 1 من 3 · وصف الخادم",
    kind: "النوع",
    backend_hint: "تعالج الصوت",
    proxy_hint: "بوابة SIP، تتصل بشركات الاتصالات",
    endpoint: "نقطة النهاية",
    endpoint_hint: "عنوان الخادم، مثل \u{2068}http://10.0.0.5:5002\u{2069}. إن لم يُذكر البروتوكول فهو \u{2068}http\u{2069}.",
    will_call: "سنتصل بالعنوان",
    sip_port: "منفذ SIP",
    sip_port_hint: "البوابة 5060، وعقدة المعالجة 5080",
    sip_host: "مضيف SIP",
    sip_host_hint: "مضيف نقطة النهاية ما لم يُحدد غيره",
    transport: "نقل SIP",
    display: "الاسم المعروض",
    display_hint: "يظهر بدلًا من نقطة النهاية.",
    calls: "أقصى عدد للمكالمات المتزامنة",
    calls_hint: "ما يستوعبه الخادم في وقت واحد، من 1 إلى 100,000.",
    development: "خادم تطوير",
    development_hint: "يستقبل مكالمات المديرين فقط.",
    maintenance: "البدء في وضع الصيانة",
    maintenance_hint: "لا تستقبل مكالمات حتى يُنهي مشغّل الصيانة.",
    port_error: "منفذ SIP رقم من 1 إلى 65535.",
    calls_error: "رقم من 1 إلى 100,000.",
    cancel: "إلغاء",
    register: "تسجيل العقدة",
    registering: "جارٍ التسجيل…",
    added: |name| format!("سُجّلت {}", iso(name)),
};

/// Secret and first heartbeat of a new node.
pub(super) const CONNECT: ConnectWords = ConnectWords {
    title: "ربط الخادم",
    crumb: "الربط",
    step_2: "الخطوة 2 من 3",
    step_3: "الخطوة 3 من 3",
    registered_in: "مسجّلة في",
    secret: "سرّ API",
    shown_once: "يُعرض مرة واحدة",
    copy_now: "انسخه الآن. يُحفظ مشفّرًا ولا يُعرض مرة أخرى.",
    shown_before: "عُرض السرّ عند إضافة العقدة. إنه محفوظ مشفّرًا ولا يمكن عرضه مرة أخرى.",
    fingerprint: "بصمة السرّ:",
    loopback: "لا تستطيع الخوادم على أجهزة أخرى الوصول إلى وحدة التحكم هذه: الملف يذكر عنوانًا لهذا الجهاز وحده. اضبط \u{2068}IQRA_PUBLIC_URL\u{2069} على عنوان يمكنها الوصول إليه.",
    copy_file: "نسخ المقطع",
    download: "تنزيل \u{2068}appsettings.json\u{2069}",
    command: "أمر الوكيل",
    command_hint: "نفّذه على الخادم بجانب الملف الذي نزّلته.",
    copy_command: "نسخ الأمر",
    stored: "حفظتُ السرّ",
    wait_title: "في انتظار أول نبضة",
    wait_again: "في انتظار نبضة",
    online_title: "الخادم متصل",
    online_said: "العقدة متصلة",
    done: "تم",
    failed: "فشل",
    waiting: "في الانتظار",
    open: "غير معلوم بعد",
    registered: "التسجيل",
    waiting_for: "في انتظار نبضة موقّعة بهذا السرّ",
    elapsed: |elapsed, interval| format!("مضى {} · المتوقع كل {}", iso(elapsed), iso(interval)),
    silent: "أرسلت نبضات من قبل وهي صامتة الآن.",
    beating: "قُبلت النبضة",
    refused: "رُفضت نبضة",
    refusal: |ago, source, reason, presented, expected| {
        let when = ago.map(|a| format!(" قبل {}", iso(a))).unwrap_or_default();
        let which = presented
            .map(|p| format!(" (البصمة {}، والمتوقعة {})", iso(p), iso(expected)))
            .unwrap_or_default();
        format!("رُفضت نبضة من {}{when}. {reason}{which}.", iso(source))
    },
    match_title: "الإصدار والمنطقة مطابقان",
    matches: |version, region| format!("الإصدار {}، المنطقة {}", iso(version), iso(region)),
    slow: "لا شيء بعد. السبب غالبًا جدار حماية بين الخادم ووحدة التحكم هذه، أو أن الملف لم يُحفظ حيث يقرؤه الخادم.",
    slow_help: "ما الذي يجب فحصه",
    open_node: "فتح العقدة",
    finish: "إنهاء",
    add_another: "إضافة أخرى",
    store_first: "احفظ السرّ أولًا ثم ضع العلامة في المربع.",
    may_leave: "يمكنك مغادرة هذه الصفحة. تبقى العقدة في القائمة بحالة «لم يظهر بعد» حتى ترسل نبضة.",
    leave: "لم تحفظ السرّ، ولن يُعرض مرة أخرى. هل تغادر هذه الصفحة؟",
};
