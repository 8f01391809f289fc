//! A recording as a pcapng file (draft-ietf-opsawg-pcapng), which Wireshark and tshark open.
//!
//! The frames were recorded above TCP; IP and TCP headers are written around them as the two addresses
//! and the counts of bytes say. Secrets go in only when the caller says so.

use std::net::{IpAddr, SocketAddr};

use super::dissect::hex;
use super::wire::{Begins, Leg, Wire};

/// Link type of packets that begin with an IP header.
const LINKTYPE_RAW: u16 = 101;
/// Payload of one segment: what fits an IPv4 packet.
const MAX_SEGMENT: usize = 60_000;

impl Wire {
    /// Writes the recording. `with_secrets`: puts the keys of every record into the comment of its packet
    /// and the secrets of each beginning into the comment of the file. Who gets such a file reads everything.
    pub fn to_pcapng(&self, with_secrets: bool) -> Vec<u8> {
        let comment = if with_secrets {
            self.secrets_comment()
        } else {
            "A connection of Cipher Room (CR/1), recorded at one end. It holds no keys.".to_owned()
        };
        let mut out = Vec::new();
        section_header(&mut out, &comment);
        interface(&mut out);
        let mut sequence = [1u32, 1u32];
        let mut of_leg = None;
        for frame in self.frames() {
            let Some(leg) = self.leg_of(frame.n) else {
                continue;
            };
            let (local, peer) = (leg.local, leg.peer);
            let is_first = of_leg.replace(leg.first) != Some(leg.first);
            if is_first {
                // Another connection counts its own bytes.
                sequence = [1, 1];
            }
            let (from, to, way) = if frame.sent {
                (local, peer, 0)
            } else {
                (peer, local, 1)
            };
            let key = with_secrets
                .then_some(frame.record.as_ref())
                .flatten()
                .map(|record| {
                    format!(
                        "{}: AES-256-GCM key {}, nonce {}, associated data: the frame's first 5 bytes",
                        frame.name(),
                        hex(record.key.expose()),
                        hex(&record.nonce)
                    )
                });
            let begins =
                is_first.then(|| format!("Connection {}: {}", leg.number, leg.begins.beginning().words()));
            let comment = match (begins, key) {
                (Some(begins), Some(key)) => Some(format!("{begins}. {key}")),
                (begins, key) => begins.or(key),
            };
            for part in frame.bytes.chunks(MAX_SEGMENT) {
                let acknowledged = sequence[1 - way];
                let packet = packet(from, to, sequence[way], acknowledged, part);
                sequence[way] = sequence[way].wrapping_add(u32::try_from(part.len()).unwrap_or(0));
                enhanced_packet(&mut out, frame.at_ms, &packet, comment.as_deref());
            }
        }
        out
    }

    fn secrets_comment(&self) -> String {
        let secrets: String = self.legs.iter().filter_map(secrets_of).collect();
        format!(
            "SECRETS of connections of Cipher Room (CR/1); the keys of records are in their comments. Who has this file reads everything in it that this program could open.{secrets}"
        )
    }
}

/// What opens the sealed parts of a connection's beginning.
fn secrets_of(leg: &Leg) -> Option<String> {
    let secrets = match &leg.begins {
        Begins::Handshake(opening) => {
            let opened = &opening.opened.as_ref()?.handshake;
            format!(
                "HS {}, MS {}, th1 {}, th6 {}",
                hex(opened.handshake.expose()),
                hex(opened.master.secret().expose()),
                hex(&opened.th1),
                hex(&opened.th6)
            )
        }
        Begins::Resumption(resuming) => {
            let (opened, _) = resuming.opened.as_ref()?;
            format!(
                "MS {}, thQ {}",
                hex(opened.master.secret().expose()),
                hex(&opened.th)
            )
        }
        Begins::Before => return None,
    };
    Some(format!(" Connection {}: {secrets}.", leg.number))
}

/// Appends a block around its content: type, length, content padded to four bytes, length again.
fn block(out: &mut Vec<u8>, kind: u32, content: &[u8]) {
    let padded = content.len().next_multiple_of(4);
    let total = u32::try_from(padded + 12).unwrap_or(u32::MAX);
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&total.to_le_bytes());
    out.extend_from_slice(content);
    out.resize(out.len() + padded - content.len(), 0);
    out.extend_from_slice(&total.to_le_bytes());
}

/// An option: code, length, value padded to four bytes.
fn option(content: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..value.len().min(60_000)).unwrap_or_default();
    content.extend_from_slice(&code.to_le_bytes());
    content.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    content.extend_from_slice(value);
    content.resize(content.len().next_multiple_of(4), 0);
}

