//! Which commands are there, and what does each ask?
//!
//! Commands in poise's form, their names and descriptions out of `commands.toml`. They are registered for all servers
//! at once, and only when they differ from those registered last.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serenity::all::{ApplicationId, CreateAutocompleteResponse, Http};

use super::ask::{self, Ask, Asker, Refusal, Sides};
use super::names::Wanted;
use super::reply::{Content, Handle};
use super::words::{self, Named, Words};
use super::{Bot, Error, operator};

type Context<'a> = poise::ApplicationContext<'a, Arc<Bot>, Error>;
type Command = poise::Command<Arc<Bot>, Error>;
type Localizations = Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>;

/// Name in the store of what was registered last.
const REGISTERED: &str = "registered commands";
/// Choices that come later than this are not shown any more.
const COMPLETE_IN: Duration = Duration::from_millis(2_500);

#[poise::command(slash_command)]
async fn ask(ctx: Context<'_>, question: String, private: Option<bool>) -> Result<(), Error> {
    respond(ctx, Ok(Ask::new(question, private.unwrap_or(false)))).await
}

#[poise::command(slash_command)]
async fn compare(
    ctx: Context<'_>,
    #[autocomplete = "complete_option"] a: String,
    #[autocomplete = "complete_option"] b: String,
    #[autocomplete = "complete_criterion"] on: Option<String>,
    private: Option<bool>,
) -> Result<(), Error> {
    let slots = [("a", a.trim()), ("b", b.trim()), ("c", on.as_deref().unwrap_or_default().trim())];
    let key = if slots[2].1.is_empty() { "ask_compare" } else { "ask_compare_on" };
    let [(_, a), (_, b), (_, c)] = slots;
    let on = Some(c.to_owned()).filter(|on| !on.is_empty());
    let sides = Some(Sides { names: [a.to_owned(), b.to_owned()], on });
    let text = filled(ctx, key, &slots);
    respond(ctx, Ok(Ask { sides, ..Ask::new(text, private.unwrap_or(false)) })).await
}

#[poise::command(slash_command)]
async fn when(
    ctx: Context<'_>,
    #[autocomplete = "complete_option"] option: String,
    private: Option<bool>,
) -> Result<(), Error> {
    let text = filled(ctx, "ask_when", &[("a", option.trim())]);
    respond(ctx, Ok(Ask::new(text, private.unwrap_or(false)))).await
}

#[poise::command(slash_command)]
async fn note(ctx: Context<'_>, #[autocomplete = "complete_note"] name: String) -> Result<(), Error> {
    let bot = ctx.framework.user_data;
    if !bot.gate.is_new(ctx.interaction.id.get()) {
        return Ok(());
    }
    ask::show(bot, handle(ctx), Asker::of_command(bot, ctx.interaction), name).await
}

#[poise::command(slash_command)]
async fn gaps(ctx: Context<'_>) -> Result<(), Error> {
    operate(ctx, operator::gaps).await
}

#[poise::command(slash_command)]
async fn status(ctx: Context<'_>) -> Result<(), Error> {
    operate(ctx, operator::status).await
}

#[poise::command(slash_command)]
async fn reindex(ctx: Context<'_>) -> Result<(), Error> {
    operate(ctx, operator::reindex).await
}

/// Does what only those may ask for who look after the notes, and tells them alone.
async fn operate<'a, F>(ctx: Context<'a>, run: impl Fn(Arc<Bot>, String) -> F) -> Result<(), Error>
where
    F: Future<Output = Result<String, Error>>,
{
    let bot = ctx.framework.user_data;
    let asker = Asker::of_command(bot, ctx.interaction);
    let mut handle = handle(ctx);
    if !bot.gate.is_new(ctx.interaction.id.get()) {
        return Ok(());
    }
    if !operator::may(bot, ctx.interaction) {
        handle.tell(Content::text(bot.words.get(&asker.lang, "not_operator"))).await?;
        return Ok(());
    }
    handle.defer(true).await?;
    let text = match run(Arc::clone(bot), asker.lang.clone()).await {
        Ok(text) => text,
        Err(error) => bot.told_fault(&error, &asker.lang),
    };
    handle.tell(Content::text(text)).await?;
    Ok(())
}

#[poise::command(context_menu_command = "menu")]
async fn about(ctx: Context<'_>, message: serenity::all::Message) -> Result<(), Error> {
    let bot_id = ctx.framework.bot_id();
    let written = [message.content.as_str()].into_iter();
    let embedded = message.embeds.iter().filter_map(|embed| embed.description.as_deref());
    let text = written.chain(embedded).map(|text| super::messages::without_mention(text, bot_id));
    let text = text.into_iter().find(|text| !text.is_empty());
    respond(ctx, text.map(|text| Ask::new(text, false)).ok_or(Refusal::NoText)).await
}

fn filled(ctx: Context<'_>, key: &str, slots: &[(&str, &str)]) -> String {
    let bot = ctx.framework.user_data;
    bot.words.fill(&Asker::of_command(bot, ctx.interaction).lang, key, slots)
}

