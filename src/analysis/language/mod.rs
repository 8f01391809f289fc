//! Languages as attacks see them: how likely letters are after one another, and which words there are.
//!
//! The tables lie packed in the program (`assets/languages`, with the script that computes them) and are unpacked at
//! their first use. [`Gram`] is what hot loops index; [`Words`] judges and parts what they found.

mod gram;
mod packed;
mod typed;
mod words;

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;

pub use gram::Gram;
pub use packed::Damaged;
pub use typed::MARK;
pub use words::{Parted, Words};

use packed::Packed;

/// One language's statistics. The tables lie packed in the program and are unpacked once, at the first use.
pub struct Language {
    /// The ISO 639-1 code.
    pub id: &'static str,
    /// The name shown to people.
    pub name: &'static str,
    packed: &'static [u8],
    tables: Tables,
}

#[derive(Default)]
struct Tables {
    letters: OnceLock<[f64; 26]>,
    quadgrams: OnceLock<Gram>,
    pentagrams: OnceLock<Gram>,
    spaced_quadgrams: OnceLock<Gram>,
    spaced_pentagrams: OnceLock<Gram>,
    typed_quadgrams: OnceLock<Gram>,
    words: OnceLock<Words>,
}

impl Tables {
    const fn none() -> Tables {
        Tables {
            letters: OnceLock::new(),
            quadgrams: OnceLock::new(),
            pentagrams: OnceLock::new(),
            spaced_quadgrams: OnceLock::new(),
            spaced_pentagrams: OnceLock::new(),
            typed_quadgrams: OnceLock::new(),
            words: OnceLock::new(),
        }
    }
}

impl Language {
    const fn new(id: &'static str, name: &'static str, packed: &'static [u8]) -> Self {
        Language {
            id,
            name,
            packed,
            tables: Tables::none(),
        }
    }

    /// English, which everything begins with.
    pub fn english() -> &'static Language {
        &ENGLISH
    }

    /// The language with this ISO 639-1 code.
    pub fn find(id: &str) -> Option<&'static Language> {
        ALL.iter().copied().find(|language| language.id == id)
    }

    /// Unpacks every packed table now, so that no measured attack pays for it. Some 20 ms.
    pub fn unpack(&self) {
        self.letters();
        self.pentagrams();
        self.spaced_pentagrams();
        self.words();
    }

    /// The share of each letter, A to Z, in running text.
    pub fn letters(&self) -> &[f64; 26] {
        self.tables
            .letters
            .get_or_init(|| read(self.packed().shares(b"l1")))
    }

    /// Four letters in a row, A to Z without spaces: 457 kB, small enough for a processor's cache.
    pub fn quadgrams(&self) -> &Gram {
        let tables = &self.tables.quadgrams;
        tables.get_or_init(|| read(self.packed().quadgrams(b'l', 26)))
    }

    /// Five letters in a row, A to Z without spaces: 12 MB, sharper and slower.
    pub fn pentagrams(&self) -> &Gram {
        let tables = &self.tables.pentagrams;
        tables.get_or_init(|| read(self.packed().pentagrams(b'l', self.quadgrams())))
    }

    /// Four characters in a row of a text that keeps its spaces: 0 to 25 are A to Z, 26 is the space. Words have one
    /// space between them and one around the whole.
    pub fn spaced_quadgrams(&self) -> &Gram {
        let tables = &self.tables.spaced_quadgrams;
        tables.get_or_init(|| read(self.packed().quadgrams(b's', 27)))
    }

    /// Five characters in a row of a text that keeps its spaces, coded as for [`spaced_quadgrams`](Self::spaced_quadgrams).
    pub fn spaced_pentagrams(&self) -> &Gram {
        let tables = &self.tables.spaced_pentagrams;
        tables.get_or_init(|| read(self.packed().pentagrams(b's', self.spaced_quadgrams())))
    }

    /// Four characters in a row of a text as it is typed, as [`typed_code`] codes them. Computed at its first use, in some
    /// 20 ms.
    pub fn typed_quadgrams(&self) -> &Gram {
        let tables = &self.tables.typed_quadgrams;
        tables.get_or_init(|| typed::quadgrams(self.spaced_quadgrams(), self.letters()))
    }

    /// The share of each character in running text, coded as for [`typed_quadgrams`](Self::typed_quadgrams).
    pub fn typed_shares(&self) -> [f64; 28] {
        typed::shares(self.letters())
    }

    /// The words, with how often they are used.
    pub fn words(&self) -> &Words {
        self.tables
            .words
            .get_or_init(|| read(Words::unpack(&self.packed(), self.spaced_quadgrams())))
    }

    /// A text's letters as the model counts them: those with an accent without it, the German Ä as AE.
    pub fn folded(&self, text: &str) -> Vec<u8> {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            plain.push(bare(c));
            match c {
                'Ä' | 'ä' | 'Ö' | 'ö' | 'Ü' | 'ü' if self.id == "de" => plain.push('E'),
                'Æ' | 'æ' | 'Œ' | 'œ' => plain.push('E'),
                'ß' | 'ẞ' => plain.push('S'),
                _ => {}
            }
        }
        letters_of(&plain)
    }

    fn packed(&self) -> Packed<'static> {
        read(Packed::parse(self.packed))
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Language({})", self.id)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// A test unpacks every table, so a damaged one cannot leave the workshop.
fn read<T>(table: Result<T, Damaged>) -> T {
    table.expect("the tables in the program are those that the tests have unpacked")
}

