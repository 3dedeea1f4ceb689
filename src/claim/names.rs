//! Which names does the whole vault know, and as what?
//!
//! Counts where each name stands: title, heading, link, alias, lead, cell. A name that stands in one table only is a
//! guess; one that other notes link to, head sections with or put into choice columns is known.
//! Follows edits: what one note adds can be taken back, and each reading tells which names it asked for.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::language::{Cue, Join, Languages, Lead, Role};
use crate::note::{BlockKind, ColumnRole, Directive, MarkKind, Note, Rich};
use crate::packed;
use crate::text::{Term, atoms, key, n_atoms, n_words};

/// How often a name stands where, as far as it matters.
///
/// Each count ends at its limit in `NameUse::LIMITS`: more of the same is no news, and no note need be read again for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameUse {
    /// Title or alias of a note.
    pub n_titles: u32,
    /// Heading.
    pub n_headings: u32,
    /// Shown or meant by a link.
    pub n_links: u32,
    /// Bold lead or bold words.
    pub n_leads: u32,
    /// First cell of a row.
    pub n_first_cells: u32,
    /// Header of a column.
    pub n_headers: u32,
    /// Other cell.
    pub n_cells: u32,
    /// Cell of a column that is headed as the choice.
    pub n_choices: u32,
    /// One of the sides of "A vs B".
    pub n_versus: u32,
    /// Sections in which it leads an item or line.
    pub n_lead_sections: u32,
    /// Most sections of one note that it heads or leads in.
    pub n_in_note: u32,
}

impl NameUse {
    /// Where each count ends. Invariant: no larger number decides anything here or in the readers of this module.
    const LIMITS: Self = Self {
        n_titles: 2,
        n_headings: 3,
        n_links: 3,
        n_leads: 3,
        n_first_cells: 5,
        n_headers: 5,
        n_cells: 5,
        n_choices: 3,
        n_versus: 2,
        n_lead_sections: 8,
        n_in_note: 3,
    };
}

const N_COUNTS: usize = 10;
const TITLES: usize = 0;
const HEADINGS: usize = 1;
const LINKS: usize = 2;
const LEADS: usize = 3;
const FIRST_CELLS: usize = 4;
const HEADERS: usize = 5;
const CELLS: usize = 6;
const CHOICES: usize = 7;
const VERSUS: usize = 8;
const LEAD_SECTIONS: usize = 9;
const N_RUNS: usize = NameUse::LIMITS.n_in_note as usize;

/// All that is counted of one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    places: [u32; N_COUNTS],
    /// Notes in which it heads or leads in one section, in two, in more: a maximum that can be taken back.
    runs: [u32; N_RUNS],
}

impl Counts {
    fn cells(&mut self) -> impl Iterator<Item = &mut u32> {
        self.places.iter_mut().chain(&mut self.runs)
    }

    fn add(&mut self, mut other: Self) {
        self.cells().zip(other.cells()).for_each(|(count, other)| *count += *other);
    }

    fn take_back(&mut self, mut other: Self) {
        self.cells().zip(other.cells()).for_each(|(count, other)| *count = count.saturating_sub(*other));
    }

    fn as_use(&self) -> NameUse {
        let limits = NameUse::LIMITS;
        let count = |at: usize, limit: u32| self.places[at].min(limit);
        NameUse {
            n_titles: count(TITLES, limits.n_titles),
            n_headings: count(HEADINGS, limits.n_headings),
            n_links: count(LINKS, limits.n_links),
            n_leads: count(LEADS, limits.n_leads),
            n_first_cells: count(FIRST_CELLS, limits.n_first_cells),
            n_headers: count(HEADERS, limits.n_headers),
            n_cells: count(CELLS, limits.n_cells),
            n_choices: count(CHOICES, limits.n_choices),
            n_versus: count(VERSUS, limits.n_versus),
            n_lead_sections: count(LEAD_SECTIONS, limits.n_lead_sections),
            n_in_note: self.runs.iter().rposition(|n_notes| *n_notes > 0).map_or(0, |at| at as u32 + 1),
        }
    }
}

/// What one note adds to the names of its vault.
#[derive(Debug, Default)]
pub struct NoteNames {
    uses: FxHashMap<u64, Counts>,
}

/// All names of a vault by the hash of their key.
#[derive(Debug, Default)]
pub struct Names {
    /// Made from `frozen` when it is needed as a whole.
    uses: OnceLock<Arc<Uses>>,
    /// As they lie on disk; enough to look a name up.
    frozen: Option<Arc<Frozen>>,
    /// Names that were asked for, in a copy that records.
    asked: Option<Mutex<FxHashSet<u32>>>,
}

