//! TLS served by the program itself, with certificates that are read again when their files change.
//!
//! Renewal tools replace the files some time before the old certificate ends; nobody has to restart anything. Where
//! the new files cannot be used, the old certificate goes on and the log says why.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::TlsFiles;

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Why the certificate cannot be used, in words for the one who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or has nothing of the kind in it.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// They do not belong together, or the library refuses them.
    #[error("the certificate and the key cannot be used together: {0}")]
    Pair(String),
}

/// The certificate in use.
pub struct Certificate {
    files: TlsFiles,
    current: ArcSwap<CertifiedKey>,
    seen: parking_lot::Mutex<Stamp>,
}

/// When the files were written; another one means that they may be others.
type Stamp = (Option<SystemTime>, Option<SystemTime>);

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.files.cert.display())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: &TlsFiles) -> Result<Arc<Self>, TlsError> {
        let seen = stamp(files);
        let current = ArcSwap::from_pointee(read(files)?);
        Ok(Arc::new(Self { files: files.clone(), current, seen: parking_lot::Mutex::new(seen) }))
    }

    /// Reads the files again where they were written since; whether another certificate is in use now.
    ///
    /// # Errors
    /// [`TlsError`]; the old one stays in use, and the next call tries again.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        let now = stamp(&self.files);
        if *self.seen.lock() == now {
            return Ok(false);
        }
        self.current.store(Arc::new(read(&self.files)?));
        *self.seen.lock() = now;
        Ok(true)
    }

    /// What the listener needs: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// [`TlsError::Pair`].
    pub fn config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| TlsError::Pair(e.to_string()))?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        Ok(builder.with_no_client_auth().with_cert_resolver(resolver))
    }
}

fn stamp(files: &TlsFiles) -> Stamp {
    let written = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    (written(&files.cert), written(&files.key))
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let fail = |path: &Path, why: String| TlsError::File { path: path.to_owned(), why };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect)
        .map_err(|e| fail(&files.cert, e.to_string()))?;
    if chain.is_empty() {
        return Err(fail(&files.cert, "there is no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| fail(&files.key, e.to_string()))?;
    let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|e| TlsError::Pair(e.to_string()))?;
    // `from_der` lets a pair pass where it cannot compare; a key of another certificate must not get this far.
    key.keys_match().map_err(|e| TlsError::Pair(e.to_string()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, name: &str) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let files = TlsFiles { cert: dir.join("cert.pem"), key: dir.join("key.pem") };
        std::fs::write(&files.cert, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        files
    }

    fn touch(path: &Path, seconds: u64) {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        std::fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
    }

    #[test]
    fn another_certificate_is_taken_up_and_a_broken_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let files = write(dir.path(), "a.example");
        let certificate = Certificate::load(&files).unwrap();
        assert!(!certificate.refresh().unwrap());
        let first = certificate.current.load_full();

        // Only the certificate has been replaced yet.
        let other = tempfile::tempdir().unwrap();
        let new = write(other.path(), "b.example");
        std::fs::copy(&new.cert, &files.cert).unwrap();
        touch(&files.cert, 2_000_000_000);
        assert!(matches!(certificate.refresh(), Err(TlsError::Pair(_))));
        assert_eq!(certificate.current.load_full().cert, first.cert);

        std::fs::copy(&new.key, &files.key).unwrap();
        touch(&files.key, 2_000_000_001);
        assert!(certificate.refresh().unwrap());
        assert_ne!(certificate.current.load_full().cert, first.cert);
        assert!(!certificate.refresh().unwrap());
    }

    #[test]
    fn files_without_what_is_needed_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let files = write(dir.path(), "a.example");
        std::fs::write(&files.cert, "").unwrap();
        assert!(Certificate::load(&files).unwrap_err().to_string().contains("cert.pem"));
        let missing = TlsFiles { key: dir.path().join("nothing.pem"), ..write(dir.path(), "a.example") };
        assert!(Certificate::load(&missing).unwrap_err().to_string().contains("nothing.pem"));
    }
}
