//! Fingerpost answers "which should I use for X" from a folder of Markdown notes, quoting the deciding rows.
//!
//! See `src/ARCHITECTURE.md` for the map.

pub mod answer;
pub mod check;
pub mod claim;
pub mod cli;
pub mod config;
#[cfg(feature = "discord")]
pub mod discord;
pub mod engine;
pub mod eval;
pub mod generation;
pub mod graph;
pub mod index;
pub mod language;
pub mod learn;
pub mod note;
mod packed;
pub mod parse;
pub mod render;
pub mod snapshot;
#[cfg(feature = "discord")]
pub mod store;
pub mod text;
pub mod vault;
pub mod watch;
