//! How does a text reach the person who asked?
//!
//! Acknowledges an interaction in time, fills its placeholder, tells errors to the asker alone, and tries again where
//! Discord stumbles. Nothing that is sent from here mentions anybody but the asker of a message.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{
    Builder, ChannelId, CreateActionRow, CreateAllowedMentions, CreateAttachment, CreateInteractionResponse,
    CreateInteractionResponseFollowup, CreateInteractionResponseMessage, CreateMessage, EditInteractionResponse,
    EditMessage, Http, HttpError, InteractionId, InteractionResponseFlags, Message, MessageFlags, MessageId, Nonce,
    UserId,
};

/// Waits between tries; together shorter than anybody's patience.
const WAITS: [Duration; 3] = [Duration::from_millis(300), Duration::from_millis(1_000), Duration::from_millis(2_500)];

/// A text with what hangs on it.
#[derive(Clone, Default)]
pub(super) struct Content {
    pub text: String,
    pub components: Vec<CreateActionRow>,
    pub files: Vec<CreateAttachment>,
}

impl Content {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// One interaction, to be answered once.
pub(super) struct Handle {
    http: Arc<Http>,
    id: InteractionId,
    token: String,
    /// Set when it was acknowledged: whether its placeholder is for the asker alone.
    acknowledged: Option<bool>,
}

impl Handle {
    pub fn new(http: &Arc<Http>, id: InteractionId, token: &str) -> Self {
        Self { http: Arc::clone(http), id, token: token.to_owned(), acknowledged: None }
    }

