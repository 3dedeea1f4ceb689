//! Does a request keep to what Discord accepts, and to what we promise of every message?

use serde_json::Value;

/// Returns the rules that a request breaks, in words.
pub fn broken(method: &str, path: &str, body: &Value, files: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut say = |what: String| broken.push(format!("{method} {path}: {what}"));
    if path.ends_with("/callback") {
        match body["type"].as_u64() {
            Some(4 | 7) => message(&body["data"], true, &mut say),
            Some(5) => {
                let data = &body["data"];
                let has_text = !data["content"].as_str().unwrap_or_default().is_empty();
                if has_text || data["flags"].as_u64().unwrap_or_default() & !64 != 0 {
                    say(format!("a placeholder may only be private: {data}"));
                }
            }
            Some(8) => autocomplete(&body["data"], &mut say),
            Some(9) => modal(&body["data"], &mut say),
            Some(6) => {}
            kind => say(format!("no such response: {kind:?}")),
        }
    } else if path.contains("/messages") && method != "DELETE" || path.starts_with("/webhooks/") && method == "POST" {
        message(body, path.starts_with("/webhooks/"), &mut say);
    } else if path.ends_with("/commands") {
        commands(body, &mut say);
    }
    if files.len() > 10 || files.iter().any(|(_, bytes)| bytes.len() > 10 << 20) {
        say("files are too many or too large".to_owned());
    }
    broken
}

fn units(value: &Value) -> usize {
    value.as_str().unwrap_or_default().encode_utf16().count()
}

fn message(data: &Value, is_interaction: bool, say: &mut impl FnMut(String)) {
    if units(&data["content"]) > 2_000 {
        say(format!("{} characters", units(&data["content"])));
    }
    // Without the field Discord acts on everything.
    let mentions = &data["allowed_mentions"];
    if !mentions.is_object() || mentions["parse"].as_array().is_none_or(|parse| !parse.is_empty()) {
        say(format!("anybody may be mentioned: {mentions}"));
    }
    let n_users = mentions["users"].as_array().map_or(0, Vec::len);
    let n_roles = mentions["roles"].as_array().map_or(0, Vec::len);
    if n_roles > 0 || n_users > usize::from(!is_interaction) {
        say(format!("others than the asker may be mentioned: {mentions}"));
    }
    let text = data["content"].as_str().unwrap_or_default();
    if !text.matches("```").count().is_multiple_of(2) {
        say(format!("a fence is open: {text}"));
    }
    let outside: String = text.split("```").step_by(2).collect();
    let outside = outside.replace("](<https://", "").replace("](<http://", "").replace(" <obsidian://", "");
    for sign in ["@everyone", "@here", "://", "discord.gg"] {
        if outside.contains(sign) {
            say(format!("`{sign}` acts in: {text}"));
        }
    }
    components(&data["components"], say);
}

fn components(rows: &Value, say: &mut impl FnMut(String)) {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.len() > 5 {
        say("more than 5 rows".to_owned());
    }
    let mut ids = Vec::new();
    for row in rows {
        let children = row["components"].as_array().map(Vec::as_slice).unwrap_or_default();
        if row["type"] != 1 || children.is_empty() || children.len() > 5 {
            say(format!("a row of {} components", children.len()));
        }
        for child in children {
            if child["style"] != 5 {
                ids.push(child["custom_id"].to_string());
            }
            if !(1..=100).contains(&units(&child["custom_id"])) {
                say(format!("a custom id of {} characters", units(&child["custom_id"])));
            }
            match child["type"].as_u64() {
                Some(2) if !(1..=80).contains(&units(&child["label"])) => say(format!("the label of {child}")),
                Some(3) => select(child, children.len(), say),
                Some(4) => {
                    if !(1..=45).contains(&units(&child["label"])) || units(&child["placeholder"]) > 100 {
                        say(format!("the label of {child}"));
                    }
                }
                Some(2) => {}
                kind => say(format!("no such component: {kind:?}")),
            }
        }
    }
    let n_ids = ids.len();
    ids.sort();
    ids.dedup();
    if ids.len() != n_ids {
        say("a custom id twice".to_owned());
    }
}

fn select(child: &Value, n_beside: usize, say: &mut impl FnMut(String)) {
    let options = child["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut values: Vec<String> = options.iter().map(|option| option["value"].to_string()).collect();
    values.sort();
    values.dedup();
    let is_short = |text: &Value, least: usize| (least..=100).contains(&units(text));
    let fits = options.iter().all(|option| {
        is_short(&option["label"], 1) && is_short(&option["value"], 1) && is_short(&option["description"], 0)
    });
    if n_beside != 1 || !(1..=25).contains(&options.len()) || values.len() != options.len() || !fits {
        say(format!("a menu breaks the limits: {child}"));
    }
    if units(&child["placeholder"]) > 150 {
        say("a long placeholder".to_owned());
    }
}

fn autocomplete(data: &Value, say: &mut impl FnMut(String)) {
    let choices = data["choices"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fits = choices
        .iter()
        .all(|choice| (1..=100).contains(&units(&choice["name"])) && (1..=100).contains(&units(&choice["value"])));
    if choices.len() > 25 || !fits {
        say(format!("choices break the limits: {data}"));
    }
}

fn modal(data: &Value, say: &mut impl FnMut(String)) {
    if !(1..=45).contains(&units(&data["title"])) || !(1..=100).contains(&units(&data["custom_id"])) {
        say(format!("a form breaks the limits: {data}"));
    }
    components(&data["components"], say);
}

fn commands(body: &Value, say: &mut impl FnMut(String)) {
    let commands = body.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_name = |name: &str| {
        let n_chars = name.chars().count();
        let is_sign = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
        (1..=32).contains(&n_chars) && name.to_lowercase() == name && name.chars().all(is_sign)
    };
    for command in commands {
        let is_chat = matches!(command["type"].as_u64(), None | Some(1));
        let mut named = vec![command];
        named.extend(command["options"].as_array().into_iter().flatten());
        let mut n_chars = 0;
        for one in named.into_iter().filter(|_| is_chat) {
            let names = one["name_localizations"].as_object().into_iter().flat_map(|names| names.values());
            for name in names.chain([&one["name"]]).filter_map(Value::as_str) {
                n_chars += name.chars().count();
                if !is_name(name) {
                    say(format!("no name: {name}"));
                }
            }
            let texts = one["description_localizations"].as_object().into_iter().flat_map(|texts| texts.values());
            for text in texts.chain([&one["description"]]) {
                n_chars += units(text);
                if !(1..=100).contains(&units(text)) {
                    say(format!("no description: {text}"));
                }
            }
        }
        if n_chars > 8_000 {
            say(format!("{n_chars} characters in a command"));
        }
        let options = command["options"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_sorted = options.windows(2).all(|pair| pair[0]["required"] == true || pair[1]["required"] != true);
        if options.len() > 25 || !is_sorted {
            say("required options come first".to_owned());
        }
    }
}
