//! The HTTP server.

use std::any::Any;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App as ActixApp, HttpServer, web};
use rustix::net::sockopt::set_tcp_user_timeout;
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::SwaggerUi;

use super::middleware::outermost;
use super::openapi;
use super::spa::{Spa, fallback};
use super::tls::Certificate;
use crate::services::App;

/// How long sent bytes may stay unacknowledged, in milliseconds.
const UNREAD_MS: u32 = 10_000;

/// How the server is run.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Threads that handle requests; `None`: one per core.
    pub workers: Option<usize>,
    /// What it proves itself with; `None`: plain HTTP.
    pub certificate: Option<Arc<Certificate>>,
}

/// The server on `listener`, HTTP/1.1 and HTTP/2, with TLS where there is a certificate. Signals are left to the caller, who ends streams first.
///
/// # Errors
/// Where the socket cannot be used.
pub fn start(app: &Arc<App>, listener: TcpListener, options: ServerOptions) -> std::io::Result<Server> {
    let document = openapi::document();
    let spa = web::Data::new(Spa::new(&document));
    let state = web::Data::from(Arc::clone(app));
    let build = move || {
        let docs =
            SwaggerUi::new("/api/docs/{_:.*}").external_url_unchecked("/api/openapi.json", document.clone());
        ActixApp::new()
            .into_utoipa_app()
            .configure(openapi::routes)
            .into_app()
            .app_data(state.clone())
            .app_data(spa.clone())
            .service(web::redirect("/api/docs", "/api/docs/"))
            .service(docs)
            .default_service(web::to(fallback))
            .wrap(Compress::default())
            .wrap(from_fn(outermost))
    };
    let mut server = HttpServer::new(build)
        .on_connect(|io, _| {
            // A peer that stops reading for good would keep its connection until it goes away by itself.
            if let Some(tcp) = socket(io)
                && let Err(e) = set_tcp_user_timeout(tcp, UNREAD_MS)
            {
                tracing::debug!(error = %e, "no time limit for an unresponsive peer");
            }
        })
        // A reply of several pieces must not wait for the other end's delayed acknowledgement (RFC 896, RFC 1122 §4.2.3.4).
        .tcp_nodelay(true)
        .disable_signals()
        .shutdown_timeout(5)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(10))
        .max_connections(25_000);
    if let Some(n) = options.workers {
        server = server.workers(n);
    }
    let server = match options.certificate {
        None => server.listen_auto_h2c(listener)?,
        Some(certificate) => {
            let config = certificate.config().map_err(std::io::Error::other)?;
            server.listen_rustls_0_23(listener, config)?
        }
    };
    Ok(server.run())
}

/// The socket beneath a connection, whether it is encrypted or not.
fn socket(io: &dyn Any) -> Option<&TcpStream> {
    let encrypted = || io.downcast_ref::<TlsStream<TcpStream>>().map(|tls| tls.get_ref().0);
    io.downcast_ref::<TcpStream>().or_else(encrypted)
}
