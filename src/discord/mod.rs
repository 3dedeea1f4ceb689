//! Who asks in Discord, and how is it answered there?
//!
//! Starts the bot on serenity and poise, keeps it connected, and ends it in order. Computes no answers: `live` asks the
//! engine, `render` writes. The only place that is `async`.

mod ask;
mod buttons;
mod commands;
mod endpoints;
mod follow;
mod gate;
mod live;
mod messages;
mod names;
mod operator;
mod reply;
mod tree;
mod watch;
mod words;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serenity::all::{
    ChannelId, Client, ClientBuilder, ConnectionStage, EventHandler, FullEvent, GatewayError, GatewayIntents, Http,
    HttpError, Interaction, RatelimitInfo, ShardManager,
};

use crate::config;
use crate::engine::{EngineError, Settings};
use crate::render::Phrases;
use crate::store::{Kept, Store, StoreError};
use endpoints::Endpoints;
use gate::Gate;
use live::Live;
use names::{Names, Wanted};
use reply::Content;
use watch::Counts;
use words::Words;

type Error = anyhow::Error;

/// The environment variable with the token.
const TOKEN: &str = "DISCORD_TOKEN";
/// How long answers under way may take when the bot is told to end.
const DRAIN: Duration = Duration::from_secs(5);
/// How long it takes to say goodbye to Discord; the library may wait for ever.
const GOODBYE: Duration = Duration::from_millis(1_500);
/// An update of the notes that is under way when the bot is told to end has this long from then on. Killed after it, it
/// loses nothing: the last complete generation is on disk.
const LAST_UPDATE: Duration = Duration::from_millis(7_500);
const HEALTH_EVERY: Duration = Duration::from_secs(5);
/// A mention may follow an answer this long.
const FOLLOW_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Answers remembered for that.
const LAST_LIMIT: usize = 2_000;
const FORGET_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// What the bot cannot answer without.
const NEEDED: &str = "it needs to view the channel, send messages (in threads too), and read the message history";
/// Channels looked at when the bot starts: each costs a request.
const CHANNELS_LOOKED_AT: usize = 50;
const USAGE: u8 = 2;
const INTERNAL: u8 = 70;

/// Why the bot does not start, or ends.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StartError {
    /// The exit code.
    pub code: u8,
    message: String,
    hint: String,
}

impl StartError {
    fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into(), hint: hint.into() }
    }

    fn internal(error: impl std::fmt::Display) -> Self {
        Self {
            code: INTERNAL,
            message: format!("the bot cannot go on ({error})"),
            hint: "Start it again; if that does not help, please report it with this message.".to_owned(),
        }
    }

    fn token() -> Self {
        Self::usage(
            "Discord does not accept the token",
            format!(
                "Copy the token from the page \"Bot\" of your application in Discord's developer portal into {TOKEN}; \
                 resetting it there makes older ones useless."
            ),
        )
    }

    /// Returns the next step, as whole sentences.
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl From<EngineError> for StartError {
    fn from(error: EngineError) -> Self {
        let code = if error.is_internal() { INTERNAL } else { USAGE };
        Self { code, message: error.to_string(), hint: error.hint() }
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::usage(error.to_string(), error.hint())
    }
}

/// What completes, by scope and whether it is criteria, with the number of its generation.
type Gathered = HashMap<(String, bool), (u64, Arc<Names>)>;

/// Everything that answers need; one for the whole run.
struct Bot {
    settings: config::Bot,
    live: Live,
    store: Store,
    phrases: Phrases,
    words: Words,
    gate: Arc<Gate>,
    counts: Arc<Counts>,
    /// Channels that threads hang on, as far as they were looked up.
    parents: Mutex<HashMap<u64, Option<u64>>>,
    /// Names of the generation last completed, by folder.
    names: Mutex<Gathered>,
    /// The last answer of a user in a channel.
    last: Mutex<HashMap<(u64, u64), (u64, Instant)>>,
    /// Made when the first picture is wanted: it reads the fonts of the system.
    #[cfg(feature = "picture")]
    painter: std::sync::OnceLock<crate::render::picture::Painter>,
}

/// Returns where the store is when nobody chooses.
///
/// # Errors
/// When the platform names no data folder.
pub fn store_path(settings: &config::Bot) -> Result<PathBuf, StartError> {
    if !settings.store.path.as_os_str().is_empty() {
        return Ok(settings.store.path.clone());
    }
    let folder = dirs::data_dir().ok_or_else(|| {
        StartError::usage("this system names no folder for data", "Name a file as `path` in `[store]` of bot.toml.")
    })?;
    Ok(folder.join("fingerpost").join("store.redb"))
}

