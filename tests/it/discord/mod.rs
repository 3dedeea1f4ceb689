//! The bot as people meet it: the real program against a Discord on this machine.

mod asking;
mod bars;
mod rules;
mod standin;
mod talk;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::BAKING;
use standin::{BOT, CHANNEL, Fault, GUILD, StandIn, TOKEN, Welcome};
use talk::Talk;

const SOURDOUGH: &str = "which flour for sourdough bread?";

#[test]
fn a_question_is_answered_with_its_row() {
    let talk = Talk::start(BAKING, "");
    let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
    let placeholder = talk.callback(&asked);
    assert_eq!((&placeholder.body["type"], placeholder.status), (&json!(5), 204));
    let filled = talk.filled(&asked);
    let text = filled.body["content"].as_str().expect("a text");
    expect_test::expect![[r#"
        **According to the notes: Strong white.**
        ```
          Baking          │ Flour
          ────────────────┼─────────────
        ▶ Sourdough bread │ Strong white
        ```
        -# Flour › Which flour:5"#]]
    .assert_eq(text);
    talk.end();
}

#[test]
fn a_private_answer_is_private_from_its_placeholder_on() {
    let talk = Talk::start(BAKING, "");
    let options =
        json!([{"type": 3, "name": "question", "value": SOURDOUGH}, {"type": 5, "name": "private", "value": true}]);
    let asked = talk.command("ask", options, 7);
    assert_eq!(talk.callback(&asked).body["data"]["flags"], 64);
    let filled = talk.filled(&asked);
    assert!(!filled.body.to_string().contains(":delete:"), "the asker can dismiss it: {}", filled.body);
    talk.end();
}

#[test]
fn a_mention_is_answered_by_a_reply_that_pings_only_the_asker() {
    let talk = Talk::start(BAKING, "");
    let id = talk.say(&format!("<@{BOT}> nên dùng bột nào cho bánh bông lan?"), 7, Value::Null);
    let answer = talk.reply_to(id);
    assert!(answer.body["content"].as_str().expect("a text").starts_with("**Theo ghi chú: Bột mì số 8.**"));
    assert_eq!(answer.body["allowed_mentions"]["users"], json!(["7"]));
    assert_eq!(answer.body["flags"], 4, "no previews");
    talk.say("hello everybody", 7, Value::Null);
    let n_before = talk.standin.n_recorded();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(talk.standin.n_recorded(), n_before, "what is not for the bot is not answered");
    talk.end();
}

#[test]
fn what_is_no_question_is_told_to_the_asker_alone() {
    let talk = Talk::start(BAKING, "[rates]\nper_user = 2\n");
    let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": "?!"}]), 7);
    let told = talk.callback(&asked);
    assert_eq!((&told.body["type"], &told.body["data"]["flags"]), (&json!(4), &json!(68)));
    assert!(told.body["data"]["content"].as_str().expect("a text").starts_with("Ask in a sentence"));
    for _ in 0..2 {
        talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    }
    let refused = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
    let told = talk.callback(&refused);
    assert_eq!((&told.body["type"], &told.body["data"]["flags"]), (&json!(4), &json!(68)));
    assert!(told.body["data"]["content"].as_str().expect("a text").contains("more than 2 questions a minute"));
    // Others may ask on.
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 8));
    talk.end();
}

#[test]
fn only_the_asker_deletes_an_answer() {
    let talk = Talk::start(BAKING, "");
    let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
    let answer = talk.filled(&asked);
    let other = talk.press(&answer, "delete", 8);
    assert!(talk.callback(&other).body["data"]["content"].as_str().expect("a text").contains("Only who asked"));
    let own = talk.press(&answer, "delete", 7);
    assert_eq!(talk.callback(&own).body["type"], 6);
    let path = format!("/messages/{}", standin::number(&answer.response["id"]));
    talk.standin.wait_for("deletion", 0, |sent| sent.method == "DELETE" && sent.path.ends_with(&path));
    talk.end();
}

#[test]
fn commands_are_registered_once() {
    let mut talk = Talk::start(BAKING, "");
    let registered =
        |talk: &Talk| talk.standin.recorded().iter().filter(|sent| sent.path.ends_with("/commands")).count();
    talk.wait_log("commands registered");
    assert_eq!(talk.stop(), 0);
    talk.again();
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    assert_eq!(registered(&talk), 1, "the second start finds them registered");
    talk.end();
}

