//! When a plaintext can be relied on: against chance over all keys, and against what real text scores.

use crate::analysis::language::Language;

/// What speaks for a plaintext that a search has found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Letters that were judged.
    pub letters: usize,
    /// The mean log-probability of a letter in nats, by pentagrams and by whole words, half each.
    pub score: f64,
    /// The least score that real text of this length has in nineteen cases of twenty.
    pub real: f64,
    /// Nats beyond what the best of all keys reaches by chance. The chance that a random ciphertext reaches as much under
    /// any key is below e^−surplus: the mean of p(x)·26ⁿ over all x is 1, so Markov's inequality bounds one key, and
    /// adding up bounds all of them.
    pub surplus: f64,
    /// The surplus that convinces: less where only a few keys can be mistaken for each other.
    pub wanted: f64,
    /// Letters from which on a cipher with so many keys has only one solution.
    pub unicity: f64,
}

impl Evidence {
    /// Weighs a plaintext (letters as numbers from 0) that was found among 2^`key_bits` keys.
    pub fn of(language: &Language, letters: &[u8], key_bits: f64) -> Self {
        let n = letters.len();
        let score = reading_score(language, letters);
        Self {
            letters: n,
            score,
            real: Self::least(n),
            surplus: n as f64 * (score + 26f64.ln()) - key_bits * std::f64::consts::LN_2,
            wanted: if key_bits <= FEW_BITS { SURE_OF_FEW } else { SURE },
            unicity: unicity_distance(key_bits),
        }
    }

    /// Weighs a plaintext whose letters were only moved, found among 2^`key_bits` keys: chance is an arrangement of these
    /// very letters, which are those of the language however they stand.
    pub fn of_moved(language: &Language, letters: &[u8], key_bits: f64) -> Self {
        let shares = language.letters();
        let share = |letter: &u8| shares.get(usize::from(*letter)).copied().unwrap_or(1.0);
        let arranged: f64 = letters.iter().map(|letter| share(letter).max(1e-6).ln()).sum();
        let evidence = Self::of(language, letters, key_bits);
        let score = evidence.score * letters.len() as f64;
        Self {
            surplus: score - arranged - key_bits * std::f64::consts::LN_2,
            ..evidence
        }
    }

    /// The least score that real text of so many letters has in nineteen cases of twenty.
    pub fn least(letters: usize) -> f64 {
        -2.15 - 10.0 / letters.max(1) as f64
    }

    /// Whether letters read like the language at all: more texts do than those that convince, and hardly any of letters
    /// that were only moved. Of 1,800 windows of prose, 12 to 120 letters long, one in a hundred does not; of as many of 25 letters and
    /// more with their letters shuffled none does.
    pub fn reads(language: &Language, letters: &[u8]) -> bool {
        reading_score(language, letters) >= Self::least(letters.len()) - ROOM
    }

    /// The same evidence with another score, in nats a letter, from a model that knows more of this text.
    pub fn with_score(self, score: f64, key_bits: f64) -> Self {
        let surplus = self.letters as f64 * (score + 26f64.ln()) - key_bits * std::f64::consts::LN_2;
        Self {
            score,
            surplus,
            ..self
        }
    }

    /// The same evidence for the text that these letters stand in: those with an accent have kept their places, and a language
    /// that has many reads badly with gaps in its words.
    pub fn with_accents(self, language: &Language, text: &str, key_bits: f64) -> Self {
        let folded = language.folded(text);
        match folded.len() > self.letters {
            true => self.with_score(reading_score(language, &folded).max(self.score), key_bits),
            false => self,
        }
    }

    /// Whether chance hardly gives such a text under any of the keys.
    pub fn is_beyond_chance(&self) -> bool {
        self.surplus >= self.wanted
    }

    /// Whether it can be relied on, as far as the text alone tells. A search adds what it knows itself: whether
    /// independent starts agree, and whether keys nearby are much worse.
    pub fn is_convincing(&self) -> bool {
        self.is_beyond_chance() && self.score >= self.real
    }

    /// Why it can or can't be relied on, as the second half of a sentence.
    pub fn why(&self) -> String {
        if self.is_convincing() {
            return format!(
                "the text reads like the language, {:.0} bits beyond what chance would give",
                self.surplus / std::f64::consts::LN_2
            );
        }
        self.why_not()
    }

    /// Why it can't be relied on, for a search that asks for more than [`is_convincing`](Self::is_convincing) and that
    /// went to its end.
    pub fn why_not(&self) -> String {
        self.lack_of_text().unwrap_or_else(|| {
            "the best that was found does not read like the language: another cipher, another language, or no text at all"
                .to_owned()
        })
    }