type Uses = FxHashMap<u64, Counts>;

/// The counts of all names in flat tables.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Frozen {
    /// Sorted.
    #[serde(with = "packed::long_numbers")]
    keys: Vec<u64>,
    /// Where the counts of each key start, and the end.
    #[serde(with = "packed::numbers")]
    starts: Vec<u32>,
    /// Of each key a bit for each count that is not 0, and these counts.
    #[serde(with = "packed::numbers")]
    numbers: Vec<u32>,
}

impl Frozen {
    fn new(uses: &Uses) -> Self {
        let mut keys: Vec<u64> = uses.keys().copied().collect();
        keys.sort_unstable();
        let mut frozen = Self::default();
        for key in &keys {
            frozen.starts.push(frozen.numbers.len() as u32);
            let mut counts = uses[key];
            let mask_at = frozen.numbers.len();
            frozen.numbers.push(0);
            for (at, count) in counts.cells().enumerate().filter(|(_, count)| **count > 0) {
                frozen.numbers[mask_at] |= 1 << at;
                frozen.numbers.push(*count);
            }
        }
        frozen.starts.push(frozen.numbers.len() as u32);
        frozen.keys = keys;
        frozen
    }

    fn at(&self, at: usize) -> Counts {
        let range = self.starts.get(at..at + 2).map(|bounds| bounds[0] as usize..bounds[1] as usize);
        let mut counts = Counts::default();
        if let Some((mask, numbers)) = range.and_then(|range| self.numbers.get(range)?.split_first()) {
            let cells = counts.cells().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
            cells.zip(numbers).for_each(|((_, count), number)| *count = *number);
        }
        counts
    }

    fn of(&self, key: u64) -> Option<Counts> {
        Some(self.at(self.keys.binary_search(&key).ok()?))
    }
}

impl Clone for Names {
    /// Shares the counts; what the original recorded is not copied.
    fn clone(&self) -> Self {
        Self { uses: self.uses.clone(), frozen: self.frozen.clone(), asked: None }
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.uses() == other.uses()
    }
}

impl serde::Serialize for Names {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.frozen {
            Some(frozen) => frozen.serialize(serializer),
            None => Frozen::new(self.uses()).serialize(serializer),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { uses: OnceLock::new(), frozen: Some(Arc::new(Frozen::deserialize(deserializer)?)), asked: None })
    }
}

/// Returns the mark under which a reading notes that it asked for a name: half a hash, so that lists of them are short.
/// Two names under one mark cost a reading too many, never one too few.
fn mark(hash: u64) -> u32 {
    (hash >> 32) as u32
}

fn hashed(key: &str) -> u64 {
    Term::new(b'n', key).0
}

impl NoteNames {
    /// Counts the names of one note. Cost: linear in the note.
    pub fn of(note: &Note, languages: &Languages) -> Self {
        let mut names = Self::default();
        names.add(note, languages);
        names
    }

    fn add(&mut self, note: &Note, languages: &Languages) {
        for title in
            std::iter::once(note.title.as_str()).chain([note.stem()]).chain(note.aliases.iter().map(String::as_str))
        {
            self.count(title, TITLES);
            self.add_versus(title, languages);
        }
        self.count_in_note(note);
        for section in note.sections.iter().skip(1) {
            self.count(&section.text, HEADINGS);
            self.add_versus(&section.text, languages);
        }
        for link in &note.links {
            let path = crate::note::stem(&link.path);
            self.count(&link.display, LINKS);
            if key(path) != key(&link.display) {
                self.count(path, LINKS);
            }
        }
        let mut leads: FxHashMap<String, usize> = FxHashMap::default();
        for (at, block) in note.blocks.iter().enumerate() {
            match &block.kind {
                BlockKind::List(items) => {
                    items.iter().for_each(|item| self.add_lead(&item.rich, block.section, &mut leads))
                }
                BlockKind::Paragraph(lines) => {
                    lines.iter().for_each(|line| self.add_lead(&line.rich, block.section, &mut leads))
                }
                BlockKind::Table(table) => self.add_table(table, note.hint(at).map(|hint| &hint.says), languages),
                _ => {}
            }
        }
    }

