//! Is this message a question to the bot?
//!
//! A mention is, and so is a reply to an answer that mentions the bot, which keeps the options of that answer.

use std::sync::Arc;

use serenity::all::{Http, Message, UserId};

use super::ask::{self, Ask, Refusal};
use super::{Bot, Error};

/// Answers a message that is a question.
pub(super) async fn read(bot: &Arc<Bot>, http: &Http, own: UserId, message: &Message) -> Result<(), Error> {
    if message.author.bot || message.author.id == own || message.webhook_id.is_some() {
        return Ok(());
    }
    let is_direct = message.guild_id.is_none();
    if !(is_direct || message.mentions_user_id(own)) || !bot.gate.is_new(message.id.get()) {
        return Ok(());
    }
    let text = without_mention(&message.content, own);
    let after = match &message.referenced_message {
        Some(before) if before.author.id == own => bot.shown_by(before.id.get()).await.map(|(_, kept)| kept),
        _ => None,
    };
    let ask = match text.is_empty() {
        true => Err(Refusal::NoText),
        false => Ok(Ask { text, is_private: false, after }),
    };
    ask::reply(bot, http, message, ask).await
}

/// Returns the text without the mentions of the bot.
fn without_mention(text: &str, own: UserId) -> String {
    text.replace(&format!("<@{own}>"), " ").replace(&format!("<@!{own}>"), " ").trim().to_owned()
}
