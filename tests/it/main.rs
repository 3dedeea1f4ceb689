//! The real program on real folders.

mod cli;
mod faults;
mod support;
