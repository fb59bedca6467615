//! HTTP: any status counts as reached, for reach is judged apart from permission.

use std::time::Duration;

use privlink_core::DnsName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::{printable, unexpected};
use crate::dial::Break;

/// More than any head and the start of a body needs.
const MOST: usize = 16 * 1024;
/// How long a body may keep us waiting in all, once the status is known.
const GRACE: Duration = Duration::from_secs(2);

/// Asks for `path`; done when `wanted` is seen in the body, or the answer ends.
pub(super) async fn get<S>(
    stream: &mut S,
    host: &DnsName,
    port: u16,
    path: &str,
    wanted: Option<&str>,
) -> Result<String, Break>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let what = "HTTP answer";
    let authority = if port == 443 { host.to_string() } else { format!("{host}:{port}") };
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {authority}\r\nuser-agent: privlink-probe/{}\r\naccept: */*\r\nconnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
    );
    stream.write_all(request.as_bytes()).await.map_err(|error| Break::cut(what, &error))?;
    stream.flush().await.map_err(|error| Break::cut(what, &error))?;

    let mut read = Vec::new();
    let mut chunk = [0; 2048];
    let mut patience: Option<Instant> = None;
    while !complete(&read, wanted) && read.len() < MOST {
        let more = stream.read(&mut chunk);
        if patience.is_none() && head(&read).is_some() {
            patience = Some(Instant::now() + GRACE);
        }
        // Whoever keeps the connection open has said its status all the same; until the status,
        // the caller's own limit rules.
        let more = match patience {
            Some(end) => timeout_at(end, more).await.unwrap_or(Ok(0)),
            None => more.await,
        };
        match more {
            Ok(0) => break,
            Ok(count) => read.extend_from_slice(&chunk[..count]),
            // Many servers end without TLS' own goodbye; what was said before is what counts.
            Err(_) if patience.is_some() => break,
            Err(error) => return Err(Break::cut(what, &error)),
        }
    }
    if read.is_empty() {
        return Err(Break::closed(what));
    }
    let Some(status) = status(&read) else {
        return Err(unexpected(format!("{what}: {} is no HTTP", printable(&read))));
    };
    let body = head(&read).map_or(&[][..], |end| &read[end..]);
    Ok(match wanted {
        Some(wanted) if contains(body, wanted) => format!("GET {path} answered {status}, `{wanted}`"),
        _ => format!("GET {path} answered {status}"),
    })
}

/// Whether enough was read to tell.
fn complete(read: &[u8], wanted: Option<&str>) -> bool {
    let Some(end) = head(read) else { return false };
    let Some(wanted) = wanted else { return true };
    contains(&read[end..], wanted) || length(&read[..end]).is_some_and(|length| read.len() - end >= length)
}

/// Where the head ends.
fn head(read: &[u8]) -> Option<usize> {
    read.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|place| place + 4)
}

/// The three digits of the status line.
fn status(read: &[u8]) -> Option<u16> {
    let rest = read.strip_prefix(b"HTTP/1.")?;
    let digits = rest.get(2..5).filter(|_| rest.get(1) == Some(&b' '))?;
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|status| (100..600).contains(status))
}

/// The announced length of the body.
fn length(head: &[u8]) -> Option<usize> {
    std::str::from_utf8(head).ok()?.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok()).flatten()
    })
}

fn contains(bytes: &[u8], wanted: &str) -> bool {
    bytes.windows(wanted.len().max(1)).any(|window| window == wanted.as_bytes())
}

#[cfg(test)]
mod tests {
    use privlink_core::side::RungResult;
    use tokio::io::duplex;

    use super::*;

    async fn answered(answer: &'static [u8], wanted: Option<&str>) -> Result<String, Break> {
        let (mut here, mut there) = duplex(1024);
        let server = async move {
            let mut request = [0; 512];
            let count = there.read(&mut request).await.unwrap();
            assert!(request[..count].starts_with(b"GET /ping HTTP/1.1\r\nhost: db.example.com:8443\r\n"));
            there.write_all(answer).await.unwrap();
            drop(there);
        };
        let host = "db.example.com".parse().unwrap();
        tokio::join!(get(&mut here, &host, 8443, "/ping", wanted), server).0
    }

    #[tokio::test]
    async fn a_ping_that_is_answered_says_so() {
        let seen = answered(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nOk.\n", Some("Ok.")).await.unwrap();
        assert_eq!(seen, "GET /ping answered 200, `Ok.`");
        let seen =
            answered(b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nOk.\n\r\n0\r\n\r\n", Some("Ok."))
                .await
                .unwrap();
        assert_eq!(seen, "GET /ping answered 200, `Ok.`");
    }

    #[tokio::test]
    async fn any_status_counts_as_reached() {
        for (answer, seen) in [
            (&b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"[..], "GET /ping answered 403"),
            (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "GET /ping answered 502"),
            (b"HTTP/1.1 404\r\n", "GET /ping answered 404"),
        ] {
            assert_eq!(answered(answer, Some("Ok.")).await.unwrap(), seen);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_does_not_hide_the_status() {
        let (mut here, mut there) = duplex(1024);
        there.write_all(b"HTTP/1.1 503 Busy\r\n\r\nwait").await.unwrap();
        let host = "db.example.com".parse().unwrap();
        assert_eq!(get(&mut here, &host, 443, "/ping", Some("Ok.")).await.unwrap(), "GET /ping answered 503");
        drop(there);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_does_not_hide_the_status_either() {
        let (mut here, mut there) = duplex(1024);
        let server = tokio::spawn(async move {
            there.write_all(b"HTTP/1.1 401 No\r\n\r\n").await.unwrap();
            while there.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let host = "db.example.com".parse().unwrap();
        let limit = Duration::from_secs(30);
        let answer = tokio::time::timeout(limit, get(&mut here, &host, 443, "/ping", Some("Ok."))).await;
        assert_eq!(answer.unwrap().unwrap(), "GET /ping answered 401");
        drop(here);
        server.await.unwrap();
    }

    #[tokio::test]
    async fn something_else_is_told_from_nothing() {
        assert_eq!(answered(b"", Some("Ok.")).await.unwrap_err().result, RungResult::Reset);
        for answer in [&b"SSH-2.0-OpenSSH_9.2\r\n"[..], b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1", b"\x15\x03\x01"] {
            assert_eq!(answered(answer, Some("Ok.")).await.unwrap_err().result, RungResult::Unexpected);
        }
    }
}
