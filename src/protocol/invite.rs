//! Invitations: where a room is, whom to expect there, and the secret that admits.
//!
//! `cipher-room://ADDRESS:PORT[,ADDRESS:PORT…]/ROOM#FINGERPRINT.SECRET.EXPIRY`. Everything behind
//! `#` is secret; the secret field carries four bytes that catch typing errors.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::limits::{DEFAULT_PORT, MAX_INVITE_ADDRESSES, MAX_INVITE_BYTES, MAX_ROOM_NAME_BYTES};
use crate::crypto::{Fingerprint, Secret, labelled_hash};

/// The scheme in front of every invitation.
pub const SCHEME: &str = "cipher-room://";

/// Where a host can be reached: an address or name, and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// An IPv4 or IPv6 address without brackets, or a host name.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Endpoint {
    type Err = InviteError;

    /// Reads `ADDRESS:PORT`; without a port, the default one.
    fn from_str(text: &str) -> Result<Endpoint, InviteError> {
        let wrong = || InviteError::Address(text.chars().take(64).collect());
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']').ok_or_else(wrong)?;
                host.parse::<Ipv6Addr>().map_err(|_| wrong())?;
                (
                    host,
                    rest.strip_prefix(':')
                        .or(rest.is_empty().then_some(""))
                        .ok_or_else(wrong)?,
                )
            }
            None if text.parse::<Ipv6Addr>().is_ok() => (text, ""),
            None => text.split_once(':').unwrap_or((text, "")),
        };
        let has_colon = text.ends_with(':');
        let port = match port {
            "" if !has_colon => DEFAULT_PORT,
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        };
        if port == 0 || !is_host(host) {
            return Err(wrong());
        }
        // One spelling for one host, so that a known host is known again.
        let host = match host.parse::<IpAddr>() {
            Ok(address) => address.to_string(),
            Err(_) => host.to_ascii_lowercase(),
        };
        Ok(Endpoint { host, port })
    }
}

/// An invitation into one room.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Where to try; all at once.
    pub endpoints: Vec<Endpoint>,
    /// The room's name, for the eye only: what counts is what the host signs.
    pub room: String,
    /// The host's fingerprint.
    pub host: Fingerprint,
    /// What admits.
    pub secret: Secret,
    /// Seconds since 1970 after which it admits nobody; `None` while the room is open.
    pub expires_unix: Option<u64>,
}

impl Invite {
    /// Whether it is over at `now_unix`.
    pub fn expired(&self, now_unix: u64) -> bool {
        self.expires_unix.is_some_and(|expires| now_unix > expires)
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        for (i, endpoint) in self.endpoints.iter().enumerate() {
            write!(f, "{}{endpoint}", if i == 0 { "" } else { "," })?;
        }
        let expiry = self.expires_unix.unwrap_or(0);
        let mut field = [0; 36];
        let (secret, check) = field.split_at_mut(Secret::BYTES);
        secret.copy_from_slice(self.secret.expose());
        check.copy_from_slice(&check_bytes(&self.host, &self.secret, expiry));
        write!(
            f,
            "/{}#{}.{}.{expiry}",
            percent_encode(&self.room),
            self.host,
            Base64UrlUnpadded::encode_string(&field)
        )
    }
}

/// Why a text is not an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InviteError {
    /// There is nothing.
    Empty,
    /// It does not start like an invitation, nor is it an address.
    NotAnInvitation,
    /// It starts like one and ends too soon.
    Cut,
    /// It is longer than any invitation.
    TooLong,
    /// This part is not ADDRESS:PORT.
    Address(String),
    /// A character was changed: the check does not fit.
    Mistyped,
}

impl fmt::Display for InviteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InviteError::Empty => f.write_str("there is no invitation"),
            InviteError::NotAnInvitation => {
                write!(
                    f,
                    "this is neither an invitation ({SCHEME}…) nor an address like 192.168.1.20:{DEFAULT_PORT}"
                )
            }
            InviteError::Cut => f.write_str("the invitation is cut off; copy all of it"),
            InviteError::TooLong => f.write_str("this is too long to be an invitation"),
            InviteError::Address(text) => {
                write!(f, "\"{text}\" is not an address like 192.168.1.20:{DEFAULT_PORT}")
            }
            InviteError::Mistyped => f.write_str("the invitation has a typing error; copy it again"),
        }
    }
}

