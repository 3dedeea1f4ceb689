//! How do lists of terms take little room, in memory and on their way to a file?
//!
//! As one run with the ends of the lists beside it: a number at a time they take five times as long to read.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::text::Term;

const TERM_BYTES: usize = size_of::<u64>();

struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;
        impl Visitor<'_> for BytesVisitor {
            type Value = Bytes;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

/// Lists of terms in one row: thousands of short lists take one piece of memory, not one each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Where each list ends. Invariant: rises, and ends with the number of terms.
    ends: Vec<u32>,
    terms: Vec<Term>,
}

impl Lists {
    /// Returns how many lists there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a list.
    pub fn push(&mut self, list: &[Term]) {
        self.terms.extend(list);
        self.ends.push(self.terms.len() as u32);
    }

    /// Returns the lists.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Term]> {
        (0..self.len()).map(|at| &self[at])
    }

    /// Returns the terms of all lists, one after the other.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }
}

impl std::ops::Index<usize> for Lists {
    type Output = [Term];

    fn index(&self, at: usize) -> &[Term] {
        &self.terms[self.start(at)..self.ends[at] as usize]
    }
}

impl FromIterator<Vec<Term>> for Lists {
    fn from_iter<I: IntoIterator<Item = Vec<Term>>>(all: I) -> Self {
        let mut lists = Self::default();
        all.into_iter().for_each(|list| lists.push(&list));
        lists.terms.shrink_to_fit();
        lists
    }
}

impl Serialize for Lists {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.terms.iter().flat_map(|term| term.0.to_le_bytes()).collect();
        (&self.ends, Bytes(bytes)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Lists {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (ends, bytes) = <(Vec<u32>, Bytes)>::deserialize(deserializer)?;
        let (terms, rest) = bytes.0.as_chunks::<TERM_BYTES>();
        if !ends.is_sorted() || ends.last().map_or(0, |end| *end as usize) != terms.len() || !rest.is_empty() {
            return Err(D::Error::custom("lists and terms do not fit together"));
        }
        Ok(Self { ends, terms: terms.iter().map(|term| Term(u64::from_le_bytes(*term))).collect() })
    }
}

/// Lists of lists of terms in one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nested {
    /// How many lists stand before the end of each outer one. Invariant: rises, and ends with the number of lists.
    ends: Vec<u32>,
    lists: Lists,
}

impl Nested {
    /// Returns the lists of one outer list.
    pub fn of(&self, at: usize) -> impl ExactSizeIterator<Item = &[Term]> + Clone {
        self.range(at).map(|list| &self.lists[list])
    }

    /// Returns the terms of all lists of one outer list.
    pub fn terms(&self, at: usize) -> &[Term] {
        let std::ops::Range { start, end } = self.range(at);
        &self.lists.terms[self.lists.start(start)..self.lists.start(end)]
    }

    fn range(&self, at: usize) -> std::ops::Range<usize> {
        at.checked_sub(1).map_or(0, |before| self.ends[before] as usize)..self.ends[at] as usize
    }
}

impl<L: IntoIterator<Item = Vec<Term>>> FromIterator<L> for Nested {
    fn from_iter<I: IntoIterator<Item = L>>(all: I) -> Self {
        let mut nested = Self::default();
        for lists in all {
            lists.into_iter().for_each(|list| nested.lists.push(&list));
            nested.ends.push(nested.lists.len() as u32);
        }
        nested.lists.terms.shrink_to_fit();
        nested
    }
}

impl Serialize for Nested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.ends, &self.lists).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (ends, lists) = <(Vec<u32>, Lists)>::deserialize(deserializer)?;
        if !ends.is_sorted() || ends.last().map_or(0, |end| *end as usize) != lists.len() {
            return Err(D::Error::custom("lists do not fit together"));
        }
        Ok(Self { ends, lists })
    }
}

/// Numbers of 32 bits.
pub mod numbers {
    use super::{Bytes, Deserialize, Deserializer, Error, Serialize, Serializer};

    /// Writes the numbers.
    pub fn serialize<S: Serializer>(numbers: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
        Bytes(numbers.iter().flat_map(|number| number.to_le_bytes()).collect()).serialize(serializer)
    }

    /// Reads the numbers.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
        let bytes = Bytes::deserialize(deserializer)?.0;
        let (numbers, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(D::Error::custom("a number is cut short"));
        }
        Ok(numbers.iter().map(|number| u32::from_le_bytes(*number)).collect())
    }
}

/// Numbers of 64 bits.
pub mod long_numbers {
    use super::{Bytes, Deserialize, Deserializer, Error, Serialize, Serializer};

    /// Writes the numbers.
    pub fn serialize<S: Serializer>(numbers: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        Bytes(numbers.iter().flat_map(|number| number.to_le_bytes()).collect()).serialize(serializer)
    }

    /// Reads the numbers.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let bytes = Bytes::deserialize(deserializer)?.0;
        let (numbers, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(D::Error::custom("a number is cut short"));
        }
        Ok(numbers.iter().map(|number| u64::from_le_bytes(*number)).collect())
    }
}

/// Pairs of numbers of 32 bits.
pub mod pairs {
    use super::{Deserializer, Error, Serializer, numbers};

    /// Writes the pairs.
    pub fn serialize<S: Serializer>(pairs: &[(u32, u32)], serializer: S) -> Result<S::Ok, S::Error> {
        let flat: Vec<u32> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        numbers::serialize(&flat, serializer)
    }

    /// Reads the pairs.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u32, u32)>, D::Error> {
        let flat = numbers::deserialize(deserializer)?;
        let (pairs, rest) = flat.as_chunks();
        if !rest.is_empty() {
            return Err(D::Error::custom("a pair is cut short"));
        }
        Ok(pairs.iter().map(|[a, b]| (*a, *b)).collect())
    }
}
