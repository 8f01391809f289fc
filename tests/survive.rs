//! A room that survives: losses, restarts and kills on either side, what was missed, what waits, ticks.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]

mod people;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command as Process, Stdio};
use std::time::{Duration, Instant};

use cipher_room::net::{ClosedReason, Command, Event, JoinRoom};
use cipher_room::protocol::Content;
use cipher_room::store::Retention;
use crossbeam_channel::{Receiver, bounded};
use people::line::{Line, through};
use people::{ADA, BOB, Person, ROOM};
use serde_json::Value;

/// Waits until a lost room is back; gives whether it was resumed, and what was heard meanwhile.
fn back(person: &Person) -> (bool, Vec<String>) {
    let mut heard = Vec::new();
    let resumed = person.expect(|event| match event {
        Event::Logged { message, .. } => {
            heard.push(message.text);
            None
        }
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        Event::Closed { reason, .. } => panic!("{reason}"),
        Event::Returned { resumed, .. } => Some(resumed),
        _ => None,
    });
    (resumed, heard)
}

fn lost(person: &Person) {
    person.expect(|event| matches!(event, Event::Lost { .. }).then_some(()));
}

fn gone(person: &Person) {
    person.expect(|event| matches!(event, Event::MemberLeft { .. }).then_some(()));
}

#[test]
fn a_lost_member_comes_back_by_itself_without_rsa_and_gets_what_it_missed() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite;
    let line = Line::to(invite.endpoints[0].port);
    ada.join(&through(&invite, &line));
    bob.say("before");
    assert_eq!(ada.hear(1), ["before"]);
    for round in 0..3 {
        line.cut();
        lost(&ada);
        gone(&bob);
        let said: Vec<String> = (0..5).map(|i| format!("round {round}, {i}")).collect();
        said.iter().for_each(|text| bob.say(text));
        bob.hear(5);
        line.mend();
        ada.send(Command::TryNow { room: ROOM });
        let (resumed, heard) = back(&ada);
        assert!(
            resumed,
            "a session is resumed, each time with the ticket of the one before"
        );
        assert_eq!(heard, said, "exactly what was missed, in order");
    }
    ada.say("thanks");
    assert_eq!(bob.hear(1), ["thanks"]);
}

#[test]
fn what_is_written_while_away_waits_and_arrives_once_in_order() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite;
    let line = Line::to(invite.endpoints[0].port);
    ada.join(&through(&invite, &line));
    cem.join(&invite.to_string());
    for round in 0..4 {
        // The first are on their way when the line is cut: whether they arrived, nobody knows.
        let said: Vec<String> = (0..20).map(|i| format!("{round}.{i}")).collect();
        said[..10].iter().for_each(|text| ada.say(text));
        let mut own = HashSet::new();
        let mut note = |event: &Event| match event {
            Event::Logged { message, .. } => assert!(own.insert(message.text.clone()), "shown twice"),
            Event::Declined { reason, .. } => panic!("{reason}"),
            Event::Alarmed { alarm, .. } => panic!("{alarm}"),
            _ => {}
        };
        ada.expect(|event| {
            note(&event);
            matches!(event, Event::Written { .. }).then_some(())
        });
        line.cut();
        // Some may be in the log already when the line is cut.
        ada.expect(|event| {
            note(&event);
            matches!(event, Event::Lost { .. }).then_some(())
        });
        said[10..].iter().for_each(|text| ada.say(text));
        line.mend();
        ada.send(Command::TryNow { room: ROOM });
        assert_eq!(cem.hear(20), said);
        while own.len() < 20 {
            ada.expect(|event| match event {
                Event::Logged { message, .. } => {
                    assert!(own.insert(message.text), "shown twice");
                    Some(())
                }
                Event::Declined { reason, .. } => panic!("{reason}"),
                Event::Alarmed { alarm, .. } => panic!("{alarm}"),
                _ => None,
            });
        }
    }
}

