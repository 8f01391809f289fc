//! A host that lies to a member who comes back: each lie is an alarm that the member sees.

mod people;

use cipher_room::crypto::Statement;
use cipher_room::net::{Event, JoinCause};
use cipher_room::protocol::body::{Body, Entry, Roster, SignedHead};
use cipher_room::protocol::{Content, RoomLog};
use cipher_room::store::Profile;
use people::{Person, RawHost, host_thread};

/// Ada is in the room, hears two messages of Cem, and is cut off. While she is away Cem says four more;
/// `lie` tells her what the host makes of it. Gives the alarms that she sees, and what she hears.
fn comes_back(
    lie: impl FnOnce(&mut RawHost, &mut people::RawLine) + Send + 'static,
) -> (Vec<String>, Vec<String>) {
    let mut raw = RawHost::open();
    let invite = raw.invite();
    let host = move || {
        let mut line = raw.accept();
        raw.admit(&mut line, &[]);
        for text in ["one", "two"] {
            raw.by_cem(text);
            line.send(&Body::Entry(raw.entries.last().unwrap().clone()));
        }
        line.cut();
        for text in ["three", "four", "five", "six"] {
            raw.by_cem(text);
        }
        let mut line = raw.accept();
        assert_eq!(line.standing.n, 4, "Cem, Ada and two messages");
        lie(&mut raw, &mut line);
        // The last word, by which the test knows that everything was said.
        std::thread::park_timeout(std::time::Duration::from_millis(500));
        line.cut();
    };
    let host = host_thread(host);
    let ada = Person::ada();
    ada.join(&invite);
    assert_eq!(ada.hear(2), ["one", "two"]);
    let (mut alarms, mut heard, mut losses) = (Vec::new(), Vec::new(), 0);
    ada.expect(|event| {
        match event {
            Event::Alarmed { alarm, .. } => alarms.push(alarm.to_string()),
            Event::Logged { message, .. } => heard.push(message.text),
            Event::LetGo { from, to, .. } => heard.push(format!("not kept: {from} to {to}")),
            Event::KeepingChanged { change, .. } => heard.push(format!("{change:?}")),
            Event::Lost { tries: 0, .. } => losses += 1,
            Event::Closed { .. } => losses = 2,
            _ => {}
        }
        (losses == 2).then_some(())
    });
    host.join().unwrap();
    (alarms, heard)
}

/// What was missed, as the host has it.
fn missed(raw: &RawHost) -> Vec<Entry> {
    raw.entries[4..].to_vec()
}

#[test]
fn an_honest_catch_up_raises_no_alarm() {
    let (alarms, heard) = comes_back(|raw, line| {
        let missed = missed(raw);
        raw.admit(line, &missed);
    });
    assert_eq!(alarms, Vec::<String>::new());
    assert_eq!(heard, ["three", "four", "five", "six"]);
}

#[test]
fn an_old_log_replayed_to_one_member_is_named_with_its_numbers() {
    let (alarms, heard) = comes_back(|raw, line| {
        // The log as it was before Ada came.
        let mut old = RoomLog::create(*raw.log.room(), raw.host.public().clone(), "Bob");
        let first = &raw.entries[0];
        old.append(
            &raw.host.fingerprint(),
            first.event.clone(),
            first.signature.clone(),
        )
        .unwrap();
        for piece in old.roster() {
            line.send(&Body::Roster(piece));
        }
    });
    assert!(
        alarms
            .iter()
            .any(|alarm| alarm.contains("ends at entry 1") && alarm.contains("you have 4")),
        "{alarms:?}"
    );
    assert!(
        matches!(&heard[..], [one] if one.starts_with("Ended") && one.contains("stays as it was")),
        "what is kept is the proof, and that nothing more is kept is told: {heard:?}"
    );
}

#[test]
fn entries_that_are_kept_back_are_named_with_their_numbers() {
    let (alarms, _) = comes_back(|raw, line| {
        for piece in raw.log.roster() {
            line.send(&Body::Roster(piece));
        }
    });
    assert!(alarms.iter().any(|alarm| alarm.contains("5 to 8")), "{alarms:?}");
}

