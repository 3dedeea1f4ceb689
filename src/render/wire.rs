//! How does a value travel as JSON?
//!
//! One line each, the same bytes for the same value. The forms are part of what stays stable: fields are added only.

use serde::Serialize;

/// Returns a value as one line of JSON.
///
/// # Errors
/// When the value has no JSON form, which none of ours lacks.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value)
}

/// What stands in the place of an answer to a refused question.
#[derive(Clone, Debug, Serialize)]
pub struct Refusal<'a> {
    schema: u32,
    question: &'a str,
    verdict: &'static str,
    error: Fault,
}

#[derive(Clone, Debug, Serialize)]
struct Fault {
    code: &'static str,
    message: String,
    hint: String,
}

impl<'a> Refusal<'a> {
    /// Returns the refusal of a question.
    pub fn new(question: &'a str, code: &'static str, message: String, hint: String) -> Self {
        Self { schema: 1, question, verdict: "unknown", error: Fault { code, message, hint } }
    }
}

/// Returns a time in seconds since 1970 as a date in UTC: `2026-01-31 09:05:00 UTC`.
pub fn date(time: u64) -> String {
    let (days, seconds) = (time / 86_400, time % 86_400);
    // Days are counted in years that start in March, so that the leap day comes last (Howard Hinnant's algorithm).
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_know_leap_years() {
        assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(1_709_210_096), "2024-02-29 12:34:56 UTC");
        assert_eq!(date(1_735_689_599), "2024-12-31 23:59:59 UTC");
    }
}