#[test]
fn ticks_grow_as_members_confirm_and_one_who_is_away_counts_when_it_is_back() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite;
    let line = Line::to(invite.endpoints[0].port);
    ada.join(&invite.to_string());
    cem.join(&through(&invite, &line));
    let delivered = |person: &Person, to: usize, of: usize| {
        person.expect(|event| match event {
            Event::Delivered { delivery, .. } if (delivery.to, delivery.of) == (to, of) => Some(delivery),
            _ => None,
        })
    };
    ada.say("to both");
    let all = delivered(&ada, 2, 2);
    let people: HashSet<_> = all.confirmed.into_iter().collect();
    assert_eq!(people, HashSet::from([bob.fingerprint, cem.fingerprint]));
    bob.say("from the host");
    delivered(&bob, 2, 2);

    line.cut();
    lost(&cem);
    gone(&ada);
    ada.say("one is away");
    let half = delivered(&ada, 1, 2);
    assert_eq!(half.awaited, [cem.fingerprint]);
    line.mend();
    cem.send(Command::TryNow { room: ROOM });
    back(&cem);
    assert_eq!(delivered(&ada, 2, 2).id, half.id);

    cem.leave();
    gone(&ada);
    ada.say("one said goodbye");
    assert_eq!(delivered(&ada, 1, 1).of, 1, "who said goodbye is not waited for");
}

