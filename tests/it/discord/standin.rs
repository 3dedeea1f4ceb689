//! A Discord on this machine: the gateway over a web socket, REST over TLS, with the rules that a bot runs into.
//!
//! The program finds it through `DISCORD_API_BASE`, `DISCORD_GATEWAY` and `DISCORD_CA_FILE`. Every request is kept and
//! checked; where `FINGERPOST_DISCORD_RECORD` names a file, it is added to it as one JSON object a line.

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::rules;

pub const TOKEN: &str = "stand-in-token";
pub const APPLICATION: u64 = 900;
pub const BOT: u64 = 901;
pub const GUILD: u64 = 100;
pub const CHANNEL: u64 = 200;
/// A client gives up on an interaction that nobody acknowledged.
const ACKNOWLEDGE: Duration = Duration::from_secs(3);
const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

/// One request of the bot.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub method: String,
    pub path: String,
    pub body: Value,
    /// Names and bytes of the files that came with it.
    pub files: Vec<(String, Vec<u8>)>,
    pub status: u16,
    pub at: Instant,
    pub response: Value,
}

/// What the server answers instead, so many times.
#[derive(Clone, Debug)]
pub struct Fault {
    pub method: &'static str,
    pub path: &'static str,
    pub status: u16,
    pub body: Value,
    /// Seconds in `Retry-After`.
    pub retry_after: Option<f32>,
    pub n_times: usize,
}

/// What the gateway does with the next IDENTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Welcome {
    Ready,
    /// Closes with a code.
    Close(u16),
    /// op 9, `d: false`.
    Invalid,
}

/// What a connection is told to do.
enum Order {
    Send(Value),
    Close(u16),
    Abort,
}

struct Interaction {
    created: Instant,
    acknowledged: Option<u64>,
    is_ephemeral: bool,
    channel: u64,
    original: Option<u64>,
}

#[derive(Default)]
struct Inner {
    recorded: Vec<Recorded>,
    broken: Vec<String>,
    faults: Vec<Fault>,
    /// Requests that are answered late, once each: method, part of the path, how late.
    holds: Vec<(&'static str, &'static str, Duration)>,
    interactions: HashMap<String, Interaction>,
    messages: HashMap<u64, Value>,
    next_id: u64,
    welcomes: VecDeque<Welcome>,
    identified: Vec<Instant>,
    n_resumed: usize,
    refuses_resume: bool,
    is_mute: bool,
    is_away: bool,
    events: Vec<Value>,
    connection: Option<mpsc::UnboundedSender<Order>>,
    is_ready: bool,
}

struct State {
    inner: Mutex<Inner>,
    changed: Condvar,
}

pub struct StandIn {
    state: Arc<State>,
    rest: SocketAddr,
    gateway: SocketAddr,
    ca: PathBuf,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl State {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no test panics while it holds this")
    }
}

