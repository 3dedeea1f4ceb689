//! What is the answer to this person here?
//!
//! Finds out whether the question may be asked in its place, asks one generation, keeps what buttons will need, and
//! makes the message. Every way to ask meets here.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serenity::all::{ChannelId, CommandInteraction, ComponentInteraction, Http, ModalInteraction};

use super::gate::{Pass, Pending, Wait};
use super::live::{Reader, Undone};
use super::reply::{Content, Handle};
use super::{Bot, buttons, reply, tree};
use crate::answer::{Answer, EvidenceKind, Verdict};
use crate::config::Id;
use crate::engine::{self, QUESTION_LIMIT, QuestionError};
use crate::render::card::{self, Frame, Labels};
use crate::render::{escape, shorten, show};
use crate::store::{Gap, GapKind, Kept, Row};
use crate::text::key;

/// More options than this are a list, not a choice.
const OPTIONS_LIMIT: usize = 8;
/// More rows than this decide nothing alone.
const ROWS_LIMIT: usize = 12;

/// Who asks, and where.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub user: u64,
    pub channel: u64,
    /// The channel that a thread hangs on, where it is known; that of a channel is its category or itself.
    pub parent: Option<u64>,
    pub guild: Option<u64>,
    /// Language of what is said beside answers.
    pub lang: String,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub text: String,
    pub is_private: bool,
    /// The answer that it follows, whose options it keeps.
    pub after: Option<Kept>,
    /// The answer that it may follow: when the notes do not answer it alone.
    pub perhaps_after: Option<Kept>,
    /// The two options that are to stand side by side.
    pub sides: Option<Sides>,
}

/// Two options to compare, and on what.
#[derive(Clone, Debug)]
pub(super) struct Sides {
    pub names: [String; 2],
    pub on: Option<String>,
}

impl Ask {
    pub fn new(text: String, is_private: bool) -> Self {
        Self { text, is_private, after: None, perhaps_after: None, sides: None }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    Elsewhere,
    Wait(Wait),
    Question(QuestionError),
    NoText,
    Late,
    Fault(anyhow::Error),
}

/// An answer ready to be sent.
pub(super) struct Reply {
    pub id: u64,
    pub content: Content,
}

impl Asker {
    fn new(bot: &Bot, user: u64, channel: ChannelId, guild: Option<u64>, locale: &str) -> Self {
        let own = bot.settings.discord.language.as_str();
        let lang = if own.is_empty() { bot.words.lang_of(locale) } else { own };
        Self { user, channel: channel.get(), parent: None, guild, lang: lang.to_owned() }
    }

    pub fn of_command(bot: &Bot, of: &CommandInteraction) -> Self {
        let guild = of.guild_id.map(|id| id.get());
        let parent = of.channel.as_ref().map(|channel| channel.parent_id.unwrap_or(channel.id).get());
        Self { parent, ..Self::new(bot, of.user.id.get(), of.channel_id, guild, &of.locale) }
    }

    pub fn of_component(bot: &Bot, of: &ComponentInteraction) -> Self {
        let guild = of.guild_id.map(|id| id.get());
        let parent = of.channel.as_ref().map(|channel| channel.parent_id.unwrap_or(channel.id).get());
        Self { parent, ..Self::new(bot, of.user.id.get(), of.channel_id, guild, &of.locale) }
    }

    pub fn of_modal(bot: &Bot, of: &ModalInteraction) -> Self {
        let guild = of.guild_id.map(|id| id.get());
        let parent = of.channel.as_ref().map(|channel| channel.parent_id.unwrap_or(channel.id).get());
        Self { parent, ..Self::new(bot, of.user.id.get(), of.channel_id, guild, &of.locale) }
    }

    pub fn of_message(bot: &Bot, of: &serenity::all::Message) -> Self {
        Self::new(bot, of.author.id.get(), of.channel_id, of.guild_id.map(|id| id.get()), "")
    }
}

impl Refusal {
    /// Returns what the asker is told; a fault is written into the log under the reference that is told.
    pub fn told(&self, bot: &Bot, lang: &str) -> String {
        let words = &bot.words;
        match self {
            Self::Elsewhere => words.get(lang, "elsewhere").to_owned(),
            Self::Wait(Wait::Busy) => words.get(lang, "busy").to_owned(),
            Self::Wait(Wait::Restarting) => words.get(lang, "restarting").to_owned(),
            Self::Wait(Wait::TooOften(n, seconds)) => {
                words.fill(lang, "too_often", &[("n", &n.to_string()), ("seconds", &seconds.to_string())])
            }
            Self::Question(QuestionError::TooLong(_)) => {
                words.fill(lang, "long_question", &[("n", &QUESTION_LIMIT.to_string())])
            }
            Self::Question(_) => words.get(lang, "empty_question").to_owned(),
            Self::NoText => words.get(lang, "no_text").to_owned(),
            Self::Late => words.fill(lang, "deadline", &[("seconds", &bot.settings.rates.deadline.to_string())]),
            Self::Fault(error) => bot.told_fault(error, lang),
        }
    }
}

impl From<Undone> for Refusal {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::Late => Self::Late,
            Undone::Failed(reason) => Self::Fault(anyhow::anyhow!(reason)),
        }
    }
}