/// Runs the bot until it is told to end.
///
/// # Errors
/// When it cannot start, or Discord does not want it: exit code 2 for what the operator has to change.
pub fn run(
    notes: &Settings,
    options: crate::watch::Options,
    settings: config::Bot,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(), StartError> {
    let token = variable(TOKEN).map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| {
        StartError::usage(
            format!("there is no token: {TOKEN} is not set"),
            format!("Put the bot's token from Discord's developer portal into the environment as {TOKEN}."),
        )
    })?;
    if !token.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        return Err(StartError::token());
    }
    let endpoints = Endpoints::read(variable)?;
    for folder in settings.discord.folders.values() {
        if !live::is_inside(&notes.notes, folder) {
            return Err(StartError::usage(
                format!("`{folder}` in `[discord] folders` is no folder of the notes"),
                format!("Name folders relative to `{}`, with `/` between them.", notes.notes.display()),
            ));
        }
    }
    let counts = Arc::new(Counts::default());
    watch::log(&settings.log, &counts);
    let live = Live::open(notes, options, settings.discord.folders.values().map(String::as_str))?;
    let store = Store::open(&store_path(&settings)?)?;
    let gate = Arc::new(Gate::new(settings.rates));
    let (phrases, words) = (Phrases::builtin(), Words::builtin());
    let (parents, names, last) = (Mutex::default(), Mutex::default(), Mutex::default());
    let bot = Arc::new(Bot {
        settings,
        live,
        store,
        phrases,
        words,
        gate,
        counts,
        parents,
        names,
        last,
        #[cfg(feature = "picture")]
        painter: std::sync::OnceLock::new(),
    });
    let mut is_start = true;
    loop {
        // A runtime of its own for each connection: the library leaves tasks behind that nothing else ends.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::internal)?;
        let ended = runtime.block_on(connect(&bot, &endpoints, &token, is_start));
        is_start = false;
        runtime.shutdown_timeout(Duration::from_millis(200));
        let (outcome, told) = match ended {
            Ok(Ended::Lost) => continue,
            Ok(Ended::Told(told)) => (Ok(()), told),
            Err(error) => (Err(error), Instant::now()),
        };
        if !bot.live.end(LAST_UPDATE.saturating_sub(told.elapsed())) {
            tracing::warn!("an update of the notes was not done in time; the next start makes up for it");
        }
        return outcome;
    }
}

/// Why a connection ended.
enum Ended {
    /// Somebody told the bot to end, then.
    Told(Instant),
    /// It has to be made anew.
    Lost,
}

async fn connect(bot: &Arc<Bot>, endpoints: &Endpoints, token: &str, is_start: bool) -> Result<Ended, StartError> {
    let mut stop = Stop::new().map_err(StartError::internal)?;
    let http = endpoints.http(token);
    let mut wait = bot.counts.pause();
    if wait.is_none() {
        wait = check(&http).await?;
    }
    if let Some(wait) = wait {
        tracing::warn!(seconds = wait.as_secs(), "identified too often; waiting before the next time");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => return Ok(Ended::Told(Instant::now())),
        }
    }
    if is_start {
        seen(bot, &http).await?;
    }
    let mut intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    if bot.settings.discord.message_content {
        intents |= GatewayIntents::MESSAGE_CONTENT;
    }
    let builder =
        ClientBuilder::new_with_http(http, intents).framework(framework(bot)).event_handler(Observer(Arc::clone(bot)));
    let mut client: Client = builder.await.map_err(|error| failed(&error))?;
    endpoints.pin(&client.ws_url).await;
    let (http, manager) = (Arc::clone(&client.http), Arc::clone(&client.shard_manager));
    let background = tokio::spawn(look_after(Arc::clone(bot), Arc::clone(&manager)));
    let following = tokio::spawn(follow::follow(Arc::clone(bot), Arc::clone(&http)));
    let limit = async {
        while bot.counts.pause().is_none() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let refused = async {
        loop {
            bot.counts.refused.notified().await;
            // One refusal may have other reasons; the token is what this asks for.
            if let Err(error) = check(&http).await {
                return error;
            }
        }
    };
    let ended = tokio::select! {
        error = refused => Err(error),
        ended = client.start() => match ended {
            Ok(()) => Ok(Ended::Lost),
            Err(error) => Err(failed(&error)),
        },
        () = limit => Ok(Ended::Lost),
        () = stop.told() => {
            let told = Instant::now();
            bot.live.stop();
            drain(bot, &http).await;
            Ok(Ended::Told(told))
        }
    };
    background.abort();
    following.abort();
    if ended.is_ok() && tokio::time::timeout(GOODBYE, manager.shutdown_all()).await.is_err() {
        tracing::warn!("Discord did not answer the goodbye");
    }
    ended
}

