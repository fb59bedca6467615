//! One question for each protocol that proves the product answers, without a password.

mod http;
mod mysql;
mod postgres;

use privlink_core::DnsName;
use privlink_core::side::{Protocol, RungResult};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::dial::Break;

/// Whether TLS should say that HTTP follows.
pub(crate) fn is_http(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Https | Protocol::ClickHouseHttps)
}

/// What has to be said in the clear before TLS; the words are the product's own answer.
pub(crate) async fn preface<S>(protocol: Protocol, stream: &mut S) -> Result<Option<String>, Break>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    match protocol {
        Protocol::Mysql => mysql::ask_for_tls(stream).await.map(Some),
        Protocol::Postgres => postgres::ask_for_tls(stream).await.map(Some),
        _ => Ok(None),
    }
}

/// Asks over TLS; `None` where TLS is all there is to prove.
pub(crate) async fn ask<S>(
    protocol: Protocol,
    stream: &mut S,
    host: &DnsName,
    port: u16,
) -> Result<Option<String>, Break>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    match protocol {
        Protocol::ClickHouseHttps => http::get(stream, host, port, "/ping", Some("Ok.")).await.map(Some),
        Protocol::Https => http::get(stream, host, port, "/", None).await.map(Some),
        _ => Ok(None),
    }
}

fn unexpected(seen: impl Into<String>) -> Break {
    Break::new(RungResult::Unexpected, seen)
}

/// A short, printable form of what was read.
fn printable(bytes: &[u8]) -> String {
    const MOST: usize = 60;
    let text: String = String::from_utf8_lossy(bytes).chars().take(MOST).flat_map(char::escape_debug).collect();
    if bytes.len() > MOST { format!("`{text}…`") } else { format!("`{text}`") }
}