impl StandIn {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let state = Arc::new(State {
            inner: Mutex::new(Inner { next_id: 1_000_000, ..Inner::default() }),
            changed: Condvar::new(),
        });
        let (acceptor, pem) = certificates();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, pem).expect("a file");
        let bind = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let (rest_listener, gateway_listener) = (bind(), bind());
        let (rest, gateway) =
            (rest_listener.local_addr().expect("an address"), gateway_listener.local_addr().expect("an address"));
        runtime.spawn(serve_rest(rest_listener, acceptor, Arc::clone(&state)));
        runtime.spawn(serve_gateway(gateway_listener, Arc::clone(&state)));
        Self { state, rest, gateway, ca, _folder: folder, _runtime: runtime }
    }

    /// The environment through which the program finds it.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("DISCORD_TOKEN", TOKEN.to_owned()),
            ("DISCORD_API_BASE", format!("https://{}", self.rest)),
            ("DISCORD_GATEWAY", format!("ws://{}/", self.gateway)),
            ("DISCORD_CA_FILE", self.ca.display().to_string()),
        ]
    }

    /// Waits until something holds.
    #[track_caller]
    fn wait<T>(&self, what: &str, limit: Duration, mut is: impl FnMut(&mut Inner) -> Option<T>) -> T {
        let end = Instant::now() + limit;
        let mut inner = self.state.inner();
        loop {
            if let Some(found) = is(&mut inner) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            let paths: Vec<String> =
                inner.recorded.iter().map(|sent| format!("{} {}", sent.method, sent.path)).collect();
            assert!(!left.is_zero(), "no {what} after {limit:?}; requests: {paths:#?}");
            inner = self.state.changed.wait_timeout(inner, left).expect("no test panics while it holds this").0;
        }
    }

    /// Forgets the connection of a bot that has ended.
    pub fn forget_connection(&self) {
        let mut inner = self.state.inner();
        (inner.is_ready, inner.connection) = (false, None);
    }

    pub fn wait_ready(&self) {
        self.wait("connection", Duration::from_secs(30), |inner| inner.is_ready.then_some(()));
    }

    /// Waits for the request number `n_before` and later that is wanted, and returns it.
    #[track_caller]
    pub fn wait_for(&self, what: &str, n_before: usize, is: impl Fn(&Recorded) -> bool) -> Recorded {
        self.wait(what, Duration::from_secs(20), |inner| {
            inner.recorded[n_before..].iter().find(|sent| is(sent)).cloned()
        })
    }

    pub fn recorded(&self) -> Vec<Recorded> {
        self.state.inner().recorded.clone()
    }

    pub fn n_recorded(&self) -> usize {
        self.state.inner().recorded.len()
    }

    pub fn is_ready(&self) -> bool {
        self.state.inner().is_ready
    }

    pub fn identified(&self) -> usize {
        self.state.inner().identified.len()
    }

    #[track_caller]
    pub fn wait_identified(&self, n: usize) {
        self.wait("IDENTIFY", Duration::from_secs(60), |inner| {
            (inner.identified.len() >= n && inner.is_ready).then_some(())
        });
    }

    #[track_caller]
    pub fn wait_resumed(&self, n: usize) {
        self.wait("RESUME", Duration::from_secs(30), |inner| (inner.n_resumed >= n && inner.is_ready).then_some(()));
    }

    pub fn welcome(&self, welcomes: &[Welcome]) {
        self.state.inner().welcomes.extend(welcomes);
    }

    pub fn fault(&self, fault: Fault) {
        self.state.inner().faults.push(fault);
    }

    /// Answers the next such request only after a while.
    pub fn hold(&self, method: &'static str, path: &'static str, wait: Duration) {
        self.state.inner().holds.push((method, path, wait));
    }

    pub fn refuse_resume(&self, refuses: bool) {
        self.state.inner().refuses_resume = refuses;
    }

    /// Answers no heartbeat any more.
    pub fn mute(&self, is_mute: bool) {
        self.state.inner().is_mute = is_mute;
    }

    /// Accepts no connection any more.
    pub fn away(&self, is_away: bool) {
        self.state.inner().is_away = is_away;
    }

    pub fn close(&self, code: u16) {
        self.order(Order::Close(code));
    }

    pub fn abort(&self) {
        self.order(Order::Abort);
    }

    pub fn reconnect(&self) {
        self.order(Order::Send(json!({"op": 7, "d": null})));
    }

    fn order(&self, order: Order) {
        let mut inner = self.state.inner();
        inner.is_ready = false;
        if let Some(connection) = &inner.connection {
            let _ = connection.send(order);
        }
    }

    /// Sends an event, or keeps it for a RESUME where nobody is connected.
    pub fn dispatch(&self, name: &str, data: Value) {
        let mut inner = self.state.inner();
        let number = inner.events.len() + 2;
        let event = json!({"op": 0, "t": name, "s": number, "d": data});
        inner.events.push(event.clone());
        if let Some(connection) = inner.connection.as_ref().filter(|_| inner.is_ready) {
            let _ = connection.send(Order::Send(event));
        }
    }

    pub fn fresh_id(&self) -> u64 {
        self.state.inner().fresh_id()
    }

    /// Registers an interaction and returns its token.
    pub fn interaction(&self, channel: u64) -> (u64, String) {
        let mut inner = self.state.inner();
        let id = inner.fresh_id();
        let token = format!("interaction-{id}");
        let interaction =
            Interaction { created: Instant::now(), acknowledged: None, is_ephemeral: false, channel, original: None };
        inner.interactions.insert(token.clone(), interaction);
        (id, token)
    }

    pub fn message(&self, id: u64) -> Option<Value> {
        self.state.inner().messages.get(&id).cloned()
    }

    /// Says which requests broke a rule.
    #[track_caller]
    pub fn check(&self) {
        let inner = self.state.inner();
        assert!(inner.broken.is_empty(), "{:#?}", inner.broken);
    }
}

