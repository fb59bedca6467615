//! DNS messages, as far as asking for addresses takes (RFC 1035, RFC 2308).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use privlink_core::DnsName;

const IN: u16 = 1;
const SOA: u16 = 6;
const HEADER: usize = 12;

/// The kind of address that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Kind {
    A = 1,
    Aaaa = 28,
}

/// What a packet says about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Addresses, or that there are none.
    Answer(Answer),
    /// The server did not answer the question.
    Code(Code),
    /// The answer is longer than a packet takes.
    CutShort,
    /// No reply to this question, or none that can be read.
    NotOurs,
}

/// The answer to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Those at the end of the chain of aliases.
    pub(crate) addresses: Vec<IpAddr>,
    /// Whether the name does not exist at all.
    pub(crate) no_such_name: bool,
    /// For how many seconds a negative answer may be kept.
    pub(crate) kept: Option<u32>,
}

/// A response code other than "no error" and "no such name".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(u8);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("FORMERR"),
            2 => f.write_str("SERVFAIL"),
            4 => f.write_str("NOTIMP"),
            5 => f.write_str("REFUSED"),
            other => write!(f, "code {other}"),
        }
    }
}

/// A question for the addresses of `host`, with recursion wanted.
pub(crate) fn query(id: u16, host: &DnsName, kind: Kind) -> Vec<u8> {
    let mut packet = id.to_be_bytes().to_vec();
    packet.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in host.as_str().split('.') {
        // A parsed name has labels of at most 63 bytes.
        packet.push(u8::try_from(label.len()).unwrap_or_default());
        packet.extend_from_slice(label.as_bytes());
    }
    packet.push(0);
    packet.extend_from_slice(&(kind as u16).to_be_bytes());
    packet.extend_from_slice(&IN.to_be_bytes());
    packet
}

/// What `packet` says about the question in `query`.
pub(crate) fn read(packet: &[u8], query: &[u8]) -> Reply {
    parse(packet, query).unwrap_or(Reply::NotOurs)
}

fn parse(packet: &[u8], query: &[u8]) -> Option<Reply> {
    let question = query.get(HEADER..)?;
    let flags = number(packet, 2)?;
    let replies = packet.get(..2)? == query.get(..2)? && flags & 0x8000 != 0;
    // A server that fails may leave the question out.
    let repeats = packet.get(HEADER..HEADER + question.len()).is_some_and(|own| own.eq_ignore_ascii_case(question));
    let code = u8::try_from(flags & 0x000f).ok()?;
    match code {
        _ if !replies => return None,
        0 | 3 if number(packet, 4)? != 1 || !repeats => return None,
        0 | 3 => {}
        _ => return Some(Reply::Code(Code(code))),
    }
    if flags & 0x0200 != 0 {
        return Some(Reply::CutShort);
    }
    let kind = number(question, question.len().checked_sub(4)?)?;
    let (answers, authorities) = (number(packet, 6)?, number(packet, 8)?);
    let mut answer = Answer { no_such_name: code == 3, ..Answer::default() };
    let mut at = HEADER + question.len();
    for place in 0..u32::from(answers) + u32::from(authorities) {
        let record = Record::read(packet, at)?;
        at = record.end;
        if place < u32::from(answers) {
            if record.kind == kind && record.class == IN {
                answer.addresses.push(address(record.data)?);
            }
        } else if record.kind == SOA {
            // A negative answer is kept for the lesser of both (RFC 2308 §5).
            let minimum = record.data.last_chunk().map(|bytes| u32::from_be_bytes(*bytes))?;
            answer.kept = Some(record.ttl.min(minimum));
        }
    }
    Some(Reply::Answer(answer))
}

/// One resource record, its name skipped.
struct Record<'a> {
    kind: u16,
    class: u16,
    ttl: u32,
    data: &'a [u8],
    end: usize,
}

impl<'a> Record<'a> {
    fn read(packet: &'a [u8], at: usize) -> Option<Self> {
        let at = after_name(packet, at)?;
        let (kind, class) = (number(packet, at)?, number(packet, at + 2)?);
        let ttl = (u32::from(number(packet, at + 4)?) << 16) | u32::from(number(packet, at + 6)?);
        let (start, length) = (at + 10, usize::from(number(packet, at + 8)?));
        let end = start + length;
        Some(Self { kind, class, ttl, data: packet.get(start..end)?, end })
    }
}

/// Where a name ends that starts at `at`: at its root, or after a pointer to the rest of it.
fn after_name(packet: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match usize::from(*packet.get(at)?) {
            0 => return Some(at + 1),
            length @ 1..=63 => at += 1 + length,
            192..=255 => return Some(at + 2),
            _ => return None,
        }
    }
}

