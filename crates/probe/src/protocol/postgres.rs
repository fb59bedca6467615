//! PostgreSQL: the client asks for TLS by `SSLRequest`; one byte answers.
//!
//! Source: PostgreSQL documentation, "Message Formats" and "SSL Session Encryption" (read
//! 2026-11-21).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{printable, unexpected};
use crate::dial::Break;

const WHAT: &str = "PostgreSQL answer to SSLRequest";
/// Length 8, code 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Asks for TLS.
pub(super) async fn ask_for_tls<S>(stream: &mut S) -> Result<String, Break>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    stream.write_all(&SSL_REQUEST).await.map_err(|error| Break::cut(WHAT, &error))?;
    // One byte and no more: what follows belongs to TLS.
    let mut answer = [0];
    stream.read_exact(&mut answer).await.map_err(|error| Break::cut(WHAT, &error))?;
    match answer[0] {
        b'S' => Ok("PostgreSQL answered SSLRequest with yes".to_owned()),
        b'N' => Err(unexpected(format!("{WHAT}: the server does not offer TLS"))),
        b'E' => Err(unexpected(format!("{WHAT}: the server answers with an error"))),
        _ => Err(unexpected(format!("{WHAT}: {} is no PostgreSQL", printable(&answer)))),
    }
}

#[cfg(test)]
mod tests {
    use privlink_core::side::RungResult;
    use tokio::io::duplex;

    use super::*;

    async fn asked(answer: &[u8]) -> Result<String, Break> {
        let (mut here, mut there) = duplex(64);
        there.write_all(answer).await.unwrap();
        there.shutdown().await.unwrap();
        let result = ask_for_tls(&mut here).await;
        drop(here);
        let mut request = Vec::new();
        there.read_to_end(&mut request).await.unwrap();
        assert_eq!(request, SSL_REQUEST);
        result
    }

    #[tokio::test]
    async fn yes_no_error_and_silence_are_told_apart() {
        assert!(asked(b"S").await.is_ok());
        for answer in [b"N", b"E", b"H"] {
            assert_eq!(asked(answer).await.unwrap_err().result, RungResult::Unexpected);
        }
        assert_eq!(asked(b"").await.unwrap_err().result, RungResult::Reset);
    }
}
