//! Pure rules. Nothing here does I/O, knows the time, or imports diesel, actix or tokio.

pub mod activity;
pub mod capacity;
pub mod deadlines;
pub mod guard;
pub mod liveness;
pub mod problems;
pub mod registry;
pub mod throttle;
