//! Encryption towards other machines: whom to trust, and what a failure means.

use std::io;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, Error, ProtocolVersion, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{OutboundError, TlsFault};

/// The authorities this machine trusts. Where there are none, every certificate comes from an unknown one.
pub(super) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

pub(super) fn client_config(roots: RootCertStore) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Agrees on encryption with `host`, a name or an address.
pub(super) async fn handshake(
    config: Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> Result<(TlsStream<TcpStream>, &'static str), OutboundError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| OutboundError::Host)?;
    let stream =
        TlsConnector::from(config).connect(name, stream).await.map_err(|e| OutboundError::Tls(fault(&e)))?;
    let version = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    Ok((stream, version))
}

fn fault(error: &io::Error) -> TlsFault {
    use CertificateError as C;
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(certificate)) => match certificate {
            C::UnknownIssuer => TlsFault::UnknownAuthority,
            C::NotValidForName | C::NotValidForNameContext { .. } => TlsFault::OtherName,
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => {
                TlsFault::Expired
            }
            // A certificate that signed itself, as authorities do, and is presented as a server's.
            C::Other(_) => TlsFault::UnknownAuthority,
            _ => TlsFault::Other,
        },
        Some(Error::InvalidMessage(_)) => TlsFault::NotTls,
        _ => TlsFault::Other,
    }
}
