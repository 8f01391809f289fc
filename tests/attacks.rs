//! Every attack of `docs/threat-model.md`, played for real on loopback, and every check removed once.

mod people;

use std::sync::{Arc, OnceLock};

use cipher_room::net::Event;
use people::Person;

use cipher_room::mallory::{
    Cast, EXHIBITS, Exhibit, Halt, Lab, Protocol, Removed, Snapshot, Verdict, expected, find, run, run_both,
};

fn cast() -> Arc<Cast> {
    static CAST: OnceLock<Arc<Cast>> = OnceLock::new();
    Arc::clone(CAST.get_or_init(|| Arc::new(Cast::generate().unwrap())))
}

fn play(exhibit: &Exhibit, protocol: Protocol) -> Verdict {
    run(exhibit, protocol, &cast()).unwrap()
}

#[test]
fn every_attack_succeeds_on_the_textbook_exchange_and_is_stopped_by_the_named_check_of_cr1() {
    for (exhibit, row) in EXHIBITS.iter().zip(expected()) {
        let report = run_both(exhibit, &cast()).unwrap();
        assert_eq!(report.name, row.attack);
        assert_eq!(
            (report.textbook.word(), report.cr1.word()),
            ("succeeded", "stopped"),
            "{report:?}"
        );
        assert_eq!(report.cr1.check(), Some(exhibit.check), "{report:?}");
        assert_eq!(exhibit.check.name(), row.check);
    }
}

#[test]
fn with_its_check_removed_an_attack_works_or_meets_the_check_behind_it() {
    for exhibit in EXHIBITS {
        for ablation in exhibit.ablations {
            let verdict = play(exhibit, Protocol::Cr1(ablation.removed));
            let removed = ablation.removed.checks();
            assert!(!removed.is_empty());
            match ablation.stopped_by {
                None => assert_eq!(verdict.word(), "succeeded", "{exhibit:?} {removed:?} {verdict:?}"),
                Some(check) => {
                    assert_eq!(
                        verdict.check(),
                        Some(check),
                        "{exhibit:?} {removed:?} {verdict:?}"
                    );
                }
            }
        }
    }
}

/// Steps through a run with `change` on every offer of bytes; ends with its outcome and what was seen.
fn by_hand(
    exhibit: &'static Exhibit,
    protocol: Protocol,
    change: impl Fn(Vec<u8>) -> Vec<u8>,
) -> (Result<Verdict, Halt>, Snapshot) {
    let (woken, wakes) = crossbeam_channel::bounded(1);
    let wake = Arc::new(move || {
        let _ = woken.try_send(());
    });
    let lab = Lab::begin(exhibit, protocol, true, wake).unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        if let Some(outcome) = lab.outcome() {
            return (outcome, lab.seen());
        }
        if let Some(offer) = lab.seen().offer {
            lab.go_on(offer.bytes.map_or_else(Vec::new, &change));
        }
        let left = until.saturating_duration_since(std::time::Instant::now());
        assert!(!left.is_zero(), "{exhibit:?} hangs");
        let _ = wakes.recv_timeout(std::time::Duration::from_millis(50));
    }
}

#[test]
fn stepping_by_hand_ends_like_running_by_itself() {
    let replay = find("replay").unwrap();
    let same = |bytes| bytes;
    let (outcome, _) = by_hand(replay, Protocol::Textbook, same);
    assert_eq!(outcome.unwrap().word(), "succeeded");
    let (outcome, _) = by_hand(replay, Protocol::Cr1(Removed::NOTHING), same);
    assert_eq!(outcome.unwrap().check(), Some(replay.check));
}

