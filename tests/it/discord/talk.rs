//! A conversation with the running bot.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::standin::{APPLICATION, BOT, CHANNEL, GUILD, Recorded, StandIn, number};
use crate::support::Vault;

/// The running program with its notes and its Discord.
pub struct Talk {
    pub vault: Vault,
    pub standin: StandIn,
    child: Child,
}

/// An interaction that was sent.
pub struct Asked {
    pub token: String,
    pub at: Instant,
    n_before: usize,
}

/// Returns the program, ready to talk to the stand-in.
pub fn program(vault: &Vault, standin: &StandIn) -> Command {
    let mut command = vault.command(&["bot"]);
    command.envs(standin.environment());
    command
}

pub fn user(id: u64) -> Value {
    json!({"id": id.to_string(), "username": format!("user{id}"), "discriminator": "0", "avatar": null})
}

impl Talk {
    /// Starts the bot on notes, with more lines for bot.toml.
    pub fn start(notes: &str, settings: &str) -> Self {
        Self::start_with(notes, &format!("{settings}\n[store]\npath = \"store.redb\"\n"), |_| {})
    }

    /// The same with the whole of bot.toml, and a Discord that was told something before.
    pub fn start_with(notes: &str, settings: &str, tell: impl Fn(&StandIn)) -> Self {
        let vault = Vault::new(notes);
        std::fs::write(vault.root().join("bot.toml"), settings).expect("bot.toml");
        let standin = StandIn::start();
        tell(&standin);
        let child = spawn(&vault, &standin);
        let talk = Self { vault, standin, child };
        talk.standin.wait_ready();
        talk
    }

    /// Starts the bot again after it was stopped.
    pub fn again(&mut self) {
        self.standin.forget_connection();
        self.child = spawn(&self.vault, &self.standin);
        self.standin.wait_ready();
    }

