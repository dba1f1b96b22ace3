//! Calls to other machines: storage and nodes, all through one connector that decides whom this server may call.

pub mod connector;
pub mod node;
pub mod s3;
