//! AES for looking at: one block's state through every step of every round (FIPS 197).
//!
//! This is for teaching and must not encrypt anything: it is slow, and its timing depends on the key. Real encryption
//! is in `aes_256_gcm`.

/// What was done to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The block as it came in.
    Input,
    /// Each byte replaced through the S-box.
    SubBytes,
    /// Row `r` turned `r` places to the left.
    ShiftRows,
    /// Each column multiplied by a fixed polynomial.
    MixColumns,
    /// The round's key added.
    AddRoundKey,
}

impl Operation {
    /// The name in the standard.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Input => "Input",
            Operation::SubBytes => "SubBytes",
            Operation::ShiftRows => "ShiftRows",
            Operation::MixColumns => "MixColumns",
            Operation::AddRoundKey => "AddRoundKey",
        }
    }
}

/// One step of a block's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The round, from 0 (only a key is added) to the last (no columns are mixed).
    pub round: usize,
    /// What was done.
    pub operation: Operation,
    /// The state afterwards. Byte `i` stands in row `i % 4` and column `i / 4`.
    pub state: [u8; 16],
}

/// A block's way through AES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Every step, from the input to the output.
    pub stages: Vec<Stage>,
    /// The key of each round.
    pub round_keys: Vec<[u8; 16]>,
}

impl Trace {
    /// The encrypted block.
    pub fn output(&self) -> [u8; 16] {
        self.stages.last().map_or([0; 16], |stage| stage.state)
    }
}

/// Encrypts one block and keeps every step. `None` unless the key has 16, 24 or 32 bytes.
pub fn trace(key: &[u8], block: [u8; 16]) -> Option<Trace> {
    let round_keys = expand(key)?;
    let last = round_keys.len() - 1;
    let mut stages = Vec::with_capacity(2 + 4 * last);
    let mut state = block;
    let mut note = |round, operation, state: [u8; 16]| {
        stages.push(Stage {
            round,
            operation,
            state,
        })
    };
    note(0, Operation::Input, state);
    for (round, round_key) in round_keys.iter().enumerate() {
        if round > 0 {
            state = state.map(substitute);
            note(round, Operation::SubBytes, state);
            state = shift_rows(state);
            note(round, Operation::ShiftRows, state);
            if round < last {
                state = mix_columns(state);
                note(round, Operation::MixColumns, state);
            }
        }
        state = std::array::from_fn(|i| state[i] ^ round_key[i]);
        note(round, Operation::AddRoundKey, state);
    }
    Some(Trace { stages, round_keys })
}

/// The S-box's value for a byte: the inverse in GF(2⁸), then an affine map (section 5.1.1).
pub fn substitute(byte: u8) -> u8 {
    S_BOX[usize::from(byte)]
}

fn shift_rows(state: [u8; 16]) -> [u8; 16] {
    std::array::from_fn(|i| state[(i + 4 * (i % 4)) % 16])
}

fn mix_columns(state: [u8; 16]) -> [u8; 16] {
    std::array::from_fn(|i| {
        let byte = |down: usize| state[i / 4 * 4 + (i + down) % 4];
        multiply(byte(0), 2) ^ multiply(byte(1), 3) ^ byte(2) ^ byte(3)
    })
}

/// The key schedule (section 5.2), as the keys of the rounds.
fn expand(key: &[u8]) -> Option<Vec<[u8; 16]>> {
    if !matches!(key.len(), 16 | 24 | 32) {
        return None;
    }
    let key_words = key.len() / 4;
    let mut words: Vec<[u8; 4]> = key
        .chunks_exact(4)
        .map(|word| [word[0], word[1], word[2], word[3]])
        .collect();
    let mut constant = 1u8;
    for i in key_words..4 * (key_words + 7) {
        let mut word = words[i - 1];
        if i % key_words == 0 {
            word.rotate_left(1);
            word = word.map(substitute);
            word[0] ^= constant;
            constant = multiply(constant, 2);
        } else if key_words > 6 && i % key_words == 4 {
            word = word.map(substitute);
        }
        let before = words[i - key_words];
        words.push(std::array::from_fn(|byte| word[byte] ^ before[byte]));
    }
    Some(
        words
            .chunks_exact(4)
            .map(|four| std::array::from_fn(|i| four[i / 4][i % 4]))
            .collect(),
    )
}

