//! Standard input of `host` and `join`: each line is a message as it is, but for a few that begin with a command.
//!
//! ```text
//! hello everybody                 said in the room
//! /private Ada see you at nine    said to Ada alone, sealed between the two of you
//! /private 3f9a01c2 text          the same, by the first digits of a fingerprint
//! /private "Ada B" text           the same, for a name that another one begins like, or that looks like digits
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

use super::report::named;
use crate::session::clean::reveal_line;
use crate::session::{Fingerprint, MAX_MESSAGE_BYTES};

/// Lines that may wait to be said.
pub(super) const WAITING_LINES: usize = 256;
/// What is said where the reading of lines died.
const READING_DIED: &str = "standard input can't be read any more, which is a fault of Cipher Room";
/// So many digits of a fingerprint name somebody at least.
const MIN_DIGITS: usize = 8;
/// And so many are all of them.
const ALL_DIGITS: usize = 64;
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

/// A line that can't be understood, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unclear {
    /// It was to be said to somebody.
    Message(String),
    /// It was to be done.
    Command(String),
}

/// Somebody who can be named.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub fingerprint: Fingerprint,
    pub name: &'a str,
}

/// Understands a line of a host or of a guest. `people` are those to whom something can be said, `asking` those who ask
/// to be let in.
pub(super) fn understand(
    line: String,
    is_host: bool,
    people: &[Named<'_>],
    asking: &[Named<'_>],
) -> Result<Asked, Unclear> {
    let (word, rest) = first_word(&line);
    match word {
        "/private" => {
            let (to, text) = somebody(rest, people, "in this room").map_err(Unclear::Message)?;
            if text.is_empty() {
                let reason = "Write /private NAME and the message behind it.".to_owned();
                return Err(Unclear::Message(reason));
            }
            Ok(Asked::Private {
                to,
                text: text.to_owned(),
            })
        }
        "/admit" | "/refuse" if is_host => {
            let (who, _) = somebody(rest, asking, "asking to be let in").map_err(Unclear::Command)?;
            let admit = word == "/admit";
            Ok(Asked::Answer { who, admit })
        }
        "/ask" if is_host => match rest.trim_end() {
            "on" => Ok(Asked::AskFirst(true)),
            "off" => Ok(Asked::AskFirst(false)),
            _ => Err(Unclear::Command("Write /ask on or /ask off.".to_owned())),
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

/// The first word of a text, and what comes behind the blanks that follow it.
fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// Who is named at the beginning of a text, and what comes behind. Anybody can take any name, so where it could be one
/// person or another it is nobody.
fn somebody<'t>(text: &'t str, people: &[Named<'_>], place: &str) -> Result<(Fingerprint, &'t str), String> {
    let mut found = by_digits(text, people);
    // A name that is somebody's whole fingerprint is none.
    if !(found.len() == 1 && first_word(text).0.len() == ALL_DIGITS) {
        found.extend(by_name(text, people));
    }
    match found.as_slice() {
        [(who, rest)] => Ok((*who, rest)),
        [] => Err(format!("Nobody of that name is {place}. {}", known(people))),
        several => {
            let digits: Vec<String> = several.iter().map(|(who, _)| who.short()).collect();
            Err(format!(
                "This could mean any of {} people. Name one by the first digits of the fingerprint, or put a name in quotes: {}.",
                several.len(),
                digits.join(", ")
            ))
        }
    }
}

/// Those whose fingerprints begin with the first word, if it is long enough for that.
fn by_digits<'t>(text: &'t str, people: &[Named<'_>]) -> Vec<(Fingerprint, &'t str)> {
    let (digits, rest) = first_word(text);
    if digits.len() < MIN_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Vec::new();
    }
    let digits = digits.to_ascii_lowercase();
    let fits = |one: &&Named<'_>| one.fingerprint.to_string().starts_with(&digits);
    let found = people.iter().filter(fits);
    found.map(|one| (one.fingerprint, rest)).collect()
}

/// Those whose names, as they are or as they are shown, stand at the beginning: the whole of what is in quotes, or else
/// some first words.
fn by_name<'t>(text: &'t str, people: &[Named<'_>]) -> Vec<(Fingerprint, &'t str)> {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let fits = |name: &str| match quoted {
        Some((wanted, rest)) => (name == wanted).then_some(rest),
        None => text
            .strip_prefix(name)
            .filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)),
    };
    people
        .iter()
        .filter_map(|one| {
            let rest = fits(one.name).or_else(|| fits(&reveal_line(one.name)))?;
            Some((one.fingerprint, rest.trim_start()))
        })
        .collect()
}

/// Some of those who can be named, in a sentence.
fn known(people: &[Named<'_>]) -> String {
    let names: Vec<String> = people
        .iter()
        .take(20)
        .map(|one| format!("{} ({})", named(one.name), one.fingerprint.short()))
        .collect();
    match names.is_empty() {
        true => "There is nobody to name.".to_owned(),
        false => format!("Known: {}.", names.join(", ")),
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
        // One more may be the first of the two bytes that end a line.
        is_too_long |= bytes.len() + part.len() > MAX_MESSAGE_BYTES + 1;
        if !is_too_long {
            bytes.extend_from_slice(part);
        }
        let used = end.map_or(chunk.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    if is_too_long || bytes.len() > MAX_MESSAGE_BYTES {
        return Some(Line::Unsendable(format!(
            "A line was longer than {MAX_MESSAGE_BYTES} bytes and was not sent."
        )));
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

    fn understood(line: &str) -> Result<Asked, Unclear> {
        understood_as(true, line)
    }

    fn understood_as(is_host: bool, line: &str) -> Result<Asked, Unclear> {
        let whole = "a".repeat(64);
        let people = [
            ("a", "Ada"),
            ("b", "Ada Brandt"),
            ("c", "Cem"),
            ("d", "Cem"),
            ("e", "bbbbbbbb"),
            ("f", &whole),
        ];
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
        assert_eq!(understood("/private\tAda\thello"), to("a", "hello"));
        assert_eq!(understood("/private \"Ada Brandt\" hello"), to("b", "hello"));
        assert_eq!(
            understood("/private \"Ada\" Brandt, hello"),
            to("a", "Brandt, hello")
        );
        assert_eq!(understood("/private CCCCCCCC  hello"), to("c", "hello"));
        for (line, told) in [
            ("/private Cem hello", "cccccccc, dddddddd"),
            ("/private Eve hello", "Known: Ada (aaaaaaaa)"),
            ("/private ccccccc hello", "Nobody of that name"),
            ("/private Ada", "the message behind it"),
            ("/private", "Nobody of that name"),
        ] {
            let Err(Unclear::Message(reason)) = understood(line) else {
                panic!("{line} is clear");
            };
            assert!(reason.contains(told), "{reason}");
        }
    }

    #[test]
    fn nobody_gets_what_is_meant_for_another_by_a_fitting_name() {
        let unclear = |line: &str| matches!(understood(line), Err(Unclear::Message(_)));
        assert!(unclear("/private Ada Brandt hello"), "Ada, or Ada Brandt");
        assert!(unclear("/private bbbbbbbb hello"), "digits, or a name");
        let to = |digit| {
            Ok(Asked::Private {
                to: person(digit),
                text: "hello".to_owned(),
            })
        };
        assert_eq!(understood("/private \"bbbbbbbb\" hello"), to("e"));
        assert_eq!(understood("/private bbbbbbbbb hello"), to("b"));
        let whole = "a".repeat(64);
        assert_eq!(understood(&format!("/private {whole} hello")), to("a"));
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
        assert!(matches!(
            understood("/admit Ada"),
            Err(Unclear::Command(reason)) if reason.contains("asking to be let in")
        ));
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
        let longest = "x".repeat(MAX_MESSAGE_BYTES);
        for end in ["", "\n", "\r\n"] {
            let read = lines(format!("{longest}{end}").as_bytes());
            assert_eq!(read, [Line::Text(longest.clone())], "{end:?}");
            let read = lines(format!("{longest}x{end}").as_bytes());
            assert!(matches!(read[..], [Line::Unsendable(_)]), "{end:?}");
        }
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
