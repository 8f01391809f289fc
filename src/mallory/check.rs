//! The checks of CR/1 by name, with the place in `docs/protocol.md` where each is specified.

use std::fmt;

/// A check that can stop an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// The host's key is the one that the invitation names.
    PinnedHostKey,
    /// Both ends sign everything that crossed, both identities included.
    TranscriptSignature,
    /// Every key is derived from the hash of everything that crossed.
    TranscriptHash,
    /// There is one version and one suite.
    OneSuite,
    /// M1 proves that its sender holds the invitation.
    InviteMac,
    /// Each record opens under the one counter that comes next.
    RecordCounter,
    /// Each record has a tag.
    RecordTag,
    /// Each direction has a key of its own.
    DirectionKeys,
    /// What a guest sends is another kind of body than what a host sends.
    BodyDirection,
    /// A goodbye is a record that counts those before it.
    CloseRecord,
    /// Signatures travel inside sealed records only.
    SealedSignature,
    /// Every event is signed by its author.
    AuthorSignature,
    /// Every event names its room.
    RoomId,
    /// Every event names the author's event before: its number and its hash.
    AuthorChain,
    /// Every event names the order that its author saw.
    SeenOrder,
    /// The entries of the log are numbered without gaps.
    EntryNumbers,
    /// The session's secrets come from keys that are made fresh and forgotten.
    FreshExchange,
    /// Bytes that are not of the protocol end the connection.
    Form,
}

impl Check {
    /// Its name, as the terminal and `docs/threat-model.md` write it.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// The section of `docs/protocol.md` that specifies it: title and anchor.
    pub fn section(self) -> (&'static str, &'static str) {
        let (_, title, anchor, _) = self.entry();
        (title, anchor)
    }

    /// The link to that section.
    pub fn link(self) -> String {
        format!("docs/protocol.md#{}", self.section().1)
    }

    /// What it does, in one plain sentence.
    pub fn sentence(self) -> &'static str {
        self.entry().3
    }

    fn entry(self) -> (&'static str, &'static str, &'static str, &'static str) {
        const HANDSHAKE: (&str, &str) = ("5. Handshake", "5-handshake");
        const SCHEDULE: (&str, &str) = ("6. Key schedule", "6-key-schedule");
        const RECORDS: (&str, &str) = ("7. Records", "7-records");
        const FRAMES: (&str, &str) = ("4. Frames", "4-frames");
        const SIGNATURES: (&str, &str) = ("8. Signatures", "8-signatures");
        const ROOM: (&str, &str) = ("9. The room", "9-the-room");
        let (name, (title, anchor), sentence) = match self {
            Check::PinnedHostKey => (
                "pinned host key",
                HANDSHAKE,
                "The invitation names the host's key; another key is refused before anything is said.",
            ),
            Check::TranscriptSignature => (
                "transcript signature",
                HANDSHAKE,
                "Each end signs everything that crossed, both identities included, so a signature is worth nothing in another handshake.",
            ),
            Check::TranscriptHash => (
                "transcript hash",
                SCHEDULE,
                "Every key is made from the hash of all that crossed; one changed bit gives the two ends different keys.",
            ),
            Check::OneSuite => (
                "one suite",
                HANDSHAKE,
                "There is one version and one suite, and nothing weaker to be talked down to.",
            ),
            Check::InviteMac => (
                "invitation proof",
                HANDSHAKE,
                "The first message carries a code that only who holds the invitation can make.",
            ),
            Check::RecordCounter => (
                "record counter",
                FRAMES,
                "Each record opens only under the counter that comes next, which is never sent; repeated, missing and exchanged records don't open.",
            ),
            Check::RecordTag => (
                "record tag",
                FRAMES,
                "Sixteen bytes behind every record prove that not one bit was changed; a record that fails ends the connection.",
            ),
            Check::DirectionKeys => (
                "a key for each direction",
                FRAMES,
                "What a guest seals opens only at the host, and the other way round.",
            ),
            Check::BodyDirection => (
                "body direction",
                ROOM,
                "A guest submits and a host enters; neither takes the other's kind of body.",
            ),
            Check::CloseRecord => (
                "close record",
                RECORDS,
                "A goodbye is a sealed record that counts the records before it; a line that ends without one was cut.",
            ),
            Check::SealedSignature => (
                "sealed signature",
                SIGNATURES,
                "Signatures travel inside sealed records only, so nobody on the line can try guesses against them.",
            ),
            Check::AuthorSignature => (
                "author signature",
                SIGNATURES,
                "Every event is signed by its author over its exact bytes; the host can pass it on, not write it.",
            ),
            Check::RoomId => (
                "room id",
                ROOM,
                "What is signed names the room that it was written for.",
            ),
            Check::AuthorChain => (
                "author chain",
                ROOM,
                "What is signed carries the author's own count and the hash of the author's event before, so a gap shows.",
            ),
            Check::SeenOrder => (
                "seen order",
                ROOM,
                "What is signed names the newest entry that its author saw, so two orders can't both fit.",
            ),
            Check::EntryNumbers => (
                "entry numbers",
                ROOM,
                "The host numbers the entries of the log without gaps.",
            ),
            Check::FreshExchange => (
                "fresh key exchange",
                SCHEDULE,
                "The secrets of a session come from X25519 and ML-KEM keys that were made for it and forgotten after it.",
            ),
            Check::Form => (
                "frame format",
                FRAMES,
                "Bytes that are not of the protocol end the connection at once.",
            ),
        };
        (name, title, anchor, sentence)
    }

    /// Every check.
    pub const ALL: [Check; 18] = [
        Check::PinnedHostKey,
        Check::TranscriptSignature,
        Check::TranscriptHash,
        Check::OneSuite,
        Check::InviteMac,
        Check::RecordCounter,
        Check::RecordTag,
        Check::DirectionKeys,
        Check::BodyDirection,
        Check::CloseRecord,
        Check::SealedSignature,
        Check::AuthorSignature,
        Check::RoomId,
        Check::AuthorChain,
        Check::SeenOrder,
        Check::EntryNumbers,
        Check::FreshExchange,
        Check::Form,
    ];
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_leads_to_a_section_that_exists() {
        let page = include_str!("../../docs/protocol.md");
        for check in Check::ALL {
            let (title, anchor) = check.section();
            assert!(
                page.contains(&format!("## {title}\n")),
                "{check}: no section {title}"
            );
            let made: String = title
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || *c == ' ')
                .map(|c| if c == ' ' { '-' } else { c })
                .collect();
            assert_eq!(made, anchor, "{check}");
        }
    }
}
