//! Integration tests: the whole server in this process, on a real socket and a real PostgreSQL, spoken to through its
//! public API; and the guards that keep the house in order.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod architecture;
mod auth;
mod authz_coverage;
mod connections;
mod embedded;
mod heartbeat;
mod liveness;
mod nodes;
mod openapi;
mod problem_shape;
mod regions;
mod schema;
mod secrets;
mod stream;
mod support;
