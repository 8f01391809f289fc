//! How often an answer is given as sure and is wrong: every cipher that can be attacked, at lengths from a few letters on,
//! its own ciphertexts and texts that are none.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::time::Duration;

use cipher_room::analysis::attack::{AttackSpec, Problem, Progress, Random, Watch};
use cipher_room::analysis::attacks;
use cipher_room::analysis::auto::{Turns, auto};
use cipher_room::analysis::identify::identify;
use cipher_room::analysis::language::{Language, letters_of};
use cipher_room::ciphers::{self, CipherSpec, Key};
use cipher_room::lab::random_key::random_key;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::measure::thread_cpu;
use super::rows::{columns, rails};
use super::texts::{self, Lines};

/// What is measured.
pub struct Options {
    /// Only this cipher; `auto` is one.
    pub only: Option<String>,
    /// Texts of each kind.
    pub count: u64,
    /// Texts in place of the built-in ones, and texts in other languages.
    pub texts: Vec<Lines>,
    /// CPU seconds after which an attack is stopped.
    pub seconds: u64,
    /// Prints each answer that is wrong and sure.
    pub show: bool,
}

/// What an attack is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A text that its own cipher made.
    Own,
    /// Letters by chance, all equally likely.
    Noise,
    /// The letters of a text in an order by chance.
    Shuffled,
    /// A text that another cipher made.
    Other,
    /// A text that reads as it is.
    Plain,
    /// A text that its own cipher made, in another language than the one that is told.
    Foreign,
    /// The same, and its language is told.
    Told,
}

const KINDS: [Kind; 7] = [
    Kind::Own,
    Kind::Noise,
    Kind::Shuffled,
    Kind::Other,
    Kind::Plain,
    Kind::Foreign,
    Kind::Told,
];

/// Letters of the texts, one after another: from too few for anything to more than enough.
const LENGTHS: [usize; 14] = [8, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300];

/// Attacks that take seconds get fewer texts, one for so many.
const SLOW: [(&str, u64); 8] = [
    ("double-columnar", 8),
    ("playfair", 8),
    ("hill", 4),
    ("bifid", 8),
    ("adfgx", 8),
    ("adfgvx", 8),
    ("enigma", 2),
    ("auto", 8),
];

/// Answers of one attack to one kind of text.
#[derive(Clone, Copy, Default)]
struct Count {
    all: u32,
    right: u32,
    sure: u32,
    wrong_and_sure: u32,
}

