//! A password that is chosen: the rules in words, and how far it is from them while it is typed.

use common::sessions::{PASSWORD_MAX_BYTES, PASSWORD_MIN};
use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::form::{Fault, place};
use crate::components::{Icon, PasswordField};
use crate::i18n::credentials;
use crate::i18n::strings::Strings;
use crate::reactive::{dynamic, memo};

/// Wait where the server limits attempts and does not say for how long.
const WAIT_SECONDS: u64 = 60;

fn least() -> u64 {
    u64::try_from(PASSWORD_MIN).unwrap_or_default()
}

/// How many characters are missing.
fn missing(password: &str) -> u64 {
    u64::try_from(PASSWORD_MIN.saturating_sub(password.chars().count())).unwrap_or_default()
}

/// What is wrong with a password, as far as the page can tell.
pub fn fault(password: &str) -> Option<String> {
    let w = credentials();
    if password.is_empty() {
        Some(w.need_password.to_owned())
    } else if missing(password) > 0 {
        Some((w.too_short)(least()))
    } else if password.len() > PASSWORD_MAX_BYTES {
        Some(w.too_long.to_owned())
    } else {
        None
    }
}

/// What the server says is wrong with it, in the language of the page.
pub fn refused(code: &str) -> Option<String> {
    let w = credentials();
    match code {
        "password_too_short" => Some((w.too_short)(least())),
        "password_too_long" => Some(w.too_long.to_owned()),
        "password_known" => Some(w.known.to_owned()),
        "wrong_password" => Some(w.wrong.to_owned()),
        _ => None,
    }
}

/// What a refusal says, at the fields it is about (JSON pointers and ids of controls); what is about none is a line of
/// its own.
pub fn faults_of(error: &ApiError, t: &Strings, fields: &[(&str, &str)]) -> Vec<Fault> {
    if let ApiError::Refused { problem, retry_after, .. } = error {
        if problem.status == 429 {
            return vec![(String::new(), (credentials().throttled)(retry_after.unwrap_or(WAIT_SECONDS)))];
        }
        let mut errors = problem.errors.clone();
        for error in &mut errors {
            if let Some(text) = refused(&error.code) {
                error.detail = text;
                // Said already in the page's language.
                error.code = String::new();
            }
        }
        let placed = place(&errors, fields);
        if !placed.is_empty() {
            return placed;
        }
    }
    vec![(String::new(), error.detail(t))]
}

/// The field.
#[component]
pub fn NewPasswordField(
    /// Its id.
    id: &'static str,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let w = credentials();
    let left = memo(move || value.with(|v| (!v.is_empty()).then(|| missing(v))));
    view! {
        <PasswordField
            id=id
            label=w.new
            hint=(w.rules)(least())
            value=value
            error=error
            autocomplete="new-password"
        >
            {dynamic(move || match left.get() {
                None => ().into_any(),
                Some(0) => {
                    view! {
                        <p class="good">
                            <Icon name="check" />
                            {w.enough}
                        </p>
                    }
                        .into_any()
                }
                Some(n) => view! { <p class="hint">{(w.more)(n)}</p> }.into_any(),
            })}
        </PasswordField>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!((missing(""), missing("aaaaaaaaaaaaaa"), missing("مرحبا بالعالم كله")), (15, 1, 0));
        assert_eq!(fault("short").as_deref(), Some("At least 15 characters."));
        assert!(fault(&"é".repeat(513)).is_some() && fault("five words in a row").is_none());
        assert_eq!(refused("password_known").is_some(), refused("other").is_none());
    }
}
