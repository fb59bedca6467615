//! A name server of a few lines.

#![allow(dead_code, unreachable_pub, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::UdpSocket;

pub const A: u8 = 1;

/// A reply to `query` with a code and, to a question for `A`, these addresses.
pub fn reply(query: &[u8], code: u8, addresses: &[Ipv4Addr]) -> Vec<u8> {
    let mut reply = query.to_vec();
    reply[2..4].copy_from_slice(&[0x81, 0x80 | code]);
    if query[query.len() - 3] == A {
        reply[7] = u8::try_from(addresses.len()).unwrap();
        for address in addresses {
            reply.extend_from_slice(&[0xc0, 12, 0, A, 0, 1, 0, 0, 0, 60, 0, 4]);
            reply.extend_from_slice(&address.octets());
        }
    }
    reply
}

/// A name server that sends what `answer` makes of each question, the how-manieth it is included.
pub async fn serve(mut answer: impl FnMut(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 512];
        for number in 0.. {
            let (length, from) = socket.recv_from(&mut packet).await.unwrap();
            for reply in answer(number, &packet[..length]) {
                socket.send_to(&reply, from).await.unwrap();
            }
        }
    });
    address
}
