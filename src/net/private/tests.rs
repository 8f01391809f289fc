//! Two desks and a host that carries their bytes, or spoils them.

mod backlog;
mod crowd;
mod not_passed_on;
mod numbering;
mod spoiling;

use super::*;
use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB};
use crate::crypto::{VaultKey, WrapKey};
use crate::net::Message;
use crate::net::keep::Shelf;
use crate::net::keep::tests::{ROOM, kept_room};
use crate::protocol::wire::FrameKind;
use crate::store::{KeptRole, KeptRoom, Retention, Vault};

fn desk(i: usize, identities: &[Arc<Identity>; 2], vaults: &[Vault; 2]) -> Desk {
    let wrap = Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap()));
    let name = ["Ada", "Bob"][i].to_owned();
    let keeper = Shelf::new(vaults[i].clone()).talk_keeper(&ROOM);
    Desk::new(RoomKey(1), Arc::clone(&identities[i]), name, wrap, ROOM, keeper)
}

struct Pair {
    identities: [Arc<Identity>; 2],
    vaults: [Vault; 2],
    _folder: tempfile::TempDir,
    desks: [Desk; 2],
    partners: [Partner; 2],
    told: Vec<(usize, PrivateEvent)>,
    /// Every byte that the host passed on.
    carried: Vec<u8>,
    now: Instant,
}

impl Pair {
    fn new() -> Pair {
        let identities = [ADA, BOB].map(|pem| Arc::new(Identity::from_pem(pem).unwrap()));
        let folder = tempfile::tempdir().unwrap();
        let vaults = ["ada", "bob"].map(|name| {
            let key = VaultKey::from_secret(Secret::new([5; 32]));
            Vault::open(&folder.path().join(name), key).unwrap()
        });
        let desks = [0, 1].map(|i| desk(i, &identities, &vaults));
        let partners = [1, 0].map(|i: usize| Partner {
            fingerprint: identities[i].fingerprint(),
            name: ["Ada", "Bob"][i].to_owned(),
            present: true,
        });
        Pair {
            identities,
            vaults,
            _folder: folder,
            desks,
            partners,
            told: Vec::new(),
            carried: Vec::new(),
            now: Instant::now(),
        }
    }

    /// One of them is killed and started anew: nothing stays but its vault.
    fn restart(&mut self, i: usize) {
        self.desks[i] = desk(i, &self.identities, &self.vaults);
        // The other end hears that it went, and that it is back.
        let partner = self.partners[1 - i].clone();
        self.desks[1 - i].left(&partner.fingerprint);
    }

    fn came(&mut self, i: usize) {
        let partner = self.partners[i].clone();
        self.desks[i].came(&partner, self.now);
    }

