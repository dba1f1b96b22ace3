//! What makes a Rust client possible: the document in the edition that its generator reads.

pub mod down;
