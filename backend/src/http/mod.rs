//! HTTP: extract, call one service, convert. No rule lives here, and no actix type leaves.

pub mod codes;
pub mod extract;
pub mod forwarded;
#[expect(unreachable_pub, reason = "the route macros wrap each function in an item of its own")]
pub mod handlers;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod request_id;
pub mod server;
pub mod spa;
pub mod tls;
