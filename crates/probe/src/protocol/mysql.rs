//! MySQL: the server greets first; then the client asks for TLS in the clear.
//!
//! Layouts: `Protocol::HandshakeV10`, `ERR_Packet` and `Protocol::SSLRequest` of the MySQL
//! client/server protocol (MySQL Internals, read 2026-11-21).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{printable, unexpected};
use crate::dial::Break;

const WHAT: &str = "MySQL greeting";
const CLIENT_SSL: u32 = 0x0800;
const CLIENT_PROTOCOL_41: u32 = 0x0200;
const CLIENT_SECURE_CONNECTION: u32 = 0x8000;
const CLIENT_PLUGIN_AUTH: u32 = 0x0008_0000;

/// Reads the greeting and asks for TLS; the words name the server's version.
pub(super) async fn ask_for_tls<S>(stream: &mut S) -> Result<String, Break>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut header = [0; 4];
    stream.read_exact(&mut header).await.map_err(|error| Break::cut(WHAT, &error))?;
    let length = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
    // A greeting has some 80 bytes; anything that claims far more is not MySQL.
    if header[3] != 0 || !(1..=1024).contains(&length) {
        return Err(unexpected(format!("{WHAT}: {} is no MySQL", printable(&header))));
    }
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await.map_err(|error| Break::cut(WHAT, &error))?;
    let version = greeting(&payload)?;
    stream.write_all(&ssl_request()).await.map_err(|error| Break::cut("MySQL request for TLS", &error))?;
    Ok(format!("MySQL greeted as version {version}"))
}

/// The server's version out of a greeting that offers TLS.
fn greeting(payload: &[u8]) -> Result<String, Break> {
    match payload {
        [0xff, low, high, message @ ..] => {
            let code = u16::from_le_bytes([*low, *high]);
            Err(unexpected(format!("{WHAT}: the server refuses with error {code}, {}", printable(message))))
        }
        [10, rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == 0);
            // Version, 0, thread id (4), salt (8), filler (1), capabilities (2).
            let capabilities = end.and_then(|end| rest.get(end + 14..end + 16));
            let (Some(end), Some(&[low, high])) = (end, capabilities) else {
                return Err(unexpected(format!("{WHAT}: cut short")));
            };
            if u32::from(u16::from_le_bytes([low, high])) & CLIENT_SSL == 0 {
                return Err(unexpected(format!("{WHAT}: the server does not offer TLS")));
            }
            Ok(printable(&rest[..end]))
        }
        _ => Err(unexpected(format!("{WHAT}: {} is no MySQL", printable(payload)))),
    }
}

fn ssl_request() -> [u8; 36] {
    let mut packet = [0; 36];
    packet[0] = 32;
    packet[3] = 1;
    let wanted = CLIENT_SSL | CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH;
    packet[4..8].copy_from_slice(&wanted.to_le_bytes());
    packet[8..12].copy_from_slice(&0x0100_0000_u32.to_le_bytes());
    packet[12] = 45; // utf8mb4
    packet
}

#[cfg(test)]
mod tests {
    use privlink_core::side::RungResult;
    use tokio::io::duplex;

    use super::*;

    fn packet(payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![u8::try_from(payload.len()).unwrap(), 0, 0, 0];
        packet.extend_from_slice(payload);
        packet
    }

    fn payload(capabilities: u16) -> Vec<u8> {
        let mut payload = b"\x0a8.0.36-clickhouse\0\x01\0\0\0saltsalt\0".to_vec();
        payload.extend_from_slice(&capabilities.to_le_bytes());
        payload.extend_from_slice(&[45, 2, 0, 0, 0, 21]);
        payload
    }

    async fn asked(answer: &[u8]) -> (Result<String, Break>, Vec<u8>) {
        let (mut here, mut there) = duplex(1024);
        there.write_all(answer).await.unwrap();
        there.shutdown().await.unwrap();
        let result = ask_for_tls(&mut here).await;
        drop(here);
        let mut request = Vec::new();
        there.read_to_end(&mut request).await.unwrap();
        (result, request)
    }

    #[tokio::test]
    async fn a_greeting_is_followed_by_the_request_for_tls() {
        let (seen, request) = asked(&packet(&payload(0xffff))).await;
        assert_eq!(seen.unwrap(), "MySQL greeted as version `8.0.36-clickhouse`");
        assert_eq!(request.len(), 36);
        assert_eq!(request[..4], [32, 0, 0, 1]);
        assert_eq!(u32::from_le_bytes(request[4..8].try_into().unwrap()) & CLIENT_SSL, CLIENT_SSL);
    }

    #[tokio::test]
    async fn whatever_else_comes_is_named_and_never_followed() {
        for (answer, words) in [
            (packet(&payload(0x0200)), "does not offer TLS"),
            (packet(b"\xff\x69\x04Host is blocked"), "error 1129, `Host is blocked`"),
            (packet(b"\x0a8.0"), "cut short"),
            (packet(b"\x09old"), "is no MySQL"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "is no MySQL"),
        ] {
            let (result, request) = asked(&answer).await;
            let broken = result.unwrap_err();
            assert_eq!(broken.result, RungResult::Unexpected);
            assert!(broken.seen.contains(words), "{}", broken.seen);
            assert!(request.is_empty());
        }
        for answer in [&b""[..], b"\x4a\0\0", b"\x4a\0\0\0\x0a8.0"] {
            assert_eq!(asked(answer).await.0.unwrap_err().result, RungResult::Reset);
        }
    }
}
