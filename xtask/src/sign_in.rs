//! The administrator that `run` and `demo` sign in with: made once, kept beside the data, readable by its owner only.

use crate::failure::{Context, Done};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What one types into the sign-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignIn {
    pub(crate) email: String,
    pub(crate) password: String,
}

impl SignIn {
    /// Reads the sign-in of this data folder, or makes one. `IQRA_ADMIN_EMAIL` and `IQRA_ADMIN_PASSWORD` win.
    pub(crate) fn load(folder: &Path) -> Done<Self> {
        let path = folder.join("sign-in.json");
        let mut sign_in = match std::fs::read_to_string(&path) {
            Ok(text) => {
                Self::parse(&text).ok_or_else(|| format!("{} is damaged: remove it.", path.display()))?
            }
            Err(_) => {
                let made = Self { email: "admin@localhost".to_owned(), password: random_word()? };
                let text = json!({ "email": made.email, "password": made.password });
                write_private(&path, format!("{text:#}\n").as_bytes())?;
                made
            }
        };
        if let Ok(email) = std::env::var("IQRA_ADMIN_EMAIL") {
            sign_in.email = email;
        }
        if let Ok(password) = std::env::var("IQRA_ADMIN_PASSWORD") {
            sign_in.password = password;
        }
        Ok(sign_in)
    }

    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let part = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self { email: part("email")?, password: part("password")? })
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Done {
    let new = path.with_extension("new");
    // A file left over from a crash might be readable by others.
    let _ = std::fs::remove_file(&new);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .doing(format_args!("writing {}", new.display()))?;
    file.write_all(bytes).doing(format_args!("writing {}", new.display()))?;
    std::fs::rename(&new, path).doing(format_args!("writing {}", path.display()))
}

/// Twenty letters and digits from the system's random source (100 bits), without look-alikes.
pub(crate) fn random_word() -> Done<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut bytes = [0_u8; 20];
    let mut source = std::fs::File::open("/dev/urandom").doing("reading random numbers")?;
    source.read_exact(&mut bytes).doing("reading random numbers")?;
    Ok(bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_sign_in_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = SignIn::load(dir.path()).unwrap();
        assert_eq!(first, SignIn::load(dir.path()).unwrap());
        let mode = dir.path().join("sign-in.json").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(first.password.len(), 20);
        assert_ne!(random_word().unwrap(), random_word().unwrap());
    }
}
