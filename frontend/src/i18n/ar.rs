//! Arabic. The terms are those of `ar_pages/glossary.rs`. What stands in files and programs (`appsettings.json`, ids,
//! addresses, versions) stays in Latin letters.

use common::auth::Role;
use common::node::NodeKind;
use common::overview::CollectingReason;

use super::ar_help;
use super::ar_pages::AR_PAGES;
use super::ar_words::{UNITS, in_region, kind_count, kind_one, wait};
use super::plural::{ar, num};
use super::strings::Strings;
use crate::pages::dashboard::causes::Cause;
use crate::state::prefs::{Digits, Theme};

/// The Arabic table.
pub static AR: Strings = Strings {
    locale: |digits| match digits {
        Digits::Latin => "ar-OM-u-nu-latn",
        Digits::Arabic => "ar-OM-u-nu-arab",
    },
    units: UNITS,
    pages: &AR_PAGES,

    title_with_fault: |title| format!("خطأ: {title}"),
    document_title: |broken, page| {
        let prefix = if broken == 0 { String::new() } else { format!("({}) ", num(broken)) };
        let page = if page.is_empty() { String::new() } else { format!("{page} · ") };
        format!("{prefix}{page}البنية التحتية")
    },
    brand: "البنية التحتية",
    brand_label: "Iqra · البنية التحتية",
    skip_to_content: "تخطَّ إلى المحتوى",
    loading: "جارٍ التحميل",
    nav_label: "البنية التحتية",
    nav_title: "القائمة",
    nav_open: "القائمة",
    nav_group: "البنية التحتية",
    nav_dashboard: "لوحة المتابعة",
    nav_regions: "المناطق",
    nav_nodes: "العُقد",
    nav_help: "المساعدة",
    language: "اللغة",
    theme: "المظهر",
    theme_name: |theme| match theme {
        Theme::System => "حسب النظام",
        Theme::Light => "فاتح",
        Theme::Dark => "داكن",
    },
    account: "الحساب",
    account_role: |role| format!("الدور: {role}"),
    role: |role| match role {
        Role::Viewer => "مطّلع",
        Role::Operator => "مشغّل",
        Role::Admin => "مدير",
    },
    sign_out: "تسجيل الخروج",
    sign_out_failed: |why| format!("ما زلت مسجّل الدخول. {why}"),
    reload: "إعادة تحميل الصفحة",

    error_unreachable_title: "لم يُجب الخادم المركزي",
    error_unreachable: "تحقق من شبكتك ومن أن الخادم المركزي يعمل، ثم حاول مجددًا.",
    part_missing_title: "تعذّر جلب هذه الصفحة",
    part_missing: "لم يرسل الخادم المركزي هذا الجزء من وحدة التحكم. حاول مجددًا، وإن كان الخادم قد حُدِّث في هذه الأثناء فأعد تحميل الصفحة.",
    error_garbled_title: "تعذّرت قراءة الرد",
    error_garbled: |status| {
        format!(
            "أجاب وسيط بين هذه الصفحة والخادم المركزي بالرمز {status}، أو أن هذه الصفحة من إصدار آخر. أعد تحميل الصفحة."
        )
    },

    as_of: |time| format!("· حتى {time}"),
    fresh_label: "الاتصال",
    fresh_hint: "حالة البيانات المباشرة. يفتح التفاصيل.",
    fresh_connecting: "جارٍ الاتصال…",
    fresh_live: "مباشر",
    fresh_delayed: |seconds| format!("تأخر التحديث {} ث", num(seconds)),
    fresh_disconnected: "انقطع الاتصال",
    fresh_connecting_means: "في انتظار أول الأرقام من الخادم المركزي.",
    fresh_live_means: "تصل الأرقام فور تغيّرها.",
    fresh_delayed_means: "الأرقام متأخرة. ما زالت الإجراءات تعمل، والخادم المركزي يتحقق من كل منها.",
    fresh_disconnected_means: "الأرقام قديمة. الإجراءات متوقفة إلى أن تعيد وحدة التحكم الاتصال.",
    fresh_figures_from: "وقت الأرقام",
    fresh_failed_attempts: "المحاولات الفاشلة",
    fresh_reconnect: "أعد الاتصال الآن",
    retry_now: "حاول الآن",
    banner_never_connected: "تعذّر فتح الاتصال المباشر.",
    banner_disconnected_since: |time| format!("الاتصال مقطوع منذ {time}."),
    banner_disconnected: |age| {
        format!(
            "الأرقام أدناه مضى عليها {age} وقد تكون خاطئة. الإجراءات متوقفة إلى أن تعيد وحدة التحكم الاتصال."
        )
    },
    banner_delayed_age: |age| format!("عمر البيانات {age}."),
    banner_delayed: |failed, next| {
        let attempt = num(failed.saturating_add(1));
        match next {
            Some(seconds) => format!(
                "لا تصل تحديثات من الخادم المركزي؛ تجري إعادة الاتصال (المحاولة {attempt}، التالية بعد {} ث). ما زالت الإجراءات تعمل.",
                num(seconds)
            ),
            None => format!(
                "لا تصل تحديثات من الخادم المركزي؛ تجري إعادة الاتصال (المحاولة {attempt}). ما زالت الإجراءات تعمل."
            ),
        }
    },
    collecting_reason: |reason, ago| {
        let ago = ago.map(|a| format!(" قبل {a}")).unwrap_or_default();
        match reason {
            CollectingReason::Restart => format!("أُعيد تشغيل الخادم المركزي{ago}."),
            CollectingReason::NewSweeper => format!("تولّت عملية أخرى من الخادم المركزي العمل{ago}."),
            CollectingReason::SweeperLate => format!("تأخر الخادم المركزي عن عمله{ago}."),
            CollectingReason::Suspended => format!("عُلِّق الخادم المركزي{ago}."),
            CollectingReason::DatabaseErrors => format!("تعطلت قاعدة البيانات{ago}."),
            CollectingReason::IngestErrors => format!("تعذّر على الخادم المركزي استقبال النبضات{ago}."),
        }
    },
    collecting: |confirmed, expected| {
        format!("تتأكد الحالات مع وصول النبضات: {} من {}.", num(confirmed), num(expected))
    },
    banner_new_version: "يتوفر إصدار أحدث من وحدة التحكم.",
    say_live_again: "عاد البث المباشر. البيانات حديثة.",
    say_delayed: "البيانات متأخرة.",
    say_disconnected: |time| match time {
        Some(time) => format!("انقطع الاتصال. الأرقام من {time}."),
        None => "انقطع الاتصال.".into(),
    },
    say_all_clear: "لم تعد أي عقدة غير متصلة.",

    gate_disconnected: |time| match time {
        Some(time) => format!("اتصال وحدة التحكم مقطوع؛ ستتصرف بناءً على بيانات من {time}."),
        None => "اتصال وحدة التحكم مقطوع.".into(),
    },
    gate_connecting: "ما زالت وحدة التحكم تتصل.",
    gate_role: |role| format!("يتطلب هذا دور «{role}»."),

    problem_none_online: |kind, region| format!("لا {} متصلة{}", kind_one(kind), in_region(region)),
    problem_none_online_detail: |kind, n, last| {
        let last = last.map_or_else(|| "لم تُقبل أي نبضة قط.".into(), |a| format!("آخر نبضة قبل {a}."));
        format!("لا تصل نبضات من {} مسجّلة. {last}", kind_count(kind, n))
    },
    problem_node_offline: |node, region| format!("{node} غير متصلة{}", in_region(region)),
    problem_node_stale: |node, region| format!("{node} متأخرة{}", in_region(region)),
    problem_never_seen: |node| format!("لم ترسل {node} أي نبضة قط"),
    problem_never_seen_detail: |ago, region| {
        let added = ago.map(|a| format!("أُضيفت قبل {a}{}. ", in_region(region))).unwrap_or_default();
        format!("{added}ضع سرّها في \u{2068}appsettings.json\u{2069} وشغّلها.")
    },
    problem_refused: |n| {
        ar(
            n,
            [
                "لم تُرفض أي نبضة",
                "رُفضت نبضة واحدة",
                "رُفضت نبضتان",
                "رُفضت # نبضات",
                "رُفضت # نبضة",
                "رُفضت # نبضة",
            ],
        )
    },
    refused_badge: "مرفوض",
    last_heartbeat: |ago| match ago {
        Some(ago) => format!("آخر نبضة قبل {ago}."),
        None => "لم تُقبل أي نبضة قط.".into(),
    },
    rejection: |reason, source, count, ago| {
        let times = ar(count, ["0 مرات", "مرة واحدة", "مرتين", "# مرات", "# مرة", "# مرة"]);
        let ago = ago.map(|a| format!("، آخرها قبل {a}")).unwrap_or_default();
        format!("{reason}: {times} من {source}{ago}.")
    },
    rejection_reason: |code| match code {
        "unknown_secret" => "السرّ غير معروف".into(),
        "region_mismatch" => "الملف يذكر منطقة أخرى".into(),
        "kind_mismatch" => "الملف لنوع آخر من العُقد".into(),
        "node_mismatch" => "الملف يذكر عقدة أخرى".into(),
        "node_deleted" => "العقدة محذوفة".into(),
        "body_too_large" => "الرسالة أكبر من اللازم".into(),
        "invalid_heartbeat" => "الرسالة ليست نبضة".into(),
        "too_fast" => "وصلت النبضات أسرع من اللازم".into(),
        other => format!("رُفضت ({other})"),
    },

    login_title: "تسجيل الدخول",
    login_email: "البريد الإلكتروني",
    login_password: "كلمة المرور",
    login_show: "إظهار كلمة المرور",
    login_submit: "تسجيل الدخول",
    login_busy: "جارٍ تسجيل الدخول…",
    login_help: "لا تستطيع تسجيل الدخول؟ اسأل أحد المديرين.",
    login_api: "مرجع واجهة البرمجة",
    login_expired_at: |time| format!("انتهت جلستك في {time}. سجّل الدخول للمتابعة."),
    login_expired: "انتهت جلستك. سجّل الدخول للمتابعة.",
    login_signed_out: "سجّلت الخروج.",
    login_plain_http: "هذه الصفحة غير مشفّرة. يمكن قراءة كلمات المرور على الشبكة.",
    login_caps_lock: "مفتاح الأحرف الكبيرة \u{2068}Caps Lock\u{2069} مفعّل.",
    login_need_email: "أدخل بريدك الإلكتروني.",
    login_need_password: "أدخل كلمة المرور.",
    login_wrong: "البريد الإلكتروني أو كلمة المرور غير صحيح.",
    login_locked: |seconds| format!("محاولات كثيرة. حاول مجددًا بعد {}.", wait(seconds)),
    login_unreachable: "لم يُجب الخادم المركزي. ما كتبته محفوظ؛ حاول مجددًا.",

    dash_data_from: |time| format!("البيانات من {time}"),
    dash_problems: |n| {
        ar(
            n,
            [
                "لا مشكلات تتطلب الانتباه",
                "مشكلة واحدة تتطلب الانتباه",
                "مشكلتان تتطلبان الانتباه",
                "# مشكلات تتطلب الانتباه",
                "# مشكلة تتطلب الانتباه",
                "# مشكلة تتطلب الانتباه",
            ],
        )
    },
    dash_all_clear: |n| {
        ar(
            n,
            [
                "لا عُقد مسجّلة.",
                "العقدة ترسل نبضاتها.",
                "العقدتان ترسلان نبضاتهما.",
                "العُقد كلها (#) ترسل نبضاتها.",
                "العُقد كلها (#) ترسل نبضاتها.",
                "العُقد كلها (#) ترسل نبضاتها.",
            ],
        )
    },
    dash_no_nodes: "لا عُقد مسجّلة بعد.",
    dash_partial: |reporting, expected| {
        format!("العُقد التي ترسل نبضات: {} من {}.", num(reporting), num(expected))
    },
    key_figures: "الأرقام الرئيسية",
    kpi_conversations: "المحادثات الجارية",
    kpi_phone: "هاتف",
    kpi_web: "ويب",
    kpi_outbound: "المكالمات الصادرة",
    kpi_processing: "قيد المعالجة",
    kpi_pending: "في الانتظار",
    kpi_oldest: |age| format!("أقدمها {age}"),
    kpi_backend: "عُقد المعالجة · نشط / الإجمالي",
    kpi_proxy: "البوابات · نشط / الإجمالي",
    kpi_accepting: "تستقبل مكالمات جديدة",
    kpi_bar: |kind| match kind {
        NodeKind::Proxy => "البوابات حسب الحالة",
        NodeKind::Backend => "عُقد المعالجة حسب الحالة",
        NodeKind::Background => "عُقد الخلفية حسب الحالة",
    },
    kpi_slots: |used, max, share| match share {
        Some(share) => format!("الخانات المستخدمة {used} من {max} ({share})"),
        None => format!("الخانات المستخدمة {used} من {max}"),
    },
    kpi_disabled: |n| {
        ar(
            n,
            [
                "لا عُقد معطّلة",
                "عقدة معطّلة، خارج الإجمالي",
                "عقدتان معطّلتان، خارج الإجمالي",
                "# عُقد معطّلة، خارج الإجمالي",
                "# عقدة معطّلة، خارج الإجمالي",
                "# عقدة معطّلة، خارج الإجمالي",
            ],
        )
    },
    kpi_none_registered: |kind| match kind {
        NodeKind::Proxy => "لا بوابات مسجّلة بعد. أضف واحدة في منطقة.",
        NodeKind::Backend => "لا عُقد معالجة مسجّلة بعد. أضف واحدة في منطقة.",
        NodeKind::Background => "عقدة الخلفية غير مسجّلة بعد.",
    },
    kpi_coverage: |kind, reporting, expected| {
        format!("من {} من أصل {}", num(reporting), kind_count(kind, expected))
    },
    kpi_last_known_conversations: |phone, web| {
        format!("آخر المعروف من العُقد الصامتة: هاتف {phone}، ويب {web}")
    },
    kpi_last_known_outbound: |processing, pending| {
        format!("آخر المعروف من العُقد الصامتة: قيد المعالجة {processing}، في الانتظار {pending}")
    },
    how_to_fix: |n| format!("كيف أصلح \u{2068}0/{n}\u{2069}؟"),
    how_to_fix_in: |n, region| format!("كيف أصلح \u{2068}0/{n}\u{2069} في \u{2068}{region}\u{2069}؟"),
    attention: "يتطلب انتباهك",
    open: "فتح",
    show_refusals: "عرض المرفوضات",
    regions: "المناطق",
    add_region: "إضافة منطقة",
    add_backend: "إضافة عقدة معالجة",
    add_proxy: "إضافة بوابة",
    setup_title: "تجهيز المنصة",
    setup_intro: "خمس خطوات إلى منصة تعمل. تتبع القائمة ما هو مسجّل وما يُبلغ.",
    setup_region: "أنشئ منطقة",
    setup_region_why: "تجمع المنطقة عُقدًا وتخزينًا في مكان واحد، مثل \u{2068}OM-MCT\u{2069}.",
    setup_node: |kind| match kind {
        NodeKind::Proxy => "أضف بوابة وشاهد نبضتها",
        NodeKind::Backend => "أضف عقدة معالجة وشاهد نبضتها",
        NodeKind::Background => "أضف عقدة الخلفية",
    },
    setup_node_why: |kind| match kind {
        NodeKind::Proxy => "تتصل البوابات بشركات الاتصالات، منفذ SIP‏ 5060.",
        NodeKind::Backend => "تعالج عُقد المعالجة الصوت، منفذ SIP‏ 5080.",
        NodeKind::Background => "تشغّل مهام المنصة كلها.",
    },
    setup_done: "تم",
    setup_to_do: "لم يتم بعد",

    zero_title: |n| format!("لماذا 0/{n}؟"),
    zero_lead: |kind, n| {
        if n == 1 {
            let one = kind_one(kind);
            return format!(
                "{one} واحدة مسجّلة في قاعدة البيانات لكنها لا ترسل نبضات. تحقق من جدار الحماية ومن \u{2068}appsettings.json\u{2069} على ذلك الخادم."
            );
        }
        format!(
            "تعرف قاعدة البيانات {} ولا تصل من أي منها نبضات. تحقق من جدار الحماية ومن \u{2068}appsettings.json\u{2069} على تلك الخوادم.",
            kind_count(kind, n)
        )
    },
    zero_loopback: "يستمع الخادم المركزي على العنوان المحلي فقط: لا تستطيع العُقد على خوادم أخرى الوصول إليه. اضبط \u{2068}IQRA_LISTEN\u{2069} و \u{2068}IQRA_PUBLIC_URL\u{2069}.",
    zero_causes: "الأسباب المعتادة",
    zero_likely: "الأرجح",
    cause_title: |cause| match cause {
        Cause::Settings => "\u{2068}appsettings.json\u{2069} غير مطابق",
        Cause::Firewall => "جدار حماية أو وسيط في الطريق",
        Cause::NotRunning => "العملية لا تعمل",
    },
    cause_text: |cause| match cause {
        Cause::Settings => {
            "يجب أن تكون قيم \u{2068}Id\u{2069} و \u{2068}RegionId\u{2069} و \u{2068}ApiKey\u{2069} في \u{2068}appsettings.json\u{2069} هي قيم هذه العقدة. السرّ أو المنطقة أو النوع الخاطئ يُرفض ويظهر أعلاه."
        }
        Cause::Firewall => {
            "يرسل كل خادم نبضاته إلى وحدة التحكم هذه عبر HTTP. افتح من ذلك الخادم عنوان وحدة التحكم، مثلًا بأداة curl؛ عدم الرد يعني أن جدار حماية أو مسارًا أو اسمًا غير صحيح."
        }
        Cause::NotRunning => {
            "انظر إلى الخدمة على الخادم: هل شُغّلت، هل تتوقف فورًا، هل تعيد التشغيل؟ يذكر سجلّها أول نبضة."
        }
    },
    zero_nodes: |kind| match kind {
        NodeKind::Proxy => "عرض هذه البوابات",
        NodeKind::Backend => "عرض عُقد المعالجة هذه",
        NodeKind::Background => "عرض عقدة الخلفية",
    },
    refusals_title: "النبضات المرفوضة",
    refusals_lead: "تصل هذه الخوادم إلى وحدة التحكم، وما ترسله يُرفض. ما تقوله الرسالة عن نفسها ادعاء لا أكثر.",
    refusals_none: "لم تُرفض أي نبضة مؤخرًا.",

    help_title: "المساعدة",
    help_sub: "معاني الكلمات، وما العمل حين تصمت عقدة.",
    help_zero_title: "\u{2068}0/N\u{2069}: مسجّلة ولا ترسل نبضات",
    help_zero: ar_help::HELP_ZERO,
    help_words_title: "كلمات الحالة",
    help_words: ar_help::HELP_WORDS,
    help_timers: |stale, offline, interval| {
        format!("ترسل العقدة نبضة كل {interval}. متأخر: لا شيء منذ {stale}. غير متصل: لا شيء منذ {offline}.")
    },
    help_fresh_title: "مدى حداثة هذه الصفحة",
    help_fresh: "مباشر: تصل الأرقام فور تغيّرها. تأخر التحديث: لم يصل شيء منذ 5 ثوانٍ، أو تعيد وحدة التحكم الاتصال. انقطع الاتصال: لم يصل شيء منذ 30 ثانية، أو لا يمكن الوصول إلى الخادم المركزي؛ تبقى الأرقام مع وقتها، والإجراءات متوقفة. لا يقول هذا شيئًا عن العُقد: العقدة التي فات موعد نبضتها متأخرة أو غير متصلة.",
    help_figures_title: "الأرقام",
    help_figures: ar_help::HELP_FIGURES,
    help_more_title: "المزيد",
    help_api_docs: "مرجع واجهة البرمجة",
    help_version: |version| format!("الإصدار \u{2068}{version}\u{2069}"),

    not_found_title: "الصفحة غير موجودة",
    not_found: "لا شيء على هذا العنوان. ربما كُتب أو نُسخ خطأً.",
    not_found_home: "إلى لوحة المتابعة",
};

#[cfg(test)]
#[path = "ar_tests.rs"]
mod tests;
