//! Which commands are there, and what does each ask?
//!
//! Commands in poise's form, their names and descriptions out of `commands.toml`. They are registered for all servers
//! at once, and only when they differ from those registered last.

use std::borrow::Cow;
use std::sync::Arc;

use serenity::all::{ApplicationId, Http};

use super::ask::{self, Ask, Asker, Refusal};
use super::reply::Handle;
use super::words::{self, Named};
use super::{Bot, Error};

type Context<'a> = poise::ApplicationContext<'a, Arc<Bot>, Error>;
type Command = poise::Command<Arc<Bot>, Error>;
type Localizations = Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>;

/// Name in the store of what was registered last.
const REGISTERED: &str = "registered commands";

#[poise::command(slash_command)]
async fn ask(ctx: Context<'_>, question: String, private: Option<bool>) -> Result<(), Error> {
    let ask = Ask { text: question, is_private: private.unwrap_or(false), after: None };
    respond(ctx, Ok(ask)).await
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
pub(super) fn all() -> Vec<Command> {
    let named = words::commands();
    let mut commands = vec![ask()];
    for command in &mut commands {
        if let Some(named) = named.get(command.name.as_ref()) {
            name(command, named);
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

/// Registers the commands, unless the same ones were registered before. Returns whether it did.
pub(super) async fn register(bot: &Arc<Bot>, http: &Http, application: ApplicationId) -> Result<bool, Error> {
    let commands = poise::builtins::create_application_commands(&all());
    // The builders keep names in hash maps; as values they have one order.
    let commands = serde_json::to_value(&commands)?;
    let mark = format!("{application} {}", blake3::hash(commands.to_string().as_bytes()).to_hex());
    let own = Arc::clone(bot);
    let known = tokio::task::spawn_blocking(move || own.store.get(REGISTERED)).await??;
    if known.as_deref() == Some(mark.as_str()) {
        return Ok(false);
    }
    super::reply::patiently(|| http.create_global_commands(&commands)).await?;
    let own = Arc::clone(bot);
    tokio::task::spawn_blocking(move || own.store.set(REGISTERED, &mark)).await??;
    Ok(true)
}
