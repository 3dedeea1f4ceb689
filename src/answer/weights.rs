//! How much does each thing count?
//!
//! Numbers that were learned, not reasoned: they stand in `weights.toml`, are written by `fingerpost learn` and read here.

macro_rules! weights {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// The learned numbers, by name.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Weights { $($(#[$doc])* pub $name: f32),* }

        impl Weights {
            /// All names, in the order of the file.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// Reads the numbers from TOML; every name has to be there.
            ///
            /// # Errors
            /// When the text is no TOML or a name is missing.
            pub fn parse(text: &str) -> anyhow::Result<Self> {
                let table: toml::Table = text.parse()?;
                let read = |name: &str| {
                    let value = table.get(name);
                    let number = value.and_then(|value| value.as_float().or_else(|| value.as_integer().map(|n| n as f64)));
                    number.map(|number| number as f32).ok_or_else(|| anyhow::anyhow!("no number for `{name}`"))
                };
                Ok(Self { $($name: read(stringify!($name))?),* })
            }

            /// Returns the number of a name, to change it.
            pub fn get_mut(&mut self, name: &str) -> Option<&mut f32> {
                match name { $(stringify!($name) => Some(&mut self.$name),)* _ => None }
            }

            /// Writes the numbers as TOML.
            pub fn to_toml(&self) -> String {
                let mut text = String::from("# Written by `fingerpost learn`; what each number is stands in weights.rs.\n");
                $(text.push_str(&format!("{} = {:.3}\n", stringify!($name), self.$name));)*
                text
            }
        }
    };
}