async fn complete_option(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    complete(ctx, typed, Wanted::Option).await
}

async fn complete_criterion(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    complete(ctx, typed, Wanted::Criterion).await
}

async fn complete_note(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    complete(ctx, typed, Wanted::Note).await
}

/// Completes a name; shows nothing where something is in the way, because there is no place to say so.
async fn complete(ctx: Context<'_>, typed: &str, wanted: Wanted) -> CreateAutocompleteResponse {
    let bot = ctx.framework.user_data;
    let asker = Asker::of_command(bot, ctx.interaction);
    let response = CreateAutocompleteResponse::new();
    let Ok(scope) = ask::scope(bot, &ctx.serenity_context().http, &asker).await else { return response };
    let (own, typed) = (Arc::clone(bot), typed.to_owned());
    let completed = bot.live.compute(COMPLETE_IN, move || {
        let names = own.names(&scope, wanted);
        let choices = names.complete(&typed, wanted);
        choices.into_iter().map(|(shown, value)| (shown.to_owned(), value.to_owned())).collect::<Vec<_>>()
    });
    match completed.await {
        Ok(choices) => {
            choices.into_iter().fold(response, |response, (shown, value)| response.add_string_choice(shown, value))
        }
        Err(_) => response,
    }
}

async fn respond(ctx: Context<'_>, ask: Result<Ask, Refusal>) -> Result<(), Error> {
    let bot = ctx.framework.user_data;
    let interaction = ctx.interaction;
    if !bot.gate.is_new(interaction.id.get()) {
        return Ok(());
    }
    let handle = handle(ctx);
    ask::respond(bot, handle, Asker::of_command(bot, interaction), ask).await
}

fn handle(ctx: Context<'_>) -> Handle {
    Handle::new(&ctx.serenity_context().http, ctx.interaction.id, &ctx.interaction.token)
}

/// Returns all commands with their names in every language.
pub(super) fn all(words: &Words) -> Vec<Command> {
    let named = words::commands();
    let mut commands = vec![ask(), compare(), when(), note(), gaps(), status(), reindex(), about()];
    for command in &mut commands {
        if let Some(named) = named.get(command.name.as_ref()) {
            name(command, named);
        }
        if command.context_menu_action.is_some() {
            command.context_menu_name = Some(Cow::Owned(words.get("en", "menu").to_owned()));
        }
    }
    commands
}

fn name(command: &mut Command, named: &Named) {
    command.description = default(named);
    command.name_localizations = localizations(&named.name);
    command.description_localizations = localizations(&named.description);
    for parameter in &mut command.parameters {
        if let Some(named) = named.options.get(parameter.name.as_ref()) {
            parameter.description = default(named);
            parameter.name_localizations = localizations(&named.name);
            parameter.description_localizations = localizations(&named.description);
        }
    }
}

fn default(named: &Named) -> Option<Cow<'static, str>> {
    named.description.get("default").map(|text| Cow::Owned(text.clone()))
}

fn localizations(texts: &std::collections::BTreeMap<String, String>) -> Localizations {
    let texts = texts.iter().filter(|(locale, _)| *locale != "default");
    texts.map(|(locale, text)| (Cow::Owned(locale.clone()), Cow::Owned(text.clone()))).collect()
}

/// Takes out what says nothing: the builders write every field, and Discord's schema has no null in them.
fn prune(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(items) => items.iter_mut().for_each(prune),
        serde_json::Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null() && !field.as_array().is_some_and(Vec::is_empty));
            fields.values_mut().for_each(prune);
        }
        _ => {}
    }
}

/// Registers the commands, unless the same ones were registered before. Returns whether it did.
pub(super) async fn register(bot: &Arc<Bot>, http: &Http, application: ApplicationId) -> Result<bool, Error> {
    let commands = poise::builtins::create_application_commands(&all(&bot.words));
    // The builders keep names in hash maps; as values they have one order.
    let mut commands = serde_json::to_value(&commands)?;
    prune(&mut commands);
    // poise gives menus no names in other languages.
    let name = serde_json::Value::from(bot.words.get("en", "menu"));
    for command in commands.as_array_mut().into_iter().flatten().filter(|command| command["name"] == name) {
        command["name_localizations"] = serde_json::to_value(bot.words.everywhere("menu"))?;
    }
    let mark = format!("{application} {}", blake3::hash(commands.to_string().as_bytes()).to_hex());
    let own = Arc::clone(bot);
    let known = tokio::task::spawn_blocking(move || own.store.get(REGISTERED)).await??;
    if known.as_deref() == Some(mark.as_str()) {
        return Ok(false);
    }
    match super::reply::patiently(|| http.create_global_commands(&commands)).await {
        // They are registered, and what Discord says of them is of no use here.
        Ok(_) | Err(serenity::Error::Json(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let own = Arc::clone(bot);
    tokio::task::spawn_blocking(move || own.store.set(REGISTERED, &mark)).await??;
    Ok(true)
}
