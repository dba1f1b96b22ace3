//! Passwords: argon2id with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, t = 2, p = 1), which are
//! the crate's defaults. Both functions take tens of milliseconds: call them off the async threads.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

/// Shortest password that may be set. NIST SP 800-63B-4 asks for 15 where it is the only factor; operators of closed
/// networks set 12 with a generated one as the default.
pub const PASSWORD_MIN: usize = 12;

/// The password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

/// A PHC string for storage.
///
/// # Errors
/// Where the system refuses memory or random bytes.
pub fn hash(password: &str) -> Result<String, HashError> {
    let salt = SaltString::generate(&mut OsRng);
    let hash =
        Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|e| HashError(e.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one behind the PHC string. Takes as long for `None` (nobody of that name) as for a
/// wrong password, so that an answer's time does not tell who has an account.
pub fn verify(password: &str, stored: Option<&str>) -> bool {
    // A hash of nothing anybody can type: of 32 random bytes, made once with the default parameters.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ";
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_one_only() {
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse battery", Some(&stored)));
        assert!(!verify("correct horse batter", Some(&stored)));
        assert!(!verify("anything", None));
        assert!(!verify("anything", Some("not a hash")));
    }

    #[test]
    fn nobody_costs_the_same_work() {
        let nobody = PasswordHash::new(
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        );
        assert!(nobody.is_ok());
    }
}