const END_OF_OPTIONS: [u8; 4] = [0; 4];
const COMMENT: u16 = 1;

fn section_header(out: &mut Vec<u8>, comment: &str) {
    let mut content = Vec::new();
    content.extend_from_slice(&0x1A2B_3C4D_u32.to_le_bytes());
    content.extend_from_slice(&1u16.to_le_bytes());
    content.extend_from_slice(&0u16.to_le_bytes());
    content.extend_from_slice(&u64::MAX.to_le_bytes());
    option(&mut content, COMMENT, comment.as_bytes());
    // shb_userappl
    option(&mut content, 4, b"Cipher Room");
    content.extend_from_slice(&END_OF_OPTIONS);
    block(out, 0x0A0D_0D0A, &content);
}

fn interface(out: &mut Vec<u8>) {
    let mut content = Vec::new();
    content.extend_from_slice(&LINKTYPE_RAW.to_le_bytes());
    content.extend_from_slice(&[0; 2]);
    content.extend_from_slice(&0u32.to_le_bytes());
    // if_tsresol: milliseconds.
    option(&mut content, 9, &[3]);
    content.extend_from_slice(&END_OF_OPTIONS);
    block(out, 1, &content);
}

fn enhanced_packet(out: &mut Vec<u8>, at_ms: u64, packet: &[u8], comment: Option<&str>) {
    let [high, low] = [(at_ms >> 32) as u32, at_ms as u32];
    let length = u32::try_from(packet.len()).unwrap_or(0);
    let mut content = Vec::new();
    for word in [0, high, low, length, length] {
        content.extend_from_slice(&word.to_le_bytes());
    }
    content.extend_from_slice(packet);
    content.resize(content.len().next_multiple_of(4), 0);
    if let Some(comment) = comment {
        option(&mut content, COMMENT, comment.as_bytes());
        content.extend_from_slice(&END_OF_OPTIONS);
    }
    block(out, 6, &content);
}

/// An IP packet with a TCP segment.
fn packet(from: SocketAddr, to: SocketAddr, sequence: u32, acknowledged: u32, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::with_capacity(20 + payload.len());
    segment.extend_from_slice(&from.port().to_be_bytes());
    segment.extend_from_slice(&to.port().to_be_bytes());
    segment.extend_from_slice(&sequence.to_be_bytes());
    segment.extend_from_slice(&acknowledged.to_be_bytes());
    // Twenty bytes of header; PSH and ACK.
    segment.extend_from_slice(&[0x50, 0x18]);
    segment.extend_from_slice(&0xFFFF_u16.to_be_bytes());
    segment.extend_from_slice(&[0; 4]);
    segment.extend_from_slice(payload);
    let length = u16::try_from(segment.len()).unwrap_or(u16::MAX);
    let (mut packet, pseudo) = match (from.ip().to_canonical(), to.ip().to_canonical()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let total = (20 + length).to_be_bytes();
            let mut header = vec![0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, 6, 0, 0];
            header.extend_from_slice(&from.octets());
            header.extend_from_slice(&to.octets());
            let sum = checksum(&[&header]);
            header.splice(10..12, sum.to_be_bytes());
            let mut pseudo = [from.octets(), to.octets()].concat();
            pseudo.extend_from_slice(&[0, 6]);
            pseudo.extend_from_slice(&length.to_be_bytes());
            (header, pseudo)
        }
        (from, to) => {
            let octets = |address: IpAddr| match address {
                IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
                IpAddr::V6(address) => address.octets(),
            };
            let mut header = vec![0x60, 0, 0, 0];
            header.extend_from_slice(&length.to_be_bytes());
            header.extend_from_slice(&[6, 64]);
            header.extend_from_slice(&octets(from));
            header.extend_from_slice(&octets(to));
            let mut pseudo = [octets(from), octets(to)].concat();
            pseudo.extend_from_slice(&u32::from(length).to_be_bytes());
            pseudo.extend_from_slice(&[0, 0, 0, 6]);
            (header, pseudo)
        }
    };
    let sum = checksum(&[&pseudo, &segment]);
    segment.splice(16..18, sum.to_be_bytes());
    packet.extend_from_slice(&segment);
    packet
}

/// The Internet checksum (RFC 1071). Every part but the last has an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0u32;
    for part in parts {
        for pair in part.chunks(2) {
            let word = match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                [high] => u16::from_be_bytes([*high, 0]),
                _ => 0,
            };
            sum += u32::from(word);
        }
    }
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    !(sum as u16)
}
