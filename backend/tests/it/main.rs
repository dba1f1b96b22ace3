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
mod api_quality;
mod architecture;
mod audit;
mod audit_rows;
mod auth;
mod authz_coverage;
mod background;
mod bulk;
mod cli;
mod commands;
mod connections;
mod deletion;
mod drain;
mod edge;
mod embedded;
mod frontend;
mod fuzz;
mod heartbeat;
mod helpers;
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
mod replicas;
mod rotation;
mod schema;
mod sealing;
mod secrets;
mod sessions;
mod signing;
mod storage;
mod storage_client;
mod stream;
mod support;
mod timeline;
mod tokens;
mod unregistered;
mod users;
mod webhook_delivery;
mod webhooks;
mod window;
