//! The profile's passphrase: from a file, or asked for on the terminal without showing it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::Path;

use crossbeam_channel::{Receiver, bounded, select};
use zeroize::Zeroizing;

use super::report::complain;
use crate::session::Passphrase;

/// Longest passphrase, in bytes.
const MAX_PASSPHRASE_BYTES: usize = 4096;

/// The first line of a file.
pub(super) fn from_file(path: &Path) -> Result<Passphrase, String> {
    let read = File::open(path).and_then(|file| first_line(BufReader::new(file)));
    let line = read.map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    let passphrase = Passphrase::new(&line);
    match passphrase.is_empty() {
        true => Err(format!(
            "the first line of {} is empty: it should be the passphrase",
            path.display()
        )),
        false => Ok(passphrase),
    }
}

/// What is said where it was interrupted.
pub(super) const INTERRUPTED: &str = "interrupted";
/// What is said where a key is kept without one.
const UNPROTECTED: &str = "your key is kept without a passphrase: whoever can read this computer's files can be you; \
                           Cipher Room's window sets one, under Settings";

/// Asks for it, where standard input is a terminal.
pub(super) fn ask(interrupted: &Receiver<()>) -> Result<Passphrase, String> {
    if !io::stdin().is_terminal() {
        return Err(
            "the profile is locked, and there is no terminal to ask for its passphrase; give --passphrase-file FILE"
                .to_owned(),
        );
    }
    Ok(Passphrase::new(&typed("Passphrase: ", interrupted)?))
}

/// Asks for a new one, where standard input is a terminal. Without one it says what that means.
pub(super) fn choose(interrupted: &Receiver<()>) -> Result<Option<Passphrase>, String> {
    if io::stdin().is_terminal() {
        loop {
            let line = typed("Passphrase for your new key (Enter for none): ", interrupted)?;
            if line.is_empty() {
                break;
            }
            if typed("The same again: ", interrupted)? == line {
                return Ok(Some(Passphrase::new(&line)));
            }
            complain("the two were not the same");
        }
    }
    complain(UNPROTECTED);
    Ok(None)
}

/// The line that is typed, without being shown. It is read on a thread of its own, so that an interruption leaves the
/// terminal as it was.
fn typed(question: &str, interrupted: &Receiver<()>) -> Result<Zeroizing<String>, String> {
    let _ = write!(io::stderr(), "{question}");
    let quiet = Quiet::begin();
    let (said, heard) = bounded(1);
    let read = move || {
        let _ = said.send(first_line(io::stdin().lock()));
    };
    #[expect(clippy::disallowed_methods, reason = "its death ends the wait for it")]
    std::thread::Builder::new()
        .name("passphrase".to_owned())
        .spawn(read)
        .map_err(|error| format!("standard input: {error}"))?;
    let line = select! {
        recv(heard) -> line => line.map_err(io::Error::other).flatten().map_err(|error| format!("standard input: {error}")),
        recv(interrupted) -> _ => Err(INTERRUPTED.to_owned()),
    };
    drop(quiet);
    let _ = writeln!(io::stderr());
    line
}

/// The first line without its end. One that is too long is refused: a part of it would be another passphrase.
fn first_line(from: impl BufRead) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(MAX_PASSPHRASE_BYTES + 2));
    from.take(MAX_PASSPHRASE_BYTES as u64 + 2).read_line(&mut line)?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    if end > MAX_PASSPHRASE_BYTES {
        return Err(io::Error::other(format!(
            "its first line is longer than {MAX_PASSPHRASE_BYTES} bytes, and no passphrase is"
        )));
    }
    line.truncate(end);
    Ok(line)
}

/// The terminal shows nothing of what is typed until this is dropped.
struct Quiet {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl Quiet {
    fn begin() -> Quiet {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let input = rustix::stdio::stdin();
        let before = tcgetattr(input).ok();
        if let Some(before) = &before {
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(input, OptionalActions::Flush, &quiet);
        }
        Quiet { before }
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
        }
    }
}

/// Other systems show what is typed; a file is the better way there.
#[cfg(not(unix))]
impl Quiet {
    fn begin() -> Quiet {
        Quiet {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_file_is_the_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for (content, expected) in [
            ("orbit velvet\n", "orbit velvet"),
            ("a b \r\nmore", "a b "),
            ("x", "x"),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(from_file(&path).unwrap(), Passphrase::new(expected));
        }
        let longest = "x".repeat(MAX_PASSPHRASE_BYTES);
        std::fs::write(&path, format!("{longest}\r\n")).unwrap();
        assert_eq!(from_file(&path).unwrap(), Passphrase::new(&longest));
        std::fs::write(&path, format!("{longest}x\n")).unwrap();
        assert!(from_file(&path).unwrap_err().contains("longer than 4096 bytes"));
        std::fs::write(&path, "\nsecond").unwrap();
        assert!(from_file(&path).unwrap_err().contains("empty"));
        assert!(
            from_file(&folder.path().join("none"))
                .unwrap_err()
                .contains("can't be read")
        );
    }
}