impl Inner {
    fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

pub fn number(value: &Value) -> u64 {
    value.as_str().and_then(|text| text.parse().ok()).or(value.as_u64()).unwrap_or_default()
}

/// Makes a certificate for the host that the library asks for, and the authority that signs it.
fn certificates() -> (TlsAcceptor, String) {
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let authority = parameters.self_signed(&authority_key).expect("a certificate");
    let issuer = rcgen::Issuer::new(parameters, authority_key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let parameters = rcgen::CertificateParams::new(vec!["discord.com".to_owned()]).expect("parameters");
    let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate with its key");
    (TlsAcceptor::from(Arc::new(config)), authority.pem())
}

async fn serve_rest(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, state) = (acceptor.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = hyper::service::service_fn(move |request| answer(Arc::clone(&state), request));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let path = path.strip_prefix("/api/v10").unwrap_or(&path).to_owned();
    let header =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (kind, authorization) = (header("content-type"), header("authorization"));
    let bytes = request.into_body().collect().await?.to_bytes();
    let (body, files) = read_body(&kind, &bytes);
    let held = {
        let mut inner = state.inner();
        let at = inner.holds.iter().position(|(held, part, _)| *held == method && path.contains(part));
        at.map(|at| inner.holds.remove(at).2)
    };
    if let Some(wait) = held {
        tokio::time::sleep(wait).await;
    }
    let (status, response, retry_after) = {
        let mut inner = state.inner();
        let inner = &mut *inner;
        let fault = inner
            .faults
            .iter_mut()
            .find(|fault| fault.n_times > 0 && fault.method == method && path.contains(fault.path));
        let (status, response, retry_after) = match fault {
            Some(fault) => {
                fault.n_times -= 1;
                (fault.status, fault.body.clone(), fault.retry_after)
            }
            None => {
                let (status, response) = route(inner, &method, &path, &authorization, &body, &files);
                (status, response, None)
            }
        };
        inner.broken.extend(rules::broken(&method, &path, &body, &files));
        let recorded = Recorded { method, path, body, files, status, at: Instant::now(), response: response.clone() };
        write_record(&recorded);
        inner.recorded.push(recorded);
        state.changed.notify_all();
        (status, response, retry_after)
    };
    let mut builder = Response::builder().status(status).header("content-type", "application/json");
    if let Some(seconds) = retry_after {
        builder =
            builder.header("retry-after", seconds.to_string()).header("x-ratelimit-reset-after", seconds.to_string());
        if response["global"] == true {
            builder = builder.header("x-ratelimit-global", "true").header("x-ratelimit-scope", "global");
        } else {
            builder = builder
                .header("x-ratelimit-limit", "5")
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-bucket", "stand-in")
                .header("x-ratelimit-reset", "9999999999");
        }
    }
    let text = if status == 204 { String::new() } else { response.to_string() };
    Ok(builder.body(Full::new(Bytes::from(text))).expect("a response"))
}

fn write_record(sent: &Recorded) {
    let Some(path) = std::env::var_os("FINGERPOST_DISCORD_RECORD") else { return };
    let files: Vec<Value> =
        sent.files.iter().map(|(name, bytes)| json!({"name": name, "bytes": bytes.len()})).collect();
    let line = json!({
        "method": sent.method, "path": sent.path, "body": sent.body, "files": files, "status": sent.status,
        "response": sent.response,
    });
    let file = std::fs::File::options().create(true).append(true).open(Path::new(&path));
    let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.expect("the record can be written");
}

/// Reads JSON, or the parts of a form.
fn read_body(kind: &str, bytes: &[u8]) -> (Value, Vec<(String, Vec<u8>)>) {
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        return (serde_json::from_slice(bytes).unwrap_or(Value::Null), Vec::new());
    };
    let (mut body, mut files) = (Value::Null, Vec::new());
    let mark = format!("--{boundary}").into_bytes();
    let starts: Vec<usize> =
        (0..bytes.len().saturating_sub(mark.len())).filter(|at| bytes[*at..].starts_with(&mark)).collect();
    for pair in starts.windows(2) {
        let part = &bytes[pair[0] + mark.len() + 2..pair[1] - 2];
        let Some(end) = part.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let (head, content) = (String::from_utf8_lossy(&part[..end]).into_owned(), &part[end + 4..]);
        match head.split_once("filename=\"") {
            Some((_, rest)) => {
                files.push((rest.split('"').next().unwrap_or_default().to_owned(), content.to_vec()));
            }
            None => body = serde_json::from_slice(content).unwrap_or(Value::Null),
        }
    }
    (body, files)
}

fn error(status: u16, code: u64, message: &str) -> (u16, Value) {
    (status, json!({"code": code, "message": message}))
}

/// Answers as Discord does.
fn route(
    inner: &mut Inner,
    method: &str,
    path: &str,
    authorization: &str,
    body: &Value,
    files: &[(String, Vec<u8>)],
) -> (u16, Value) {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let is_open = matches!(parts[..], ["interactions", ..] | ["webhooks", ..]);
    if !is_open && authorization != format!("Bot {TOKEN}") {
        return error(401, 0, "401: Unauthorized");
    }
    match (method, &parts[..]) {
        ("GET", ["gateway"]) => (200, json!({"url": "wss://gateway.discord.invalid"})),
        ("GET", ["gateway", "bot"]) => {
            let limit = json!({"total": 1000, "remaining": 900, "reset_after": 0, "max_concurrency": 1});
            (200, json!({"url": "wss://gateway.discord.invalid", "shards": 1, "session_start_limit": limit}))
        }
        ("PUT", ["applications", id, "commands"]) if *id == APPLICATION.to_string() => {
            let mut commands = body.as_array().cloned().unwrap_or_default();
            for command in &mut commands {
                command["id"] = json!(inner.fresh_id().to_string());
                command["application_id"] = json!(APPLICATION.to_string());
                command["version"] = json!("1");
                if command["description"].is_null() {
                    command["description"] = json!("");
                }
                if command["type"].is_null() {
                    command["type"] = json!(1);
                }
            }
            (200, Value::Array(commands))
        }
        ("POST", ["interactions", _, token, "callback"]) => callback(inner, token, body),
        ("POST", ["webhooks", _, token]) => {
            let Some(interaction) = inner.interactions.get(*token).filter(|one| one.created.elapsed() < TOKEN_LIFE)
            else {
                return error(404, 10_015, "Unknown Webhook");
            };
            if interaction.acknowledged.is_none() {
                return error(404, 10_015, "Unknown Webhook");
            }
            let channel = interaction.channel;
            (200, new_message(inner, channel, body, files))
        }
        ("PATCH", ["webhooks", _, token, "messages", "@original"]) => {
            let Some(id) = inner.interactions.get(*token).and_then(|one| one.original) else {
                return error(404, 10_008, "Unknown Message");
            };
            (200, changed_message(inner, id, body, files))
        }
        ("DELETE", ["webhooks", _, token, "messages", "@original"]) => {
            let taken = inner.interactions.get_mut(*token).and_then(|one| one.original.take());
            match taken.and_then(|id| inner.messages.remove(&id)) {
                Some(_) => (204, Value::Null),
                None => error(404, 10_008, "Unknown Message"),
            }
        }
        ("POST", ["channels", _, "typing"]) => (204, Value::Null),
        ("POST", ["channels", channel, "messages"]) => {
            let channel = channel.parse().unwrap_or_default();
            (200, new_message(inner, channel, body, files))
        }
        ("PATCH", ["channels", _, "messages", id]) => {
            let id = id.parse().unwrap_or_default();
            match inner.messages.contains_key(&id) {
                true => (200, changed_message(inner, id, body, files)),
                false => error(404, 10_008, "Unknown Message"),
            }
        }
        ("DELETE", ["channels", _, "messages", id]) => match inner.messages.remove(&id.parse().unwrap_or_default()) {
            Some(_) => (204, Value::Null),
            None => error(404, 10_008, "Unknown Message"),
        },
        ("GET", ["channels", id]) => {
            let channel = json!({
                "id": id, "type": 0, "guild_id": GUILD.to_string(), "name": "general", "position": 0,
                "permission_overwrites": [], "nsfw": false,
            });
            (200, channel)
        }
        _ => error(404, 0, "404: Not Found"),
    }
}

fn callback(inner: &mut Inner, token: &str, body: &Value) -> (u16, Value) {
    let Some(interaction) = inner.interactions.get_mut(token) else {
        return error(404, 10_062, "Unknown interaction");
    };
    if interaction.acknowledged.is_some() {
        return error(400, 40_060, "Interaction has already been acknowledged.");
    }
    if interaction.created.elapsed() > ACKNOWLEDGE {
        return error(404, 10_062, "Unknown interaction");
    }
    let kind = body["type"].as_u64().unwrap_or_default();
    interaction.acknowledged = Some(kind);
    interaction.is_ephemeral = body["data"]["flags"].as_u64().unwrap_or_default() & 64 != 0;
    let channel = interaction.channel;
    if matches!(kind, 4 | 5) {
        let message = new_message(inner, channel, &body["data"], &[]);
        let id = number(&message["id"]);
        if let Some(interaction) = inner.interactions.get_mut(token) {
            interaction.original = Some(id);
        }
    }
    (204, Value::Null)
}

fn new_message(inner: &mut Inner, channel: u64, body: &Value, files: &[(String, Vec<u8>)]) -> Value {
    let id = inner.fresh_id();
    let message = json!({
        "id": id.to_string(), "channel_id": channel.to_string(), "content": "", "tts": false,
        "author": {"id": BOT.to_string(), "username": "fingerpost", "discriminator": "0001", "avatar": null, "bot": true},
        "timestamp": "2026-01-01T00:00:00.000000+00:00", "edited_timestamp": null, "mention_everyone": false,
        "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "type": 0,
        "components": [], "flags": body["flags"].as_u64().unwrap_or_default(),
    });
    inner.messages.insert(id, message);
    changed_message(inner, id, body, files)
}

fn changed_message(inner: &mut Inner, id: u64, body: &Value, files: &[(String, Vec<u8>)]) -> Value {
    let message = inner.messages.get_mut(&id).expect("the caller looked");
    for key in ["content", "components", "embeds"] {
        if !body[key].is_null() {
            message[key] = body[key].clone();
        }
    }
    let attached = files.iter().enumerate().map(|(at, (name, bytes))| {
        json!({
            "id": (at + 1).to_string(), "filename": name, "size": bytes.len(),
            "url": "https://cdn.invalid/x", "proxy_url": "https://cdn.invalid/x",
        })
    });
    message["attachments"] = attached.collect();
    message.clone()
}

async fn serve_gateway(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        if state.inner().is_away {
            continue;
        }
        tokio::spawn(converse(stream, Arc::clone(&state)));
    }
}

