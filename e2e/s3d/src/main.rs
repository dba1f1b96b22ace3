//! A small S3 server over a folder: `s3s-fs` behind an access hook. For tests and the demo; no part of the product.
//!
//! It says where it listens on its first line of output, and serves until it is ended.

mod access;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use s3s::auth::{SecretKey, SimpleAuth};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::access::Access;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A pair of keys, `ACCESS:SECRET`.
#[derive(Clone)]
struct Keys {
    access: String,
    secret: String,
}

impl std::str::FromStr for Keys {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((access, secret)) if !access.is_empty() && !secret.is_empty() => {
                Ok(Self { access: access.to_owned(), secret: secret.to_owned() })
            }
            _ => Err("write ACCESS:SECRET"),
        }
    }
}

/// A small S3 server over a folder, for tests and the demo.
#[derive(Parser)]
#[command(name = "iqra-s3d")]
struct Options {
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Where buckets are kept, a folder each; made if missing.
    #[arg(long)]
    root: PathBuf,
    /// Keys that may do everything, ACCESS:SECRET. May be given several times.
    #[arg(long, required = true)]
    full_key: Vec<Keys>,
    /// Keys that may look and read, ACCESS:SECRET. May be given several times.
    #[arg(long)]
    read_only_key: Vec<Keys>,
    /// A bucket that is there from the beginning. May be given several times.
    #[arg(long)]
    bucket: Vec<String>,
    /// Certificate chain, PEM: serve HTTPS.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), Failure> {
    std::fs::create_dir_all(&options.root)?;
    for bucket in &options.bucket {
        std::fs::create_dir_all(options.root.join(bucket))?;
    }
    let tls = match (&options.tls_cert, &options.tls_key) {
        (Some(cert), Some(key)) => Some(acceptor(cert, key)?),
        _ => None,
    };
    let service = service(&options)?;
    let listener = TcpListener::bind(options.listen).await?;
    say(listener.local_addr()?);
    loop {
        // Out of file handles, most likely: the next one may work.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (service, tls) = (service.clone(), tls.clone());
        tokio::spawn(async move {
            // A connection that breaks off is the other side's business.
            let _ = connection(service, tls, stream).await;
        });
    }
}

#[expect(clippy::print_stdout, reason = "who starts this program reads the port from its output")]
fn say(address: SocketAddr) {
    println!("listening on {address}");
}

async fn connection(service: S3Service, tls: Option<TlsAcceptor>, stream: TcpStream) -> Result<(), Failure> {
    let http = Builder::new(TokioExecutor::new());
    match tls {
        None => http.serve_connection(TokioIo::new(stream), service).await,
        Some(tls) => http.serve_connection(TokioIo::new(tls.accept(stream).await?), service).await,
    }
}

fn service(options: &Options) -> Result<S3Service, Failure> {
    let files =
        FileSystem::new(&options.root).map_err(|e| format!("cannot use {:?}: {e:?}", options.root))?;
    let mut keys = SimpleAuth::new();
    for pair in options.full_key.iter().chain(&options.read_only_key) {
        keys.register(pair.access.clone(), SecretKey::from(pair.secret.clone()));
    }
    let read_only = options.read_only_key.iter().map(|pair| pair.access.clone()).collect();
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(keys);
    builder.set_access(Access::new(options.root.clone(), read_only));
    Ok(builder.build())
}

fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(cert)?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