#[test]
fn a_start_that_cannot_succeed_says_why() {
    let standin = StandIn::start();
    let vault = crate::support::Vault::new(BAKING);
    let run = |set: &dyn Fn(&mut std::process::Command)| {
        let mut command = talk::program(&vault, &standin);
        set(&mut command);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        crate::support::finish(&mut command, "")
    };
    let none = run(&|command| {
        command.env_remove("DISCORD_TOKEN");
    });
    assert_eq!(none.code, 2);
    assert!(none.err.contains("there is no token: DISCORD_TOKEN is not set\nhint: "), "{}", none.err);
    let wrong = run(&|command| {
        command.env("DISCORD_TOKEN", "wrong-secret");
    });
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("Discord does not accept the token"), "{}", wrong.err);
    assert!(!wrong.err.contains("wrong-secret"), "no token in the log");
    for (code, message) in [(4_004, "does not accept the token"), (4_014, "does not allow what the bot wants to read")]
    {
        standin.welcome(&[Welcome::Close(code)]);
        let refused = run(&|_| {});
        assert_eq!(refused.code, 2, "{}", refused.err);
        assert!(refused.err.contains(message), "{}", refused.err);
        assert!(!refused.err.contains(TOKEN), "no token in the log");
    }
    let away = run(&|command| {
        command.env("DISCORD_API_BASE", "https://192.0.2.1:443");
    });
    assert_eq!(away.code, 2);
    assert!(away.err.contains("not on this machine"), "{}", away.err);
}

#[test]
fn a_fault_has_a_reference_that_stands_in_the_log() {
    let talk = Talk::start(BAKING, "");
    talk.wait_log("commands registered");
    // The store is a folder now: nothing can be kept.
    std::fs::remove_file(talk.vault.root().join("store.redb")).expect("a store");
    std::fs::create_dir(talk.vault.root().join("store.redb")).expect("a folder");
    let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
    let told = talk.standin.wait_for("a private line", 0, |sent| {
        sent.method == "POST" && sent.path.starts_with("/webhooks/") && sent.path.contains(&asked.token)
    });
    assert_eq!(told.body["flags"], 68);
    let text = told.body["content"].as_str().expect("a text");
    let (_, reference) = text.split_once("this reference: ").expect("a reference");
    let log = talk.kill();
    assert!(log.contains(&format!("reference=\"{reference}\"")), "{reference} is not in {log}");
    assert!(!log.contains(SOURDOUGH), "no question in the log");
}

#[test]
fn a_restart_tells_who_still_waits_to_ask_again() {
    let mut talk = Talk::start(BAKING, "");
    talk.standin.hold("PATCH", "/webhooks/", Duration::from_secs(20));
    let options = json!([{"type": 3, "name": "question", "value": "nên dùng bột nào cho bánh bông lan?"}]);
    let asked = talk.command_in("ask", options, 7, "vi");
    talk.callback(&asked);
    std::thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(talk.stop(), 0);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_eq!(talk.filled(&asked).body["content"], "Tôi đang khởi động lại. Hãy hỏi lại sau giây lát.");
    talk.standin.check();
}

#[test]
fn a_restart_ends_what_is_under_way() {
    let mut talk = Talk::start(BAKING, "");
    let start = Instant::now();
    // The answer is held up for longer than a restart may take.
    let fault =
        Fault { method: "PATCH", path: "/webhooks/", status: 503, body: Value::Null, retry_after: None, n_times: 2 };
    talk.standin.fault(fault);
    let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
    talk.callback(&asked);
    assert_eq!(talk.stop(), 0);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    let filled = talk.filled(&asked);
    assert!(filled.body["content"].as_str().expect("a text").contains("Strong white"), "it had the time to end");
    talk.standin.check();
}

#[test]
fn a_cut_connection_is_taken_up_again() {
    let talk = Talk::start(BAKING, "");
    for (n, cut) in [|standin: &StandIn| standin.close(4_000), StandIn::abort, StandIn::reconnect].iter().enumerate() {
        cut(&talk.standin);
        // Asked while nobody listens: replayed by the RESUME.
        let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
        talk.standin.wait_resumed(n + 1);
        talk.filled(&asked);
    }
    assert_eq!(talk.standin.identified(), 1);
    talk.end();
}

