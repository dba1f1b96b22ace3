//! Accounts: the people who may sign in, how they are invited, and what an administrator changes of them.

use serde::{Deserialize, Serialize};

use crate::auth::Role;
use crate::edit::{clearable, settable};
use crate::ids::{RegionId, UserId};
use crate::problem::FieldError;
use crate::region::DISPLAY_NAME_MAX;
use crate::time::Timestamp;

/// Longest e-mail address there is, in characters.
pub const EMAIL_MAX: usize = 254;
/// Most regions a person's changes can be limited to.
pub const SCOPE_MAX: usize = 200;
/// Most people named as [`Helpers`].
pub const HELPERS_MAX: usize = 5;
/// Longest Region ID.
const REGION_ID_MAX: usize = 40;

/// Whether somebody can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Has a password.
    Active,
    /// Was invited and has not chosen a password yet.
    Invited,
    /// Cannot sign in.
    Disabled,
}

/// People who can do what somebody may not, so that a refusal says whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Helpers {
    /// What they are called: display names, and e-mails of those without one. Those of just this role come first, then
    /// those who were here last.
    #[cfg_attr(feature = "openapi", schema(example = json!(["Huda", "Salim"]), max_items = 5))]
    pub names: Vec<String>,
}

/// A person who may sign in, or could if they were let.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The account.
    pub id: UserId,
    /// Sign-in name, in lower case.
    pub email: String,
    /// Shown in the console.
    pub display_name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Where they may change things; `null` is everywhere.
    pub region_scope: Option<Vec<RegionId>>,
    /// Whether they can sign in.
    pub state: AccountState,
    /// When they were invited.
    pub created_at: Timestamp,
    /// When one of their sessions was used last, to the minute; `null`: never.
    pub last_active_at: Option<Timestamp>,
    /// Sessions that have not ended.
    pub sessions: u32,
    /// Automation tokens they made that still work. They die with the account.
    pub tokens: u32,
    /// For `If-Match`; also the `ETag`.
    pub version: i64,
}

/// Accounts, by e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccountPage {
    /// The accounts.
    pub items: Vec<Account>,
    /// Present where more follow.
    pub next_cursor: Option<String>,
}

/// `POST /users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InviteRequest {
    /// Sign-in name; not case-sensitive.
    #[cfg_attr(feature = "openapi", schema(example = "salim@example.org", min_length = 1, max_length = 254))]
    pub email: String,
    /// Shown in the console, at most 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub display_name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Where they may change things; `null` or absent is everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub region_scope: Option<Vec<RegionId>>,
}

impl InviteRequest {
    /// Checks every field; the address as it is stored.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<String, Vec<FieldError>> {
        let mut errors = Vec::new();
        let email = normal_email(&self.email);
        if email.is_none() {
            errors.push(FieldError::new(
                "email",
                "email",
                "Enter an e-mail address, such as name@example.org.",
            ));
        }
        check_name(&mut errors, self.display_name.as_deref());
        check_scope(&mut errors, self.region_scope.as_deref());
        match email {
            Some(email) if errors.is_empty() => Ok(email),
            _ => Err(errors),
        }
    }
}

/// `PATCH /users/{userId}`. An absent field stays as it is; `null` clears it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountChanges {
    /// `null`: the e-mail is shown instead.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 80))]
    pub display_name: Option<Option<String>>,
    /// What they may do; nobody changes their own.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Role, required = false))]
    pub role: Option<Role>,
    /// Where they may change things; `null` is everywhere. Nobody changes their own.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "clearable")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<RegionId>>, max_items = 200))]
    pub region_scope: Option<Option<Vec<RegionId>>>,
    /// `true` ends all their sessions and keeps them out; nobody disables themselves.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "settable")]
    #[cfg_attr(feature = "openapi", schema(value_type = bool, required = false))]
    pub disabled: Option<bool>,
}

impl AccountChanges {
    /// Checks every field that is there.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_name(&mut errors, self.display_name.as_ref().and_then(Option::as_deref));
        check_scope(&mut errors, self.region_scope.as_ref().and_then(Option::as_deref));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// A link that works once. Its secret is the part behind `#`, which browsers send to nobody, so no log has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OneTimeLink {
    /// For the person it was made for, and nobody else.
    #[cfg_attr(feature = "openapi", schema(example = "https://console.example/welcome#iqi_…"))]
    pub url: String,
    /// Not after.
    pub expires_at: Timestamp,
}

/// Reply to `POST /users`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invited {
    /// The new account.
    pub account: Account,
    /// How they choose their password. Shown once.
    pub link: OneTimeLink,
}

/// What a one-time link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A first password.
    Invitation,
    /// Another password.
    Reset,
}

