//! Is this message a question to the bot?
//!
//! A mention is, and so is a reply to an answer that mentions the bot, which keeps the options of that answer. Where the
//! operator allows it, messages in a thread that hangs on an answer are read without a mention too.

use std::sync::Arc;

use serenity::all::{Http, Message, UserId};

use super::ask::{self, Ask, Refusal};
use super::{Bot, Error};

/// Answers a message that is a question.
pub(super) async fn read(bot: &Arc<Bot>, http: &Http, own: UserId, message: &Message) -> Result<(), Error> {
    if message.author.bot || message.author.id == own || message.webhook_id.is_some() {
        return Ok(());
    }
    let replied = message.referenced_message.as_deref().filter(|before| before.author.id == own);
    let after = match replied {
        Some(before) => bot.shown_by(before.id.get()).await.map(|(_, kept)| kept),
        // A thread that hangs on an answer has the id of its message.
        None if bot.settings.discord.message_content => {
            bot.shown_by(message.channel_id.get()).await.map(|(_, kept)| kept)
        }
        None => None,
    };
    let is_direct = message.guild_id.is_none();
    let is_read = bot.settings.discord.message_content && after.is_some();
    if !(is_direct || is_read || message.mentions_user_id(own)) || !bot.gate.is_new(message.id.get()) {
        return Ok(());
    }
    let text = without_mention(&message.content, own);
    let perhaps_after = match after {
        Some(_) => None,
        None => bot.last_of(message.author.id.get(), message.channel_id.get()).await,
    };
    let ask = match text.is_empty() {
        true => Err(Refusal::NoText),
        false => Ok(Ask { after, perhaps_after, ..Ask::new(text, false) }),
    };
    ask::reply(bot, http, message, ask).await
}

/// Returns the text without the mentions of the bot.
pub(super) fn without_mention(text: &str, own: UserId) -> String {
    text.replace(&format!("<@{own}>"), " ").replace(&format!("<@!{own}>"), " ").trim().to_owned()
}
