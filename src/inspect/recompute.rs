//! For each value a line for a shell that computes it again with tools that everybody has.
//!
//! Every line prints the value and nothing else but white space and, for `openssl`, its own punctuation.

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use super::dissect::hex;
use crate::crypto::{SAS_EMOJI, Secret};

/// Which tool a line needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `openssl`, version 3.
    OpenSsl,
    /// Python with the package `cryptography`.
    Python,
    /// The same, new enough to know ML-KEM, as version 48 does.
    PythonWithMlKem,
}

impl Tool {
    /// The program that is run.
    pub fn program(self) -> &'static str {
        match self {
            Tool::OpenSsl => "openssl",
            Tool::Python | Tool::PythonWithMlKem => "python3",
        }
    }
}

/// A line that recomputes a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recompute {
    /// Which value.
    pub what: String,
    /// With which tool.
    pub tool: Tool,
    /// The line, for a POSIX shell.
    pub command: String,
    /// What it prints: lower-case hexadecimal digits, or words.
    pub expect: String,
}

impl Recompute {
    /// Whether what the line printed is the value.
    pub fn agrees(&self, printed: &str) -> bool {
        let squeezed = |text: &str| -> String {
            let text = text.rsplit("= ").next().unwrap_or(text);
            text.chars()
                .filter(|c| !c.is_whitespace() && *c != ':')
                .flat_map(char::to_lowercase)
                .collect()
        };
        squeezed(printed) == squeezed(&self.expect)
    }
}

fn decoded(bytes: &[u8]) -> String {
    format!("echo {} | base64 -d", Base64::encode_string(bytes))
}

