//! English sentences of the components and of the pages about regions and nodes.
//!
//! One typed table: a language is complete or it does not compile. Sentences with a value in them are functions, so
//! that each language puts it where its grammar wants it.

pub mod access;
pub mod activity;
pub mod adding;
pub mod background;
pub mod chain;
pub mod charts;
pub mod conflict;
pub mod credentials;
pub mod dashboard;
pub mod diagnose;
pub mod edit;
pub mod frontend;
pub mod handover;
pub mod help;
pub mod help_pages;
pub mod lifecycle;
pub mod live;
pub mod nodes;
pub mod palette;
pub mod past;
pub mod people;
pub mod problems;
pub mod refusals;
pub mod regions;
pub mod settings;
pub mod shortcuts;
pub mod signals;
pub mod states;
pub mod storage;
pub mod table;
pub mod tabs;
pub mod timeline;
pub mod tokens;
pub mod unregistered;
pub mod verbs;
pub mod webhooks;

/// Everything the components and these pages say.
pub struct PageStrings {
    /// Used everywhere.
    pub common: Common,
    /// What people may do.
    pub access: access::AccessWords,
    /// Of pages whose English is in their parts; `None` in English.
    pub apart: Option<&'static access::ApartWords>,
    /// The status words.
    pub status: Status,
    /// Forms.
    pub form: Form,
    /// The country picker.
    pub country: CountryWords,
    /// A secret on the screen.
    pub secret: Secret,
    /// What a node does.
    pub kind: regions::KindWords,
    /// The card of a region.
    pub region_card: regions::RegionCardWords,
    /// The list of regions.
    pub regions: regions::RegionsWords,
    /// The form for a new region.
    pub region_new: regions::RegionNewWords,
    /// The page of a region.
    pub region: regions::RegionWords,
    /// Tables of nodes.
    pub nodes: nodes::NodesWords,
    /// Long lists of nodes.
    pub table: table::TableWords,
    /// The form for a new node.
    pub node_new: adding::NodeNewWords,
    /// Secret and first heartbeat of a new node.
    pub connect: adding::ConnectWords,
    /// The page of a node.
    pub node: nodes::NodeWords,
    /// What happened to nodes and regions.
    pub timeline: timeline::TimelineWords,
    /// Two people changed the same thing.
    pub conflict: conflict::ConflictWords,
    /// Settings of a node and of a region.
    pub edit: edit::EditWords,
    /// A node's secret.
    pub rotate: edit::RotateWords,
    /// A region's storage.
    pub storage: storage::StorageWords,
    /// Maintenance, disable, activate.
    pub lifecycle: lifecycle::LifecycleWords,
    /// The card of a drain.
    pub drain: signals::DrainWords,
    /// Shutdowns and their receipts.
    pub shutdown: signals::ShutdownWords,
    /// Deletes.
    pub delete: signals::DeleteWords,
    /// Changes of many nodes.
    pub bulk: signals::BulkWords,
    /// Maintenance of the whole platform.
    pub platform: signals::PlatformWords,
    /// Servers that are not registered.
    pub unregistered: unregistered::UnregisteredWords,
    /// The background node.
    pub background: background::BackgroundWords,
    /// Charts.
    pub charts: charts::ChartWords,
    /// The connection and the session.
    pub live: live::LiveWords,
    /// A moment that is over.
    pub past: past::PastWords,
    /// Help.
    pub help: help::HelpWords,
    /// The dashboard's later parts.
    pub dashboard: dashboard::DashboardWords,
    /// Why a node does not report.
    pub diagnose: diagnose::DiagnoseWords,
    /// Open problems.
    pub problems: problems::ProblemWords,
    /// The frontend node.
    pub frontend: frontend::FrontendWords,
    /// Activity and timeline.
    pub activity: activity::ActivityWords,
    /// Settings.
    pub settings: settings::SettingsWords,
    /// Tabs of a region and of a node.
    pub tabs: tabs::TabWords,
    /// What the server refuses.
    pub refusals: refusals::RefusalWords,
    /// Pages of the help.
    pub help_pages: help_pages::HelpPageWords,
    /// Search and commands.
    pub palette: palette::PaletteWords,
    /// Keys.
    pub shortcuts: shortcuts::ShortcutWords,
    /// What every page shares.
    pub states: states::StateWords,
}