#[test]
fn ticks_of_an_earlier_run_go_on_growing_at_the_host_and_at_a_member() {
    let (mut bob, mut ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let opened = bob.host(false);
    let invite = opened.invite.to_string();
    let line = Line::to(opened.listen.port());
    ada.join(&invite);
    cem.join(&through(&opened.invite, &line));
    line.cut();
    lost(&cem);
    gone(&ada);
    let delivered = |person: &Person, to: usize, of: usize| {
        person.expect(|event| match event {
            Event::Delivered { delivery, .. } if (delivery.to, delivery.of) == (to, of) => Some(delivery.id),
            _ => None,
        })
    };
    ada.say("from a member");
    let of_ada = delivered(&ada, 1, 2);
    bob.say("from the host");
    let of_bob = delivered(&bob, 1, 2);

    bob = bob.restart();
    ada = ada.restart();
    bob.host_again(opened.listen.port());
    ada.begin_join(&invite);
    assert_eq!(delivered(&ada, 1, 2), of_ada, "the host has it, as before");
    line.mend();
    cem.send(Command::TryNow { room: ROOM });
    assert_eq!(delivered(&bob, 2, 2), of_bob);
    assert_eq!(delivered(&ada, 2, 2), of_ada);
}

#[test]
fn nobody_who_had_a_message_is_said_not_to_have_it_when_its_room_is_opened_again() {
    let (mut bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let opened = bob.host(false);
    let invite = opened.invite.to_string();
    let line = Line::to(opened.listen.port());
    ada.join(&invite);
    cem.join(&through(&opened.invite, &line));
    bob.say("to both");
    let delivered = |person: &Person, to: usize, of: usize| {
        person.expect(|event| match event {
            Event::Delivered { delivery, .. } if (delivery.to, delivery.of) == (to, of) => Some(delivery.id),
            _ => None,
        })
    };
    let had = delivered(&bob, 2, 2);
    line.cut();
    lost(&cem);
    bob = bob.restart();
    ada.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
    bob.host_again(opened.listen.port());
    ada.begin_join(&invite);
    let tells_nothing_of_it = |event: &Event| {
        if let Event::Delivered { delivery, .. } = event {
            assert_ne!(delivery.id, had, "{delivery:?}");
        }
    };
    bob.expect(|event| {
        tells_nothing_of_it(&event);
        matches!(event, Event::MemberJoined { .. }).then_some(())
    });
    bob.say("to who is back");
    let new = bob.expect(|event| {
        tells_nothing_of_it(&event);
        match event {
            Event::Delivered { delivery, .. } if delivery.to == 1 => Some(delivery),
            _ => None,
        }
    });
    assert_eq!(new.awaited, [cem.fingerprint], "of a new message it is known");
    line.mend();
    cem.send(Command::TryNow { room: ROOM });
    assert_eq!(delivered(&bob, 2, 2), had);
}

#[test]
fn who_was_away_for_longer_than_the_host_keeps_is_told_so_and_sees_no_alarm() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let opened = bob.host(false);
    let invite = opened.invite.to_string();
    ada.join(&invite);
    ada.say("one");
    assert_eq!(bob.hear(1), ["one"]);
    ada.hear(1);
    ada.leave();
    ada.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
    // Cem comes while Ada is away, so that she does not know him.
    cem.join(&invite);
    cem.say("long ago");
    assert_eq!(bob.hear(1), ["long ago"]);
    let id = opened.id;
    let retain = |bob: &Person, retention| bob.send(Command::SetRetention { room: id, retention });
    let weigh = |retention| {
        bob.send(Command::WeighRetention { room: id, retention });
        bob.expect(|event| match event {
            Event::RetentionWeighed { messages, .. } => Some(messages),
            _ => None,
        })
    };
    assert_eq!(weigh(Retention::Nothing), 2, "so many would go");
    assert_eq!(weigh(Retention::Days(7)), 0, "nothing is that old");
    assert_eq!(weigh(Retention::Days(0)), 2);
    retain(&bob, Retention::Nothing);
    // The list is told again when they are gone.
    let listed = bob.expect(|event| match event {
        Event::KeptListed(kept) => Some(kept[0].messages),
        _ => None,
    });
    assert_eq!(listed, 0);
    let bob = bob.restart();
    cem.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
    retain(&bob, Retention::All);
    bob.host_again(opened.listen.port());
    cem.join(&invite);
    cem.say("lately");
    assert_eq!(bob.hear(1), ["lately"]);
    ada.begin_join(&invite);
    let (mut told, mut heard) = (Vec::new(), Vec::new());
    ada.expect(|event| match event {
        Event::LetGo { from, to, .. } => {
            told.push((from, to));
            None
        }
        Event::Logged { message, .. } => {
            heard.push(message.text);
            None
        }
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        Event::CaughtUp { .. } => Some(()),
        _ => None,
    });
    let [(from, to)] = told[..] else {
        panic!("told once: {told:?}");
    };
    assert!(from <= to);
    assert_eq!(heard, ["lately"]);
    // And Ada goes on as ever.
    cem.say("hello");
    assert_eq!(ada.hear(1), ["hello"]);
    ada.say("hello Cem");
    assert_eq!(cem.hear(3), ["lately", "hello", "hello Cem"]);
}

/// The host keeps nothing of what is said, and closes its room in good order.
#[test]
fn who_was_there_sees_no_alarm_when_a_host_that_keeps_nothing_opens_its_room_again() {
    let (bob, cem) = (Person::bob(), Person::cem());
    let opened = bob.host(false);
    let invite = opened.invite.to_string();
    cem.join(&invite);
    cem.say("on the disk for a while");
    assert_eq!(bob.hear(1), ["on the disk for a while"]);
    bob.send(Command::SetRetention {
        room: opened.id,
        retention: Retention::Nothing,
    });
    // The list is told again when it is gone.
    bob.expect(|event| matches!(event, Event::KeptListed(_)).then_some(()));
    // None of these is counted in how the room stood when Cem came.
    let said = ["one", "two", "three"];
    said.iter().for_each(|text| cem.say(text));
    assert_eq!(bob.hear(3), said);
    cem.hear(4);
    let bob = bob.restart();
    cem.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
    bob.host_again(opened.listen.port());
    cem.begin_join(&invite);
    cem.expect(|event| match event {
        Event::Joined(_) => Some(()),
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        Event::JoinFailed { failure, .. } => panic!("{failure}"),
        _ => None,
    });
    // Neither of them is warned of anything.
    bob.say("here again");
    assert_eq!(cem.hear(1), ["here again"]);
    cem.say("so am I");
    assert_eq!(bob.hear(2), ["here again", "so am I"]);
}

#[test]
fn a_host_that_opens_its_room_again_goes_on_with_log_and_invitation() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let invite = opened.invite.to_string();
    ada.join(&invite);
    ada.say("one");
    assert_eq!(bob.hear(1), ["one"]);
    ada.hear(1);
    let mut bob = bob;
    for round in 0..3 {
        bob = bob.restart();
        // Dropped with a goodbye: the room is closed for Ada, and she joins with what she has.
        ada.expect(|event| {
            matches!(
                event,
                Event::Closed {
                    reason: ClosedReason::HostClosed,
                    ..
                }
            )
            .then_some(())
        });
        let again = bob.host_again(opened.listen.port());
        assert_eq!(again.invite.to_string(), invite, "the same invitation");
        bob.say("while nobody was there");
        bob.hear(1);
        // What was missed comes before the word that she is in.
        ada.begin_join(&invite);
        assert_eq!(ada.hear(1), ["while nobody was there"]);
        ada.expect(|event| matches!(event, Event::Joined(_)).then_some(()));
        ada.say(&format!("round {round}"));
        assert_eq!(ada.hear(1), [format!("round {round}")]);
        bob.hear(1);
    }
}

