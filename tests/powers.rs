//! What a host can do in its room: knock, remove, ban, mute, read only, invitations. And talk in private.

mod people;

use cipher_room::crypto::Fingerprint;
use cipher_room::net::{ClosedReason, Command, Event, HostAct, JoinCause, PrivateEvent};
use cipher_room::protocol::Invite;
use cipher_room::protocol::handshake::Refusal;
use people::line::{Line, through};
use people::{Person, ROOM, RawHost};

fn closed(person: &Person) -> ClosedReason {
    person.expect(|event| match event {
        Event::Closed { reason, .. } => Some(reason),
        _ => None,
    })
}

fn member_joined(person: &Person) {
    person.expect(|event| matches!(event, Event::MemberJoined { .. }).then_some(()));
}

fn invitation(person: &Person) -> String {
    person.expect(|event| match event {
        Event::DoorChanged { door, .. } => Some(door.invite.to_string()),
        _ => None,
    })
}

fn refusal(person: &Person, invite: &str) -> Refusal {
    let failure = person.fail_to_join(invite);
    assert!(failure.to_string().ends_with('.'), "{failure}");
    match failure.cause {
        JoinCause::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_knocks_gets_in_when_the_host_says_so_and_then_comes_back_freely() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    bob.govern(HostAct::AskFirst(true));
    bob.expect(|event| match event {
        Event::DoorChanged { door, .. } => door.asks.then_some(()),
        _ => None,
    });
    let knocks = |person: &Person| {
        person.begin_join(&invite);
        person.expect(|event| matches!(event, Event::Asking { .. }).then_some(()));
        let member = bob.expect(|event| match event {
            Event::Knocked { member, .. } => Some(member),
            _ => None,
        });
        assert_eq!(
            (member.fingerprint, &member.name),
            (person.fingerprint, &person.name)
        );
        assert!(
            member.sas.is_some(),
            "the emoji can be compared before the answer"
        );
    };
    knocks(&ada);
    bob.govern(HostAct::Answer {
        who: ada.fingerprint,
        admit: true,
    });
    ada.expect(|event| matches!(event, Event::Joined(_)).then_some(()));
    knocks(&cem);
    bob.govern(HostAct::Answer {
        who: cem.fingerprint,
        admit: false,
    });
    assert_eq!(cem.failure().cause, JoinCause::Refused(Refusal::NotAdmitted));
    ada.leave();
    closed(&ada);
    // A member is not asked about again.
    ada.join(&invite);
}

/// Bob's room, where he is asked first.
fn room_that_asks(bob: &Person) -> Invite {
    let invite = bob.host(false).invite;
    bob.govern(HostAct::AskFirst(true));
    bob.expect(|event| match event {
        Event::DoorChanged { door, .. } => door.asks.then_some(()),
        _ => None,
    });
    invite
}

fn knocking(bob: &Person) -> Fingerprint {
    bob.expect(|event| match event {
        Event::Knocked { member, .. } => Some(member.fingerprint),
        _ => None,
    })
}

#[test]
fn who_is_turned_away_does_not_knock_again_by_another_address_of_the_room() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let mut invite = room_that_asks(&bob);
    let port = invite.endpoints[0].port;
    let lines = [(); 3].map(|()| Line::to(port));
    for line in &lines {
        let other: Invite = through(&invite, line).parse().unwrap();
        invite.endpoints.extend(other.endpoints);
    }
    ada.begin_join(&invite.to_string());
    assert_eq!(knocking(&bob), ada.fingerprint);
    bob.govern(HostAct::Answer {
        who: ada.fingerprint,
        admit: false,
    });
    assert_eq!(ada.failure().cause, JoinCause::Refused(Refusal::NotAdmitted));
    cem.begin_join(&invite.to_string());
    assert_eq!(knocking(&bob), cem.fingerprint, "nobody knocked in between");
}

