//! What `host` and `join` print: lines for people, or one JSON object a line.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Exit;
use crate::net::{Joined, MemberSeen, Message, MessageId, RoomOpened};
use crate::session::clean::{is_hidden, reveal, reveal_line};
use crate::session::departure::{self, DepartureReason};
use crate::session::{Fingerprint, HostTrust, Sas};

/// Writes to standard output; notices for people go to standard error.
#[derive(Debug)]
pub struct Report {
    json: bool,
}

impl Report {
    /// Reports in JSON, or for people.
    pub fn new(json: bool) -> Report {
        Report { json }
    }

    /// Our room is open.
    pub fn room_opened(&self, opened: &RoomOpened) -> io::Result<()> {
        if self.json {
            return print_json(&json!({
                "event": "room_opened",
                "room": opened.room_name,
                "invite": opened.invite.to_string(),
                "listen": opened.listen.to_string(),
                "fingerprint": opened.fingerprint.to_string(),
            }));
        }
        print_line(&format!(
            "The room \"{}\" is open on {}.",
            escaped(&opened.room_name),
            opened.listen
        ))?;
        print_line(&format!("Your fingerprint: {}", opened.fingerprint))?;
        print_line(&format!("Invitation: {}", opened.invite))
    }

    /// We are in a room.
    pub fn joined(&self, joined: &Joined) -> io::Result<()> {
        let trust = match joined.trust {
            HostTrust::Pinned => "pinned",
            HostTrust::FirstUse => "first_use",
            HostTrust::Verified => "verified",
            HostTrust::Changed { .. } => "changed",
        };
        let emoji = joined.sas.emoji();
        if self.json {
            return print_json(&json!({
                "event": "joined",
                "room": joined.room_name,
                "host": joined.host_name,
                "fingerprint": joined.host.to_string(),
                "trust": trust,
                "sas": emoji.map(|(sign, _)| sign),
            }));
        }
        let (room, host) = (escaped(&joined.room_name), named(&joined.host_name));
        print_line(&format!("You joined \"{room}\", hosted by {host}."))?;
        print_line(&format!("The host's fingerprint: {}", joined.host))?;
        let names = emoji.map(|(sign, name)| format!("{sign} {name}")).join(", ");
        match joined.trust {
            HostTrust::Pinned => print_line("The invitation named this key, and the host proved to hold it."),
            HostTrust::Verified => {
                print_line("You have compared this host's emoji before, and they matched.")
            }
            HostTrust::FirstUse => {
                print_line(
                    "You reached this host by its address only. Compare these emoji with it, by voice:",
                )?;
                print_line(&names)
            }
            HostTrust::Changed { before } => self.warning(&changed_key(&before)),
        }
    }

    /// Somebody is in the room.
    pub fn member_joined(&self, member: &MemberSeen) -> io::Result<()> {
        if self.json {
            return print_member("member_joined", &member.name, &member.fingerprint);
        }
        let verb = if member.was_here { "is here" } else { "joined" };
        print_line(&format!("* {} {verb}", named(&member.name)))
    }

    /// Somebody is gone.
    pub fn member_left(
        &self,
        name: &str,
        fingerprint: &Fingerprint,
        reason: DepartureReason,
    ) -> io::Result<()> {
        if self.json {
            return print_json(&json!({
                "event": "member_left",
                "name": name,
                "fingerprint": fingerprint.to_string(),
                "reason": departure::code(reason),
            }));
        }
        print_line(&format!("* {} {}", named(name), departure::how(reason)))
    }

    /// A message of somebody else, checked.
    pub fn message(&self, message: &Message) -> io::Result<()> {
        self.heard(message, "message", "")
    }

    /// A message of somebody else for us alone, checked.
    pub fn private(&self, message: &Message) -> io::Result<()> {
        self.heard(message, "private_message", " to you alone")
    }

    fn heard(&self, message: &Message, event: &str, to: &str) -> io::Result<()> {
        if self.json {
            return print_json(&json!({
                "event": event,
                "id": message.id.to_string(),
                "from": message.name,
                "fingerprint": message.author.to_string(),
                "text": message.text,
                "time": time(message.time_ms),
                "verified": true,
            }));
        }
        // Further lines are indented, so that no text can pose as another person's line.
        let text = reveal(&message.text).replace('\n', "\n    ");
        print_line(&format!(
            "{} ({}){to}: {text}",
            named(&message.name),
            message.author.short()
        ))
    }

    /// Somebody has a private message of ours.
    pub fn private_delivered(&self, id: &MessageId, to: &Fingerprint) -> io::Result<()> {
        if self.json {
            let (id, to) = (id.to_string(), to.to_string());
            return print_json(&json!({"event": "private_delivered", "id": id, "fingerprint": to}));
        }
        Ok(())
    }

    /// A private channel stands.
    pub fn private_secured(&self, name: &str, with: &Fingerprint, sas: &Sas) -> io::Result<()> {
        let emoji = sas.emoji();
        if self.json {
            return print_json(&json!({
                "event": "private_secured",
                "name": name,
                "fingerprint": with.to_string(),
                "sas": emoji.map(|(sign, _)| sign),
            }));
        }
        let names = emoji.map(|(sign, name)| format!("{sign} {name}")).join(", ");
        let name = named(name);
        print_line(&format!(
            "* Sealed between you and {name} alone. To be sure, compare: {names}"
        ))
    }

