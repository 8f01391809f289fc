//! The verbs as other programs meet them: arguments, lines, JSON and exit codes of the real program.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]

mod people;
#[path = "terminal/visits.rs"]
mod visits;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::time::Duration;

use cipher_room::protocol::{Content, DepartureReason};
use crossbeam_channel::{Receiver, bounded};
use people::{RawHost, host_thread};
use serde_json::Value;
use tempfile::TempDir;

const ADA: &str = include_str!("keys/ada.pem");
const BOB: &str = include_str!("keys/bob.pem");
const CEM: &str = include_str!("keys/cem.pem");

/// A running `host` or `join` with its lines.
struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    errors: Receiver<String>,
    folder: TempDir,
}

impl Running {
    fn start(pem: &str, arguments: &[&str]) -> Running {
        Running::start_in(folder_of(pem), arguments)
    }

    /// Starts with the profile of an earlier run.
    fn start_in(folder: TempDir, arguments: &[&str]) -> Running {
        let mut child = spawn(&folder, arguments);
        let input = child.stdin.take();
        let lines = follow(child.stdout.take().unwrap());
        let errors = follow(child.stderr.take().unwrap());
        Running {
            child,
            input,
            lines,
            errors,
            folder,
        }
    }

    fn host(arguments: &[&str]) -> (Running, Value) {
        let mut all = vec![
            "host",
            "--listen",
            "127.0.0.1:0",
            "--room",
            "Den",
            "--name",
            "Bob",
            "--json",
        ];
        all.extend(arguments);
        let running = Running::start(BOB, &all);
        let opened = running.next_json();
        assert_eq!(opened["event"], "room_opened");
        (running, opened)
    }

    fn join(pem: &str, name: &str, target: &str) -> (Running, Value) {
        let running = Running::start(pem, &["join", target, "--name", name, "--json"]);
        let joined = running.until("joined");
        (running, joined)
    }

    fn say(&mut self, text: &str) {
        writeln!(self.input.as_mut().unwrap(), "{text}").unwrap();
    }

    fn say_bytes(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).unwrap();
    }

    fn next_json(&self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("a line in time");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"))
    }

    fn until(&self, event: &str) -> Value {
        loop {
            let value = self.next_json();
            if value["event"] == event {
                return value;
            }
        }
    }

    /// Waits for a notice with these words.
    fn until_notice(&self, words: &str) {
        while !self.until("notice")["text"].as_str().unwrap().contains(words) {}
    }

    /// Ends the input and waits for the program's exit code.
    fn end(self) -> (i32, Vec<String>) {
        let (code, errors, _) = self.end_this_run();
        (code, errors)
    }

    /// The same, and gives the profile for another run.
    fn end_this_run(mut self) -> (i32, Vec<String>, TempDir) {
        drop(self.input.take());
        let code = self.child.wait().unwrap().code().unwrap();
        let errors = self.errors.iter().collect();
        (code, errors, self.folder)
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

/// A new profile with a ready-made key.
fn folder_of(pem: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("identity.pem"), pem).unwrap();
    folder
}

/// Starts `host` or `join` with this profile.
fn spawn(folder: &TempDir, arguments: &[&str]) -> Child {
    program()
        .args(arguments)
        .arg("--profile")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cipher-room"));
    command.env("USER", "tester");
    command
}

fn follow(output: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (lines, heard) = bounded(10_000);
    let work = move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("follow".to_owned())
        .spawn(work)
        .unwrap();
    heard
}

