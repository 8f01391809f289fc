//! M1 to M5 as a ladder: at each step what is hashed, signed and checked, and which secrets exist then.

use super::wire::Wire;

/// A step of the handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// M1 to M5.
    pub name: &'static str,
    /// Whether the guest sends it.
    pub from_guest: bool,
    /// What goes over, in a few words.
    pub carries: &'static str,
    /// Secrets that both ends have from then on.
    pub secrets: &'static str,
    /// What is hashed.
    pub hashed: &'static str,
    /// What is signed, or wrapped.
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
    /// The five steps, with the frames that were recorded so far.
    pub fn ladder(&self) -> Vec<Rung> {
        RUNGS
            .iter()
            .map(|rung| {
                let frame = self.frames().find(|frame| frame.name() == rung.name);
                Rung {
                    frame: frame.map(|frame| frame.n),
                    length: frame.map(|frame| frame.bytes.len()),
                    ..rung.clone()
                }
            })
            .collect()
    }
}

const RUNGS: [Rung; 5] = [
    Rung {
        name: "M1",
        from_guest: true,
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
        carries: "sealed: w; sealed under new keys: confirmation, welcome",
        secrets: "sH, made by the host and wrapped; MS from HS and sH; \"h ap\" and \"g ap\" from th6",
        hashed: "th6 over all so far",
        signed: "w: sH wrapped with RSA for WK_G, with th5 as the label",
        checked: "both seals, the unwrapping, the host's confirmation",
        standards: "RSAES-OAEP: RFC 8017, 7.1 · HKDF: RFC 5869",
        section: "6. Key schedule",
        frame: None,
        length: None,
    },
    Rung {
        name: "M5",
        from_guest: true,
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