static ENGLISH: Language = Language::new("en", "English", include_bytes!("../../../assets/languages/en.lm"));
static GERMAN: Language = Language::new("de", "German", include_bytes!("../../../assets/languages/de.lm"));
static FRENCH: Language = Language::new("fr", "French", include_bytes!("../../../assets/languages/fr.lm"));
static SPANISH: Language = Language::new("es", "Spanish", include_bytes!("../../../assets/languages/es.lm"));

/// All languages, in the order in which they are offered.
pub static ALL: [&Language; 4] = [&ENGLISH, &GERMAN, &FRENCH, &SPANISH];

/// A text's letters as numbers, A is 0; everything else is left out.
pub fn letters_of(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|byte| byte.to_ascii_uppercase() - b'A')
        .collect()
}

/// A letter without its accent; one letter for one.
pub fn bare(c: char) -> char {
    match c {
        'ß' | 'ẞ' => 'S',
        'Æ' | 'æ' => 'A',
        'Ø' | 'ø' | 'Œ' | 'œ' => 'O',
        c => c.nfd().next().unwrap_or(c),
    }
}

/// Letters and spaces as numbers, A is 0 and the space 26: one space around the whole and between words. Whatever is no
/// letter parts words, but for apostrophes and accented letters, which are left out.
pub fn spaced_of(text: &str) -> Vec<u8> {
    let mut codes = vec![SPACE];
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' => codes.push((c.to_ascii_uppercase() as u8) - b'A'),
            '\'' | '’' => {}
            c if c.is_alphabetic() => {}
            _ if codes.last() != Some(&SPACE) => codes.push(SPACE),
            _ => {}
        }
    }
    if codes.last() != Some(&SPACE) {
        codes.push(SPACE);
    }
    codes
}

/// A character as a number: letters as in [`letter_code`], the space 26, and 27 ([`MARK`]) what is neither.
pub fn typed_code(c: char) -> u8 {
    match c {
        c if c.is_alphabetic() => letter_code(c),
        c if c.is_whitespace() => SPACE,
        _ => MARK,
    }
}

/// A letter as a number, A is 0. One with an accent counts as the letter below it, and what is no letter from A to Z then as
/// an X: rare, and equally strange beside everything.
pub fn letter_code(c: char) -> u8 {
    match bare(c).to_ascii_uppercase() {
        capital @ 'A'..='Z' => capital as u8 - b'A',
        _ => b'X' - b'A',
    }
}

