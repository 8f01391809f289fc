//! `host` and `join`: whose profile, which room; then lines in, events out.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::interrupt::interruptions;
use super::report::{complain, output_failed};
use super::talk::{Chat, Cut, ROOM};
use super::{Exit, HostArguments, JoinArguments, passphrase};
use crate::net::{Admission, Command, HostRoom, JoinRoom, ListenOn, Node, default_profile_folder};
use crate::session::{DEFAULT_PORT, JoinTarget, MAX_NAME_BYTES, MAX_ROOM_NAME_BYTES, Passphrase};

/// What is said where somebody did not want to wait for the goodbye.
const NO_GOODBYE: &str = "ended without a goodbye";

/// Runs `cipher-room host`.
pub fn host(arguments: HostArguments) -> Exit {
    let room_name = arguments.room.unwrap_or_else(|| "Cipher Room".to_owned());
    if let Err(reason) = check_name("--room", &room_name, MAX_ROOM_NAME_BYTES) {
        complain(&reason);
        return Exit::Usage;
    }
    let listen = listen_on(arguments.listen);
    let admission = Admission {
        open_to_address: true,
        invite_lifetime_secs: None,
    };
    let who = Who {
        name: arguments.name,
        profile: arguments.profile,
        passphrase_file: arguments.passphrase_file,
    };
    // The room of this name goes on, with its log and its invitation, if this profile hosted it before.
    run(who, arguments.json, |name| Command::HostAgain {
        wish: HostRoom {
            key: ROOM,
            room_name,
            host_name: name,
            listen,
            admission,
        },
        id: None,
    })
}

/// Runs `cipher-room join`.
pub fn join(arguments: JoinArguments) -> Exit {
    let target: JoinTarget = match arguments.target.parse() {
        Ok(target) => target,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Usage;
        }
    };
    let who = Who {
        name: arguments.name,
        profile: arguments.profile,
        passphrase_file: arguments.passphrase_file,
    };
    run(who, arguments.json, |name| {
        Command::JoinRoom(JoinRoom {
            key: ROOM,
            target,
            name,
            is_trial: false,
        })
    })
}

fn listen_on(listen: Option<SocketAddr>) -> ListenOn {
    match listen {
        Some(address) => ListenOn {
            address: Some(address.ip()),
            port: address.port(),
            or_any_port: false,
        },
        None => ListenOn {
            address: None,
            port: DEFAULT_PORT,
            or_any_port: true,
        },
    }
}

pub(super) fn check_name(option: &str, name: &str, max: usize) -> Result<(), String> {
    if name.trim().is_empty() || name.len() > max {
        return Err(format!("{option} takes a name of 1 to {max} bytes"));
    }
    Ok(())
}

/// The name of the user of this machine, for who gives none.
pub(super) fn user_name() -> String {
    let found = ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    found
        .filter(|name| check_name("", name, MAX_NAME_BYTES).is_ok())
        .unwrap_or_else(|| "Somebody".to_owned())
}

/// Whose profile is opened, and how.
struct Who {
    name: Option<String>,
    profile: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
}

/// Finds the profile, gives the command with the name to use, and talks until the end.
fn run(who: Who, json: bool, command: impl FnOnce(String) -> Command) -> Exit {
    if let Some(Err(reason)) = who
        .name
        .as_ref()
        .map(|name| check_name("--name", name, MAX_NAME_BYTES))
    {
        complain(&reason);
        return Exit::Usage;
    }
    let passphrase = match who
        .passphrase_file
        .as_deref()
        .map(passphrase::from_file)
        .transpose()
    {
        Ok(passphrase) => passphrase,
        Err(reason) => {
            complain(&reason);
            return Exit::Failed;
        }
    };
    let folder = match who.profile.map_or_else(default_profile_folder, Ok) {
        Ok(folder) => folder,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Failed;
        }
    };
    talk_in(folder, json, who.name, passphrase, command)
}

/// Talks with the profile in this folder.
fn talk_in(
    folder: PathBuf,
    json: bool,
    name: Option<String>,
    passphrase: Option<Passphrase>,
    command: impl FnOnce(String) -> Command,
) -> Exit {
    let (node, events) = match Node::start(folder, Arc::new(|| {})) {
        Ok(started) => started,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Failed;
        }
    };
    let interrupted = interruptions();
    let mut chat = Chat::new(node, json);
    let outcome = chat
        .begin(&events, name, passphrase, &interrupted, command)
        .and_then(|()| chat.talk(&events, &interrupted));
    let unsaid = chat.left_unsaid();
    // Nobody listens any more: then the background need not wait to be heard.
    drop(events);
    match outcome {
        // The background would be waited for; it ends with the program, which leaves the disk as a crash does.
        Err(Cut::Interrupted) => std::mem::forget(chat),
        _ => drop(chat),
    }
    conclude(outcome, unsaid)
}

/// Says on standard error why a conversation failed, and what was left unsaid in it.
fn conclude(outcome: Result<(), Cut>, unsaid: Option<String>) -> Exit {
    let failed = |reason: &str| {
        complain(reason);
        Exit::Failed
    };
    let exit = match outcome {
        Ok(()) => Exit::Done,
        Err(Cut::Output(error)) => output_failed(&error),
        Err(Cut::Failed(reason)) => failed(&reason),
        Err(Cut::Interrupted) => failed(NO_GOODBYE),
    };
    unsaid.map_or(exit, |unsaid| failed(&unsaid))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_conversation_is_done_only_where_nothing_was_left_unsaid() {
        let unsaid = || Some("1 line was not sent".to_owned());
        let unread = || Err(Cut::Output(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(conclude(Ok(()), None), Exit::Done);
        assert_eq!(conclude(Ok(()), unsaid()), Exit::Failed);
        assert_eq!(conclude(unread(), None), Exit::Done, "its reader has seen enough");
        assert_eq!(conclude(unread(), unsaid()), Exit::Failed);
        assert_eq!(conclude(Err(Cut::Interrupted), None), Exit::Failed);
    }
}
