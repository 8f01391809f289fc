//! Who may write, in words: what a change of the rules means for whoever sits at the terminal.

use crate::net::Rules;
use crate::session::Fingerprint;

/// What changed, one sentence each; ourselves first by our own name, "you".
pub(super) fn words(
    before: &Rules,
    now: &Rules,
    own: Option<Fingerprint>,
    name: impl Fn(&Fingerprint) -> String,
) -> Vec<String> {
    let mut words = Vec::new();
    match (before.read_only, now.read_only) {
        (false, true) => words.push("Only the host may write now.".to_owned()),
        (true, false) => words.push("Everybody who is not muted may write again.".to_owned()),
        _ => {}
    }
    for who in now.muted.iter().filter(|who| !before.muted.contains(who)) {
        words.push(match own == Some(*who) {
            true => "You are muted by the host: you can read, and write privately.".to_owned(),
            false => format!("{} is muted by the host.", name(who)),
        });
    }
    for who in before.muted.iter().filter(|who| !now.muted.contains(who)) {
        words.push(match own == Some(*who) {
            true => "You are no longer muted.".to_owned(),
            false => format!("{} is no longer muted.", name(who)),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Fingerprint {
        Fingerprint::of_der(name.as_bytes())
    }

    fn rules(read_only: bool, muted: &[&str]) -> Rules {
        Rules {
            read_only,
            muted: muted.iter().map(|name| person(name)).collect(),
        }
    }

    #[test]
    fn who_is_muted_is_told_so_and_the_others_who_it_is() {
        let (open, muted) = (rules(false, &[]), rules(false, &["ada"]));
        let told = |before, now, own| words(before, now, Some(person(own)), |_| "Ada".to_owned());
        assert_eq!(
            told(&open, &muted, "ada"),
            ["You are muted by the host: you can read, and write privately."]
        );
        assert_eq!(told(&open, &muted, "cem"), ["Ada is muted by the host."]);
        assert_eq!(told(&muted, &open, "ada"), ["You are no longer muted."]);
        assert!(told(&muted, &muted, "ada").is_empty());
    }

    #[test]
    fn a_read_only_room_is_told_when_it_begins_and_ends() {
        let (open, closed) = (rules(false, &[]), rules(true, &[]));
        assert_eq!(
            words(&open, &closed, None, |_| String::new()),
            ["Only the host may write now."]
        );
        assert_eq!(
            words(&closed, &open, None, |_| String::new()),
            ["Everybody who is not muted may write again."]
        );
    }
}
