//! Wire types shared by the server, the nodes and the console: ids, the four axes of a node's state, requests,
//! replies and the events of the live stream, with the validation both sides need.
//!
//! What may live here: plain data, serde, pure functions. What may not: I/O, clocks, database or browser types.
//! The crate is compiled into the WebAssembly bundle, so every dependency is paid for on the wire.

#![warn(missing_docs)]

pub mod activity;
pub mod auth;
pub mod capacity;
pub mod command;
pub mod country;
pub mod edit;
pub mod endpoint;
pub mod fuzz;
pub mod heartbeat;
pub mod history;
pub mod ids;
pub mod intent;
pub mod job;
pub mod meta;
pub mod node;
pub mod node_order;
pub mod overview;
pub mod paths;
pub mod problem;
pub mod region;
pub mod sessions;
pub mod singleton;
pub mod snippet;
pub mod status;
pub mod storage;
pub mod stream;
pub mod time;
pub mod tokens;
pub mod unregistered;
pub mod users;
pub mod webhooks;
