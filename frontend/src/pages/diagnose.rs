//! Why does a node not report: one sentence first, the evidence below, what to do on the server last.
//!
//! `facts`, `verdict`, `group` and `evidence` are pure; `survey` asks the server; the rest is the screen.

pub mod evidence;
pub mod facts;
pub mod group;
pub mod group_page;
pub mod group_view;
pub mod node_page;
pub mod survey;
pub mod verdict;
pub mod view;
