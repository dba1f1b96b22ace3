//! What the page knows and remembers. Only this folder changes it; pages read it and ask for changes through `api`.

pub mod announce;
pub mod clock;
pub mod commands;
pub mod confirming;
pub mod connection;
pub mod freshness;
pub mod gate;
pub mod helpers;
pub mod live;
pub mod past;
pub mod prefs;
pub mod reduce;
pub mod session;
pub mod toasts;
pub mod trail;