#[test]
fn another_order_of_what_was_seen_is_a_fork() {
    let (alarms, _) = comes_back(|raw, line| {
        // Another log with as many entries as Ada has.
        let roster = raw.log.roster().remove(0);
        line.send(&Body::Roster(Roster {
            n: 4,
            head: [9; 32],
            ..roster
        }));
    });
    assert!(
        alarms.iter().any(|alarm| alarm.contains("another entry 4")),
        "{alarms:?}"
    );
}

#[test]
fn a_message_dropped_from_a_catch_up_names_its_author_and_the_numbers() {
    let (alarms, heard) = comes_back(|raw, line| {
        // The host drops "three" and numbers the rest as if it had never been.
        let mut shown = missed(raw);
        shown.remove(0);
        for (entry, n) in shown.iter_mut().zip(5..) {
            entry.n = n;
        }
        raw.admit(line, &shown);
    });
    let named =
        |alarm: &String| alarm.contains("Cem") && alarm.contains("number is 4") && alarm.contains("3 should");
    assert!(alarms.iter().any(named), "{alarms:?}");
    assert!(
        !heard.contains(&"four".to_owned()),
        "it is not shown as if nothing were missing"
    );
}

#[test]
fn a_gap_in_the_numbers_is_named() {
    let (alarms, _) = comes_back(|raw, line| {
        let mut shown = missed(raw);
        shown.remove(1);
        raw.admit(line, &shown);
    });
    assert!(
        alarms
            .iter()
            .any(|alarm| alarm.contains("entry 7") && alarm.contains("6 should")),
        "{alarms:?}"
    );
}

/// Everything up to entry `n`, as an honest host says that it keeps it no more.
fn let_go(raw: &RawHost, line: &mut people::RawLine, n: u64) {
    let head = raw.log.head_at(n).unwrap();
    for piece in raw.log.let_go(n, head) {
        line.send(&Body::LetGo(piece));
    }
}

#[test]
fn a_host_that_kept_a_log_for_some_days_says_so_and_that_is_no_alarm() {
    let (alarms, heard) = comes_back(|raw, line| {
        let missed = missed(raw);
        let_go(raw, line, 6);
        raw.admit(line, &missed[2..]);
    });
    assert_eq!(alarms, Vec::<String>::new());
    assert_eq!(heard, ["not kept: 5 to 6", "five", "six"]);
}

#[test]
fn a_host_cannot_let_go_of_what_a_member_has() {
    let (alarms, heard) = comes_back(|raw, line| {
        let_go(raw, line, 4);
    });
    assert!(
        alarms
            .iter()
            .any(|alarm| alarm.contains("entry 4") && alarm.contains("you have")),
        "{alarms:?}"
    );
    assert_eq!(heard, Vec::<String>::new());
}

#[test]
fn what_a_host_says_that_it_let_go_of_is_held_to_its_signed_order() {
    let (alarms, _) = comes_back(|raw, line| {
        let missed = missed(raw);
        // A past that never was.
        for piece in raw.log.let_go(6, [7; 32]) {
            line.send(&Body::LetGo(piece));
        }
        for entry in &missed[2..] {
            line.send(&Body::Entry(entry.clone()));
        }
        for piece in raw.log.roster() {
            line.send(&Body::Roster(piece));
        }
    });
    assert!(
        alarms.iter().any(|alarm| alarm.contains("entry 6 than we did")),
        "{alarms:?}"
    );
}

