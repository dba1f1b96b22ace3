//! Arabic words of the pages of the help.

use crate::i18n::en_pages::help_pages::HelpPageWords;
use crate::routes::HelpPlace;

/// Arabic.
pub(super) const HELP_PAGES: HelpPageWords = HelpPageWords {
    title: |place| match place {
        HelpPlace::Index => "المساعدة",
        HelpPlace::WhyZero => "لماذا \u{2068}0/N\u{2069}؟",
        HelpPlace::Shortcuts => "اختصارات لوحة المفاتيح",
        HelpPlace::Statuses => "كلمات الحالة والحدود",
        HelpPlace::Lifecycle => "الصيانة والتعطيل والإيقاف والحذف",
        HelpPlace::RegionIds => "معرّفات المناطق وملف \u{2068}appsettings.json\u{2069}",
        HelpPlace::Roles => "الأدوار",
        HelpPlace::Api => "الواجهة البرمجية",
    },
    lead: |place| match place {
        HelpPlace::Index => "معاني الكلمات، وما يُفعل حين لا يصل شيء من خادم.",
        HelpPlace::WhyZero => "العُقد مسجّلة ولا ترسل أي منها نبضات: ما يُفحص، بهذا الترتيب.",
        HelpPlace::Shortcuts => "كل شيء ممكن دون فأرة.",
        HelpPlace::Statuses => "ما تقوله كل كلمة عن العقدة، وبعد أي مدة تظهر.",
        HelpPlace::Lifecycle => "أربع طرق للإخراج من الخدمة، ومتى تُستعمل كل منها.",
        HelpPlace::RegionIds => "كيف يعرف الخادم منطقته.",
        HelpPlace::Roles => "ما يجوز لكل دور أن يفعله.",
        HelpPlace::Api => "كل ما تفعله وحدة التحكم يستطيع برنامج نصي أن يفعله.",
    },
    pages: "المواضيع",
    open_page: "فتح كصفحة",
    all: "كل المساعدة",
    silent_nodes: "عرض العُقد التي لا ترسل",
    attention: "عرض ما يتطلب انتباهك",
    order_title: "كلمة واحدة في كل مرة",
    order: "تعرض العقدة الكلمة الأهم: معطّل قبل كل شيء، ثم لم يظهر بعد، ثم غير مؤكد، ثم إعادة تشغيل، ثم غير متصل، ثم متأخر، ثم قيد التشغيل، ثم قيد الإفراغ، ثم صيانة، ثم متصل. القائمة المرتبة بالحالة تبدأ بما يتطلب الانتباه.",
    timers_unknown: "تعذّرت قراءة الحدود من الخادم المركزي الآن.",
    file_backend: "ملف \u{2068}appsettings.json\u{2069} لعقدة معالجة",
    file_proxy: "ملف \u{2068}appsettings.json\u{2069} لبوابة",
    file_note: "يظهر المعرّف والسرّ مرة واحدة عند إضافة العقدة؛ والسرّ المفقود يُستبدل من إعدادات العقدة. أعد تشغيل التطبيق بعد تغيير هذا الملف.",
    api: &[
        "كل قراءة وكل إجراء في وحدة التحكم هو نداء للواجهة البرمجية، بالصلاحيات نفسها.",
        "قائمة الصفحة (النقاط الثلاث بجانب مسارها) تعرض النداءات التي وراء ما على الشاشة.",
    ],
    api_file: "تنزيل \u{2068}openapi.json\u{2069}",
    api_example: "نداء أول",
    api_token: "جواب تسجيل الدخول فيه \u{2068}accessToken\u{2069} أيضًا: أرسله هكذا «\u{2068}Authorization: Bearer\u{2069} …» بدل ملف الارتباط. يصلح 15 دقيقة، والنداء \u{2068}refresh\u{2069} يعطي غيره. لا تضعه في ملفات يقرؤها غيرك.",
};
