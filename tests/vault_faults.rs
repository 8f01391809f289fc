//! The profile under bad luck, with the real program: killed at any moment, no room on the disk, a
//! damaged file; and what its bytes tell.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use serde_json::Value;

const ADA: &str = include_str!("keys/ada.pem");
const BOB: &str = include_str!("keys/bob.pem");
const DEADLINE: Duration = Duration::from_secs(90);

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cipher-room"))
}

/// A running verb, its lines of JSON, and what it says to people.
struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
}

impl Running {
    fn start(mut command: Command) -> Running {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = bounded(100_000);
        std::thread::Builder::new()
            .spawn(move || {
                for line in output.lines().map_while(Result::ok) {
                    if let Ok(value) = serde_json::from_str(&line) {
                        let _ = sender.send(value);
                    }
                }
            })
            .unwrap();
        Running { child, input, lines }
    }

    fn say(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        // A program that was killed hears nothing.
        let _ = writeln!(input, "{text}");
    }

    /// Waits for an event of a kind; others go by.
    fn wait(&self, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let by = Instant::now() + DEADLINE;
        loop {
            let line = self.lines.recv_deadline(by).expect("waited in vain");
            if wanted(&line) {
                return line;
            }
        }
    }

    fn kill(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut rest = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(5)) {
            rest.push(line);
        }
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is(event: &'static str) -> impl Fn(&Value) -> bool {
    move |line| line["event"] == event
}

fn profile(pem: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("identity.pem"), pem).unwrap();
    folder
}

fn host(folder: &Path) -> Command {
    let mut command = program();
    command
        .args([
            "host",
            "--room",
            "Attic of secrets",
            "--name",
            "Ada Brandt",
            "--json",
            "--listen",
            "127.0.0.1:0",
        ])
        .arg("--profile")
        .arg(folder);
    command
}

fn join(folder: &Path, invite: &str) -> Command {
    let mut command = program();
    command
        .args(["join", invite, "--name", "Bob Stone", "--json"])
        .arg("--profile")
        .arg(folder);
    command
}

/// The numbers and texts of all messages in the kept log of the newest room.
fn kept_messages(folder: &Path) -> Vec<String> {
    use cipher_room::protocol::{Content, RoomEvent};
    let profile = cipher_room::store::Profile::open(folder).unwrap();
    let vault = profile.unlock(None, 0).expect("the database opens after a kill");
    let (rooms, damaged) = vault.rooms().unwrap();
    assert_eq!(damaged, 0);
    let mut texts = Vec::new();
    for room in rooms {
        let extent = vault.log_extent(&room.id).unwrap();
        let Some(extent) = extent else { continue };
        assert!(
            vault
                .lost_entries(&room.id, extent.first..extent.next)
                .unwrap()
                .is_empty()
        );
        let rows = vault.log_rows(&room.id, extent.first..extent.next).unwrap();
        let numbers: Vec<u64> = rows.iter().map(|row| row.n).collect();
        assert!(
            numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]),
            "no gap in {numbers:?}"
        );
        for row in rows {
            let event: RoomEvent = cipher_room::protocol::body::decode(&row.event).unwrap();
            if let Content::Message { text } = event.content {
                texts.push(text);
            }
        }
    }
    texts
}

