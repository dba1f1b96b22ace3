//! Automation tokens: what scripts present, for how long, and what they were used for last.

pub mod list;
pub mod made;
pub mod model;
pub mod new;
pub mod rename;
pub mod revoke;