#[test]
fn a_lost_session_is_begun_anew() {
    let talk = Talk::start(BAKING, "");
    talk.standin.refuse_resume(true);
    talk.standin.close(4_000);
    talk.standin.wait_identified(2);
    talk.standin.refuse_resume(false);
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    let log = talk.end();
    assert!(log.contains("events in between are lost"), "{log}");
}

#[test]
fn limits_and_stumbles_of_the_server_are_waited_out() {
    let talk = Talk::start(BAKING, "");
    let limited = |is_global: bool| Fault {
        method: "PATCH",
        path: "/webhooks/",
        status: 429,
        body: json!({"message": "You are being rate limited.", "retry_after": 0.4, "global": is_global}),
        retry_after: Some(0.4),
        n_times: 1,
    };
    let stumble = Fault { status: 503, body: Value::Null, retry_after: None, ..limited(false) };
    for fault in [limited(false), limited(true), stumble] {
        let status = fault.status;
        talk.standin.fault(fault);
        let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
        talk.filled(&asked);
        let tries: Vec<u16> = talk
            .standin
            .recorded()
            .iter()
            .filter(|sent| sent.path.contains(&asked.token) && sent.method == "PATCH")
            .map(|sent| sent.status)
            .collect();
        assert_eq!(tries, [status, 200]);
    }
    talk.end();
}

#[test]
fn the_same_event_is_not_answered_twice() {
    let talk = Talk::start(BAKING, "");
    let message = talk.message(&format!("<@{BOT}> {SOURDOUGH}"), 7, Value::Null);
    talk.standin.dispatch("MESSAGE_CREATE", message.clone());
    talk.standin.dispatch("MESSAGE_CREATE", message.clone());
    talk.reply_to(standin::number(&message["id"]));
    std::thread::sleep(Duration::from_millis(500));
    let answers = talk.standin.recorded();
    assert_eq!(answers.iter().filter(|sent| sent.method == "POST" && sent.path.ends_with("/messages")).count(), 1);
    talk.end();
}

#[test]
fn other_servers_and_channels_are_refused() {
    let talk = Talk::start(BAKING, &format!("[discord]\nguilds = [{GUILD}]\nchannels = [{}]\n", CHANNEL + 1));
    let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
    assert!(
        talk.callback(&asked).body["data"]["content"].as_str().expect("a text").starts_with("I do not answer here")
    );
    talk.end();
}

#[test]
fn a_burst_of_cuts_answers_everything_once() {
    let talk = Talk::start(BAKING, "[rates]\nper_user = 100\n");
    let mut asked = Vec::new();
    for n in 0..20 {
        talk.standin.close([4_000, 1_001, 4_008, 4_001][n % 4]);
        asked.push(talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
        talk.standin.wait_resumed(n + 1);
    }
    for one in &asked {
        talk.filled(one);
    }
    let recorded = talk.standin.recorded();
    for one in &asked {
        let n_answers = recorded.iter().filter(|sent| sent.method == "PATCH" && sent.path.contains(&one.token)).count();
        assert_eq!(n_answers, 1);
    }
    assert_eq!(talk.standin.identified(), 1);
    talk.end();
}

#[test]
fn an_invalid_session_and_silence_are_survived() {
    let talk = Talk::start(BAKING, "");
    talk.standin.welcome(&[Welcome::Invalid, Welcome::Ready]);
    talk.standin.refuse_resume(true);
    talk.standin.close(4_009);
    talk.standin.wait_identified(3);
    talk.standin.refuse_resume(false);
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    // No heartbeat is answered: the library gives the connection up.
    talk.standin.mute(true);
    talk.standin.forget_connection();
    talk.standin.wait_identified(4);
    talk.standin.mute(false);
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    talk.end();
}

#[test]
fn a_server_that_is_away_is_found_again() {
    let talk = Talk::start(BAKING, "");
    talk.standin.away(true);
    talk.standin.abort();
    let seconds = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 30 } else { 4 };
    std::thread::sleep(Duration::from_secs(seconds));
    talk.standin.away(false);
    let asked = talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7);
    let n_identified = talk.standin.identified();
    let end = Instant::now() + Duration::from_secs(30);
    while !talk.standin.is_ready() {
        assert!(Instant::now() < end, "the bot comes back");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(talk.standin.identified() <= n_identified + 2);
    drop(asked);
    std::thread::sleep(Duration::from_millis(200));
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    talk.end();
}