    /// Passes on what both want to send until there is nothing; `spoil` may change or drop it.
    fn carry(&mut self, mut spoil: impl FnMut(usize, Vec<u8>) -> Option<Vec<u8>>) {
        loop {
            let mut moved = false;
            for i in 0..2 {
                for out in self.desks[i].drain() {
                    moved = true;
                    match out {
                        Out::Tell { event, .. } => self.told.push((i, event)),
                        Out::NotKept { reason } => panic!("{reason}"),
                        Out::Send { bytes, .. } => {
                            if let Some(bytes) = spoil(i, bytes) {
                                self.carried.extend(&bytes);
                                let partner = self.partners[1 - i].clone();
                                self.desks[1 - i].receive(&partner, &bytes, self.now);
                            }
                        }
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }

    fn say(&mut self, i: usize, text: &str) {
        let partner = self.partners[i].clone();
        self.desks[i].say(&partner, text.to_owned(), self.now);
    }

    fn heard(&self, i: usize) -> Vec<&str> {
        let heard = |(at, event): &'_ (usize, PrivateEvent)| match event {
            PrivateEvent::Heard { message } if *at == i => Some(message.text.as_str().to_owned()),
            _ => None,
        };
        self.told
            .iter()
            .filter_map(heard)
            .map(|text| &*text.leak())
            .collect()
    }

    fn delivered(&self, i: usize) -> usize {
        let is = |(at, event): &&(usize, PrivateEvent)| {
            *at == i && matches!(event, PrivateEvent::Delivered { .. })
        };
        self.told.iter().filter(is).count()
    }
}

#[test]
fn a_frame_that_the_host_drops_leaves_no_dead_channel_behind() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(|_, bytes| Some(bytes));
    pair.say(0, "second");
    pair.carry(|from, bytes| (from != 0).then_some(bytes));
    pair.now += BEGIN_AGAIN;
    pair.say(0, "third");
    pair.carry(|_, bytes| Some(bytes));
    let alarmed =
        |(at, event): &(usize, PrivateEvent)| *at == 1 && matches!(event, PrivateEvent::Alarmed { .. });
    assert!(pair.told.iter().any(alarmed), "the gap is noticed");
    assert_eq!(pair.heard(1), ["first", "second", "third"]);
    assert_eq!(pair.delivered(0), 3);
}

#[test]
fn two_members_talk_and_the_host_reads_no_word() {
    let mut pair = Pair::new();
    pair.say(0, "for your eyes only");
    pair.carry(|_, bytes| Some(bytes));
    pair.say(1, "and for yours");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["for your eyes only"]);
    assert_eq!(pair.heard(0), ["and for yours"]);
    assert_eq!((pair.delivered(0), pair.delivered(1)), (1, 1));
    let emoji: Vec<_> = pair
        .told
        .iter()
        .filter_map(|(_, event)| match event {
            PrivateEvent::Secured { sas } => Some(*sas),
            _ => None,
        })
        .collect();
    assert_eq!(emoji.len(), 2);
    assert_eq!(emoji[0], emoji[1], "both compare the same seven");
    let words = |text: &[u8]| pair.carried.windows(text.len()).any(|part| part == text);
    assert!(!words(b"eyes only") && !words(b"for yours"));
}

#[test]
fn what_is_said_to_somebody_away_arrives_once_when_it_is_back() {
    let mut pair = Pair::new();
    pair.partners[0].present = false;
    pair.say(0, "one");
    pair.say(0, "two");
    pair.carry(|_, _| panic!("nothing is sent to somebody away"));
    pair.partners[0].present = true;
    let partner = pair.partners[0].clone();
    pair.desks[0].came(&partner, Instant::now());
    // The confirmations are lost, so both are sent again in the next channel.
    let mut records = 0;
    pair.carry(|from, bytes| {
        records += usize::from(from == 1 && bytes[0] == FrameKind::Data as u8);
        (from == 0 || bytes[0] != FrameKind::Data as u8).then_some(bytes)
    });
    assert!(records > 0);
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 0));
    pair.desks[1].lost();
    let partner = pair.partners[0].clone();
    pair.desks[0].came(&partner, Instant::now());
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 2));
}

#[test]
fn both_may_begin_at_once() {
    let mut pair = Pair::new();
    pair.say(0, "hello from Ada");
    pair.say(1, "hello from Bob");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["hello from Ada"]);
    assert_eq!(pair.heard(0), ["hello from Bob"]);
}

#[test]
fn an_altered_byte_breaks_the_channel_off_and_is_told() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(|_, bytes| Some(bytes));
    pair.say(0, "second");
    pair.carry(|from, mut bytes| {
        if from == 0 {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
        }
        Some(bytes)
    });
    assert_eq!(pair.heard(1), ["first"]);
    assert!(
        pair.told
            .iter()
            .any(|(at, event)| *at == 1 && matches!(event, PrivateEvent::Alarmed { .. }))
    );
}

#[test]
fn a_host_that_puts_itself_in_between_shows_another_key() {
    let mut pair = Pair::new();
    // The host tells Ada that Bob has another key: then Bob's proof does not fit it.
    pair.partners[0].fingerprint = Fingerprint::of_der(b"the host's own");
    pair.say(0, "secret");
    pair.carry(|_, bytes| Some(bytes));
    assert!(pair.heard(1).is_empty());
}

