//! The fleet in memory, the stream hub, and the rejection diary.
//!
//! Heartbeats are answered from here; the database hears of them later, in batches.

pub mod diary;
pub mod fleet;
pub mod history;
pub mod hub;
pub mod problems;
pub mod singletons;
pub mod storage;
