//! Arabic: what was done, and what was tried, in words.

use common::activity::Outcome;

/// Dotted verbs, as nouns: said of what was done and of what was not.
const VERBS: &[(&str, &str)] = &[
    ("auth.login", "تسجيل دخول"),
    ("auth.logout", "تسجيل خروج"),
    ("auth.confirm", "تأكيد بكلمة المرور"),
    ("auth.password", "تغيير كلمة مروره"),
    ("auth.welcome", "استخدام رابط لمرة واحدة"),
    ("auth.refresh_reused", "تقديم رمز تجديد مرتين"),
    ("auth.refresh", "تجديد جلسة"),
    ("auth.look", "الاطلاع على رابط لمرة واحدة"),
    ("session.revoke", "إنهاء جلسة"),
    ("user.create", "إضافة حساب"),
    ("user.invite", "دعوة شخص"),
    ("user.update", "تغيير حساب"),
    ("user.delete", "حذف حساب"),
    ("user.link", "إنشاء رابط لمرة واحدة"),
    ("user.password", "تعيين كلمة مرور"),
    ("user.sign_out", "تسجيل خروج شخص من كل مكان"),
    ("activity.verify", "التحقق من سلسلة السجل"),
    ("token.create", "إنشاء رمز وصول"),
    ("token.rename", "إعادة تسمية رمز وصول"),
    ("token.revoke", "إبطال رمز وصول"),
    ("webhook.create", "إنشاء خطاف ويب"),
    ("webhook.edit", "تغيير خطاف ويب"),
    ("webhook.delete", "حذف خطاف ويب"),
    ("webhook.secret", "إنشاء سرّ جديد لخطاف ويب"),
    ("webhook.stop", "إيقاف خطاف ويب"),
    ("webhook.test", "إرسال اختبار إلى خطاف ويب"),
    ("webhook.replay", "إعادة إرسال رسالة إلى خطاف ويب"),
    ("keys.rotate", "تدوير المفتاح الرئيسي"),
    ("keys.signing.make", "إنشاء مفتاح توقيع"),
    ("keys.signing.rotate", "تدوير مفتاح التوقيع"),
    ("region.create", "إضافة منطقة"),
    ("region.update", "تغيير منطقة"),
    ("region.delete", "حذف منطقة"),
    ("region.intent", "تغيير الحالة المطلوبة لمنطقة"),
    ("region.shutdown", "إيقاف عُقد منطقة"),
    ("region.intent.preview", "معاينة أثر تغيير منطقة"),
    ("region.shutdown.preview", "معاينة أثر إيقاف منطقة"),
    ("node.create", "إضافة عقدة"),
    ("node.update", "تغيير عقدة"),
    ("node.delete", "حذف عقدة"),
    ("node.intent", "تغيير الحالة المطلوبة لعقدة"),
    ("node.shutdown", "إيقاف عقدة"),
    ("node.end_sessions", "إنهاء مكالمات عقدة"),
    ("node.secret.rotate", "تدوير سرّ"),
    ("node.secret.revoke", "إبطال سرّ سابق"),
    ("node.intent.preview", "معاينة أثر تغيير عقدة"),
    ("node.shutdown.preview", "معاينة أثر إيقاف عقدة"),
    ("nodes.bulk", "تغيير عُقد كثيرة"),
    ("platform.intent", "تغيير الحالة المطلوبة للمنصة"),
    ("platform.intent.preview", "معاينة أثر تغيير المنصة"),
    ("storage.update", "تغيير تخزين منطقة"),
    ("storage.delete", "إزالة تخزين منطقة"),
    ("storage.test", "اختبار تخزين منطقة"),
    ("background.create", "تسجيل عقدة الخلفية"),
    ("background.update", "تغيير عقدة الخلفية"),
    ("background.key", "تغيير مفتاح عقدة الخلفية"),
    ("background.job.run", "تنفيذ مهمة"),
    ("background.job.cancel", "إلغاء تنفيذ"),
    ("background.test", "اختبار عقدة خلفية"),
    ("command.cancel", "سحب أمر"),
    ("problem.snooze", "تأجيل مشكلة"),
    ("problem.unsnooze", "إنهاء تأجيل"),
    ("unregistered.ignore", "تجاهل عقدة غير مسجّلة"),
    ("unregistered.unignore", "إعادة عرض عقدة غير مسجّلة"),
    ("stream.window", "اختيار ما يظهر في عرض مباشر"),
    ("request", "إرسال طلب"),
];

/// A sentence without its subject; the verb itself where there are no words.
pub(super) fn said(action: &str, outcome: Outcome) -> String {
    if action == "activity.more" {
        return "محاولات أخرى ممنوعة أو مرفوضة، أكثر مما يُدوَّن واحدة واحدة".to_owned();
    }
    let verb = VERBS.iter().find(|(code, _)| *code == action).map_or(action, |(_, verb)| verb);
    match outcome {
        Outcome::Allowed => verb.to_owned(),
        Outcome::Denied => format!("محاولة ممنوعة: {verb}"),
        Outcome::Refused => format!("محاولة مرفوضة: {verb}"),
    }
}
