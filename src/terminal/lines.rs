//! Standard input of `host` and `join`: each line is a message, but for a few that begin with a slash.
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
//! Every other line that begins with a slash is a message like any other.

use std::io::{self, BufRead};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, bounded};

use crate::session::clean::reveal_line;
use crate::session::{Fingerprint, MAX_MESSAGE_BYTES};

/// Lines that may wait to be said.
const WAITING_LINES: usize = 256;
/// What is said where the reading of lines died.
const READING_DIED: &str = "What you type can't be read any more, which is a fault of Cipher Room.";
/// So many digits of a fingerprint name somebody at least.
const MIN_DIGITS: usize = 8;

/// A line of standard input, or why it can't be said.
pub(super) type Line = Result<String, String>;

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

/// Understands a line. `people` are those to whom something can be said, `asking` those who ask to be let in.
/// Fails with what to write instead.
pub(super) fn understand(line: String, people: &[Named<'_>], asking: &[Named<'_>]) -> Result<Asked, String> {
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
        "/admit" | "/refuse" => {
            let (who, _) = somebody(rest, asking, "asking to be let in")?;
            let admit = word == "/admit";
            Ok(Asked::Answer { who, admit })
        }
        "/ask" => match rest.trim_end() {
            "on" => Ok(Asked::AskFirst(true)),
            "off" => Ok(Asked::AskFirst(false)),
            _ => Err("Write /ask on or /ask off.".to_owned()),
        },
        _ => match line.strip_prefix('/') {
            Some(escaped) if escaped.starts_with('/') => Ok(Asked::Say(escaped.to_owned())),
            _ => Ok(Asked::Say(line)),
        },
    }
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

/// Reads standard input on a thread of its own. Its death is told as a line that can't be sent. The thread may outlive us: it waits in a read.
pub(super) fn read_lines() -> Result<Receiver<Line>, String> {
    let (lines, heard) = bounded(WAITING_LINES);
    let work = move || {
        let read = || {
            let mut input = io::stdin().lock();
            while let Some(line) = next_line(&mut input) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        };
        if catch_unwind(AssertUnwindSafe(read)).is_err() {
            let _ = lines.send(Err(READING_DIED.to_owned()));
        }
    };
    #[expect(clippy::disallowed_methods, reason = "its death is a line like any other")]
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(work)
        .map_err(|error| error.to_string())?;
    Ok(heard)
}

/// Reads a line without its end, and never more than a message can hold; `None` at the end of input.
fn next_line(input: &mut impl BufRead) -> Option<Line> {
    let mut bytes = Vec::new();
    let mut is_too_long = false;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return None,
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
        return Some(Err(format!(
            "A line was longer than {MAX_MESSAGE_BYTES} bytes and was not sent."
        )));
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    Some(String::from_utf8(bytes).map_err(|_| "A line was not UTF-8 and was not sent.".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(digit: &str) -> Fingerprint {
        digit.repeat(64).parse().unwrap()
    }

    fn understood(line: &str) -> Result<Asked, String> {
        let people = [("a", "Ada"), ("b", "Ada Brandt"), ("c", "Cem"), ("d", "Cem")];
        let people = people.map(|(digit, name)| Named {
            fingerprint: person(digit),
            name,
        });
        let asking = [Named {
            fingerprint: person("e"),
            name: "Eve",
        }];
        understand(line.to_owned(), &people, &asking)
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
    fn every_other_line_is_a_message() {
        for line in ["hello", "/me waves", "/privately", "/ hello", "a /private b"] {
            assert_eq!(understood(line), Ok(Asked::Say(line.to_owned())));
        }
        assert_eq!(
            understood("//private Ada"),
            Ok(Asked::Say("/private Ada".to_owned()))
        );
    }

    fn lines(input: &[u8]) -> Vec<Line> {
        let mut input = io::BufReader::with_capacity(7, input);
        std::iter::from_fn(|| next_line(&mut input)).collect()
    }

    #[test]
    fn lines_come_without_their_ends() {
        let expected: Vec<Line> = ["one", "", "two ✈", "three"].map(|l| Ok(l.to_owned())).to_vec();
        assert_eq!(lines("one\n\ntwo ✈\r\nthree".as_bytes()), expected);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn overlong_and_foreign_lines_are_named_and_skipped() {
        let mut input = vec![b'x'; MAX_MESSAGE_BYTES + 1];
        input.extend_from_slice(b"\n\xff\xfe\nok");
        let read = lines(&input);
        assert!(read[0].as_ref().unwrap_err().contains("longer than"));
        assert!(read[1].as_ref().unwrap_err().contains("UTF-8"));
        assert_eq!(read[2], Ok("ok".to_owned()));
        assert_eq!(lines(&vec![b'x'; MAX_MESSAGE_BYTES]).len(), 1);
    }
}