#[test]
fn what_anybody_can_say_at_one_address_does_not_end_the_knock_at_another() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let mut invite = room_that_asks(&bob);
    let raw = RawHost::open();
    let elsewhere: Invite = raw.invite().parse().unwrap();
    invite.endpoints.extend(elsewhere.endpoints);
    ada.begin_join(&invite.to_string());
    raw.refuse(Refusal::NotAdmitted);
    assert_eq!(knocking(&bob), ada.fingerprint);
    bob.govern(HostAct::Answer {
        who: ada.fingerprint,
        admit: true,
    });
    ada.expect(|event| match event {
        Event::Joined(_) => Some(()),
        Event::JoinFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
}

#[test]
fn who_is_removed_is_told_so_and_may_come_again_and_who_is_banned_may_not() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    cem.join(&invite);
    bob.govern(HostAct::Remove(ada.fingerprint));
    assert_eq!(closed(&ada), ClosedReason::Removed { banned: false });
    ada.join(&invite);
    bob.govern(HostAct::Ban(ada.fingerprint));
    assert_eq!(closed(&ada), ClosedReason::Removed { banned: true });
    assert_eq!(refusal(&ada, &invite), Refusal::Banned);
    // The others saw it, signed by the host.
    let mut left = 0;
    cem.expect(|event| match event {
        Event::MemberLeft { fingerprint, .. } if fingerprint == ada.fingerprint => {
            left += 1;
            (left == 2).then_some(())
        }
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        _ => None,
    });
    bob.govern(HostAct::Unban(ada.fingerprint));
    bob.expect(|event| match event {
        Event::DoorChanged { door, .. } => door.banned.is_empty().then_some(()),
        _ => None,
    });
    ada.join(&invite);
}

#[test]
fn a_muted_member_and_a_read_only_room_decline_with_the_reason() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    cem.join(&invite);
    let declined = |person: &Person| {
        person.expect(|event| match event {
            Event::Declined { reason, .. } => Some(reason),
            Event::Alarmed { alarm, .. } => panic!("{alarm}"),
            _ => None,
        })
    };
    let rules = |person: &Person| {
        person.expect(|event| match event {
            Event::RulesChanged { rules, .. } => Some(rules),
            _ => None,
        })
    };
    bob.govern(HostAct::Mute {
        who: ada.fingerprint,
        muted: true,
    });
    assert_eq!(rules(&ada).muted, [ada.fingerprint]);
    assert_eq!(
        rules(&cem).muted,
        [ada.fingerprint],
        "everybody sees and checks it"
    );
    ada.say("hello?");
    assert_eq!(declined(&ada), "the host has muted you");
    cem.say("I may");
    assert_eq!(bob.hear(1), ["I may"]);
    bob.govern(HostAct::Mute {
        who: ada.fingerprint,
        muted: false,
    });
    assert!(rules(&ada).muted.is_empty());
    ada.say("again");
    assert_eq!(bob.hear(1), ["again"]);
    assert_eq!(cem.hear(2), ["I may", "again"]);
    bob.govern(HostAct::ReadOnly(true));
    while !rules(&cem).read_only {}
    cem.say("too late");
    assert!(declined(&cem).contains("only the host"));
    bob.say("silence, please");
    assert_eq!(bob.hear(1), ["silence, please"], "nothing came before it");
    assert_eq!(cem.hear(1), ["silence, please"]);
}

#[test]
fn a_changed_invitation_ends_the_old_one_and_members_still_come_back() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let old = bob.host(false).invite.to_string();
    ada.join(&old);
    member_joined(&bob);
    bob.govern(HostAct::ChangeInvitation { lifetime_secs: None });
    let new = loop {
        let told = invitation(&bob);
        if told != old {
            break told;
        }
    };
    assert_eq!(refusal(&cem, &old), Refusal::NotInvited);
    cem.join(&new);
    ada.leave();
    closed(&ada);
    // What Ada holds is the old invitation, and the secret that the host gave her as a member.
    ada.join(&old);
}

#[test]
fn an_invitation_for_one_person_is_used_up() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    bob.host(false);
    bob.govern(HostAct::InviteOne {
        lifetime_secs: Some(60),
    });
    let invite = bob.expect(|event| match event {
        Event::OneInvited { invite, .. } => Some(invite),
        _ => None,
    });
    assert!(invite.expires_unix.is_some());
    let invite = invite.to_string();
    ada.join(&invite);
    let used_by = |bob: &Person| {
        bob.expect(|event| match event {
            Event::DoorChanged { door, .. } => door.for_one.first()?.used_by,
            _ => None,
        })
    };
    assert_eq!(used_by(&bob), ada.fingerprint, "the host is told at once");
    assert_eq!(refusal(&cem, &invite), Refusal::InvitationUsed);
    ada.leave();
    closed(&ada);
    ada.join(&invite);
    bob.govern(HostAct::ChangeInvitation { lifetime_secs: None });
    bob.expect(|event| match event {
        Event::DoorChanged { door, .. } => door.for_one.is_empty().then_some(()),
        _ => None,
    });
}

