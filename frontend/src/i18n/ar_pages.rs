//! Arabic sentences of the components and of the pages; the words are those of `glossary`.

mod access;
mod activity;
mod adding;
mod background;
mod chain;
mod charts;
mod conflict;
mod credentials;
mod dashboard;
mod diagnose;
mod edit;
mod frontend;
pub(super) mod glossary;
mod handover;
mod help;
mod help_pages;
mod lifecycle;
mod live;
mod nodes;
mod palette;
mod past;
mod people;
mod problems;
mod refusals;
mod regions;
mod settings;
mod shortcuts;
mod signals;
mod states;
mod storage;
mod table;
mod tabs;
mod timeline;
mod tokens;
mod unregistered;
mod verbs;
mod webhooks;

use super::en_pages::{Common, CountryWords, Form, PageStrings, Secret, Status};
use glossary::{CORRECTION, COUNTRY, nom};

/// The Arabic table.
pub static AR_PAGES: PageStrings = PageStrings {
    common: Common {
        no_data: "لا بيانات",
        ago: |age| format!("قبل {age}"),
        never: "أبدًا",
        optional: "(اختياري)",
        copied: "نُسخ",
        press_ctrl_c: "اضغط Ctrl+C",
        text_to_copy: "نص للنسخ",
        breadcrumb: "مسار التنقل",
        request_id: "الطلب",
        copy_request_id: "نسخ معرّف الطلب",
        try_again: "حاول مجددًا",
        close: "إغلاق",
    },
    access: access::ACCESS,
    apart: Some(&access::APART),
    status: Status {
        offline: "غير متصل",
        unregistered: "غير مسجّل",
        stale: "متأخر",
        unconfirmed: "غير مؤكد",
        never_seen: "لم يظهر بعد",
        draining: "قيد الإفراغ",
        restarting: "إعادة تشغيل",
        starting: "قيد التشغيل",
        maintenance: "صيانة",
        disabled: "معطّل",
        empty: "فارغة",
        online: "متصل",
    },
    form: Form {
        summary: |n| match n {
            0 => "لا شيء يحتاج إلى تصحيح".into(),
            n => format!("يلزم {}", nom(n, &CORRECTION)),
        },
    },
    country: CountryWords {
        placeholder: "اكتب للبحث",
        list: "الدول",
        none: "لا توجد دولة مطابقة",
        found: |n| if n == 0 { "لا توجد دولة مطابقة".into() } else { nom(n, &COUNTRY) },
    },
    secret: Secret { label: "سرّ API", reveal: "إظهار", copy: "نسخ السرّ" },
    kind: regions::KIND,
    region_card: regions::REGION_CARD,
    regions: regions::REGIONS,
    region_new: regions::REGION_NEW,
    region: regions::REGION,
    nodes: nodes::NODES,
    table: table::TABLE,
    node_new: adding::NODE_NEW,
    connect: adding::CONNECT,
    node: nodes::NODE,
    conflict: conflict::CONFLICT,
    edit: edit::EDIT,
    rotate: edit::ROTATE,
    storage: storage::STORAGE,
    lifecycle: lifecycle::LIFECYCLE,
    drain: signals::DRAIN,
    shutdown: signals::SHUTDOWN,
    delete: signals::DELETE,
    bulk: signals::BULK,
    platform: signals::PLATFORM,
    unregistered: unregistered::UNREGISTERED,
    background: background::BACKGROUND,
    charts: charts::CHARTS,
    live: live::LIVE,
    past: past::PAST,
    help: help::HELP,
    dashboard: dashboard::DASHBOARD,
    diagnose: diagnose::DIAGNOSE,
    problems: problems::PROBLEMS,
    frontend: frontend::FRONTEND,
    activity: activity::ACTIVITY,
    settings: settings::SETTINGS,
    tabs: tabs::TABS,
    timeline: timeline::TIMELINE,
    refusals: refusals::REFUSALS,
    help_pages: help_pages::HELP_PAGES,
    palette: palette::PALETTE,
    shortcuts: shortcuts::SHORTCUTS,
    states: states::STATES,
};

#[cfg(test)]
mod tests;
