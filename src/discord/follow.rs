//! Do answers that were given still hold?
//!
//! When the notes change, the answers of late are asked again. Where another option is chosen now, the message is
//! changed while it is young, and replied to when it is old; nobody is pinged, and not more often a day than the
//! operator allows.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{ChannelId, Http, MessageId};

use super::reply::Content;
use super::{Bot, Error, ask, reply};
use crate::render::{card, escape, shorten};
use crate::store::Kept;
use crate::text::key;

/// Changes come in bursts.
const SETTLE: Duration = Duration::from_secs(1);
/// Answers older than this are history.
const DAYS: u64 = 30;
const DAY: u64 = 86_400;
/// The newest answers that are asked again.
const LIMIT: usize = 500;
/// Discord limits changes of messages older than an hour.
const YOUNG: u64 = 3_300;

/// An answer that is another one now.
struct Changed {
    id: u64,
    before: Kept,
    after: Kept,
    line: String,
    text: String,
}

/// Follows the notes, for ever.
pub(super) async fn follow(bot: Arc<Bot>, http: Arc<Http>) {
    if !bot.settings.discord.follow_changes {
        return;
    }
    let mut changes = bot.live.changes();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
        if let Err(error) = tell_all(&bot, &http).await {
            tracing::warn!(reason = format!("{error:#}"), "answers that changed are not told");
        }
    }
}

async fn tell_all(bot: &Arc<Bot>, http: &Http) -> Result<(), Error> {
    let own = Arc::clone(bot);
    let since = ask::now().saturating_sub(DAYS * DAY);
    let mut answers = tokio::task::spawn_blocking(move || own.store.answers_since(since)).await??;
    answers.retain(|(_, kept)| kept.is_followed && kept.message != 0);
    answers.truncate(LIMIT);
    for (id, kept) in answers {
        let own = Arc::clone(bot);
        let deadline = Duration::from_secs(u64::from(bot.settings.rates.deadline));
        // One at a time: people who ask come first.
        let Ok(Some(changed)) = bot.live.compute(deadline, move || again(&own, id, kept)).await else { continue };
        let own = Arc::clone(bot);
        if !tokio::task::spawn_blocking(move || take_one(&own)).await?? {
            tracing::info!("no more changes are told today");
            return Ok(());
        }
        match tell(http, &changed).await {
            Ok(()) => {}
            // The message or its channel is gone.
            Err(error) if reply::is_over(&error) => {}
            Err(error) => {
                bot.counts.failed(&error);
                tracing::warn!(reason = %error, "a changed answer is not told");
            }
        }
        let own = Arc::clone(bot);
        tokio::task::spawn_blocking(move || own.store.keep(changed.id, &changed.after)).await??;
    }
    Ok(())
}

/// Asks again; returns something only where other options are chosen.
fn again(bot: &Bot, id: u64, before: Kept) -> Option<Changed> {
    let reader = bot.live.reader(&before.scope);
    if reader.generation.number == before.generation {
        return None;
    }
    let answer = reader.ask(&before.question);
    let keys = |names: &[String]| {
        let mut keys: Vec<String> = names.iter().map(|name| key(name)).collect();
        keys.sort_unstable();
        keys
    };
    let choices: Vec<String> = answer.choices.iter().map(|choice| choice.name.clone()).collect();
    if keys(&choices) == keys(&before.choices) {
        return None;
    }
    let frame = bot.frame(&before.scope);
    let named = |names: &[String]| match names {
        [] => bot.words.get(&before.lang, "nobody").to_owned(),
        names => names.iter().take(3).map(|name| escape(&shorten(name, 60))).collect::<Vec<_>>().join(", "),
    };
    let slots = [("before", named(&before.choices)), ("after", named(&choices))];
    let slots = slots.each_ref().map(|(name, text)| (*name, text.as_str()));
    let mut line = bot.words.fill(&before.lang, "changed_to", &slots);
    if let Some((evidence, row)) = answer.evidence.first().and_then(|one| Some((one, one.rows.first()?))) {
        line = format!("{line} · {}", card::place(&evidence.note, &evidence.headings, row.line, None, frame));
    }
    let text = card::page([format!("-# ↻ {line}"), card::answer(&answer, frame)]);
    let rows = ask::rows(&answer);
    let after = Kept { choices, rows, generation: answer.generation, ..before.clone() };
    Some(Changed { id, before, after, line, text })
}

/// Counts one more message of today; false when there were enough.
fn take_one(bot: &Bot) -> Result<bool, Error> {
    let name = "changes told";
    let today = ask::now() / DAY;
    let known = bot.store.get(name)?.unwrap_or_default();
    let (day, n) = known.split_once(' ').unwrap_or_default();
    let n: u32 = if day == today.to_string() { n.parse().unwrap_or(0) } else { 0 };
    if n >= bot.settings.discord.changes_per_day {
        return Ok(false);
    }
    bot.store.set(name, &format!("{today} {}", n + 1))?;
    Ok(true)
}

async fn tell(http: &Http, changed: &Changed) -> serenity::Result<()> {
    let (channel, message) = (ChannelId::new(changed.before.channel), MessageId::new(changed.before.message));
    if ask::now().saturating_sub(changed.before.at) < YOUNG {
        match reply::edit(http, channel, message, changed.text.clone()).await {
            // Too many changes of old messages.
            Err(error) if reply::code(&error) == Some(30_046) => {}
            done => return done.map(|_| ()),
        }
    }
    reply::reply_quietly(http, channel, message, Content::text(format!("↻ {}", changed.line))).await.map(|_| ())
}
