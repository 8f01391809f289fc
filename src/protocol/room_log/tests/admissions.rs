//! When somebody was first admitted: over comings and goings, restarts, and states of earlier versions.

use super::*;

#[test]
fn the_first_admission_counts_however_often_somebody_comes_back_and_over_a_restart() {
    let mut room = Room::new();
    let ada = room.ada.fingerprint();
    let first = room.log.n();
    room.by_ada(message("one")).unwrap();
    let departed = Content::Departed {
        member: ada,
        reason: DepartureReason::Goodbye,
    };
    room.by_host(departed).unwrap();
    let again = room.log.introduction(room.ada.public(), "Ada");
    room.by_host(Content::Admitted(again)).unwrap();
    let state: LogState = body::decode(&body::encode(&room.log.state())).unwrap();
    let kept = RoomLog::restore(ROOM, room.host.public().clone(), state).unwrap();
    for log in [&room.log, &kept] {
        assert_eq!(log.first_admission(&ada), Some(first));
        assert_eq!(log.first_admission(&Fingerprint::of_der(b"eve")), None);
        assert!(log.knows_first_admissions());
    }
}

#[test]
fn a_state_of_an_earlier_version_is_read_and_takes_what_is_found_among_the_entries() {
    let room = Room::new();
    let ada = room.ada.fingerprint();
    let mut state = room.log.state();
    for author in &mut state.authors {
        author.first_admitted = None;
        let bytes = body::encode(&*author);
        assert_eq!(bytes[0], 0x83, "an array of three, as before");
    }
    for (found, first) in [(Some(7), 7), (None, 0)] {
        let state: LogState = body::decode(&body::encode(&state)).unwrap();
        let mut log = RoomLog::restore(ROOM, room.host.public().clone(), state).unwrap();
        assert!(!log.knows_first_admissions());
        let found: HashMap<Fingerprint, u64> = found.into_iter().map(|n| (ada, n)).collect();
        log.note_first_admissions(&found);
        assert_eq!(log.first_admission(&ada), Some(first));
        assert!(log.knows_first_admissions());
        // What is known stays as it is.
        log.note_first_admissions(&HashMap::from([(ada, 9)]));
        assert_eq!(log.first_admission(&ada), Some(first));
    }
}
