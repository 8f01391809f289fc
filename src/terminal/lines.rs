//! Standard input of `host` and `join`: each line is a message as it is, but for a few that begin with a command.
//!
//! ```text
//! hello everybody                 said in the room
//! /private Ada see you at nine    said to Ada alone, sealed between the two of you
//! /private 3f9a01c2 text          the same, by the first digits of a fingerprint
//! /private "Ada B" text           the same, for a name with blanks
//! /admit Ada   /refuse Ada        a host's answer to somebody who asks to be let in
//! /ask on      /ask off           whether the host is asked before somebody new gets in
//! //private is a word             said in the room: "/private is a word"
//! ```
//!
//! `/admit`, `/refuse` and `/ask` are commands of a host; a guest says such a line in the room. Before a command that one
//! has, one slash of several is taken away, so that every line can be said. Every other line is said as it is, with all
//! its slashes.
//!
//! Empty lines are not sent: a message has 1 byte at least (`protocol::limits`).

use std::io::{self, BufRead};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, bounded};

use crate::session::clean::reveal_line;
use crate::session::{Fingerprint, MAX_MESSAGE_BYTES};

/// Lines that may wait to be said.
pub(super) const WAITING_LINES: usize = 256;
/// What is said where the reading of lines died.
const READING_DIED: &str = "standard input can't be read any more, which is a fault of Cipher Room";
/// So many digits of a fingerprint name somebody at least.
const MIN_DIGITS: usize = 8;
/// The commands that only a host has.
const HOST_COMMANDS: [&str; 3] = ["admit", "refuse", "ask"];

/// What reading standard input gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// A line without its end.
    Text(String),
    /// A line that can't be sent, and why.
    Unsendable(String),
    /// Nothing more can be read, and why.
    Failed(String),
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// A message for everybody.
    Say(String),
    /// A message for one member.
    Private { to: Fingerprint, text: String },
    /// Let somebody in who asks, or not.
    Answer { who: Fingerprint, admit: bool },
    /// Whether the host is asked before somebody new gets in.
    AskFirst(bool),
}

/// Somebody who can be named.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub fingerprint: Fingerprint,
    pub name: &'a str,
}

