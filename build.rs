//! Which reader is this?
//!
//! Hashes the sources that decide what is read from a note, so that an index that another reader wrote is built again.
//! Does nothing else; a version number kept by hand would be forgotten.

use std::path::{Path, PathBuf};

/// What a generation on disk depends on. The answers are made anew each time.
const SOURCES: [&str; 12] = [
    "src/claim",
    "src/graph",
    "src/language",
    "src/parse",
    "src/generation",
    "src/generation.rs",
    "src/index.rs",
    "src/note.rs",
    "src/packed.rs",
    "src/snapshot.rs",
    "src/text.rs",
    "src/vault.rs",
];

fn main() {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        list(Path::new(source), &mut files);
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        for byte in std::fs::read(&file).unwrap_or_default() {
            // FNV-1a: told apart, not kept secret.
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    println!("cargo::rustc-env=FINGERPOST_READER={hash:016x}");
}

fn list(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let found = std::fs::read_dir(path).into_iter().flatten().flatten();
        found.for_each(|entry| list(&entry.path(), files));
    } else {
        files.push(path.to_owned());
    }
}
