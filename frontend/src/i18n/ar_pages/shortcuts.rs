//! Arabic words of the shortcuts.

use crate::i18n::en_pages::shortcuts::ShortcutWords;
use crate::shell::shortcuts::Shortcut;

/// Arabic.
pub(super) const SHORTCUTS: ShortcutWords = ShortcutWords {
    title: "اختصارات لوحة المفاتيح",
    switch: "اختصارات المفتاح الواحد",
    switch_hint: "عند إيقافها تكتب المفاتيح المفردة حروفها فقط. تبقى Ctrl K و\u{2068}F6\u{2069} و\u{2068}Escape\u{2069} عاملة.",
    layout: "أسماء المفاتيح كما على لوحة لاتينية. على تخطيط آخر كالعربي يُحتسب المفتاح في الموضع نفسه.",
    keys: "المفاتيح",
    does: "ما تفعله",
    then: "ثم",
    everywhere: "في كل مكان",
    pages: "الانتقال إلى صفحة",
    lists: "القوائم وصفحات الشيء الواحد",
    of: |shortcut| match shortcut {
        Shortcut::Palette => "البحث والأوامر، حتى أثناء الكتابة",
        Shortcut::Toasts => "إلى الرسائل عند الحافة",
        Shortcut::Escape => "إغلاق ما في الأعلى، ثم مسح التصفية، ثم التحديد",
        Shortcut::Sheet => "هذه القائمة",
        Shortcut::Go => "الانتقال إلى صفحة: المفتاح التالي يسمّيها",
        Shortcut::Filter => "إلى حقل التصفية في الصفحة",
        Shortcut::Pause => "إيقاف تحديث الأرقام مؤقتًا أو استئنافه",
        Shortcut::Refresh => "التحديث الآن",
        Shortcut::NextRow => "الصف التالي",
        Shortcut::PreviousRow => "الصف السابق",
        Shortcut::Select => "تحديد الصف",
        Shortcut::SelectRange => "التحديد من آخر صف محدد إلى هذا الصف",
        Shortcut::Maintenance => "صيانة العقدة أو المنطقة",
        Shortcut::Actions => "قائمة الصف أو الصفحة",
        Shortcut::PreviousItem => "السابق في القائمة التي جئت منها",
        Shortcut::NextItem => "التالي في القائمة التي جئت منها",
    },
    own: &[(&["↑", "↓"], "صفوف الجدول ونقاط المخطط ونتائج البحث"), (&["Enter"], "فتح الصف")],
    no_neighbour: "لا توجد قائمة للتنقل فيها. افتح هذه الصفحة من قائمة.",
};