/// The host leaves out a message while Ada is there. She is told, with the numbers and the author, and the room goes on:
/// it may be needed to talk about it. When the host has signed a head behind the gap, its order is held to that again.
#[test]
fn behind_a_gap_the_room_goes_on_with_an_alarm_that_names_numbers_and_author() {
    let mut raw = RawHost::open();
    let invite = raw.invite();
    let head = |raw: &RawHost, head: Option<[u8; 32]>| {
        let statement = match head {
            None => raw.log.newest_head_statement(),
            Some(head) => {
                let n = raw.log.n().to_be_bytes();
                Statement::new("head", &[raw.log.room(), &n, &head])
            }
        };
        Body::Head(SignedHead {
            n: raw.log.n(),
            head: head.unwrap_or(raw.log.head()),
            signature: people::sign(&raw.host, &statement),
        })
    };
    let host = move || {
        let mut line = raw.accept();
        raw.admit(&mut line, &[]);
        let mut say = |raw: &mut RawHost, by_cem: bool, text: &str, is_shown: bool| {
            match by_cem {
                true => raw.by_cem(text),
                false => raw.by_host(Content::Message {
                    text: text.to_owned(),
                }),
            }
            if is_shown {
                line.send(&Body::Entry(raw.entries.last().unwrap().clone()));
            }
        };
        say(&mut raw, true, "one", true);
        say(&mut raw, true, "left out", false);
        say(&mut raw, false, "behind the gap", true);
        say(&mut raw, true, "unseen", true);
        say(&mut raw, true, "seen", true);
        let honest = head(&raw, None);
        line.send(&honest);
        let mut say = |raw: &mut RawHost, text: &str| {
            raw.by_cem(text);
            line.send(&Body::Entry(raw.entries.last().unwrap().clone()));
        };
        say(&mut raw, "in the known order");
        let forked = head(&raw, Some([7; 32]));
        line.send(&forked);
        std::thread::park_timeout(std::time::Duration::from_millis(500));
        line.cut();
    };
    let host = host_thread(host);
    let ada = Person::ada();
    ada.join(&invite);
    let (mut alarms, mut heard) = (Vec::new(), Vec::new());
    ada.expect(|event| {
        match event {
            Event::Alarmed { alarm, .. } => alarms.push(alarm.to_string()),
            Event::Logged { message, .. } => heard.push(message.text),
            Event::Lost { .. } => return Some(()),
            _ => {}
        }
        None
    });
    host.join().unwrap();
    assert_eq!(heard, ["one", "behind the gap", "seen", "in the known order"]);
    let [gap, author, fork] = &alarms[..] else {
        panic!("three lies, three alarms: {alarms:?}");
    };
    assert!(gap.contains("entry 5 came where 4 should"), "{gap}");
    assert!(
        author.contains("Cem") && author.contains("number is 3") && author.contains("2 should"),
        "{author}"
    );
    assert!(fork.contains("entry 8 differs"), "{fork}");
}

#[test]
fn messages_in_another_order_are_named() {
    let (alarms, _) = comes_back(|raw, line| {
        let mut shown = missed(raw);
        shown.swap(0, 1);
        (shown[0].n, shown[1].n) = (5, 6);
        raw.admit(line, &shown);
    });
    assert!(alarms.iter().any(|alarm| alarm.contains("Cem")), "{alarms:?}");
}

#[test]
fn a_forged_message_in_a_catch_up_is_not_shown() {
    let (alarms, heard) = comes_back(|raw, line| {
        let mut shown = missed(raw);
        let place = shown[0]
            .event
            .windows(5)
            .position(|bytes| bytes == b"three")
            .unwrap();
        shown[0].event[place] = b'T';
        raw.admit(line, &shown);
    });
    assert!(
        alarms
            .iter()
            .any(|alarm| alarm.contains("Cem") && alarm.contains("signature")),
        "{alarms:?}"
    );
    assert!(!heard.contains(&"Three".to_owned()) && !heard.contains(&"Three".to_lowercase()));
}

#[test]
fn a_message_of_a_member_whom_the_host_muted_is_named() {
    let (alarms, heard) = comes_back(|raw, line| {
        let member = raw.cem.fingerprint();
        raw.by_host(Content::Muted { member, muted: true });
        // The host lets Cem write all the same.
        let (bytes, statement) = {
            let content = Content::Message {
                text: "secretly".to_owned(),
            };
            raw.cem_chain.write(&raw.log, member, 5, content)
        };
        let signature = people::sign(&raw.cem, &statement);
        let mut shown = missed(raw);
        shown.push(Entry {
            n: shown.last().unwrap().n + 1,
            event: bytes,
            signature,
        });
        for entry in &shown {
            line.send(&Body::Entry(entry.clone()));
        }
        for piece in raw.log.roster() {
            line.send(&Body::Roster(piece));
        }
    });
    assert!(alarms.iter().any(|alarm| alarm.contains("muted")), "{alarms:?}");
    assert!(!heard.contains(&"secretly".to_owned()));
}