impl LinkKind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }

    /// The inverse of [`LinkKind::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Invitation, Self::Reset].into_iter().find(|k| k.as_str() == s)
    }
}

/// `POST /auth/welcome/look`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WelcomeLook {
    /// What stands behind `#` in the link.
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub token: String,
}

/// Whom a one-time link is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WelcomeInfo {
    /// The account.
    pub email: String,
    /// A first password, or another one.
    pub kind: LinkKind,
    /// Not after.
    pub expires_at: Timestamp,
}

/// `POST /auth/welcome`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Redeem {
    /// What stands behind `#` in the link.
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub token: String,
    /// The password to be, at least 15 characters and at most 1024 bytes.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 15, max_length = 1024))]
    pub password: String,
    /// Shown in the console, at most 80 characters; absent or `null` leaves it as the invitation says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub display_name: Option<String>,
}

impl Redeem {
    /// Checks the fields whose rules need no server.
    ///
    /// # Errors
    /// All field errors at once.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        check_name(&mut errors, self.display_name.as_deref());
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// An address as it is stored: trimmed and in lower case; `None` where it cannot be one. `admin@localhost` can.
pub fn normal_email(typed: &str) -> Option<String> {
    let email = typed.trim().to_lowercase();
    let (name, host) = email.rsplit_once('@')?;
    let plain = |t: &str| !t.is_empty() && t.chars().all(|c| !c.is_control() && !c.is_whitespace());
    let fits = email.chars().count() <= EMAIL_MAX;
    (fits && plain(name) && plain(host) && !name.contains('@')).then_some(email)
}

fn check_name(errors: &mut Vec<FieldError>, name: Option<&str>) {
    let Some(name) = name else { return };
    if name.trim().chars().count() > DISPLAY_NAME_MAX {
        let detail = format!("At most {DISPLAY_NAME_MAX} characters.");
        errors.push(FieldError::new("displayName", "too_long", detail));
    }
    if name.chars().any(char::is_control) {
        errors.push(FieldError::new("displayName", "not_printable", "Use printable characters only."));
    }
}

fn check_scope(errors: &mut Vec<FieldError>, scope: Option<&[RegionId]>) {
    let Some(scope) = scope else { return };
    if scope.len() > SCOPE_MAX {
        let detail = format!("At most {SCOPE_MAX} regions.");
        errors.push(FieldError::new("regionScope", "too_many", detail));
    }
    if scope.iter().any(|r| !(1..=REGION_ID_MAX).contains(&r.as_str().len()) || !r.as_str().is_ascii()) {
        errors.push(FieldError::new("regionScope", "region_unknown", "Use Region IDs, such as OM-MCT."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};

    #[test]
    fn absent_is_not_null() {
        let none: AccountChanges = from_value(json!({})).unwrap();
        assert_eq!(none, AccountChanges::default());
        assert_eq!(to_value(&none).unwrap(), json!({}));
        let cleared: AccountChanges = from_value(json!({"displayName": null, "regionScope": null})).unwrap();
        assert_eq!((cleared.display_name, cleared.region_scope), (Some(None), Some(None)));
        for bad in [
            json!({"role": null}),
            json!({"disabled": null}),
            json!({"email": "x@y"}),
            json!({"role": "root"}),
        ] {
            assert!(from_value::<AccountChanges>(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_invitation_names_every_field_that_is_wrong() {
        let good: InviteRequest = from_value(
            json!({"email": " Salim@Example.ORG ", "role": "operator", "regionScope": ["om-mct"]}),
        )
        .unwrap();
        assert_eq!(good.validate().unwrap(), "salim@example.org");
        assert_eq!(good.region_scope, Some(vec![RegionId::from("OM-MCT")]));
        let bad = InviteRequest {
            email: "nobody".into(),
            display_name: Some("x".repeat(81)),
            role: Role::Viewer,
            region_scope: Some(vec![RegionId::from(""); 201]),
        };
        let codes: Vec<String> = bad.validate().unwrap_err().into_iter().map(|e| e.code).collect();
        assert_eq!(codes, ["email", "too_long", "too_many", "region_unknown"]);
    }

    #[test]
    fn addresses() {
        assert_eq!(normal_email("Admin@localhost").as_deref(), Some("admin@localhost"));
        for bad in
            ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@b\u{0}", "a\n@b", &format!("{}@b", "x".repeat(253))]
        {
            assert_eq!(normal_email(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn words_on_the_wire() {
        assert_eq!(to_value(AccountState::Invited).unwrap(), json!("invited"));
        assert_eq!(LinkKind::parse("reset"), Some(LinkKind::Reset));
        assert_eq!(to_value(LinkKind::Invitation).unwrap(), json!(LinkKind::Invitation.as_str()));
        assert!(from_value::<Redeem>(json!({"token": "t", "password": "p", "role": "admin"})).is_err());
    }
}
