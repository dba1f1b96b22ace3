//! Passwords: argon2id with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, t = 2, p = 1), which are
//! the crate's defaults, and the rules of NIST SP 800-63B-4 §3.1.1.2 for new ones: 15 characters where it is the only
//! factor, any characters, no rules about kinds of them, no expiry, and a look at those that anybody would try first.
//! What is hashed is what RFC 8265 §4.2 (OpaqueString) makes of the text: every space an ASCII space, and Unicode NFC, so
//! that one password is the same from every keyboard. NFC and not NFKC, because NFKC takes apart what people chose
//! (`²` and `2`, `ﬁ` and `fi`). Passwords set before that are known as they were typed, and hashed anew at the next
//! sign-in.
//!
//! Hashing and verifying take tens of milliseconds: call them off the async threads.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use common::problem::FieldError;
use common::sessions::{PASSWORD_MAX_BYTES, PASSWORD_MIN};
use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::{Score, zxcvbn};

/// Names of the product, which are tried first too.
const PRODUCT: [&str; 3] = ["iqra", "infrastructure", "iqra-infra"];
/// Parts of an e-mail that are shorter are in too many good passwords to be told anything by.
const PART_MIN: usize = 4;

/// The password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

/// What came of a look at a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It is another one.
    Wrong,
    /// It is right.
    Right,
    /// It is right, and its hash was made in a way of before: of the text as it was typed, or with other parameters.
    Outdated,
}

/// A password as it is hashed.
fn prepared(password: &str) -> String {
    // The separators of Unicode (Zs) other than the ASCII space.
    let space = |c| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        other => other,
    };
    password.chars().map(space).nfc().collect()
}

