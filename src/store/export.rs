//! A kept room as a file for people (text, Markdown) or for checking (JSON with signatures).

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use base64ct::{Base64, Encoding};
use serde_json::json;

use super::log::LogRow;
use super::lost;
use super::profile::{Unwritten, write_whole};
use super::{KeptRoom, ProfileError, Said, Talk, Vault};
use crate::crypto::{Fingerprint, PublicIdentity};
use crate::protocol::{Content, SignedEvent};

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A line for each message.
    Text,
    /// Headings for days, a quote for each message.
    Markdown,
    /// Everything that is needed to check each signature with other programs.
    Json,
}

/// What of a room goes into a file, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// The form of the file.
    pub format: ExportFormat,
    /// Whether the private conversations of the room go into it too.
    pub with_private: bool,
}

/// Entries read at once.
const PIECE: u64 = 512;

impl Vault {
    /// Writes the messages of a kept room into a file, readable by its owner only; what can't be read any more is named in
    /// its place. `keys` are the authors' public keys, as far as they are known; only JSON needs them. An earlier file
    /// of the name stays as it is until the new one is whole. Long: call it on a thread.
    pub fn export_room(
        &self,
        room: &KeptRoom,
        keys: &HashMap<Fingerprint, PublicIdentity>,
        what: Export,
        path: &Path,
    ) -> Result<Exported, ProfileError> {
        write_whole(path, |file| -> Result<Exported, Unwritten> {
            let mut page = Page::begin(file, room, keys, what.format)?;
            let mut exported = Exported::default();
            self.export_log(room, &mut page, &mut exported)?;
            if what.with_private {
                self.export_talks(room, &mut page, &mut exported)?;
            }
            page.end()?;
            Ok(exported)
        })
        .map_err(|unwritten| unwritten.of(path, self.path()))
    }
}

/// What came into a file, and what could not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many messages were written.
    pub messages: u64,
    /// How many entries and private messages were kept and can't be read any more; a private conversation of which nothing
    /// can counts as one.
    pub lost: u64,
}

impl Vault {
    /// Writes the room's own conversation.
    fn export_log<W: Write>(
        &self,
        room: &KeptRoom,
        page: &mut Page<'_, W>,
        exported: &mut Exported,
    ) -> Result<(), Unwritten> {
        for piece in self.log_pieces(&room.id, PIECE)? {
            let part = self.log_part(&room.id, piece)?;
            let mut lost = part.lost.iter().peekable();
            for row in &part.rows {
                while let Some(range) = lost.next_if(|range| range.start < row.n) {
                    page.lost(range)?;
                }
                exported.messages += u64::from(page.row(row)?);
            }
            lost.try_for_each(|range| page.lost(range))?;
            exported.lost += lost::count(&part.lost);
        }
        page.end_log()?;
        Ok(())
    }

    /// Writes the private conversations of a room.
    fn export_talks<W: Write>(
        &self,
        room: &KeptRoom,
        page: &mut Page<'_, W>,
        exported: &mut Exported,
    ) -> Result<(), Unwritten> {
        let (talks, lost) = self.talks_and_lost(&room.id)?;
        exported.lost += lost;
        page.lost_talks(lost)?;
        for talk in talks {
            page.begin_talk(&talk)?;
            let mut place = talk.first;
            while place < talk.next {
                let until = talk.next.min(place + PIECE);
                let piece = self.said(&talk.channel, place..until)?;
                let read = piece.len() as u64;
                for (_, said) in piece {
                    page.said(room, &talk, &said)?;
                }
                exported.messages += read;
                exported.lost += (until - place) - read;
                page.lost_said((until - place) - read)?;
                place = until;
            }
            page.end_talk()?;
        }
        Ok(())
    }
}

/// The file being written.
struct Page<'a, W: Write> {
    out: &'a mut W,
    format: ExportFormat,
    day: String,
    is_first: bool,
    /// How many private conversations were begun.
    talks: u64,
    /// The entries that can't be read any more.
    lost: Vec<Range<u64>>,
}

