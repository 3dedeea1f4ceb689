//! The program: runs the command line, and turns a fault of our own into its exit code.

use std::io::Write;
use std::process::ExitCode;

/// Tells scripts that the fault is ours.
const INTERNAL: u8 = 70;

fn main() -> ExitCode {
    std::panic::catch_unwind(fingerpost::cli::run).unwrap_or_else(|_| {
        let hint = "hint: This is a fault in fingerpost; please report it with the message above and the question.";
        let _ = writeln!(std::io::stderr(), "{hint}");
        ExitCode::from(INTERNAL)
    })
}