/// A PHC string for storage.
///
/// # Errors
/// Where the system refuses memory or random bytes.
pub fn hash(password: &str) -> Result<String, HashError> {
    let salt = SaltString::generate(&mut OsRng);
    let password = prepared(password);
    let hash =
        Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|e| HashError(e.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one behind the PHC string. Takes as long for `None` (nobody of that name) as for a
/// wrong password, so that an answer's time does not tell who has an account.
pub fn verify(password: &str, stored: Option<&str>) -> Look {
    // A hash of nothing anybody can type: of 32 random bytes, made once with the default parameters.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ";
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return Look::Wrong };
    let is =
        |text: &str| Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok() && stored.is_some();
    let form = prepared(password);
    if is(&form) {
        return if stored.is_some_and(outdated) { Look::Outdated } else { Look::Right };
    }
    // Whether this is done depends on what was typed, and not on who there is.
    if form.as_str() != password && is(password) { Look::Outdated } else { Look::Wrong }
}

/// Whether a PHC string was made by another algorithm or with other parameters than [`hash`] uses now.
fn outdated(stored: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(stored) else { return true };
    let now = Params::default();
    let same = Params::try_from(&parsed)
        .is_ok_and(|p| (p.m_cost(), p.t_cost(), p.p_cost()) == (now.m_cost(), now.t_cost(), now.p_cost()));
    let algorithm = parsed.algorithm == Algorithm::Argon2id.ident();
    !(same && algorithm && parsed.version == Some(u32::from(Version::V0x13)))
}

/// What stands against `password` as the new one of `email`, about the field of this name; `None` where nothing does.
pub fn refused(field: &str, password: &str, email: &str) -> Option<FieldError> {
    if prepared(password).chars().count() < PASSWORD_MIN {
        let detail = format!("Use at least {PASSWORD_MIN} characters. Several words are easy to remember.");
        return Some(FieldError::new(field, "password_too_short", detail));
    }
    if password.len() > PASSWORD_MAX_BYTES {
        let detail = format!("Use at most {PASSWORD_MAX_BYTES} bytes.");
        return Some(FieldError::new(field, "password_too_long", detail));
    }
    known(password, email).then(|| {
        let detail = "This is one of the first passwords that anybody would try, or it has your e-mail or the \
                      product's name in it. Choose another one.";
        FieldError::new(field, "password_known", detail)
    })
}

/// Whether it is among the first that anybody would try: in a list of common passwords, words or names, a pattern of
/// keys or numbers, a repetition of those; or it has the e-mail or the product's name in it.
fn known(password: &str, email: &str) -> bool {
    let lower = password.to_lowercase();
    let email = email.to_lowercase();
    let (name, host) = email.split_once('@').unwrap_or((&email, ""));
    let own = [name, host];
    let parts = own.into_iter().filter(|p| p.chars().count() >= PART_MIN);
    if parts.chain([PRODUCT[0]]).any(|p| lower.contains(p)) {
        return true;
    }
    let inputs: Vec<&str> = own.into_iter().chain(PRODUCT).filter(|p| !p.is_empty()).collect();
    zxcvbn(password, &inputs).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_one_only() {
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(verify("correct horse battery", Some(&stored)), Look::Right);
        assert_eq!(verify("correct horse batter", Some(&stored)), Look::Wrong);
        assert_eq!(verify("anything", None), Look::Wrong);
        assert_eq!(verify("anything", Some("not a hash")), Look::Wrong);
    }

    #[test]
    fn one_password_is_the_same_from_every_keyboard() {
        // Composed and in two characters; a space that another keyboard layout types; hamza over alef.
        for (one, other) in [
            ("caf\u{e9} au lait \u{e0} Paris", "cafe\u{301} au\u{a0}lait a\u{300}\u{2009}Paris"),
            ("\u{623}ربعة طيور هادئة", "\u{627}\u{654}ربعة طيور\u{3000}هادئة"),
        ] {
            for (set, typed) in [(one, other), (other, one), (one, one), (other, other)] {
                assert_eq!(verify(typed, Some(&hash(set).unwrap())), Look::Right, "{set} {typed}");
            }
        }
        let stored = hash("x² four quiet herons").unwrap();
        assert_eq!(
            verify("x2 four quiet herons", Some(&stored)),
            Look::Wrong,
            "what people chose stays apart"
        );
    }

    #[test]
    fn a_password_of_before_still_works_and_is_told() {
        let typed = "cafe\u{301} au lait for everybody";
        let salt = SaltString::generate(&mut OsRng);
        let stored = Argon2::default().hash_password(typed.as_bytes(), &salt).unwrap().to_string();
        assert_eq!(verify(typed, Some(&stored)), Look::Outdated);
        // From another keyboard it did not work before either; the new hash knows both.
        assert_eq!(verify("caf\u{e9} au lait for everybody", Some(&stored)), Look::Wrong);
        assert_eq!(verify("cafe\u{301} au lait for nobody", Some(&stored)), Look::Wrong);
        assert_eq!(verify("caf\u{e9} au lait for everybody", Some(&hash(typed).unwrap())), Look::Right);
    }

    #[test]
    fn nobody_costs_the_same_work() {
        let nobody = PasswordHash::new(
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        );
        assert!(nobody.is_ok());
    }

    #[test]
    fn a_hash_with_other_parameters_is_told() {
        assert!(!outdated(&hash("correct horse battery").unwrap()));
        let body = "c29tZXNhbHRzb21lc2FsdA$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ";
        for old in
            ["argon2id$v=19$m=4096,t=3,p=1", "argon2i$v=19$m=19456,t=2,p=1", "argon2id$v=16$m=19456,t=2,p=1"]
        {
            assert!(outdated(&format!("${old}${body}")), "{old}");
        }
        assert!(outdated("not a hash"));
    }

    fn code(password: &str) -> Option<String> {
        refused("password", password, "salim@example.org").map(|e| e.code)
    }

    #[test]
    fn length_counts_and_kinds_of_characters_do_not() {
        assert_eq!(code("Tr0ub4dor&3!xY").as_deref(), Some("password_too_short"));
        assert_eq!(code("four quiet herons crossing").as_deref(), None);
        assert_eq!(code("سبعة بحارة يعبرون الخليج").as_deref(), None);
        assert_eq!(code(&"é".repeat(513)).as_deref(), Some("password_too_long"));
    }

    #[test]
    fn what_anybody_would_try_first_is_refused() {
        for known in [
            "aaaaaaaaaaaaaaaa",
            "123456789012345",
            "passwordpassword",
            "Password123456789",
            "qwertyuiopasdfghjkl",
            "abcabcabcabcabcabc",
            "administrator123",
            "iloveyouiloveyou",
            "four quiet SALIM herons crossing",
            "herons at example.org crossing",
            "iqra four quiet herons crossing",
        ] {
            assert_eq!(code(known).as_deref(), Some("password_known"), "{known}");
        }
    }
}
