//! Which claims and sections hold these words?
//!
//! A tantivy index on disk. It finds candidates by their terms and gives back where they are; it scores nothing,
//! because its statistics count deleted documents until a merge and would differ from a fresh build.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use tantivy::columnar::Column;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STRING, Schema};
use tantivy::{DocSet, IndexReader, IndexWriter, ReloadPolicy, Searcher, TERMINATED, TantivyDocument};

use crate::text::Term;

/// Memory that the writer may use, in bytes.
const WRITER_MEMORY: usize = 50 << 20;

/// A document of the index: a claim of a note, or a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Posting {
    /// [`note_id`] of its path.
    pub note: u64,
    /// Ordinal of the claim in the note; sections count from [`SECTION_BASE`].
    pub ordinal: u64,
}

/// Ordinals from here on are sections.
pub const SECTION_BASE: u64 = 1 << 32;

/// Why the index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder cannot be made or written.
    #[error("the index folder `{}` cannot be written ({reason})", .path.display())]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Another process is writing.
    #[error("another process is writing the index in `{}`", .0.display())]
    Locked(PathBuf),
    /// The files do not fit together.
    #[error("the index in `{}` is damaged ({reason})", .path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What tantivy says.
        reason: String,
    },
}

/// Returns the id under which a note's documents are kept: a hash of its path.
pub fn note_id(path: &str) -> u64 {
    let bytes = blake3::hash(path.as_bytes());
    u64::from_le_bytes(bytes.as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
}

/// The terms of one note's documents.
pub struct Documents<'a> {
    /// Path of the note.
    pub path: &'a str,
    /// Ordinal and terms of each document.
    pub documents: Vec<(u64, Vec<Term>)>,
}

#[derive(Clone, Copy)]
struct Fields {
    path: Field,
    note: Field,
    ordinal: Field,
    term: Field,
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let fields = Fields {
        path: builder.add_text_field("path", STRING),
        note: builder.add_u64_field("note", FAST),
        ordinal: builder.add_u64_field("ordinal", FAST),
        term: builder.add_u64_field("term", INDEXED),
    };
    (builder.build(), fields)
}

/// Replaces documents in the index of `folder`: removes those of `removed`, adds `added`, commits under `payload`.
///
/// # Errors
/// When the folder cannot be written or another process holds the writer.
pub fn update<'a>(
    folder: &Path,
    removed: &[&str],
    added: impl Iterator<Item = Documents<'a>>,
    payload: &str,
) -> Result<(), IndexError> {
    let not_writable = |reason: String| IndexError::NotWritable { path: folder.to_owned(), reason };
    std::fs::create_dir_all(folder).map_err(|error| not_writable(error.to_string()))?;
    let (schema, fields) = schema();
    let directory = tantivy::directory::MmapDirectory::open(folder).map_err(|error| not_writable(error.to_string()))?;
    let index = tantivy::Index::open_or_create(directory, schema)
        .map_err(|error| IndexError::Damaged { path: folder.to_owned(), reason: error.to_string() })?;
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_MEMORY).map_err(|error| match error {
        tantivy::TantivyError::LockFailure(..) => IndexError::Locked(folder.to_owned()),
        error => not_writable(error.to_string()),
    })?;
    if removed.is_empty() {
        writer.set_merge_policy(Box::new(NoMergePolicy));
    }
    let write = |error: tantivy::TantivyError| not_writable(error.to_string());
    for path in removed {
        writer.delete_term(tantivy::Term::from_field_text(fields.path, path));
    }
    for note in added {
        let id = note_id(note.path);
        for (ordinal, terms) in note.documents {
            let mut document = TantivyDocument::default();
            document.add_text(fields.path, note.path);
            document.add_u64(fields.note, id);
            document.add_u64(fields.ordinal, ordinal);
            for term in terms {
                document.add_u64(fields.term, term.0);
            }
            writer.add_document(document).map_err(write)?;
        }
    }
    let mut commit = writer.prepare_commit().map_err(write)?;
    commit.set_payload(payload);
    commit.commit().map_err(write)?;
    writer.wait_merging_threads().map_err(write)
}

/// An opened index. Cheap to share; sees one commit for ever.
pub struct Postings {
    searcher: Searcher,
    fields: Fields,
    columns: Vec<(Column<u64>, Column<u64>)>,
    _reader: IndexReader,
}

impl Postings {
    /// Opens the last commit and returns it with its payload.
    ///
    /// # Errors
    /// When files are missing or do not fit together.
    pub fn open(folder: &Path) -> Result<(Self, String), IndexError> {
        let damaged = |reason: String| IndexError::Damaged { path: folder.to_owned(), reason };
        let index = tantivy::Index::open_in_dir(folder).map_err(|error| damaged(error.to_string()))?;
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Err(damaged("it was written by another version".to_owned()));
        }
        let payload = index.load_metas().map_err(|error| damaged(error.to_string()))?.payload.unwrap_or_default();
        let reader: IndexReader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(|error: tantivy::TantivyError| damaged(error.to_string()))?;
        let searcher = reader.searcher();
        let mut columns = Vec::new();
        for segment in searcher.segment_readers() {
            let column = |name: &str| segment.fast_fields().u64(name).map_err(|error| damaged(error.to_string()));
            columns.push((column("note")?, column("ordinal")?));
        }
        Ok((Self { searcher, fields, columns, _reader: reader }, payload))
    }

    /// Visits every live document under a term, up to `limit`. Cost: linear in the term's postings.
    pub fn visit(&self, term: Term, limit: usize, mut visit: impl FnMut(Posting)) {
        let term = tantivy::Term::from_field_u64(self.fields.term, term.0);
        let mut n_seen = 0;
        for (segment, (note, ordinal)) in self.searcher.segment_readers().iter().zip(&self.columns) {
            let Ok(inverted) = segment.inverted_index(self.fields.term) else {
                continue;
            };
            let Ok(Some(mut postings)) = inverted.read_postings(&term, IndexRecordOption::Basic) else {
                continue;
            };
            let mut document = postings.doc();
            while document != TERMINATED && n_seen < limit {
                let is_alive = segment.alive_bitset().is_none_or(|alive| alive.is_alive(document));
                if let (true, Some(note), Some(ordinal)) = (is_alive, note.first(document), ordinal.first(document)) {
                    visit(Posting { note, ordinal });
                    n_seen += 1;
                }
                document = postings.advance();
            }
        }
    }
}

/// Counts in how many sections each term stands: our own statistics over live notes.
pub fn count<'a>(sections: impl Iterator<Item = &'a [Term]>) -> (FxHashMap<Term, u32>, u32) {
    let mut counts: FxHashMap<Term, u32> = FxHashMap::default();
    let mut n_sections = 0;
    for terms in sections {
        n_sections += 1;
        for term in terms {
            *counts.entry(*term).or_default() += 1;
        }
    }
    (counts, n_sections)
}