#[test]
fn a_room_that_can_not_be_opened_again_says_so_in_one_true_sentence() {
    let bob = Person::bob();
    let listen = cipher_room::net::ListenOn {
        address: Some([127, 0, 0, 1].into()),
        port: 0,
        or_any_port: true,
    };
    bob.send(Command::HostAgain {
        wish: cipher_room::net::HostRoom {
            key: ROOM,
            room_name: "Den".to_owned(),
            host_name: "Bob".to_owned(),
            listen,
            admission: cipher_room::net::Admission {
                open_to_address: false,
                invite_lifetime_secs: None,
            },
        },
        // Nothing is kept of it any more.
        id: Some([9; 32]),
    });
    let said = bob.expect(|event| match event {
        Event::HostFailed { failure, .. } => Some(failure.to_string()),
        _ => None,
    });
    assert_eq!(
        said,
        "What is kept of this room can't be used: it is not kept any more."
    );
}

#[test]
fn a_room_that_one_was_in_opens_while_its_host_is_away_and_goes_on_when_it_is_back() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let joined = ada.join(&opened.invite.to_string());
    bob.say("before");
    ada.hear(1);
    ada.say("and after");
    ada.hear(1);
    let bob = bob.restart();
    let return_to = |ada: &Person| {
        ada.send(Command::ReturnToRoom {
            wish: JoinRoom {
                key: ROOM,
                target: opened.invite.to_string().parse().unwrap(),
                name: ada.name.clone(),
                is_trial: false,
            },
            id: joined.id,
        });
        let mut waiting = Vec::new();
        let mut kept = Vec::new();
        let mut were_here = Vec::new();
        ada.expect(|event| match event {
            Event::LastSeen { members, .. } => {
                were_here.extend(members.into_iter().map(|member| (member.name, member.is_host)));
                None
            }
            Event::History { page, .. } => {
                kept.extend(page.messages.into_iter().map(|(message, _)| message.text));
                None
            }
            Event::Written { message } => {
                waiting.push(message.text);
                None
            }
            Event::JoinFailed { failure, .. } => panic!("{failure:?}"),
            Event::Lost { tries, .. } => {
                assert_eq!(tries, 1);
                Some(())
            }
            _ => None,
        });
        were_here.sort();
        let were_here: Vec<_> = were_here.iter().map(|(name, is)| (name.as_str(), *is)).collect();
        assert_eq!(were_here, [("Ada", false), ("Bob", true)]);
        (kept, waiting)
    };
    let ada = ada.restart();
    let (kept, waiting) = return_to(&ada);
    assert_eq!(kept, ["before", "and after"], "what is kept can be read");
    assert!(waiting.is_empty());
    for text in ["one", "two"] {
        ada.say(text);
        ada.expect(|event| matches!(event, Event::Written { .. }).then_some(()));
    }
    let ada = ada.restart();
    let (_, waiting) = return_to(&ada);
    assert_eq!(waiting, ["one", "two"], "what waits is shown again");
    bob.host_again(opened.listen.port());
    ada.send(Command::TryNow { room: ROOM });
    ada.expect(|event| match event {
        Event::Joined(again) => {
            assert_eq!((again.id, again.host), (joined.id, joined.host));
            Some(())
        }
        Event::Closed { reason, .. } => panic!("{reason}"),
        _ => None,
    });
    assert_eq!(bob.hear(2), ["one", "two"], "once and in order");
    assert_eq!(ada.hear(2), ["one", "two"]);
    bob.say("welcome back");
    assert_eq!(ada.hear(1), ["welcome back"]);
}

