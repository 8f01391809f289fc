//! An attack by hand shows what the pool promises: order, pauses, ends, and survival of a fault.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::analysis::attack::{Help, Progress, Watch};

const LONG: Duration = Duration::from_secs(60);

/// Counts up in ten improvements, then goes on without one for as long as it may when the seed is odd.
fn count(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    if problem.text.is_empty() {
        return Err(AttackError::too_short(0, 1));
    }
    assert!(problem.seed != 13, "a fault on purpose");
    let mut tried = 0;
    let mut key = Key::new();
    for score in 0..10 {
        tried += 100;
        key.set("shift", &score.to_string());
        let progress = Progress {
            key: &key,
            text: problem.text,
            score: f64::from(score),
            tried,
            start: 1,
            better: true,
        };
        if watch.seen(progress).is_break() {
            break;
        }
    }
    while problem.seed % 2 == 1 && watch.go_on().is_continue() {
        tried += 1;
    }
    Ok(Finding {
        key,
        text: problem.text.to_owned(),
        score: 9.0,
        confident: problem.seed.is_multiple_of(2),
        why: "it was counted".to_owned(),
        tried,
        certainty: Vec::new(),
        others: Vec::new(),
    })
}

static COUNT: AttackSpec = AttackSpec {
    cipher: "caesar",
    method: "counting",
    summary: "For tests.",
    help: Help::NONE,
    known: &[],
    search: count,
};

fn task(seed: u64) -> Task {
    Task {
        spec: &COUNT,
        text: "text".into(),
        language: crate::lab::languages()[0],
        crib: None,
        locks: Vec::new(),
        known: Key::new(),
        seed,
        longest: LONG,
    }
}

fn attacks() -> Attacks {
    Attacks::new(Arc::new(|| ()))
}

#[test]
fn an_attack_tells_its_course_and_its_end() {
    let mut attacks = attacks();
    let id = attacks.start(task(2)).unwrap();
    assert!(attacks.settle(id, LONG));
    let attack = attacks.attack(id).unwrap();
    assert_eq!(attack.moments.len(), 10);
    assert!(
        attack
            .moments
            .windows(2)
            .all(|pair| pair[0].score < pair[1].score && pair[0].at <= pair[1].at)
    );
    assert!(attack.finding().unwrap().confident);
    assert_eq!(attack.ending.as_ref().unwrap().stopped, None);
    assert_eq!(attack.tried, 1000);
}

#[test]
fn the_same_seed_gives_the_same_course() {
    let mut attacks = attacks();
    let ids: Vec<AttackId> = (0..2).map(|_| attacks.start(task(4)).unwrap()).collect();
    assert!(ids.iter().all(|&id| attacks.settle(id, LONG)));
    let course = |id| -> Vec<(Key, f64, u64)> {
        let attack: &Attack = attacks.attack(id).unwrap();
        attack
            .moments
            .iter()
            .map(|m| (m.key.clone(), m.score, m.tried))
            .collect()
    };
    assert_eq!(course(ids[0]), course(ids[1]));
}

#[test]
fn cancelling_gives_the_best_so_far() {
    let mut attacks = attacks();
    let id = attacks.start(task(1)).unwrap();
    assert!(
        !attacks.settle(id, Duration::from_millis(50)),
        "it goes on by itself"
    );
    attacks.cancel(id);
    assert!(attacks.settle(id, LONG));
    let ending = attacks.attack(id).unwrap().ending.as_ref().unwrap();
    assert_eq!(ending.stopped, Some(Stopped::ByUser));
    assert_eq!(ending.outcome.as_ref().unwrap().key.value("shift"), Some("9"));
}

#[test]
fn a_paused_attack_does_not_work_and_leaves_its_turn_to_others() {
    let woken = Arc::new(AtomicBool::new(false));
    let mut attacks = attacks();
    // More than there are turns, all held: an attack that comes later is not kept waiting.
    let held: Vec<AttackId> = (0..4)
        .map(|_| {
            let id = attacks.start(task(1)).unwrap();
            attacks.pause(id);
            id
        })
        .collect();
    let other = attacks.start(task(2)).unwrap();
    assert!(attacks.settle(other, LONG));
    woken.store(true, Ordering::Relaxed);
    // Their clocks stand still.
    let deadline = Instant::now() + LONG;
    while held
        .iter()
        .any(|&id| attacks.attack(id).unwrap().phase != Phase::Paused)
    {
        attacks.refresh();
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
    let before = attacks.attack(held[0]).unwrap().elapsed;
    assert!(!attacks.settle(held[0], Duration::from_millis(40)));
    assert_eq!(attacks.attack(held[0]).unwrap().elapsed, before);
    for id in held {
        attacks.resume(id);
        attacks.cancel(id);
        assert!(attacks.settle(id, LONG));
    }
}

#[test]
fn time_ends_an_attack_and_is_named_as_the_reason() {
    let mut attacks = attacks();
    let short = Task {
        longest: Duration::from_millis(20),
        ..task(1)
    };
    let id = attacks.start(short).unwrap();
    assert!(attacks.settle(id, LONG));
    let ending = attacks.attack(id).unwrap().ending.as_ref().unwrap();
    assert_eq!(ending.stopped, Some(Stopped::ByTime));
}

#[test]
fn a_refusal_and_a_fault_are_told_and_the_thread_lives_on() {
    let mut attacks = attacks();
    let empty = Task {
        text: "".into(),
        ..task(2)
    };
    let id = attacks.start(empty).unwrap();
    assert!(attacks.settle(id, LONG));
    assert!(matches!(
        attacks.attack(id).unwrap().ending.as_ref().unwrap().outcome,
        Err(AttackError::TooShort { .. })
    ));
    let id = attacks.start(task(13)).unwrap();
    assert!(attacks.settle(id, LONG));
    assert!(
        attacks
            .attack(id)
            .unwrap()
            .ending
            .as_ref()
            .unwrap()
            .outcome
            .is_err()
    );
    let id = attacks.start(task(2)).unwrap();
    assert!(attacks.settle(id, LONG));
    assert!(attacks.attack(id).unwrap().finding().is_some());
}

#[test]
fn a_long_course_is_thinned_but_keeps_its_ends() {
    let moment = |at: u64| Moment {
        key: Key::new(),
        text: "".into(),
        score: at as f64,
        tried: at,
        start: 1,
        at: Duration::from_millis(at),
    };
    let mut moments = Vec::new();
    for at in 0..5_000 {
        moments.push(moment(at));
        shared::thin(&mut moments);
        assert_eq!(moments[0].tried, 0);
        assert_eq!(moments[moments.len() - 1].tried, at);
    }
    assert!(moments.len() <= 900);
}

#[test]
fn threads_and_those_that_wait_have_an_end() {
    let mut attacks = attacks();
    let mut started = 0;
    while attacks.start(task(1)).is_some() {
        started += 1;
        assert!(started <= MOST_WAITING + MOST_THREADS);
    }
    assert!(attacks.threads <= MOST_THREADS);
}
