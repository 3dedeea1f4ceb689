//! Which claims and sections hold these words?
//!
//! A tantivy index on disk. It finds candidates by their terms and gives back where they are; it scores nothing,
//! because its statistics count deleted documents until a merge and would differ from a fresh build.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tantivy::columnar::{Cardinality, Column};
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::indexer::{LogMergePolicy, NoMergePolicy, UserOperation};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STRING, Schema};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument};

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

/// Writes a new index to `folder` and commits it under `payload`.
///
/// # Errors
/// When the folder cannot be written or another process holds the writer.
pub fn create<'a>(folder: &Path, added: impl Iterator<Item = Documents<'a>>, payload: &str) -> Result<(), IndexError> {
    let writer = Writer::create(folder)?;
    added.for_each(|note| writer.add(note));
    writer.commit(payload)
}

/// Makes `folder` a second place of the index in `base`, for [`update`]. Cost: one link for each file, none is read.
///
/// tantivy writes each file once and replaces only the list of them, so the two go their own ways from there. The
/// first stays what it is, however the second is changed.
///
/// # Errors
/// When `base` cannot be read or `folder` cannot be written; `folder` is gone, then.
pub fn link(base: &Path, folder: &Path) -> std::io::Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    let linked = std::fs::create_dir_all(folder).and_then(|()| {
        for entry in std::fs::read_dir(base)? {
            let entry = entry?;
            let (from, to) = (entry.path(), folder.join(entry.file_name()));
            let is_list = to.extension().is_some_and(|extension| extension == "json" || extension == "lock");
            // Some file systems know no second names.
            if is_list || std::fs::hard_link(&from, &to).is_err() {
                std::fs::copy(&from, &to)?;
            }
        }
        Ok(())
    });
    if linked.is_err() {
        let _ = std::fs::remove_dir_all(folder);
    }
    linked
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
    let writer = Writer::open(folder)?;
    // A fresh index has a few large segments; edits add small ones, which are merged as they get many.
    if !removed.is_empty() {
        writer.writer.set_merge_policy(Box::<LogMergePolicy>::default());
    }
    for path in removed {
        writer.writer.delete_term(tantivy::Term::from_field_text(writer.fields.path, path));
    }
    added.for_each(|note| writer.add(note));
    writer.commit(payload)
}

/// An index that is being written. Several threads may add to it; nothing is there before it is committed.
pub struct Writer {
    folder: PathBuf,
    writer: IndexWriter,
    fields: Fields,
    failure: OnceLock<tantivy::TantivyError>,
}

impl Writer {
    /// Begins a new index.
    ///
    /// # Errors
    /// When the folder cannot be written or another process holds the writer.
    pub fn create(folder: &Path) -> Result<Self, IndexError> {
        // What an update that failed or was killed left behind is no part of it.
        let _ = std::fs::remove_dir_all(folder);
        Self::open(folder)
    }

    fn open(folder: &Path) -> Result<Self, IndexError> {
        let not_writable = |reason: String| IndexError::NotWritable { path: folder.to_owned(), reason };
        std::fs::create_dir_all(folder).map_err(|error| not_writable(error.to_string()))?;
        let (schema, fields) = schema();
        let directory = MmapDirectory::open(folder).map_err(|error| not_writable(error.to_string()))?;
        let index = tantivy::Index::open_or_create(directory, schema).map_err(|error| match error {
            tantivy::TantivyError::IoError(error) => not_writable(error.to_string()),
            error => IndexError::Damaged { path: folder.to_owned(), reason: error.to_string() },
        })?;
        let writer: IndexWriter = index.writer_with_num_threads(1, WRITER_MEMORY).map_err(|error| match error {
            tantivy::TantivyError::LockFailure(..) => IndexError::Locked(folder.to_owned()),
            error => not_writable(error.to_string()),
        })?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self { folder: folder.to_owned(), writer, fields, failure: OnceLock::new() })
    }

    /// Adds the documents of a note, which stand together. [`Self::commit`] tells what went wrong.
    pub fn add(&self, note: Documents<'_>) {
        let id = note_id(note.path);
        let added = note.documents.into_iter().map(|(ordinal, terms)| {
            let mut document = TantivyDocument::default();
            document.add_text(self.fields.path, note.path);
            document.add_u64(self.fields.note, id);
            document.add_u64(self.fields.ordinal, ordinal);
            for term in terms {
                document.add_u64(self.fields.term, term.0);
            }
            UserOperation::Add(document)
        });
        if let Err(error) = self.writer.run(added.collect::<Vec<_>>()) {
            let _ = self.failure.set(error);
        }
    }

    /// Makes what was added and removed the content of the index.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn commit(mut self, payload: &str) -> Result<(), IndexError> {
        let folder = std::mem::take(&mut self.folder);
        let failed =
            |error: tantivy::TantivyError| IndexError::NotWritable { path: folder.clone(), reason: error.to_string() };
        if let Some(error) = self.failure.take() {
            return Err(failed(error));
        }
        let mut commit = self.writer.prepare_commit().map_err(failed)?;
        commit.set_payload(payload);
        commit.commit().map_err(failed)?;
        self.writer.wait_merging_threads().map_err(failed)
    }
}

