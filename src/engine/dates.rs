//! When was this note changed last?
//!
//! By git, where the notes are in a repository that knows the file, else by the file's time. Asked only where two notes
//! contradict each other, so nothing is kept.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use crate::generation::Dates;

/// A history that takes longer to search is not waited for.
const PATIENCE: Duration = Duration::from_millis(400);

/// Returns who tells the dates of the notes in a folder.
pub fn dates(notes: PathBuf) -> Dates {
    Box::new(move |path| committed(&notes, path).or_else(|| modified(&notes.join(path))))
}

/// Returns the time of the last commit of a file, in seconds since 1970.
fn committed(notes: &Path, path: &str) -> Option<i64> {
    // The folder itself may be the repository, or lie deep in one.
    notes.canonicalize().ok()?.ancestors().find(|folder| folder.join(".git").exists())?;
    let mut git = Command::new("git")
        .args(["log", "-1", "--format=%ct", "--"])
        .arg(path)
        .current_dir(notes)
        // A path is a name here, not a pattern.
        .env("GIT_LITERAL_PATHSPECS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let start = Instant::now();
    while git.try_wait().ok()?.is_none() {
        if start.elapsed() > PATIENCE {
            // It is reaped too: nothing is left behind.
            let _ = git.kill();
            let _ = git.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = git.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Returns the time of a file's last change, in seconds since 1970.
fn modified(file: &Path) -> Option<i64> {
    let time = std::fs::metadata(file).ok()?.modified().ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}
