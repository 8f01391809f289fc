//! The exhibits: one attack each, played against both protocols by one script.

mod bits;
mod downgrade;
mod guess;
mod host;
mod line;
mod middle;
mod moved;
mod stolen;

use super::ablation::{
    AUTHOR, Ablation, CHAIN, CLOSE, COUNTER, DIRECTION, FRESH, INVITE, PIN, ROOM, SEAL, SEEN, SUITE, TAG,
    TRANSCRIPT,
};
use super::check::Check;
use super::hands::{Halt, Hands};
use super::run::Verdict;
use super::setting::Protocol;

/// An attack.
pub struct Exhibit {
    /// Its name in the terminal.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What Mallory wants, in a plain sentence.
    pub goal: &'static str,
    /// Why the textbook exchange lets her.
    pub lesson: &'static str,
    /// The check of CR/1 that stops it.
    pub check: Check,
    /// What happens when checks are removed.
    pub ablations: &'static [Ablation],
    pub(super) run: fn(&Hands, Protocol) -> Result<Verdict, Halt>,
}

impl std::fmt::Debug for Exhibit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exhibit({})", self.name)
    }
}

/// The exhibit of a name.
pub fn find(name: &str) -> Option<&'static Exhibit> {
    EXHIBITS.iter().find(|exhibit| exhibit.name == name)
}