/// An opened index. Cheap to share; sees one commit for ever. Its documents are numbered from 0, deleted ones included.
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
        // tantivy trusts the offsets in its files, and panics over damaged ones.
        std::panic::catch_unwind(|| Self::open_trusting(folder)).unwrap_or_else(|_| {
            let reason = "its files are not as they were written".to_owned();
            Err(IndexError::Damaged { path: folder.to_owned(), reason })
        })
    }

    fn open_trusting(folder: &Path) -> Result<(Self, String), IndexError> {
        let damaged = |reason: String| IndexError::Damaged { path: folder.to_owned(), reason };
        let directory = MmapDirectory::open(folder).map_err(|error| damaged(error.to_string()))?;
        let index = tantivy::Index::open(Written(directory)).map_err(|error| damaged(error.to_string()))?;
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

    /// Returns how many documents there are, deleted ones included.
    pub fn n_documents(&self) -> usize {
        self.searcher.segment_readers().iter().map(|segment| segment.max_doc() as usize).sum()
    }

    /// Returns what each document is, by its number; none for a deleted one. Cost: linear in the documents.
    pub fn documents(&self) -> impl Iterator<Item = Option<Posting>> {
        self.searcher.segment_readers().iter().zip(&self.columns).flat_map(|(segment, (notes, ordinals))| {
            let n_documents = segment.max_doc();
            let (notes, ordinals) = (all_values(notes, n_documents), all_values(ordinals, n_documents));
            notes.into_iter().zip(ordinals).zip(0..).map(|((note, ordinal), document)| {
                let is_alive = segment.alive_bitset().is_none_or(|alive| alive.is_alive(document));
                is_alive.then_some(Posting { note, ordinal })
            })
        })
    }

    /// Visits the numbers of the documents under a term, deleted ones included, in no order that may matter, until
    /// `visit` breaks. Cost: linear in these.
    pub fn walk(&self, term: Term, visit: &mut impl FnMut(usize) -> ControlFlow<()>) -> ControlFlow<()> {
        let term = tantivy::Term::from_field_u64(self.fields.term, term.0);
        let mut first = 0;
        for segment in self.searcher.segment_readers() {
            let found = segment
                .inverted_index(self.fields.term)
                .and_then(|inverted| Ok(inverted.read_block_postings(&term, IndexRecordOption::Basic)?));
            // Damage is found when the index is opened; what shows later holds no words.
            if let Ok(Some(mut postings)) = found {
                while !postings.docs().is_empty() {
                    for document in postings.docs() {
                        visit(first + *document as usize)?;
                    }
                    postings.advance();
                }
            }
            first += segment.max_doc() as usize;
        }
        ControlFlow::Continue(())
    }
}

/// Returns the value of each document; 0 where it has none, which none is without but by damage.
fn all_values(column: &Column<u64>, n_documents: u32) -> Vec<u64> {
    let mut values = vec![0; n_documents as usize];
    if column.get_cardinality() == Cardinality::Full && column.values.num_vals() >= n_documents {
        column.values.get_range(0, &mut values);
    } else {
        (0..n_documents).zip(&mut values).for_each(|(document, value)| *value = column.first(document).unwrap_or(0));
    }
    values
}

/// A folder whose index is written and stays as it is: readers need no lock, and so no right to write.
#[derive(Clone, Debug)]
struct Written(MmapDirectory);

impl Directory for Written {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.0.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.0.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> std::io::Result<()> {
        self.0.atomic_write(path, data)
    }

    fn sync_directory(&self) -> std::io::Result<()> {
        self.0.sync_directory()
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(callback)
    }
}
