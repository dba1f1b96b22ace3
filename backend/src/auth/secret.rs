//! Texts that are presented and mean nothing by themselves: a prefix that says what they are for (`iqn_` secrets of
//! nodes, `iqr_` refresh tokens, `iqi_` one-time links), 43 random characters (256 bits), 6 characters of CRC-32, so that
//! a secret scanner can tell one from noise without asking anybody.

use common::node::{OWN_SECRET_MAX, OWN_SECRET_MIN};

use super::{NoRandom, random, sha256};
use crate::domain::registry::SecretHash;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "iqn_";
/// How refresh tokens begin.
pub const REFRESH_PREFIX: &str = "iqr_";
/// How the secrets of one-time links begin.
pub const LINK_PREFIX: &str = "iqi_";

/// What a presented secret is looked up by.
pub fn hash(secret: &str) -> SecretHash {
    SecretHash(sha256(secret.as_bytes()))
}

/// Makes a new secret of a node.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn generate() -> Result<String, NoRandom> {
    opaque(PREFIX)
}

/// Makes a new text that begins with `prefix`.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn opaque(prefix: &str) -> Result<String, NoRandom> {
    let mut body = String::with_capacity(43);
    while body.len() < 43 {
        for b in random::<64>()? {
            // 248 = 4 · 62: the rest would make the first characters likelier.
            if b < 248
                && body.len() < 43
                && let Some(c) = ALPHABET.get(usize::from(b % 62))
            {
                body.push(char::from(*c));
            }
        }
    }
    Ok(format!("{prefix}{body}{}", checksum(&body)))
}

/// Whether a text is one that [`opaque`] made with this prefix, by its form alone: what is not is worth no look-up.
pub fn well_formed(prefix: &str, text: &str) -> bool {
    let Some((body, sum)) = text.strip_prefix(prefix).and_then(|rest| rest.split_at_checked(43)) else {
        return false;
    };
    body.bytes().all(|b| b.is_ascii_alphanumeric()) && checksum(body) == sum
}

fn checksum(body: &str) -> String {
    let mut n = crc32fast::hash(body.as_bytes());
    let mut out = [b'0'; 6];
    for slot in out.iter_mut().rev() {
        let digit = usize::try_from(n % 62).unwrap_or(0);
        *slot = *ALPHABET.get(digit).unwrap_or(&b'0');
        n /= 62;
    }
    out.iter().map(|b| char::from(*b)).collect()
}

/// Whether a presented text can be a secret at all, by its form; anything else is not worth a look-up. Secrets that
/// operators bring from elsewhere have another form, so only length and characters are asked for.
pub fn plausible(text: &str) -> bool {
    (OWN_SECRET_MIN..=OWN_SECRET_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_and_checksum() {
        let secret = generate().unwrap();
        assert_eq!(secret.len(), 53);
        let body = secret.strip_prefix(PREFIX).unwrap();
        let (body, sum) = body.split_at(43);
        assert_eq!(checksum(body), sum);
        assert_ne!(checksum(&body.replace(&body[0..1], if body.starts_with('a') { "b" } else { "a" })), sum);
        assert!(plausible(&secret));
        assert_ne!(generate().unwrap(), secret);
    }

    #[test]
    fn a_text_is_told_by_its_prefix_and_its_checksum() {
        let text = opaque(REFRESH_PREFIX).unwrap();
        assert!(text.starts_with("iqr_") && well_formed(REFRESH_PREFIX, &text));
        assert!(!well_formed(LINK_PREFIX, &text));
        let other = if text.ends_with('0') { '1' } else { '0' };
        for bad in [&text[..52], &format!("{text}0"), &format!("{}{other}", &text[..52]), "iqr_", "", "iqr_é"]
        {
            assert!(!well_formed(REFRESH_PREFIX, bad), "{bad}");
        }
    }

    #[test]
    fn fingerprint_is_the_start_of_the_hash() {
        // SHA-256("abc") of FIPS 180-4.
        assert_eq!(hash("abc").fingerprint(), "ba7816bf");
    }

    #[test]
    fn implausible_texts() {
        assert!(!plausible("short"));
        assert!(!plausible(&"x".repeat(257)));
        assert!(!plausible(&format!("{} {}", "x".repeat(20), "y".repeat(20))));
    }
}
