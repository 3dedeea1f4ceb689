//! What do those see who look after the notes?
//!
//! Gaps, figures, and a fresh look at the notes, for people whom the operator or the server trusts.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{CommandInteraction, Permissions};

use super::{Bot, Error};
use crate::config::Id;
use crate::render::{card, escape, shorten, wire};
use crate::store::{Cluster, clusters};

/// Gaps in a message.
const SHOWN: usize = 15;
const QUESTION_WIDTH: usize = 90;

/// True for who manages the server or has one of the roles of bot.toml.
pub(super) fn may(bot: &Bot, of: &CommandInteraction) -> bool {
    let Some(member) = &of.member else { return false };
    let manages = Permissions::ADMINISTRATOR | Permissions::MANAGE_GUILD;
    let has_role = member.roles.iter().any(|role| bot.settings.discord.operators.contains(&Id(role.get())));
    has_role || member.permissions.is_some_and(|permissions| permissions.intersects(manages))
}

/// Lists the gaps, the most frequent first.
pub(super) async fn gaps(bot: Arc<Bot>, lang: String) -> Result<String, Error> {
    let own = Arc::clone(&bot);
    let clusters = tokio::task::spawn_blocking(move || own.store.gaps().map(|gaps| clusters(&gaps))).await??;
    if clusters.is_empty() {
        return Ok(bot.words.get(&lang, "no_gaps").to_owned());
    }
    let heading = format!("**{}**", bot.words.get(&lang, "gaps"));
    Ok(card::page(std::iter::once(heading).chain(clusters.iter().take(SHOWN).map(line))))
}

fn line(cluster: &Cluster) -> String {
    let wrong = if cluster.wrong == 0 { String::new() } else { format!(" · 👎 {}", cluster.wrong) };
    let date = wire::date(cluster.last);
    let date = date.split(' ').next().unwrap_or_default();
    format!("- **{}×**{wrong} {} · {date}", cluster.times, escape(&shorten(&cluster.question, QUESTION_WIDTH)))
}

/// Tells what is indexed.
pub(super) async fn status(bot: Arc<Bot>, lang: String) -> Result<String, Error> {
    let reader = bot.live.reader("");
    let generation = &reader.generation;
    let n_claims: usize = generation.entries.iter().map(|entry| entry.claims.len()).sum();
    let n_links: usize = generation.entries.iter().map(|entry| entry.note.links.len()).sum();
    let slots = [
        ("notes", generation.entries.len().to_string()),
        ("claims", n_claims.to_string()),
        ("links", n_links.to_string()),
        ("generation", generation.number.to_string()),
    ];
    let slots = slots.each_ref().map(|(name, value)| (*name, value.as_str()));
    let faults =
        generation.faults.iter().take(5).map(|fault| format!("- {} {}", escape(&fault.path), escape(&fault.message)));
    Ok(card::page(std::iter::once(bot.words.fill(&lang, "status", &slots)).chain(faults)))
}

/// Looks at the notes now.
pub(super) async fn reindex(bot: Arc<Bot>, lang: String) -> Result<String, Error> {
    let deadline = Duration::from_secs(u64::from(bot.settings.rates.deadline));
    bot.live.look(deadline).await.map_err(|reason| anyhow::anyhow!(reason))?;
    let generation = bot.live.reader("").generation;
    let slots = [("generation", generation.number.to_string()), ("notes", generation.entries.len().to_string())];
    let slots = slots.each_ref().map(|(name, value)| (*name, value.as_str()));
    Ok(bot.words.fill(&lang, "reindexed", &slots))
}