fn number(packet: &[u8], at: usize) -> Option<u16> {
    packet.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

fn address(data: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(data) {
        return Some(Ipv4Addr::from(v4).into());
    }
    <[u8; 16]>::try_from(data).ok().map(|v6| Ipv6Addr::from(v6).to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: u16 = 0x1234;

    fn asked(kind: Kind) -> Vec<u8> {
        query(ID, &"orders.vpce.example.com".parse().unwrap(), kind)
    }

    /// A reply to `query` with records, each of them an owner, a kind and data.
    fn reply(query: &[u8], code: u8, answers: &[(&[u8], u16, &[u8])], authorities: &[(&[u8], u16, &[u8])]) -> Vec<u8> {
        let mut packet = query.to_vec();
        packet[2..4].copy_from_slice(&[0x81, 0x80 | code]);
        packet[7] = u8::try_from(answers.len()).unwrap();
        packet[9] = u8::try_from(authorities.len()).unwrap();
        for (owner, kind, data) in answers.iter().chain(authorities) {
            packet.extend_from_slice(owner);
            packet.extend_from_slice(&kind.to_be_bytes());
            packet.extend_from_slice(&[0, 1, 0, 0, 1, 44]);
            packet.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
            packet.extend_from_slice(data);
        }
        packet
    }

    const HERE: &[u8] = &[0xc0, 12];
    const ALIAS: &[u8] = b"\x04vpce\x03aws\0";

    /// An alias, and two addresses of what it leads to.
    fn full() -> Vec<u8> {
        let records: [(&[u8], u16, &[u8]); 3] =
            [(HERE, 5, ALIAS), (ALIAS, 1, &[10, 0, 1, 5]), (&[0xc0, 41], 1, &[10, 0, 2, 5])];
        reply(&asked(Kind::A), 0, &records, &[])
    }

    #[test]
    fn the_addresses_at_the_end_of_an_alias_are_read() {
        let wanted = Answer { addresses: vec![[10, 0, 1, 5].into(), [10, 0, 2, 5].into()], ..Answer::default() };
        assert_eq!(read(&full(), &asked(Kind::A)), Reply::Answer(wanted));
        let v6 = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let reply = reply(&asked(Kind::Aaaa), 0, &[(HERE, 28, &v6)], &[]);
        let wanted = Answer { addresses: vec![v6.into()], ..Answer::default() };
        assert_eq!(read(&reply, &asked(Kind::Aaaa)), Reply::Answer(wanted));
    }

    #[test]
    fn a_negative_answer_says_how_long_it_is_kept() {
        // Of the record's 300 s and the zone's 60 s, the lesser; and the other way round.
        for (minimum, kept) in [(60_u32, 60), (900, 300)] {
            let soa = [&[0, 0][..], &[0; 16], &minimum.to_be_bytes()].concat();
            let reply = reply(&asked(Kind::A), 3, &[], &[(HERE, SOA, &soa)]);
            let wanted = Answer { no_such_name: true, kept: Some(kept), ..Answer::default() };
            assert_eq!(read(&reply, &asked(Kind::A)), Reply::Answer(wanted));
        }
        let empty = reply(&asked(Kind::A), 0, &[], &[]);
        assert_eq!(read(&empty, &asked(Kind::A)), Reply::Answer(Answer::default()));
    }

    #[test]
    fn failures_are_named_with_or_without_the_question() {
        let mut failed = reply(&asked(Kind::A), 2, &[], &[]);
        assert_eq!(read(&failed, &asked(Kind::A)), Reply::Code(Code(2)));
        failed.truncate(HEADER);
        assert_eq!(read(&failed, &asked(Kind::A)), Reply::Code(Code(2)));
        assert_eq!(
            (Code(2).to_string(), Code(5).to_string(), Code(9).to_string()),
            ("SERVFAIL".into(), "REFUSED".into(), "code 9".into())
        );
    }

    #[test]
    fn an_answer_that_does_not_fit_is_told() {
        let mut cut = reply(&asked(Kind::A), 0, &[], &[]);
        cut[2] |= 2;
        assert_eq!(read(&cut, &asked(Kind::A)), Reply::CutShort);
    }

    #[test]
    fn what_answers_another_question_is_not_ours() {
        let other = query(ID + 1, &"orders.vpce.example.com".parse().unwrap(), Kind::A);
        assert_eq!(read(&full(), &other), Reply::NotOurs);
        assert_eq!(read(&full(), &asked(Kind::Aaaa)), Reply::NotOurs);
        let other = query(ID, &"billing.vpce.example.com".parse().unwrap(), Kind::A);
        assert_eq!(read(&full(), &other), Reply::NotOurs);
        assert_eq!(read(&asked(Kind::A), &asked(Kind::A)), Reply::NotOurs, "a question is no answer");
    }

    #[test]
    fn broken_packets_are_not_read() {
        let full = full();
        for length in 0..full.len() {
            assert_eq!(read(&full[..length], &asked(Kind::A)), Reply::NotOurs, "cut after {length}");
        }
        // Whatever a byte becomes, it is read without a panic, and never as other addresses with
        // the question changed.
        for (place, value) in (0..full.len()).flat_map(|place| (0..=255).map(move |value| (place, value))) {
            let mut broken = full.clone();
            broken[place] = value;
            let read = read(&broken, &asked(Kind::A));
            let asks_this =
                broken[HEADER..asked(Kind::A).len()].eq_ignore_ascii_case(&full[HEADER..asked(Kind::A).len()]);
            assert!(asks_this || matches!(read, Reply::NotOurs | Reply::Code(_)), "{place}: {read:?}");
        }
    }
}