fn private(person: &Person) -> String {
    person.expect(|event| match event {
        Event::Private {
            event: PrivateEvent::Heard { message },
            ..
        } => Some(message.text),
        Event::Private {
            event: PrivateEvent::Alarmed { text },
            ..
        } => panic!("{text}"),
        Event::Logged { message, .. } => panic!("everybody heard {}", message.text),
        _ => None,
    })
}

fn whisper(from: &Person, to: &Person, text: &str) {
    from.send(Command::SayPrivately {
        room: ROOM,
        to: to.fingerprint,
        text: text.to_owned(),
    });
}

#[test]
fn members_and_the_host_talk_in_private_with_emoji_of_their_own() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    let joined = ada.join(&invite);
    cem.join(&invite);
    member_joined(&ada);
    whisper(&ada, &cem, "between us");
    assert_eq!(private(&cem), "between us");
    whisper(&cem, &ada, "indeed");
    let sas = ada.expect(|event| match event {
        Event::Private {
            event: PrivateEvent::Secured { sas },
            ..
        } => Some(sas),
        _ => None,
    });
    assert_ne!(sas, joined.sas, "not those of the channel to the host");
    assert_eq!(private(&ada), "indeed");
    whisper(&ada, &bob, "to the host alone");
    assert_eq!(private(&bob), "to the host alone");
    whisper(&bob, &ada, "and back");
    assert_eq!(private(&ada), "and back");
}

#[test]
fn a_private_message_to_somebody_away_is_sealed_and_sent_when_it_is_back() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    cem.join(&invite);
    member_joined(&ada);
    cem.leave();
    closed(&cem);
    ada.expect(|event| matches!(event, Event::MemberLeft { .. }).then_some(()));
    whisper(&ada, &cem, "for later");
    ada.expect(|event| match event {
        Event::Private {
            event: PrivateEvent::Waiting,
            ..
        } => Some(()),
        _ => None,
    });
    cem.join(&invite);
    assert_eq!(private(&cem), "for later");
    ada.expect(|event| match event {
        Event::Private {
            event: PrivateEvent::Delivered { .. },
            ..
        } => Some(()),
        _ => None,
    });
}

#[test]
fn who_is_blocked_is_sent_away_and_comes_into_no_room_of_ours_again() {
    use cipher_room::store::Decision;
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    cem.join(&invite);
    member_joined(&bob);
    member_joined(&bob);
    let decide = |decision| {
        bob.send(Command::Decide {
            fingerprint: ada.fingerprint,
            decision,
        });
    };
    decide(Decision::Block);
    closed(&ada);
    assert_eq!(
        refusal(&ada, &invite),
        Refusal::NotAdmitted,
        "a good invitation does not help"
    );
    // Nor another run of both programs.
    let (bob, ada) = (bob.restart(), ada.restart());
    let invite = bob.host(false).invite.to_string();
    assert_eq!(refusal(&ada, &invite), Refusal::NotAdmitted);
    bob.send(Command::Decide {
        fingerprint: ada.fingerprint,
        decision: Decision::Unblock,
    });
    bob.expect(|event| matches!(event, Event::ContactChanged(_)).then_some(()));
    ada.join(&invite);
}

#[test]
fn who_is_blocked_by_a_member_gets_no_private_answer() {
    use cipher_room::store::Decision;
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    cem.join(&invite);
    member_joined(&ada);
    ada.send(Command::Decide {
        fingerprint: cem.fingerprint,
        decision: Decision::Block,
    });
    ada.expect(|event| matches!(event, Event::ContactChanged(_)).then_some(()));
    whisper(&cem, &ada, "let me in");
    // What Cem says to all behind it arrives, and nothing private came before it.
    cem.say("hello");
    let mut private = false;
    ada.expect(|event| {
        private |= matches!(event, Event::Private { .. });
        matches!(event, Event::Logged { .. }).then_some(())
    });
    assert!(!private);
}