/// The code of the space in models that know it.
pub const SPACE: u8 = 26;

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: [(&str, &str); 4] = [
        (
            "en",
            "The committee met on Tuesday and could not agree whether the old bridge should be repaired or replaced",
        ),
        (
            "de",
            "Der Ausschuss kam am Dienstag zusammen und konnte sich nicht einigen ob die alte Bruecke erneuert werden soll",
        ),
        (
            "fr",
            "Le comite se reunit mardi et ne put decider si le vieux pont devait etre repare ou remplace par un autre",
        ),
        (
            "es",
            "El comite se reunio el martes y no pudo decidir si el puente viejo debia ser reparado o cambiado por otro",
        ),
    ];

    #[test]
    fn accents_are_taken_off_as_they_were_for_the_models() {
        let folded = |id: &str, text: &str| {
            let codes = Language::find(id).unwrap().folded(text);
            codes
                .iter()
                .map(|&code| char::from(b'A' + code))
                .collect::<String>()
        };
        assert_eq!(folded("de", "Größe für Ärzte"), "GROESSEFUERAERZTE");
        assert_eq!(folded("fr", "à l'œuvre, garçon"), "ALOEUVREGARCON");
        assert_eq!(folded("es", "mañana, pingüino"), "MANANAPINGUINO");
    }

    #[test]
    fn every_table_of_every_language_unpacks() {
        for language in ALL {
            assert!((language.letters().iter().sum::<f64>() - 1.0).abs() < 1e-3);
            assert_eq!(language.quadgrams().table().len(), 26usize.pow(4));
            assert_eq!(language.pentagrams().table().len(), 26usize.pow(5));
            assert_eq!(language.spaced_quadgrams().table().len(), 27usize.pow(4));
            assert_eq!(language.spaced_pentagrams().table().len(), 27usize.pow(5));
            assert_eq!(language.typed_quadgrams().table().len(), 28usize.pow(4));
            assert!(language.words().len() > 20_000);
        }
    }

    #[test]
    fn each_context_s_probabilities_add_up_to_about_one() {
        let language = Language::english();
        for gram in [language.quadgrams(), language.pentagrams()] {
            for context in ["THAT", "TION", "QUIT", "EVER", "XQZJ"] {
                let code = letters_of(context);
                let code = &code[code.len() + 1 - gram.order()..];
                let start = code.iter().fold(0usize, |index, &c| index * 26 + usize::from(c)) * 26;
                let sum: f64 = (0..26)
                    .map(|c| gram.log_probability(gram.table()[start + c]).exp())
                    .sum();
                assert!((0.8..1.25).contains(&sum), "{context} {} {sum}", gram.order());
            }
        }
    }

    #[test]
    fn prose_is_likelier_in_its_own_language_than_in_any_other() {
        for (id, text) in PROSE {
            let letters = letters_of(text);
            let best = ALL
                .iter()
                .max_by(|a, b| {
                    let score = |language: &Language| language.quadgrams().score(&letters);
                    score(a).total_cmp(&score(b))
                })
                .unwrap();
            assert_eq!(best.id, id);
        }
    }

    #[test]
    fn more_context_makes_prose_likelier_and_noise_does_not_profit() {
        let language = Language::english();
        let prose = letters_of(PROSE[0].1);
        let (four, five) = (
            language.quadgrams().score(&prose),
            language.pentagrams().score(&prose),
        );
        assert!(five > four && four > -2.6, "{four} {five}");
        let noise = letters_of("QZJXKVWPFBGYMUCLDHRSNIOATEXQJZKWVFPBMGYCU");
        assert!(language.pentagrams().score(&noise) < -5.0);
    }

    #[test]
    fn spaces_stand_once_between_words_and_around_them() {
        let codes: String = spaced_of("Don't  panic, 42!")
            .iter()
            .map(|&c| if c == SPACE { '_' } else { (b'a' + c) as char })
            .collect();
        assert_eq!(codes, "_dont_panic_");
    }
}