    pub fn id(&self) -> InteractionId {
        self.id
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn http(&self) -> &Arc<Http> {
        &self.http
    }

    /// Shows that the answer is on its way. Whether it is private is settled with this.
    pub async fn defer(&mut self, is_private: bool) -> serenity::Result<()> {
        let message = CreateInteractionResponseMessage::new().ephemeral(is_private);
        self.respond(CreateInteractionResponse::Defer(message)).await?;
        self.acknowledged = Some(is_private);
        Ok(())
    }

    /// Responds at once, for what takes no time.
    pub async fn respond(&mut self, response: CreateInteractionResponse) -> serenity::Result<()> {
        // Within three seconds there is time for one more try.
        let sent = response.clone().execute(&self.http, (self.id, self.token.as_str())).await;
        match sent {
            Err(error) if is_passing(&error) => {
                tokio::time::sleep(WAITS[0]).await;
                response.execute(&self.http, (self.id, self.token.as_str())).await
            }
            sent => sent,
        }
    }

    /// Says that a button was heard, and shows nothing.
    pub async fn acknowledge(&mut self) -> serenity::Result<()> {
        // The library would send a `data` of null, which is not in Discord's schema.
        let response = serde_json::json!({"type": 6});
        patiently(|| self.http.create_interaction_response(self.id, &self.token, &response, Vec::new())).await
    }

    /// Tells the asker something alone, at once or, where the placeholder is public, in its place.
    pub async fn tell(&mut self, content: Content) -> serenity::Result<()> {
        match self.acknowledged {
            None => {
                let message = CreateInteractionResponseMessage::new()
                    .content(content.text)
                    .components(content.components)
                    .files(content.files)
                    .allowed_mentions(CreateAllowedMentions::new())
                    .flags(InteractionResponseFlags::EPHEMERAL | InteractionResponseFlags::SUPPRESS_EMBEDS);
                self.respond(CreateInteractionResponse::Message(message)).await?;
                self.acknowledged = Some(true);
                Ok(())
            }
            Some(true) => self.fill(content).await.map(|_| ()),
            Some(false) => {
                // The first message after a public placeholder would become public too.
                patiently(|| self.http.delete_original_interaction_response(&self.token)).await?;
                let message = CreateInteractionResponseFollowup::new()
                    .content(content.text)
                    .components(content.components)
                    .allowed_mentions(CreateAllowedMentions::new())
                    .flags(MessageFlags::EPHEMERAL | MessageFlags::SUPPRESS_EMBEDS);
                patiently(|| message.clone().execute(&self.http, (None, self.token.as_str()))).await?;
                self.acknowledged = Some(true);
                Ok(())
            }
        }
    }

    /// Changes the message whose button was pressed.
    pub async fn change(&mut self, content: Content) -> serenity::Result<()> {
        let message = CreateInteractionResponseMessage::new()
            .content(content.text)
            .components(content.components)
            .allowed_mentions(CreateAllowedMentions::new());
        self.respond(CreateInteractionResponse::UpdateMessage(message)).await?;
        self.acknowledged = Some(true);
        Ok(())
    }

    /// Puts the answer into the placeholder.
    pub async fn fill(&self, content: Content) -> serenity::Result<Message> {
        fill(&self.http, &self.token, content).await
    }
}

/// Puts an answer into the placeholder of an interaction.
pub(super) async fn fill(http: &Http, token: &str, content: Content) -> serenity::Result<Message> {
    let mut edit = EditInteractionResponse::new()
        .content(content.text)
        .components(content.components)
        .allowed_mentions(CreateAllowedMentions::new());
    for file in content.files {
        edit = edit.new_attachment(file);
    }
    patiently(|| edit.clone().execute(http, token)).await
}

/// Answers a message; the asker is told of it, nobody else.
pub(super) async fn send(
    http: &Http,
    channel: ChannelId,
    to: Option<(MessageId, UserId)>,
    content: Content,
) -> serenity::Result<Message> {
    let mut mentions = CreateAllowedMentions::new().replied_user(false);
    let mut message = CreateMessage::new()
        .content(content.text)
        .components(content.components)
        .flags(MessageFlags::SUPPRESS_EMBEDS)
        .files(content.files);
    if let Some((id, user)) = to {
        mentions = mentions.users([user]).replied_user(true);
        // A second try of the same message is the same message.
        message = message
            .reference_message(serenity::all::MessageReference::from((channel, id)).fail_if_not_exists(false))
            .nonce(Nonce::String(id.to_string()))
            .enforce_nonce(true);
    }
    let message = message.allowed_mentions(mentions);
    patiently(|| message.clone().execute(http, (channel, None))).await
}

/// Replies to a message of the bot's own; nobody is told of it.
pub(super) async fn reply_quietly(
    http: &Http,
    channel: ChannelId,
    to: MessageId,
    content: Content,
) -> serenity::Result<Message> {
    let reference = serenity::all::MessageReference::from((channel, to)).fail_if_not_exists(false);
    let message = CreateMessage::new()
        .content(content.text)
        .flags(MessageFlags::SUPPRESS_EMBEDS | MessageFlags::SUPPRESS_NOTIFICATIONS)
        .reference_message(reference)
        .nonce(Nonce::String(format!("c{to}")))
        .enforce_nonce(true)
        .allowed_mentions(CreateAllowedMentions::new().replied_user(false));
    patiently(|| message.clone().execute(http, (channel, None))).await
}

/// Changes the text of a message of the bot's own.
pub(super) async fn edit(http: &Http, channel: ChannelId, id: MessageId, text: String) -> serenity::Result<Message> {
    let edit = EditMessage::new().content(text).allowed_mentions(CreateAllowedMentions::new());
    patiently(|| edit.clone().execute(http, (channel, id, None))).await
}

/// Tries again where Discord stumbles or the line is cut.
pub(super) async fn patiently<T, F>(run: impl Fn() -> F) -> serenity::Result<T>
where
    F: Future<Output = serenity::Result<T>>,
{
    for wait in WAITS {
        match run().await {
            Err(error) if is_passing(&error) => tokio::time::sleep(wait).await,
            done => return done,
        }
    }
    run().await
}

/// True for what may go well a moment later.
fn is_passing(error: &serenity::Error) -> bool {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => response.status_code.is_server_error(),
        // What cannot be read was sent all the same: a second try would do it twice.
        serenity::Error::Http(HttpError::Request(error)) => !error.is_decode(),
        _ => false,
    }
}

/// Returns Discord's code of an error.
pub(super) fn code(error: &serenity::Error) -> Option<isize> {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => Some(response.error.code),
        _ => None,
    }
}

/// True when the bot may not do it here: trying again is of no use.
pub(super) fn is_forbidden(error: &serenity::Error) -> bool {
    matches!(code(error), Some(50_001 | 50_013 | 160_002))
}

/// True when nobody is there to tell: the interaction is over, answered already, or its message is gone.
pub(super) fn is_over(error: &serenity::Error) -> bool {
    matches!(code(error), Some(10_062 | 40_060 | 10_015 | 10_008))
}
