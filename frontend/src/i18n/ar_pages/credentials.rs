//! Arabic words about sessions and passwords.

use super::glossary::iso;
use crate::i18n::en_pages::credentials::CredentialWords;
use crate::i18n::plural::ar;

const CHARACTERS: [&str; 6] = ["# حرف", "حرف واحد", "حرفان", "# أحرف", "# حرفًا", "# حرف"];

/// Sessions, passwords, the page behind a one-time link.
pub(super) const CREDENTIALS: CredentialWords = CredentialWords {
    sessions_table: "الجلسات",
    sessions_none: "لا جلسات.",
    device: "الجهاز",
    address: "العنوان",
    signed_in: "بدأت",
    last_used: "آخر استخدام",
    ends: "تنتهي على الأكثر",
    action: "إجراء",
    this_one: "هذه",
    on: |browser, system| format!("{} على {}", iso(browser), iso(system)),
    unknown_device: "جهاز غير معروف",
    command_line: |program| format!("سطر الأوامر: {}", iso(program)),
    end: "إنهاء",
    end_of: |device| format!("إنهاء الجلسة: {device}"),
    ended: "انتهت الجلسة.",
    end_others: "إنهاء كل الجلسات الأخرى",
    no_others: "لا جلسة أخرى.",
    others_ended: |n| {
        ar(
            n,
            [
                "لم تنتهِ جلسة.",
                "انتهت جلسة واحدة.",
                "انتهت جلستان.",
                "انتهت # جلسات.",
                "انتهت # جلسة.",
                "انتهت # جلسة.",
            ],
        )
    },

    security_sub: "كلمة مرورك، وأين سجّلت الدخول.",
    password: "تغيير كلمة المرور",
    password_text: "تنتهي جلساتك الأخرى كلها عند تغيير كلمة المرور. تبقى رموز الوصول عاملة.",
    current: "كلمة المرور الحالية",
    new: "كلمة المرور الجديدة",
    rules: |least| {
        format!(
            "{} على الأقل، من أي نوع. بضع كلمات متتالية يسهل تذكّرها. لا تُقبل كلمات المرور التي يجرّبها الجميع.",
            ar(least, CHARACTERS)
        )
    },
    more: |n| format!("بقي {}.", ar(n, CHARACTERS)),
    enough: "طولها كافٍ.",
    show: "إظهار كلمة المرور",
    need_password: "أدخل كلمة المرور.",
    too_short: |least| format!("{} على الأقل.", ar(least, CHARACTERS)),
    too_long: "1024 بايت على الأكثر.",
    known: "كلمة المرور هذه من أول ما يُجرَّب، أو فيها عنوانك أو اسم هذا المنتج. اختر غيرها.",
    wrong: "كلمة المرور غير صحيحة.",
    throttled: |seconds| {
        let wait = ar(seconds, ["# ثانية", "ثانية واحدة", "ثانيتين", "# ثوانٍ", "# ثانية", "# ثانية"]);
        format!("محاولات كثيرة. حاول مجددًا بعد {wait}.")
    },
    change: "تغيير كلمة المرور",
    changing: "جارٍ التغيير…",
    password_changed: "تغيّرت كلمة مرورك. انتهت الجلسات الأخرى كلها.",
    tokens_text: "تستخدم البرامج رموز وصول لا كلمة مرورك.",

    welcome: "مرحبًا",
    welcome_reset: "اختر كلمة مرور أخرى",
    looking: "جارٍ فحص الرابط…",
    welcome_text: |email| format!("اختر كلمة مرور لـ {}. تدخل بها مباشرة.", iso(email)),
    reset_for: |email| format!("لـ {}. تنتهي جلسات هذا الحساب الأخرى كلها.", iso(email)),
    link_ends: |at| format!("يعمل الرابط حتى {}.", iso(at)),
    welcome_send: "ابدأ",
    reset_send: "تعيين كلمة المرور",
    welcome_sending: "جارٍ تسجيل الدخول…",
    gone: "لم يعد هذا الرابط يعمل",
    gone_text: "استُخدم من قبل، أو انتهت مدته، أو أُنشئ بعده رابط أحدث. اطلب رابطًا آخر من المدير الذي أرسله.",
    no_link: "الرابط غير مكتمل",
    no_link_text: "افتح الرابط كاملًا كما وصلك. بعد إعادة تحميل هذه الصفحة يلزم فتحه مرة أخرى.",
    to_sign_in: "إلى تسجيل الدخول",
    again: "حاول مجددًا",

    confirm: "أكّد بكلمة مرورك",
    confirm_text: "يطلب هذا الإجراء كلمة مرورك إن لم تُدخلها في الدقائق الأخيرة. بعدها يستمر ما كنت تفعله من تلقاء نفسه.",
    confirm_send: "تأكيد",
    confirming: "جارٍ التأكيد…",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree() {
        assert_eq!((CREDENTIALS.more)(2), "بقي حرفان.");
        assert_eq!((CREDENTIALS.too_short)(15), "15 حرفًا على الأقل.");
    }
}
