//! The engine of the transpositions: which characters change places, and where the others stay.
//!
//! The convention of the whole folder: letters and digits (of any script) change places among themselves; spaces,
//! punctuation, line breaks and marks stay where they are. So nothing is lost, a combining mark is never torn into
//! another line, and the published examples, which have letters only, come out the same. Who wants spaces to travel
//! too asks for `characters=all`: then everything but line breaks changes places.

use super::cipher::{Cipher, Direction, TextError};
use super::spec::{Kind, ParamSpec};
use super::step::{How, Links, Step};

/// An order in which places are read, for any number of them.
pub(super) trait Route: Send + Sync {
    /// Reads the places in the order of the cipher.
    fn read<T: Copy>(&self, written: &[T]) -> Vec<T>;

    /// Puts what was read back into its places: `unread(read(x)) == x`.
    fn unread<T: Copy>(&self, read: &[T]) -> Vec<T>;

    /// Says where, out of `count` places, the one with index `place` stands in the grid.
    fn explain(&self, place: usize, count: usize) -> How;

    /// How many nulls fill up `count` letters.
    fn missing(&self, _count: usize) -> usize {
        0
    }

    /// log2 of the number of keys of this shape.
    fn key_bits(&self) -> f64;
}

/// A transposition cipher along a route.
pub(super) struct Transposition<R> {
    pub route: R,
    pub whole: bool,
}

/// The parameter that says which characters change places.
pub(super) const CHARACTERS_PARAM: ParamSpec = ParamSpec::optional(
    "characters",
    "Characters that move",
    Kind::Choice(&["letters", "all"]),
    "letters",
    "letters (letters and digits change places, the rest stays where it is) or all (everything but line breaks moves)",
);

/// Fills up the last row with the letter X.
pub(super) const FILL_PARAM: ParamSpec = ParamSpec::optional(
    "fill",
    "Last row",
    Kind::Choice(&["none", "x"]),
    "none",
    "none (the last row may be incomplete) or x (the letter X fills it up)",
);

impl<R: Route> Transposition<R> {
    fn moves(&self, c: char) -> bool {
        if self.whole {
            c != '\n' && c != '\r'
        } else {
            c.is_alphanumeric()
        }
    }

    /// Moves the characters of a text along the route. Both paths do the same; the first is for ASCII.
    fn transpose(&self, direction: Direction, text: &str) -> String {
        if text.is_ascii() {
            let moves: [bool; 256] = std::array::from_fn(|byte| self.moves(char::from(byte as u8)));
            let moves = |byte: u8| moves[usize::from(byte)];
            let bytes = rearrange(text.bytes(), moves, |movers| self.along(direction, movers));
            return String::from_utf8(bytes).expect("the bytes of an ASCII text in another order");
        }
        rearrange(
            text.chars(),
            |c| self.moves(c),
            |movers| self.along(direction, movers),
        )
        .into_iter()
        .collect()
    }

    fn along<T: Copy>(&self, direction: Direction, movers: &[T]) -> Vec<T> {
        match direction {
            Direction::Encrypt => self.route.read(movers),
            Direction::Decrypt => self.route.unread(movers),
        }
    }

    /// For each character of the output, the index of the input character that stands there.
    fn origins(&self, direction: Direction, text: &str) -> Vec<usize> {
        let chars: Vec<char> = text.chars().collect();
        rearrange(
            0..chars.len(),
            |place| self.moves(chars[place]),
            |movers| self.along(direction, movers),
        )
    }
}

/// Rewrites a sequence in which only the movers change places.
fn rearrange<T: Copy>(
    items: impl Iterator<Item = T> + Clone,
    moves: impl Fn(T) -> bool,
    along: impl FnOnce(&[T]) -> Vec<T>,
) -> Vec<T> {
    let movers: Vec<T> = items.clone().filter(|&item| moves(item)).collect();
    let mut moved = along(&movers).into_iter();
    items
        .map(|item| {
            if moves(item) {
                moved.next().unwrap_or(item)
            } else {
                item
            }
        })
        .collect()
}

impl<R: Route> Cipher for Transposition<R> {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.transpose(Direction::Encrypt, &self.prepare(text)))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.transpose(Direction::Decrypt, text))
    }

    /// Adds the nulls of `fill=x` behind the last character that moves.
    fn prepare(&self, text: &str) -> String {
        let missing = match self.route.missing(1) {
            0 => 0,
            _ => self
                .route
                .missing(text.chars().filter(|&c| self.moves(c)).count()),
        };
        let last = text.char_indices().rev().find(|(_, c)| self.moves(*c));
        let Some((start, last)) = last.filter(|_| missing > 0) else {
            return text.to_owned();
        };
        let (head, tail) = text.split_at(start + last.len_utf8());
        let null = if last.is_lowercase() { "x" } else { "X" };
        [head, &null.repeat(missing), tail].concat()
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let given: Vec<char> = text.chars().collect();
        let prepared: Vec<char> = match direction {
            Direction::Encrypt => self.prepare(text).chars().collect(),
            Direction::Decrypt => given.clone(),
        };
        let text: String = prepared.iter().collect();
        let origins = self.origins(direction, &text);
        let count = prepared.iter().filter(|&&c| self.moves(c)).count();
        let nulls = prepared.len() - given.len();
        let first_null = prepared
            .iter()
            .rposition(|&c| self.moves(c))
            .map_or(0, |last| last + 1 - nulls);
        // The place in the plaintext's grid of each mover, by its index in the plaintext.
        let mut place = 0;
        let places: Vec<usize> = prepared
            .iter()
            .map(|&c| {
                place += usize::from(self.moves(c));
                place.saturating_sub(1)
            })
            .collect();
        let mut steps: Vec<Step> = origins
            .iter()
            .enumerate()
            .map(|(output, &from)| {
                let plain = if direction == Direction::Encrypt {
                    from
                } else {
                    output
                };
                let how = match self.moves(prepared[from]) {
                    true => self.route.explain(places[plain], count),
                    false => How::Kept,
                };
                let input = match from {
                    _ if from < first_null || nulls == 0 => Some(from),
                    _ if from < first_null + nulls => None,
                    _ => Some(from - nulls),
                };
                Step {
                    inputs: input.into_iter().collect(),
                    outputs: vec![output],
                    from: prepared[from].into(),
                    to: prepared[from].into(),
                    how,
                }
            })
            .collect();
        if direction == Direction::Encrypt {
            // The work begins with writing into the grid, in the order of the text.
            steps.sort_by_key(|step| origins[step.outputs[0]]);
        }
        Ok(steps)
    }

    fn links(&self, direction: Direction, text: &str) -> Result<Links, TextError> {
        let count = text.chars().count();
        if direction == Direction::Encrypt && self.prepare(text).len() != text.len() {
            return Ok(Links::from_steps(count, &self.steps(direction, text)?));
        }
        let mut targets = vec![0; count];
        for (output, input) in self.origins(direction, text).into_iter().enumerate() {
            targets[input] = output as u32;
        }
        Ok(Links::permutation(targets))
    }

    fn key_bits(&self) -> f64 {
        self.route.key_bits()
    }
}