impl<'a, W: Write> Page<'a, W> {
    fn begin(
        out: &'a mut W,
        room: &KeptRoom,
        keys: &HashMap<Fingerprint, PublicIdentity>,
        format: ExportFormat,
    ) -> io::Result<Page<'a, W>> {
        match format {
            ExportFormat::Text => writeln!(
                out,
                "{}, hosted by {}",
                quoted(&room.name),
                quoted(&room.host_name)
            )?,
            ExportFormat::Markdown => writeln!(
                out,
                "# {}\n\nHosted by {} (`{}`)",
                escaped(&one_line(&room.name)),
                escaped(&one_line(&room.host_name)),
                room.host_fingerprint()
            )?,
            ExportFormat::Json => {
                let pems: serde_json::Map<String, serde_json::Value> = keys
                    .iter()
                    .filter_map(|(who, key)| Some((who.to_string(), key.to_pem().ok()?.into())))
                    .collect();
                let about = json!({
                    "id": hex(&room.id),
                    "name": room.name,
                    "host": room.host_name,
                    "host_fingerprint": room.host_fingerprint().to_string(),
                });
                write!(
                    out,
                    "{{\"cipher_room_export\":1,\n\"room\":{about},\n\"keys\":{},\n\"messages\":[",
                    serde_json::Value::Object(pems)
                )?;
            }
        }
        Ok(Page {
            out,
            format,
            day: String::new(),
            is_first: true,
            talks: 0,
            lost: Vec::new(),
        })
    }

    /// Writes an entry if it is a message that passed its checks; gives whether it did.
    fn row(&mut self, row: &LogRow) -> io::Result<bool> {
        let Ok(signed) = row.signed_event() else {
            return Ok(false);
        };
        let Content::Message { text } = &signed.event.content else {
            return Ok(false);
        };
        if row.fault.is_some() {
            return Ok(false);
        }
        let time = time(signed.event.time_ms);
        match self.format {
            ExportFormat::Text => {
                let who = format!("{} ({})", quoted(&row.name), signed.event.author.short());
                self.text_line(time.as_deref(), &who, text)?;
            }
            ExportFormat::Markdown => self.markdown_quote(time.as_deref(), &row.name, text)?,
            ExportFormat::Json => {
                let comma = if self.is_first { "" } else { "," };
                write!(
                    self.out,
                    "{comma}\n{}",
                    message_json(row, &signed, text, time.as_deref())
                )?;
            }
        }
        self.is_first = false;
        Ok(true)
    }

    /// Says that entries which stood here can't be read any more.
    fn lost(&mut self, entries: &Range<u64>) -> io::Result<()> {
        let said = match (entries.start, entries.end - 1) {
            (one, last) if one == last => format!("entry {one} can't be read any more"),
            (first, last) => format!("entries {first} to {last} can't be read any more"),
        };
        self.lost.push(entries.clone());
        self.remark(&said)
    }

    /// Says that so many private messages of the part before can't be read any more.
    fn lost_said(&mut self, count: u64) -> io::Result<()> {
        match count {
            0 => Ok(()),
            1 => self.remark("one private message can't be read any more"),
            _ => self.remark(&format!("{count} private messages can't be read any more")),
        }
    }

    /// Says that so many private conversations can't be read any more.
    fn lost_talks(&mut self, count: u64) -> io::Result<()> {
        match count {
            0 => Ok(()),
            1 => self.remark("a private conversation can't be read any more"),
            _ => self.remark(&format!("{count} private conversations can't be read any more")),
        }
    }

    /// Something that nobody said. JSON lists it elsewhere.
    fn remark(&mut self, said: &str) -> io::Result<()> {
        match self.format {
            ExportFormat::Text => writeln!(self.out, "({said}: this part of the profile is damaged)"),
            ExportFormat::Markdown => writeln!(self.out, "\n*({said}: this part of the profile is damaged)*"),
            ExportFormat::Json => Ok(()),
        }
    }

    /// The room's own conversation ends.
    fn end_log(&mut self) -> io::Result<()> {
        if self.format == ExportFormat::Json {
            let lost = self.lost.iter().map(|range| json!([range.start, range.end - 1]));
            let lost = serde_json::Value::Array(lost.collect());
            write!(self.out, "\n],\n\"unreadable\":{lost}")?;
        }
        Ok(())
    }

    /// A line of a text. Its further lines are indented and names stand in quotation marks, so that no text and no name
    /// can pose as another person's line.
    fn text_line(&mut self, time: Option<&str>, who: &str, text: &str) -> io::Result<()> {
        let time = time.unwrap_or(UNKNOWN_TIME);
        let text = plain(text).replace('\n', "\n    ");
        writeln!(self.out, "{time} {who}: {text}")
    }

    fn markdown_quote(&mut self, time: Option<&str>, name: &str, text: &str) -> io::Result<()> {
        let day = time.and_then(|time| time.get(..10)).unwrap_or(UNKNOWN_TIME);
        if day != self.day {
            writeln!(self.out, "\n## {day}")?;
            day.clone_into(&mut self.day);
        }
        let of_day = time.and_then(|time| time.get(11..16)).unwrap_or_default();
        let quote = escaped(&plain(text)).replace('\n', "  \n> ");
        let name = escaped(&one_line(name));
        writeln!(self.out, "\n**{name}** {of_day}\n\n> {quote}")
    }

    fn begin_talk(&mut self, talk: &Talk) -> io::Result<()> {
        let with = talk.partner();
        match self.format {
            ExportFormat::Text => writeln!(
                self.out,
                "\nIn private with {} ({})",
                quoted(&talk.name),
                with.short()
            )?,
            ExportFormat::Markdown => {
                let name = escaped(&one_line(&talk.name));
                writeln!(self.out, "\n# In private with {name} (`{with}`)")?;
                self.day.clear();
            }
            ExportFormat::Json => {
                let before = if self.talks == 0 { ",\n\"private\":[" } else { "," };
                let with = json!({ "with": talk.name, "fingerprint": with.to_string() });
                // Without its closing brace: the messages follow.
                let with = with.to_string();
                let open = with.trim_end_matches('}');
                write!(self.out, "{before}\n{open},\"messages\":[")?;
            }
        }
        self.talks += 1;
        self.is_first = true;
        Ok(())
    }

    /// Something that was said in private: sealed between two and signed for nobody, so there is no signature to write.
    fn said(&mut self, room: &KeptRoom, talk: &Talk, said: &Said) -> io::Result<()> {
        let time = time(said.time_ms);
        let name = if said.own { &room.own_name } else { &talk.name };
        match self.format {
            ExportFormat::Text => {
                self.text_line(time.as_deref(), &quoted(name), &said.text)?;
            }
            ExportFormat::Markdown => self.markdown_quote(time.as_deref(), name, &said.text)?,
            ExportFormat::Json => {
                let comma = if self.is_first { "" } else { "," };
                let message = json!({
                    "from": name,
                    "own": said.own,
                    "time": time,
                    "text": said.text,
                });
                write!(self.out, "{comma}\n{message}")?;
            }
        }
        self.is_first = false;
        Ok(())
    }

    fn end_talk(&mut self) -> io::Result<()> {
        match self.format {
            ExportFormat::Json => write!(self.out, "\n]}}"),
            _ => Ok(()),
        }
    }

    fn end(self) -> io::Result<()> {
        match self.format {
            ExportFormat::Json if self.talks == 0 => writeln!(self.out, "}}"),
            ExportFormat::Json => writeln!(self.out, "\n]}}"),
            _ => Ok(()),
        }
    }
}

