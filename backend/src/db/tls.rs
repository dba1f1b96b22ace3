//! What `sslmode` and `sslrootcert` in a database URL mean, and the TLS settings they lead to.
//!
//! The modes are those of PostgreSQL's own tools: `disable`; `allow` and `prefer` (the default): encrypted if the
//! server offers it, not verified; `require`: encrypted, not verified; `verify-ca`: the certificate comes from a known
//! authority; `verify-full`: and it names this host. A `sslrootcert=FILE` replaces the system's authorities, and turns
//! `require` into `verify-ca`. Over a Unix socket there is no TLS.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// Why the TLS settings of a database URL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A mode nobody knows.
    #[error("sslmode `{0}` is unknown; use disable, prefer, require, verify-ca or verify-full")]
    Mode(String),
    /// The file with the authorities cannot be used.
    #[error("cannot use the certificates in sslrootcert {}: {reason}", path.display())]
    RootFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system has no list of authorities.
    #[error(
        "this system has no trusted certificate authorities: install ca-certificates, or name a file with sslrootcert"
    )]
    NoSystemRoots,
    /// The TLS library refused the settings.
    #[error("cannot set up TLS: {0}")]
    Library(String),
}

/// How much TLS, and how much trust, a connection needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    /// The mode for the texts of a URL; `root` is its `sslrootcert`.
    pub(super) fn parse(mode: Option<&str>, root: Option<&str>) -> Result<Self, TlsError> {
        match mode.unwrap_or("prefer") {
            "disable" => Ok(Self::Disable),
            "allow" | "prefer" => Ok(Self::Prefer),
            // The operator who names an authority wants it to be looked at.
            "require" if root.is_some() => Ok(Self::VerifyCa),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            other => Err(TlsError::Mode(other.to_owned())),
        }
    }
}

/// The TLS settings for a mode; `None` for no TLS. Without `root`, or with `system`, the system's authorities count.
pub(super) fn client_config(mode: Mode, root: Option<&str>) -> Result<Option<ClientConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match mode {
        Mode::Disable => return Ok(None),
        Mode::Prefer | Mode::Require => Arc::new(Unverified { provider: Arc::clone(&provider) }),
        Mode::VerifyCa | Mode::VerifyFull => {
            let (roots, pinned) = match root {
                None | Some("system") => (system_roots()?, Vec::new()),
                Some(path) => file_roots(Path::new(path))?,
            };
            let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|e| TlsError::Library(e.to_string()))?;
            Arc::new(Verified { chain, pinned, check_name: mode == Mode::VerifyFull })
        }
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| TlsError::Library(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(Some(config))
}

fn system_roots() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    // Single files that cannot be read are no reason to stop: what is left decides.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TlsError::NoSystemRoots) } else { Ok(roots) }
}

fn file_roots(path: &Path) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TlsError> {
    let wrong = |reason: String| TlsError::RootFile { path: path.to_path_buf(), reason };
    let pem = fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|e| wrong(e.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        roots.add(certificate.clone()).map_err(|e| wrong(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("no certificate in PEM form".to_owned()));
    }
    Ok((roots, certificates))
}

/// Takes any certificate, but still checks that the server holds its key.
#[derive(Debug)]
struct Unverified {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Checks the authority, and for `verify-full` the name.
#[derive(Debug)]
struct Verified {
    chain: Arc<WebPkiServerVerifier>,
    /// The certificates of `sslrootcert`.
    pinned: Vec<CertificateDer<'static>>,
    check_name: bool,
}

impl ServerCertVerifier for Verified {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let outcome =
            self.chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match outcome {
            // The name is looked at last: this error means that everything before it was right.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.check_name => Ok(ServerCertVerified::assertion()),
            // A self-signed certificate is usually marked as an authority, which this library refuses from a server
            // even if the operator named that very certificate. Its dates have been checked by then, its name not.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if self.pinned.iter().any(|c| c.as_ref() == end_entity.as_ref()) =>
            {
                if self.check_name {
                    let parsed = ParsedCertificate::try_from(end_entity)?;
                    rustls::client::verify_server_name(&parsed, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// What went wrong in a handshake, for an operator who may not know the words of the library.
pub(super) fn explain(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(e) = cause {
        // An I/O error shows its own cause, but hands out only the cause below that.
        let inner = e.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = inner.and_then(|i| i.downcast_ref()).or_else(|| e.downcast_ref::<rustls::Error>());
        if let Some(tls) = tls {
            return Some(match tls {
                rustls::Error::InvalidCertificate(
                    // The second: an authority of the same name with another key.
                    CertificateError::UnknownIssuer | CertificateError::BadSignature,
                ) => {
                    "the server's certificate comes from an unknown authority; name its file with sslrootcert"
                        .to_owned()
                }
                rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                ) => "the server's certificate is for another host name".to_owned(),
                rustls::Error::InvalidCertificate(
                    CertificateError::Expired | CertificateError::ExpiredContext { .. },
                ) => "the server's certificate has expired".to_owned(),
                rustls::Error::InvalidCertificate(CertificateError::Other(_)) => {
                    format!(
                        "the server's certificate is self-signed or not usable ({tls}); name its file with sslrootcert"
                    )
                }
                other => other.to_string(),
            });
        }
        cause = e.source();
    }
    None
}
