//! Marks of who is sure, who differed, who is kept out.

use super::*;

#[test]
fn a_changed_key_needs_a_decision_and_keeps_its_mark() {
    let (mut session, key) = guest_room(HostTrust::Changed {
        before: person("old"),
    });
    let room = session.room_mut(key).unwrap();
    assert!(room.needs_decision());
    room.accept_change(&person("bob"));
    assert!(!room.needs_decision());
    assert!(matches!(
        room.members[0].trust,
        Trust::Changed { accepted: true, .. }
    ));
}

#[test]
fn emoji_that_differed_stay_marked_until_they_match() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    let host = session.room(key).unwrap().host.clone().unwrap().fingerprint;
    session
        .room_mut(key)
        .unwrap()
        .mark_differed(&host, VerifiedBy::Emoji);
    let room = session.room(key).unwrap();
    assert_eq!(
        room.host.as_ref().unwrap().trust,
        Trust::Differed(VerifiedBy::Emoji)
    );
    assert_eq!(room.doubted().unwrap().fingerprint, host);
    assert!(matches!(room.transcript.lines().last(), Some(Line::Note { .. })));
    assert_eq!(
        room.remembered(&host, Trust::Pinned),
        Trust::Differed(VerifiedBy::Emoji)
    );
    session.room_mut(key).unwrap().mark_verified(&host);
    let room = session.room(key).unwrap();
    assert!(room.doubted().is_none());
    assert_eq!(room.remembered(&host, Trust::Pinned), Trust::Pinned);
    let said = room.transcript.lines().last();
    assert!(
        matches!(said, Some(Line::Note { text }) if text == "You compared again with Bob, and they matched."),
        "{said:?}"
    );
}

#[test]
fn whoever_is_blocked_is_blocked_although_its_emoji_differed_and_has_differed_when_unblocked() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    let host = person("bob");
    session.apply(Event::ContactsOpened(vec![known("bob", "Bob", 1, false)]));
    let differed = Trust::Differed(VerifiedBy::Emoji);
    let room = session.room_mut(key).unwrap();
    room.mark_differed(&host, VerifiedBy::Emoji);
    let trust = |session: &Session| session.room(key).unwrap().member(&host).unwrap().trust;
    session.decide(&host, Decision::Block, 2);
    assert_eq!(trust(&session), Trust::Blocked);
    let room = session.room_mut(key).unwrap();
    assert_eq!(
        room.remembered(&host, Trust::Blocked),
        Trust::Blocked,
        "when it comes again, too"
    );
    room.mark_differed(&host, VerifiedBy::Emoji);
    assert_eq!(trust(&session), Trust::Blocked);
    session.decide(&host, Decision::Unblock, 3);
    assert_eq!(trust(&session), differed);
}
