//! English words about people that every page needs: the navigation, the account menu, what a role does not allow.

use super::chain::ChainWords;
use super::credentials::CredentialWords;
use super::handover::HandoverWords;
use super::people::PeopleWords;
use super::tokens::TokenWords;
use super::webhooks::WebhookWords;

/// Words of the frame about people.
pub struct AccessWords {
    /// Navigation, tab of the palette, heading.
    pub users: &'static str,
    /// Navigation, heading.
    pub tokens: &'static str,
    /// Navigation, heading.
    pub webhooks: &'static str,
    /// In the account menu, and tab of the settings.
    pub security: &'static str,
    /// In the account menu: where changes are allowed.
    pub regions: fn(&str) -> String,
    /// The same without a limit.
    pub everywhere: &'static str,
    /// The same with nothing left.
    pub nowhere: &'static str,
    /// Between the names of a list.
    pub comma: &'static str,
    /// Between the last two names, one of which will do: of those before, and of the last.
    pub or: fn(&str, &str) -> String,
    /// Whom to ask, where no names are known.
    pub ask: &'static str,
    /// Whom to ask, of names joined by “or”.
    pub can: fn(&str) -> String,
    /// Why a control of a region is off: of the region, and those that may be changed.
    pub gate_region: fn(&str, &str) -> String,
    /// Why a control that concerns all regions is off: of those that may be changed.
    pub gate_everywhere: fn(&str) -> String,
    /// Said when the role changed, of the new one.
    pub role_changed: fn(&str) -> String,
    /// Said when the regions changed, of the new ones.
    pub regions_changed: fn(&str) -> String,
    /// The password was not given.
    pub not_confirmed_title: &'static str,
    /// What that means.
    pub not_confirmed: &'static str,
}

/// Sentences that English keeps in the parts that say them, and other languages in their table.
pub struct ApartWords {
    /// People.
    pub people: PeopleWords,
    /// Sessions and passwords.
    pub credentials: CredentialWords,
    /// Automation tokens.
    pub tokens: TokenWords,
    /// Webhooks.
    pub webhooks: WebhookWords,
    /// The chain of the activity log.
    pub chain: ChainWords,
    /// Settings of a server.
    pub handover: HandoverWords,
}

/// English.
pub const ACCESS: AccessWords = AccessWords {
    users: "Users & roles",
    tokens: "API tokens",
    webhooks: "Webhooks",
    security: "Security",
    regions: |regions| format!("May change {regions}"),
    everywhere: "All regions",
    nowhere: "No region",
    comma: ", ",
    or: |some, last| format!("{some} or {last}"),
    ask: "Ask an administrator.",
    can: |names| format!("{names} can do it."),
    gate_region: |region, scope| match scope {
        "" => format!("Your account may change no region, so not {region} either."),
        scope => format!("Your account may change {scope}, not {region}."),
    },
    gate_everywhere: |scope| match scope {
        "" => "This concerns all regions; your account may change none.".to_owned(),
        scope => format!("This concerns all regions; your account may change {scope} only."),
    },
    role_changed: |role| format!("Your role changed to {role}."),
    regions_changed: |regions| format!("The regions you may change are different now: {regions}."),
    not_confirmed_title: "Not done",
    not_confirmed: "Your password was not given, so nothing was changed.",
};
