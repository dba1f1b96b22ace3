//! Arabic words of the frame about people.

use super::glossary::iso;
use super::{chain, credentials, handover, people, tokens, webhooks};
use crate::i18n::en_pages::access::{AccessWords, ApartWords};

/// What a role does not allow.
pub(super) const ACCESS: AccessWords = AccessWords {
    users: "المستخدمون والأدوار",
    tokens: "رموز الوصول",
    webhooks: "خطافات الويب",
    security: "الأمان",
    regions: |regions| format!("يمكنك تغيير {regions}"),
    everywhere: "كل المناطق",
    nowhere: "لا منطقة",
    comma: "، ",
    or: |some, last| format!("{some} أو {last}"),
    ask: "اسأل أحد المديرين.",
    can: |names| format!("يمكن أن يقوم بذلك: {names}."),
    gate_region: |region, scope| match scope {
        "" => format!("لا يسمح حسابك بتغيير أي منطقة، ومنها {}.", iso(region)),
        scope => format!("يسمح حسابك بتغيير {scope}، لا {}.", iso(region)),
    },
    gate_everywhere: |scope| match scope {
        "" => "يخص هذا كل المناطق، ولا يسمح حسابك بتغيير أي منها.".to_owned(),
        scope => format!("يخص هذا كل المناطق، ولا يسمح حسابك إلا بتغيير {scope}."),
    },
    role_changed: |role| format!("تغيّر دورك إلى «{role}»."),
    regions_changed: |regions| format!("تغيّرت المناطق التي يمكنك تغييرها: {regions}."),
    not_confirmed_title: "لم يُنفَّذ",
    not_confirmed: "لم تُدخل كلمة المرور، فلم يتغيّر شيء.",
};

/// What other pages than the first one say about people.
pub(super) const APART: ApartWords = ApartWords {
    people: people::PEOPLE,
    credentials: credentials::CREDENTIALS,
    tokens: tokens::TOKENS,
    webhooks: webhooks::WEBHOOKS,
    chain: chain::CHAIN,
    handover: handover::HANDOVER,
};