#[test]
fn a_host_and_two_guests_talk_in_json() {
    let (mut host, opened) = Running::host(&[]);
    let invite = opened["invite"].as_str().unwrap();
    assert!(invite.starts_with("cipher-room://127.0.0.1:"), "{invite}");
    assert_eq!(opened["room"], "Den");
    let fingerprint = opened["fingerprint"].as_str().unwrap();
    assert_eq!(fingerprint.len(), 64);

    let (mut ada, joined) = Running::join(ADA, "Ada", invite);
    assert_eq!(
        (joined["room"].as_str(), joined["host"].as_str()),
        (Some("Den"), Some("Bob"))
    );
    assert_eq!(
        (joined["fingerprint"].as_str(), joined["trust"].as_str()),
        (Some(fingerprint), Some("pinned"))
    );
    assert_eq!(joined["sas"].as_array().unwrap().len(), 7);
    let member = host.until("member_joined");
    assert_eq!(member["name"], "Ada");

    let address = opened["listen"].as_str().unwrap();
    let (cem, joined) = Running::join(CEM, "Cem", address);
    assert_eq!(joined["trust"], "first_use");
    assert_eq!(cem.until("member_joined")["name"], "Ada");
    host.until("member_joined");
    assert_eq!(ada.until("member_joined")["name"], "Cem");

    ada.say("hello \u{1b}[31m ✈ \u{202e}x");
    let delivered = ada.until("delivered");
    for listener in [&host, &cem] {
        let message = listener.until("message");
        assert_eq!(message["text"], "hello \u{1b}[31m ✈ \u{202e}x");
        assert_eq!(
            (message["from"].as_str(), message["verified"].as_bool()),
            (Some("Ada"), Some(true))
        );
        assert_eq!(message["fingerprint"], member["fingerprint"]);
        assert_eq!(message["id"], delivered["id"]);
        let time = message["time"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.contains('T'), "{time}");
    }
    host.say("welcome");
    assert_eq!(ada.until("message")["text"], "welcome");
    assert_eq!(cem.until("message")["text"], "welcome");

    let (code, errors) = ada.end();
    assert_eq!((code, errors), (0, vec![]));
    let left = host.until("member_left");
    assert_eq!(
        (&left["name"], &left["reason"]),
        (&"Ada".into(), &"goodbye".into())
    );
    let (code, _) = host.end();
    assert_eq!(code, 0);
    assert_eq!(cem.until("closed")["reason"], "the host said goodbye");
    assert_eq!(cem.end().0, 0);
}

#[test]
fn who_was_let_go_for_reading_too_slowly_learns_it_when_it_is_back() {
    let mut raw = RawHost::open();
    let invite = raw.invite();
    let (done, is_done) = bounded::<()>(0);
    let host = move || {
        let mut line = raw.accept();
        raw.admit(&mut line, &[]);
        let member = line.guest.fingerprint();
        // It reads nothing: of the close behind it all it sees a cut line.
        line.cut();
        raw.by_host(Content::Departed {
            member,
            reason: DepartureReason::TooSlow,
        });
        let missed = raw.entries.last().unwrap().clone();
        let mut line = raw.accept();
        raw.admit(&mut line, &[missed]);
        let _ = is_done.recv();
    };
    let host = host_thread(host);
    let (ada, _) = Running::join(ADA, "Ada", &invite);
    let notices: Vec<String> = std::iter::from_fn(|| {
        let text = ada.until("notice")["text"].as_str().unwrap().to_owned();
        (!text.contains("back in the room")).then_some(text)
    })
    .collect();
    let why: Vec<&String> = notices
        .iter()
        .filter(|text| text.contains("could not keep up"))
        .collect();
    assert_eq!(why.len(), 1, "{notices:?}");
    assert!(why[0].contains("8 MiB waited"), "{notices:?}");
    drop(done);
    host.join().unwrap();
    ada.end();
}

#[test]
fn every_line_before_the_end_of_input_arrives() {
    let (host, opened) = Running::host(&[]);
    let (mut ada, _) = Running::join(ADA, "Ada", opened["invite"].as_str().unwrap());
    for i in 0..500 {
        ada.say(&format!("line {i}"));
    }
    let (code, _) = ada.end();
    assert_eq!(code, 0);
    for i in 0..500 {
        assert_eq!(host.until("message")["text"], format!("line {i}"));
    }
    host.until("member_left");
}

#[test]
fn every_line_that_is_no_command_of_ours_arrives_as_it_is() {
    let (mut host, opened) = Running::host(&[]);
    let (mut ada, _) = Running::join(ADA, "Ada", opened["invite"].as_str().unwrap());
    host.until("member_joined");
    for (line, heard) in [
        ("// a comment", "// a comment"),
        ("/ask on", "/ask on"),
        ("/admit Bob", "/admit Bob"),
        ("//refuse Bob", "//refuse Bob"),
        ("//private is a word", "/private is a word"),
        ("///private is a word", "//private is a word"),
        (" ", " "),
    ] {
        ada.say(line);
        assert_eq!(host.until("message")["text"], heard);
    }
    for (line, heard) in [("//ask on", "/ask on"), ("// a comment", "// a comment")] {
        host.say(line);
        assert_eq!(ada.until("message")["text"], heard);
    }
    // A message has 1 byte at least.
    ada.say("");
    assert_eq!(ada.end(), (0, vec![]));
    assert_eq!(host.end().0, 0);
}