/// What a desk tells of an earlier run: what was said, and what waits.
fn kept(pair: &Pair, i: usize) -> (Vec<String>, Vec<String>) {
    let text = |message: &Message| message.text.clone();
    let told = pair.told.iter().rev().find_map(|(at, event)| match event {
        PrivateEvent::Kept { page, waiting, .. } if *at == i => Some((
            page.messages.iter().map(|(message, _)| text(message)).collect(),
            waiting.iter().map(text).collect(),
        )),
        _ => None,
    });
    told.unwrap_or_default()
}

#[test]
fn over_a_restart_of_either_end_what_was_said_is_there_and_what_waits_is_sent_once() {
    let mut pair = Pair::new();
    pair.say(0, "before");
    pair.carry(|_, bytes| Some(bytes));
    pair.partners[0].present = false;
    let away = pair.partners[0].fingerprint;
    pair.desks[0].left(&away);
    pair.say(0, "one");
    pair.say(0, "two");
    pair.carry(|_, _| panic!("nothing is sent to somebody away"));
    pair.restart(0);
    pair.carry(|_, _| panic!("nothing is sent before the other end is back"));
    let expected = (
        vec!["before".to_owned()],
        vec!["one".to_owned(), "two".to_owned()],
    );
    assert_eq!(kept(&pair, 0), expected);
    // The other end is back, and is killed after it heard both and before it could confirm.
    pair.partners[0].present = true;
    pair.restart(1);
    pair.came(0);
    let data = |bytes: &[u8]| bytes[0] == FrameKind::Data as u8;
    pair.carry(|from, bytes| (from == 0 || !data(&bytes)).then_some(bytes));
    assert_eq!(
        (pair.heard(1), pair.delivered(0)),
        (vec!["before", "one", "two"], 1)
    );
    pair.restart(1);
    pair.came(0);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(
        pair.heard(1),
        ["before", "one", "two"],
        "sent again, and not shown again"
    );
    assert_eq!(pair.delivered(0), 3);
    let all = ["before", "one", "two"].map(str::to_owned).to_vec();
    assert_eq!(kept(&pair, 1).0, all);
    pair.restart(0);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(kept(&pair, 0), (all, Vec::new()), "nothing waits any more");
    pair.say(0, "three");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1).last(), Some(&"three"));
}

#[test]
fn private_words_are_kept_by_the_rule_of_their_room() {
    let mut pair = Pair::new();
    let host = pair.identities[0].public().clone();
    let room = |retention| KeptRoom {
        retention,
        ..kept_room(&host, KeptRole::Member)
    };
    for vault in &pair.vaults {
        vault
            .write(|writing| writing.keep_room(&room(Retention::Nothing)))
            .unwrap();
    }
    pair.say(0, "not for the disk");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["not for the disk"]);
    assert!(
        pair.vaults
            .iter()
            .all(|vault| vault.talks(&ROOM).unwrap().is_empty())
    );
    for vault in &pair.vaults {
        vault
            .write(|writing| writing.keep_room(&room(Retention::All)))
            .unwrap();
    }
    pair.say(0, "for the disk");
    pair.carry(|_, bytes| Some(bytes));
    pair.partners[0].present = false;
    pair.came(0);
    pair.say(0, "waits");
    pair.carry(|_, bytes| Some(bytes));
    let texts = |vault: &Vault| -> Vec<String> {
        let talks = vault.talks(&ROOM).unwrap();
        let said = |talk: &crate::store::Talk| vault.said(&talk.channel, talk.first..talk.next).unwrap();
        talks.iter().flat_map(said).map(|(_, said)| said.text).collect()
    };
    assert_eq!(texts(&pair.vaults[0]), ["for the disk", "waits"]);
    pair.vaults[0]
        .write(|writing| writing.prune_talks(&ROOM, &(u64::MAX..=u64::MAX)))
        .unwrap();
    assert_eq!(
        texts(&pair.vaults[0]),
        ["waits"],
        "what waits is kept until it is delivered"
    );
    pair.vaults[0].forget_room(&ROOM).unwrap();
    assert!(texts(&pair.vaults[0]).is_empty());
}