impl std::error::Error for InviteError {}

impl FromStr for Invite {
    type Err = InviteError;

    fn from_str(text: &str) -> Result<Invite, InviteError> {
        if text.len() > MAX_INVITE_BYTES {
            return Err(InviteError::TooLong);
        }
        let text: String = unwrap_paste(text);
        let rest = strip_scheme(&text).ok_or(InviteError::NotAnInvitation)?;
        let (addresses, rest) = rest.split_once('/').ok_or(InviteError::Cut)?;
        let (room, fragment) = rest.split_once('#').ok_or(InviteError::Cut)?;
        let endpoints: Vec<Endpoint> = addresses
            .split(',')
            .map(str::parse)
            .collect::<Result<_, InviteError>>()?;
        if endpoints.len() > MAX_INVITE_ADDRESSES {
            return Err(InviteError::TooLong);
        }
        let mut fields = fragment.split('.');
        let (Some(host), Some(secret), Some(expiry), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(InviteError::Cut);
        };
        if host.len() < 2 * Fingerprint::BYTES || secret.len() < SECRET_CHARS || expiry.is_empty() {
            return Err(InviteError::Cut);
        }
        let host: Fingerprint = host.parse().map_err(|_| InviteError::Mistyped)?;
        let mut field = [0; 36];
        let decoded = Base64UrlUnpadded::decode(secret, &mut field).map_err(|_| InviteError::Mistyped)?;
        let (secret, check) = decoded.split_first_chunk().ok_or(InviteError::Mistyped)?;
        let secret = Secret::new(*secret);
        let canonical =
            expiry.bytes().all(|b| b.is_ascii_digit()) && (expiry == "0" || !expiry.starts_with('0'));
        let expiry: u64 = expiry
            .parse()
            .ok()
            .filter(|_| canonical)
            .ok_or(InviteError::Mistyped)?;
        if check != check_bytes(&host, &secret, expiry) {
            return Err(InviteError::Mistyped);
        }
        let room = percent_decode(room).ok_or(InviteError::Mistyped)?;
        Ok(Invite {
            endpoints,
            room,
            host,
            secret,
            expires_unix: (expiry != 0).then_some(expiry),
        })
    }
}

/// What a person can join: an invitation, or a typed address.
#[derive(Debug, Clone)]
pub enum JoinTarget {
    /// Pins the host and carries the secret.
    Invite(Invite),
    /// Trust on first use.
    Address(Endpoint),
}

impl FromStr for JoinTarget {
    type Err = InviteError;

    fn from_str(text: &str) -> Result<JoinTarget, InviteError> {
        let trimmed = unwrap_paste(text);
        if trimmed.is_empty() {
            return Err(InviteError::Empty);
        }
        if strip_scheme(&trimmed).is_some() {
            return text.parse().map(JoinTarget::Invite);
        }
        if is_start_of_scheme(&trimmed) {
            return Err(InviteError::Cut);
        }
        // A single word may be a machine's name only with a port: "hello" is more likely a mistake.
        let typed = text.trim();
        let is_word = !typed.contains([':', '.']) && !typed.eq_ignore_ascii_case("localhost");
        if is_word || typed.contains(char::is_whitespace) {
            return Err(InviteError::NotAnInvitation);
        }
        typed.parse().map(JoinTarget::Address)
    }
}

/// Characters of the secret field: 36 bytes in base64url without padding.
const SECRET_CHARS: usize = 48;

/// The first four bytes of `H("invite check", fingerprint, secret, expiry)`.
fn check_bytes(host: &Fingerprint, secret: &Secret, expiry: u64) -> [u8; 4] {
    let [a, b, c, d, ..] = labelled_hash(
        "invite check",
        &[host.as_bytes(), secret.expose(), &expiry.to_be_bytes()],
    );
    [a, b, c, d]
}

/// Mail programs put brackets, quotes and line breaks around and into long links.
fn unwrap_paste(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.trim_matches(['<', '>', '"', '\'', '`']).to_owned()
}

