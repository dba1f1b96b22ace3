//! Taking nodes, regions and the platform out of service and back: what is asked before, and what became of it.

pub mod actions;
pub mod bulk;
pub mod bulk_dialog;
pub mod delete;
pub mod dialog;
pub mod drain;
pub mod drain_outlook;
pub mod entrances;
pub mod fields;
pub mod intent;
pub mod model;
pub mod notes;
pub mod platform;
pub mod preview;
pub mod receipts;
pub mod shutdown;