#[test]
fn lines_that_cannot_be_sent_are_counted_and_the_others_arrive() {
    let (host, opened) = Running::host(&[]);
    let (mut ada, _) = Running::join(ADA, "Ada", opened["invite"].as_str().unwrap());
    ada.say_bytes(b"\xff\xfe\n");
    ada.say(&"x".repeat(40_000));
    ada.say("this arrives");
    assert_eq!(host.until("message")["text"], "this arrives");
    let told = "cipher-room: 2 lines were not sent".to_owned();
    assert_eq!(ada.end(), (1, vec![told]));
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_guest_quietly_only_where_every_line_was_sent() {
    let (mut host, opened) = Running::host(&[]);
    let invite = opened["invite"].as_str().unwrap();
    for (unsent, code, told) in [
        (&b"\xff\n"[..], 1, "cipher-room: 1 line was not sent\n"),
        (&b""[..], 0, ""),
    ] {
        let folder = folder_of(ADA);
        let mut child = spawn(&folder, &["join", invite, "--name", "Ada", "--json"]);
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        assert!(first.contains("joined"), "{first}");
        let mut input = child.stdin.take().unwrap();
        match unsent {
            b"" => host.say("nobody reads this"),
            // What is told of it is what nobody reads.
            _ => input.write_all(unsent).unwrap(),
        }
        let output = child.wait_with_output().unwrap();
        drop(input);
        assert_eq!(String::from_utf8_lossy(&output.stderr), told);
        assert_eq!(output.status.code(), Some(code));
    }
}

#[cfg(unix)]
#[test]
fn an_input_that_cannot_be_read_ends_with_a_goodbye_and_1() {
    let folder = folder_of(BOB);
    let output = program()
        .args(["host", "--listen", "127.0.0.1:0", "--json", "--profile"])
        .arg(folder.path())
        .stdin(std::fs::File::open(folder.path()).unwrap())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("standard input can't be read: "), "{told}");
    assert_eq!(output.status.code(), Some(1));
    let events = String::from_utf8_lossy(&output.stdout);
    assert!(events.lines().last().unwrap().contains("closed"), "{events}");
}

#[cfg(unix)]
#[test]
fn a_second_interruption_ends_at_once_and_tells_what_was_left_unsaid() {
    use rustix::process::{Pid, Signal, kill_process};
    let mut raw = RawHost::open();
    let invite = raw.invite();
    let (done, is_done) = bounded::<()>(0);
    let host = move || {
        let mut line = raw.accept();
        raw.admit(&mut line, &[]);
        let _ = is_done.recv();
        line.cut();
    };
    let host = host_thread(host);
    let (mut ada, _) = Running::join(ADA, "Ada", &invite);
    let interrupt = |ada: &Running| kill_process(Pid::from_child(&ada.child), Signal::INT).unwrap();
    ada.say("nobody puts this into the log");
    // Told when the line before it was taken.
    ada.say_bytes(b"\xff\n");
    ada.until_notice("UTF-8");
    interrupt(&ada);
    ada.until_notice("Interrupt again");
    interrupt(&ada);
    let (code, errors) = ada.end();
    let told = [
        "cipher-room: ended without a goodbye",
        "cipher-room: 1 line was not sent; 1 message was not confirmed",
    ];
    assert_eq!((code, errors), (1, told.map(str::to_owned).to_vec()));
    drop(done);
    host.join().unwrap();
}

#[test]
fn nothing_from_a_peer_reaches_the_terminal_raw() {
    let (host, opened) = Running::host(&[]);
    let target = opened["invite"].as_str().unwrap().to_owned();
    let listener = Running::start(CEM, &["join", &target, "--name", "Cem"]);
    host.until("member_joined");
    let (mut ada, _) = Running::join(ADA, "Eve\u{1b}]0;title\u{7}", &target);
    ada.say("a\u{9b}31mb\u{202e}c\u{200b}d");
    loop {
        let line = listener.lines.recv_timeout(PATIENCE).unwrap();
        let raw = line
            .chars()
            .any(|c| c.is_control() || ('\u{200b}'..='\u{202e}').contains(&c));
        assert!(!raw, "{line:?}");
        if line.contains("31mb") {
            assert!(line.starts_with("Eve⟨U+001B⟩"), "{line}");
            return;
        }
    }
}

