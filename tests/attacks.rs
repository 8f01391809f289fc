//! Every attack of `docs/threat-model.md`, played for real on loopback, and every check removed once.

use std::sync::{Arc, OnceLock};

use cipher_room::mallory::{
    Cast, EXHIBITS, Exhibit, Lab, Protocol, Removed, Verdict, expected, find, run, run_both,
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

/// Steps through a run with `change` on every offer of bytes; ends with its outcome.
fn by_hand(
    exhibit: &'static Exhibit,
    protocol: Protocol,
    change: impl Fn(usize, Vec<u8>) -> Vec<u8>,
) -> Verdict {
    let (woken, wakes) = crossbeam_channel::bounded(1);
    let wake = Arc::new(move || {
        let _ = woken.try_send(());
    });
    let lab = Lab::begin(exhibit, protocol, true, wake).unwrap();
    let mut answered = 0;
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        if let Some(outcome) = lab.outcome() {
            return outcome.unwrap_or(Verdict::Abandoned);
        }
        if let Some(offer) = lab.seen().offer {
            lab.go_on(offer.bytes.map_or_else(Vec::new, |bytes| change(answered, bytes)));
            answered += 1;
        }
        let left = until.saturating_duration_since(std::time::Instant::now());
        assert!(!left.is_zero(), "{exhibit:?} hangs");
        let _ = wakes.recv_timeout(std::time::Duration::from_millis(50));
    }
}

#[test]
fn stepping_by_hand_ends_like_running_by_itself() {
    let replay = find("replay").unwrap();
    let same = |_, bytes| bytes;
    assert_eq!(by_hand(replay, Protocol::Textbook, same).word(), "succeeded");
    let verdict = by_hand(replay, Protocol::Cr1(Removed::NOTHING), same);
    assert_eq!(verdict.check(), Some(replay.check));
}

#[test]
fn bytes_edited_into_nonsense_end_in_a_verdict_and_not_in_a_panic() {
    let nonsense: [fn(usize, Vec<u8>) -> Vec<u8>; 4] = [
        |_, _| Vec::new(),
        |_, _| vec![0xff; 64],
        |_, mut bytes| {
            bytes.truncate(bytes.len() / 2);
            bytes
        },
        |_, bytes| bytes.iter().map(|byte| byte ^ 0x55).collect(),
    ];
    for name in ["replay", "flip-ciphertext", "host-forges", "downgrade"] {
        let exhibit = find(name).unwrap();
        for change in nonsense {
            for protocol in [Protocol::Textbook, Protocol::Cr1(Removed::NOTHING)] {
                let verdict = by_hand(exhibit, protocol, change);
                assert!(
                    !matches!(&verdict, Verdict::Unclear { detail } if detail.contains("failed")),
                    "{verdict:?}"
                );
            }
        }
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
