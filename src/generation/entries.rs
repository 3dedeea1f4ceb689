//! Where is a note of this generation?
//!
//! In memory, or where the generation was kept, until it is first asked for. Knows nothing of how it is kept.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::Entry;

/// Brings a note with all that is derived from it from where it is kept.
pub type Keeper = Box<dyn Fn(usize) -> Arc<Entry> + Send + Sync>;

/// The notes of a generation, by path; of one that was kept each is read when it is first asked for.
pub struct Entries {
    slots: Vec<OnceLock<Arc<Entry>>>,
    keeper: Option<Keeper>,
}

impl Entries {
    /// Returns notes that are kept elsewhere.
    pub fn kept(n_notes: usize, keeper: Keeper) -> Self {
        Self { slots: std::iter::repeat_with(OnceLock::new).take(n_notes).collect(), keeper: Some(keeper) }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Returns a note. Cost: constant, or linear in the note the first time.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn get(&self, at: usize) -> &Arc<Entry> {
        self.slots[at].get_or_init(|| {
            let keeper = self.keeper.as_ref().expect("only notes that are kept elsewhere are not here from the start");
            keeper(at)
        })
    }

    /// Returns all of them. Cost: that of reading those that were not asked for yet.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Entry>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Reads all that were not asked for yet, several at a time.
    pub fn fetch_all(&self) {
        if self.keeper.is_some() {
            (0..self.len()).into_par_iter().for_each(|at| {
                self.get(at);
            });
        }
    }
}

impl From<Vec<Arc<Entry>>> for Entries {
    fn from(entries: Vec<Arc<Entry>>) -> Self {
        Self { slots: entries.into_iter().map(OnceLock::from).collect(), keeper: None }
    }
}

impl std::ops::Index<usize> for Entries {
    type Output = Arc<Entry>;

    fn index(&self, at: usize) -> &Arc<Entry> {
        self.get(at)
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = &'a Arc<Entry>;
    type IntoIter = Box<dyn Iterator<Item = &'a Arc<Entry>> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}
