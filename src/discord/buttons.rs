//! What happens when somebody presses a button?
//!
//! A button carries the action and the id of its answer, and the store has the rest: it works after a restart. The
//! question is asked again of what the notes say now, and it is said when that is not what they said then.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{
    ActionRowComponent, ButtonStyle, ComponentInteraction, ComponentInteractionDataKind, CreateActionRow,
    CreateAttachment, CreateButton, CreateInputText, CreateInteractionResponse, CreateModal, CreateSelectMenu,
    CreateSelectMenuKind, CreateSelectMenuOption, Http, InputTextStyle, ModalInteraction, Permissions,
};

use super::ask::{self, Ask, Asker, Refusal};
use super::reply::{Content, Handle, patiently};
use super::{Bot, Error, tree};
use crate::answer::{Answer, Evidence, EvidenceKind, Verdict};
use crate::render::card::{self, Frame};
use crate::render::whole::{Whole, whole};
use crate::render::{escape, shorten};
use crate::store::{GapKind, Kept};
use crate::text::key;

/// Version of what stands in a button.
const VERSION: &str = "v1";
/// Cells of a label in a menu; characters count at most twice as much, and 100 are allowed.
const LABEL_WIDTH: usize = 50;
/// Characters of the words for who does not see a picture.
const ALT_LIMIT: usize = 1_000;
/// A step through a tree that comes later is not shown any more.
const TREE_IN: Duration = Duration::from_millis(2_500);
/// Characters of a form.
const FORM_LIMIT: u16 = 500;

/// Returns the buttons below an answer.
pub(super) fn of_answer(bot: &Bot, id: u64, kept: &Kept, answer: &Answer, is_tree: bool) -> Vec<CreateActionRow> {
    let lang = kept.lang.as_str();
    let plain = |action: &str| CreateButton::new(custom_id(action, id)).style(ButtonStyle::Secondary);
    let button = |action: &str| plain(action).label(bot.words.get(lang, action));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    if answer.verdict == Verdict::Unknown {
        first.push(button("log_gap"));
    } else {
        first.push(button("why"));
        if kept.options.len() > kept.choices.len() {
            first.push(button("why_not"));
        }
        first.push(button("related"));
        let tables = [EvidenceKind::DecisionTable, EvidenceKind::ComparisonTable, EvidenceKind::Table];
        if answer.evidence.first().is_some_and(|evidence| tables.contains(&evidence.kind)) {
            first.push(button(if cfg!(feature = "picture") { "picture" } else { "file" }));
        }
        if is_tree {
            first.push(button("tree"));
        }
        second.extend([plain("good").label("👍"), plain("wrong").label("👎")]);
    }
    second.push(button("follow_up"));
    // Discord's own "dismiss" is there for what one person sees.
    if !kept.is_private {
        second.push(button("delete"));
    }
    [first, second].into_iter().filter(|row| !row.is_empty()).map(CreateActionRow::Buttons).collect()
}

fn custom_id(action: &str, id: u64) -> String {
    format!("{VERSION}:{action}:{id:x}")
}

/// Reads what stands in a button: the action, the answer's id, and what else the action needs.
fn parts(custom_id: &str) -> Option<(&str, u64, &str)> {
    let (version, rest) = custom_id.split_once(':')?;
    let (action, rest) = rest.split_once(':')?;
    let (id, rest) = rest.split_once(':').unwrap_or((rest, ""));
    (version == VERSION).then_some((action, u64::from_str_radix(id, 16).ok()?, rest))
}

/// Does what a button or a menu says.
pub(super) async fn press(bot: &Arc<Bot>, http: &Arc<Http>, pressed: &ComponentInteraction) -> Result<(), Error> {
    if !bot.gate.is_new(pressed.id.get()) {
        return Ok(());
    }
    let asker = Asker::of_component(bot, pressed);
    let mut handle = Handle::new(http, pressed.id, &pressed.token);
    let picked = match &pressed.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.first().cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let done = act(bot, &mut handle, pressed, &asker, &picked).await;
    tell_fault(bot, &mut handle, &asker, done).await
}

/// Tells the asker alone what went wrong.
async fn tell_fault(bot: &Bot, handle: &mut Handle, asker: &Asker, done: Result<(), Error>) -> Result<(), Error> {
    let Err(error) = done else { return Ok(()) };
    if error.downcast_ref::<serenity::Error>().is_some_and(super::reply::is_over) {
        return Ok(());
    }
    let told = bot.told_fault(&error, &asker.lang);
    // Where it was acknowledged by another, the placeholder takes the text; else nobody is there, and the log has it.
    if handle.tell(Content::text(told.clone())).await.is_err() {
        let _ = handle.fill(Content::text(told)).await;
    }
    Ok(())
}