/// Prints one line of Markdown for each cipher.
pub fn measure(options: &Options) {
    println!(
        "| cipher | its own, 8 to 300 letters: right | of them sure | wrong and sure | chance | shuffled | another cipher | plain | \
         another language | language told | wrong and sure, of all |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let named = attacks::ALL.iter().map(|attack| attack.cipher);
    let all = named.chain(["auto"]).filter(|&id| id != "aes-256-gcm");
    for id in all.filter(|&id| options.only.as_deref().is_none_or(|only| only == id)) {
        let counts = KINDS.map(|kind| count(id, kind, options));
        let own = counts[0];
        let mut line = format!(
            "| {id} | {} of {} | {} | {} |",
            own.right, own.all, own.sure, own.wrong_and_sure
        );
        for count in &counts[1..] {
            let _ = match count.all {
                0 => write!(line, " – |"),
                all => write!(line, " {} of {all} |", count.wrong_and_sure),
            };
        }
        let wrong: u32 = counts.iter().map(|count| count.wrong_and_sure).sum();
        let all: u32 = counts.iter().map(|count| count.all).sum();
        let percent = 100.0 * f64::from(wrong) / f64::from(all.max(1));
        println!("{line} {wrong} of {all}, {percent:.1} % |");
    }
}

/// Prints how often the guess at family and language is given as clear, and how often it is wrong then.
pub fn measure_guesses(options: &Options) {
    println!(
        "\n| letters | family clear and right | clear and wrong | language clear and right | clear and wrong |"
    );
    println!("|---|---|---|---|---|");
    for &letters in &LENGTHS {
        let (mut family, mut language, mut all) = ([0u32; 2], [0u32; 2], 0);
        for number in 0..options.count * 5 {
            let kind = match number % 5 {
                0 => Kind::Noise,
                1 => Kind::Plain,
                2 => Kind::Told,
                _ => Kind::Own,
            };
            let mut random = Random::new(number << 16 | letters as u64);
            let ciphers: Vec<_> = attacks::ALL
                .iter()
                .filter_map(|attack| ciphers::find(attack.cipher))
                .collect();
            let spec = ciphers[random.below(ciphers.len())];
            if ["aes-256-gcm", "one-time-pad"].contains(&spec.id) {
                continue;
            }
            let Some(case) = case(spec.id, kind, letters, random.bits(), options) else {
                continue;
            };
            all += 1;
            let guess = identify(&case.text);
            let is_family = match kind {
                Kind::Noise => false,
                Kind::Plain => guess.is_plain,
                _ => guess.family == Some(spec.family),
            };
            family[usize::from(!is_family)] += u32::from(guess.is_clear);
            let is_language = kind != Kind::Noise && guess.language.id == case.language.id;
            language[usize::from(!is_language)] += u32::from(guess.language_is_clear);
            if options.show && ((guess.is_clear && !is_family) || (guess.language_is_clear && !is_language)) {
                eprintln!(
                    "{kind:?} {} {} {} {:?} {}\n    {}",
                    spec.id, letters, guess.what, guess.reasons, guess.language.name, case.text
                );
            }
        }
        println!(
            "| {letters} | {} of {all} | {} | {} of {all} | {} |",
            family[0], family[1], language[0], language[1]
        );
    }
}

fn count(id: &'static str, kind: Kind, options: &Options) -> Count {
    let slow = SLOW.iter().find(|(slow, _)| *slow == id).map_or(1, |&(_, by)| by);
    let texts = match kind {
        // The own texts are most of what an attack meets.
        Kind::Own => options.count * 3,
        _ => options.count,
    } / slow;
    let mut count = Count::default();
    for number in 0..texts.max(1) {
        let letters = LENGTHS[number as usize % LENGTHS.len()];
        let seed = (kind as u64) << 32 | number << 8 | id.len() as u64;
        if let Some(case) = case(id, kind, letters, seed, options) {
            ask(
                id,
                &case,
                options.seconds,
                options.show.then_some((kind, letters)),
                &mut count,
            );
        }
    }
    count
}

/// A text and its answer.
struct Case {
    text: String,
    /// The letters of the plaintext; empty where there is none.
    plain: Vec<u8>,
    known: Key,
    language: &'static Language,
}

fn case(id: &'static str, kind: Kind, letters: usize, seed: u64, options: &Options) -> Option<Case> {
    let mut random = Random::new(seed);
    let english = Language::english();
    let foreign: Vec<&Lines> = options
        .texts
        .iter()
        .filter(|lines| lines.language.id != "en")
        .collect();
    let other_language = matches!(kind, Kind::Foreign | Kind::Told);
    let of_file = match other_language {
        true if foreign.is_empty() => return None,
        true => Some(foreign[random.below(foreign.len())]),
        false => options.texts.iter().find(|lines| lines.language.id == "en"),
    };
    let ciphers: Vec<&'static CipherSpec> = attacks::ALL
        .iter()
        .filter_map(|attack| ciphers::find(attack.cipher))
        .filter(|spec| spec.id != "aes-256-gcm" && spec.id != "one-time-pad")
        .collect();
    let own = match id {
        "auto" => ciphers[random.below(ciphers.len())],
        id => ciphers::find(id)?,
    };
    let spec = match kind {
        Kind::Other => loop {
            let other = ciphers[random.below(ciphers.len())];
            if other.id != own.id {
                break other;
            }
        },
        _ => own,
    };
    let spaces = id == "substitution" && random.below(2) == 0;
    let plain = match of_file {
        Some(lines) => lines.excerpt(&mut random, letters, spaces),
        None => texts::excerpt(&mut random, letters, spaces),
    };
    let language = match kind {
        Kind::Told => of_file?.language,
        _ => english,
    };
    let mut case = Case {
        text: plain.clone(),
        plain: letters_of(&plain),
        known: Key::new(),
        language,
    };
    if id == "enigma" {
        // A machine whose start is unknown; all unknown would take hours.
        case.known = ENIGMA.into_iter().collect();
    }
    if id == "one-time-pad" {
        return pads(case, kind, letters, &mut random, of_file);
    }
    match kind {
        Kind::Plain => {}
        Kind::Noise => {
            case.text = chance(&mut random, letters);
            case.plain.clear();
        }
        Kind::Shuffled => {
            let mut mixed: Vec<char> = plain.chars().filter(char::is_ascii_alphabetic).collect();
            random.shuffle(&mut mixed);
            case.text = mixed.into_iter().collect();
            case.plain.clear();
        }
        _ => {
            let key = fresh_key(spec, letters, &mut random);
            let cipher = spec.build(&key).ok()?;
            case.plain = letters_of(&cipher.prepare(&plain));
            case.text = cipher.encrypt(&plain).ok()?;
        }
    }
    Some(case)
}

fn fresh_key(spec: &'static CipherSpec, letters: usize, random: &mut Random) -> Key {
    match spec.id {
        "columnar" => columns(random),
        "rail-fence" => rails(random),
        "enigma" => {
            let start = chance(random, 3);
            ENIGMA.into_iter().collect::<Key>().with("start", &start)
        }
        _ => random_key(spec, letters, &mut StdRng::seed_from_u64(random.bits())),
    }
}

const ENIGMA: [(&str, &str); 4] = [
    ("rotors", "II IV V"),
    ("reflector", "B"),
    ("rings", "1 1 1"),
    ("plugboard", ""),
];

/// Two to five texts, all under one pad or, where they are another cipher's, each under its own.
fn pads(
    mut case: Case,
    kind: Kind,
    letters: usize,
    random: &mut Random,
    of_file: Option<&Lines>,
) -> Option<Case> {
    let spec = ciphers::find("one-time-pad")?;
    let one = chance(random, letters);
    let (mut lines, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..2 + random.below(4) {
        let text = match of_file {
            Some(lines) => lines.excerpt(random, letters, false),
            None => texts::excerpt(random, letters, false),
        };
        let pad = match kind {
            Kind::Other | Kind::Noise | Kind::Shuffled => chance(random, letters),
            _ => one.clone(),
        };
        plain.extend(letters_of(&text));
        lines.push(match kind {
            Kind::Plain => text,
            _ => spec
                .build(&Key::new().with("pad", &pad))
                .ok()?
                .encrypt(&text)
                .ok()?,
        });
    }
    case.text = lines.join("\n");
    case.plain = plain;
    Some(case)
}

fn chance(random: &mut Random, letters: usize) -> String {
    (0..letters)
        .map(|_| char::from(b'A' + random.below(26) as u8))
        .collect()
}

/// Breaks a text as the verb does, and counts the answer.
fn ask(id: &'static str, case: &Case, seconds: u64, show: Option<(Kind, usize)>, count: &mut Count) {
    let problem = Problem {
        known: case.known.clone(),
        ..Problem::new(&case.text, case.language)
    };
    let began = thread_cpu();
    let mut limit = Limit {
        ends: began + Duration::from_secs(seconds),
        turn_ends: began + Duration::from_secs(seconds),
    };
    let found = match attacks::find(id) {
        Some(attack) => attack.run(&problem, &mut limit).map(|finding| (id, finding)),
        None => auto(&problem, &mut limit).map(|broken| (broken.cipher, broken.finding)),
    };
    count.all += 1;
    let Ok((cipher, found)) = found else { return };
    let of_found = letters_of(&found.text);
    let alike = case.plain.iter().zip(&of_found).filter(|(a, b)| a == b).count();
    let is_right = !case.plain.is_empty() && alike * 100 >= 95 * case.plain.len();
    count.right += u32::from(is_right);
    count.sure += u32::from(is_right && found.confident);
    count.wrong_and_sure += u32::from(!is_right && found.confident);
    if let Some((kind, letters)) = show.filter(|_| !is_right && found.confident) {
        let plain: String = case
            .plain
            .iter()
            .map(|&letter| char::from(b'A' + letter))
            .collect();
        let key: Vec<String> = found
            .key
            .iter()
            .map(|(param, value)| format!("{param}={value}"))
            .collect();
        eprintln!(
            "{id} {kind:?} {letters} {cipher} {}\n    {plain}\n    {}\n    {}",
            key.join(" "),
            found.text,
            found.why
        );
    }
}

/// Stops a search after so much CPU time of its thread.
struct Limit {
    ends: Duration,
    turn_ends: Duration,
}

impl Watch for Limit {
    fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        self.go_on()
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        match thread_cpu() >= self.turn_ends {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

impl Turns for Limit {
    fn turn(&mut self, _: &'static AttackSpec, share: f64) -> ControlFlow<()> {
        let now = thread_cpu();
        if now >= self.ends {
            return ControlFlow::Break(());
        }
        self.turn_ends = now + (self.ends - now).mul_f64(share);
        ControlFlow::Continue(())
    }
}