/// Most runs only wait for victims that got nothing which they could answer, and give up after some
/// seconds; so they run beside each other.
#[test]
fn bytes_edited_into_nonsense_end_in_a_verdict_and_not_in_a_panic() {
    let nonsense: [fn(Vec<u8>) -> Vec<u8>; 4] = [
        |_| Vec::new(),
        |_| vec![0xff; 64],
        |mut bytes| {
            bytes.truncate(bytes.len() / 2);
            bytes
        },
        |bytes| bytes.iter().map(|byte| byte ^ 0x55).collect(),
    ];
    // The keys are made before, so that no run waits for them.
    let first = by_hand(
        find("guess").unwrap(),
        Protocol::Cr1(Removed::NOTHING),
        nonsense[0],
    );
    assert_no_panic(&first);
    for protocol in [Protocol::Textbook, Protocol::Cr1(Removed::NOTHING)] {
        std::thread::scope(|scope| {
            for exhibit in EXHIBITS {
                for change in nonsense {
                    scope.spawn(move || assert_no_panic(&by_hand(exhibit, protocol, change)));
                }
            }
        });
        // And bytes changed here and there, differently in every exhibit and for every offer.
        std::thread::scope(|scope| {
            for (seed, exhibit) in EXHIBITS.iter().enumerate() {
                let seed = std::sync::atomic::AtomicU64::new(seed as u64 + 1);
                let spoil = move |mut bytes: Vec<u8>| {
                    for _ in 0..3 {
                        // Knuth's multiplier; the same run every time.
                        let next = |n: u64| n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        let order = std::sync::atomic::Ordering::Relaxed;
                        let n = next(seed.load(order));
                        seed.store(n, order);
                        let place = (n >> 33) as usize % bytes.len().max(1);
                        if let Some(byte) = bytes.get_mut(place) {
                            *byte ^= (n >> 25) as u8 | 1;
                        }
                    }
                    bytes
                };
                scope.spawn(move || assert_no_panic(&by_hand(exhibit, protocol, spoil)));
            }
        });
    }
}

#[test]
fn a_room_goes_on_beside_a_busy_lab_and_nothing_of_it_is_recorded() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    let cast = cast();
    let busy = std::sync::atomic::AtomicBool::new(true);
    let played = std::sync::atomic::AtomicUsize::new(0);
    let order = std::sync::atomic::Ordering::SeqCst;
    std::thread::scope(|scope| {
        for first in 0..3 {
            let (cast, busy, played) = (&cast, &busy, &played);
            scope.spawn(move || {
                for exhibit in EXHIBITS.iter().cycle().skip(first * 6) {
                    if !busy.load(order) {
                        return;
                    }
                    run(exhibit, Protocol::Cr1(Removed::NOTHING), cast).unwrap();
                    played.fetch_add(1, order);
                }
            });
        }
        // The conversation goes on until the lab has played some attacks beside it.
        let mut said = 0;
        while said < 100 || played.load(order) < 6 {
            let words = format!("message {said}");
            ada.say(&words);
            let heard = bob.expect(|event| match event {
                Event::Logged { message, .. } => Some(message.text),
                Event::WireRecorded { .. } => panic!("recorded"),
                Event::Alarmed { alarm, .. } => panic!("{alarm}"),
                Event::MemberLeft { .. } => panic!("the line was lost"),
                _ => None,
            });
            assert_eq!(heard, words);
            said += 1;
        }
        busy.store(false, order);
        let quiet = |event: &Event| {
            !matches!(
                event,
                Event::WireRecorded { .. }
                    | Event::Alarmed { .. }
                    | Event::Lost { .. }
                    | Event::Closed { .. }
            )
        };
        assert!(ada.events.try_iter().all(|event| quiet(&event)));
    });
}

/// Neither the exhibit nor a victim's program died; a run may end because nothing came any more.
fn assert_no_panic((outcome, _): &(Result<Verdict, Halt>, Snapshot)) {
    let died = |words: &str| words.contains("exhibit failed") || words.contains("attack lab failed");
    match outcome {
        Ok(verdict) => assert!(
            !matches!(verdict, Verdict::Abandoned)
                && !matches!(verdict, Verdict::Unclear { detail } if detail.contains("failed")),
            "{verdict:?}"
        ),
        Err(Halt::Failed(why)) => assert!(!died(why), "{why}"),
        Err(halt) => panic!("{halt:?}"),
    }
}

#[test]
fn an_attack_that_is_stopped_half_way_leaves_nothing_waiting() {
    let (woken, wakes) = crossbeam_channel::bounded(1);
    let wake = Arc::new(move || {
        let _ = woken.try_send(());
    });
    let lab = Lab::begin(find("replay").unwrap(), Protocol::Textbook, true, wake).unwrap();
    while lab.seen().offer.is_none() {
        wakes.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    }
    let outcome = lab.outcome_when_dropped();
    assert_eq!(
        outcome.recv_timeout(std::time::Duration::from_secs(10)).unwrap(),
        Ok(Verdict::Abandoned)
    );
}