/// `H`'s bytes: label and fields with their lengths.
pub(super) fn labelled(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let label = format!("CR/1 {label}");
    let mut bytes = vec![u8::try_from(label.len()).unwrap_or(u8::MAX)];
    bytes.extend_from_slice(label.as_bytes());
    for field in fields {
        bytes.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

/// SHA-256.
pub(super) fn hash_line(what: &str, bytes: &[u8]) -> Recompute {
    Recompute {
        what: format!("{what} (SHA-256)"),
        tool: Tool::OpenSsl,
        command: format!("{} | openssl dgst -sha256", decoded(bytes)),
        expect: hex(&Sha256::digest(bytes)),
    }
}

/// HMAC-SHA-256.
pub(super) fn hmac_line(what: &str, key: &[u8; 32], message: &[u8]) -> Recompute {
    Recompute {
        what: format!("{what} (HMAC-SHA-256, RFC 2104)"),
        tool: Tool::OpenSsl,
        command: format!(
            "{} | openssl dgst -sha256 -mac HMAC -macopt hexkey:{}",
            decoded(message),
            hex(key)
        ),
        expect: hex(&crate::crypto::mac(&Secret::new(*key), message)),
    }
}

/// `info` of section 1.
fn info(label: &str, context: &[u8], length: u16) -> Vec<u8> {
    let label = format!("CR/1 {label}");
    let mut info = length.to_be_bytes().to_vec();
    info.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
    info.extend_from_slice(label.as_bytes());
    info.push(u8::try_from(context.len()).unwrap_or(u8::MAX));
    info.extend_from_slice(context);
    info
}

fn expand_command(key: &str, label: &str, context: &[u8], length: u16) -> String {
    format!(
        "openssl kdf -keylen {length} -kdfopt digest:SHA256 -kdfopt mode:EXPAND_ONLY -kdfopt hexkey:{key} -kdfopt hexinfo:{} HKDF",
        hex(&info(label, context, length))
    )
}

/// `E(key, label, context)`.
pub(super) fn hkdf_expand(
    what: &str,
    key: &[u8; 32],
    label: &str,
    context: &[u8],
    length: u16,
    expect: &[u8],
) -> Recompute {
    Recompute {
        what: format!("{what} (HKDF-Expand, RFC 5869)"),
        tool: Tool::OpenSsl,
        command: expand_command(&hex(key), label, context, length),
        expect: hex(expect),
    }
}

/// `X(salt, input)`.
pub(super) fn hkdf_extract(what: &str, salt: &[u8; 32], input: &[u8], expect: &[u8; 32]) -> Recompute {
    Recompute {
        what: format!("{what} (HKDF-Extract, RFC 5869)"),
        tool: Tool::OpenSsl,
        command: extract_command(&hex(salt), input),
        expect: hex(expect),
    }
}

fn extract_command(salt: &str, input: &[u8]) -> String {
    format!(
        "openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt mode:EXTRACT_ONLY -kdfopt hexkey:{} -kdfopt hexsalt:{salt} HKDF",
        hex(input)
    )
}

/// `X(E(secret, "derived", ""), input)`.
pub(super) fn derive_and_extract(
    what: &str,
    secret: &[u8; 32],
    input: &[u8],
    expect: &[u8; 32],
) -> Recompute {
    let derive = expand_command(&hex(secret), "derived", &[], 32);
    let salt = format!("$({derive} | tr -d ':\\n')");
    Recompute {
        what: format!("{what} (HKDF-Expand, then HKDF-Extract, RFC 5869)"),
        tool: Tool::OpenSsl,
        command: extract_command(&salt, input),
        expect: hex(expect),
    }
}

/// Opens a sealed text.
pub(super) fn aes_gcm(
    what: &str,
    key: &[u8; 32],
    nonce: &[u8; 12],
    associated: &[u8],
    sealed: &[u8],
    text: &[u8],
) -> Recompute {
    Recompute {
        what: format!("{what} (AES-256-GCM, SP 800-38D)"),
        tool: Tool::Python,
        command: format!(
            "{} | python3 -c \"import sys; from cryptography.hazmat.primitives.ciphers.aead import AESGCM; h = bytes.fromhex; print(AESGCM(h('{}')).decrypt(h('{}'), sys.stdin.buffer.read(), h('{}')).hex())\"",
            decoded(sealed),
            hex(key),
            hex(nonce),
            hex(associated)
        ),
        expect: hex(text),
    }
}

/// The nonce of a record: the IV with the counter XORed in.
pub(super) fn nonce_line(iv: &[u8; 12], counter: u64, nonce: &[u8; 12]) -> Recompute {
    Recompute {
        what: "the nonce, from the IV and the counter (XOR)".to_owned(),
        tool: Tool::Python,
        command: format!("python3 -c \"print('%024x' % (0x{} ^ {counter}))\"", hex(iv)),
        expect: hex(nonce),
    }
}

/// The tag of a sealed text.
pub(super) fn tag_line(
    key: &[u8; 32],
    nonce: &[u8; 12],
    associated: &[u8],
    text: &[u8],
    tag: &[u8],
) -> Recompute {
    Recompute {
        what: "the tag (AES-256-GCM, SP 800-38D)".to_owned(),
        tool: Tool::Python,
        command: format!(
            "{} | python3 -c \"import sys; from cryptography.hazmat.primitives.ciphers.aead import AESGCM; h = bytes.fromhex; print(AESGCM(h('{}')).encrypt(h('{}'), sys.stdin.buffer.read(), h('{}'))[-16:].hex())\"",
            decoded(text),
            hex(key),
            hex(nonce),
            hex(associated)
        ),
        expect: hex(tag),
    }
}

/// The root of the tree that a batch's signature covers (RFC 9162, 2.1.3.2), from one statement and its path.
pub(super) fn root_line(
    what: &str,
    statement: &[u8],
    index: u8,
    size: u8,
    path: &[[u8; 32]],
    root: &[u8],
) -> Recompute {
    let (mut at, mut last) = (index, size.saturating_sub(1));
    let mut steps = Vec::new();
    for hash in path {
        let from_left = at & 1 == 1 || at == last;
        steps.push(format!("(h('{}'), {})", hex(hash), u8::from(from_left)));
        if from_left {
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        }
        (at, last) = (at >> 1, last >> 1);
    }
    Recompute {
        what: format!("the root of the batch that {what} covers (Merkle tree, RFC 9162, 2.1.3)"),
        tool: Tool::Python,
        command: format!(
            "{} | python3 -c \"import sys, functools, hashlib; h = bytes.fromhex; s = lambda n, b: hashlib.sha256(bytes([n]) + b).digest(); print(functools.reduce(lambda r, p: s(1, p[0] + r if p[1] else r + p[0]), [{}], s(0, sys.stdin.buffer.read())).hex())\"",
            decoded(statement),
            steps.join(", ")
        ),
        expect: hex(root),
    }
}

/// An X25519 public key, from its private one.
pub(super) fn x25519_public_line(what: &str, private: &[u8; 32], public: &[u8; 32]) -> Recompute {
    Recompute {
        what: format!("{what}, from its private half (X25519, RFC 7748, 5)"),
        tool: Tool::Python,
        command: format!(
            "python3 -c \"from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey as S; print(S.from_private_bytes(bytes.fromhex('{}')).public_key().public_bytes_raw().hex())\"",
            hex(private)
        ),
        expect: hex(public),
    }
}

/// The shared secret of X25519.
pub(super) fn x25519_line(what: &str, private: &[u8; 32], peer: &[u8; 32], secret: &[u8]) -> Recompute {
    Recompute {
        what: format!("{what}, the shared secret (X25519, RFC 7748, 6.1)"),
        tool: Tool::Python,
        command: format!(
            "python3 -c \"from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey as S, X25519PublicKey as P; h = bytes.fromhex; print(S.from_private_bytes(h('{}')).exchange(P.from_public_bytes(h('{}'))).hex())\"",
            hex(private),
            hex(peer)
        ),
        expect: hex(secret),
    }
}

/// The shared secret of ML-KEM, from the seed of its key.
pub(super) fn ml_kem_line(what: &str, seed: &[u8], ciphertext: &[u8], secret: &[u8]) -> Recompute {
    Recompute {
        what: format!("{what}, the shared secret (ML-KEM-768, FIPS 203, 7.3; cryptography 48 knows it)"),
        tool: Tool::PythonWithMlKem,
        command: format!(
            "{} | python3 -c \"import sys; from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey as S; print(S.from_seed_bytes(bytes.fromhex('{}')).decapsulate(sys.stdin.buffer.read()).hex())\"",
            decoded(ciphertext),
            hex(seed)
        ),
        expect: hex(secret),
    }
}

/// RSAES-OAEP with SHA-256 and a known seed, step by step as RFC 8017, 7.1.1 has it.
pub(super) fn oaep_line(
    what: &str,
    key_der: &[u8],
    label: &[u8],
    message: &[u8; 32],
    seed: &[u8; 32],
    wrapped: &[u8],
) -> Recompute {
    let script = "H = lambda b: hashlib.sha256(b).digest(); M = lambda s, n: b''.join(H(s + i.to_bytes(4, 'big')) for i in range(n // 32 + 1))[:n]; X = lambda a, b: bytes(p ^ q for p, q in zip(a, b)); N = K.public_numbers().n; k = (N.bit_length() + 7) // 8; d = X(H(L) + bytes(k - 98) + bytes([1]) + m, M(s, k - 33)); print('%0*x' % (2 * k, pow(int.from_bytes(X(s, M(d, 32)) + d, 'big'), 65537, N)))";
    Recompute {
        what: format!("{what} (RSAES-OAEP, RFC 8017, 7.1.1)"),
        tool: Tool::Python,
        command: format!(
            "{} | python3 -c \"import sys, hashlib; from cryptography.hazmat.primitives.serialization import load_der_public_key; h = bytes.fromhex; K = load_der_public_key(sys.stdin.buffer.read()); L, m, s = h('{}'), h('{}'), h('{}'); {script}\"",
            decoded(key_der),
            hex(label),
            hex(message),
            hex(seed)
        ),
        expect: hex(wrapped),
    }
}

/// The names of the seven emoji: the first 42 bits of `H("sas", fields)`, six for each.
pub(super) fn emoji_line(fields: &[&[u8]], names: &[&str]) -> Recompute {
    let alphabet: Vec<&str> = SAS_EMOJI.iter().map(|(_, name)| *name).collect();
    Recompute {
        what: "the seven emoji, from both identities, nG and nH (SHA-256)".to_owned(),
        tool: Tool::Python,
        command: format!(
            "python3 -c \"import hashlib; n = '{}'.split(','); b = int.from_bytes(hashlib.sha256(bytes.fromhex('{}')).digest()[:6], 'big'); print(', '.join(n[b >> (42 - 6 * i) & 63] for i in range(7)))\"",
            alphabet.join(","),
            hex(&labelled("sas", fields))
        ),
        expect: names.join(", "),
    }
}

/// Checks a signature, with `openssl` and with Python.
pub(super) fn signature_lines(what: &str, key_der: &[u8], rsa: &[u8], signed: &[u8]) -> [Recompute; 2] {
    let b64 = Base64::encode_string;
    let openssl = format!(
        "cd \"$(mktemp -d)\" && echo {} | base64 -d > key && echo {} | base64 -d > signature && echo {} | base64 -d > statement && openssl dgst -sha256 -verify key -keyform DER -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -signature signature statement",
        b64(key_der),
        b64(rsa),
        b64(signed)
    );
    let python = format!(
        "python3 -c \"from base64 import b64decode as b; from cryptography.hazmat.primitives import serialization as s, hashes as h; from cryptography.hazmat.primitives.asymmetric import padding as p; s.load_der_public_key(b('{}')).verify(b('{}'), b('{}'), p.PSS(p.MGF1(h.SHA256()), 32), h.SHA256()); print('right')\"",
        b64(key_der),
        b64(rsa),
        b64(signed)
    );
    let line = |tool, command, expect: &str| Recompute {
        what: format!("{what} (RSASSA-PSS, RFC 8017, 8.1)"),
        tool,
        command,
        expect: expect.to_owned(),
    };
    [
        line(Tool::OpenSsl, openssl, "Verified OK"),
        line(Tool::Python, python, "right"),
    ]
}
