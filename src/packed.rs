//! How do lists of terms travel in few bytes and little time?
//!
//! As one run of bytes with the lengths beside it: a number at a time they take five times as long to read.

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

fn pack<'a>(lists: impl Iterator<Item = &'a Vec<Term>>) -> (Vec<u32>, Bytes) {
    let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
    for terms in lists {
        lengths.push(terms.len() as u32);
        bytes.extend(terms.iter().flat_map(|term| term.0.to_le_bytes()));
    }
    (lengths, Bytes(bytes))
}

fn unpack<E: Error>(lengths: &[u32], bytes: &Bytes) -> Result<Vec<Vec<Term>>, E> {
    let mut terms =
        bytes.0.chunks_exact(TERM_BYTES).map(|chunk| Term(u64::from_le_bytes(chunk.try_into().unwrap_or_default())));
    let n_terms: usize = lengths.iter().map(|length| *length as usize).sum();
    if n_terms * TERM_BYTES != bytes.0.len() {
        return Err(E::custom("lengths and terms do not fit together"));
    }
    Ok(lengths.iter().map(|length| terms.by_ref().take(*length as usize).collect()).collect())
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

/// Lists of terms.
pub mod lists {
    use super::{Bytes, Deserialize, Deserializer, Serialize, Serializer, Term, pack, unpack};

    /// Writes the lists.
    pub fn serialize<S: Serializer>(lists: &[Vec<Term>], serializer: S) -> Result<S::Ok, S::Error> {
        pack(lists.iter()).serialize(serializer)
    }

    /// Reads the lists.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<Term>>, D::Error> {
        let (lengths, bytes) = <(Vec<u32>, Bytes)>::deserialize(deserializer)?;
        unpack(&lengths, &bytes)
    }
}

/// Lists of lists of terms.
pub mod nested {
    use super::{Bytes, Deserialize, Deserializer, Serialize, Serializer, Term, pack, unpack};

    /// Writes the lists.
    pub fn serialize<S: Serializer>(nested: &[Vec<Vec<Term>>], serializer: S) -> Result<S::Ok, S::Error> {
        let outer: Vec<u32> = nested.iter().map(|lists| lists.len() as u32).collect();
        (outer, pack(nested.iter().flatten())).serialize(serializer)
    }

    /// Reads the lists.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<Vec<Term>>>, D::Error> {
        let (outer, (lengths, bytes)) = <(Vec<u32>, (Vec<u32>, Bytes))>::deserialize(deserializer)?;
        let mut lists = unpack(&lengths, &bytes)?.into_iter();
        Ok(outer.into_iter().map(|length| lists.by_ref().take(length as usize).collect()).collect())
    }
}