#[test]
fn a_member_away_for_a_thousand_messages_catches_up_after_a_restart() {
    const MISSED: usize = 1000;
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    bob.say("hello");
    ada.hear(1);
    ada.leave();
    ada.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
    let ada = ada.restart();
    for i in 0..MISSED {
        bob.say(&i.to_string());
    }
    bob.hear(MISSED + 1);
    ada.begin_join(&invite);
    let (mut history, mut missed) = (Vec::new(), Vec::new());
    let told = ada.expect(|event| match event {
        Event::History { page, .. } => {
            history.extend(page.messages.into_iter().map(|(message, _)| message.text));
            None
        }
        Event::Logged { message, .. } => {
            missed.push(message.text);
            None
        }
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        Event::JoinFailed { failure, .. } => panic!("{failure}"),
        Event::CaughtUp { messages, .. } => Some(messages),
        _ => None,
    });
    assert_eq!(history, ["hello"], "what was said before is still there");
    assert_eq!(missed, (0..MISSED).map(|i| i.to_string()).collect::<Vec<_>>());
    assert_eq!(told, MISSED as u64);
}

/// The real program, so that it can be killed.
struct Running {
    child: Child,
    input: ChildStdin,
    lines: Receiver<Value>,
    seen: std::cell::RefCell<Vec<Value>>,
}