/// Asks who the bot is, which a wrong token fails, and how often it may still identify itself.
async fn check(http: &Http) -> Result<Option<Duration>, StartError> {
    match reply::patiently(|| http.get_bot_gateway()).await {
        Ok(gateway) if gateway.session_start_limit.remaining == 0 => {
            Ok(Some(Duration::from_millis(gateway.session_start_limit.reset_after)))
        }
        Ok(_) => Ok(None),
        Err(error) if status(&error) == Some(401) => Err(StartError::token()),
        // The gateway will tell; it may be there though this is not.
        Err(error) => {
            tracing::warn!(reason = %error, "Discord does not say how often the bot may connect");
            Ok(None)
        }
    }
}

/// Looks whether the bot may see the channels that it is to answer in.
///
/// # Errors
/// When it may see none of them.
async fn seen(bot: &Bot, http: &Http) -> Result<(), StartError> {
    let discord = &bot.settings.discord;
    let channels: BTreeSet<u64> = discord.channels.iter().chain(discord.folders.keys()).map(|id| id.0).collect();
    let mut n_hidden = 0;
    for channel in channels.iter().copied().take(CHANNELS_LOOKED_AT) {
        match http.get_channel(ChannelId::new(channel.max(1))).await {
            Err(error) if matches!(status(&error), Some(403 | 404)) => {
                n_hidden += 1;
                tracing::error!(channel, reason = %error, "may not see this channel of bot.toml; {NEEDED}");
            }
            _ => {}
        }
    }
    if n_hidden > 0 && n_hidden == channels.len() {
        return Err(StartError::usage(
            "the bot may not see any of the channels in bot.toml",
            format!("Correct `channels` and `folders` in `[discord]`, or give it its permissions there: {NEEDED}."),
        ));
    }
    Ok(())
}

fn status(error: &serenity::Error) -> Option<u16> {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => Some(response.status_code.as_u16()),
        _ => None,
    }
}

fn failed(error: &serenity::Error) -> StartError {
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication | GatewayError::NoAuthentication) => {
            StartError::token()
        }
        serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents | GatewayError::InvalidGatewayIntents) => {
            StartError::usage(
                "Discord does not allow what the bot wants to read",
                "Switch on \"Message Content Intent\" on the page \"Bot\" of your application in Discord's developer \
                 portal, or take `message_content` out of bot.toml.",
            )
        }
        error if status(error) == Some(401) => StartError::token(),
        error => StartError::internal(error),
    }
}