fn message_json(row: &LogRow, signed: &SignedEvent, text: &str, time: Option<&str>) -> serde_json::Value {
    let signature = &signed.signature;
    // What the RSA signature is over: the event itself, or the root of its batch.
    let over = signature.signed_statement(&signed.statement());
    json!({
        "n": row.n,
        "id": hex(&signed.hash),
        "from": row.name,
        "fingerprint": signed.event.author.to_string(),
        "time": time,
        "text": text,
        "event": Base64::encode_string(&signed.bytes),
        "head": hex(&row.head),
        "signature": Base64::encode_string(&signature.rsa),
        "signed": over.map(|over| Base64::encode_string(over.as_bytes())).ok(),
        "batch": {
            "index": signature.index,
            "size": signature.size,
            "path": signature.path.iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
        },
    })
}

/// A millisecond count since 1970 as RFC 3339, in UTC; `None` for a clock that no calendar has.
fn time(time_ms: u64) -> Option<String> {
    let ms = i64::try_from(time_ms).ok()?;
    Some(jiff::Timestamp::from_millisecond(ms).ok()?.to_string())
}

/// Stands where a time would.
const UNKNOWN_TIME: &str = "unknown time";

/// Without characters that hide or turn text around.
fn plain(text: &str) -> String {
    let hides = |c: char| {
        c != '\n' && c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{e0000}'..='\u{e0fff}' | '\u{2028}' | '\u{2029}' | '\u{61c}')
    };
    text.chars()
        .map(|c| if hides(c) { '\u{fffd}' } else { c })
        .collect()
}

/// A name in quotation marks, on one line: it ends where they end, whatever stands in it.
fn quoted(name: &str) -> String {
    let name = one_line(name).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{name}\"")
}