async fn act(
    bot: &Arc<Bot>,
    handle: &mut Handle,
    pressed: &ComponentInteraction,
    asker: &Asker,
    picked: &str,
) -> Result<(), Error> {
    let lang = asker.lang.as_str();
    let known = match parts(&pressed.data.custom_id) {
        Some((action, id, rest)) => bot.answer(id).await?.map(|kept| (action, id, rest, kept)),
        None => None,
    };
    let Some((action, id, rest, kept)) = known else {
        handle.tell(Content::text(bot.words.get(lang, "forgotten"))).await?;
        return Ok(());
    };
    match action {
        "delete" if bot.store.hash(asker.user) != kept.asker => {
            handle.tell(Content::text(bot.words.get(lang, "not_asker"))).await?;
        }
        "delete" => {
            handle.acknowledge().await?;
            let message = &pressed.message;
            patiently(|| handle.http().delete_message(message.channel_id, message.id, None)).await?;
        }
        "good" => {
            tracing::info!(generation = kept.generation, "an answer was good");
            handle.tell(Content::text(bot.words.get(lang, "thanks"))).await?;
        }
        "log_gap" => {
            add_gap(bot, &kept, GapKind::Logged, String::new(), asker).await?;
            handle.tell(Content::text(bot.words.get(lang, "logged"))).await?;
        }
        "wrong" => handle.respond(form(bot, "wrong", id, lang)).await?,
        "follow_up" => handle.respond(form(bot, "follow_up", id, lang)).await?,
        "note" => ask::show(bot, std::mem::replace(handle, again(handle)), asker.clone(), picked.to_owned()).await?,
        "tree" => {
            let (own, rest, said) = (Arc::clone(bot), rest.to_owned(), lang.to_owned());
            // It is not acknowledged before it is there: the first step may change no message.
            let deadline = TREE_IN;
            let content = match bot.live.compute(deadline, move || tree_stop(&own, id, &kept, &rest, &said)).await {
                Ok(content) => content,
                Err(undone) => Content::text(Refusal::from(undone).told(bot, lang)),
            };
            // The first step opens a message for one person, the others change it.
            match rest_is_first(&pressed.data.custom_id) {
                true => handle.tell(content).await?,
                false => handle.change(content).await?,
            }
        }
        "picture" | "file" if !may_attach(pressed) => {
            handle.tell(Content::text(bot.words.get(lang, "no_files"))).await?;
        }
        "why" | "why_not" | "why_not_pick" | "related" | "picture" | "file" => {
            let pass = match ask::enter(bot, asker, Some(handle.token())) {
                Ok(pass) => pass,
                Err(refusal) => {
                    handle.tell(Content::text(refusal.told(bot, lang))).await?;
                    return Ok(());
                }
            };
            handle.defer(true).await?;
            let deadline = Duration::from_secs(u64::from(bot.settings.rates.deadline));
            let (own, action, picked, lang) = (Arc::clone(bot), action.to_owned(), picked.to_owned(), lang.to_owned());
            let work = move || explain(&own, &action, id, &kept, &picked, &lang);
            let content = match bot.live.compute(deadline, work).await {
                Ok(content) => content,
                Err(undone) => Content::text(Refusal::from(undone).told(bot, &asker.lang)),
            };
            handle.fill(content).await?;
            drop(pass);
        }
        _ => handle.tell(Content::text(bot.words.get(lang, "forgotten"))).await?,
    }
    Ok(())
}

fn rest_is_first(custom_id: &str) -> bool {
    parts(custom_id).is_some_and(|(_, _, rest)| rest.is_empty())
}