/// Multiplies in GF(2⁸) modulo x⁸ + x⁴ + x³ + x + 1 (section 4.2).
const fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = (a << 1) ^ if a & 0x80 != 0 { 0x1b } else { 0 };
        b >>= 1;
    }
    product
}

static S_BOX: [u8; 256] = s_box();

/// Walks through all powers of the generator 3 and of its inverse side by side: `p · q` stays 1.
const fn s_box() -> [u8; 256] {
    let mut table = [0; 256];
    let (mut p, mut q) = (1u8, 1u8);
    loop {
        p = multiply(p, 3);
        q = multiply(q, 0xf6);
        let affine = q ^ q.rotate_left(1) ^ q.rotate_left(2) ^ q.rotate_left(3) ^ q.rotate_left(4);
        table[p as usize] = affine ^ 0x63;
        if p == 1 {
            break;
        }
    }
    table[0] = 0x63;
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(hex: &str) -> [u8; 16] {
        std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
    }

    fn state(trace: &Trace, round: usize, operation: Operation) -> [u8; 16] {
        trace
            .stages
            .iter()
            .find(|s| s.round == round && s.operation == operation)
            .unwrap()
            .state
    }

    #[test]
    fn the_cipher_example_of_appendix_b_is_traced() {
        // FIPS 197, appendix B.
        let key = block("2b7e151628aed2a6abf7158809cf4f3c");
        let trace = trace(&key, block("3243f6a8885a308d313198a2e0370734")).unwrap();
        assert_eq!(
            state(&trace, 0, Operation::AddRoundKey),
            block("193de3bea0f4e22b9ac68d2ae9f84808")
        );
        assert_eq!(
            state(&trace, 1, Operation::SubBytes),
            block("d42711aee0bf98f1b8b45de51e415230")
        );
        assert_eq!(
            state(&trace, 1, Operation::ShiftRows),
            block("d4bf5d30e0b452aeb84111f11e2798e5")
        );
        assert_eq!(
            state(&trace, 1, Operation::MixColumns),
            block("046681e5e0cb199a48f8d37a2806264c")
        );
        assert_eq!(trace.round_keys[1], block("a0fafe1788542cb123a339392a6c7605"));
        assert_eq!(
            state(&trace, 1, Operation::AddRoundKey),
            block("a49c7ff2689f352b6b5bea43026a5049")
        );
        assert_eq!(trace.round_keys[10], block("d014f9a8c9ee2589e13f0cc8b6630ca6"));
        assert_eq!(trace.output(), block("3925841d02dc09fbdc118597196a0b32"));
        assert_eq!(trace.stages.len(), 2 + 9 * 4 + 3);
    }

    #[test]
    fn all_key_sizes_of_appendix_c_come_out() {
        // FIPS 197, appendix C.1 to C.3.
        let key: Vec<u8> = (0..32).collect();
        let plaintext = block("00112233445566778899aabbccddeeff");
        for (bytes, output) in [
            (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),
            (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),
            (32, "8ea2b7ca516745bfeafc49904b496089"),
        ] {
            assert_eq!(
                trace(&key[..bytes], plaintext).unwrap().output(),
                block(output),
                "{bytes}"
            );
        }
        // Appendix C.3, round 1 and round 14.
        let long = trace(&key, plaintext).unwrap();
        assert_eq!(
            state(&long, 1, Operation::SubBytes),
            block("63cab7040953d051cd60e0e7ba70e18c")
        );
        assert_eq!(
            state(&long, 1, Operation::MixColumns),
            block("5f72641557f5bc92f7be3b291db9f91a")
        );
        assert_eq!(long.round_keys.len(), 15);
    }

    #[test]
    fn a_key_of_another_size_is_refused() {
        assert!(trace(&[0; 31], [0; 16]).is_none());
        assert!(trace(&[], [0; 16]).is_none());
    }
}
