//! How do faults of the notes reach tools for code review?
//!
//! As SARIF 2.1.0, the form that forges and editors read. Only the parts that say something here.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::check::{CODES, Finding, Fix, Severity};
use crate::note::Note;

/// What an address cannot hold in a path.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// The name that forges have for the top of a repository.
const SOURCES: &str = "%SRCROOT%";
/// Ours for a notes folder elsewhere.
const NOTES: &str = "NOTES";

/// Where the notes folder is, with `/` between its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the folder that the program runs in, which is taken for the top of the repository; empty where it is that.
    Inside(String),
    /// Elsewhere, from the root of the file system.
    Outside(String),
}

/// Faults in the form of the standard.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_uri_base_ids: Option<Bases>,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Bases {
    #[serde(rename = "NOTES")]
    notes: Base,
}

#[derive(Serialize)]
struct Base {
    uri: String,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message<'static>,
    help: Message<'static>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message<'a>,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Repair>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Repair {
    artifact_changes: [Change; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: [Replacement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Inserted,
}

#[derive(Serialize)]
struct Inserted {
    text: String,
}

/// Returns a log of faults, to be written as JSON. `note` tells the note at a path, which the places of changes are
/// counted in.
pub fn log<'a>(findings: &'a [Finding], place: &Place, note: &dyn Fn(&str) -> Option<&'a Note>) -> Log<'a> {
    let rules = CODES.iter().map(|code| Rule {
        id: code.name,
        short_description: Message { text: code.title },
        help: Message { text: code.help },
        default_configuration: Configuration { level: level(code.severity) },
    });
    let bases = match place {
        Place::Inside(_) => None,
        Place::Outside(folder) => Some(Bases { notes: Base { uri: format!("file://{}/", escaped(folder)) } }),
    };
    let results = findings.iter().map(|finding| outcome(finding, place, note(&finding.path)));
    Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "fingerpost",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.collect(),
                },
            },
            // As notes and terminals count them, not in the units of UTF-16.
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: bases,
            results: results.collect(),
        }],
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

fn escaped(path: &str) -> String {
    utf8_percent_encode(path, ESCAPED).to_string()
}

fn outcome<'a>(finding: &'a Finding, place: &Place, note: Option<&Note>) -> Outcome<'a> {
    let artifact = match place {
        Place::Inside(folder) if folder.is_empty() => Artifact { uri: escaped(&finding.path), uri_base_id: SOURCES },
        Place::Inside(folder) => Artifact { uri: escaped(&format!("{folder}/{}", finding.path)), uri_base_id: SOURCES },
        Place::Outside(_) => Artifact { uri: escaped(&finding.path), uri_base_id: NOTES },
    };
    let fixes = finding.fix.as_ref().zip(note).and_then(|(fix, note)| repair(fix, note, &artifact));
    Outcome {
        rule_id: finding.code,
        rule_index: CODES.iter().position(|code| code.name == finding.code).unwrap_or_default(),
        level: level(finding.severity),
        message: Message { text: &finding.message },
        locations: [Location {
            physical_location: Physical {
                artifact_location: artifact,
                region: Region { start_line: finding.line, start_column: finding.column, end_column: None },
            },
        }],
        fixes: fixes.into_iter().collect(),
    }
}

fn repair(fix: &Fix, note: &Note, artifact: &Artifact) -> Option<Repair> {
    let line = note.line_of(fix.span.0 as usize);
    let line_start = *note.line_starts.get(line as usize - 1)?;
    let column = |at: u32| Some(note.text.get(line_start as usize..at as usize)?.chars().count() as u32 + 1);
    let region = Region { start_line: line, start_column: column(fix.span.0)?, end_column: Some(column(fix.span.1)?) };
    let replacement = Replacement { deleted_region: region, inserted_content: Inserted { text: fix.text.clone() } };
    Some(Repair { artifact_changes: [Change { artifact_location: artifact.clone(), replacements: [replacement] }] })
}
