//! `ciphers`, `encrypt` and `decrypt`: a text from a file or standard input, the result to standard output.

use std::io::{self, Read, Write};
use std::path::Path;

use super::report::complain;
use super::{CiphersArguments, Exit, TextArguments, ciphers};
use crate::ciphers::Direction;

/// Runs `cipher-room ciphers`.
pub fn list_ciphers(arguments: &CiphersArguments) -> Exit {
    match ciphers::list(arguments.json, &mut io::stdout().lock()) {
        Ok(()) => Exit::Done,
        Err(error) => output_failed(&error),
    }
}

/// Runs `cipher-room encrypt` or `decrypt`.
pub fn transform(direction: Direction, arguments: &TextArguments) -> Exit {
    let input = match read(arguments.file.as_deref()) {
        Ok(input) => input,
        Err(reason) => {
            complain(&reason);
            return Exit::Failed;
        }
    };
    match ciphers::transform(direction, &arguments.cipher, &arguments.keys, &input) {
        Ok(output) => match write(&output) {
            Ok(()) => Exit::Done,
            Err(error) => output_failed(&error),
        },
        Err(error) => {
            complain(&error.to_string());
            if error.exit_status() == Exit::Usage as u8 {
                Exit::Usage
            } else {
                Exit::Failed
            }
        }
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

pub(super) fn output_failed(error: &io::Error) -> Exit {
    complain(&format!("standard output: {error}"));
    Exit::Failed
}

pub(super) fn read(file: Option<&Path>) -> Result<String, String> {
    let (name, bytes) = match file {
        Some(path) => (path.display().to_string(), std::fs::read(path)),
        None => {
            let mut bytes = Vec::new();
            (
                "standard input".to_owned(),
                io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
            )
        }
    };
    let bytes = bytes.map_err(|error| format!("{name} can't be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| format!("{name} is not a text in UTF-8"))
}
