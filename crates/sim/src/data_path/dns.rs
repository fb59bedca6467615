//! The resolver of a subnet, over UDP (RFC 1035): address questions only.

use std::net::IpAddr;

use privlink_core::{Clock, DnsName};
use tokio::net::UdpSocket;

use crate::World;
use crate::path::{Place, Resolved};

const A: u16 = 1;
const AAAA: u16 = 28;
const IN: u16 = 1;

/// Seconds an answer may be kept; short, as the world changes fast.
const TTL: u32 = 1;

pub(super) async fn serve(world: World, place: Place, socket: UdpSocket) {
    let mut packet = [0; 1500];
    loop {
        // An error here is a client that went away; the next question comes from another.
        let Ok((length, from)) = socket.recv_from(&mut packet).await else { continue };
        let Some(reply) = packet.get(..length).and_then(|query| answer(&world, &place, query)) else { continue };
        let _unread = socket.send_to(&reply, from).await;
    }
}

/// How a question ends.
#[derive(Clone, Copy)]
#[repr(u16)]
enum Code {
    Fine = 0,
    Failed = 2,
    NoSuchName = 3,
}

/// The reply to one query; none for what is no query.
fn answer(world: &World, place: &Place, query: &[u8]) -> Option<Vec<u8>> {
    let header = query.get(..12)?;
    let number = |at: usize| Some(u16::from_be_bytes([*header.get(at)?, *header.get(at + 1)?]));
    let (flags, questions) = (number(2)?, number(4)?);
    // Bit 15 marks replies; queries of other kinds and of several questions are not in use.
    if flags & 0xf800 != 0 || questions != 1 {
        return None;
    }
    let (name, end) = name(query.get(12..)?)?;
    let question = query.get(12..12 + end + 4)?;
    let tail = question.get(end..)?;
    let (kind, class) = (u16::from_be_bytes([tail[0], tail[1]]), u16::from_be_bytes([tail[2], tail[3]]));

    let (code, addresses) = match name.parse::<DnsName>() {
        Ok(name) if class == IN => {
            let now = world.sim_clock().now();
            match world.lock().state.look_up(now, place, &name) {
                Resolved::Addresses(addresses) => (Code::Fine, addresses),
                Resolved::NoData(_) => (Code::Fine, Vec::new()),
                Resolved::NoSuchName(_) => (Code::NoSuchName, Vec::new()),
                Resolved::Failed(_) => (Code::Failed, Vec::new()),
            }
        }
        _ => (Code::NoSuchName, Vec::new()),
    };
    let records: Vec<Vec<u8>> = addresses.iter().filter_map(|address| record(*address, kind)).collect();

    let mut reply = header.get(..2)?.to_vec();
    // A reply with recursion available, that repeats whether recursion was wanted.
    reply.extend_from_slice(&(0x8080 | (flags & 0x0100) | code as u16).to_be_bytes());
    reply.extend_from_slice(&1_u16.to_be_bytes());
    reply.extend_from_slice(&u16::try_from(records.len()).ok()?.to_be_bytes());
    reply.extend_from_slice(&[0; 4]);
    reply.extend_from_slice(question);
    reply.extend(records.into_iter().flatten());
    Some(reply)
}

/// The record of one address, if it is of the kind that was asked for.
fn record(address: IpAddr, kind: u16) -> Option<Vec<u8>> {
    let data = match (address, kind) {
        (IpAddr::V4(v4), A) => v4.octets().to_vec(),
        (IpAddr::V6(v6), AAAA) => v6.octets().to_vec(),
        _ => return None,
    };
    // The name is the question's, twelve bytes from the start.
    let mut record = vec![0xc0, 12];
    record.extend_from_slice(&kind.to_be_bytes());
    record.extend_from_slice(&IN.to_be_bytes());
    record.extend_from_slice(&TTL.to_be_bytes());
    record.extend_from_slice(&u16::try_from(data.len()).ok()?.to_be_bytes());
    record.extend_from_slice(&data);
    Some(record)
}

/// A name as text, and where it ends; none when it is cut short or compressed, as no question is.
fn name(bytes: &[u8]) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut at = 0;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        if length > 63 {
            return None;
        }
        labels.push(String::from_utf8_lossy(bytes.get(at..at + length)?).into_owned());
        at += length;
    }
}
