//! Which claim or section is this document of the postings?
//!
//! All claims and all sections of a generation stand in a row each, note by note, and go by their number in it: a question
//! counts what it finds in flat tables.

use super::ClaimId;
use crate::index::{Posting, Postings, SECTION_BASE};

/// The rows of all claims and sections of a generation, and where in them each document belongs.
pub struct Places {
    /// The first claim of each note, and the end.
    claim_starts: Vec<u32>,
    /// The first section of each note, and the end.
    section_starts: Vec<u32>,
    /// Number of the claim of each document, or of the section with [`SECTION`] added, or [`NOWHERE`].
    of_documents: Vec<u32>,
}

/// Tells sections from claims.
const SECTION: u32 = 1 << 31;
/// Of a document that was deleted, and of one that damage invented.
const NOWHERE: u32 = u32::MAX;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The claim of this number.
    Claim(u32),
    /// The section of this number.
    Section(u32),
}

impl Places {
    /// Makes the rows. `extents` says how many claims and sections each note has, `note_of` which note has an id. Cost:
    /// linear in the documents.
    pub fn new(extents: &[(u32, u32)], postings: &Postings, note_of: impl Fn(u64) -> Option<u32>) -> Self {
        let starts = |of: fn(&(u32, u32)) -> u32| {
            let ends = extents.iter().scan(0, |end, extent| {
                *end += of(extent);
                Some(*end)
            });
            std::iter::once(0).chain(ends).collect::<Vec<u32>>()
        };
        let (claim_starts, section_starts) = (starts(|extent| extent.0), starts(|extent| extent.1));
        let within = |ordinal: u64, starts: &[u32], note: usize| {
            (ordinal < u64::from(starts[note + 1] - starts[note])).then(|| starts[note] + ordinal as u32)
        };
        // The documents of a note mostly stand together.
        let mut last: Option<(u64, Option<u32>)> = None;
        let mut of_documents = Vec::with_capacity(postings.n_documents());
        of_documents.extend(postings.documents().map(|posting| {
            let Some(Posting { note: id, ordinal }) = posting else { return NOWHERE };
            let known = last.filter(|(known, _)| *known == id).unwrap_or_else(|| (id, note_of(id)));
            last = Some(known);
            let place = known.1.and_then(|note| match ordinal.checked_sub(SECTION_BASE) {
                Some(section) => within(section, &section_starts, note as usize).map(|section| section | SECTION),
                None => within(ordinal, &claim_starts, note as usize),
            });
            place.unwrap_or(NOWHERE)
        }));
        Self { claim_starts, section_starts, of_documents }
    }

    /// Returns what a document is; none for a deleted one.
    pub fn of_document(&self, number: usize) -> Option<Place> {
        match self.of_documents[number] {
            NOWHERE => None,
            place if place >= SECTION => Some(Place::Section(place - SECTION)),
            place => Some(Place::Claim(place)),
        }
    }

    /// Returns how many claims there are; they are numbered in the order of their ids.
    pub fn n_claims(&self) -> usize {
        self.claim_starts.last().map_or(0, |end| *end as usize)
    }

    /// Returns how many sections there are.
    pub fn n_sections(&self) -> usize {
        self.section_starts.last().map_or(0, |end| *end as usize)
    }

    /// Returns the claim of a number. Cost: logarithmic in the notes.
    pub fn claim(&self, number: u32) -> ClaimId {
        let (note, ordinal) = place_in(&self.claim_starts, number);
        ClaimId { note, ordinal }
    }

    /// Returns the number of a claim.
    pub fn number_of(&self, id: ClaimId) -> u32 {
        self.claim_starts[id.note as usize] + id.ordinal
    }

    /// Returns the section of a number, as note and ordinal. Cost: logarithmic in the notes.
    pub fn section(&self, number: u32) -> (u32, u32) {
        place_in(&self.section_starts, number)
    }

    /// Returns the numbers of a note's sections.
    pub fn sections_of(&self, note: u32) -> std::ops::Range<u32> {
        self.section_starts[note as usize]..self.section_starts[note as usize + 1]
    }
}

/// Returns the note and the ordinal in it of a number in a row of all.
fn place_in(starts: &[u32], number: u32) -> (u32, u32) {
    let note = starts.partition_point(|start| *start <= number) - 1;
    (note as u32, number - starts[note])
}
