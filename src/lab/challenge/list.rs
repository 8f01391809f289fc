//! The challenges of this program, from easy to fiendish. Texts are our own, or old enough to belong to everybody.

use super::Level;
use super::puzzle::{Puzzle, puzzle};

/// A challenge by its id.
pub fn find(id: &str) -> Option<&'static Puzzle> {
    ALL.iter().find(|puzzle| puzzle.id == id)
}

/// All challenges, the easiest first.
pub static ALL: [Puzzle; 38] = [
    puzzle(
        "first-wheel",
        "The first wheel",
        Level::Easy,
        "caesar",
        &[("shift", "7")],
        "Every cipher begins with a wheel. Turn it until the words come out.",
        &[
            "There are only twenty-five ways to turn it.",
            "On the bench, set the direction to Decrypt and press See all shifts.",
        ],
    ),
    puzzle(
        "half-turn",
        "Half a turn",
        Level::Easy,
        "rot13",
        &[],
        "The butler did it, with the candlestick, and he would do it again.",
        &[
            "This cipher has no key. Doing it twice undoes it.",
            "Put the text on the bench and add the card ROT13.",
        ],
    ),
    puzzle(
        "mirror",
        "In the mirror",
        Level::Easy,
        "atbash",
        &[],
        "The last shall be first, and the first shall be last.",
        &[
            "No key here either. Which letter would you swap with A?",
            "A and Z change places, B and Y, and so on.",
        ],
    ),
    puzzle(
        "short-shift",
        "One word only",
        Level::Easy,
        "caesar",
        &[("shift", "19")],
        "Quarterdeck at midnight",
        &[
            "Too short to count letters, but not too short to try everything.",
            "Only one of the twenty-five lines is English.",
        ],
    ),
    puzzle(
        "fence",
        "Over the fence",
        Level::Easy,
        "rail-fence",
        &[("rails", "3")],
        "Keep low behind the orchard wall and whistle twice when the dog is asleep.",
        &[
            "No letter has changed, they only stand elsewhere.",
            "Write them in a zigzag. How many rails? There are not many to try.",
            "Three.",
        ],
    ),
    puzzle(
        "torches",
        "Torches on the hill",
        Level::Easy,
        "polybius",
        &[("keyword", "TORCH")],
        "Two ships seen off the northern cape, sails black, no flags. Light the next fire and pass this on before the moon \
         is up. If nobody answers from the tower, send the boy with the fast horse along the coast road.",
        &[
            "Each letter became two digits: the row and the column of a square.",
            "Pairs of digits can be counted like letters. Or guess what the square begins with.",
            "People on the hill hold one in each hand.",
        ],
    ),
    puzzle(
        "spaces-kept",
        "The kind printer",
        Level::Easy,
        "substitution",
        &[("keyword", "GUTENBERG")],
        "A printer who leaves the spaces in is a kind printer. He shows you where the words begin and where they end, and \
         a word of one letter can only be one of two. Then look for the word that comes again and again with three \
         letters in it. When you have that one, you have the most frequent letter of the language as well, and the rest \
         of the page will follow by itself.",
        &[
            "A word of one letter is A or I.",
            "The most frequent word with three letters is THE.",
            "Use the board: guess letters, lock those that you are sure of, and let the machine do the rest.",
        ],
    ),
    puzzle(
        "school",
        "A sum for every letter",
        Level::Easy,
        "affine",
        &[("a", "11"), ("b", "4")],
        "Multiply and add, then take what remains when you divide by twenty-six. That is all there is to it.",
        &[
            "There are 312 keys, and a machine is not impressed by that.",
            "The multiplier is a prime between ten and fifteen.",
        ],
    ),
    puzzle(
        "repeat",
        "It comes round again",
        Level::Fair,
        "vigenere",
        &[("keyword", "ECHO")],
        "The valley answers everything that you call into it, a little later and a little softer. Call once and count. If \
         the answer comes after four heartbeats today, it will come after four heartbeats tomorrow, and whoever listens \
         long enough will know how wide the valley is without ever having walked across it.",
        &[
            "The same letters under the same key letters give the same ciphertext.",
            "Look at the period chart: the key has four letters.",
            "Turn each of the four wheels until its column looks like English.",
        ],
    ),
    puzzle(
        "numbers",
        "The count's numbers",
        Level::Fair,
        "gronsfeld",
        &[("digits", "27182")],
        "The count kept his accounts in a green book and his secrets in a number. He told his valet that it was the only \
         number that grows exactly as fast as it is large, and the valet, who had never been to school, wrote it down on \
         his cuff so that he could ask somebody about it later.",
        &[
            "Vigenère with digits: each letter moves nine places at most.",
            "The number has five digits.",
            "Mathematicians know where it comes from: it begins 2.7.",
        ],
    ),
    puzzle(
        "admiral",
        "The admiral's wind",
        Level::Fair,
        "beaufort",
        &[("keyword", "GALE")],
        "When the smoke rises straight up, write zero. When leaves rustle, write two. When whole trees move and walking \
         against the wind is hard, write seven. When the chimneys fall, do not write anything, but go below and hold on to \
         something that is screwed to the ship.",
        &[
            "Key minus letter, and the same act both ways.",
            "The period is four, and it blows.",
        ],
    ),
    puzzle(
        "thirteen",
        "Thirteen alphabets",
        Level::Fair,
        "porta",
        &[("keyword", "NAPLES")],
        "In Naples they said that he had written the book in one night, by the light of a lamp that needed no oil. He never \
         denied it. A man who knows how to hide a letter inside an egg without breaking the shell does not need to answer \
         such questions, and his printer sold twice as many copies for it.",
        &[
            "The first half of the alphabet only ever becomes the second.",
            "The period is six.",
            "The keyword is where the story takes place.",
        ],
    ),
    puzzle(
        "columns",
        "Read down, not across",
        Level::Fair,
        "columnar",
        &[("keyword", "GARDEN"), ("fill", "none")],
        "The old gardener planted in rows and harvested in columns. He said that the beans liked it better so, and that a \
         thief who came by night would carry off a sack in which nothing grew next to what it had grown next to before.",
        &[
            "The counts are those of English: the letters have only moved.",
            "Six columns.",
            "On the board, drag columns side by side until pairs like TH and HE appear. The keyword is his place of work.",
        ],
    ),
    puzzle(
        "no-spaces",
        "The unkind printer",
        Level::Fair,
        "substitution",
        &[("alphabet", "QWMZRTXYPLKJHGFDSANBVCEUOI")],
        "THEUNKINDPRINTERTAKESOUTALLTHESPACESANDSETSEVERYTHINGINCAPITALSBECAUSEHESAYSPAPERISDEARYETHECANNOTTAKEOUTTHE\
         LANGUAGETHEREARESTILLPAIRSOFLETTERSTHATSTANDTOGETHERMOREOFTENTHANOTHERSANDTHEREARESTILLLETTERSTHATARESELDOM\
         SEENATALLCOUNTTHEMANDYOUWILLREADHISPAGEBEFORETHEINKISDRY",
        &[
            "Count letters, then pairs of letters.",
            "TH, HE, IN, ER are the most frequent pairs of English.",
            "Let the machine try. It will not take long.",
        ],
    ),
    puzzle(
        "own-key",
        "The text is its own key",
        Level::Fair,
        "autokey",
        &[("keyword", "QUEEN")],
        "She never wrote her letters twice and never kept a copy. The first word of each was the name of a flower, and from \
         the second word on the letter itself told you how to read it. Her enemies counted and counted, and found no period, \
         because there was none.",
        &[
            "There is a keyword, but after it the plaintext goes on as key.",
            "The keyword has five letters.",
            "It is who she is.",
        ],
    ),
    puzzle(
        "long-fence",
        "A very long fence",
        Level::Fair,
        "rail-fence",
        &[("rails", "9"), ("offset", "5")],
        "The fence went all the way to the sea and was painted white each spring by a boy who had found out that other boys \
         will pay for the privilege of doing somebody's work for him.",
        &[
            "Rails and an offset: some dozens of keys, not more.",
            "The number of rails is an odd square.",
        ],
    )
    .untold(),
    puzzle(
        "gears",
        "A machine with gears",
        Level::Fair,
        "hill",
        &[("matrix", "3 3 2 5")],
        "A patent was granted for a machine that multiplies letters by turning gears. It was correct and heavy, and nobody \
         bought it. The idea weighs nothing and has been in use ever since.",
        &[
            "Pairs of letters times a matrix of two by two. There are 157,248 of them that can be undone.",
            "It begins with A PATENT. Four known letters give four equations.",
        ],
    ),
    puzzle(
        "which-one",
        "Which one is it?",
        Level::Hard,
        "vigenere",
        &[("keyword", "CARTOGRAPHY")],
        "Nobody told the surveyors what the map was for. They measured the bay in the morning and the marsh in the \
         afternoon, and in the evening the captain locked the sheets away and gave them other paper to draw birds on. Only \
         when the bridge was blown up, exactly where the marsh was firm, did the youngest of them understand what he had \
         been drawing all summer.",
        &[
            "The counts are too even for one alphabet and too uneven for chance.",
            "The index of coincidence of the columns speaks for eleven.",
            "The keyword is what the surveyors practise.",
        ],
    )
    .untold(),
    puzzle(
        "dinner",
        "Talked of at dinner",
        Level::Hard,
        "playfair",
        &[("keyword", "WHEATSTONE")],
        "The inventor explained it to the minister over the soup. By the fish course the minister had understood it, by the \
         roast he thought it too hard for the clerks of the foreign office, and by the time the cheese was served the \
         inventor had offered to teach it to three boys from the nearest school in a quarter of an hour. That is very \
         possible, said the minister, but you could never teach it to our ambassadors. So the army took it instead, and \
         gave it the name of the friend who had brought the inventor to dinner, which the inventor bore with patience, as \
         he had borne the soup.",
        &[
            "Letters are replaced in pairs, so TH and HE still stand out.",
            "A pair turned round is turned round in the ciphertext too.",
            "The keyword is the inventor's name, not his friend's.",
        ],
    ),
    puzzle(
        "eleven-columns",
        "Eleven columns",
        Level::Hard,
        "columnar",
        &[("keyword", "LIGHTHOUSES"), ("fill", "none")],
        "The keeper wrote down every ship that passed, with the hour and the wind, and every ship that did not. The second \
         list was the longer one. People on the mainland laughed when they heard of it, until the winter in which the mail \
         boat did not come, and the keeper's list said since when, and what the sea had been doing at that hour, and from \
         which rock the lamp had been seen to move in a way that lamps do not move. They rowed out to it with ropes and \
         found four men alive.",
        &[
            "The last row is not full, so the columns differ by one.",
            "The board shows a score: try widths around ten.",
            "The machine finds the width by itself.",
        ],
    )
    .untold(),
    puzzle(
        "twice",
        "The same pad twice",
        Level::Hard,
        "one-time-pad",
        &[(
            "pad",
            "KQHXWZRMTNYLUBSGVJPECAFDOIWQKZHTXRNMLYBUGSJVEPCAFODIQHKWZXRTMNLYUBGSVJEPCAFDOIKQHXWZRMTNYLUBSGVJ",
        )],
        "The courier will wait at the northern bridge until the church clock strikes seven",
        &[
            "The difference of the two ciphertexts is the difference of the two plaintexts: the pad is gone.",
            "On the board for a pad used twice, drag a frequent word along and see what appears opposite.",
            "One of the texts begins with THE COURIER.",
        ],
    )
    .and("Nothing must happen tonight since the general has changed his mind about the attack"),
    puzzle(
        "delastelle",
        "Halves of letters",
        Level::Hard,
        "bifid",
        &[("keyword", "CHAMPAGNE"), ("period", "7")],
        "He worked in a bonded warehouse in the harbour and saw nothing all day but barrels with numbers on them. In the \
         evening he took letters apart. A letter, he thought, is a row and a column, just as a barrel is a vintage and a \
         vineyard, and nobody says that the two must travel on the same ship. So he sent the rows ahead and the columns \
         after them, and put whatever arrived together into new barrels. It took the experts a long time to find out what \
         was in them. They had expected a general or a professor, and he was neither. He published his method at his own \
         expense, and went on counting barrels until they gave him a pension and a clock.",
        &[
            "Letters were taken apart into rows and columns, and put together anew.",
            "The period is seven.",
            "The keyword is what the barrels held: nine letters, and it sparkles.",
        ],
    ),
    puzzle(
        "sleepless",
        "Sleepless in June",
        Level::VeryHard,
        "adfgvx",
        &[("square", "PARIS1918"), ("keyword", "OFFENSIVE")],
        "Everything depended on where the blow would fall. The guns were being moved at night and the observers saw only \
         empty roads by day. Then an intercept came in on the first of June, short and clumsy, and the lieutenant who had \
         slept two hours in three days read in it the name of a small place behind the front, and the words rush munitions, \
         and even by day if not seen. He put down his pencil and asked for a map. The reserves were in the woods before the \
         bombardment began, and the road to the capital stayed closed.",
        &[
            "Six letters only: each letter of the text became two of them, and then they were moved.",
            "First the transposition has to come off. The keyword has nine letters.",
            "The keyword is what was expected; the square begins with a city and a year.",
        ],
    ),
    puzzle(
        "spring",
        "Before the spring",
        Level::VeryHard,
        "adfgx",
        &[("square", "KAISERSCHLACHT"), ("keyword", "MARCH")],
        "There will be fog in the morning, and the first wave is to go over without waiting for it to lift. Whoever reaches \
         the second line leaves the prisoners to those who come behind. No fires, no singing, no lights on the wagons. The \
         field kitchens stay where they are until noon. Officers carry nothing in writing but this, and this they burn.",
        &[
            "Five letters only, each plain letter became two of them.",
            "The keyword of the transposition has five letters. It is a month.",
        ],
    ),
    puzzle(
        "twice-moved",
        "Moved twice",
        Level::VeryHard,
        "double-columnar",
        &[("keyword1", "ORCHESTRA"), ("keyword2", "ORCHESTRA"), ("fill", "none")],
        "The agent had learned a poem by heart and chose five words of it for every message. It was a good poem, but every \
         schoolboy knew it, and so did the man who sat in the requisitioned villa with the earphones on. He had a shelf full \
         of anthologies and a great deal of time. In the end it was not mathematics that gave her away, but taste. The next \
         agents were given poems that nobody had ever printed, and later silk with numbers on it, to be cut off and burned \
         after each use, which is better for secrets and worse for poetry.",
        &[
            "Two columnar transpositions, one after the other, with the same keyword.",
            "The keyword has nine letters.",
            "It plays in the concert hall.",
        ],
    ),
    puzzle(
        "three-by-three",
        "Three at a time",
        Level::VeryHard,
        "hill",
        &[("matrix", "6 24 1 13 16 10 20 17 15")],
        "Three letters go in together and three come out together, and a change in one of them changes all. It looks like a \
         very strong lock. But every equation in it is straight, and whoever knows nine letters of the text holds the key \
         in his hand. Strength is not in how much is mixed, but in something that does not go straight.",
        &[
            "Blocks of three letters times a matrix.",
            "It begins with THREE LETTERS, and nine known letters in whole blocks give the matrix.",
        ],
    ),
    puzzle(
        "weather",
        "Weather report",
        Level::VeryHard,
        "enigma",
        &[
            ("model", "I"),
            ("rotors", "II V III"),
            ("reflector", "B"),
            ("rings", "1 1 1"),
            ("start", "KTM"),
        ],
        "WETTERBERICHTFORTHENORTHERNSECTORWINDWESTSIXTOSEVENSEAROUGHVISIBILITYPOORINSQUALLSPRESSUREFALLINGSLOWLYNOENEMY\
         SIGHTEDSINCEDAWNFUELFORFOURDAYSREQUESTPERMISSIONTORETURNTOBASEIFWEATHERDOESNOTIMPROVEUNTILTOMORROWMORNING",
        &[
            "An Enigma I without cables in the plugboard; the rings stand at A A A.",
            "It begins with WETTERBERICHT. No letter ever becomes itself.",
            "Reflector B; the rotors are II, V, III in this order.",
        ],
    ),
    puzzle(
        "short-one",
        "Hardly enough",
        Level::VeryHard,
        "substitution",
        &[("alphabet", "XPTKRZQAFMVWDGCSOUIELBNHYJ")],
        "Sixty letters are hardly enough to find one key among so many of them",
        &[
            "The unicity distance is about 28 letters. Above it there is one answer; finding it is another matter.",
            "Keep the spaces: they are worth twenty letters.",
        ],
    ),
    puzzle(
        "long-word",
        "A long word",
        Level::VeryHard,
        "vigenere",
        &[("keyword", "INCOMPREHENSIBLE")],
        "The longer the key, the fewer letters there are for each of its wheels. Here every wheel has only eight or nine of \
         them, and counting alone does not say much any more. But the wheels are not strangers to one another: what they \
         turn out together has to be a language.",
        &[
            "Sixteen wheels.",
            "Each column alone says little: polish by pairs and threes of letters.",
            "The keyword is how it looks.",
        ],
    ),
    puzzle(
        "passphrase",
        "As strong as its passphrase",
        Level::VeryHard,
        "aes-256-gcm",
        &[
            ("passphrase", "quarterdeck at midnight"),
            ("nonce", "0f1e2d3c4b5a69788796a5b4"),
        ],
        "Nobody breaks the cipher. They find the note under the keyboard.",
        &[
            "This is AES, and it cannot be broken. But a person chose the passphrase.",
            "It was used somewhere else before, in this very list.",
            "Solve One word only, and type what you find in small letters.",
        ],
    ),
    puzzle(
        "naming-no-names",
        "Naming no names",
        Level::VeryHard,
        "beaufort",
        &[("keyword", "ANEMOMETER")],
        "It was agreed that the instrument should not be mentioned by name. The invoice called it the apparatus, the label on \
         the crate called it glassware, and the man who was to mount it on the roof was told that it was for the pigeons. He \
         asked why pigeons should want to know how fast the air was moving, and was given the rest of the day off.",
        &[
            "Polyalphabetic, but which? Try the whole family.",
            "The period is ten.",
            "The instrument measures the wind.",
        ],
    )
    .untold(),
    puzzle(
        "nineteen-columns",
        "Nineteen columns",
        Level::Fiendish,
        "columnar",
        &[("keyword", "INCONTROVERTIBLEFAC"), ("fill", "none")],
        "At the inquest the clockmaker was asked how he could be certain of the hour. He said that a clock which has stopped \
         is right twice a day, but a clock that has been stopped is right only once, and that the dust on the inside of the \
         glass had been wiped by somebody who was left-handed and in a hurry. The coroner wished to know what dust had to do \
         with it. The clockmaker looked at him for some time over his spectacles, as he looked at customers who wound their \
         watches backwards, and said that dust is the only witness that never changes its story.",
        &[
            "A long key: columns are short, so each fits beside many others.",
            "Nineteen columns. Look at both ends of the text: they are the ends of words.",
        ],
    ),
    puzzle(
        "two-poems",
        "Two poems",
        Level::Fiendish,
        "double-columnar",
        &[
            ("keyword1", "WANDERED"),
            ("keyword2", "DAFFODILS"),
            ("fill", "none"),
        ],
        "Two keys are four times as much trouble as one. The first cuts the message into strips and the second cuts the \
         strips, and what is left looks like something swept off the floor of a printing shop. For thirty years people \
         offered prizes for a method, and for thirty years nobody collected them. Then somebody noticed that the second key \
         can be tried by itself, because when it is right the first one begins to show through, faintly, like a watermark \
         when the page is held against the light. After that it was only a matter of holding very many pages against the \
         light very quickly, which is the sort of thing that machines are good at, and which makes them so hard to impress.",
        &[
            "Two different keywords, of eight and nine letters.",
            "Attack the second one first: when it is right, the pairs of letters begin to show.",
            "Both are in the first lines of a poem by Wordsworth.",
        ],
    ),
    puzzle(
        "small-square",
        "Eighty pairs",
        Level::Fiendish,
        "playfair",
        &[("keyword", "SQUEAMISH")],
        "They pulled the dinghy up under the willows and waited there for the signal. It came a little after three, two long \
         and one short, from the window above the chandler's shop. Somebody coughed. Then all of them began to row.",
        &[
            "Few pairs for a whole square: the search needs patience and several starts.",
            "A crib helps: somewhere stands UNDER THE WILLOWS.",
        ],
    ),
    puzzle(
        "cables",
        "Ten cables",
        Level::Fiendish,
        "enigma",
        &[
            ("model", "I"),
            ("rotors", "IV I V"),
            ("reflector", "B"),
            ("rings", "1 1 1"),
            ("start", "QHC"),
            ("plugboard", "AM BQ CT DX EK FR GU HZ IN LS"),
        ],
        "COMMANDERTOALLBOATSCONVOYSIGHTEDINQUADRANTTHREEFOURCOURSEWESTSPEEDEIGHTKNOTSCLOSEINANDATTACKAFTERDARKREPORTFUEL\
         ANDTORPEDOESREMAININGDONOTUSETHERADIOEXCEPTTOREPORTTHEENEMYANDGOODHUNTINGTOALLOFYOUKEEPCONTACTUNTILTHEOTHERSHAVE\
         COMEUPWEATHERWILLTURNTOWARDSMORNINGANDTHEMOONSETSATTWO",
        &[
            "An Enigma I with ten cables, rings A A A, reflector B, rotors IV I V.",
            "It begins with COMMANDERTOALLBOATS. A bombe would like that.",
        ],
    ),
    puzzle(
        "long-period",
        "Where is the period?",
        Level::Fiendish,
        "autokey",
        &[("keyword", "PERPENDICULAR")],
        "I have been asked to describe the apparatus as it stood on the morning after. It stood quite upright, which was the \
         first thing that struck us, for the floor beneath it did not. Professor Lindqvist laid his hand on the casing and \
         took it away at once and said nothing for the rest of the day.",
        &[
            "No period in the ciphertext, since the text itself is the key.",
            "Thirteen letters begin it.",
            "How the apparatus stood.",
        ],
    )
    .untold(),
    puzzle(
        "bare-square",
        "What is this?",
        Level::Fiendish,
        "bifid",
        &[("keyword", "KALEIDOSCOPE"), ("period", "9")],
        "When she was small she believed that the pieces of glass in the tube arranged themselves on purpose, and that if she \
         turned it slowly enough they would forget she was looking. She was forty before she understood that it had worked. \
         Everything she had ever found out, she had found out by turning it slowly and pretending to look at something else. \
         The committee wanted to know about her method. She thought of the tube, and of the window of her grandmother's \
         kitchen against which she had held it, and said that she kept regular hours and used a sharp pencil, and that was \
         what they wrote down and printed and hung on the wall for the students to see.",
        &[
            "Twenty-five letters, no J, flat counts: a square, and something that mixes halves.",
            "A Delastelle cipher with period nine.",
            "The keyword is the tube.",
        ],
    )
    .untold(),
    puzzle(
        "no-way-in",
        "No way in",
        Level::Fiendish,
        "enigma",
        &[
            ("model", "M3"),
            ("rotors", "VI II VIII"),
            ("reflector", "B"),
            ("rings", "4 17 9"),
            ("start", "ZRP"),
            ("plugboard", "AE BF CM DQ HU JN LX PR SZ VW"),
        ],
        "FROMSTATIONNINETOHEADQUARTERSTHEBRIDGEISINTACTBUTMINEDWEHAVEFOUNDTHEWIRESANDLEFTTHEMWHERETHEYARESOTHATNOBODYGROWS\
         SUSPICIOUSTHEVILLAGEISEMPTYEXCEPTFORANOLDMANWHOREFUSESTOLEAVEHISBEESHESAYSTHATTHETANKSWENTNORTHONTHURSDAYANDTHAT\
         THEOFFICERSWERENERVOUSWESHALLCROSSATFIRSTLIGHTUNLESSWEHEARFROMYOUBEFORETHENPLEASETELLMYWIFETHATIAMWELL",
        &[
            "A naval M3 with ten cables, and nothing is told. There are 10²⁴ keys.",
            "It begins with FROMSTATIONNINETOHEADQUARTERS.",
            "Rotors VI II VIII, rings 4 17 9.",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_enough_and_every_cipher_is_among_them() {
        assert!(ALL.len() >= 30);
        for spec in crate::ciphers::ALL {
            assert!(ALL.iter().any(|puzzle| puzzle.cipher == spec.id), "{}", spec.id);
        }
        let ids: HashSet<&str> = ALL.iter().map(|puzzle| puzzle.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ALL.is_sorted_by_key(|puzzle| puzzle.level));
        for level in Level::ALL {
            assert!(ALL.iter().filter(|puzzle| puzzle.level == level).count() >= 5);
        }
    }

    #[test]
    fn every_challenge_can_be_solved_and_only_by_its_answer() {
        for puzzle in &ALL {
            assert!(!puzzle.plaintext().contains("  "), "{}", puzzle.id);
            assert!(puzzle.hints.len() >= 2, "{}", puzzle.id);
            let ciphertext = puzzle.ciphertext();
            assert!(!ciphertext.is_empty(), "{}", puzzle.id);
            assert!(
                puzzle.is_solved_by(&puzzle.plaintext().to_lowercase()),
                "{}",
                puzzle.id
            );
            assert!(!puzzle.is_solved_by(&ciphertext), "{}", puzzle.id);
            assert!(!puzzle.is_solved_by(""), "{}", puzzle.id);
            // Whoever finds the key has the answer: the text as it comes out of the cipher solves it.
            let first = ciphertext.split("\n\n").next().unwrap();
            let mut key = puzzle.key();
            key.remove("nonce");
            let opened = puzzle.spec().build(&key).unwrap().decrypt(first).unwrap();
            assert!(puzzle.is_solved_by(&opened), "{}: {opened}", puzzle.id);
        }
    }
}