/// Returns the folder of the notes that is asked from this place, where questions are answered at all.
pub(super) async fn scope(bot: &Bot, http: &Http, asker: &Asker) -> Result<String, Refusal> {
    let discord = &bot.settings.discord;
    let is_in = |list: &[Id], id: u64| list.contains(&Id(id));
    if !discord.guilds.is_empty() && !asker.guild.is_some_and(|guild| is_in(&discord.guilds, guild)) {
        return Err(Refusal::Elsewhere);
    }
    let own = |channel: u64| (is_in(&discord.channels, channel), discord.folders.get(&Id(channel)).cloned());
    let (mut is_here, mut folder) = own(asker.channel);
    let matters = !discord.channels.is_empty() || !discord.folders.is_empty();
    if matters && !(is_here && folder.is_some()) && asker.guild.is_some() {
        let parent = match asker.parent {
            Some(parent) => Some(parent),
            None => bot.parent(http, asker.channel).await,
        };
        if let Some(parent) = parent {
            let (is_parent_here, parent_folder) = own(parent);
            is_here |= is_parent_here;
            folder = folder.or(parent_folder);
        }
    }
    if !discord.channels.is_empty() && !is_here {
        return Err(Refusal::Elsewhere);
    }
    Ok(folder.unwrap_or_default().trim_matches('/').to_owned())
}

/// Lets a question in, or says why it has to wait.
pub(super) fn enter(bot: &Bot, asker: &Asker, token: Option<&str>) -> Result<Pass, Refusal> {
    let pending = Pending { token: token.map(str::to_owned), lang: asker.lang.clone() };
    bot.gate.enter(asker.user, asker.channel, pending).map_err(Refusal::Wait)
}

/// Answers an interaction: acknowledges it at once, and fills the placeholder.
pub(super) async fn respond(
    bot: &Arc<Bot>,
    mut handle: Handle,
    asker: Asker,
    ask: Result<Ask, Refusal>,
) -> anyhow::Result<()> {
    let entered = async {
        let ask = ask?;
        engine::check(&ask.text).map_err(Refusal::Question)?;
        let scope = scope(bot, handle.http(), &asker).await?;
        let pass = enter(bot, &asker, Some(handle.token()))?;
        Ok((ask, scope, pass))
    };
    let (ask, scope, pass) = match entered.await {
        Ok(entered) => entered,
        Err(refusal) => {
            let refusal: Refusal = refusal;
            handle.tell(Content::text(refusal.told(bot, &asker.lang))).await?;
            return Ok(());
        }
    };
    handle.defer(ask.is_private).await?;
    match answer(bot, &asker, &ask, scope).await {
        Ok(Reply { id, content }) => {
            let message = handle.fill(content).await?;
            bot.sent(id, message.channel_id.get(), message.id.get()).await;
        }
        Err(refusal) => handle.tell(Content::text(refusal.told(bot, &asker.lang))).await?,
    }
    drop(pass);
    Ok(())
}

/// Shows a note or concept to the asker alone.
pub(super) async fn show(bot: &Arc<Bot>, mut handle: Handle, asker: Asker, name: String) -> anyhow::Result<()> {
    let entered = async {
        let scope = scope(bot, handle.http(), &asker).await?;
        Ok((scope, enter(bot, &asker, Some(handle.token()))?))
    };
    let (scope, pass) = match entered.await {
        Ok(entered) => entered,
        Err(refusal) => {
            let refusal: Refusal = refusal;
            handle.tell(Content::text(refusal.told(bot, &asker.lang))).await?;
            return Ok(());
        }
    };
    handle.defer(true).await?;
    let (own, lang) = (Arc::clone(bot), asker.lang.clone());
    let work = move || {
        let reader = own.live.reader(&scope);
        let word = |key: &str| own.words.get(&lang, key);
        match show::show(&name, &reader.generation) {
            Ok(shown) => {
                let labels = Labels {
                    aliases: word("aliases"),
                    sections: word("sections"),
                    claims: word("claimed"),
                    links: word("links_to"),
                };
                card::note(&shown, labels, own.frame(&scope))
            }
            Err(unknown) => {
                let named = |name: &str| format!("“{}”", escape(&shorten(name, 80)));
                let mut text = own.words.fill(&lang, "no_name", &[("name", &named(&name))]);
                if let Some(nearest) = unknown.nearest() {
                    text = format!("{text} {}", own.words.fill(&lang, "nearest", &[("name", &named(nearest))]));
                }
                text
            }
        }
    };
    let deadline = Duration::from_secs(u64::from(bot.settings.rates.deadline));
    let text = match bot.live.compute(deadline, work).await {
        Ok(text) => text,
        Err(undone) => Refusal::from(undone).told(bot, &asker.lang),
    };
    handle.fill(Content::text(text)).await?;
    drop(pass);
    Ok(())
}