impl Running {
    fn start(folder: &std::path::Path, arguments: &[&str]) -> Running {
        let mut child = Process::new(env!("CARGO_BIN_EXE_cipher-room"))
            .args(arguments)
            .args(["--json", "--profile"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (told, lines) = bounded(10_000);
        let output = BufReader::new(child.stdout.take().unwrap());
        let work = move || {
            for line in output.lines().map_while(Result::ok) {
                let Ok(value) = serde_json::from_str(&line) else {
                    continue;
                };
                if told.send(value).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("follow".to_owned())
            .spawn(work)
            .unwrap();
        Running {
            input: child.stdin.take().unwrap(),
            child,
            lines,
            seen: Default::default(),
        }
    }

    fn say(&mut self, text: &str) {
        writeln!(self.input, "{text}").unwrap();
    }

    fn until(&self, event: &str) -> Value {
        let by = Instant::now() + Duration::from_secs(60);
        loop {
            let value = self
                .lines
                .recv_deadline(by)
                .unwrap_or_else(|_| panic!("no {event} in time"));
            self.seen.borrow_mut().push(value.clone());
            if value["event"] == event {
                return value;
            }
            let is_alarm = value["event"] == "notice"
                && value["text"]
                    .as_str()
                    .is_some_and(|text| text.contains("not shown"));
            assert!(!is_alarm, "{value}");
        }
    }

    /// Lets it run for a while, and notes what it prints.
    fn go_on(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while let Ok(value) = self.lines.recv_deadline(until) {
            self.seen.borrow_mut().push(value);
        }
    }

    /// Without a goodbye, at any moment; gives all that it printed.
    fn kill(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut printed = self.seen.into_inner();
        // The last line may have been cut off by the kill: then it is no line.
        printed.extend(self.lines.iter());
        printed
    }
}

#[test]
fn both_programs_are_killed_again_and_again_and_nothing_is_lost_or_doubled() {
    let (host_folder, guest_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(host_folder.path().join("identity.pem"), BOB).unwrap();
    std::fs::write(guest_folder.path().join("identity.pem"), ADA).unwrap();
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let address = format!("127.0.0.1:{port}");
    let host_arguments = ["host", "--listen", &address, "--room", "Den", "--name", "Bob"];
    let mut host = Running::start(host_folder.path(), &host_arguments);
    let invite = host.until("room_opened")["invite"].as_str().unwrap().to_owned();
    let guest_arguments = ["join", invite.as_str(), "--name", "Ada"];
    let mut guest = Running::start(guest_folder.path(), &guest_arguments);
    guest.until("joined");
    let mut said_by_guest = 0;
    // What either program printed, over all its lives: a message that was printed is in the log.
    let (mut by_host, mut by_guest) = (Vec::new(), Vec::new());
    let mut moments = Vec::new();
    for round in 0..6 {
        for n in 0..10 {
            guest.say(&format!("ada {said_by_guest}"));
            host.say(&format!("bob {round} {n}"));
            said_by_guest += 1;
        }
        // Something is on its way in both directions; the end comes at any moment of it.
        host.until("message");
        let moment = Duration::from_micros(rand::random_range(0..150_000));
        moments.push(moment);
        if round % 2 == 0 {
            host.go_on(moment);
            by_host.extend(host.kill());
            host = Running::start(host_folder.path(), &host_arguments);
            let again = host.until("room_opened");
            assert_eq!(again["invite"], invite, "the same invitation");
            // Ada's program comes back by itself.
            host.until("member_joined");
        } else {
            guest.go_on(moment);
            by_guest.extend(guest.kill());
            guest = Running::start(guest_folder.path(), &guest_arguments);
            guest.until("joined");
        }
        host.say(&format!("bob {round}"));
        while guest.until("message")["text"] != format!("bob {round}") {}
    }
    guest.say("the end");
    while host.until("message")["text"] != "the end" {}
    // A program prints no words of its own user, and a member keeps what it shows a moment later.
    host.say("the very end");
    while guest.until("message")["text"] != "the very end" {}
    guest.go_on(Duration::from_millis(500));
    by_host.extend(host.kill());
    by_guest.extend(guest.kill());
    let texts = |printed: Vec<Value>| -> Vec<String> {
        let messages = printed.into_iter().filter(|value| value["event"] == "message");
        messages
            .map(|value| value["text"].as_str().unwrap().to_owned())
            .collect()
    };
    let (by_host, by_guest) = (texts(by_host), texts(by_guest));
    let unique: HashSet<&String> = by_host.iter().collect();
    assert_eq!(
        unique.len(),
        by_host.len(),
        "nothing is shown twice: {by_host:?}, {moments:?}"
    );

    // Both histories, from what is kept on both disks.
    let history = |folder: &std::path::Path, role| {
        let (node, events) = people::start(folder);
        let by = Instant::now() + Duration::from_secs(60);
        let kept = loop {
            match events.recv_deadline(by).unwrap() {
                Event::RoomsKept { rooms } => break rooms.into_iter().next().expect("the room is kept"),
                Event::ProfileFailed { reason, .. } => panic!("{reason}"),
                _ => {}
            }
        };
        assert_eq!((kept.name.as_str(), kept.is_own), ("Den", role));
        drop(events);
        drop(node);
        let profile = cipher_room::store::Profile::open(folder).unwrap();
        let vault = profile.unlock(None, 0).unwrap();
        let extent = vault.log_extent(&kept.id).unwrap().expect("a log");
        let rows = vault.log_rows(&kept.id, 0..extent.next).unwrap();
        let mut said = Vec::new();
        let entries = rows.into_iter().map(|row| {
            assert_eq!(row.fault, None);
            if let Content::Message { text } = row.signed_event().unwrap().event.content {
                said.push(text);
            }
            (row.n, row.head)
        });
        (entries.collect::<Vec<_>>(), said)
    };
    let (of_host, said_at_host) = history(host_folder.path(), true);
    let (of_guest, said_at_guest) = history(guest_folder.path(), false);
    for (kept, whose) in [(&said_at_host, "Bob's"), (&said_at_guest, "Ada's")] {
        let unique: HashSet<&String> = kept.iter().collect();
        assert_eq!(
            unique.len(),
            kept.len(),
            "nothing is kept twice on {whose} disk: {moments:?}"
        );
    }
    for text in by_host.iter().chain(&by_guest) {
        assert!(
            said_at_host.contains(text),
            "{text} was shown, and is not on Bob's disk: {moments:?}"
        );
        assert!(
            said_at_guest.contains(text),
            "{text} was shown, and is not on Ada's disk: {moments:?}"
        );
    }
    let common: Vec<_> = of_host
        .iter()
        .filter(|(n, _)| of_guest.iter().any(|(other, _)| other == n))
        .copied()
        .collect();
    assert!(common.len() > 20, "{} entries", common.len());
    assert_eq!(common, of_guest, "the same entries, and the same head at each");
    let numbers: Vec<u64> = of_host.iter().map(|(n, _)| *n).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "no gap");
}

/// The texts of all private messages that are printed, in order.
fn private_texts(printed: &[Value]) -> Vec<String> {
    let private = printed.iter().filter(|line| line["event"] == "private_message");
    private
        .map(|line| line["text"].as_str().unwrap().to_owned())
        .collect()
}

/// The texts of the one private conversation that a profile keeps.
fn kept_talk(folder: &std::path::Path) -> Vec<String> {
    let profile = cipher_room::store::Profile::open(folder).unwrap();
    let vault = profile.unlock(None, 0).expect("the database opens after a kill");
    let (rooms, damaged) = vault.rooms().unwrap();
    assert_eq!((rooms.len(), damaged), (1, 0));
    let talks = vault.talks(&rooms[0].id).unwrap();
    assert_eq!(talks.len(), 1);
    let said = vault
        .said(&talks[0].channel, talks[0].first..talks[0].next)
        .unwrap();
    assert!(
        talks[0].waits_from + 1 >= talks[0].next,
        "nothing but the last waits"
    );
    said.into_iter().map(|(_, said)| said.text).collect()
}

#[test]
fn private_messages_outlive_kills_of_both_ends_and_of_the_host() {
    let folders = [BOB, ADA, people::CEM].map(|pem| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("identity.pem"), pem).unwrap();
        folder
    });
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let address = format!("127.0.0.1:{port}");
    let host_arguments = ["host", "--listen", &address, "--room", "Den", "--name", "Bob"];
    let mut host = Running::start(folders[0].path(), &host_arguments);
    let invite = host.until("room_opened")["invite"].as_str().unwrap().to_owned();
    let join = |name: &'static str, folder: &tempfile::TempDir| {
        let running = Running::start(folder.path(), &["join", &invite, "--name", name]);
        running.until("joined");
        running
    };
    let mut ada = join("Ada", &folders[1]);
    let mut cem = join("Cem", &folders[2]);
    ada.until("member_joined");
    let mut said = Vec::new();
    let mut printed = Vec::new();
    for round in 0..6 {
        for i in 0..5 {
            said.push(format!("round {round}, {i}"));
            ada.say(&format!("/private Cem {}", said.last().unwrap()));
        }
        // What Ada says to all behind it is in the log: so what came before is on her disk.
        let behind = format!("that was round {round}");
        ada.say(&behind);
        while host.until("message")["text"] != behind.as_str() {}
        match round % 3 {
            0 => {
                printed.extend(cem.kill());
                said.push(format!("round {round}, to somebody away"));
                ada.until("member_left");
                ada.say(&format!("/private Cem {}", said.last().unwrap()));
                cem = join("Cem", &folders[2]);
            }
            1 => {
                ada.kill();
                ada = join("Ada", &folders[1]);
                ada.until("member_joined");
            }
            _ => {
                host.kill();
                host = Running::start(folders[0].path(), &host_arguments);
                host.until("member_joined");
                host.until("member_joined");
            }
        }
    }
    said.push("the end".to_owned());
    ada.say("/private Cem the end");
    while cem.until("private_message")["text"] != "the end" {}
    cem.say("/private Ada got it");
    // Behind this answer Ada has heard every confirmation.
    while ada.until("private_message")["text"] != "got it" {}
    printed.extend(cem.kill());
    ada.kill();
    let shown = private_texts(&printed);
    let unique: HashSet<&String> = shown.iter().collect();
    assert_eq!(unique.len(), shown.len(), "nothing is shown twice: {shown:?}");
    said.push("got it".to_owned());
    assert_eq!(kept_talk(folders[1].path()), said, "each once, in order");
    // Whether Ada's confirmation of the last one came before the kill, nobody knows.
    assert_eq!(kept_talk(folders[2].path()), said);
}