/// Writes one step through a decision tree. The way is in the buttons: the numbers of what was chosen, after an `s`.
fn tree_stop(bot: &Bot, id: u64, kept: &Kept, way: &str, lang: &str) -> Content {
    let made: Vec<usize> = way.trim_start_matches('s').split('.').filter_map(|at| at.parse().ok()).collect();
    let reader = bot.live.reader(&kept.scope);
    let answer = reader.ask(&kept.question);
    let found = answer.evidence.first().and_then(|evidence| {
        let entry = &reader.generation.entries[reader.generation.note_at(&evidence.note)? as usize];
        Some((evidence, tree::walk(entry, evidence.rows.first()?.line, &made)?))
    });
    let Some((evidence, stop)) = found else {
        return Content::text(bot.words.get(lang, "changed"));
    };
    let short = |text: &str| escape(&shorten(text, 80));
    let mut lines = Vec::new();
    if has_changed(kept, &answer) {
        lines.push(format!("-# ⚠ {}", bot.words.get(lang, "changed")));
    }
    if let Some((now, before)) = stop.passed.split_last() {
        let before: Vec<String> = before.iter().map(|text| short(text)).collect();
        lines.push(format!("-# {}", before.join(" › ")));
        lines.push(format!("**{}**", short(now)));
        lines.retain(|line| line != "-# ");
    }
    if let Some((end, line)) = &stop.end {
        lines.push(format!("▶ **{}**", short(end)));
        let place = card::place(&evidence.note, &evidence.headings, *line, None, bot.frame(&kept.scope));
        lines.push(format!("-# {place}"));
    }
    let step = |made: &[usize]| made.iter().map(usize::to_string).collect::<Vec<_>>().join(".");
    let button = |way: String, label: &str| {
        CreateButton::new(format!("{}:{way}", custom_id("tree", id))).label(label).style(ButtonStyle::Secondary)
    };
    let mut rows: Vec<Vec<CreateButton>> = Vec::new();
    for (at, choice) in stop.choices.iter().enumerate() {
        if at % 5 == 0 {
            rows.push(Vec::new());
        }
        let label = shorten(choice, 38);
        rows.last_mut()
            .expect("there is a row")
            .push(button(format!("s{}", step(&[&made[..], &[at]].concat())), &label));
    }
    if let Some((_, before)) = made.split_last() {
        rows.push(vec![button(format!("s{}", step(before)), bot.words.get(lang, "back"))]);
    }
    let components = rows.into_iter().map(CreateActionRow::Buttons).collect();
    Content { text: card::page(lines), components, files: Vec::new() }
}

fn may_attach(pressed: &ComponentInteraction) -> bool {
    pressed.app_permissions.is_none_or(|permissions| permissions.contains(Permissions::ATTACH_FILES))
}

fn again(handle: &Handle) -> Handle {
    Handle::new(handle.http(), handle.id(), handle.token())
}

/// Writes what lies behind an answer, from what the notes say now.
fn explain(bot: &Bot, action: &str, id: u64, kept: &Kept, picked: &str, lang: &str) -> Content {
    let reader = bot.live.reader(&kept.scope);
    let answer = reader.ask(&kept.question);
    let frame = bot.frame(&kept.scope);
    let mut lines = Vec::new();
    if has_changed(kept, &answer) {
        lines.push(format!("-# ⚠ {}", bot.words.get(lang, "changed")));
    }
    match action {
        "why" => {
            lines.push(format!("**{}**", escape(&card::verdict(&answer, frame))));
            for evidence in &answer.evidence {
                lines.extend(card::path(&evidence.path, frame));
            }
            if answer.evidence.iter().all(|evidence| evidence.path.is_empty()) {
                lines.push(bot.words.get(lang, "no_path").to_owned());
            }
            Content::text(card::page(lines))
        }
        "picture" | "file" => {
            let found = answer.evidence.first().and_then(|evidence| {
                let entry = &reader.generation.entries[reader.generation.note_at(&evidence.note)? as usize];
                Some((evidence, whole(evidence, &entry.note)?))
            });
            match found {
                Some((evidence, table)) => attached(bot, action, id, evidence, &table, lines, lang, frame),
                None => Content::text(card::page(lines.into_iter().chain([bot.words.get(lang, "no_path").to_owned()]))),
            }
        }
        "related" => {
            let notes = related(&reader, &answer).into_iter().map(|title| (title.clone(), title)).collect();
            menu(bot, lines, "note", id, notes, "pick_note", lang, "no_related")
        }
        _ => {
            let others = others(kept, &answer);
            let one = match (others.as_slice(), picked.parse::<usize>()) {
                (others, Ok(at)) if !picked.is_empty() => others.get(at),
                ([one], _) => Some(one),
                _ => None,
            };
            let Some(name) = one else {
                let options = others.iter().enumerate().map(|(at, name)| (name.clone(), at.to_string())).collect();
                return menu(bot, lines, "why_not_pick", id, options, "pick_option", lang, "no_others");
            };
            let heading = bot.words.fill(lang, "why_not_one", &[("name", name)]);
            let quotes = against(bot, &reader, kept, &answer, name);
            lines.push(match quotes.is_empty() {
                true => bot.words.get(lang, "no_others").to_owned(),
                false => card::quotes(&heading, &quotes, lang, frame),
            });
            Content::text(card::page(lines))
        }
    }
}

