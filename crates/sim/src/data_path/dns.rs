//! The resolver of a subnet, over UDP (RFC 1035): address questions only. A "no" names the zone whose word it is
//! (RFC 2308).

use std::net::IpAddr;

use privlink_core::{Clock, DnsName};
use tokio::net::UdpSocket;

use crate::World;
use crate::path::{Place, Resolved};
use crate::resolver::Authority;

const A: u16 = 1;
const SOA: u16 = 6;
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

    let (code, addresses, whose) = match name.parse::<DnsName>() {
        Ok(name) if class == IN => {
            let (now, mut shared) = (world.sim_clock().now(), world.lock());
            match shared.state.ask(now, place, &name)? {
                Resolved::Addresses(addresses) => (Code::Fine, addresses, shared.state.authority(now, place, &name)),
                Resolved::NoData(_, whose) => (Code::Fine, Vec::new(), whose),
                Resolved::NoSuchName(_, whose) => (Code::NoSuchName, Vec::new(), whose),
                Resolved::Failed(_) => (Code::Failed, Vec::new(), None),
            }
        }
        _ => (Code::NoSuchName, Vec::new(), None),
    };
    let records: Vec<Vec<u8>> = addresses.iter().filter_map(|address| record(*address, kind)).collect();
    let whose: Vec<Vec<u8>> = whose.iter().filter(|_| records.is_empty()).map(start_of_authority).collect();

    let mut reply = header.get(..2)?.to_vec();
    // A reply with recursion available, that repeats whether recursion was wanted.
    reply.extend_from_slice(&(0x8080 | (flags & 0x0100) | code as u16).to_be_bytes());
    reply.extend_from_slice(&1_u16.to_be_bytes());
    reply.extend_from_slice(&u16::try_from(records.len()).ok()?.to_be_bytes());
    reply.extend_from_slice(&u16::try_from(whose.len()).ok()?.to_be_bytes());
    reply.extend_from_slice(&[0; 2]);
    reply.extend_from_slice(question);
    reply.extend(records.into_iter().chain(whose).flatten());
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

/// The zone's own record, as a negative answer carries it: it says how long the "no" may be kept.
fn start_of_authority(whose: &Authority) -> Vec<u8> {
    let zone = encoded(&whose.zone);
    // The name server and the mailbox are the zone itself; nobody asks for them.
    let mut data = [&*zone, &*zone].concat();
    let (serial, refresh, retry, expire) = (1_u32, 7200_u32, 900_u32, 1_209_600_u32);
    for number in [serial, refresh, retry, expire, whose.minimum] {
        data.extend_from_slice(&number.to_be_bytes());
    }
    let mut record = zone;
    record.extend_from_slice(&SOA.to_be_bytes());
    record.extend_from_slice(&IN.to_be_bytes());
    record.extend_from_slice(&whose.ttl.to_be_bytes());
    // Twice a name of 255 bytes at most, and twenty more.
    record.extend_from_slice(&u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
    record.extend_from_slice(&data);
    record
}

/// A name in the form of the wire. Its labels are of 63 bytes at most, as of every [`DnsName`].
fn encoded(name: &DnsName) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.as_str().split('.') {
        bytes.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
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
