//! Messages that carry something for the program: a cipher challenge, or the word that somebody solved one.

use crate::ciphers;
use crate::lab::room_challenge::{Solved, challenge_in};
use crate::session::clean;

/// Characters of a ciphertext that a bubble shows; the dialog shows all of it.
const SHOWN_CHARS: usize = 160;

/// What a message carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carried {
    /// A challenge, in words.
    Challenge(String),
    /// That its author solved one, in words.
    Solved(&'static str),
}

/// Reads what a message carries; `None` for what people say to each other.
pub(super) fn carried(message: &str) -> Option<Carried> {
    if Solved::read(message).is_some() {
        let words =
            "I solved a cipher challenge of this room. Open the challenge to see whose proof is right.";
        return Some(Carried::Solved(words));
    }
    let challenge = challenge_in(message)?;
    let cipher = challenge.cipher.as_deref().and_then(ciphers::find);
    let cipher = cipher.map_or("which cipher is for you to find out", |spec| spec.name);
    let mut words = format!("{}: {cipher}", clean::reveal_line(&challenge.title));
    if let Some(hint) = challenge.hints.first().filter(|hint| !hint.trim().is_empty()) {
        words.push_str(&format!("\nHint: {}", clean::reveal_line(hint)));
    }
    let ciphertext = clean::reveal_line(&challenge.ciphertext).into_owned();
    let mut shown: String = ciphertext.chars().take(SHOWN_CHARS).collect();
    if shown.len() < ciphertext.len() {
        shown.push('…');
    }
    words.push_str(&format!("\n{shown}"));
    Some(Carried::Challenge(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::room_challenge::tests::{SOLUTION, challenge};

    #[test]
    fn a_challenge_and_its_solution_are_put_into_words_and_talk_is_not() {
        let challenge = challenge("caesar");
        let Some(Carried::Challenge(words)) = carried(&challenge.to_text()) else {
            panic!("no challenge");
        };
        assert_eq!(
            words,
            format!("The mill: Caesar\nHint: Rome and Gaul\n{}", challenge.ciphertext)
        );
        let solution = challenge.solve(SOLUTION).unwrap();
        let told = carried(&solution.message(&[5; 32]));
        assert!(matches!(told, Some(Carried::Solved(_))));
        assert_eq!(carried("Meet John at the old mill!"), None);
        assert_eq!(carried("cipher-room-solved/2 and other words"), None);
    }
}
