//! Where each cipher comes from and what breaks it, in a few sentences of our own.

/// A cipher's history and its weakness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Story {
    /// The cipher's id.
    pub id: &'static str,
    /// Where it comes from.
    pub history: &'static str,
    /// What breaks it.
    pub weakness: &'static str,
}

/// The story of a cipher.
pub fn story(id: &str) -> Option<&'static Story> {
    ALL.iter().find(|story| story.id == id)
}

const fn tell(id: &'static str, history: &'static str, weakness: &'static str) -> Story {
    Story {
        id,
        history,
        weakness,
    }
}

/// One story for each cipher.
pub static ALL: [Story; 22] = [
    tell(
        "caesar",
        "Suetonius tells that Julius Caesar wrote to his confidants with each letter moved three places. It may \
         have held because few of his enemies could read at all.",
        "There are only 25 shifts. Try them all by hand in ten minutes, by machine before you blink; the one that reads \
         like a language is the key.",
    ),
    tell(
        "rot13",
        "Newsgroups of the 1980s hid the ends of jokes and films with it: half of the alphabet's turn, so that doing it \
         twice brings the text back.",
        "It has no key at all. It keeps eyes off, not people out.",
    ),
    tell(
        "atbash",
        "Hebrew scribes turned the alphabet round: the first letter for the last, the second for the last but one. A few \
         names in the book of Jeremiah are written so.",
        "No key: who knows the idea can read everything.",
    ),
    tell(
        "affine",
        "Multiply the letter's number, then add: the school-book way from Caesar to arithmetic with remainders.",
        "Only 12 factors and 26 summands: 312 keys. And two guessed letters give two equations, which is enough.",
    ),
    tell(
        "substitution",
        "For a thousand years the alphabet in another order was good enough for kings. In Baghdad, in the ninth century, \
         al-Kindi wrote down how to read it: count the letters.",
        "There are 4 · 10²⁶ keys, and it does not help. The most frequent sign is E, and the rest follows from pairs, \
         doubles and short words. The key is large, but the text still shows through.",
    ),
    tell(
        "columnar",
        "Write in rows, read in columns: armies and spies used it into the Second World War, often twice in a row.",
        "Every letter keeps its face, so the counts are those of the language. Columns laid side by side, judged by which \
         pairs of letters are likely, put themselves in order.",
    ),
    tell(
        "double-columnar",
        "Two columnar transpositions, one after the other. The British Special Operations Executive gave it to agents in \
         occupied Europe, with keys from poems.",
        "Much harder by hand, but two messages of one length under one key come apart together, and a computer that \
         climbs from key to better key gets there alone.",
    ),
    tell(
        "rail-fence",
        "A zigzag over a few lines, read line by line. It was in use in the American Civil War: a spy needs nothing for it \
         but pencil and paper.",
        "The number of rails is small: try two, three, four. Letters never change at all.",
    ),
    tell(
        "vigenere",
        "Bellaso described it in 1553, Vigenère got the name, and for three centuries it was called the indecipherable \
         cipher.",
        "The keyword comes round again. Babbage and Kasiski saw that repeated bits of text, a multiple of its length \
         apart, give the length away; then every column is just a Caesar.",
    ),
    tell(
        "beaufort",
        "Named after the admiral of the wind scale: key minus letter, so that the same act encrypts and decrypts.",
        "The same as Vigenère's: the key repeats, and its length shows.",
    ),
    tell(
        "autokey",
        "Vigenère's own idea, better than the one that bears his name: after the keyword the text itself goes on as key.",
        "The key is a language too. A guessed word at one place gives the text a keyword's length further, and so on.",
    ),
    tell(
        "gronsfeld",
        "A count of that name shifted letters by the digits of a number: Vigenère with ten letters of key, easy on the \
         fingers.",
        "Each letter moves nine places at most, and the number repeats. It falls faster than Vigenère.",
    ),
    tell(
        "porta",
        "Giovanni Battista della Porta, in 1563: two halves of the alphabet change places, one of thirteen ways for each \
         letter of the key.",
        "A letter never stays in its half of the alphabet, and the keyword repeats.",
    ),
    tell(
        "playfair",
        "Wheatstone made it in 1854, Lord Playfair talked of it at dinners, and the British army carried it to war. It \
         replaces pairs of letters by their place in a square.",
        "Pairs have their own frequencies: TH and HE still stand out, and a pair turned round is turned round in the \
         cipher too. No letter ever becomes itself.",
    ),
    tell(
        "hill",
        "Lester Hill brought linear algebra in 1929: blocks of letters times a matrix. He even patented a machine with \
         gears for it.",
        "It is linear. As many known pairs of blocks as the matrix has rows, and solving equations gives the key.",
    ),
    tell(
        "polybius",
        "The Greek historian Polybius signalled letters with torches: row and column in a square of five by five.",
        "It is a substitution in pairs of digits. Count the pairs like letters.",
    ),
    tell(
        "bifid",
        "Félix Delastelle, about 1900: take each letter apart into row and column, mix the halves, put them together \
         again.",
        "Within a period each sign depends on few letters, and the counts of half-signs still lean the way the language \
         does.",
    ),
    tell(
        "adfgvx",
        "Germany's field cipher of 1918, with letters that sound unlike each other in Morse. Georges Painvin broke it in \
         sleepless weeks and lost fifteen kilograms over it.",
        "Messages that begin or end alike give the columns' order away; then it is a substitution of pairs.",
    ),
    tell(
        "adfgx",
        "The first form of ADFGVX, with 25 letters: in use from March 1918, before the spring offensive.",
        "Like ADFGVX: the transposition comes off first, and a plain square is left.",
    ),
    tell(
        "enigma",
        "Scherbius offered it to banks and firms in the 1920s; the German army added the plugboard. Marian \
         Rejewski and his Polish colleagues read it from the end of 1932, and Bletchley Park built on that.",
        "The reflector means that no letter becomes itself, so a guessed word can only lie where nothing matches. \
         Machines then tried the rotors' settings for it.",
    ),
    tell(
        "one-time-pad",
        "Miller in 1882, Vernam and Mauborgne about 1918: a random key as long as the text, used once. Shannon proved that \
         nothing can be learnt from the ciphertext.",
        "The proof ends with the word once. Pads used twice told the Venona project who the spies were. And somebody must \
         carry as much key as there is text.",
    ),
    tell(
        "aes-256-gcm",
        "Joan Daemen and Vincent Rijmen won an open contest that lasted three years; every analyst in the world was \
         invited to break it. The rooms of this program are sealed with it.",
        "Nobody has found a way much better than trying 2²⁵⁶ keys. What breaks in practice is what stands around it: a \
         nonce used twice, a weak passphrase, a stolen computer.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers;

    #[test]
    fn every_cipher_has_its_story() {
        for spec in ciphers::ALL {
            let story = story(spec.id).unwrap_or_else(|| panic!("{} has no story", spec.id));
            assert!(story.history.len() > 40 && story.weakness.len() > 40);
            assert!(!story.history.contains("  ") && !story.weakness.contains("  "));
        }
    }
}
