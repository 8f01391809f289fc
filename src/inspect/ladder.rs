//! M1 to M5, and R1 to R3, as ladders: at each step what is hashed, signed and checked, and which secrets exist then.

use super::wire::{Beginning, Wire};

/// How one connection of a recording began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Which connection of the recording it is, from 1.
    pub number: u64,
    /// When its first frame crossed, milliseconds since 1970; `None` before that.
    pub at_ms: Option<u64>,
    /// How it began.
    pub beginning: Beginning,
    /// Its steps. Where the recording began behind them, they are those that it must have passed.
    pub rungs: Vec<Rung>,
}

/// A step of the handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// M1 to M5.
    pub name: &'static str,
    /// Whether the guest sends it.
    pub from_guest: bool,
    /// What happens, in plain words.
    pub words: &'static str,
    /// What goes over, by the names of `docs/protocol.md`.
    pub carries: &'static str,
    /// Secrets that both ends have from then on.
    pub secrets: &'static str,
    /// What is hashed.
    pub hashed: &'static str,
    /// What is signed, or wrapped instead.
    pub signed: &'static str,
    /// What its receiver checks.
    pub checked: &'static str,
    /// The standards, with their sections.
    pub standards: &'static str,
    /// The place in `docs/protocol.md`.
    pub section: &'static str,
    /// The frame of the recording, where there is one.
    pub frame: Option<u64>,
    /// Its length in bytes, where there is one.
    pub length: Option<usize>,
}

impl Wire {
    /// The steps of each connection, oldest first, with the frames that were recorded and are kept.
    pub fn ladders(&self) -> Vec<Ladder> {
        let next = self.legs.iter().skip(1).map(|leg| leg.first);
        let ends = next.chain([u64::MAX]);
        self.legs
            .iter()
            .zip(ends)
            .map(|(leg, end)| {
                let beginning = leg.begins.beginning();
                let rungs: &[Rung] = match beginning {
                    Beginning::Handshake | Beginning::Before => &RUNGS,
                    Beginning::Resumption => &RESUMED,
                };
                let (start, end) = (self.place_of(leg.first), self.place_of(end));
                // A handshake is over within its first frames.
                let first: Vec<_> = (start..end.min(start + 16))
                    .filter_map(|place| self.nth(place))
                    .collect();
                Ladder {
                    number: leg.number,
                    at_ms: first.first().map(|frame| frame.at_ms),
                    beginning,
                    rungs: rungs
                        .iter()
                        .map(|rung| {
                            let frame = first.iter().find(|frame| frame.name() == rung.name);
                            Rung {
                                frame: frame.map(|frame| frame.n),
                                length: frame.map(|frame| frame.bytes.len()),
                                ..rung.clone()
                            }
                        })
                        .collect(),
                }
            })
            .collect()
    }
}

/// M1 to M5 as they will be, before any is recorded.
pub fn rungs_of_a_handshake() -> &'static [Rung] {
    &RUNGS
}

/// Resumption: `docs/protocol.md`, section 5.
const RESUMED: [Rung; 3] = [
    Rung {
        name: "R1",
        from_guest: true,
        words: "The guest shows the ticket that both kept from last time, and sends fresh keys.",
        carries: "suite, id, xG, ekG, nG, mac",
        secrets: "RS, the ticket's secret, which both kept from the last handshake",
        hashed: "nothing yet",
        signed: "nothing: both were proven in the full handshake",
        checked: "the ticket by its id, bans, its age, then mac; with that the ticket is used up",
        standards: "HMAC: RFC 2104 · X25519: RFC 7748, 5 · ML-KEM: FIPS 203, 7.1",
        section: "5. Handshake, resumption",
        frame: None,
        length: None,
    },
    Rung {
        name: "R2",
        from_guest: false,
        words: "The host has the ticket too, and answers with its fresh keys. No signature is needed.",
        carries: "xH, ctH, nH, sealed: confirmation, welcome",
        secrets: "ES from RS, HS from ML-KEM and X25519, MS from HS; \"h ap\" and \"g ap\" from thQ",
        hashed: "thQ over R1 and the clear part of R2",
        signed: "nothing",
        checked: "the seal and the host's confirmation: only who has the ticket can make them",
        standards: "HKDF: RFC 5869 · AES-GCM: SP 800-38D · ML-KEM: FIPS 203, 7.2",
        section: "5. Handshake, resumption",
        frame: None,
        length: None,
    },
    Rung {
        name: "R3",
        from_guest: true,
        words: "The guest confirms, and is back. Both keep a new ticket.",
        carries: "sealed: confirmation, standing",
        secrets: "a new ticket on both sides; the old one is gone",
        hashed: "nothing new",
        signed: "nothing",
        checked: "the seal and the guest's confirmation; only now the guest is back",
        standards: "AES-GCM: SP 800-38D · HMAC: RFC 2104",
        section: "7. Records",
        frame: None,
        length: None,
    },
];

