//! What was to be shown when the profile was locked.

use super::*;

fn ready() -> Event {
    Event::IdentityReady {
        fingerprint: person("ada"),
        settings: Settings::default(),
    }
}

fn locked(reason: Option<&str>) -> Event {
    Event::Locked {
        reason: reason.map(str::to_owned),
        until_unix: 0,
    }
}

fn told(session: &mut Session) -> Vec<String> {
    session.notices.drain(..).map(|notice| notice.text).collect()
}

#[test]
fn what_came_of_a_backup_that_locking_waited_for_is_told_when_the_profile_is_open_again() {
    let saved = "Everything is saved as /home/ada/all.backup, locked by its passphrase.";
    let outcomes = [
        (
            Event::FileDone {
                text: saved.to_owned(),
                is_room: false,
            },
            saved,
        ),
        (
            Event::FileFailed {
                reason: "the disk is full".to_owned(),
            },
            "Nothing was changed: the disk is full.",
        ),
    ];
    for (outcome, text) in outcomes {
        let mut session = Session::default();
        session.apply(ready());
        session.file_work = Work::Working;
        session.apply(Event::Locking);
        session.apply(outcome);
        assert!(
            session.notices.is_empty(),
            "nobody may be there, and it names a file"
        );
        session.apply(locked(None));
        session.apply(locked(Some("the passphrase is wrong")));
        assert!(session.notices.is_empty());
        session.apply(ready());
        assert_eq!(told(&mut session), [text]);
        session.apply(locked(None));
        session.apply(ready());
        assert!(session.notices.is_empty(), "it is told once");
    }
}

#[test]
fn what_was_not_shown_yet_when_the_profile_was_locked_is_shown_when_it_is_open_again() {
    let mut session = Session::default();
    session.apply(ready());
    let reason = "The room could not be removed: the disk is full.";
    session.apply(Event::NotKept {
        reason: reason.to_owned(),
    });
    session.apply(locked(None));
    assert!(session.notices.is_empty());
    session.apply(ready());
    assert_eq!(told(&mut session), [reason]);
}

#[test]
fn a_profile_that_is_not_locked_after_all_tells_what_waited() {
    let mut session = Session::default();
    session.apply(ready());
    session.has_passphrase = true;
    session.apply(Event::Locking);
    session.apply(Event::ProtectionChanged {
        has_passphrase: false,
    });
    assert!(session.notices.is_empty());
    session.apply(ready());
    assert!(told(&mut session)[0].starts_with("The passphrase is removed"));
}

#[test]
fn that_the_background_died_while_the_profile_was_to_be_locked_is_told_at_once() {
    let mut session = Session::default();
    session.apply(ready());
    session.apply(Event::Locking);
    session.apply(Event::ThreadDied {
        name: "front desk".to_owned(),
        loss: Loss::Background,
    });
    assert!(told(&mut session)[0].contains("start it again"));
}
