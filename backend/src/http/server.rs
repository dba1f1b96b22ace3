//! The HTTP server.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

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
use crate::services::App;

/// How long sent bytes may stay unacknowledged, in milliseconds.
const UNREAD_MS: u32 = 10_000;

/// How the server is run.
#[derive(Debug, Clone, Copy)]
pub struct ServerOptions {
    /// Threads that handle requests; `None`: one per core.
    pub workers: Option<usize>,
}

/// The server on `listener`, HTTP/1.1 and HTTP/2 without TLS. Signals are left to the caller, who ends streams first.
///
/// # Errors
/// Where the socket cannot be used.
pub fn start(app: &Arc<App>, listener: TcpListener, options: ServerOptions) -> std::io::Result<Server> {
    let document = openapi::document();
    let spa = web::Data::new(Spa::new(&document));
    let state = web::Data::from(Arc::clone(app));
    let build = move || {
        let docs = SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", document.clone());
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
            if let Some(tcp) = io.downcast_ref::<TcpStream>()
                && let Err(e) = set_tcp_user_timeout(tcp, UNREAD_MS)
            {
                tracing::debug!(error = %e, "no time limit for an unresponsive peer");
            }
        })
        .disable_signals()
        .shutdown_timeout(5)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(10))
        .max_connections(25_000);
    if let Some(n) = options.workers {
        server = server.workers(n);
    }
    Ok(server.listen_auto_h2c(listener)?.run())
}
