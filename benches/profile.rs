//! A profile with a million messages: opening, the newest page, searching.
//!
//! `cargo bench --bench profile`, or `MESSAGES=100000 cargo bench --bench profile` for a smaller one.
//!
//! The messages lie in four rooms; the profile is filled once, closed, and opened anew for each round.
//! Times by the clock on the wall, one thread; the key derivation of a passphrase is shown by itself.
//! The pages of the file are in the system's cache, as after it was written.

mod measure;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use cipher_room::crypto::{Fingerprint, Passphrase, Signature};
use cipher_room::protocol::{Content, RoomEvent, body};
use cipher_room::store::{LogRow, Profile, Vault, Words};

use self::measure::{Rounds, heading, line};

const PASSPHRASE: &str = "orbit velvet mango quarry";
const ROOMS: u64 = 4;
const ROUNDS: usize = 7;
/// What a screen shows first of a room, and some above it.
const PAGE: u64 = 2048;

/// The environment's name for the folder of a program that is to be killed.
const KILL: &str = "CIPHER_ROOM_BENCH_KILL";

fn main() {
    if let Some(folder) = std::env::var_os(KILL) {
        be_killed(std::path::Path::new(&folder));
    }
    let messages: u64 = std::env::var("MESSAGES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder for the profile");
    let passphrase = Passphrase::new(PASSPHRASE);
    let filled = Instant::now();
    {
        let profile = Profile::open(folder.path()).expect("a new folder");
        let vault = profile.create(Some(&passphrase)).expect("a new vault");
        fill(&vault, messages / ROOMS);
    }
    let size = std::fs::metadata(folder.path().join("vault.redb")).map_or(0, |file| file.len());
    println!(
        "{messages} messages in {ROOMS} rooms, {} MB, filled in {:.0} s",
        size / 1_000_000,
        filled.elapsed().as_secs_f64()
    );

    let (mut derive, mut open, mut page) = (Rounds::default(), Rounds::default(), Rounds::default());
    let (mut after_kill, mut one) = (Rounds::default(), Rounds::default());
    let (mut first, mut whole, mut rare) = (Rounds::default(), Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        // Another program writes a message and ends without closing anything, as by SIGKILL.
        let killed = std::process::Command::new(std::env::current_exe().expect("this program"))
            .env(KILL, folder.path())
            .status()
            .expect("it starts");
        assert!(!killed.success(), "it was killed");
        let profile = Profile::open(folder.path()).expect("the folder");
        let started = Instant::now();
        let vault = profile.unlock(Some(&passphrase), 0).expect("the vault");
        let unlocked_after_kill = started.elapsed();
        drop(vault);
        let started = Instant::now();
        let vault = profile.unlock(Some(&passphrase), 0).expect("the vault");
        let unlocked = started.elapsed();
        drop(vault);
        // The derivation alone: the same passphrase, refused before the database is touched.
        let started = Instant::now();
        assert!(
            profile
                .change_passphrase(Some(&Passphrase::new("wrong")), None, u64::MAX / 2)
                .is_err()
        );
        let derived = started.elapsed();
        let _ = std::fs::remove_file(folder.path().join("attempts.json"));
        derive.add(ms(derived));
        open.add(ms(unlocked.saturating_sub(derived)));
        after_kill.add(ms(unlocked_after_kill.saturating_sub(derived)));

        let vault = profile.unlock(Some(&passphrase), 0).expect("the vault");
        let started = Instant::now();
        let extent = vault.log_extent(&room(0)).expect("readable").expect("kept");
        let rows = vault
            .log_rows(&room(0), extent.next.saturating_sub(PAGE)..extent.next)
            .expect("readable");
        assert!(!rows.is_empty());
        page.add(ms(started.elapsed()));

        for _ in 0..20 {
            let started = Instant::now();
            say_one(&vault);
            one.add(ms(started.elapsed()));
        }

        let (at_first, at_end, hits) = search(&vault, "lemon needle");
        assert!(hits > 0);
        first.add(ms(at_first));
        whole.add(ms(at_end));
        let (_, at_end, hits) = search(&vault, "nowhere in it");
        assert_eq!(hits, 0);
        rare.add(ms(at_end));
    }
    heading("milliseconds, median", &["ms"]);
    let median = |rounds: &Rounds| vec![format!("{:.1}", rounds.median())];
    line("Argon2id, 64 MiB, 3 passes", &median(&derive));
    line("open after the derivation (goal: below 1000)", &median(&open));
    line("open after a kill (goal: below 1000)", &median(&after_kill));
    line("keep one message, on the disk when it returns", &median(&one));
    line("read the newest 2048 entries of a room", &median(&page));
    line("search all rooms: first hit (goal: 100)", &median(&first));
    line("search all rooms: to the end (goal: 1000)", &median(&whole));
    line("search all rooms: nothing found", &median(&rare));
}

/// Keeps one message, as it comes.
fn say_one(vault: &Vault) {
    let extent = vault.log_extent(&room(1)).expect("readable").expect("kept");
    vault
        .write(|writing| writing.append(&room(1), None, &[row(room(1), extent.next)]))
        .expect("space on the disk");
}

fn be_killed(folder: &std::path::Path) -> ! {
    let profile = Profile::open(folder).expect("the folder");
    let vault = profile
        .unlock(Some(&Passphrase::new(PASSPHRASE)), 0)
        .expect("the vault");
    say_one(&vault);
    std::process::abort();
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn room(number: u64) -> [u8; 32] {
    [number as u8 + 1; 32]
}

/// Looks for the words in all rooms: when the first was found, when it ended, how many there are.
fn search(vault: &Vault, question: &str) -> (Duration, Duration, usize) {
    let words = Words::parse(question).expect("words");
    let started = Instant::now();
    let (mut first, mut hits) = (None, 0);
    for number in 0..ROOMS {
        vault
            .search(&room(number), &words, &mut |_| {
                first.get_or_insert_with(|| started.elapsed());
                hits += 1;
                ControlFlow::Continue(())
            })
            .expect("readable");
    }
    (first.unwrap_or_default(), started.elapsed(), hits)
}

fn fill(vault: &Vault, each: u64) {
    for number in 0..ROOMS {
        for piece in (1..=each).collect::<Vec<_>>().chunks(8192) {
            let rows: Vec<LogRow> = piece.iter().map(|n| row(room(number), *n)).collect();
            vault
                .write(|writing| writing.append(&room(number), None, &rows))
                .expect("space on the disk");
        }
    }
}

fn row(room: [u8; 32], n: u64) -> LogRow {
    // One in five thousand has the words that are looked for.
    let needle = if n % 5000 == 2500 {
        " The lemon is the needle."
    } else {
        ""
    };
    let text = format!(
        "Message {n}: the index of coincidence is a little below that of English, so the key is longer.{needle}"
    );
    let event = RoomEvent {
        room,
        author: Fingerprint::of_der(&(n % 20).to_be_bytes()),
        seq: n / 20 + 1,
        prev: [3; 32],
        seen: n - 1,
        seen_head: [4; 32],
        time_ms: 1_795_000_000_000 + n,
        content: Content::Message { text },
    };
    LogRow {
        n,
        head: [5; 32],
        event: body::encode(&event),
        signature: Signature {
            rsa: vec![6; 384],
            index: 0,
            size: 1,
            path: Vec::new(),
        },
        name: format!("Guest {}", n % 20),
        kept_ms: 1_795_000_000_000 + n,
        fault: None,
        missed: false,
    }
}