/// Understands a line of a host or of a guest. `people` are those to whom something can be said, `asking` those who ask
/// to be let in. Fails with what to write instead.
pub(super) fn understand(
    line: String,
    is_host: bool,
    people: &[Named<'_>],
    asking: &[Named<'_>],
) -> Result<Asked, String> {
    let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
    let rest = rest.trim_start();
    match word {
        "/private" => {
            let (to, text) = somebody(rest, people, "in this room")?;
            if text.is_empty() {
                return Err("Write /private NAME and the message behind it.".to_owned());
            }
            Ok(Asked::Private {
                to,
                text: text.to_owned(),
            })
        }
        "/admit" | "/refuse" if is_host => {
            let (who, _) = somebody(rest, asking, "asking to be let in")?;
            let admit = word == "/admit";
            Ok(Asked::Answer { who, admit })
        }
        "/ask" if is_host => match rest.trim_end() {
            "on" => Ok(Asked::AskFirst(true)),
            "off" => Ok(Asked::AskFirst(false)),
            _ => Err("Write /ask on or /ask off.".to_owned()),
        },
        _ => match line.strip_prefix('/') {
            Some(escaped) if is_escaped(word, is_host) => Ok(Asked::Say(escaped.to_owned())),
            _ => Ok(Asked::Say(line)),
        },
    }
}

/// Whether a word is a command with more slashes than one.
fn is_escaped(word: &str, is_host: bool) -> bool {
    let name = word.trim_start_matches('/');
    let is_command = name == "private" || (is_host && HOST_COMMANDS.contains(&name));
    is_command && word.len() >= name.len() + 2
}

/// Who is named at the beginning of a text, and what comes behind. The longest name that fits wins.
fn somebody<'t>(text: &'t str, people: &[Named<'_>], place: &str) -> Result<(Fingerprint, &'t str), String> {
    let (wanted, quoted) = match text.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((name, rest)) => (name, Some(rest)),
        None => (text, None),
    };
    let fits = |name: &str| match quoted {
        Some(rest) => (name == wanted).then_some(rest),
        None => wanted
            .strip_prefix(name)
            .filter(|rest| rest.is_empty() || rest.starts_with(' ')),
    };
    let mut found: Vec<(usize, Fingerprint, &'t str)> = people
        .iter()
        .filter_map(|one| {
            let shown = reveal_line(one.name);
            let rest = fits(one.name).or_else(|| fits(&shown))?;
            Some((rest.len(), one.fingerprint, rest.trim_start()))
        })
        .collect();
    if found.is_empty() {
        let (digits, rest) = text.split_once(' ').unwrap_or((text, ""));
        let is_digits = digits.len() >= MIN_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digits = digits.to_ascii_lowercase();
        let by_digits = people
            .iter()
            .filter(|one| is_digits && one.fingerprint.to_string().starts_with(&digits));
        found.extend(by_digits.map(|one| (0, one.fingerprint, rest.trim_start())));
    }
    // The shortest rest is the longest name.
    let shortest = found.iter().map(|(rest, ..)| *rest).min();
    found.retain(|(rest, ..)| Some(*rest) == shortest);
    match found.as_slice() {
        [(_, who, rest)] => Ok((*who, rest)),
        [] => {
            let names: Vec<String> = people
                .iter()
                .take(20)
                .map(|one| format!("{} ({})", reveal_line(one.name), one.fingerprint.short()))
                .collect();
            let known = match names.is_empty() {
                true => format!("Nobody is {place}."),
                false => format!("Known: {}.", names.join(", ")),
            };
            Err(format!("Nobody of that name is {place}. {known}"))
        }
        several => {
            let digits: Vec<String> = several.iter().map(|(_, who, _)| who.short()).collect();
            Err(format!(
                "{} people have that name. Name one by the first digits of the fingerprint instead: {}.",
                several.len(),
                digits.join(", ")
            ))
        }
    }
}

/// Reads standard input on a thread of its own, without the empty lines. Its death is told as a failure to read. The
/// thread may outlive us: it waits in a read.
pub(super) fn read_lines() -> Result<Receiver<Line>, String> {
    let (lines, heard) = bounded(WAITING_LINES);
    let work = move || {
        let read = || {
            let mut input = io::stdin().lock();
            while let Some(line) = next_line(&mut input) {
                let is_last = matches!(line, Line::Failed(_));
                let is_empty = matches!(&line, Line::Text(text) if text.is_empty());
                if (!is_empty && lines.send(line).is_err()) || is_last {
                    return;
                }
            }
        };
        if catch_unwind(AssertUnwindSafe(read)).is_err() {
            let _ = lines.send(Line::Failed(READING_DIED.to_owned()));
        }
    };
    #[expect(clippy::disallowed_methods, reason = "its death is a line like any other")]
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(work)
        .map_err(|error| error.to_string())?;
    Ok(heard)
}

/// Reads a line without its end, and never more than a message can hold; `None` at the end of input. Behind a failure
/// nothing more comes.
fn next_line(input: &mut impl BufRead) -> Option<Line> {
    let mut bytes = Vec::new();
    let mut is_too_long = false;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Some(Line::Failed(format!("standard input can't be read: {error}"))),
        };
        if chunk.is_empty() {
            if bytes.is_empty() && !is_too_long {
                return None;
            }
            break;
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        is_too_long |= bytes.len() + part.len() > MAX_MESSAGE_BYTES;
        if !is_too_long {
            bytes.extend_from_slice(part);
        }
        let used = end.map_or(chunk.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    if is_too_long {
        return Some(Line::Unsendable(format!(
            "A line was longer than {MAX_MESSAGE_BYTES} bytes and was not sent."
        )));
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    Some(match String::from_utf8(bytes) {
        Ok(text) => Line::Text(text),
        Err(_) => Line::Unsendable("A line was not UTF-8 and was not sent.".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(digit: &str) -> Fingerprint {
        digit.repeat(64).parse().unwrap()
    }

    fn understood(line: &str) -> Result<Asked, String> {
        understood_as(true, line)
    }

    fn understood_as(is_host: bool, line: &str) -> Result<Asked, String> {
        let people = [("a", "Ada"), ("b", "Ada Brandt"), ("c", "Cem"), ("d", "Cem")];
        let people = people.map(|(digit, name)| Named {
            fingerprint: person(digit),
            name,
        });
        let asking = [Named {
            fingerprint: person("e"),
            name: "Eve",
        }];
        understand(line.to_owned(), is_host, &people, &asking)
    }

    #[test]
    fn a_private_line_names_somebody_by_name_or_digits() {
        let to = |digit, text: &str| {
            Ok(Asked::Private {
                to: person(digit),
                text: text.to_owned(),
            })
        };
        assert_eq!(understood("/private Ada hello you"), to("a", "hello you"));
        assert_eq!(understood("/private Ada Brandt hello"), to("b", "hello"));
        assert_eq!(
            understood("/private \"Ada\" Brandt, hello"),
            to("a", "Brandt, hello")
        );
        assert_eq!(understood("/private CCCCCCCC  hello"), to("c", "hello"));
        assert!(
            understood("/private Cem hello")
                .unwrap_err()
                .contains("cccccccc, dddddddd")
        );
        assert!(
            understood("/private Eve hello")
                .unwrap_err()
                .contains("Known: Ada (aaaaaaaa)")
        );
        assert!(
            understood("/private ccccccc hello").is_err(),
            "seven digits are too few"
        );
        assert!(understood("/private Ada").is_err());
        assert!(understood("/private").is_err());
    }

    #[test]
    fn a_host_answers_who_asks_to_be_let_in() {
        let answer = |admit| {
            Ok(Asked::Answer {
                who: person("e"),
                admit,
            })
        };
        assert_eq!(understood("/admit Eve"), answer(true));
        assert_eq!(understood("/refuse eeeeeeee"), answer(false));
        assert!(
            understood("/admit Ada")
                .unwrap_err()
                .contains("asking to be let in")
        );
        assert_eq!(understood("/ask on"), Ok(Asked::AskFirst(true)));
        assert!(understood("/ask me").is_err());
    }

    #[test]
    fn every_other_line_is_a_message_as_it_is() {
        let lines = [
            "hello",
            "/me waves",
            "/privately",
            "/ hello",
            "a /private b",
            "// a comment",
            "//",
            "//privately",
            "///",
            " /private Ada",
        ];
        for line in lines {
            for is_host in [true, false] {
                assert_eq!(understood_as(is_host, line), Ok(Asked::Say(line.to_owned())));
            }
        }
    }

    #[test]
    fn what_only_a_host_can_ask_for_is_a_message_of_a_guest() {
        for line in [
            "/ask on",
            "/ask",
            "/admit Eve",
            "/refuse Eve",
            "//ask on",
            "//admit Eve",
        ] {
            assert_eq!(understood_as(false, line), Ok(Asked::Say(line.to_owned())));
        }
    }

    #[test]
    fn a_slash_more_makes_a_command_a_message() {
        for (line, said) in [
            ("//private Ada", "/private Ada"),
            ("///private Ada", "//private Ada"),
            ("//private", "/private"),
        ] {
            for is_host in [true, false] {
                assert_eq!(understood_as(is_host, line), Ok(Asked::Say(said.to_owned())));
            }
        }
        for line in ["//admit Eve", "//refuse Eve", "//ask on"] {
            assert_eq!(understood(line), Ok(Asked::Say(line[1..].to_owned())));
        }
    }

    fn lines(input: &[u8]) -> Vec<Line> {
        let mut input = io::BufReader::with_capacity(7, input);
        std::iter::from_fn(|| next_line(&mut input)).collect()
    }

    #[test]
    fn lines_come_without_their_ends() {
        let expected = ["one", "", "two ✈", "three"].map(|line| Line::Text(line.to_owned()));
        assert_eq!(lines("one\n\ntwo ✈\r\nthree".as_bytes()), expected);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn overlong_and_foreign_lines_are_named_and_skipped() {
        let mut input = vec![b'x'; MAX_MESSAGE_BYTES + 1];
        input.extend_from_slice(b"\n\xff\xfe\nok");
        let read = lines(&input);
        assert!(matches!(&read[0], Line::Unsendable(reason) if reason.contains("longer than")));
        assert!(matches!(&read[1], Line::Unsendable(reason) if reason.contains("UTF-8")));
        assert_eq!(read[2], Line::Text("ok".to_owned()));
        assert_eq!(lines(&vec![b'x'; MAX_MESSAGE_BYTES]).len(), 1);
    }

    #[test]
    fn an_input_that_cannot_be_read_is_no_end_of_input() {
        struct Unreadable;
        impl io::Read for Unreadable {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("it is a directory"))
            }
        }
        let failed = Line::Failed("standard input can't be read: it is a directory".to_owned());
        assert_eq!(next_line(&mut io::BufReader::new(Unreadable)), Some(failed));
    }
}
