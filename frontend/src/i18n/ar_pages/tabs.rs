//! Arabic words of the tabs of regions and nodes.

use super::glossary::iso;
use crate::i18n::en_pages::tabs::TabWords;

/// Tabs of a region and of a node.
pub(super) const TABS: TabWords = TabWords {
    region: "أقسام المنطقة",
    node: "أقسام العقدة",
    overview: "نظرة عامة",
    storage: "تخزين S3",
    metrics: "المقاييس",
    activity: "سجل النشاط",
    settings: "الإعدادات",
    title: |tab, of| format!("{tab} · {}", iso(of)),
    storage_failing: |since| format!("التخزين متعطّل منذ {}", iso(since)),
    storage_missing: "لا تخزين بعد",
};