    /// Counts in how many sections of the note a name heads or leads; sister notes do not add up.
    fn count_in_note(&mut self, note: &Note) {
        let mut places: Vec<(String, usize)> = Vec::new();
        for (at, section) in note.sections.iter().enumerate().skip(1) {
            places.push((key(strip_numbering(&section.text)), at));
        }
        for block in &note.blocks {
            if let BlockKind::List(items) = &block.kind {
                let leads = items.iter().filter_map(|item| {
                    item.rich.text.find([':', '：']).filter(|at| *at < 60).map(|at| &item.rich.text[..at])
                });
                places.extend(leads.map(|lead| (key(lead), block.section)));
            }
        }
        places.sort_unstable();
        places.dedup();
        for run in places.chunk_by(|a, b| a.0 == b.0) {
            self.uses.entry(hashed(&run[0].0)).or_default().runs[run.len().min(N_RUNS) - 1] += 1;
        }
    }

    fn add_lead(&mut self, rich: &Rich, section: usize, leads: &mut FxHashMap<String, usize>) {
        for mark in rich.marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Bold | MarkKind::Code)) {
            self.count(rich.marked(mark).trim_end_matches([':', '：']), LEADS);
        }
        let Some(at) = rich.text.find([':', '：']).filter(|at| *at < 60) else {
            return;
        };
        let lead = key(&rich.text[..at]);
        if leads.insert(lead.clone(), section) != Some(section) {
            self.uses.entry(hashed(&lead)).or_default().places[LEAD_SECTIONS] += 1;
        }
    }

    fn add_table(&mut self, table: &crate::note::Table, says: Option<&Directive>, languages: &Languages) {
        let is_choice = |column: usize| {
            match says {
                Some(Directive::Reads(said)) => {
                    let answers = [ColumnRole::Choice, ColumnRole::Wrong, ColumnRole::Alternative];
                    return said.get(column).is_some_and(|role| answers.contains(role));
                }
                Some(_) => return false,
                None => {}
            }
            let roles = table.header.cells.get(column).map(|cell| languages.roles(&cell.text)).unwrap_or_default();
            roles.first().is_some_and(|(role, _)| matches!(role, Role::Choice | Role::Wrong | Role::Alternative))
        };
        let choices: Vec<bool> = (0..table.header.cells.len()).map(is_choice).collect();
        for cell in &table.header.cells {
            self.count(&cell.text, HEADERS);
        }
        for row in &table.rows {
            for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| cell.text.len() < 80) {
                self.count(&cell.text, if column == 0 { FIRST_CELLS } else { CELLS });
                if choices.get(column).copied().unwrap_or(false) {
                    self.count(&cell.text, CHOICES);
                }
            }
        }
    }

    fn add_versus(&mut self, title: &str, languages: &Languages) {
        for side in versus(title, languages) {
            self.count(&side, VERSUS);
        }
    }

    fn count(&mut self, name: &str, place: usize) {
        self.uses.entry(hashed(&key(strip_numbering(name)))).or_default().places[place] += 1;
    }
}

impl Names {
    fn new(uses: Uses) -> Self {
        Self { uses: OnceLock::from(Arc::new(uses)), frozen: None, asked: None }
    }

    fn uses(&self) -> &Arc<Uses> {
        self.uses.get_or_init(|| {
            let frozen = self.frozen.as_deref();
            let keys = frozen
                .into_iter()
                .flat_map(|frozen| frozen.keys.iter().enumerate().map(|(at, key)| (*key, frozen.at(at))));
            Arc::new(keys.collect())
        })
    }