#[test]
fn failures_end_with_1_and_a_reason_and_wrong_usage_with_2() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let (code, errors) = Running::start(ADA, &["join", &gone, "--json"]).end();
    assert_eq!(code, 1);
    assert!(errors.join("\n").contains("Nobody listens"), "{errors:?}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, errors) = Running::start(ADA, &["host", "--listen", &address]).end();
    assert_eq!(code, 1);
    assert!(errors.join("\n").contains("in use"), "{errors:?}");

    for wrong in [
        &["join", "not an invitation"][..],
        &["join", "cipher-room://1.2.3.4:5/x#12"],
        &["join"],
        &["host", "--listen", "nowhere"],
        &["host", "--name", ""],
        &["sing"],
    ] {
        let output = run(wrong, "");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_profile_in_use_is_reported() {
    let (host, _) = Running::host(&[]);
    let folder = host.folder.path().to_str().unwrap().to_owned();
    let output = run(&["host", "--listen", "127.0.0.1:0", "--profile", &folder], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("already running"));
}

#[test]
fn a_first_run_makes_the_identity_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("new").to_str().unwrap().to_owned();
    let arguments = ["host", "--listen", "127.0.0.1:0", "--profile", &profile, "--json"];
    let fingerprint = || {
        let output = run(&arguments, "");
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        let opened: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(opened["event"], "room_opened", "{text}");
        opened["fingerprint"].clone()
    };
    assert_eq!(fingerprint(), fingerprint());
}

#[test]
fn texts_go_through_ciphers_and_nothing_else() {
    let output = run(&["encrypt", "caesar", "--key", "shift=3"], "Attack at dawn\n");
    assert_eq!(
        (output.status.code(), output.stdout.as_slice()),
        (Some(0), &b"Dwwdfn dw gdzq\n"[..])
    );
    let output = run(&["decrypt", "caesar", "--key", "shift=3"], "Dwwdfn dw gdzq");
    assert_eq!(output.stdout, b"Attack at dawn");
    for wrong in [
        &["encrypt", "cesar"][..],
        &["encrypt", "caesar", "--key", "shift=x"],
        &["encrypt", "caesar"],
    ] {
        let output = run(wrong, "x");
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{wrong:?}"
        );
    }
    let output = run(&["encrypt", "rot13", "/no/such/file"], "");
    assert_eq!(output.status.code(), Some(1));
    for wrong in [
        &["decrypt", "cesar"][..],
        &["encrypt", "caesar", "--key", "shift=x"],
    ] {
        let output = run(&[wrong, &["/no/such/file"]].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    let listed = run(&["ciphers", "--json"], "");
    let ids: Vec<String> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(
        ids.len() >= 22 && ids.contains(&"aes-256-gcm".to_owned()),
        "{ids:?}"
    );
}

#[test]
fn a_cipher_that_does_not_exist_is_told_before_a_text_is_read() {
    let mut child = program()
        .args(["encrypt", "cesar"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = child.stdin.take();
    let errors = follow(child.stderr.take().unwrap());
    let told = errors.recv_timeout(PATIENCE).expect("it waits for no text");
    assert!(told.contains("caesar"), "{told}");
    assert_eq!(child.wait().unwrap().code(), Some(2));
    drop(input);
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = program()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Wrong usage ends before the input is read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn members_talk_in_private_and_the_host_answers_who_knocks() {
    let (mut host, opened) = Running::host(&[]);
    let invite = opened["invite"].as_str().unwrap();
    let (mut ada, _) = Running::join(ADA, "Ada", invite);
    host.until("member_joined");
    host.say("/ask on");
    host.until("notice");
    let mut cem = Running::start(CEM, &["join", invite, "--name", "Cem", "--json"]);
    // It waits until Cem knows who is there.
    cem.say("/private Ada is it you?");
    let knocked = host.until("knocked");
    assert_eq!(knocked["name"], "Cem");
    host.say("/admit Nobody");
    let notice = host.until("notice");
    assert!(notice["text"].as_str().unwrap().contains("Cem ("), "{notice}");
    host.say("/admit Cem");
    cem.until("joined");
    let joined = ada.until("member_joined");
    assert_eq!(joined["fingerprint"], knocked["fingerprint"]);

    let secured = ada.until("private_secured");
    assert_eq!(secured["sas"].as_array().unwrap().len(), 7);
    assert_eq!(ada.until("private_message")["text"], "is it you?");
    ada.say("/private Cem see you at nine");
    let heard = cem.until("private_message");
    assert_eq!(
        (&heard["from"], &heard["text"]),
        (&"Ada".into(), &"see you at nine".into())
    );
    ada.until("private_delivered");
    cem.say(&format!(
        "/private {} indeed",
        &heard["fingerprint"].as_str().unwrap()[..8]
    ));
    assert_eq!(ada.until("private_message")["text"], "indeed");
    ada.say("/private Dora hello");
    assert!(ada.until("notice")["text"].as_str().unwrap().contains("Known:"));

    ada.say("//private is a word");
    let public = host.until("message");
    assert_eq!(
        public["text"], "/private is a word",
        "the first that the host could read"
    );
    // What is said last in private arrives before the goodbye.
    ada.say("/private Cem goodbye");
    let (code, errors) = ada.end();
    assert_eq!(code, 1, "Dora got nothing");
    assert!(errors.join("\n").contains("1 line was not sent"), "{errors:?}");
    assert_eq!(cem.until("private_message")["text"], "goodbye");
    assert_eq!(cem.end().0, 0);
}
