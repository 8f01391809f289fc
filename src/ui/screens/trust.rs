//! How sure we are of somebody, in words.

use crate::session::{Role, Room, Trust, VerifiedBy};
use crate::ui::theme::{Tone, icons};

/// The words for a trust state.
pub struct TrustWords {
    /// In two or three words.
    pub short: &'static str,
    /// In a sentence or two.
    pub long: &'static str,
    /// How it is coloured.
    pub tone: Tone,
    /// Its icon.
    pub icon: &'static str,
}

/// The words for how somebody in `room` is trusted. A green check belongs to who was verified by oneself alone.
pub fn trust_words(room: &Room, trust: Trust) -> TrustWords {
    words_of(trust, room.role == Role::Host && is_open_to_address(room))
}

fn words_of(trust: Trust, is_open_to_address: bool) -> TrustWords {
    let words = |short, tone, icon, long| TrustWords {
        short,
        long,
        tone,
        icon,
    };
    match trust {
        Trust::Own => words("you", Tone::Neutral, icons::USER, "This is you."),
        Trust::Pinned => words(
            "named by the invitation",
            Tone::Neutral,
            icons::ENVELOPE_SIMPLE,
            "The invitation named this key, and the host proved that it holds it. Whoever made your invitation is the host.",
        ),
        Trust::FirstUse => words(
            "not compared yet",
            Tone::Warning,
            icons::SHIELD_WARNING,
            "You reached this host by its address alone, so nothing says yet that it is who you think. Compare the seven emoji.",
        ),
        Trust::Verified => words(
            "verified by you",
            Tone::Success,
            icons::SEAL_CHECK,
            "You compared keys with this person, and they matched. Withdraw it if you are no longer sure.",
        ),
        Trust::Differed(VerifiedBy::SafetyNumber | VerifiedBy::Card) => words(
            "number differed",
            Tone::Danger,
            icons::SHIELD_WARNING,
            "You compared the safety number, and it differed. Somebody may pose as this person, or sit in between.",
        ),
        Trust::Differed(VerifiedBy::Emoji) => words(
            "emoji differed",
            Tone::Danger,
            icons::SHIELD_WARNING,
            "You compared the seven emoji, and they differed. Somebody may sit in between and read along.",
        ),
        Trust::IntroducedByHost => words(
            "introduced by the host",
            Tone::Neutral,
            icons::USERS_THREE,
            "The host says that this person is here, and that this is its key. Each message is signed with it, so nobody else can write under it.",
        ),
        Trust::Admitted if is_open_to_address => words(
            "proved its key",
            Tone::Neutral,
            icons::KEY,
            "Proved to hold this key. Your room lets in who knows its address, so compare the seven emoji if it matters who this is.",
        ),
        Trust::Admitted => words(
            "held the invitation",
            Tone::Neutral,
            icons::ENVELOPE_SIMPLE,
            "Held your invitation and proved to hold this key. Compare the seven emoji to be sure who it is.",
        ),
        Trust::Blocked => words(
            "blocked by you",
            Tone::Neutral,
            icons::EYE_SLASH,
            "You keep this person out: messages are folded away until you press them.",
        ),
        Trust::Changed { .. } => words(
            "key changed",
            Tone::Danger,
            icons::SHIELD_WARNING,
            "Another key was known at this address or under this name before. You went on in spite of it.",
        ),
    }
}

fn is_open_to_address(room: &Room) -> bool {
    room.opened.as_ref().is_some_and(|opened| opened.open_to_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_was_verified_by_oneself_wears_a_green_check() {
        let others = [
            Trust::Pinned,
            Trust::FirstUse,
            Trust::IntroducedByHost,
            Trust::Admitted,
        ];
        for trust in others {
            let words = words_of(trust, false);
            let is_check = [icons::SHIELD_CHECK, icons::SEAL_CHECK, icons::CHECK].contains(&words.icon);
            assert!(!is_check, "{}", words.short);
            let is_green = matches!(words.tone, Tone::Accent | Tone::Success);
            assert!(!is_green, "{}", words.short);
        }
        let verified = words_of(Trust::Verified, false);
        assert_eq!((verified.icon, verified.tone), (icons::SEAL_CHECK, Tone::Success));
    }
}