    /// Counts the names of all notes. Cost: linear in the notes.
    pub fn gather<'a>(notes: impl Iterator<Item = &'a Note>, languages: &Languages) -> Self {
        Self::default().updated(std::iter::empty(), notes.map(|note| NoteNames::of(note, languages))).0
    }

    /// Returns the names after some notes went and others came, and the marks of all names that are known otherwise
    /// than before, sorted. Cost: linear in all names, with a small factor.
    pub fn updated(
        &self,
        gone: impl Iterator<Item = NoteNames>,
        come: impl Iterator<Item = NoteNames>,
    ) -> (Self, Vec<u32>) {
        let old = self.uses();
        let mut uses = Uses::clone(old);
        let mut touched: FxHashSet<u64> = FxHashSet::default();
        for (name, counts) in gone.flat_map(|note| note.uses) {
            touched.insert(name);
            uses.entry(name).or_default().take_back(counts);
        }
        for (name, counts) in come.flat_map(|note| note.uses) {
            touched.insert(name);
            uses.entry(name).or_default().add(counts);
        }
        let mut changed = Vec::new();
        for name in touched {
            let now = uses.get(&name).copied().unwrap_or_default();
            if now == Counts::default() {
                uses.remove(&name);
            }
            let before = old.get(&name).copied().unwrap_or_default();
            if now.as_use() != before.as_use() {
                changed.push(mark(name));
            }
        }
        changed.sort_unstable();
        (Self::new(uses), changed)
    }

    /// Returns a copy that records which names it is asked for. Cost: constant.
    pub fn recording(&self) -> Self {
        Self { asked: Some(Mutex::default()), ..self.clone() }
    }

    /// Returns the marks of the names that a recording copy was asked for, sorted.
    pub fn asked(self) -> Vec<u32> {
        let asked = self.asked.map(|asked| asked.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut asked: Vec<u32> = asked.into_iter().flatten().collect();
        asked.sort_unstable();
        asked
    }

    /// Returns where a name stands in the vault.
    pub fn of(&self, name: &str) -> NameUse {
        let key = key(strip_numbering(name));
        // Blank cells and bare signs name nothing, however often they stand.
        if key.is_empty() {
            return NameUse::default();
        }
        let hash = hashed(&key);
        if let Some(asked) = &self.asked {
            asked.lock().unwrap_or_else(PoisonError::into_inner).insert(mark(hash));
        }
        let counts = match (self.uses.get(), &self.frozen) {
            (Some(uses), _) => uses.get(&hash).copied(),
            (None, Some(frozen)) => frozen.of(hash),
            (None, None) => None,
        };
        counts.as_ref().map(Counts::as_use).unwrap_or_default()
    }

    /// Returns how sure it is that the vault knows the name as a name, from 0 to 1, beyond the one place it was met at.
    pub fn known(&self, name: &str) -> f32 {
        let found = self.of(name);
        let strong = found.n_titles + found.n_versus + found.n_choices.saturating_sub(1);
        let weak = found.n_headings + found.n_links + found.n_leads;
        let cells = (found.n_headers + found.n_first_cells + found.n_cells).saturating_sub(1);
        let evidence = strong as f32 * 0.6 + weak as f32 * 0.4 + cells as f32 * 0.25;
        evidence.min(1.0)
    }

    /// True when more than its own title or heading names it.
    pub fn is_named_elsewhere(&self, name: &str) -> bool {
        let found = self.of(name);

        found.n_leads + found.n_first_cells + found.n_headers + found.n_cells + found.n_versus > 0
    }

    /// Returns how much a text is like the name of an option, from 0.4 to 1: known elsewhere, or short.
    pub fn quality(&self, name: &str) -> f32 {
        let n_words = n_words(name);
        let is_code = name.contains(['{', '}', '"', '=', ';', '<']);
        let brevity = match n_words {
            _ if is_code => 0.4,
            n if n <= 4.0 => 0.86,
            n if n <= 6.0 => 0.76,
            n if n <= 9.0 => 0.62,
            _ => 0.45,
        };
        brevity + (1.0 - brevity) * self.known(name)
    }

    /// True for words that name nothing by themselves: function words, generic nouns, words for roles.
    pub fn is_empty_name(&self, name: &str, languages: &Languages) -> bool {
        let cut = atoms(name);
        let mut covered = vec![false; cut.len()];
        for hit in languages.hits(&cut) {
            let is_empty = matches!(
                hit.cue,
                Cue::Stop
                    | Cue::Generic
                    | Cue::Common
                    | Cue::Ask(_)
                    | Cue::Rule(_)
                    | Cue::Lead(_)
                    | Cue::Role(_)
                    | Cue::Not
                    | Cue::Without
                    | Cue::Join(_)
            );
            if is_empty {
                covered[hit.start..hit.end].fill(true);
            }
        }
        let found = self.of(name);
        covered.into_iter().all(|covered| covered)
            && found.n_choices + found.n_versus + found.n_links + found.n_first_cells + found.n_headers == 0
    }

    /// True for a lead that stands in many sections: a label such as `Water` or `Common mistake`, not an option.
    pub fn is_label(&self, name: &str) -> bool {
        let found = self.of(name);
        let in_tables = found.n_headers + found.n_first_cells + found.n_choices + found.n_versus + found.n_titles;
        let repeats = found.n_in_note > 2 || found.n_lead_sections > 7 && found.n_links == 0;
        repeats && in_tables == 0
    }
}

