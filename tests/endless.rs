//! Files and streams without an end, and outputs that take nothing, as the real program meets them.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use cipher_room::store::{Profile, ProfileState};
use tempfile::TempDir;

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Memory that a program may ask for, in KiB: one that reads without an end is stopped there.
const MEMORY_KIB: &str = "3000000";
/// RSA keys that are no identities.
const TOO_LONG: &str = include_str!("keys/rsa-8192.pem");
const TOO_SHORT: &str = include_str!("keys/rsa-2048.pem");

const CAESAR: [&str; 3] = ["caesar", "--key", "shift=3"];

#[test]
fn a_text_without_an_end_is_refused_and_the_limit_is_said() {
    for (verb, limit) in [
        (&["encrypt", "caesar", "--key", "shift=3"][..], "64 MiB"),
        (&["decrypt", "caesar", "--key", "shift=3"], "64 MiB"),
        (&["analyse"], "8 MiB"),
        (&["break", "caesar"], "8 MiB"),
    ] {
        let named = ended(program(verb).arg("/dev/zero"));
        let streamed = ended(program(verb).stdin(File::open("/dev/zero").unwrap()));
        for output in [named, streamed] {
            let said = said(&output);
            assert_eq!(output.status.code(), Some(1), "{verb:?}: {said}");
            assert!(
                said.contains(limit) && said.contains("head -c"),
                "{verb:?}: {said}"
            );
            assert!(output.stdout.is_empty(), "{verb:?}");
        }
    }
}

#[test]
fn a_file_of_the_profile_without_an_end_is_refused_and_left_as_it_is() {
    for name in ["identity.pem", "vault.json", "settings.json", "contacts.json"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        symlink("/dev/zero", &path).unwrap();
        assert_refused(&folder, &[name, "device"]);
        assert!(path.is_symlink(), "it was left as it is");

        fs::remove_file(&path).unwrap();
        File::create(&path).unwrap().set_len(1 << 34).unwrap();
        assert_refused(&folder, &[name, "longer than"]);
        assert_eq!(fs::metadata(&path).unwrap().len(), 1 << 34);

        fs::remove_file(&path).unwrap();
        let made = Command::new("mkfifo").arg(&path).status();
        if made.is_ok_and(|status| status.success()) {
            assert_refused(&folder, &[name, "pipe"]);
        }
    }
}

#[test]
fn what_stands_in_the_place_of_a_file_can_be_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    symlink("/dev/zero", folder.path().join("vault.json")).unwrap();
    let profile = Profile::open(folder.path()).unwrap();
    let error = profile.state().unwrap_err();
    assert!(error.is_damage(), "{error}");
    let aside = profile.put_aside(1).unwrap();
    assert!(aside.join("vault.json").is_symlink());
    assert_eq!(profile.state().unwrap(), ProfileState::New);
}

#[test]
fn a_key_of_another_length_is_named_by_its_length() {
    for (pem, how, bits) in [(TOO_LONG, "too long", "8192"), (TOO_SHORT, "too short", "2048")] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.pem");
        fs::write(&path, pem).unwrap();
        let said = assert_refused(&folder, &["identity.pem", how, bits, "3072 to 4096"]);
        assert!(!said.contains("damaged"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), pem, "it was left as it is");
    }
}

#[test]
fn a_passphrase_without_an_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = ended(host(&folder).args(["--passphrase-file", "/dev/zero"]));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("4096 bytes"), "{said}");
    assert!(!folder.path().join("vault.json").exists());
}

#[test]
fn an_output_that_takes_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let text = text_in(&folder);
    for mut command in each_verb(&folder, &text) {
        let output = ended(command.stdout(File::options().write(true).open("/dev/full").unwrap()));
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
        assert!(said.contains("standard output"), "{command:?}: {said}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_every_verb_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let text = text_in(&folder);
    for mut command in each_verb(&folder, &text) {
        let mut child = spawn(&mut command);
        drop(child.stdout.take());
        let output = output_in_time(child, &command);
        assert_eq!(said(&output), "", "{command:?}");
        assert_eq!(output.status.code(), Some(0), "{command:?}");
    }
}

fn each_verb(folder: &TempDir, text: &Path) -> Vec<Command> {
    let on_text = |verb: &str, arguments: &[&str]| {
        let mut command = program(&[verb]);
        command.args(arguments).arg(text);
        command
    };
    let mut all = vec![
        program(&["--help"]),
        program(&["host", "--help"]),
        program(&["ciphers"]),
        program(&["ciphers", "--json"]),
        program(&["attack"]),
        program(&["attack", "--json"]),
        on_text("encrypt", &CAESAR),
        on_text("decrypt", &CAESAR),
        on_text("analyse", &[]),
        on_text("analyse", &["--json"]),
        on_text("break", &["caesar"]),
        on_text("break", &["caesar", "--json"]),
        host(folder),
    ];
    let mut as_json = host(folder);
    as_json.arg("--json");
    all.push(as_json);
    all
}

/// A folder with a text, and with a key, so that no other has to be made.
fn text_in(folder: &TempDir) -> std::path::PathBuf {
    fs::write(folder.path().join("identity.pem"), include_str!("keys/ada.pem")).unwrap();
    let path = folder.path().join("text");
    fs::write(
        &path,
        "Wkh txlfn eurzq ira mxpsv ryhu wkh odcb grj dqg uxqv dzdb.\n",
    )
    .unwrap();
    path
}

/// Starts `host` with this profile; gives what it said.
fn assert_refused(folder: &TempDir, words: &[&str]) -> String {
    let output = ended(&mut host(folder));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "no \"{word}\" in: {said}");
    }
    said
}

fn host(folder: &TempDir) -> Command {
    let mut command = program(&["host", "--listen", "127.0.0.1:0", "--name", "Ada", "--profile"]);
    command.arg(folder.path());
    command
}

/// The program with bounded memory, nothing to read, and all that it says caught.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v \"$0\" && exec \"$@\"", MEMORY_KIB])
        .arg(env!("CARGO_BIN_EXE_cipher-room"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn ended(command: &mut Command) -> Output {
    let child = spawn(command);
    output_in_time(child, command)
}

fn spawn(command: &mut Command) -> Child {
    command.spawn().unwrap()
}

/// Ends the program when it does not end by itself in time. What it says fits into the pipes.
fn output_in_time(mut child: Child, command: &Command) -> Output {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("no end: {command:?}");
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