/// Holds one connection of the gateway.
async fn converse(stream: TcpStream, state: Arc<State>) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    let hello = json!({"op": 10, "d": {"heartbeat_interval": 2000}});
    if socket.send(Message::Text(hello.to_string())).await.is_err() {
        return;
    }
    let (sender, mut orders) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Send(event)) => {
                    if socket.send(Message::Text(event.to_string())).await.is_err() {
                        return;
                    }
                }
                Some(Order::Close(code)) => {
                    let frame = CloseFrame { code: code.into(), reason: "".into() };
                    let _ = socket.close(Some(frame)).await;
                    return;
                }
                Some(Order::Abort) | None => return,
            },
            message = socket.next() => {
                let text = match message {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Binary(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
                    Some(Ok(_)) => continue,
                    _ => return,
                };
                let payload: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
                for reply in heard(&state, &payload, &sender) {
                    let sent = match reply {
                        Order::Send(event) => socket.send(Message::Text(event.to_string())).await,
                        Order::Close(code) => {
                            let frame = CloseFrame { code: code.into(), reason: "".into() };
                            let _ = socket.close(Some(frame)).await;
                            return;
                        }
                        Order::Abort => return,
                    };
                    if sent.is_err() {
                        return;
                    }
                }
                // Only now may events follow.
                if matches!(payload["op"].as_u64(), Some(2 | 6)) {
                    state.changed.notify_all();
                }
            }
        }
    }
}