#[test]
fn a_token_revoked_on_the_way_ends_the_bot() {
    let mut talk = Talk::start(BAKING, "");
    talk.standin.welcome(&[Welcome::Close(4_004)]);
    talk.standin.refuse_resume(true);
    talk.standin.close(4_000);
    assert_eq!(talk.wait_end(), 2);
    assert!(talk.log().contains("does not accept the token"));
}

#[test]
fn a_token_refused_by_requests_ends_the_bot() {
    let mut talk = Talk::start(BAKING, "");
    talk.wait_log("commands registered");
    let refused = |method: &'static str, path: &'static str| Fault {
        method,
        path,
        status: 401,
        body: json!({"message": "401: Unauthorized", "code": 0}),
        retry_after: None,
        n_times: 9,
    };
    // One request that is refused while the token holds ends nothing.
    talk.standin.fault(Fault { n_times: 2, ..refused("POST", "/messages") });
    talk.say(&format!("<@{BOT}> {SOURDOUGH}"), 7, Value::Null);
    talk.wait_log("an answer failed");
    std::thread::sleep(Duration::from_millis(300));
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    talk.standin.fault(refused("POST", "/messages"));
    talk.standin.fault(refused("GET", "/gateway/bot"));
    talk.say(&format!("<@{BOT}> {SOURDOUGH}"), 7, Value::Null);
    assert_eq!(talk.wait_end(), 2);
    assert!(talk.log().contains("Discord does not accept the token\nhint: Copy the token"), "{}", talk.log());
    assert!(!talk.log().contains(TOKEN), "no token in the log");
}

#[test]
fn channels_that_the_bot_may_not_see_are_told_at_the_start() {
    let hidden = |n_times: usize| Fault {
        method: "GET",
        path: "/channels/",
        status: 403,
        body: json!({"message": "Missing Access", "code": 50001}),
        retry_after: None,
        n_times,
    };
    let vault = crate::support::Vault::new(BAKING);
    let settings = format!("[discord]\nchannels = [{CHANNEL}, {}]\n[store]\npath = \"store.redb\"\n", CHANNEL + 1);
    std::fs::write(vault.root().join("bot.toml"), &settings).expect("bot.toml");
    let standin = StandIn::start();
    standin.fault(hidden(2));
    let mut command = talk::program(&vault, &standin);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let run = crate::support::finish(&mut command, "");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("the bot may not see any of the channels in bot.toml\nhint: Correct "), "{run:?}");
    assert!(run.err.contains("channel=200") && run.err.contains("channel=201"), "each is named: {run:?}");
    assert_eq!(standin.identified(), 0, "it does not even connect");
    // One of two is a line in the log, and the other answers.
    let talk = Talk::start_with(BAKING, &settings, |standin| standin.fault(Fault { n_times: 1, ..hidden(1) }));
    talk.filled(&talk.command("ask", json!([{"type": 3, "name": "question", "value": SOURDOUGH}]), 7));
    let log = talk.end();
    assert_eq!(log.matches("may not see this channel of bot.toml; it needs to view the channel").count(), 1, "{log}");
}

#[test]
fn a_channel_without_permissions_is_logged_and_not_tried_again() {
    let talk = Talk::start(BAKING, "");
    talk.standin.fault(Fault {
        method: "POST",
        path: "/messages",
        status: 403,
        body: json!({"message": "Missing Permissions", "code": 50013}),
        retry_after: None,
        n_times: 9,
    });
    talk.say(&format!("<@{BOT}> {SOURDOUGH}"), 7, Value::Null);
    talk.wait_log("may not answer here");
    std::thread::sleep(Duration::from_millis(300));
    let n_tries = talk.standin.recorded().iter().filter(|sent| sent.path.ends_with("/messages")).count();
    assert_eq!(n_tries, 1);
    talk.end();
}