    /// Why there is too little text for any search, if that is what is wrong.
    pub fn lack_of_text(&self) -> Option<String> {
        let is_short = (self.letters as f64) < self.unicity * 2.5;
        if self.score >= self.real && !is_short {
            return Some(format!(
                "not enough text: {} letters, where the unicity distance is {:.0} and chance gives words as good now and then",
                self.letters, self.unicity
            ));
        }
        if self.score >= self.real || (!self.is_beyond_chance() && is_short) {
            return Some(format!(
                "not enough text: {} letters, where the unicity distance is {:.0} and other keys make texts as likely",
                self.letters, self.unicity
            ));
        }
        None
    }
}

/// How much a text reads like the language: the mean log-probability of a letter in nats, by pentagrams and by whole words,
/// half each. Sharper than either, and slower: for the choice among finished solutions.
pub fn reading_score(language: &Language, letters: &[u8]) -> f64 {
    if letters.is_empty() {
        return f64::from(-16);
    }
    let words = language.words().part(letters).log_probability / letters.len() as f64;
    let grams = match letters.len() >= 5 {
        true => language.pentagrams().score(letters),
        false => words,
    };
    0.5 * (words + grams)
}

/// Letters from which on a cipher with 2^`key_bits` keys has only one solution: key bits over the redundancy of a letter.
///
/// Claude Shannon, Communication Theory of Secrecy Systems (1949), section 13: English carries about 1.5 bits a letter of
/// log2 26 = 4.7, so 3.2 bits are redundant.
pub fn unicity_distance(key_bits: f64) -> f64 {
    key_bits / REDUNDANCY_BITS
}

const REDUNDANCY_BITS: f64 = 3.2;
/// Nats beyond chance that convince: once in 160,000 random texts, and room for what the model does not know.
const SURE: f64 = 12.0;
/// The same for up to 26 keys, all of which are compared with each other: once in 3,000 random texts. Of 600 windows of
/// prose of 6 to 20 letters each and as many random substitutions of them, none was wrong and sure.
const SURE_OF_FEW: f64 = 8.0;
/// In nats a letter: how far below the least score of real text a strange one may lie.
const ROOM: f64 = 0.45;
/// log2 of 26 keys, rounded up.
const FEW_BITS: f64 = 4.71;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::language::letters_of;

    const PROSE: &str = "the ferry was late again so we sat on the wall above the harbour and watched the boats come in one after another";

    #[test]
    fn prose_found_among_few_keys_convinces_and_among_too_many_it_does_not() {
        let letters = letters_of(PROSE);
        assert!(Evidence::of(Language::english(), &letters, 4.7).is_convincing());
        let few = Evidence::of(Language::english(), &letters[..20], 88.4);
        assert!(!few.is_convincing());
        assert!(
            few.why()
                .starts_with("not enough text: 20 letters, where the unicity distance is 28")
        );
    }

    #[test]
    fn eleven_letters_convince_among_26_keys_and_not_among_many() {
        let letters = letters_of("THIS IS A TEST");
        assert!(Evidence::of(Language::english(), &letters, 26f64.log2()).is_convincing());
        let many = Evidence::of(Language::english(), &letters, 12.0);
        assert!(!many.is_convincing());
        assert!(many.why().starts_with("not enough text: "), "{}", many.why());
    }

    #[test]
    fn letters_that_only_moved_have_less_to_prove_with() {
        let letters = letters_of(PROSE);
        let evidence = Evidence::of(Language::english(), &letters, 10.0);
        let moved = Evidence::of_moved(Language::english(), &letters, 10.0);
        assert!(moved.is_convincing() && moved.surplus < evidence.surplus);
        let mut mixed = letters;
        crate::analysis::attack::Random::new(3).shuffle(&mut mixed);
        assert!(Evidence::of_moved(Language::english(), &mixed, 0.0).surplus < 0.0);
    }

    #[test]
    fn prose_reads_and_its_letters_in_another_order_do_not() {
        let mut letters = letters_of(PROSE);
        assert!(Evidence::reads(Language::english(), &letters));
        assert!(Evidence::reads(Language::english(), &letters[..20]));
        crate::analysis::attack::Random::new(3).shuffle(&mut letters);
        assert!(!Evidence::reads(Language::english(), &letters));
    }

    #[test]
    fn noise_never_convinces() {
        let mut random = crate::analysis::attack::Random::new(1);
        for _ in 0..50 {
            let noise: Vec<u8> = (0..200).map(|_| random.below(26) as u8).collect();
            assert!(!Evidence::of(Language::english(), &noise, 0.0).is_convincing());
        }
    }

    #[test]
    fn the_unicity_distance_of_simple_substitution_is_shannon_s() {
        let bits: f64 = (2..=26).map(|n| f64::from(n).log2()).sum();
        assert!((unicity_distance(bits) - 27.6).abs() < 0.1);
    }
}