const RUNGS: [Rung; 5] = [
    Rung {
        name: "M1",
        from_guest: true,
        words: "The guest knocks: fresh keys, and proof that it holds the invitation. Who it is stays hidden.",
        carries: "suite, xG, ekG, com, mac",
        secrets: "the invitation's secret, from which the key of mac is made",
        hashed: "com commits to nG and the guest's identity",
        signed: "nothing",
        checked: "version and suite, then mac against the invitations, then their expiry",
        standards: "HMAC: RFC 2104 · X25519: RFC 7748, 5 · ML-KEM: FIPS 203, 7.1",
        section: "5. Handshake",
        frame: None,
        length: None,
    },
    Rung {
        name: "M2",
        from_guest: false,
        words: "The host answers with its fresh keys, and signs all of this: it is the host that the invitation names.",
        carries: "xH, ctH, nH, sealed: IK_H, room, sigH, finH",
        secrets: "ES from the invitation, HS from ML-KEM and X25519; \"h hs\" and \"g hs\" from th1",
        hashed: "th1 over M1 and the clear part of M2, th2 over identity and room too",
        signed: "sigH: the host signs th2",
        checked: "the seal, the host's key against the invitation, sigH, finH",
        standards: "HKDF: RFC 5869 · AES-GCM: SP 800-38D · ML-KEM: FIPS 203, 7.2 · RSASSA-PSS: RFC 8017, 8.1",
        section: "6. Key schedule",
        frame: None,
        length: None,
    },
    Rung {
        name: "M3",
        from_guest: true,
        words: "The guest says who it is, and signs it too. Nobody on the line can read that any more.",
        carries: "sealed: nG, IK_G, WK_G, name, sigG, finG",
        secrets: "the same; the emoji exist now, from nG, nH and both identities",
        hashed: "th4 over all so far, th5 over the signature too",
        signed: "sigG: the guest signs th4",
        checked: "the seal, com against nG and IK_G, the keys, sigG, finG; then the host decides",
        standards: "RSASSA-PSS: RFC 8017, 8.1 · SubjectPublicKeyInfo: RFC 5280, 4.1",
        section: "5. Handshake",
        frame: None,
        length: None,
    },
    Rung {
        name: "M4",
        from_guest: false,
        words: "The host wraps one more secret with RSA, so that only this guest can unwrap it, and lets it in.",
        carries: "sealed: w; sealed under new keys: confirmation, welcome",
        secrets: "sH, made by the host and wrapped; MS from HS and sH; \"h ap\" and \"g ap\" from th6",
        hashed: "th6 over all so far",
        signed: "nothing; w is sH wrapped with RSA for WK_G, with th5 as the label",
        checked: "both seals, the unwrapping, the host's confirmation",
        standards: "RSAES-OAEP: RFC 8017, 7.1 · HKDF: RFC 5869",
        section: "6. Key schedule",
        frame: None,
        length: None,
    },
    Rung {
        name: "M5",
        from_guest: true,
        words: "The guest shows that it unwrapped the secret. From here on both talk with keys that nobody else has.",
        carries: "sealed: confirmation",
        secrets: "the traffic secrets; HS and MS are forgotten, RK is kept for the next exchange",
        hashed: "nothing new",
        signed: "nothing",
        checked: "the seal and the guest's confirmation; only now the guest is a member",
        standards: "AES-GCM: SP 800-38D · HMAC: RFC 2104",
        section: "7. Records",
        frame: None,
        length: None,
    },
];