#[test]
fn a_changed_chain_of_a_member_is_named() {
    let (alarms, _) = comes_back(|raw, line| {
        let missed = missed(raw);
        for entry in &missed {
            line.send(&Body::Entry(entry.clone()));
        }
        let mut roster = raw.log.roster().remove(0);
        for member in &mut roster.members {
            if member.name == "Cem" {
                member.last = [3; 32];
            }
        }
        line.send(&Body::Roster(roster));
    });
    assert!(
        alarms
            .iter()
            .any(|alarm| alarm.contains("Cem") && alarm.contains("another last message")),
        "{alarms:?}"
    );
}

#[test]
fn a_host_that_gives_its_room_a_new_number_does_not_get_rid_of_the_log_that_a_member_has() {
    let mut raw = RawHost::open();
    let invite = raw.invite();
    let host = move || {
        let mut line = raw.accept();
        raw.admit(&mut line, &[]);
        raw.by_cem("one");
        line.send(&Body::Entry(raw.entries.last().unwrap().clone()));
        raw.room = [0x78; 32];
        let again = raw.accept();
        drop((line, again));
    };
    let host = host_thread(host);
    let ada = Person::ada();
    ada.join(&invite);
    assert_eq!(ada.hear(1), ["one"]);
    let ada = ada.restart();
    assert_eq!(ada.fail_to_join(&invite).cause, JoinCause::OtherRoom);
    host.join().unwrap();
}

#[test]
fn a_host_that_feigns_the_number_of_a_room_of_ours_changes_nothing_of_it() {
    let ada = Person::ada();
    let opened = ada.host(false);
    let ada = ada.restart();
    let id = ada.expect(|event| match event {
        Event::RoomsKept { rooms } => rooms.first().map(|room| room.id),
        _ => None,
    });
    let mut raw = RawHost::open();
    raw.room = id;
    let invite = raw.invite();
    let host = host_thread(move || drop(raw.accept()));
    assert_eq!(ada.fail_to_join(&invite).cause, JoinCause::FeignedRoom);
    host.join().unwrap();
    let again = ada.host_again(opened.listen.port());
    assert_eq!(again.invite.to_string(), opened.invite.to_string());
}

/// A copy of a folder as a program that is killed now leaves it: nothing is closed.
fn killed_now(folder: &std::path::Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

/// The same, when the entry with this number is on the disk.
fn killed_behind(folder: &std::path::Path, n: u64) -> tempfile::TempDir {
    let by = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        assert!(std::time::Instant::now() < by, "entry {n} is kept");
        let copy = killed_now(folder);
        let next = || {
            let vault = Profile::open(copy.path()).ok()?.unlock(None, 0).ok()?;
            let (rooms, _) = vault.rooms().ok()?;
            Some(vault.log_extent(&rooms.first()?.id).ok()??.next)
        };
        if next() == Some(n + 1) {
            // Nothing is being written any more.
            return killed_now(folder);
        }
    }
}

/// Ada on a copy of her folder, back at a host that now answers as it should and says one thing more. Gives what she
/// sees, the kept messages first, and what she is warned of.
fn returns(raw: &mut RawHost, folder: tempfile::TempDir) -> (Vec<String>, Vec<String>, tempfile::TempDir) {
    let (node, events) = people::start(folder.path());
    let ada = Person {
        name: "Ada".to_owned(),
        fingerprint: raw.cem.fingerprint(),
        events,
        node,
        folder,
    };
    ada.begin_join(&raw.invite());
    let mut line = raw.accept();
    let missed = match line.standing.n {
        // Who stands nowhere is told who is here, and nothing of before.
        0 => Vec::new(),
        n => {
            assert!(raw.log.continues(&line.standing), "entry {n} and its head");
            raw.entries[usize::try_from(n).unwrap()..].to_vec()
        }
    };
    raw.admit(&mut line, &missed);
    raw.by_cem("the last word");
    line.send(&Body::Entry(raw.entries.last().unwrap().clone()));
    let (mut seen, mut warnings) = (Vec::new(), Vec::new());
    ada.expect(|event| {
        match event {
            Event::History { page, .. } => {
                seen.extend(page.messages.into_iter().map(|(message, _)| message.text));
            }
            Event::Logged { message, n } => {
                let is_last = n == raw.log.n();
                seen.push(message.text);
                return is_last.then_some(());
            }
            Event::Alarmed { alarm, .. } => warnings.push(alarm.to_string()),
            Event::NotKept { reason } => warnings.push(reason),
            _ => {}
        }
        None
    });
    let folder = killed_behind(ada.folder.path(), raw.log.n());
    drop(ada);
    line.cut();
    (seen, warnings, folder)
}