/// Hears when the bot is told to end.
struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    async fn told(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Ends what is under way: lets it finish for a while, and tells the others to ask again.
async fn drain(bot: &Arc<Bot>, http: &Http) {
    bot.gate.close();
    let end = tokio::time::Instant::now() + DRAIN;
    while !bot.gate.pending().is_empty() && tokio::time::Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let left = bot.gate.pending();
    tracing::info!(left = left.len(), "ending");
    let told = left.into_iter().filter_map(|pending| Some((pending.token?, pending.lang))).map(|(token, lang)| {
        let text = bot.words.get(&lang, "restarting").to_owned();
        async move { reply::fill(http, &token, Content::text(text)).await.map(|_| ()) }
    });
    let told: Vec<_> = told.map(Box::pin).collect();
    let all = async {
        for one in told {
            let _ = one.await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), all).await;
}

/// Does what has to be done from time to time.
async fn look_after(bot: Arc<Bot>, manager: Arc<ShardManager>) {
    let health = async {
        loop {
            let runners: Vec<ConnectionStage> =
                manager.runners.lock().await.values().map(|runner| runner.stage).collect();
            let is_well = !runners.is_empty() && runners.iter().all(|stage| *stage == ConnectionStage::Connected);
            let generation = bot.live.reader("").generation.number;
            let own = Arc::clone(&bot);
            let written = tokio::task::spawn_blocking(move || {
                watch::write_health(&own.settings.log.health, is_well, generation, &own.counts);
            });
            let _ = written.await;
            tokio::time::sleep(HEALTH_EVERY).await;
        }
    };
    let forget = async {
        loop {
            let own = Arc::clone(&bot);
            let days = bot.settings.store.keep_days;
            let forgotten = tokio::task::spawn_blocking(move || own.store.forget_before(ask::now(), days)).await;
            if let Ok(Err(error)) = forgotten {
                tracing::warn!(reason = %error, "old answers cannot be forgotten");
            }
            tokio::time::sleep(FORGET_EVERY).await;
        }
    };
    tokio::join!(health, forget);
}

fn framework(bot: &Arc<Bot>) -> poise::Framework<Arc<Bot>, Error> {
    let options = poise::FrameworkOptions {
        commands: commands::all(&bot.words),
        on_error: |error| Box::pin(told(error)),
        event_handler: |framework, event| Box::pin(happened(framework, event)),
        // The default would ping every user that a note mentions.
        allowed_mentions: Some(serenity::all::CreateAllowedMentions::new()),
        prefix_options: poise::PrefixFrameworkOptions { mention_as_prefix: false, ..Default::default() },
        initialize_owners: false,
        manual_cooldowns: true,
        ..Default::default()
    };
    let bot = Arc::clone(bot);
    poise::Framework::builder()
        .initialize_owners(false)
        .options(options)
        .setup(move |context, ready, _| {
            Box::pin(async move {
                let http = Arc::clone(&context.http);
                let (own, application) = (Arc::clone(&bot), ready.application.id);
                tracing::info!(bot = %ready.user.id, guilds = ready.guilds.len(), "connected");
                // Questions must not wait for it.
                tokio::spawn(async move {
                    match commands::register(&own, &http, application).await {
                        Ok(true) => tracing::info!("commands registered"),
                        Ok(false) => tracing::info!("commands are registered already"),
                        Err(error) => {
                            error.downcast_ref().into_iter().for_each(|error| own.counts.failed(error));
                            tracing::error!(reason = %error, "commands cannot be registered");
                        }
                    }
                });
                Ok(bot)
            })
        })
        .build()
}

/// Answers what is no command.
async fn happened(framework: poise::FrameworkContext<'_, Arc<Bot>, Error>, event: &FullEvent) -> Result<(), Error> {
    let bot = framework.user_data;
    let http = &framework.serenity_context.http;
    match event {
        FullEvent::Message { new_message } => messages::read(bot, http, framework.bot_id(), new_message).await,
        FullEvent::InteractionCreate { interaction: Interaction::Component(pressed) } => {
            buttons::press(bot, http, pressed).await
        }
        FullEvent::InteractionCreate { interaction: Interaction::Modal(sent) } => {
            buttons::submit(bot, http, sent).await
        }
        _ => Ok(()),
    }
}

/// Handles what went wrong: the log has it under a reference, and the asker is told in a line that nobody else sees.
async fn told(error: poise::FrameworkError<'_, Arc<Bot>, Error>) {
    use poise::FrameworkError as Failed;
    let (bot, error, context) = match error {
        Failed::Command { error, ctx, .. } => (ctx.framework().user_data, error, Some(ctx)),
        Failed::EventHandler { error, framework, .. } => (framework.user_data, error, None),
        Failed::CommandPanic { payload, ctx, .. } => {
            (ctx.framework().user_data, anyhow::anyhow!(payload.unwrap_or_else(|| "a panic".to_owned())), Some(ctx))
        }
        Failed::UnknownCommand { .. } | Failed::UnknownInteraction { .. } => return,
        other => {
            tracing::error!(reason = %other, "a command was not understood");
            return;
        }
    };
    let is_over = |error: &serenity::Error| reply::is_over(error);
    if error.downcast_ref::<serenity::Error>().is_some_and(is_over) {
        return;
    }
    let lang = context.and_then(|context| context.locale().map(str::to_owned)).unwrap_or_default();
    let text = bot.told_fault(&error, bot.words.lang_of(&lang));
    if let Some(poise::Context::Application(context)) = context {
        let interaction = context.interaction;
        let mut handle = reply::Handle::new(&context.serenity_context().http, interaction.id, &interaction.token);
        // Where it was acknowledged already, the placeholder takes the text.
        if handle.tell(Content::text(text.clone())).await.is_err() {
            let _ = handle.fill(Content::text(text)).await;
        }
    }
}

/// Hears of what poise does not pass on.
struct Observer(Arc<Bot>);

#[serenity::async_trait]
impl EventHandler for Observer {
    async fn ratelimit(&self, info: RatelimitInfo) {
        self.0.counts.n_limited.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(milliseconds = info.timeout.as_millis(), path = info.path, global = info.global, "rate limited");
    }

    async fn ready(&self, _: serenity::all::Context, _: serenity::all::Ready) {
        let n_before = self.0.counts.n_identified.load(Ordering::Relaxed);
        if n_before > 1 {
            tracing::warn!(identified = n_before, "identified anew: events in between are lost");
        }
    }

    async fn resume(&self, _: serenity::all::Context, _: serenity::all::ResumedEvent) {
        let n_resumed = self.0.counts.n_resumed.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::info!(resumed = n_resumed, "resumed");
    }
}

impl Bot {
    /// Writes a fault into the log and returns what the asker is told of it.
    fn told_fault(&self, error: &Error, lang: &str) -> String {
        self.counts.n_faults.fetch_add(1, Ordering::Relaxed);
        error.downcast_ref().into_iter().for_each(|error| self.counts.failed(error));
        let reference = format!("{:08x}", self.store.fresh_id().unwrap_or_default() >> 32);
        tracing::error!(reference, reason = format!("{error:#}"), "an answer failed");
        self.words.fill(lang, "fault", &[("reference", &reference)])
    }

    /// Returns the channel that a thread hangs on; none for a channel.
    async fn parent(&self, http: &Http, channel: u64) -> Option<u64> {
        let known = self.parents.lock().unwrap_or_else(PoisonError::into_inner).get(&channel).copied();
        if let Some(parent) = known {
            return parent;
        }
        // A failed look-up is not remembered.
        let parent = match http.get_channel(ChannelId::new(channel)).await {
            Ok(found) => found.guild().and_then(|channel| channel.thread_metadata.and(channel.parent_id)),
            Err(_) => return None,
        };
        let parent = parent.map(ChannelId::get);
        self.parents.lock().unwrap_or_else(PoisonError::into_inner).insert(channel, parent);
        parent
    }

    /// Notes which message shows an answer. Without it, replies to the message are new questions.
    async fn sent(self: &Arc<Self>, id: u64, channel: u64, message: u64) {
        let own = Arc::clone(self);
        let kept = tokio::task::spawn_blocking(move || own.store.sent(id, channel, message)).await;
        if let Ok(Err(error)) = kept {
            tracing::warn!(reason = %error, "an answer is not kept");
        }
    }

    async fn answer(self: &Arc<Self>, id: u64) -> Result<Option<Kept>, Error> {
        let own = Arc::clone(self);
        Ok(tokio::task::spawn_blocking(move || own.store.answer(id)).await??)
    }

    /// Draws a table and says whether signs are missing, or why not; nothing where the program draws no pictures.
    #[cfg(feature = "picture")]
    fn picture(&self, table: &crate::render::whole::Whole, below: &str) -> Option<Result<(Vec<u8>, bool), String>> {
        let painter = self.painter.get_or_init(crate::render::picture::Painter::new);
        let drawn = painter.table(table, below).map_err(|error| error.to_string());
        Some(drawn.map(|png| (png, painter.lacks_glyphs(table))))
    }

    #[cfg(not(feature = "picture"))]
    fn picture(&self, _: &crate::render::whole::Whole, _: &str) -> Option<Result<(Vec<u8>, bool), String>> {
        None
    }

    /// Remembers the last answer of a user in a channel.
    fn remember(&self, asker: &ask::Asker, id: u64) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() > LAST_LIMIT {
            last.retain(|_, (_, time)| time.elapsed() < FOLLOW_WITHIN);
        }
        last.insert((asker.user, asker.channel), (id, Instant::now()));
    }

    /// Returns the answer that a user may ask on from.
    async fn last_of(self: &Arc<Self>, user: u64, channel: u64) -> Option<Kept> {
        let known = self.last.lock().unwrap_or_else(PoisonError::into_inner).get(&(user, channel)).copied();
        let (id, _) = known.filter(|(_, time)| time.elapsed() < FOLLOW_WITHIN)?;
        self.answer(id).await.ok()?.filter(|kept| !kept.is_private)
    }

    /// Returns the names of what answers now, gathered once for each generation.
    fn names(&self, scope: &str, wanted: Wanted) -> Arc<Names> {
        let generation = self.live.reader(scope).generation;
        let place = (scope.to_owned(), wanted == Wanted::Criterion);
        let known = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        if let Some((_, names)) = known.filter(|(number, _)| *number == generation.number) {
            return names;
        }
        let names = Arc::new(Names::gather(&generation, wanted));
        let mut all = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(place, (generation.number, Arc::clone(&names)));
        names
    }

    async fn shown_by(self: &Arc<Self>, message: u64) -> Option<(u64, Kept)> {
        let own = Arc::clone(self);
        tokio::task::spawn_blocking(move || own.store.shown_by(message)).await.ok()?.ok()?
    }
}