fn strip_scheme(text: &str) -> Option<&str> {
    let (start, rest) = text.split_at_checked(SCHEME.len())?;
    start.eq_ignore_ascii_case(SCHEME).then_some(rest)
}

fn is_start_of_scheme(text: &str) -> bool {
    text.len() >= 6
        && SCHEME
            .get(..text.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(text))
}

/// An IP address, or a host name of RFC 1123.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let all_numeric = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    host.parse::<IpAddr>().is_ok() || (host.len() <= 253 && !all_numeric && host.split('.').all(label))
}

/// RFC 3986: everything but unreserved characters as `%XX` of its UTF-8 bytes.
pub(super) fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

pub(super) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (pair, behind) = rest.split_first_chunk::<2>()?;
        let digits = std::str::from_utf8(pair)
            .ok()
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind;
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= MAX_ROOM_NAME_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite() -> Invite {
        Invite {
            endpoints: vec![
                Endpoint {
                    host: "192.168.1.20".to_owned(),
                    port: 4747,
                },
                Endpoint {
                    host: "fe80::1".to_owned(),
                    port: 4747,
                },
            ],
            room: "Room 12 / Ünsal".to_owned(),
            host: Fingerprint::of_der(b"host"),
            secret: Secret::new([0xa5; 32]),
            expires_unix: Some(1_900_000_000),
        }
    }

    fn parse(text: &str) -> Result<JoinTarget, InviteError> {
        text.parse()
    }

    #[test]
    fn an_invitation_names_up_to_32_addresses() {
        let with = |count| Invite {
            endpoints: vec![invite().endpoints.remove(0); count],
            ..invite()
        };
        let most: Invite = with(MAX_INVITE_ADDRESSES).to_string().parse().unwrap();
        assert_eq!(most.endpoints.len(), 32);
        let more = with(MAX_INVITE_ADDRESSES + 1).to_string().parse::<Invite>();
        assert_eq!(more.err(), Some(InviteError::TooLong));
    }

    #[test]
    fn an_invitation_reads_back_from_its_text() {
        let text = invite().to_string();
        let again: Invite = text.parse().unwrap();
        assert_eq!(again.to_string(), text);
        assert_eq!(
            (again.room, again.expires_unix),
            (invite().room, invite().expires_unix)
        );
        assert!(
            text.starts_with("cipher-room://192.168.1.20:4747,[fe80::1]:4747/Room%2012%20%2F%20%C3%9Cnsal#")
        );
    }

    #[test]
    fn what_mail_programs_do_to_links_is_undone() {
        let text = invite().to_string();
        let (a, b) = text.split_at(70);
        assert!(matches!(
            parse(&format!(" <{a}\r\n  {b}>\n")),
            Ok(JoinTarget::Invite(_))
        ));
        assert!(matches!(
            parse(&text.replace("cipher-room", "Cipher-Room")),
            Ok(JoinTarget::Invite(_))
        ));
    }

    #[test]
    fn every_cut_is_noticed() {
        let text = invite().to_string();
        for len in 6..text.len() {
            assert!(parse(&text[..len]).is_err(), "{}", &text[..len]);
        }
        let (start, fragment) = text.split_once('#').unwrap();
        assert_eq!(parse(start).unwrap_err(), InviteError::Cut);
        // Each field lacks its last character, and the last one all of them.
        let fields: Vec<&str> = fragment.split('.').collect();
        let [host, secret, expiry] = fields[..] else {
            unreachable!()
        };
        let short = |field: &str| field[..field.len() - 1].to_owned();
        for cut in [
            format!("{start}#{}.{secret}.{expiry}", short(host)),
            format!("{start}#{host}.{}.{expiry}", short(secret)),
            format!("{start}#{host}.{secret}."),
        ] {
            assert_eq!(parse(&cut).unwrap_err(), InviteError::Cut, "{cut}");
        }
    }

    #[test]
    fn an_expiry_is_written_in_one_way_only() {
        let text = invite().to_string();
        for other in [".01900000000", ".+1900000000", ".1_900_000_000"] {
            let changed = text.replace(".1900000000", other);
            assert_eq!(parse(&changed).unwrap_err(), InviteError::Mistyped, "{other}");
        }
        let open = Invite {
            expires_unix: None,
            ..invite()
        };
        let again: Invite = open.to_string().parse().unwrap();
        assert_eq!(again.expires_unix, None);
        let zeros = format!("{open}0");
        assert_eq!(parse(&zeros).unwrap_err(), InviteError::Mistyped);
    }

    #[test]
    fn an_invitation_has_up_to_4096_bytes_with_all_that_was_put_around_it() {
        let padded = |len: usize| {
            let text = invite().to_string();
            (text.clone() + &" ".repeat(len - text.len())).parse::<Invite>()
        };
        assert!(padded(MAX_INVITE_BYTES).is_ok());
        for len in [MAX_INVITE_BYTES + 1, MAX_INVITE_BYTES * 2] {
            assert_eq!(padded(len).err(), Some(InviteError::TooLong));
        }
    }

    #[test]
    fn every_changed_character_of_the_secret_part_is_noticed() {
        let text = invite().to_string();
        let start = text.find('#').unwrap() + 1;
        for place in start..text.len() {
            let old = &text[place..=place];
            for new in ["a", "0", "7", "."] {
                let changed = format!("{}{new}{}", &text[..place], &text[place + 1..]);
                if new != old {
                    assert!(parse(&changed).is_err(), "{changed}");
                }
            }
        }
    }

    #[test]
    fn addresses_are_read_in_all_usual_forms() {
        let endpoint = |host: &str, port| {
            Ok(Endpoint {
                host: host.to_owned(),
                port,
            })
        };
        assert_eq!("192.168.1.20:5000".parse(), endpoint("192.168.1.20", 5000));
        assert_eq!("192.168.1.20".parse(), endpoint("192.168.1.20", DEFAULT_PORT));
        assert_eq!("[::1]:5000".parse(), endpoint("::1", 5000));
        assert_eq!("::1".parse(), endpoint("::1", DEFAULT_PORT));
        assert_eq!("[::1]".parse(), endpoint("::1", DEFAULT_PORT));
        assert_eq!("LocalHost:1".parse(), endpoint("localhost", 1));
        assert_eq!("[0:0::0:1]:1".parse(), endpoint("::1", 1));
        assert_eq!("my-pc.local".parse(), endpoint("my-pc.local", DEFAULT_PORT));
        for wrong in [
            "",
            ":",
            "1.2.3:5",
            "1.2.3.4:",
            "1.2.3.4:0",
            "1.2.3.4:65536",
            "1.2.3.4:+5",
            "[::1",
            "[x]:1",
            "a b:1",
            "-a:1",
            "1.2.3.4.5",
        ] {
            assert!(wrong.parse::<Endpoint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn other_texts_are_named_for_what_they_are() {
        assert_eq!(parse("  ").unwrap_err(), InviteError::Empty);
        assert_eq!(
            parse("https://example.org/x").unwrap_err(),
            InviteError::Address("https://example.org/x".into())
        );
        assert_eq!(parse("hello world!").unwrap_err(), InviteError::NotAnInvitation);
        assert_eq!(parse("hello world.").unwrap_err(), InviteError::NotAnInvitation);
        assert_eq!(parse("hello").unwrap_err(), InviteError::NotAnInvitation);
        assert!(matches!(parse(" localhost "), Ok(JoinTarget::Address(_))));
        assert!(matches!(parse("my-pc:4747"), Ok(JoinTarget::Address(_))));
        assert_eq!(parse("cipher-room:/").unwrap_err(), InviteError::Cut);
        assert_eq!(
            parse(&"x".repeat(5000)).unwrap_err(),
            InviteError::NotAnInvitation
        );
        let long = format!("{}/{}", SCHEME, "x".repeat(5000));
        assert_eq!(parse(&long).unwrap_err(), InviteError::TooLong);
    }

    #[test]
    fn expiry_is_inclusive() {
        assert!(!invite().expired(1_900_000_000));
        assert!(invite().expired(1_900_000_001));
        assert!(
            !Invite {
                expires_unix: None,
                ..invite()
            }
            .expired(u64::MAX)
        );
    }

    #[test]
    fn an_invitation_prints_no_secret_for_debugging() {
        assert!(format!("{:?}", invite()).contains("[secret]"));
    }
}
