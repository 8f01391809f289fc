//! Plaintexts for the measurements: windows of the built-in prose, or the lines of files of one's own.

use cipher_room::analysis::attack::Random;
use cipher_room::analysis::language::Language;

/// So many letters of prose from the beginning of a sentence, capitals; with spaces it ends with a word.
pub fn excerpt(random: &mut Random, letters: usize, spaces: bool) -> String {
    let text = TEXTS[random.below(TEXTS.len())];
    loop {
        let mut at = random.below(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let Some(end) = text[at..].find(". ") else {
            continue;
        };
        let mut excerpt = String::new();
        let mut count = 0;
        for c in text[at + end + 2..].chars() {
            let ends = match spaces {
                true => count >= letters && !c.is_ascii_alphabetic(),
                false => count == letters,
            };
            if ends {
                return excerpt.trim().to_owned();
            }
            if c.is_ascii_alphabetic() {
                excerpt.push(c.to_ascii_uppercase());
                count += 1;
            } else if spaces && (c.is_whitespace() || c == '-') && !excerpt.ends_with(' ') {
                excerpt.push(' ');
            }
        }
    }
}

/// Texts of one language out of a file, a text a line, letters A to Z with or without spaces between words.
pub struct Lines {
    /// What they are in.
    pub language: &'static Language,
    lines: Vec<String>,
}

impl Lines {
    /// Takes a file that was given as `en=FILE`.
    pub fn of(argument: &str) -> Result<Self, String> {
        let (language, file) = argument
            .split_once('=')
            .ok_or("--texts takes LANGUAGE=FILE, like en=texts.txt")?;
        let language = Language::find(language).ok_or_else(|| format!("no model of '{language}'"))?;
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.trim().to_ascii_uppercase())
            .filter(|line| !line.is_empty())
            .collect();
        match lines.is_empty() {
            true => Err(format!("{file}: has no text")),
            false => Ok(Self { language, lines }),
        }
    }

    /// The beginning of a random line, or as many lines as it takes for so many letters.
    pub fn excerpt(&self, random: &mut Random, letters: usize, spaces: bool) -> String {
        let mut excerpt = String::new();
        let mut count = 0;
        loop {
            for c in self.lines[random.below(self.lines.len())].chars() {
                if c.is_ascii_alphabetic() {
                    excerpt.push(c);
                    count += 1;
                } else if spaces {
                    excerpt.push(' ');
                }
                if count == letters {
                    return excerpt;
                }
            }
            if spaces {
                excerpt.push(' ');
            }
        }
    }
}

const TEXTS: [&str; 2] = [
    include_str!("../../tests/texts/devil.txt"),
    include_str!("../../tests/texts/factbook.txt"),
];