/// Answers a message by a message.
pub(super) async fn reply(
    bot: &Arc<Bot>,
    http: &Http,
    message: &serenity::all::Message,
    ask: Result<Ask, Refusal>,
) -> anyhow::Result<()> {
    let asker = Asker::of_message(bot, message);
    let to = Some((message.id, message.author.id));
    let answered = async {
        let ask = ask?;
        let scope = scope(bot, http, &asker).await?;
        engine::check(&ask.text).map_err(Refusal::Question)?;
        let _pass = enter(bot, &asker, None)?;
        // The typing is a sign only: without the permission for it there may still be one to answer.
        let _ = http.broadcast_typing(message.channel_id).await;
        let Reply { id, content } = answer(bot, &asker, &ask, scope).await?;
        let sent = reply::send(http, message.channel_id, to, content).await;
        let sent = sent.map_err(|error| Refusal::Fault(error.into()))?;
        bot.sent(id, sent.channel_id.get(), sent.id.get()).await;
        Ok(())
    };
    match answered.await {
        // Saying so to everybody who mentions the bot there would be noise.
        Ok(()) | Err(Refusal::Elsewhere) => Ok(()),
        Err(Refusal::Fault(error)) if error.downcast_ref().is_some_and(reply::is_forbidden) => {
            tracing::error!(
                channel = asker.channel,
                reason = format!("{error:#}"),
                "may not answer here; {}",
                super::NEEDED
            );
            Ok(())
        }
        Err(refusal) => {
            let told = refusal.told(bot, &asker.lang);
            reply::send(http, message.channel_id, to, Content::text(told)).await?;
            Ok(())
        }
    }
}

/// Computes an answer and keeps it.
async fn answer(bot: &Arc<Bot>, asker: &Asker, ask: &Ask, scope: String) -> Result<Reply, Refusal> {
    let reader = bot.live.reader(&scope);
    let deadline = Duration::from_secs(u64::from(bot.settings.rates.deadline));
    let (own, asker, ask) = (Arc::clone(bot), asker.clone(), ask.clone());
    let work = move || compute(&own, &reader, &asker, &ask, scope);
    bot.live.compute(deadline, work).await?.map_err(Refusal::Fault)
}

fn compute(bot: &Bot, reader: &Reader, asker: &Asker, ask: &Ask, scope: String) -> anyhow::Result<Reply> {
    let question = match &ask.after {
        Some(kept) => followed(bot, kept, &ask.text),
        None => ask.text.trim().to_owned(),
    };
    let (mut question, mut answer) = (question.clone(), reader.ask(&question));
    if let Some(before) = ask.perhaps_after.as_ref().filter(|_| answer.verdict == Verdict::Unknown) {
        let followed = followed(bot, before, &ask.text);
        let second = reader.ask(&followed);
        if second.verdict != Verdict::Unknown {
            (question, answer) = (followed, second);
        }
    }
    let kept = kept(bot, reader, asker, ask, &answer, question, scope);
    let id = bot.store.fresh_id()?;
    bot.store.keep(id, &kept)?;
    bot.remember(asker, id);
    let comparison = ask.sides.as_ref().and_then(|sides| reader.compare(sides));
    if answer.verdict == Verdict::Unknown && comparison.is_none() {
        bot.store.add_gap(&gap(&kept, GapKind::Unknown, &answer.missing))?;
    }
    let frame = bot.frame(&kept.scope);
    let text = match comparison {
        Some(comparison) => card::comparison(&comparison, frame.lang(&answer), frame),
        None => card::answer(&answer, frame),
    };
    let n_micros = answer.elapsed_us;
    match bot.settings.log.questions {
        true => tracing::info!(question = kept.question, verdict = ?answer.verdict, n_micros, "answered"),
        false => tracing::info!(verdict = ?answer.verdict, n_micros, "answered"),
    }
    let components = buttons::of_answer(bot, id, &kept, &answer, is_tree(reader, &answer));
    Ok(Reply { id, content: Content { text, components, files: Vec::new() } })
}

