//! What happens when somebody presses a button?
//!
//! A button carries the action and the id of its answer, and the store has the rest: it works after a restart.

use std::sync::Arc;

use serenity::all::{
    ButtonStyle, ComponentInteraction, CreateActionRow, CreateButton, CreateInteractionResponse, Http,
};

use super::ask::Asker;
use super::reply::{Content, Handle, patiently};
use super::{Bot, Error};
use crate::answer::Answer;
use crate::store::Kept;

/// Version of what stands in a button.
const VERSION: &str = "v1";

/// Returns the buttons below an answer.
pub(super) fn of_answer(bot: &Bot, id: u64, kept: &Kept, _answer: &Answer) -> Vec<CreateActionRow> {
    let lang = kept.lang.as_str();
    let button = |action: &str| {
        CreateButton::new(format!("{VERSION}:{action}:{id:x}"))
            .label(bot.words.get(lang, action))
            .style(ButtonStyle::Secondary)
    };
    let mut first = Vec::new();
    // Discord's own "dismiss" is there for what one person sees.
    if !kept.is_private {
        first.push(button("delete"));
    }
    [first].into_iter().filter(|row| !row.is_empty()).map(CreateActionRow::Buttons).collect()
}

/// Reads what stands in a button: the action, the answer's id, and what else the action needs.
fn parts(custom_id: &str) -> Option<(&str, u64, &str)> {
    let (version, rest) = custom_id.split_once(':')?;
    let (action, rest) = rest.split_once(':')?;
    let (id, rest) = rest.split_once(':').unwrap_or((rest, ""));
    (version == VERSION).then_some((action, u64::from_str_radix(id, 16).ok()?, rest))
}

/// Does what a button says.
pub(super) async fn press(bot: &Arc<Bot>, http: &Arc<Http>, pressed: &ComponentInteraction) -> Result<(), Error> {
    if !bot.gate.is_new(pressed.id.get()) {
        return Ok(());
    }
    let asker = Asker::of_component(bot, pressed);
    let mut handle = Handle::new(http, pressed.id, &pressed.token);
    let known = match parts(&pressed.data.custom_id) {
        Some((action, id, rest)) => bot.answer(id).await?.map(|kept| (action, id, rest, kept)),
        None => None,
    };
    let Some((action, _, _, kept)) = known else {
        handle.tell(Content::text(bot.words.get(&asker.lang, "forgotten"))).await?;
        return Ok(());
    };
    match action {
        "delete" if bot.store.hash(asker.user) != kept.asker => {
            handle.tell(Content::text(bot.words.get(&asker.lang, "not_asker"))).await?;
        }
        "delete" => {
            handle.respond(CreateInteractionResponse::Acknowledge).await?;
            let message = &pressed.message;
            patiently(|| http.delete_message(message.channel_id, message.id, None)).await?;
        }
        _ => handle.tell(Content::text(bot.words.get(&asker.lang, "forgotten"))).await?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn buttons_of_others_are_not_read() {
        assert_eq!(parts("v1:why:ff"), Some(("why", 255, "")));
        assert_eq!(parts("v1:tree:ff:2:1"), Some(("tree", 255, "2:1")));
        assert_eq!((parts("v2:why:ff"), parts("v1:why:x"), parts("")), (None, None, None));
    }
}
