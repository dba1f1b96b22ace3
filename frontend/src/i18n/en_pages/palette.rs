//! English words of the palette: search and commands.

use crate::i18n::plural::en;

/// The palette, and the menu of a page.
pub struct PaletteWords {
    /// The button in the bar.
    pub button: &'static str,
    /// Its heading, for screen readers.
    pub title: &'static str,
    /// Name of the input.
    pub input: &'static str,
    /// In the empty input.
    pub placeholder: &'static str,
    /// Name of the list.
    pub list: &'static str,
    /// How many there are.
    pub found: fn(usize) -> String,
    /// There are none.
    pub none: &'static str,
    /// The server is asked for nodes.
    pub asking: &'static str,
    /// The server did not answer.
    pub no_answer: &'static str,
    /// Group: pages.
    pub go: &'static str,
    /// Group: what can be done.
    pub actions: &'static str,
    /// Group: nodes.
    pub nodes: &'static str,
    /// Group: regions.
    pub regions: &'static str,
    /// Group: pages seen last.
    pub recent: &'static str,
    /// Below the list: what the keys do.
    pub hint: &'static str,
    /// The pages: address, name, and other names by which somebody may look for it.
    pub pages: &'static [(&'static str, &'static str, &'static str)],
    /// Command: figures stand still, or move again.
    pub pause: &'static str,
    /// Command: figures move again.
    pub resume: &'static str,
    /// Command: everything anew.
    pub refresh: &'static str,
    /// Command: the list of shortcuts.
    pub shortcuts: &'static str,
    /// The menu of the page.
    pub page_menu: &'static str,
    /// In it.
    pub copy_link: &'static str,
    /// In it.
    pub print: &'static str,
    /// In it.
    pub api_call: &'static str,
    /// What the dialog of the call says.
    pub api_lead: &'static str,
    /// Heading above the sign-in call.
    pub api_sign_in: &'static str,
    /// What it needs.
    pub api_sign_in_hint: &'static str,
    /// Heading above the call of the page.
    pub api_page: &'static str,
    /// Copies a call.
    pub api_copy: &'static str,
    /// Leads to the reference.
    pub api_docs: &'static str,
}

/// English.
pub const PALETTE: PaletteWords = PaletteWords {
    button: "Search or run a command",
    title: "Search and commands",
    input: "Search pages, nodes, regions and commands",
    placeholder: "Page, node, region or command",
    list: "Results",
    found: |n| en(n, ["# result", "# results"]),
    none: "Nothing matches. Try part of a name, an endpoint or a Region ID.",
    asking: "Searching nodes",
    no_answer: "The server could not be asked for nodes; those shown are the ones this page knows.",
    go: "Go to",
    actions: "Actions on this page",
    nodes: "Nodes",
    regions: "Regions",
    recent: "Recent",
    hint: "Arrow keys choose, Enter opens, Escape closes. Commands that change something ask first.",
    pages: &[
        ("/dashboard", "Dashboard", "home overview figures لوحة المتابعة"),
        ("/regions", "Regions", "المناطق"),
        ("/regions/new", "Add region", "new create إضافة منطقة"),
        ("/nodes", "Nodes", "servers proxies backends العقد الخوادم"),
        ("/nodes/unregistered", "Unregistered nodes", "unknown servers غير مسجلة"),
        ("/frontend", "Frontend node", "control plane عقدة الواجهة"),
        ("/background", "Background node", "عقدة الخلفية"),
        ("/background/jobs", "Background jobs", "run trigger المهام"),
        ("/background/config", "Background configuration", "endpoint key إعداد عقدة الخلفية"),
        ("/background/metrics", "Background metrics", "charts مقاييس عقدة الخلفية"),
        ("/activity", "Activity", "audit log history who سجل النشاط"),
        ("/settings/general", "Settings: General", "timers retention version الإعدادات عام"),
        ("/settings/maintenance", "Settings: Platform maintenance", "صيانة المنصة"),
        ("/settings/appearance", "Settings: Appearance", "theme dark language density keys المظهر اللغة"),
        ("/users", "Users & roles", "people accounts sessions invite المستخدمون الأدوار"),
        ("/users/invite", "Invite", "person user account دعوة"),
        ("/tokens", "API tokens", "scripts automation ci رموز الوصول"),
        ("/tokens/new", "New token", "create script رمز جديد"),
        ("/webhooks", "Webhooks", "notifications hooks alerts callback deliveries خطافات الويب"),
        ("/webhooks/new", "New webhook", "create notification alert خطاف ويب جديد"),
        ("/settings/security", "Settings: Security", "password sessions sign out كلمة المرور الجلسات"),
        ("/settings/about", "Settings: About", "version licences حول"),
        ("/help", "Help", "المساعدة"),
        ("/help/why-zero", "Help: Why 0/N", "not reporting firewall لماذا صفر"),
        ("/help/statuses", "Help: Status words", "offline stale thresholds كلمات الحالة"),
        ("/help/lifecycle", "Help: Maintenance, disable, shutdown", "delete الصيانة والتعطيل والإيقاف"),
        ("/help/region-ids", "Help: Region IDs and appsettings.json", "معرّفات المناطق"),
        ("/help/roles", "Help: Roles", "viewer operator admin permissions may الأدوار"),
        ("/help/shortcuts", "Help: Keyboard shortcuts", "keys اختصارات لوحة المفاتيح"),
        ("/help/api", "Help: API", "openapi curl script واجهة برمجية"),
    ],
    pause: "Pause live figures",
    resume: "Resume live figures",
    refresh: "Refresh now",
    shortcuts: "Keyboard shortcuts",
    page_menu: "More for this page",
    copy_link: "Copy link to this page",
    print: "Print",
    api_call: "Show API call",
    api_lead: "Everything on this page comes from the API. These calls fetch it for a script.",
    api_sign_in: "Sign in once",
    api_sign_in_hint: "Put your address and password in place of the words in capitals. The session is kept in the file cookies.",
    api_page: "What is on the screen",
    api_copy: "Copy call",
    api_docs: "API reference",
};
