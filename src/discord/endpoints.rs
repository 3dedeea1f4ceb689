//! Which servers does the bot talk to?
//!
//! Discord's own, unless the environment names others for a test. Those have to be on this machine: a token must not
//! go astray because of a forgotten variable.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serenity::all::{CreateAllowedMentions, Http, HttpBuilder};

use super::StartError;

/// Names the REST server: `https://127.0.0.1:PORT`.
pub(super) const API_BASE: &str = "DISCORD_API_BASE";
/// Names the gateway: `ws://127.0.0.1:PORT/…`.
pub(super) const GATEWAY: &str = "DISCORD_GATEWAY";
/// Names a file with the certificate authority of the REST server, as PEM.
pub(super) const CA_FILE: &str = "DISCORD_CA_FILE";
/// The name that the library asks for; the stand-in answers in its place.
const HOST: &str = "discord.com";

/// Where the bot connects to.
#[derive(Clone)]
pub(super) struct Endpoints {
    client: Option<reqwest::Client>,
    /// The gateway, where it is not Discord's.
    pub gateway: Option<String>,
}

impl Endpoints {
    /// Reads the environment.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, StartError> {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        let (api, gateway, ca) = (value(API_BASE), value(GATEWAY), value(CA_FILE));
        let (api, gateway, ca) = match (api, gateway, ca) {
            (None, None, None) => return Ok(Self { client: None, gateway: None }),
            (Some(api), Some(gateway), Some(ca)) => (api, gateway, ca),
            _ => {
                return Err(StartError::usage(
                    format!("only some of {API_BASE}, {GATEWAY} and {CA_FILE} are set"),
                    "They are for tests and go together: set all three, or none to talk to Discord.",
                ));
            }
        };
        let address = loopback(&api, "https://").ok_or_else(|| refused(API_BASE, &api, "https://127.0.0.1:8443"))?;
        loopback(&gateway, "ws://").ok_or_else(|| refused(GATEWAY, &gateway, "ws://127.0.0.1:8080"))?;
        let unusable = |reason: String| {
            StartError::usage(
                format!("the certificate `{ca}` cannot be used ({reason})"),
                format!("{CA_FILE} names a file with one certificate as PEM."),
            )
        };
        let pem = std::fs::read(&ca).map_err(|error| unusable(error.to_string()))?;
        let certificate = reqwest::Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_built_in_root_certs(false)
            .add_root_certificate(certificate)
            .resolve(HOST, address)
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self { client: Some(client), gateway: Some(gateway) })
    }

    /// Returns a fresh connection to the REST server. Nothing that is sent over it mentions anybody by default.
    pub fn http(&self, token: &str) -> Http {
        let builder = HttpBuilder::new(token).default_allowed_mentions(CreateAllowedMentions::new());
        match &self.client {
            Some(client) => builder.client(client.clone()).build(),
            None => builder.build(),
        }
    }

    /// Pins the gateway, which the library would take from a default when the server does not name it.
    pub async fn pin(&self, address: &Arc<tokio::sync::Mutex<String>>) {
        if let Some(gateway) = &self.gateway {
            address.lock().await.clone_from(gateway);
        }
    }
}

fn refused(name: &str, value: &str, example: &str) -> StartError {
    StartError::usage(
        format!("{name} is `{value}`, which is not on this machine or not of the right kind"),
        format!("It is for tests only, such as `{example}`; unset it to talk to Discord."),
    )
}

/// Returns the address when it is on this machine.
fn loopback(url: &str, scheme: &str) -> Option<SocketAddr> {
    let rest = url.strip_prefix(scheme)?;
    let host = rest.split(['/', '?', '#']).next()?;
    let address = match host.strip_prefix("localhost:") {
        Some(port) => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.parse().ok()?),
        None => host.parse().ok()?,
    };
    address.ip().is_loopback().then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_will_do() {
        for good in ["ws://127.0.0.1:80/gw", "ws://[::1]:80", "ws://localhost:80?v=1", "ws://127.8.8.8:80"] {
            assert!(loopback(good, "ws://").is_some(), "{good}");
        }
        for bad in [
            "ws://10.0.0.1:80",
            "ws://example.org:80",
            "ws://127.0.0.1@evil.org:80",
            "https://127.0.0.1:80",
            "ws://localhost",
        ] {
            assert!(loopback(bad, "ws://").is_none(), "{bad}");
        }
        let set = |name: &str| (name == API_BASE).then(|| "https://127.0.0.1:1".to_owned());
        assert!(Endpoints::read(&set).is_err(), "all of them or none");
    }
}