/// Words used everywhere.
pub struct Common {
    /// For screen readers, where a dash stands.
    pub no_data: &'static str,
    /// Time ago.
    pub ago: fn(&str) -> String,
    /// Instead of a time.
    pub never: &'static str,
    /// Beside a label.
    pub optional: &'static str,
    /// After a copy.
    pub copied: &'static str,
    /// When copying by program failed.
    pub press_ctrl_c: &'static str,
    /// Name of the hidden box that is selected then.
    pub text_to_copy: &'static str,
    /// Name of the breadcrumb.
    pub breadcrumb: &'static str,
    /// Label of a request id.
    pub request_id: &'static str,
    /// Button beside it.
    pub copy_request_id: &'static str,
    /// Button under an error.
    pub try_again: &'static str,
    /// The cross of a dialog.
    pub close: &'static str,
}

/// The status words; one list for badges, legends and filters.
pub struct Status {
    /// Silent for longer than the limit.
    pub offline: &'static str,
    /// Unknown to the registry.
    pub unregistered: &'static str,
    /// Late.
    pub stale: &'static str,
    /// The console cannot judge.
    pub unconfirmed: &'static str,
    /// No heartbeat yet.
    pub never_seen: &'static str,
    /// Work left.
    pub draining: &'static str,
    /// Expected back.
    pub restarting: &'static str,
    /// Boot checks.
    pub starting: &'static str,
    /// Takes no new work.
    pub maintenance: &'static str,
    /// Out of service.
    pub disabled: &'static str,
    /// A region without nodes.
    pub empty: &'static str,
    /// Takes work.
    pub online: &'static str,
}

/// Forms.
pub struct Form {
    /// Heading of the error summary.
    pub summary: fn(usize) -> String,
}

/// The country picker.
pub struct CountryWords {
    /// In the empty input.
    pub placeholder: &'static str,
    /// Name of the list.
    pub list: &'static str,
    /// Nothing matches.
    pub none: &'static str,
    /// How many match.
    pub found: fn(usize) -> String,
}

/// A secret on the screen.
pub struct Secret {
    /// Its name.
    pub label: &'static str,
    /// Shows and hides it.
    pub reveal: &'static str,
    /// Copies it.
    pub copy: &'static str,
}

/// The English table.
pub static EN_PAGES: PageStrings = PageStrings {
    common: Common {
        no_data: "no data",
        ago: |age| format!("{age} ago"),
        never: "never",
        optional: "(optional)",
        copied: "Copied",
        press_ctrl_c: "Press Ctrl+C",
        text_to_copy: "Text to copy",
        breadcrumb: "Breadcrumb",
        request_id: "Request",
        copy_request_id: "Copy request ID",
        try_again: "Try again",
        close: "Close",
    },
    access: access::ACCESS,
    apart: None,
    status: Status {
        offline: "Offline",
        unregistered: "Unregistered",
        stale: "Stale",
        unconfirmed: "Unconfirmed",
        never_seen: "Never seen",
        draining: "Draining",
        restarting: "Restarting",
        starting: "Starting",
        maintenance: "Maintenance",
        disabled: "Disabled",
        empty: "Empty",
        online: "Online",
    },
    form: Form {
        summary: |n| if n == 1 { "One thing to correct".into() } else { format!("{n} things to correct") },
    },
    country: CountryWords {
        placeholder: "Type to search",
        list: "Countries",
        none: "No country matches",
        found: |n| match n {
            0 => "No country matches".into(),
            1 => "1 country".into(),
            n => format!("{n} countries"),
        },
    },
    secret: Secret { label: "API secret", reveal: "Reveal", copy: "Copy secret" },
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
    timeline: timeline::TIMELINE,
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
    refusals: refusals::REFUSALS,
    help_pages: help_pages::HELP_PAGES,
    palette: palette::PALETTE,
    shortcuts: shortcuts::SHORTCUTS,
    states: states::STATES,
};