    /// Somebody asks to be let into our room.
    pub fn knocked(&self, member: &MemberSeen) -> io::Result<()> {
        if self.json {
            return print_member("knocked", &member.name, &member.fingerprint);
        }
        let (name, digits) = (named(&member.name), member.fingerprint.short());
        print_line(&format!(
            "* {name} ({digits}) asks to be let in: /admit {digits} or /refuse {digits}"
        ))
    }

    /// A message of ours is in the room's log.
    pub fn delivered(&self, id: &MessageId, to: usize, of: usize) -> io::Result<()> {
        if self.json {
            return print_json(&json!({"event": "delivered", "id": id.to_string(), "to": to, "of": of}));
        }
        Ok(())
    }

    /// Good to know.
    pub fn note(&self, text: &str) -> io::Result<()> {
        self.notice("info", text)
    }

    /// Something that the user should not overlook.
    pub fn warning(&self, text: &str) -> io::Result<()> {
        self.notice("warning", text)
    }

    /// The room is over for us.
    pub fn closed(&self, reason: &str) -> io::Result<()> {
        if self.json {
            return print_json(&json!({"event": "closed", "reason": reason}));
        }
        print_line(&format!("* {}", reveal(reason)))
    }

    fn notice(&self, level: &str, text: &str) -> io::Result<()> {
        if self.json {
            return print_json(&json!({"event": "notice", "level": level, "text": text}));
        }
        complain(text);
        Ok(())
    }
}

/// A name in a line for people. One with signs in it that our own lines are made of stands in quotes, so that it can't pose as
/// the rest of such a line.
pub(super) fn named(name: &str) -> String {
    let shown = escaped(name);
    match shown.contains(['(', ')', ':', '*', '"']) {
        true => format!("\"{shown}\""),
        false => shown,
    }
}

/// A name between quotes, in which no other quote ends it.
fn escaped(name: &str) -> String {
    reveal_line(name).replace('"', "\\\"")
}

/// Says why on standard error.
pub fn complain(text: &str) {
    let _ = writeln!(
        io::stderr(),
        "cipher-room: {}",
        reveal(text).replace('\n', "\n    ")
    );
}

/// Gives what the arguments ask for themselves: the help, the version, or what is wrong with them.
pub fn answer(answer: &clap::Error) -> Exit {
    match (answer.print(), answer.use_stderr()) {
        (_, true) => Exit::Usage,
        (Ok(()), false) => Exit::Done,
        (Err(error), false) => output_failed(&error),
    }
}

/// How a verb ends whose output can't be written: quietly where the reader has seen enough, as `… | head -1` has. A
/// conversation says besides what it left unsaid.
pub(super) fn output_failed(error: &io::Error) -> Exit {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Exit::Done;
    }
    complain(&format!("standard output can't be written: {error}"));
    Exit::Failed
}

fn changed_key(before: &Fingerprint) -> String {
    format!(
        "WARNING: another key was known at this address: {before}. Either the host has a new key, or somebody is in between. Ask the host over another way before you say anything."
    )
}

fn print_member(event: &str, name: &str, fingerprint: &Fingerprint) -> io::Result<()> {
    print_json(&json!({"event": event, "name": name, "fingerprint": fingerprint.to_string()}))
}

/// A millisecond count since 1970 as RFC 3339, in UTC; `None` for a clock that no calendar has.
fn time(time_ms: u64) -> Option<String> {
    let ms = i64::try_from(time_ms).ok()?;
    Some(jiff::Timestamp::from_millisecond(ms).ok()?.to_string())
}

fn print_json(value: &Value) -> io::Result<()> {
    print_line(&escape(&value.to_string()))
}

/// Control, reordering and invisible characters stand as escapes with four hex digits: the same JSON, and harmless
/// where somebody looks at it in a terminal.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn print_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_the_json_means_the_same() {
        let text = "a\u{1b}[31m \u{202e}b \u{9b}c \u{e0001} ✈";
        let escaped = escape(&json!({"text": text}).to_string());
        assert!(!escaped.chars().any(is_hidden), "{escaped}");
        assert!(escaped.contains('✈'));
        let back: Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(back["text"], text);
    }

    #[test]
    fn a_name_that_could_pose_as_a_line_of_ours_stands_in_quotes() {
        assert_eq!(named("Ada B, née Байрон"), "Ada B, née Байрон");
        assert_eq!(named("Ada (069895a0): yes"), r#""Ada (069895a0): yes""#);
        assert_eq!(named("* Ada left"), r#""* Ada left""#);
        assert_eq!(named(r#"Ada" (069895a0): "yes"#), r#""Ada\" (069895a0): \"yes""#);
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(time(1_700_000_000_123).unwrap(), "2023-11-14T22:13:20.123Z");
        assert_eq!(time(u64::MAX), None, "it is not shown as 1970");
    }
}
