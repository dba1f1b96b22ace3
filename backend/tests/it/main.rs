//! Integration tests: the whole server in this process, on a real socket and a real PostgreSQL, spoken to through its
//! public API; and the guards that keep the house in order.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod activity;
mod agent;
mod architecture;
mod auth;
mod authz_coverage;
mod background;
mod bulk;
mod commands;
mod connections;
mod deletion;
mod drain;
mod embedded;
mod frontend;
mod heartbeat;
mod history;
mod idempotency;
mod incident;
mod intents;
mod jobs;
mod liveness;
mod nodes;
mod openapi;
mod order;
mod problem_shape;
mod problems;
mod regions;
mod registry;
mod rotation;
mod schema;
mod secrets;
mod storage;
mod storage_client;
mod stream;
mod support;
mod timeline;
mod unregistered;
mod window;
