//! Short texts to try things on, each in the public domain by the age of its author, with its origin.

/// A text to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What the list shows.
    pub name: &'static str,
    /// Who wrote it, where, and when.
    pub origin: &'static str,
    /// The text.
    pub text: &'static str,
}

/// All samples; the first stands on a fresh bench.
pub const ALL: [Sample; 6] = [
    Sample {
        name: "The best of times",
        origin: "Charles Dickens, A Tale of Two Cities, 1859",
        text: "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of \
               foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, \
               it was the season of Darkness, it was the spring of hope, it was the winter of despair, we had \
               everything before us, we had nothing before us, we were all going direct to Heaven, we were all going \
               direct the other way.",
    },
    Sample {
        name: "A truth universally acknowledged",
        origin: "Jane Austen, Pride and Prejudice, 1813",
        text: "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in \
               want of a wife. However little known the feelings or views of such a man may be on his first entering \
               a neighbourhood, this truth is so well fixed in the minds of the surrounding families, that he is \
               considered as the rightful property of some one or other of their daughters.",
    },
    Sample {
        name: "Four score and seven years",
        origin: "Abraham Lincoln, Gettysburg, 1863",
        text: "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in \
               Liberty, and dedicated to the proposition that all men are created equal. Now we are engaged in a \
               great civil war, testing whether that nation, or any nation so conceived and so dedicated, can long \
               endure.",
    },
    Sample {
        name: "Caesar himself",
        origin: "Gaius Julius Caesar, De bello Gallico, about 50 BC",
        text: "Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani, tertiam qui \
               ipsorum lingua Celtae, nostra Galli appellantur. Hi omnes lingua, institutis, legibus inter se \
               differunt.",
    },
    Sample {
        name: "A short order",
        origin: "Made up for this program",
        text: "Meet me under the clock at noon. Bring the blue notebook and tell nobody.",
    },
    Sample {
        name: "One letter only",
        origin: "Made up for this program: what a cipher does when nothing changes",
        text: "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_has_a_name_an_origin_and_a_tidy_text() {
        for sample in ALL {
            assert!(!sample.name.is_empty() && !sample.origin.is_empty());
            assert!(
                !sample.text.contains("  ") && sample.text.len() > 60,
                "{}",
                sample.name
            );
        }
    }
}
