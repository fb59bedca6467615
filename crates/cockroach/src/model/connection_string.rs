use std::fmt;

use privlink_core::transport::{Object, encode_segment};
use privlink_core::{PrivateDnsHostname, Result};
use serde::Serialize;
use serde_json::Value;

/// How a client connects through a private endpoint: a PostgreSQL URL without a password, as
/// [`Display`](fmt::Display) writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConnectionString {
    /// The private host.
    pub host: PrivateDnsHostname,
    /// The port.
    pub port: u16,
    /// The SQL user.
    pub user: String,
    /// The database.
    pub database: String,
    /// What tells the cluster apart behind a shared host: `options=--cluster=…`.
    pub routing_id: Option<String>,
}

impl ConnectionString {
    pub(crate) fn new(
        host: &PrivateDnsHostname,
        port: u16,
        user: &str,
        database: &str,
        routing_id: Option<&str>,
    ) -> Self {
        Self {
            host: host.clone(),
            port,
            user: user.to_owned(),
            database: database.to_owned(),
            routing_id: routing_id.map(str::to_owned),
        }
    }
}

impl fmt::Display for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, database) = (encode_segment(&self.user), encode_segment(&self.database));
        write!(f, "postgresql://{user}@{}:{}/{database}?sslmode=verify-full", self.host, self.port)?;
        match &self.routing_id {
            Some(id) => write!(f, "&options={}", encode_segment(&format!("--cluster={id}")).replace("%2D", "-")),
            None => Ok(()),
        }
    }
}

/// What the vendor's own call answers: how to connect over the **public** host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PublicConnectionString {
    /// The vendor's text, to the letter; it holds no password.
    pub text: String,
    /// The public host.
    pub host: Option<String>,
    /// The port, as the vendor writes it.
    pub port: Option<String>,
}

impl PublicConnectionString {
    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let answer = Object::read("connection string", value)?;
        let params = answer.object("params");
        let param = |name| params.and_then(|params: Object<'_>| params.identifier(name));
        Ok(Self { text: answer.required("connection_string")?.to_owned(), host: param("Host"), port: param("Port") })
    }
}
