//! Arabic words of the frame about people.

use super::glossary::iso;
use super::{credentials, people, tokens};
use crate::i18n::en_pages::access::{AccessWords, ApartWords};

/// What a role does not allow.
pub(super) const ACCESS: AccessWords = AccessWords {
    users: "المستخدمون والأدوار",
    tokens: "رموز الوصول",
    security: "الأمان",
    regions: |regions| format!("يمكنك تغيير {regions}"),
    everywhere: "كل المناطق",
    nowhere: "لا منطقة",
    comma: "، ",
    gate_region: |region, scope| match scope {
        "" => format!("لا يسمح حسابك بتغيير أي منطقة، ومنها {}. اسأل أحد المديرين.", iso(region)),
        scope => format!("يسمح حسابك بتغيير {scope}، لا {}. اسأل أحد المديرين.", iso(region)),
    },
    gate_everywhere: |scope| match scope {
        "" => "يخص هذا كل المناطق، ولا يسمح حسابك بتغيير أي منها. اسأل أحد المديرين.".to_owned(),
        scope => format!("يخص هذا كل المناطق، ولا يسمح حسابك إلا بتغيير {scope}. اسأل أحد المديرين."),
    },
    role_changed: |role| format!("تغيّر دورك إلى «{role}»."),
    regions_changed: |regions| format!("تغيّرت المناطق التي يمكنك تغييرها: {regions}."),
    not_confirmed_title: "لم يُنفَّذ",
    not_confirmed: "لم تُدخل كلمة المرور، فلم يتغيّر شيء.",
};

/// What other pages than the first one say about people.
pub(super) const APART: ApartWords =
    ApartWords { people: people::PEOPLE, credentials: credentials::CREDENTIALS, tokens: tokens::TOKENS };