/// Returns the sides of a title that compares: `A vs B`, `so sánh A và B`, `A 与 B 的区别`. Empty for other titles.
pub fn versus(title: &str, languages: &Languages) -> Vec<String> {
    let title = strip_numbering(title);
    let title = title.split(['：', '(', '（', '—', '–']).next().unwrap_or(title);
    let title = title.split(": ").last().unwrap_or(title);
    let cut = atoms(title);
    let hits = languages.hits(&cut);
    let compares = hits.iter().any(|hit| matches!(hit.cue, Cue::Lead(Lead::Compare)));
    let mut bounds: Vec<(usize, usize)> = Vec::new();
    for hit in &hits {
        let splits = match hit.cue {
            Cue::Join(Join::Versus) => true,
            Cue::Join(Join::Or) => cut.len() <= 10,
            Cue::Join(Join::And) => compares,
            _ => false,
        };
        let inside = hit.start > 0 && hit.end < cut.len();
        if splits && inside && bounds.last().is_none_or(|(_, end)| cut[hit.start].start >= *end) {
            bounds.push((cut[hit.start].start, cut[hit.end - 1].end));
        }
    }
    if bounds.is_empty() {
        return Vec::new();
    }
    let mut sides = Vec::new();
    let mut start = 0;
    for (from, to) in bounds.into_iter().chain([(title.len(), title.len())]) {
        sides.extend(title[start..from].split([',', '、', '/']).map(|side| trim_side(side, languages)));
        start = to;
    }
    sides.retain(|side| !side.is_empty() && n_atoms(side) <= 8);
    if sides.len() < 2 { Vec::new() } else { sides }
}

/// Takes words of comparing and asking off the ends of one side of a title.
fn trim_side(side: &str, languages: &Languages) -> String {
    let side = side.trim().trim_start_matches(['.', ' ']).trim_end_matches(['?', '？', '!', '.', ':']);
    let cut = atoms(side);
    let hits = languages.hits(&cut);
    let (mut start, mut end) = (0, cut.len());
    let is_frame =
        |cue: Cue| matches!(cue, Cue::Lead(Lead::Compare | Lead::Label) | Cue::Ask(_) | Cue::Role(Role::Criterion));
    for hit in &hits {
        if is_frame(hit.cue) && hit.start == start && hit.end < end {
            start = start.max(hit.end);
        }
    }
    for hit in &hits {
        if is_frame(hit.cue) && hit.end == end && hit.start > start {
            end = hit.start;
        }
    }
    match (cut.get(start), end.checked_sub(1).and_then(|end| cut.get(end))) {
        (Some(first), Some(last)) if first.start < last.end => side[first.start..last.end].to_owned(),
        _ => String::new(),
    }
}

/// Takes list numbers, emoji and signs off the start of a heading: `2. Oak`, `1️⃣ Oak`, `B) Oak`.
pub fn strip_numbering(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let before = rest;
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && !"([{`\"'“「『《¿".contains(c));
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if digits.len() < rest.len() && rest.starts_with(|c: char| c.is_ascii_digit()) {
            // `1. Oak`, `2) Oak`, `3.1 Oak`, `1️⃣ Oak`, but not `3D printing` or `10 kg`.
            let number = &rest[..rest.len() - digits.len()];
            let parted = number.ends_with('.') || digits.starts_with([')', '、', '．', '\u{fe0f}', '\u{20e3}', '）']);
            let dotted = number.contains('.') && digits.starts_with(' ');
            if parted || dotted {
                rest = digits.trim_start_matches([')', '、', '．', '\u{fe0f}', '\u{20e3}', '）', ' ']);
            }
        }
        if rest.len() == before.len() {
            return rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_give_their_sides() {
        let languages = Languages::builtin();
        let sides = |title: &str| versus(title, &languages);
        assert_eq!(sides("Oak vs Larch"), ["Oak", "Larch"]);
        assert_eq!(sides("So sánh Oak và Larch"), ["Oak", "Larch"]);
        assert_eq!(sides("橡木和松木的区别"), ["橡木", "松木"]);
        assert!(sides("Oak for stairs").is_empty());
    }

    #[test]
    fn numbers_before_headings_go() {
        assert_eq!(strip_numbering("2. Oak"), "Oak");
        assert_eq!(strip_numbering("1️⃣ Oak"), "Oak");
        assert_eq!(strip_numbering("3D printing"), "3D printing");
    }
}
