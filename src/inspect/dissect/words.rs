//! What a frame is and who can tell what from it, in sentences.

use crate::inspect::wire::WireFrame;
use crate::protocol::wire::FrameKind;

pub(super) fn title(frame: &WireFrame) -> String {
    let who = if frame.sent { "You sent" } else { "You got" };
    format!("{who} {}.", frame.what())
}

impl WireFrame {
    /// What it is, in half a sentence.
    pub fn what(&self) -> &'static str {
        what(self)
    }
}

fn what(frame: &WireFrame) -> &'static str {
    match frame.kind() {
        Some(FrameKind::GuestHello) => "M1: key shares, a commitment, and the proof of the invitation",
        Some(FrameKind::HostHello) => "M2: the host's shares, its identity, and its signature",
        Some(FrameKind::GuestProof) => "M3: the guest's identity and signature",
        Some(FrameKind::HostWelcome) => "M4: the RSA-wrapped secret and the welcome",
        Some(FrameKind::GuestConfirm) => "M5: the guest's confirmation",
        Some(FrameKind::SealedRefusal | FrameKind::Refusal) => "a refusal",
        Some(FrameKind::ResumeHello) => "R1: a ticket to resume a session, and fresh key shares",
        Some(FrameKind::ResumeAnswer) => "R2: the host's shares, and that it holds the ticket",
        Some(FrameKind::ResumeConfirm) => "R3: the guest's confirmation",
        Some(FrameKind::Asking) => "word that the host is asked first",
        Some(FrameKind::Data) => match frame.name() {
            "Submit" => "an event handed in to the host",
            "Roster" => "a piece of the roster",
            "Entry" => "an entry of the room's log",
            "Head" => "the host's signature over its order",
            "Declined" => "word that an event was not taken",
            "Here" => "how far the guest's copy of the log goes",
            "Positions" | "Tally" => "who has confirmed what",
            "Return" => "the secret with which a member comes back",
            "Private" => "a piece of a private conversation, which the host can't read",
            "Away" => "word that somebody is not here",
            "Page end" => "the end of a page of what was missed",
            "Let go" => "what the host keeps no more of what was missed",
            _ => "a record",
        },
        Some(FrameKind::KeyUpdate) => "a key update",
        Some(FrameKind::RekeyOffer) => "an offer of a fresh key exchange",
        Some(FrameKind::RekeyAnswer) => "the answer to a fresh key exchange",
        Some(FrameKind::RekeyDone) => "the end of a fresh key exchange",
        Some(FrameKind::Close) => "a goodbye",
        None => "bytes that are no frame",
    }
}

pub(super) fn eavesdropper(frame: &WireFrame) -> String {
    let length = frame.bytes.len();
    let clear = match frame.kind() {
        Some(FrameKind::GuestHello) => {
            "That somebody begins a Cipher Room handshake. The key shares are public and useless without their secret halves; the commitment hides who it is."
        }
        Some(FrameKind::HostHello) => "The host's shares. Who the host is and which room it keeps is sealed.",
        Some(FrameKind::ResumeHello) => {
            "That somebody takes up a session again. The ticket's id is new each time and was never sent before; the shares are public and useless without their secret halves."
        }
        Some(FrameKind::ResumeAnswer) => {
            "The host's shares. What is sealed behind them needs the ticket too."
        }
        Some(FrameKind::GuestProof) => "Nothing of who the guest is.",
        Some(FrameKind::Refusal) => "Why the host refused; this frame is in clear.",
        Some(FrameKind::Data) => "Not whether somebody said something, nor who, nor what, nor the signature.",
        _ => "Nothing of what is in it.",
    };
    let kind = match frame.kind() {
        Some(FrameKind::Data) => "that it is a sealed record",
        _ => "what kind of frame it is",
    };
    format!("From outside: {kind}, its {length} bytes of length, the time, and the two addresses. {clear}")
}

/// What the host can tell, said to the host.
pub(super) fn as_host(frame: &WireFrame, words: String) -> String {
    match frame.kind() {
        Some(FrameKind::HostWelcome) => "All of it: you made the wrapped secret.".to_owned(),
        Some(FrameKind::Data) if matches!(frame.name(), "Private" | "Away") => {
            "Who writes to whom, when, and how much. What is in it is sealed between the two, and you have no key for that.".to_owned()
        }
        Some(FrameKind::Data) => match frame.name() {
            "Submit" | "Entry" => "Everything: you open this record, read it, and put it into the log or take it from there. You can't change what is signed.",
            "Head" => "Everything: you signed this order, so you can't tell another member another one without being found out.",
            _ => "Everything: you open this record and read it.",
        }
        .to_owned(),
        _ => words,
    }
}

/// What the host and the user can tell from a record that the user opened.
pub(super) fn views_of_record(frame: &WireFrame) -> (String, String) {
    let (host, you) = match frame.name() {
        "Submit" | "Entry" => (
            "Everything: the host opens this record, reads it, and puts it into the log or takes it from there. It can't change what is signed.",
            "Everything: you hold the keys of this connection, and the author's public key to check the signature.",
        ),
        "Head" => (
            "Everything: the host signed this order, so it can't tell another member another one without being found out.",
            "Everything: you hold the keys of this connection, and the host's public key to check its signature.",
        ),
        _ => (
            "Everything: the host opens this record and reads it.",
            "Everything: you hold the keys of this connection.",
        ),
    };
    (host.to_owned(), you.to_owned())
}

pub(super) fn views_of_handshake(kind: FrameKind) -> (String, String) {
    let (host, you) = match kind {
        FrameKind::GuestHello => (
            "That the guest holds the invitation. Not yet who it is.",
            "All of it: the shares are yours, and nG is your secret until M3.",
        ),
        FrameKind::HostHello => (
            "All of it.",
            "That the host holds the key which the invitation names: it signed everything that crossed so far.",
        ),
        FrameKind::GuestProof => (
            "Who the guest is, proven by its signature, and the key to wrap a secret for.",
            "All of it.",
        ),
        FrameKind::HostWelcome => (
            "All of it: the host made the wrapped secret.",
            "The wrapped secret, because you hold WK_G; and that the host has the same master secret as you.",
        ),
        FrameKind::ResumeHello => (
            "Which session is taken up again, and so who comes back; that the guest holds its ticket.",
            "All of it: the shares are yours.",
        ),
        FrameKind::ResumeAnswer => (
            "All of it.",
            "That the host holds the ticket too, and the same new master secret. No RSA was needed: both were proven in the full handshake.",
        ),
        FrameKind::ResumeConfirm => (
            "That the guest has the same master secret, and how far its copy of the log goes.",
            "All of it.",
        ),
        FrameKind::GuestConfirm => (
            "That the guest has the same master secret. Only now it is a member.",
            "All of it.",
        ),
        _ => ("All of it.", "All of it."),
    };
    (host.to_owned(), you.to_owned())
}