/// All exhibits, in the order in which they are shown.
pub const EXHIBITS: &[Exhibit] = &[
    Exhibit {
        name: "man-in-the-middle",
        title: "Sit in the middle",
        goal: "Read everything and change an order, while both believe that they talk to each other.",
        lesson: "A bare public key says nothing about whose it is. Mallory hands each side her own.",
        check: Check::PinnedHostKey,
        ablations: &[Ablation::works(PIN), Ablation::works(TRANSCRIPT)],
        run: middle::man_in_the_middle,
    },
    Exhibit {
        name: "replay",
        title: "Send it again",
        goal: "Make Bob read Alice's order twice.",
        lesson: "A packet that is genuine once is genuine for ever: nothing in it says which one it is.",
        check: Check::RecordCounter,
        ablations: &[
            Ablation::stopped(COUNTER, Check::AuthorChain),
            Ablation::works(COUNTER | CHAIN),
        ],
        run: line::replay,
    },
    Exhibit {
        name: "reorder",
        title: "Exchange two messages",
        goal: "Make Bob read the second message before the first.",
        lesson: "Each packet stands alone, so their order is whatever the line makes of it.",
        check: Check::RecordCounter,
        ablations: &[
            Ablation::stopped(COUNTER, Check::AuthorChain),
            Ablation::works(COUNTER | CHAIN),
        ],
        run: line::reorder,
    },
    Exhibit {
        name: "drop",
        title: "Swallow a message",
        goal: "Take one message out; the conversation goes on and nobody notices.",
        lesson: "Nobody counts, so nobody misses anything.",
        check: Check::RecordCounter,
        ablations: &[
            Ablation::stopped(COUNTER, Check::AuthorChain),
            Ablation::works(COUNTER | CHAIN),
        ],
        run: line::drop_one,
    },
    Exhibit {
        name: "truncation",
        title: "Cut off the end",
        goal: "Let Bob read the promise and not the condition behind it, and believe that Alice then left.",
        lesson: "The end of the line looks like a goodbye, whoever made it.",
        check: Check::CloseRecord,
        ablations: &[Ablation::works(CLOSE)],
        run: line::truncation,
    },
    Exhibit {
        name: "flip-ciphertext",
        title: "Flip a ciphertext bit",
        goal: "Spoil one message so that it vanishes, and let the rest go on as if nothing had been said.",
        lesson: "The tag catches the change, the packet is thrown away, and nobody is told that a message is missing.",
        check: Check::RecordTag,
        ablations: &[
            Ablation::stopped(TAG, Check::AuthorSignature),
            Ablation::stopped(TAG | AUTHOR, Check::AuthorChain),
            Ablation::works(TAG | AUTHOR | CHAIN),
        ],
        run: bits::flip_ciphertext,
    },
    Exhibit {
        name: "flip-tag",
        title: "Flip a bit of the tag",
        goal: "Spoil one message so that it vanishes, and let the rest go on as if nothing had been said.",
        lesson: "A wrong tag is a packet thrown away, and nobody is told that a message is missing.",
        check: Check::RecordTag,
        ablations: &[],
        run: bits::flip_tag,
    },
    Exhibit {
        name: "flip-nonce",
        title: "Flip a bit of the nonce",
        goal: "Spoil one message through the nonce that is sent beside it, and let the rest go on.",
        lesson: "A nonce that is sent can be changed; the packet then opens to nothing and is thrown away.",
        check: Check::TranscriptHash,
        ablations: &[],
        run: bits::flip_nonce,
    },
    Exhibit {
        name: "flip-signature",
        title: "Flip a bit of the signature",
        goal: "Spoil one message through its signature, and let the rest go on as if nothing had been said.",
        lesson: "A wrong signature is a packet thrown away, and nobody is told that a message is missing.",
        check: Check::AuthorSignature,
        ablations: &[Ablation::works(AUTHOR)],
        run: bits::flip_signature,
    },
    Exhibit {
        name: "guess",
        title: "Confirm a guess",
        goal: "Find out the three digits that Alice sent, without any key.",
        lesson: "A signature in clear lets anybody try every text until it fits.",
        check: Check::SealedSignature,
        ablations: &[Ablation::works(SEAL)],
        run: guess::guess,
    },
    Exhibit {
        name: "signature-other-message",
        title: "Signature, other message",
        goal: "Make Alice's \"yes\" to lunch her \"yes\" to a transfer.",
        lesson: "The signature covers the bare text, so it fits every question that \"yes\" can answer.",
        check: Check::AuthorSignature,
        ablations: &[Ablation::works(AUTHOR)],
        run: moved::other_message,
    },
    Exhibit {
        name: "signature-other-room",
        title: "Signature, other room",
        goal: "Show Bob in one room what Alice said in another.",
        lesson: "Nothing that is signed says where it was said.",
        check: Check::RoomId,
        ablations: &[Ablation::works(ROOM)],
        run: moved::other_room,
    },
    Exhibit {
        name: "signature-other-receiver",
        title: "Signature, other reader",
        goal: "Be Alice towards Bob, with what Alice signed for Mallory.",
        lesson: "Nothing that is signed says to whom it was said.",
        check: Check::TranscriptSignature,
        ablations: &[
            Ablation::stopped(TRANSCRIPT, Check::RoomId),
            Ablation::stopped(TRANSCRIPT | ROOM, Check::SeenOrder),
            Ablation::works(TRANSCRIPT | ROOM | SEEN),
        ],
        run: moved::other_receiver,
    },
    Exhibit {
        name: "reflection",
        title: "Hold up a mirror",
        goal: "Send Alice her own words back as Bob's.",
        lesson: "One key for both directions, and a key that is believed: her own packets open and verify.",
        check: Check::DirectionKeys,
        ablations: &[
            Ablation::stopped(DIRECTION, Check::RecordCounter),
            Ablation::stopped(DIRECTION | COUNTER, Check::BodyDirection),
        ],
        run: line::reflection,
    },
    Exhibit {
        name: "downgrade",
        title: "Talk them down",
        goal: "Make both agree on the weak suite that is kept for old programs, then try all its keys.",
        lesson: "The list of suites travels unprotected, and nobody compares afterwards what was offered.",
        check: Check::OneSuite,
        ablations: &[
            Ablation::stopped(SUITE, Check::InviteMac),
            Ablation::stopped(SUITE | INVITE, Check::TranscriptHash),
        ],
        run: downgrade::downgrade,
    },
    Exhibit {
        name: "stolen-key",
        title: "Steal a key afterwards",
        goal: "Read a recorded conversation with the long-term keys of both, stolen a year later.",
        lesson: "The session's key travels wrapped for a key that lasts for years: who gets that key opens every recording.",
        check: Check::FreshExchange,
        ablations: &[Ablation::works(FRESH)],
        run: stolen::stolen_key,
    },
    Exhibit {
        name: "host-forges",
        title: "Host that forges",
        goal: "As the host, make Bob read words that Alice never wrote.",
        lesson: "The host hands out the members' keys, and nobody can tell a key of its own from Alice's.",
        check: Check::AuthorSignature,
        ablations: &[Ablation::works(AUTHOR)],
        run: host::forges,
    },
    Exhibit {
        name: "host-drops",
        title: "Host that drops",
        goal: "As the host, leave one of Alice's messages out; she goes on talking and Bob notices nothing.",
        lesson: "Nobody counts an author's messages, so the host chooses what the room hears.",
        check: Check::AuthorChain,
        ablations: &[Ablation::works(CHAIN)],
        run: host::drops,
    },
    Exhibit {
        name: "host-forks",
        title: "Host that tells two stories",
        goal: "As the host, show Alice and Bob two different conversations, and let them go on talking in both.",
        lesson: "Nobody says what they have seen, so two stories never meet.",
        check: Check::SeenOrder,
        ablations: &[Ablation::works(SEEN)],
        run: host::forks,
    },
];