/// Attaches a whole table as a picture, or as a file.
#[expect(clippy::too_many_arguments, reason = "one call, and a struct would only repeat the names")]
fn attached(
    bot: &Bot,
    action: &str,
    id: u64,
    evidence: &Evidence,
    table: &Whole,
    mut lines: Vec<String>,
    lang: &str,
    frame: Frame<'_>,
) -> Content {
    let line = evidence.rows.first().map_or(evidence.lines.0, |row| row.line);
    lines.push(format!("-# {}", card::place(&evidence.note, &evidence.headings, line, None, frame)));
    let file = CreateButton::new(custom_id("file", id)).style(ButtonStyle::Secondary);
    let rows = vec![CreateActionRow::Buttons(vec![file.label(bot.words.get(lang, "file"))])];
    let content = |lines: Vec<String>, components, files| Content { text: card::page(lines), components, files };
    if action == "file" {
        let text = format!("{}:{line}\n\n{}\n", evidence.note, table.markdown);
        return content(lines, Vec::new(), vec![CreateAttachment::bytes(text.into_bytes(), "table.md")]);
    }
    match bot.picture(table, &format!("{}:{line}", evidence.note)) {
        Some(Ok((png, lacks_glyphs))) => {
            if lacks_glyphs {
                lines.push(format!("-# ⚠ {}", bot.words.get(lang, "no_glyphs")));
            }
            let picture = CreateAttachment::bytes(png, "table.png").description(table.text(ALT_LIMIT));
            content(lines, rows, vec![picture])
        }
        Some(Err(reason)) => {
            tracing::info!(reason, "no picture");
            lines.push(bot.words.get(lang, "too_large").to_owned());
            content(lines, rows, Vec::new())
        }
        None => {
            lines.push(bot.words.get(lang, "too_large").to_owned());
            content(lines, rows, Vec::new())
        }
    }
}

/// Returns titles of notes to read next: those of the answer, then those that the quoted notes are linked with.
fn related(reader: &super::live::Reader, answer: &Answer) -> Vec<String> {
    let (entries, graph) = (&reader.generation.entries, &reader.generation.graph);
    let mut titles = answer.related.clone();
    for evidence in &answer.evidence {
        let Some(at) = reader.generation.note_at(&evidence.note) else { continue };
        for (concept, _) in graph.near(graph.of_note(at)) {
            titles.extend(graph.note(concept).map(|note| entries[note as usize].note.title.clone()));
        }
    }
    let mut known = std::collections::HashSet::new();
    titles.retain(|title| known.insert(title.clone()));
    titles
}

/// Returns the options that were not chosen.
fn others(kept: &Kept, answer: &Answer) -> Vec<String> {
    let is_chosen = |name: &str| answer.choices.iter().any(|choice| key(&choice.name) == key(name));
    kept.options.iter().filter(|name| !is_chosen(name)).cloned().collect()
}

/// Returns what the notes say against an option here; where they say nothing against it, what they say of it.
fn against(bot: &Bot, reader: &super::live::Reader, kept: &Kept, answer: &Answer, name: &str) -> Vec<Evidence> {
    let wanted = key(name);
    let of = |answer: &Answer| {
        let found = answer.why_not.iter().find(|why_not| key(&why_not.name) == wanted);
        found.map(|why_not| why_not.evidence.clone()).unwrap_or_default()
    };
    let quotes = of(answer);
    if !quotes.is_empty() {
        return quotes;
    }
    let slots = [("question", kept.question.as_str()), ("option", name)];
    let second = reader.ask(&bot.words.fill(&kept.lang, "ask_why_not", &slots));
    let quotes = of(&second);
    if !quotes.is_empty() {
        return quotes;
    }
    let is_named = |names: &[String]| names.iter().any(|name| key(name) == wanted);
    let when = reader.ask(&bot.words.fill(&kept.lang, "ask_when", &[("a", name)]));
    let said = second.evidence.into_iter().chain(when.evidence);
    said.filter(|evidence| is_named(&evidence.opposes) || is_named(&evidence.supports)).take(2).collect()
}

/// True when other options are chosen or other lines decide.
pub(super) fn has_changed(kept: &Kept, answer: &Answer) -> bool {
    let choices: Vec<&str> = answer.choices.iter().map(|choice| choice.name.as_str()).collect();
    let rows = ask::rows(answer);
    let texts =
        |rows: &[crate::store::Row]| rows.iter().map(|row| (row.note.clone(), row.text.clone())).collect::<Vec<_>>();
    choices != kept.choices || texts(&rows) != texts(&kept.rows)
}

