//! The real program on real folders, the library on the notes of the specification, and the rules of the source.

#![expect(clippy::print_stdout, reason = "what was measured is for whoever runs with `--nocapture`")]

mod cards;
mod check;
mod cli;
mod conflicts;
mod crash;
#[cfg(feature = "discord")]
mod discord;
mod doctor;
mod explore;
mod faults;
#[path = "../bench/generator.rs"]
#[expect(dead_code, reason = "the benches use the rest")]
mod generator;
mod hints;
mod layers;
mod limits;
mod mend;
#[cfg(feature = "picture")]
mod pictures;
mod properties;
mod questions;
mod reindex;
mod semantics;
mod spec;
mod support;
mod vault_names;
mod watch;
