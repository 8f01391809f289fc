//! A host under attack: each attack runs beside a room in which two people talk, and they must not notice.
//!
//! What the attacks cost in milliseconds is measured by `examples/under_attack`. Here stands that the room goes on; beside
//! this file, what strangers get at the door and members in the room, and a class of sixty.

#[path = "siege/door.rs"]
mod door;
mod hostile;
#[path = "siege/lesson.rs"]
mod lesson;
#[path = "siege/members.rs"]
mod members;
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cipher_room::net::Event;
use cipher_room::protocol::{Content, Invite};
use crossbeam_channel::{Receiver, bounded};
use hostile::{Hostile, Target};
use people::{Person, RawGuest};

/// Bob hosts, Ada is there, and somebody attacks.
struct Siege {
    bob: Person,
    ada: Person,
    invite: Invite,
}

/// An attack that is under way.
struct UnderWay {
    done: Arc<AtomicU64>,
    began: Instant,
    /// Closed when it ends.
    over: Receiver<()>,
}

/// The longest attack, of a million records, takes the 50 s that its member's allowance makes of it; on a busy machine longer.
const LONGEST: Duration = Duration::from_secs(240);

impl UnderWay {
    /// Whether so much of it is done. Where not, it gets a little time: on a busy machine its thread may have to wait.
    fn has_done(&self, so_much: u64) -> bool {
        let done = self.done.load(Ordering::Relaxed);
        assert!(
            self.began.elapsed() < LONGEST,
            "hardly an attack: {done} of {so_much}"
        );
        if done < so_much {
            let _ = self.over.recv_timeout(Duration::from_millis(100));
        }
        done >= so_much
    }
}

impl Siege {
    fn begin(open_to_address: bool) -> Siege {
        let (bob, ada) = (Person::bob(), Person::ada());
        let invite = bob.host(open_to_address).invite;
        ada.join(&invite.to_string());
        Siege { bob, ada, invite }
    }

    /// For what is done by hand: nobody says that it is enough.
    fn target(&self) -> Target {
        Target::new(self.invite.clone(), crossbeam_channel::never())
    }

    /// Runs an attack while something else goes on.
    fn under(&self, attack: impl FnOnce(&Target) + Send, meanwhile: impl FnOnce(&UnderWay)) {
        let (tell, enough) = bounded::<()>(0);
        let (ends, over) = bounded::<()>(0);
        let target = Target::new(self.invite.clone(), enough);
        let under_way = UnderWay {
            done: Arc::clone(&target.done),
            began: Instant::now(),
            over,
        };
        std::thread::scope(|threads| {
            // Dropped in the end, also when the test fails: then it is enough.
            let _tell = tell;
            threads.spawn(move || {
                let _ends = ends;
                attack(&target);
            });
            meanwhile(&under_way);
        });
    }

    /// While the attack runs, the two talk until it has done enough; then comes what is to happen under it too.
    fn endure(&self, attack: &Hostile, then: impl FnOnce()) {
        self.under(attack.run, |under_way| {
            self.talk_until(under_way, attack.enough);
            then();
        });
    }

    /// The two talk more than ten times, and until so much of an attack is done.
    fn talk_until(&self, under_way: &UnderWay, so_much: u64) {
        for round in 0.. {
            self.talk(&round.to_string());
            if under_way.has_done(so_much) && round >= 10 {
                break;
            }
        }
    }

    /// Both say something and hear it. Others may talk meanwhile.
    fn talk(&self, word: &str) {
        for (speaker, name) in [(&self.ada, "ada"), (&self.bob, "bob")] {
            let text = format!("{name} {word}");
            speaker.say(&text);
            for listener in [&self.bob, &self.ada] {
                listener.expect(|event| match event {
                    Event::Logged { message, .. } if message.text == text => Some(()),
                    Event::Closed { reason, .. } => panic!("{}: {reason}", listener.name),
                    Event::ThreadDied { name, .. } => panic!("{name} died"),
                    Event::MemberLeft {
                        fingerprint, reason, ..
                    } if fingerprint == self.ada.fingerprint => panic!("Ada is gone: {reason:?}"),
                    _ => None,
                });
            }
        }
    }
}

/// A guest made of the protocol alone says something, as far as it has read the log.
fn say_as(raw: &mut RawGuest, text: &str) {
    let own = raw.identity.fingerprint();
    let content = Content::Message {
        text: text.to_owned(),
    };
    let (event, statement) = raw.log.chain_of(&own).write(&raw.log, own, 1, content);
    let signature = people::sign(&raw.identity, &statement);
    raw.submit(event, signature);
}

/// While the attack runs, the two talk; afterwards somebody new comes in.
fn the_room_goes_on_under(attack: &Hostile) {
    let siege = Siege::begin(false);
    siege.endure(attack, || {});
    let dora = Person::new("Dora", None);
    dora.join(&siege.invite.to_string());
    siege.talk("in the end");
}

/// While the attack runs, the two talk, and somebody new comes in.
fn the_door_stands_open_under(attack: &Hostile) {
    let (siege, dora) = (Siege::begin(false), Person::new("Dora", None));
    siege.endure(attack, || {
        dora.join(&siege.invite.to_string());
        siege.talk("in the end");
    });
}

fn attack(name: &str) -> &'static Hostile {
    hostile::named(name).unwrap_or_else(|| panic!("no attack {name}"))
}

#[test]
fn every_attack_is_a_test() {
    let tests = [
        include_str!("siege.rs"),
        include_str!("siege/lesson.rs"),
        include_str!("siege/members.rs"),
    ]
    .concat();
    for Hostile { name, .. } in hostile::ALL {
        assert!(tests.contains(&format!("attack(\"{name}\")")), "{name}: no test");
    }
}

#[test]
fn a_slow_loris_and_half_open_connections_do_not_disturb_a_room() {
    the_door_stands_open_under(attack("slow loris"));
    the_door_stands_open_under(attack("half-open connections"));
    the_door_stands_open_under(attack("half-open, a guest's address"));
    the_door_stands_open_under(attack("half-open, 64 addresses"));
}

#[test]
fn floods_of_connections_noise_and_lengths_do_not_disturb_a_room() {
    the_door_stands_open_under(attack("connection flood"));
    the_door_stands_open_under(attack("flood, a guest's address"));
    the_door_stands_open_under(attack("flood, 64 addresses"));
    the_door_stands_open_under(attack("random bytes"));
    the_door_stands_open_under(attack("oversized lengths"));
}

#[test]
fn floods_of_hellos_do_not_disturb_a_room() {
    the_door_stands_open_under(attack("repeated M1"));
    the_door_stands_open_under(attack("hellos without an invitation"));
    the_door_stands_open_under(attack("right hellos"));
    // That newcomers come in at once is not promised under this one.
    the_room_goes_on_under(attack("right hellos, 64 addresses"));
}

#[test]
fn hostile_members_do_not_disturb_a_room() {
    the_room_goes_on_under(attack("handshake, then garbage"));
    the_room_goes_on_under(attack("tiny messages"));
    the_room_goes_on_under(attack("long messages"));
    the_room_goes_on_under(attack("declined events"));
    the_room_goes_on_under(attack("a reader who reads nothing"));
}

#[test]
fn members_who_come_and_go_do_not_disturb_a_room() {
    the_room_goes_on_under(attack("resumption storm"));
    the_room_goes_on_under(attack("catch-up pages"));
}
