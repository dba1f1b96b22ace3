//! Calls to other machines: storage, nodes and receivers of webhooks, all through one connector that decides whom this server may call.

pub mod connector;
pub mod node;
pub mod s3;
pub mod webhook;
