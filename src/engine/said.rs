//! What is said when something is in the way, and what helps?

use std::path::PathBuf;

use crate::snapshot;
use crate::vault::VaultError;

/// Questions longer than this many characters are refused: no person types them, and each word costs time.
pub const QUESTION_LIMIT: usize = 4_000;

/// What helps against a refusal.
const REFUSED_HINT: &str = "Look at what changed in that note; if the new answer is meant, correct the golden question, or accept the change \
     with `fingerpost index --accept`.";

const UNJUDGED_HINT: &str =
    "Correct `file` under `[golden]` in bot.toml, or accept the change as it is with `fingerpost index --accept`.";

/// Why there is no generation to answer from.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The notes folder cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no generation, and none can be written.
    #[error("the index folder `{}` cannot be written ({reason})", .path.display())]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The index is of a newer format.
    #[error("the index in `{}` has format {found}, and this program reads up to {}", .path.display(), snapshot::FORMAT)]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The index folder is the notes folder, or holds files of somebody else.
    #[error("`{}` cannot be the index folder: {reason}", .path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// Another process builds the first generation.
    #[error("another process is writing the index in `{}`, and there is no complete one yet", .0.display())]
    Locked(PathBuf),
    /// The golden questions refuse it. Never leaves the engine: the generation of before answers, with a notice.
    #[error("{0}")]
    Refused(String),
    /// The golden questions cannot be read.
    #[error("{0}")]
    Unjudged(String),
    /// Our own fault.
    #[error("the index in `{}` was written and cannot be read ({reason})", .path.display())]
    Internal {
        /// The folder.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
}

impl EngineError {
    /// Returns the next step, as whole sentences.
    pub fn hint(&self) -> String {
        match self {
            Self::Vault(error) => error.hint().to_owned(),
            Self::Taken { .. } => "Name an empty or a new folder with `--index DIR`. Nothing was changed.".to_owned(),
            Self::NotWritable { .. } => {
                "Check its permissions and the space on its disk, or name another folder with `--index DIR`.".to_owned()
            }
            Self::Newer { path, .. } => format!(
                "Nothing was changed. Use the newer fingerpost that wrote it, or name another folder with `--index \
                 DIR`; if you do not need it any more, delete `{}` and ask again.",
                path.display()
            ),
            Self::Locked(_) => {
                "Ask again in a moment. If nothing else should be running, look for a `fingerpost` that \
                                hangs."
                    .to_owned()
            }
            Self::Refused(_) => REFUSED_HINT.to_owned(),
            Self::Unjudged(_) => UNJUDGED_HINT.to_owned(),
            Self::Internal { .. } => "This is a fault in fingerpost; please report it with this message.".to_owned(),
        }
    }

    /// True when the fault is ours, not the caller's or the system's.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Internal { .. })
    }
}

/// Why a question is not answered at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// Nothing was asked.
    #[error("the question is empty")]
    Empty,
    /// Only signs.
    #[error("the question has no words, only signs")]
    NoWords,
    /// Over [`QUESTION_LIMIT`].
    #[error("the question has {0} characters, and the limit is {QUESTION_LIMIT}")]
    TooLong(usize),
}

impl QuestionError {
    /// Returns a stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty-question",
            Self::NoWords => "no-words",
            Self::TooLong(_) => "question-too-long",
        }
    }

    /// Returns the next step, as a whole sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty | Self::NoWords => {
                "Ask in a sentence, such as `fingerpost ask which one should I use for nightly reports`."
            }
            Self::TooLong(_) => "Ask for one decision in a sentence or two; leave logs and listings out.",
        }
    }
}

/// Something a person should know though the question was answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// The index could not be used.
    #[error("the index was damaged ({0}) and has been built again")]
    Rebuilt(String),
    /// The index was of another version.
    #[error("the index was written by another version of fingerpost and has been built again")]
    Outdated,
    /// Another process writes.
    #[error("another process is updating the index; answering from generation {0}, which misses the latest changes")]
    Locked(u64),
    /// The index cannot be written.
    #[error(
        "the index cannot be written ({reason}); answering from generation {number}, which misses the latest changes"
    )]
    NotWritable {
        /// Of the generation that answers.
        number: u64,
        /// What the system says.
        reason: String,
    },
    /// The golden questions refuse the changes.
    #[error("{reason}; answering from generation {number}, which misses the latest changes")]
    Refused {
        /// Of the generation that answers.
        number: u64,
        /// Which question refuses, and why.
        reason: String,
    },
    /// The golden questions cannot be read, so nothing judges the changes.
    #[error("{reason}; answering from generation {number}, which misses the latest changes")]
    Unjudged {
        /// Of the generation that answers.
        number: u64,
        /// Why they cannot be read.
        reason: String,
    },
    /// There are no golden questions to compare the first generation with.
    #[error("{0}; nothing guards this generation")]
    Unguarded(String),
    /// Some files could not be read as they are.
    #[error("{0} of the files could not be read as they are; `fingerpost status` lists them")]
    Faults(usize),
}

impl Notice {
    /// True when the generation that answers misses changes.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Locked(_) | Self::NotWritable { .. }) || self.is_held_back()
    }

    /// True when the operator has to do something before changes can come in.
    pub fn is_held_back(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Unjudged { .. })
    }

    /// Returns the next step, as a whole sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Rebuilt(_) | Self::Outdated => "Nothing has to be done.",
            Self::Locked(_) => "It is tried again in a moment.",
            Self::NotWritable { .. } => "Check the permissions of the index folder and the space on its disk.",
            Self::Refused { .. } => REFUSED_HINT,
            Self::Unjudged { .. } => UNJUDGED_HINT,
            Self::Unguarded(_) => "Correct `file` under `[golden]` in bot.toml.",
            Self::Faults(_) => "`fingerpost status` lists them with what helps.",
        }
    }
}
