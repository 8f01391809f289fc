//! Text from strangers made safe to look at: nothing in it can hide, reorder or pose as an icon.
//!
//! Bidirectional controls, zero-width and other invisible characters, control characters and
//! private-use code points become a visible `⟨U+202E⟩`. What emoji need (joiners between emoji,
//! variation selectors after them) stays. Every screen and the terminal show peers' text through here.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Makes hidden characters of a message visible. Line breaks and tabs stay.
pub fn reveal(text: &str) -> Cow<'_, str> {
    reveal_with(text, |c| c == '\n' || c == '\t')
}

/// Makes hidden characters of a name visible, on one line: line breaks and tabs become spaces,
/// runs of spaces one, and more than `MAX_MARKS` combining marks on a letter are cut.
pub fn reveal_line(text: &str) -> Cow<'_, str> {
    let revealed = reveal_with(text, |c| {
        matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}')
    });
    let needs_folding = revealed.chars().any(|c| c != ' ' && c.is_whitespace())
        || revealed.contains("  ")
        || revealed.trim() != revealed;
    if !needs_folding {
        return revealed;
    }
    Cow::Owned(revealed.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Combining marks that one letter may carry; real scripts need no more than this.
pub const MAX_MARKS: usize = 4;

fn reveal_with(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let harmless = |c: char| c.is_ascii_graphic() || c == ' ' || keep(c);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut changed = false;
    let mut previous: Option<char> = None;
    let mut marks = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        let shown = match c {
            _ if keep(c) => true,
            // A joiner holds two emoji together; anywhere else it hides something.
            ZERO_WIDTH_JOINER => {
                previous.is_some_and(joins_emoji) && chars.peek().copied().is_some_and(is_emoji)
            }
            EMOJI_STYLE | TEXT_STYLE => previous.is_some_and(|p| is_emoji(p) || is_keycap_base(p)),
            _ if marks > MAX_MARKS => false,
            _ => !is_hidden(c),
        };
        if shown {
            out.push(c);
        } else if marks > MAX_MARKS {
            changed = true;
        } else {
            changed = true;
            // Writing to a string cannot fail.
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
        }
        previous = Some(c);
    }
    if changed {
        Cow::Owned(out)
    } else {
        Cow::Borrowed(text)
    }
}

/// Invisible, reordering or without a meaning that both sides share.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}'                     // soft hyphen
            | '\u{34F}'                  // combining grapheme joiner
            | '\u{61C}'                  // Arabic letter mark
            | '\u{115F}'..='\u{1160}'    // Hangul fillers
            | '\u{17B4}'..='\u{17B5}'    // Khmer inherent vowels
            | '\u{180B}'..='\u{180F}'    // Mongolian selectors and vowel separator
            | '\u{200B}'..='\u{200F}'    // zero-width characters, direction marks
            | '\u{2028}'..='\u{202E}'    // separators, embeddings, overrides
            | '\u{2060}'..='\u{206F}'    // word joiner, invisible operators, isolates
            | '\u{2800}'                 // blank Braille pattern
            | '\u{3164}' | '\u{FFA0}'    // Hangul fillers
            | '\u{FE00}'..='\u{FE0F}'    // variation selectors
            | '\u{FEFF}'                 // byte order mark
            | '\u{FFF0}'..='\u{FFFB}'    // annotation controls
            | '\u{E000}'..='\u{F8FF}'    // private use: icon fonts live here
            | '\u{FDD0}'..='\u{FDEF}'    // noncharacters
            | '\u{1BCA0}'..='\u{1BCA3}'  // shorthand controls
            | '\u{1D159}'                // musical null note head
            | '\u{1D173}'..='\u{1D17A}'  // musical controls
            | '\u{E0000}'..='\u{E0FFF}'  // tags, variation selectors
            | '\u{F0000}'..='\u{10FFFF}' // private use
        )
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{21AA}' | '\u{231A}'..='\u{23FF}' | '\u{24C2}' | '\u{25AA}'..='\u{27BF}'
        | '\u{2934}'..='\u{2935}' | '\u{2B05}'..='\u{2B55}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        | '\u{1F000}'..='\u{1FAFF}')
}

fn joins_emoji(c: char) -> bool {
    c == EMOJI_STYLE || is_emoji(c)
}

fn is_keycap_base(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '#' | '*')
}

const ZERO_WIDTH_JOINER: char = '\u{200D}';
const TEXT_STYLE: char = '\u{FE0E}';
const EMOJI_STYLE: char = '\u{FE0F}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_returned_as_it_is() {
        for text in [
            "",
            "Hello, world",
            "line\nline\ttab",
            "naïve Ωμέγα Привет 日本語 مرحبا שלום",
        ] {
            assert!(
                matches!(reveal(text), Cow::Borrowed(same) if same == text),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_override_cannot_reverse_a_file_name() {
        assert_eq!(reveal("invoice\u{202E}fdp.exe"), "invoice⟨U+202E⟩fdp.exe");
        assert_eq!(reveal_line("a\u{2066}b\u{2069}"), "a⟨U+2066⟩b⟨U+2069⟩");
    }

    #[test]
    fn nothing_invisible_is_left() {
        let hidden = "\u{0}\u{7}\u{1B}\u{7F}\u{85}\u{AD}\u{61C}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{202A}\u{2060}\
                      \u{2064}\u{2068}\u{180E}\u{3164}\u{FEFF}\u{FE0F}\u{E0041}\u{E123}\u{F0001}\u{2800}\r";
        for c in hidden.chars() {
            let text = format!("a{c}b");
            let expected = format!("a⟨U+{:04X}⟩b", u32::from(c));
            assert_eq!(reveal(&text), expected);
        }
    }

    #[test]
    fn emoji_sequences_stay_whole() {
        for text in ["👩‍🚀", "❤️", "❤️‍🔥", "👨‍👩‍👧", "1️⃣", "👍🏽", "🏳️‍🌈"]
        {
            assert_eq!(reveal(text), text);
            assert_eq!(reveal_line(text), text);
        }
    }

    #[test]
    fn a_joiner_between_letters_is_shown() {
        assert_eq!(reveal("pay\u{200D}pal"), "pay⟨U+200D⟩pal");
        assert_eq!(reveal("👍\u{200D}x"), "👍⟨U+200D⟩x");
    }

    #[test]
    fn a_name_stays_on_one_line() {
        assert_eq!(
            reveal_line("  Ada\nLovelace\t(admin)  x "),
            "Ada Lovelace (admin) x"
        );
        assert_eq!(reveal_line("Ada\r\nBob"), "Ada Bob");
    }

    #[test]
    fn marks_do_not_pile_up_over_the_neighbours() {
        let piled = format!("Z{}algo", "\u{301}".repeat(40));
        assert_eq!(reveal(&piled), format!("Z{}algo", "\u{301}".repeat(MAX_MARKS)));
        assert_eq!(reveal("e\u{301}"), "e\u{301}");
    }

    #[test]
    fn what_is_revealed_is_revealed_for_good() {
        for text in [
            "a\u{202E}b",
            "Z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
            "❤️\u{200D}x",
        ] {
            let once = reveal(text).into_owned();
            assert_eq!(reveal(&once), once);
        }
    }
}
