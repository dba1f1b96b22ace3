//! Pure rules. Nothing here does I/O, knows the time, or imports diesel, actix or tokio.

pub mod accounts;
pub mod activity;
pub mod activity_chain;
pub mod capacity;
pub mod command;
pub mod deadlines;
pub mod deletion;
pub mod denials;
pub mod drain;
pub mod effects;
pub mod guard;
pub mod history;
pub mod incidents;
pub mod intent;
pub mod job;
pub mod liveness;
pub mod operation;
pub mod problems;
pub mod registry;
pub mod rivals;
pub mod storage;
pub mod sync;
pub mod throttle;
pub mod unregistered;
pub mod webhook;
pub mod webhook_url;
