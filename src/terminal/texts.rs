//! `ciphers`, `encrypt` and `decrypt`: a text from a file or standard input, the result to standard output.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::report::{complain, output_failed};
use super::{CiphersArguments, Exit, TextArguments, ciphers};
use crate::ciphers::Direction;
use crate::files::{ReadError, read_limited, size};

/// Most of a text that is taken through a cipher, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Runs `cipher-room ciphers`.
pub fn list_ciphers(arguments: &CiphersArguments) -> Exit {
    match ciphers::list(arguments.json, &mut io::stdout().lock()) {
        Ok(()) => Exit::Done,
        Err(error) => output_failed(&error),
    }
}

/// Runs `cipher-room encrypt` or `decrypt`.
pub fn transform(direction: Direction, arguments: &TextArguments) -> Exit {
    // Before a text is waited for.
    let cipher = match ciphers::build(&arguments.cipher, &arguments.keys) {
        Ok(cipher) => cipher,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Usage;
        }
    };
    let output = read(arguments.file.as_deref(), MOST_BYTES)
        .and_then(|input| cipher.apply(direction, &input).map_err(|error| error.to_string()));
    match output.map(|output| write(&output)) {
        Ok(Ok(())) => Exit::Done,
        Ok(Err(error)) => output_failed(&error),
        Err(reason) => {
            complain(&reason);
            Exit::Failed
        }
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Reads a text of at most so many bytes from a file, or from standard input without one. Says what is wrong, and
/// what to do, otherwise.
pub(super) fn read(file: Option<&Path>, most: u64) -> Result<String, String> {
    let (name, bytes) = match file {
        // A pipe is welcome here: it is what a shell makes of `<(…)`.
        Some(path) => (
            path.display().to_string(),
            File::open(path)
                .map_err(ReadError::from)
                .and_then(|file| read_limited(file, most)),
        ),
        None => (
            "standard input".to_owned(),
            read_limited(io::stdin().lock(), most),
        ),
    };
    let bytes = bytes.map_err(|error| match error {
        ReadError::TooLong { limit } => format!(
            "{name} is longer than {}, the most that is taken at once; take it in parts, as with `head -c {limit}`",
            size(limit)
        ),
        error => format!("{name} can't be read: {error}"),
    })?;
    String::from_utf8(bytes).map_err(|_| format!("{name} is not a text in UTF-8"))
}