/// Words of one conversation on a disk, as many as `count`, written in one go.
fn fill(vault: &Vault, channel: [u8; 32], with: &Fingerprint, count: u64) {
    vault
        .write(|writing| {
            for seq in 1..=count {
                let said = crate::store::Said {
                    own: seq % 2 == 0,
                    seq,
                    time_ms: seq,
                    text: format!("word {seq}"),
                    kept_ms: seq,
                };
                writing.add_said(&ROOM, &channel, (with, "Bob"), &said)?;
            }
            writing.confirm_said(&channel, count)
        })
        .unwrap();
}

#[test]
fn a_conversation_that_cannot_be_read_is_told_and_goes_on_with_all_its_words() {
    let mut pair = Pair::new();
    pair.say(0, "before");
    pair.carry(|_, bytes| Some(bytes));
    let [own, with] = [1, 0].map(|i: usize| pair.partners[i].fingerprint);
    let channel = channel_id(&ROOM, &own, &with);
    let key = [b"private talk ".as_slice(), &channel].concat();
    pair.vaults[0]
        .write(|writing| writing.damage(crate::store::Table::Notes, &key))
        .unwrap();
    pair.restart(0);
    let told = pair.desks[0].drain();
    assert!(
        matches!(&told[..], [Out::NotKept { reason }] if reason.contains("private conversation")),
        "{told:?}"
    );
    pair.say(0, "after");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["before", "after"]);
    let said = pair.vaults[0].said(&channel, 0..9).unwrap();
    let texts: Vec<&str> = said.iter().map(|(_, said)| said.text.as_str()).collect();
    assert_eq!(texts, ["before", "after"]);
    pair.restart(0);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(kept(&pair, 0).0, ["before", "after"]);
}

#[test]
fn who_scrolls_up_is_told_private_words_page_after_page_up_to_the_first() {
    let mut pair = Pair::new();
    let with = pair.partners[0].fingerprint;
    let own = pair.partners[1].fingerprint;
    let channel = channel_id(&ROOM, &own, &with);
    fill(&pair.vaults[0], channel, &with, 5000);
    pair.restart(0);
    pair.carry(|_, bytes| Some(bytes));
    let kept = pair.told.iter().find_map(|(at, event)| match event {
        PrivateEvent::Kept { page, .. } if *at == 0 => Some(page.clone()),
        _ => None,
    });
    let page = kept.expect("what is kept is told");
    let (events, heard) = crossbeam_channel::bounded(4);
    let teller = crate::net::Teller::new(events, Arc::new(|| {}));
    let reader = Reader {
        room: RoomKey(1),
        own,
        own_name: "Ada".to_owned(),
    };
    let mut page = page;
    let mut texts: Vec<String> = Vec::new();
    let mut ids = std::collections::HashSet::new();
    loop {
        assert!(page.messages.len() <= 2048 && !page.messages.is_empty());
        ids.extend(page.messages.iter().map(|(message, _)| message.id));
        let earlier = page.messages.iter().map(|(message, _)| message.text.clone());
        texts.splice(0..0, earlier);
        if !page.has_more {
            break;
        }
        reader.tell_earlier(&pair.vaults[0], &channel, page.first, &teller);
        page = match heard.recv().unwrap() {
            crate::net::Event::Private {
                with: told,
                event: PrivateEvent::Earlier { page },
                ..
            } if told == with => page,
            other => panic!("{other:?}"),
        };
    }
    let expected: Vec<String> = (1..=5000).map(|seq| format!("word {seq}")).collect();
    assert_eq!(texts, expected);
    assert_eq!(ids.len(), 5000, "no two pages tell the same message");
}