/// Offers names to pick from.
#[expect(clippy::too_many_arguments, reason = "one call each, and a struct would only repeat the names")]
fn menu(
    bot: &Bot,
    lines: Vec<String>,
    action: &str,
    id: u64,
    names: Vec<(String, String)>,
    placeholder: &str,
    lang: &str,
    none: &str,
) -> Content {
    let fits = |value: &str| (1..=100).contains(&value.encode_utf16().count());
    let mut options: Vec<CreateSelectMenuOption> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for (name, value) in names {
        if fits(&value) && !name.trim().is_empty() && !values.contains(&value) && values.len() < 25 {
            options.push(CreateSelectMenuOption::new(shorten(&name, LABEL_WIDTH), value.clone()));
            values.push(value);
        }
    }
    let mut lines = lines;
    if options.is_empty() {
        lines.push(bot.words.get(lang, none).to_owned());
        return Content::text(card::page(lines));
    }
    let menu = CreateSelectMenu::new(custom_id(action, id), CreateSelectMenuKind::String { options })
        .placeholder(bot.words.get(lang, placeholder));
    lines.push(format!("**{}**", bot.words.get(lang, placeholder)));
    Content { text: card::page(lines), components: vec![CreateActionRow::SelectMenu(menu)], files: Vec::new() }
}

fn form(bot: &Bot, action: &str, id: u64, lang: &str) -> CreateInteractionResponse {
    let (title, label) =
        (bot.words.get(lang, &format!("form_{action}")), bot.words.get(lang, &format!("form_{action}_field")));
    let style = if action == "wrong" { InputTextStyle::Paragraph } else { InputTextStyle::Short };
    let input = CreateInputText::new(style, label, "text").max_length(FORM_LIMIT).required(action != "wrong");
    let modal = CreateModal::new(custom_id(action, id), title).components(vec![CreateActionRow::InputText(input)]);
    CreateInteractionResponse::Modal(modal)
}

/// Reads a form that was sent.
pub(super) async fn submit(bot: &Arc<Bot>, http: &Arc<Http>, sent: &ModalInteraction) -> Result<(), Error> {
    if !bot.gate.is_new(sent.id.get()) {
        return Ok(());
    }
    let asker = Asker::of_modal(bot, sent);
    let mut handle = Handle::new(http, sent.id, &sent.token);
    let done = submitted(bot, &mut handle, sent, &asker).await;
    tell_fault(bot, &mut handle, &asker, done).await
}

async fn submitted(bot: &Arc<Bot>, handle: &mut Handle, sent: &ModalInteraction, asker: &Asker) -> Result<(), Error> {
    let text = sent.data.components.iter().flat_map(|row| &row.components).find_map(|component| match component {
        ActionRowComponent::InputText(input) => input.value.clone(),
        _ => None,
    });
    let text = text.unwrap_or_default();
    let known = match parts(&sent.data.custom_id) {
        Some((action, id, _)) => bot.answer(id).await?.map(|kept| (action, kept)),
        None => None,
    };
    match known {
        Some(("follow_up", kept)) => {
            let is_private = kept.is_private;
            let ask = Ask { after: Some(kept), ..Ask::new(text, is_private) };
            ask::respond(bot, std::mem::replace(handle, again(handle)), asker.clone(), Ok(ask)).await?;
        }
        Some(("wrong", kept)) => {
            add_gap(bot, &kept, GapKind::Wrong, text, asker).await?;
            handle.tell(Content::text(bot.words.get(&asker.lang, "thanks"))).await?;
        }
        _ => handle.tell(Content::text(bot.words.get(&asker.lang, "forgotten"))).await?,
    }
    Ok(())
}

async fn add_gap(bot: &Arc<Bot>, kept: &Kept, kind: GapKind, reason: String, asker: &Asker) -> Result<(), Error> {
    let (own, kept, user) = (Arc::clone(bot), kept.clone(), asker.user);
    let added = tokio::task::spawn_blocking(move || {
        let missing = own.live.reader(&kept.scope).ask(&kept.question).missing;
        let user = own.store.hash(user);
        own.store.add_gap(&crate::store::Gap { reason, user, ..ask::gap(&kept, kind, &missing) })
    });
    Ok(added.await??)
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn buttons_of_others_are_not_read() {
        assert_eq!(parts("v1:why:ff"), Some(("why", 255, "")));
        assert_eq!(parts("v1:tree:ff:1.2"), Some(("tree", 255, "1.2")));
        assert_eq!((parts("v2:why:ff"), parts("v1:why:x"), parts("")), (None, None, None));
    }
}