weights! {
    /// Words in the need, scenario or criterion.
    field_need,
    /// Words in what a cell or item says.
    field_value,
    /// Words in conditions further up.
    field_path,
    /// Words in the option's own name.
    field_option,
    /// Words in reasons and remarks.
    field_why,
    /// Words in the column's header.
    field_header,
    /// Words in the nearest heading, over rows of tables.
    row_heading,
    /// Words in headings further out, over rows.
    row_outer,
    /// Words in the title, over rows.
    row_title,
    /// Words in the nearest heading, over items and sentences.
    heading,
    /// Words in headings further out, over items and sentences.
    outer,
    /// Words in the title, over items and sentences.
    title,
    /// Words elsewhere under the heading.
    section,
    /// Words elsewhere in the note.
    note,
    /// A row of a decision matrix.
    kind_decision,
    /// A cell under an option.
    kind_column,
    /// A row of an option.
    kind_row,
    /// A looked-up cell.
    kind_lookup,
    /// An item under "when to use".
    kind_use,
    /// A lead with its text.
    kind_lead,
    /// A leaf of a tree.
    kind_tree,
    /// A rule in a sentence.
    kind_rule,
    /// A sentence under an option's heading.
    kind_topic,
    /// A name set off in a sentence.
    kind_mention,
    /// Share of the score that depends on the claim's own words being asked for.
    precision,
    /// Factor for an answer that the question already has.
    repeats,
    /// Factor for a claim met through the option's own name alone.
    own_name,
    /// Factor for a looked-up cell whose header is not asked for.
    lookup_unasked,
    /// Factor where the kind of thing asked for heads the option.
    asked_kind,
    /// Factor for claims of an option put side by side in the question.
    named,
    /// Factor for claims of other options then.
    not_named,
    /// Added for an amount inside a range.
    amount_inside,
    /// Taken for an amount outside.
    amount_outside,
    /// Factor for right options where the wrong one is asked for.
    avoid_right,
    /// Least gain for which another claim of the option is added.
    join_gain,
    /// How far claims of other notes add up.
    near_other_note,
    /// How far claims of other sections of the note add up.
    near_note,
    /// How far claims of the section add up.
    near_section,
    /// How far rows of one decision matrix add up.
    near_decision,
    /// How far rows of one comparison add up.
    near_rows,
    /// Options that come this close to the best answer as well.
    tie,
    /// A form with the same meaning, where the word itself stands in the notes.
    lexicon_known,
    /// A form with the same meaning, where it does not.
    lexicon_unknown,
    /// One slip in a word.
    one_slip,
    /// Two slips.
    two_slips,
    /// A word without the diacritics that were typed.
    unmarked,
    /// A shared Chinese character.
    character,
    /// Weight of a generic noun in the question.
    generic,
    /// Weight of a common word in the question.
    common,
    /// Share of a claim's score that depends on its place.
    place,
    /// Share of a place that is its section's, not its line's.
    place_section,
    /// For a run of words in a sentence: share of its words that the question does not have.
    span_novel,
    /// For a run of words in a sentence: it is set off by markup as a whole.
    span_marked,
    /// For a run of words in a sentence: it stands inside something set off.
    span_in_mark,
    /// For a run of words in a sentence: it stands between quotation marks.
    span_quoted,
    /// For a run of words in a sentence: it is written as a name inside the sentence.
    span_capital,
    /// For a run of words in a sentence: it is in another script than the sentence.
    span_foreign,
    /// For a run of words in a sentence: how surely the vault knows it as a name.
    span_known,
    /// For a run of words in a sentence: a verb that recommends stands before it.
    span_chosen,
    /// For a run of words in a sentence: a verb that recommends what stands before it follows.
    span_suited,
    /// For a run of words in a sentence: the sentence speaks against it, and the question asks for what is right.
    span_opposed,
    /// For a run of words in a sentence: the sentence speaks against it, and the question asks for what is wrong.
    span_ruled_out,
    /// For a run of words in a sentence: it opens the sentence.
    span_first,
    /// For a run of words in a sentence: it closes the sentence.
    span_last,
    /// For a run of words in a sentence: share of the question's words in the sentence that stand in its clause.
    span_in_clause,
    /// For a run of words in a sentence: it names the kind of thing asked for.
    span_kind,
    /// For a run of words in a sentence: the kind of thing asked for stands beside it.
    span_beside_kind,
    /// For a run of words in a sentence: it holds a number.
    span_number,
    /// For a run of words in a sentence: it is one of the options that the question puts side by side.
    span_named,
    /// For a run of words in a sentence: a rule was read from the sentence with this option.
    span_rule,
    /// For a run of words in a sentence: it was read as a name in the sentence.
    span_mention,
    /// For a run of words in a sentence: it was read as the lead of the line.
    span_lead,
    /// For a run of words in a sentence: it is a heading above.
    span_heading,
    /// For a run of words in a sentence: it is a heading above that cells, leads or links name as well.
    span_heading_known,
    /// For a run of words in a sentence: it is what the section is about, beyond its heading.
    span_subject,
    /// For a run of words in a sentence: it is a step of the way to the line, an item above.
    span_above,
    /// For a run of words in a sentence: it opens the line that the sentence stands in.
    span_opening,
    /// For a run of words in a sentence: how long it is.
    span_length,
    /// For a run of words in a sentence: it is one word.
    span_single,
    /// For a run of words in a sentence: share of words that say little.
    span_common,
    /// For a run of words in a sentence: how rare its rarest word is in the vault.
    span_rarity,
    /// For a run of words in a sentence: how far the nearest word of the question is.
    span_distance,
    /// For a run of words in a sentence: a word that opens a condition, a reason or a purpose stands before it.
    span_conditional,
    /// For a run of words in a sentence: a function word stands inside.
    span_bridged,
    /// For a run of words in a sentence: share of the question's words before it, where a colon or its like parts them.
    span_after_colon,
    /// For a run of words in a sentence: share of the question's words behind it, where a colon or its like parts them.
    span_before_colon,
    /// Least probability with which an answer is given.
    answer_bar,
    /// Constant of the logistic rule in `doubt`.
    doubt_bias,
    /// Its factors, by signal.
    doubt_coverage,
    /// See `doubt`.
    doubt_total,
    /// See there.
    doubt_margin,
    /// See there.
    doubt_rarest,
    /// See there.
    doubt_second,
    /// See there.
    doubt_missing,
    /// See there.
    doubt_met,
    /// See there.
    doubt_precision,
    /// See there.
    doubt_asked,
    /// See there.
    doubt_unasked,
    /// See there.
    doubt_named,
    /// See there.
    doubt_unnamed,
    /// See there.
    doubt_row,
    /// See there.
    doubt_prose,
    /// See there.
    doubt_n_met,
    /// See there.
    doubt_unmet,
    /// See there.
    doubt_profile,
    /// See there.
    doubt_known,
    /// For answering: the right words were surely chosen.
    doubt_said,
    /// See there.
    doubt_strangers,
}

impl Weights {
    /// Returns the numbers that are compiled in.
    ///
    /// # Panics
    /// When the file that is compiled in is not valid, which the tests rule out.
    pub fn builtin() -> Self {
        Self::parse(include_str!("weights.toml")).expect("the weights that are compiled in are valid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_survive_writing() {
        let weights = Weights::builtin();
        assert_eq!(Weights::parse(&weights.to_toml()).expect("valid"), weights);
    }
}