/// Returns the question that follows an answer: with its options, unless it names one of them or others.
fn followed(bot: &Bot, kept: &Kept, text: &str) -> String {
    let asked = format!(" {} ", key(text));
    let names_one = kept.options.iter().any(|option| asked.contains(&format!(" {} ", key(option))));
    if names_one || kept.options.is_empty() {
        return text.trim().to_owned();
    }
    let options = kept.options.join(bot.words.get(&kept.lang, "or"));
    let text = text.trim().trim_end_matches(['?', '？']).trim_end();
    bot.words.fill(&kept.lang, "ask_follow_up", &[("text", text), ("options", &options)])
}

fn kept(
    bot: &Bot,
    reader: &Reader,
    asker: &Asker,
    ask: &Ask,
    answer: &Answer,
    question: String,
    scope: String,
) -> Kept {
    Kept {
        question,
        lang: answer.lang.clone(),
        scope,
        asker: bot.store.hash(asker.user),
        channel: asker.channel,
        message: 0,
        is_private: ask.is_private,
        at: now(),
        generation: answer.generation,
        choices: answer.choices.iter().map(|choice| choice.name.clone()).collect(),
        options: options(reader, answer),
        rows: rows(answer),
        is_followed: !ask.is_private && matches!(answer.verdict, Verdict::Choose | Verdict::Either | Verdict::Combine),
    }
}

/// Returns the lines that decide an answer, so that a later look can tell whether they still do.
pub(super) fn rows(answer: &Answer) -> Vec<Row> {
    let rows = answer.evidence.iter().flat_map(|evidence| {
        evidence.rows.iter().map(|row| Row { note: evidence.note.clone(), line: row.line, text: row.text.clone() })
    });
    rows.take(ROWS_LIMIT).collect()
}

/// Returns the options that took part: those chosen, those the question names, those of the deciding table.
fn options(reader: &Reader, answer: &Answer) -> Vec<String> {
    let mut options: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !name.trim().is_empty() && !options.iter().any(|known| key(known) == key(name)) {
            options.push(name.to_owned());
        }
    };
    answer.choices.iter().for_each(|choice| add(&choice.name));
    answer.why_not.iter().for_each(|why_not| add(&why_not.name));
    let tables = [EvidenceKind::DecisionTable, EvidenceKind::ComparisonTable, EvidenceKind::Tree];
    if let Some(evidence) = answer.evidence.first().filter(|evidence| tables.contains(&evidence.kind)) {
        evidence.supports.iter().chain(&evidence.opposes).for_each(|name| add(name));
        let at = reader.generation.note_at(&evidence.note);
        let line = evidence.rows.first().map_or(evidence.lines.0, |row| row.line);
        if let Some(at) = at {
            let entry = &reader.generation.entries[at as usize];
            let is_there = |lines: (u32, u32)| (lines.0..=lines.1).contains(&line);
            let block = entry.claims.iter().find(|claim| is_there(claim.lines)).and_then(|claim| claim.block);
            let beside = entry.claims.iter().filter(|claim| block.is_some() && claim.block == block);
            beside.flat_map(|claim| &claim.picks).for_each(|pick| add(&pick.name));
        }
    }
    options.truncate(OPTIONS_LIMIT);
    options
}

/// True when the deciding line stands in a tree that can be walked.
fn is_tree(reader: &Reader, answer: &Answer) -> bool {
    let walked = answer.evidence.first().filter(|evidence| evidence.kind == EvidenceKind::Tree).and_then(|evidence| {
        let entry = &reader.generation.entries[reader.generation.note_at(&evidence.note)? as usize];
        tree::walk(entry, evidence.rows.first()?.line, &[])
    });
    walked.is_some_and(|stop| stop.choices.len() > 1)
}

/// Returns a gap for a question that was asked.
pub(super) fn gap(kept: &Kept, kind: GapKind, missing: &[String]) -> Gap {
    Gap {
        question: kept.question.clone(),
        lang: kept.lang.clone(),
        kind,
        reason: String::new(),
        missing: missing.to_vec(),
        user: kept.asker,
        at: now(),
        generation: kept.generation,
    }
}

/// Returns the time in seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl Bot {
    /// Returns what messages about notes of a folder are made with.
    pub fn frame<'a>(&'a self, folder: &'a str) -> Frame<'a> {
        let (lang, link) = (self.settings.discord.language.as_str(), self.settings.links.template.as_str());
        let chosen = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Frame { phrases: &self.phrases, lang: chosen(lang), link: chosen(link), folder }
    }
}