/// Killed at each point between an entry behind a gap and the head that the host signs for it, and behind that: nothing
/// that was shown is lost, nothing comes twice, and what comes then is kept.
#[test]
fn a_member_that_is_killed_behind_a_gap_sees_every_line_once() {
    let mut raw = RawHost::open();
    let ada = Person::ada();
    ada.begin_join(&raw.invite());
    let mut line = raw.accept();
    raw.admit(&mut line, &[]);
    ada.expect(|event| matches!(event, Event::Joined { .. }).then_some(()));
    let mut killed = Vec::new();
    for text in ["one", "left out", "two", "three", "four"] {
        if text == "left out" {
            raw.by_cem(text);
            continue;
        }
        raw.by_host(Content::Message {
            text: text.to_owned(),
        });
        line.send(&Body::Entry(raw.entries.last().unwrap().clone()));
        ada.expect(|event| matches!(event, Event::Logged { .. }).then_some(()));
        killed.push(killed_behind(ada.folder.path(), raw.log.n()));
        if text == "three" {
            let signature = people::sign(&raw.host, &raw.log.newest_head_statement());
            let (n, head) = (raw.log.n(), raw.log.head());
            line.send(&Body::Head(SignedHead { n, head, signature }));
        }
    }
    drop(ada);
    line.cut();
    let shown = ["one", "two", "three", "four"];
    for (folder, known) in killed.into_iter().zip(1..) {
        let mut folder = folder;
        // Twice, for what the first return leaves behind.
        for _ in 0..2 {
            let (seen, warnings, left) = returns(&mut raw, folder);
            assert!(
                !warnings.iter().any(|warning| warning.contains("not kept")),
                "{warnings:?}"
            );
            for text in &shown[..known] {
                let times = seen.iter().filter(|other| other == text).count();
                assert_eq!(times, 1, "{text}, killed when {known} were shown: {seen:?}");
            }
            folder = left;
        }
    }
}

/// A host that kept its log for some days only: no lie, and the checks go on behind what it let go at the next start too.
#[test]
fn a_member_that_is_killed_behind_what_its_host_let_go_of_comes_back_without_an_alarm() {
    let mut raw = RawHost::open();
    let ada = Person::ada();
    ada.begin_join(&raw.invite());
    let mut line = raw.accept();
    raw.admit(&mut line, &[]);
    raw.by_cem("one");
    line.send(&Body::Entry(raw.entries.last().unwrap().clone()));
    assert_eq!(ada.hear(1), ["one"]);
    let folder = killed_behind(ada.folder.path(), raw.log.n());
    drop(ada);
    line.cut();
    for text in ["let go", "three", "four"] {
        raw.by_cem(text);
    }
    let (node, events) = people::start(folder.path());
    let ada = Person {
        name: "Ada".to_owned(),
        fingerprint: raw.cem.fingerprint(),
        events,
        node,
        folder,
    };
    ada.begin_join(&raw.invite());
    let mut line = raw.accept();
    let gone = line.standing.n + 1;
    let_go(&raw, &mut line, gone);
    for entry in &raw.entries[usize::try_from(gone).unwrap()..] {
        line.send(&Body::Entry(entry.clone()));
    }
    assert_eq!(ada.hear(2), ["three", "four"]);
    // While she catches up entries are kept many at once, or when the line is cut.
    line.cut();
    let folder = killed_behind(ada.folder.path(), raw.log.n());
    drop(ada);
    let (seen, warnings, _) = returns(&mut raw, folder);
    assert_eq!(seen, ["one", "three", "four", "the last word"]);
    assert_eq!(warnings, Vec::<String>::new());
}