fn one_line(name: &str) -> String {
    plain(name).replace('\n', " ")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]<>()#+-.!|~&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::test_keys::ADA;
    use crate::crypto::{Identity, Secret, VaultKey, sign_batch};
    use crate::protocol::RoomEvent;
    use crate::protocol::body;
    use crate::store::{KeptRole, Retention, StoreError, Table};

    fn kept(ada: &Identity) -> KeptRoom {
        KeptRoom {
            id: [7; 32],
            name: "Attic".to_owned(),
            role: KeptRole::Host,
            own_name: "Ada".to_owned(),
            host: ada.public().as_der().to_vec(),
            host_name: "Ada".to_owned(),
            target: None,
            secret: None,
            expires_unix: None,
            open_to_address: false,
            port: 0,
            addresses: Vec::new(),
            retention: Retention::All,
            begun_unix: 0,
            used_unix: 0,
            listen_address: None,
            read_n: None,
        }
    }

    /// A vault with three messages: one signed alone, two as a batch.
    fn filled(folder: &Path, ada: &Identity) -> Vault {
        let vault = Vault::open(
            &folder.join("x.redb"),
            VaultKey::from_secret(Secret::new([5; 32])),
        )
        .unwrap();
        let texts = ["Hello *all*", "two\nlines", "a \u{202e}turn"];
        let events: Vec<Vec<u8>> = (1..)
            .zip(texts)
            .map(|(seq, text)| {
                body::encode(&RoomEvent {
                    room: [7; 32],
                    author: ada.fingerprint(),
                    seq,
                    prev: [0; 32],
                    seen: 0,
                    seen_head: [0; 32],
                    time_ms: 1_795_000_000_000,
                    content: Content::Message {
                        text: text.to_owned(),
                    },
                })
            })
            .collect();
        let statements: Vec<_> = events
            .iter()
            .map(|event| crate::protocol::event::event_statement(event))
            .collect();
        let mut signatures = sign_batch(ada, &statements[..1], &mut rand::rng()).unwrap();
        signatures.extend(sign_batch(ada, &statements[1..], &mut rand::rng()).unwrap());
        let rows: Vec<LogRow> = events
            .into_iter()
            .zip(signatures)
            .zip(1..)
            .map(|((event, signature), n)| LogRow {
                n,
                head: [0; 32],
                event,
                signature,
                name: "Ada".to_owned(),
                kept_ms: 0,
                fault: None,
                missed: false,
            })
            .collect();
        vault
            .write(|writing| writing.append(&[7; 32], None, &rows))
            .unwrap();
        vault
    }

    fn export(format: ExportFormat) -> String {
        export_with(format, false, |_| {})
    }

    /// The file, with one private conversation on the disk, of a room that `change` may name otherwise.
    fn export_with(format: ExportFormat, with_private: bool, change: impl FnOnce(&mut KeptRoom)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let ada = Identity::from_pem(ADA).unwrap();
        let vault = filled(folder.path(), &ada);
        let bob = Fingerprint::of_der(b"bob");
        let said = |own, seq, text: &str| Said {
            own,
            seq,
            time_ms: if seq == 1 { u64::MAX } else { 1_795_000_000_000 },
            text: text.to_owned(),
            kept_ms: 0,
        };
        vault
            .write(|writing| {
                for said in [said(true, 1, "for you alone"), said(false, 2, "I \"see\"")] {
                    writing.add_said(&[7; 32], &[1; 32], (&bob, "Bob\" (x): hi\nEve"), &said)?;
                }
                Ok(())
            })
            .unwrap();
        let path = folder.path().join("export");
        let keys = HashMap::from([(ada.fingerprint(), ada.public().clone())]);
        let mut room = kept(&ada);
        change(&mut room);
        let what = Export { format, with_private };
        let expected = if with_private { 5 } else { 3 };
        let exported = vault.export_room(&room, &keys, what, &path).unwrap();
        assert_eq!((exported.messages, exported.lost), (expected, 0));
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn an_export_that_fails_leaves_the_earlier_file_and_blames_what_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let ada = Identity::from_pem(ADA).unwrap();
        let vault = filled(folder.path(), &ada);
        let (path, part) = (folder.path().join("export"), folder.path().join("export.part"));
        let what = Export {
            format: ExportFormat::Text,
            with_private: true,
        };
        let export = || vault.export_room(&kept(&ada), &HashMap::new(), what, &path);
        std::fs::write(&path, "yesterday's").unwrap();
        // Something is in the way.
        std::fs::create_dir(&part).unwrap();
        let failed = export().unwrap_err();
        assert!(
            matches!(&failed, ProfileError::FileNotWritable(named, _) if *named == path),
            "{failed}"
        );
        let why = failed.to_string();
        assert!(
            why.contains("in a folder where you can make files") && !why.contains(".part"),
            "{why}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"yesterday's");
        std::fs::remove_dir(&part).unwrap();
        vault
            .write(|writing| writing.damage(Table::Extents, &[7; 32]))
            .unwrap();
        let failed = export().unwrap_err();
        assert!(
            matches!(&failed, ProfileError::Database(named, StoreError::Damaged { .. }) if named == vault.path()),
            "{failed}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"yesterday's");
        assert!(!part.exists());
    }

    #[test]
    fn private_words_go_into_a_file_only_when_they_are_asked_for() {
        for format in [ExportFormat::Text, ExportFormat::Markdown, ExportFormat::Json] {
            let without = export_with(format, false, |_| {});
            assert!(
                !without.contains("for you alone") && !without.contains("Bob"),
                "{without}"
            );
            let with = export_with(format, true, |_| {});
            assert!(with.contains("for you alone"), "{with}");
            // A clock that no calendar has.
            assert!(!with.contains("1970"), "{with}");
        }
        let json = export_with(ExportFormat::Json, true, |_| {});
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["messages"].as_array().unwrap().len(), 3);
        let talk = &value["private"][0];
        assert_eq!(talk["messages"][0]["time"], serde_json::Value::Null);
        assert_eq!(talk["messages"][1]["text"], "I \"see\"");
        assert_eq!(talk["messages"][1]["own"], false);
        assert_eq!(talk["with"], "Bob\" (x): hi\nEve");
        let none: serde_json::Value = serde_json::from_str(&export(ExportFormat::Json)).unwrap();
        assert!(none.get("private").is_none());
    }

    #[test]
    fn a_name_ends_where_its_quotation_marks_end() {
        let text = export_with(ExportFormat::Text, true, |room| {
            room.name = "Den\", hosted by \"Eve\nnext".to_owned();
        });
        assert!(
            text.starts_with("\"Den\\\", hosted by \\\"Eve next\", hosted by \"Ada\"\n"),
            "{text}"
        );
        assert!(text.contains("unknown time \"Ada\": for you alone"), "{text}");
        assert!(text.contains(" \"Bob\\\" (x): hi Eve\": I \"see\""), "{text}");
    }

    #[test]
    fn text_and_markdown_are_for_people_and_nothing_poses_as_something_else() {
        let text = export(ExportFormat::Text);
        assert!(text.contains("): two\n    lines\n"), "{text}");
        assert!(!text.contains('\u{202e}'));
        let markdown = export(ExportFormat::Markdown);
        assert!(markdown.contains("## 2026-11-18"), "{markdown}");
        assert!(markdown.contains("> Hello \\*all\\*"));
    }

    /// The lines of the README, where `openssl` is installed.
    #[test]
    fn openssl_checks_the_signature_of_an_exported_message() {
        let value: serde_json::Value = serde_json::from_str(&export(ExportFormat::Json)).unwrap();
        let messages = value["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 3);
        assert_eq!(messages[1]["batch"]["size"], 2);
        let folder = tempfile::tempdir().unwrap();
        for message in messages {
            let bytes = |field: &str| Base64::decode_vec(message[field].as_str().unwrap()).unwrap();
            let path = |name: &str| folder.path().join(name);
            std::fs::write(path("signed.bin"), bytes("signed")).unwrap();
            std::fs::write(path("signature.bin"), bytes("signature")).unwrap();
            let key = &value["keys"][message["fingerprint"].as_str().unwrap()];
            std::fs::write(path("author.pem"), key.as_str().unwrap()).unwrap();
            let check = || {
                std::process::Command::new("openssl")
                    .args([
                        "dgst",
                        "-sha256",
                        "-sigopt",
                        "rsa_padding_mode:pss",
                        "-sigopt",
                        "rsa_pss_saltlen:32",
                    ])
                    .args([
                        "-verify",
                        "author.pem",
                        "-signature",
                        "signature.bin",
                        "signed.bin",
                    ])
                    .current_dir(folder.path())
                    .output()
            };
            let Ok(checked) = check() else {
                return;
            };
            assert!(
                checked.status.success(),
                "{}",
                String::from_utf8_lossy(&checked.stdout)
            );
            std::fs::write(path("signed.bin"), b"something else").unwrap();
            assert!(!check().unwrap().status.success());
        }
    }
}