/// Answers what the bot sends over the gateway.
fn heard(state: &State, payload: &Value, sender: &mpsc::UnboundedSender<Order>) -> Vec<Order> {
    let mut inner = state.inner();
    match payload["op"].as_u64() {
        Some(1) if inner.is_mute => Vec::new(),
        Some(1) => vec![Order::Send(json!({"op": 11}))],
        Some(2) => {
            inner.identified.push(Instant::now());
            let welcome = inner.welcomes.pop_front().unwrap_or(Welcome::Ready);
            let token = payload["d"]["token"].as_str().unwrap_or_default();
            if token.trim_start_matches("Bot ") != TOKEN {
                return vec![Order::Close(4_004)];
            }
            match welcome {
                Welcome::Close(code) => vec![Order::Close(code)],
                Welcome::Invalid => vec![Order::Send(json!({"op": 9, "d": false}))],
                Welcome::Ready => {
                    inner.events.clear();
                    inner.connection = Some(sender.clone());
                    inner.is_ready = true;
                    vec![Order::Send(ready())]
                }
            }
        }
        Some(6) if inner.refuses_resume => vec![Order::Send(json!({"op": 9, "d": false}))],
        Some(6) => {
            inner.n_resumed += 1;
            inner.connection = Some(sender.clone());
            inner.is_ready = true;
            let last = payload["d"]["seq"].as_u64().unwrap_or_default();
            let missed = inner.events.iter().filter(|event| event["s"].as_u64() > Some(last)).cloned();
            let mut orders: Vec<Order> = missed.map(Order::Send).collect();
            let number = inner.events.len() + 1;
            orders.push(Order::Send(json!({"op": 0, "t": "RESUMED", "s": number, "d": {}})));
            orders
        }
        _ => Vec::new(),
    }
}

fn ready() -> Value {
    json!({"op": 0, "t": "READY", "s": 1, "d": {
        "v": 10, "session_id": "session", "resume_gateway_url": "wss://gateway.discord.invalid",
        "user": {"id": BOT.to_string(), "username": "fingerpost", "discriminator": "0001", "avatar": null, "bot": true,
                 "verified": true, "mfa_enabled": false, "email": null, "flags": 0},
        "guilds": [{"id": GUILD.to_string(), "unavailable": true}], "shard": [0, 1],
        "application": {"id": APPLICATION.to_string(), "flags": 0},
    }})
}
