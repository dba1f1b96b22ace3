//! The control: the least a server of this kind can do with a heartbeat. It reads the same JSON into the same type
//! and answers the same JSON; no secret is looked up, nothing is kept.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use backend::clock::{Clock as _, SystemClock};
use common::heartbeat::{Desired, DesiredState, Heartbeat, HeartbeatReply, SecretNotice};
use common::ids::NodeId;
use uuid::Uuid;

use crate::Done;

/// Names the address to listen on.
pub(crate) const LISTEN: &str = "IQRA_BENCH_CONTROL";

/// Serves with one worker until it is told to end.
///
/// # Errors
/// Where the address cannot be listened on.
pub(crate) fn serve() -> Done {
    let listen: SocketAddr = std::env::var(LISTEN)?.parse()?;
    let reply = web::Data::new(HeartbeatReply {
        commands: Vec::new(),
        node_id: NodeId(Uuid::now_v7()),
        server_time: SystemClock::new().wall(),
        next_in_ms: 5_000,
        duplicate: false,
        desired: Desired { state: DesiredState::Run, reason: String::new(), generation: 3 },
        config_tag: "1.1".to_owned(),
        secret: SecretNotice { rotation_due: false },
    });
    let app = move || {
        App::new()
            .app_data(reply.clone())
            .route("/", web::get().to(HttpResponse::Ok))
            .route("/api/v1/node/heartbeat", web::post().to(answer))
    };
    actix_web::rt::System::new().block_on(async {
        HttpServer::new(app).workers(1).keep_alive(Duration::from_secs(75)).bind(listen)?.run().await
    })?;
    Ok(())
}

async fn answer(beat: web::Json<Heartbeat>, reply: web::Data<HeartbeatReply>) -> HttpResponse {
    // The compiler must not leave the reading out.
    std::hint::black_box(&beat);
    HttpResponse::Ok().json(&**reply)
}