    /// Waits for a line in the log.
    #[track_caller]
    pub fn wait_log(&self, text: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.log().contains(text) {
            assert!(Instant::now() < end, "no `{text}` in {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types a command as a member with roles and permissions.
    pub fn command_as(&self, name: &str, from: u64, roles: &[&str], permissions: &str) -> Asked {
        let data = json!({"id": "500", "name": name, "type": 1, "options": []});
        self.interaction_as(2, data, from, Value::Null, ("en-US", roles, permissions))
    }

    fn interaction(&self, kind: u64, data: Value, from: u64, message: Value, locale: &str) -> Asked {
        self.interaction_as(kind, data, from, message, (locale, &[], "0"))
    }

    fn interaction_as(
        &self,
        kind: u64,
        data: Value,
        from: u64,
        message: Value,
        (locale, roles, permissions): (&str, &[&str], &str),
    ) -> Asked {
        let (id, token) = self.standin.interaction(CHANNEL);
        let mut event = json!({
            "id": id.to_string(), "application_id": APPLICATION.to_string(), "type": kind, "data": data,
            "token": token, "version": 1, "guild_id": GUILD.to_string(), "channel_id": CHANNEL.to_string(),
            "channel": {"id": CHANNEL.to_string(), "name": "general", "type": 0, "permissions": "0"},
            "member": {"user": user(from), "roles": roles, "joined_at": "2026-01-01T00:00:00+00:00", "deaf": false,
                       "mute": false, "permissions": permissions, "flags": 0},
            "app_permissions": "2147483647", "locale": locale, "guild_locale": "en-US", "entitlements": [],
            "authorizing_integration_owners": {"0": GUILD.to_string()}, "context": 0,
            "attachment_size_limit": 10485760,
        });
        if !message.is_null() {
            event["message"] = message;
        }
        let asked = Asked { token, at: Instant::now(), n_before: self.standin.n_recorded() };
        self.standin.dispatch("INTERACTION_CREATE", event);
        asked
    }

    /// Types a command.
    pub fn command(&self, name: &str, options: Value, from: u64) -> Asked {
        self.command_in(name, options, from, "en-US")
    }

    pub fn command_in(&self, name: &str, options: Value, from: u64, locale: &str) -> Asked {
        let data = json!({"id": "500", "name": name, "type": 1, "options": options});
        self.interaction(2, data, from, Value::Null, locale)
    }

    /// Presses the button of a message that has the action.
    #[track_caller]
    pub fn press(&self, shown: &Recorded, action: &str, from: u64) -> Asked {
        let message = self.standin.message(number(&shown.response["id"])).unwrap_or_else(|| shown.response.clone());
        let rows = message["components"].as_array().expect("rows");
        let mut components = rows.iter().flat_map(|row| row["components"].as_array().expect("components"));
        let wanted = format!(":{action}:");
        let component = components.find(|one| one["custom_id"].as_str().is_some_and(|id| id.contains(&wanted)));
        let component = component.unwrap_or_else(|| panic!("no button {action} in {message}"));
        let data = json!({"custom_id": component["custom_id"], "component_type": component["type"]});
        self.interaction(3, data, from, message, "en-US")
    }

    /// Types letters into an option of a command, and returns what is offered.
    #[track_caller]
    pub fn complete(&self, command: &str, option: &str, typed: &str) -> Vec<String> {
        let options = json!([{"type": 3, "name": option, "value": typed, "focused": true}]);
        let data = json!({"id": "500", "name": command, "type": 1, "options": options});
        let offered = self.callback(&self.interaction(4, data, 7, Value::Null, "en-US"));
        assert_eq!(offered.body["type"], 8);
        let choices = offered.body["data"]["choices"].as_array().cloned().unwrap_or_default();
        choices.iter().map(|choice| choice["value"].as_str().expect("a text").to_owned()).collect()
    }

    /// Uses the menu of a message.
    pub fn about(&self, message: &Value, from: u64) -> Asked {
        let id = message["id"].as_str().expect("an id");
        let resolved = json!({"messages": {id: message}});
        let data = json!({"id": "501", "name": "Ask about this", "type": 3, "target_id": id, "resolved": resolved});
        self.interaction(2, data, from, Value::Null, "en-US")
    }

    /// Presses the button of a message, as it was sent, whose id ends so.
    #[track_caller]
    pub fn press_in(&self, data: &Value, end: &str, from: u64) -> Asked {
        let rows = data["components"].as_array().expect("rows");
        let mut buttons = rows.iter().flat_map(|row| row["components"].as_array().expect("components"));
        let button = buttons.find(|one| one["custom_id"].as_str().is_some_and(|id| id.ends_with(end)));
        let button = button.unwrap_or_else(|| panic!("no button {end} in {data}"));
        let data = json!({"custom_id": button["custom_id"], "component_type": 2});
        let message = self.message("", BOT, Value::Null);
        self.interaction(3, data, from, message, "en-US")
    }

    /// Picks from the menu that stands in a message.
    #[track_caller]
    pub fn pick(&self, shown: &Recorded, label: &str, from: u64) -> Asked {
        let menu = &shown.body["components"][0]["components"][0];
        let options = menu["options"].as_array().unwrap_or_else(|| panic!("no menu in {}", shown.body));
        let option = options.iter().find(|option| option["label"] == label);
        let option = option.unwrap_or_else(|| panic!("no {label} in {options:?}"));
        let data = json!({"custom_id": menu["custom_id"], "component_type": 3, "values": [option["value"]]});
        let message = self.standin.message(number(&shown.response["id"])).unwrap_or_else(|| shown.response.clone());
        self.interaction(3, data, from, message, "en-US")
    }

    /// Fills in the form that a button opened, and sends it.
    #[track_caller]
    pub fn submit(&self, form: &Recorded, text: &str, from: u64) -> Asked {
        assert_eq!(form.body["type"], 9, "{}", form.body);
        let field = &form.body["data"]["components"][0]["components"][0];
        let row = json!({"type": 1, "components": [{"type": 4, "custom_id": field["custom_id"], "value": text}]});
        let data = json!({"custom_id": form.body["data"]["custom_id"], "components": [row]});
        self.interaction(5, data, from, Value::Null, "en-US")
    }

    /// A message as the gateway sends it.
    pub fn message(&self, text: &str, from: u64, before: Value) -> Value {
        let id = self.standin.fresh_id();
        let mentions = if text.contains(&format!("<@{BOT}>")) {
            json!([{"id": BOT.to_string(), "username": "fingerpost", "discriminator": "0001", "avatar": null, "bot": true}])
        } else {
            json!([])
        };
        let mut message = json!({
            "id": id.to_string(), "channel_id": CHANNEL.to_string(), "guild_id": GUILD.to_string(),
            "author": user(from), "content": text, "timestamp": "2026-01-01T00:00:00.000000+00:00",
            "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": mentions,
            "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "type": 0,
        });
        if !before.is_null() {
            message["type"] = json!(19);
            message["message_reference"] = json!({"message_id": before["id"], "channel_id": before["channel_id"]});
            message["referenced_message"] = before;
        }
        message
    }

    /// Says something in the channel; returns the id of the message.
    pub fn say(&self, text: &str, from: u64, before: Value) -> u64 {
        let message = self.message(text, from, before);
        let id = number(&message["id"]);
        self.standin.dispatch("MESSAGE_CREATE", message);
        id
    }

    /// Waits for the first response to an interaction.
    #[track_caller]
    pub fn callback(&self, asked: &Asked) -> Recorded {
        let path = format!("/{}/callback", asked.token);
        self.standin.wait_for("response", asked.n_before, |sent| {
            sent.path.split('?').next().is_some_and(|own| own.ends_with(&path))
        })
    }

    /// Waits for the answer in the placeholder.
    #[track_caller]
    pub fn filled(&self, asked: &Asked) -> Recorded {
        let path = format!("/{}/messages/@original", asked.token);
        self.standin.wait_for("answer", asked.n_before, |sent| {
            sent.method == "PATCH" && sent.path.ends_with(&path) && sent.status == 200
        })
    }

    /// Waits for the reply to a message.
    #[track_caller]
    pub fn reply_to(&self, id: u64) -> Recorded {
        self.standin.wait_for("reply", 0, |sent| {
            sent.method == "POST"
                && sent.path.ends_with("/messages")
                && number(&sent.body["message_reference"]["message_id"]) == id
        })
    }

    /// Tells the bot to end and returns its exit code.
    pub fn stop(&mut self) -> i32 {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(told.success());
        self.wait_end()
    }

    /// Waits for the bot to end and returns its exit code.
    pub fn wait_end(&mut self) -> i32 {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code().expect("an exit code");
            }
            assert!(Instant::now() < end, "the bot does not end; its log: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the bot, checks what it sent, and returns its log.
    #[track_caller]
    pub fn end(mut self) -> String {
        self.check_addresses();
        assert_eq!(self.stop(), 0, "{}", self.log());
        self.standin.check();
        self.log()
    }

    /// Kills the bot and returns its log.
    pub fn kill(mut self) -> String {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
        self.log()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.vault.root().join("log")).expect("a log")
    }

    /// Checks that the program has no connection that leaves this machine.
    #[track_caller]
    fn check_addresses(&self) {
        let folder = format!("/proc/{}", self.child.id());
        let Ok(files) = std::fs::read_dir(format!("{folder}/fd")) else { return };
        let own: Vec<String> = files
            .flatten()
            .filter_map(|file| std::fs::read_link(file.path()).ok())
            .filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect();
        for table in ["tcp", "tcp6"] {
            let Ok(table) = std::fs::read_to_string(format!("{folder}/net/{table}")) else { continue };
            for line in table.lines().skip(1) {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let is_own = fields.get(9).is_some_and(|inode| own.iter().any(|socket| socket == inode));
                let remote = fields.get(2).copied().unwrap_or_default();
                let is_here = remote.starts_with("0100007F:") || remote.trim_start_matches('0').starts_with(':');
                assert!(!is_own || is_here, "a connection leaves this machine: {line}");
            }
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(vault: &Vault, standin: &StandIn) -> Child {
    let log = File::options().create(true).append(true).open(vault.root().join("log")).expect("a log");
    let mut command = program(vault, standin);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("the program starts")
}