#[test]
fn a_host_that_is_killed_while_it_talks_loses_and_doubles_nothing_that_was_shown_as_logged() {
    let (ada, bob) = (profile(ADA), profile(BOB));
    let mut shown: HashMap<String, usize> = HashMap::new();
    for round in 0..4 {
        let mut host = Running::start(host(ada.path()));
        let invite = host.wait(is("room_opened"))["invite"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut guest = Running::start(join(bob.path(), &invite));
        guest.wait(is("joined"));
        for n in 0..40 {
            host.say(&format!("host {round} {n}"));
            guest.say(&format!("guest {round} {n}"));
        }
        // Killed in the middle: after a few of ours were in the log, at another place each time, and not before
        // something of the guest was shown.
        let mut logged = 0;
        let shown_before = shown.len();
        while logged < 3 + 5 * round || shown.len() == shown_before {
            let line = host.wait(|line| line["event"] == "message" || line["event"] == "delivered");
            if line["event"] == "message" {
                *shown
                    .entry(line["text"].as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
            logged += 1;
        }
        for line in host.kill() {
            if line["event"] == "message" {
                *shown
                    .entry(line["text"].as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
        }
        drop(guest);
        let kept = kept_messages(ada.path());
        for text in shown.keys() {
            let times = kept.iter().filter(|kept| *kept == text).count();
            assert_eq!(times, 1, "{text} was shown as logged in round {round}");
        }
        for text in &kept {
            assert_eq!(
                kept.iter().filter(|other| *other == text).count(),
                1,
                "{text} is doubled"
            );
        }
    }
    assert!(!shown.is_empty());
}

#[test]
fn no_name_and_no_word_of_a_conversation_is_in_the_bytes_of_the_profile() {
    let (ada, bob) = (profile(ADA), profile(BOB));
    {
        let mut host = Running::start(host(ada.path()));
        let invite = host.wait(is("room_opened"))["invite"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut guest = Running::start(join(bob.path(), &invite));
        guest.wait(is("joined"));
        guest.say("the xylophone is under the marmalade");
        host.wait(|line| line["event"] == "message" && line["text"].as_str().unwrap().contains("xylophone"));
        host.say("understood, the zeppelin leaves at nine");
        guest.wait(|line| line["event"] == "message" && line["text"].as_str().unwrap().contains("zeppelin"));
    }
    for folder in [ada.path(), bob.path()] {
        assert!(!folder.join("identity.pem").exists());
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let lower = bytes.to_ascii_lowercase();
            let words: [&[u8]; 8] = [
                b"xylophone",
                b"marmalade",
                b"zeppelin",
                b"brandt",
                b"stone",
                b"attic",
                b"private key",
                b"cipher-room://",
            ];
            for word in words {
                assert!(
                    !lower.windows(word.len()).any(|window| window == word),
                    "{} holds {}",
                    path.display(),
                    String::from_utf8_lossy(word)
                );
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_said_at_once_and_the_conversation_goes_on() {
    let (ada, bob) = (profile(ADA), profile(BOB));
    drop(Running::start(host(ada.path())).wait(is("room_opened")));
    let database = ada.path().join("vault.redb");
    let blocks = std::fs::metadata(&database).unwrap().len() / 1024 + 64;
    // No file may grow beyond a little more than the database has: the system then answers as on a full disk.
    let mut command = Command::new("bash");
    command
        .arg("-c")
        .arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_cipher-room"))
        .args([
            "host",
            "--room",
            "Attic",
            "--name",
            "Ada",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--profile",
        ])
        .arg(ada.path());
    let host = Running::start(command);
    let invite = host.wait(is("room_opened"))["invite"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut guest = Running::start(join(bob.path(), &invite));
    guest.wait(is("joined"));
    let long = "x".repeat(30_000);
    for _ in 0..150 {
        guest.say(&long);
    }
    guest.say("the last one");
    let mut said = false;
    host.wait(|line| {
        said |= line["event"] == "notice" && line["text"].as_str().unwrap().contains("disk is full");
        line["event"] == "message" && line["text"] == "the last one"
    });
    assert!(
        said || host.lines.try_iter().any(|line| line["text"]
            .as_str()
            .is_some_and(|text| text.contains("disk is full")))
    );
}

/// Takes the right to write away from a profile; gives the program as somebody whom that concerns: the owner
/// itself, or, where that is root, who may write everywhere, a user without rights.
#[cfg(unix)]
fn as_reader(folder: &Path) -> Command {
    use std::os::unix::fs::PermissionsExt;
    for file in std::fs::read_dir(folder).unwrap() {
        std::fs::set_permissions(file.unwrap().path(), PermissionsExt::from_mode(0o444)).unwrap();
    }
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o555)).unwrap();
    let probe = folder.join("probe");
    if std::fs::write(&probe, b"").is_err() {
        return program();
    }
    std::fs::remove_file(probe).unwrap();
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(env!("CARGO_BIN_EXE_cipher-room"));
    command
}

#[cfg(unix)]
#[test]
fn a_read_only_disk_is_said_at_once_and_the_conversation_goes_on_and_nothing_claims_to_be_kept() {
    use std::os::unix::fs::PermissionsExt;
    let (ada, bob) = (profile(ADA), profile(BOB));
    let mut first = Running::start(host(ada.path()));
    first.wait(is("room_opened"));
    // Its end of input closes the room, and the database with it.
    drop(first.input.take());
    assert!(first.child.wait().unwrap().success());
    let database = std::fs::read(ada.path().join("vault.redb")).unwrap();
    let mut command = as_reader(ada.path());
    command
        .args([
            "host",
            "--room",
            "Attic",
            "--name",
            "Ada",
            "--json",
            "--listen",
            "127.0.0.1:0",
        ])
        .arg("--profile")
        .arg(ada.path());
    let mut host = Running::start(command);
    let mut said = false;
    let opened = host.wait(|line| {
        said |= line["event"] == "notice" && line["text"].as_str().unwrap().contains("can't be written to");
        line["event"] == "room_opened"
    });
    assert!(said, "before anything else");
    let mut guest = Running::start(join(bob.path(), opened["invite"].as_str().unwrap()));
    guest.wait(is("joined"));
    guest.say("is anybody there");
    host.wait(|line| line["event"] == "message" && line["text"] == "is anybody there");
    host.say("all is well");
    guest.wait(|line| line["event"] == "message" && line["text"] == "all is well");
    drop(host);
    std::fs::set_permissions(ada.path(), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(
        std::fs::read(ada.path().join("vault.redb")).unwrap(),
        database,
        "not a byte was changed"
    );
}

#[test]
fn a_locked_profile_opens_from_a_file_and_says_clearly_when_it_does_not() {
    let folder = tempfile::tempdir().unwrap();
    {
        let profile = cipher_room::store::Profile::open(folder.path()).unwrap();
        let passphrase = cipher_room::crypto::Passphrase::new("orbit velvet mango");
        let vault = profile.create(Some(&passphrase)).unwrap();
        let identity = cipher_room::crypto::Identity::from_pem(ADA).unwrap();
        vault
            .keep_identity(&identity, &cipher_room::store::Settings::default())
            .unwrap();
    }
    let run = |passphrase: Option<&str>| {
        let mut command = host(folder.path());
        if let Some(passphrase) = passphrase {
            let file = folder.path().join("passphrase");
            std::fs::write(&file, format!("{passphrase}\n")).unwrap();
            command.arg("--passphrase-file").arg(file);
        }
        command.stdin(Stdio::null()).output().unwrap()
    };
    let without = run(None);
    assert_eq!(without.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&without.stderr).contains("--passphrase-file"));
    let right = run(Some("orbit velvet mango"));
    assert!(
        right.status.success(),
        "{}",
        String::from_utf8_lossy(&right.stderr)
    );
    assert!(String::from_utf8_lossy(&right.stdout).contains("room_opened"));
    let wrong = run(Some("orbit velvet"));
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("passphrase is wrong"));
}
