//! Signatures over labelled statements, one at a time or up to 64 under one RSA operation.
//!
//! A batch is signed through the root of a Merkle tree (RFC 9162, section 2.1, hashing of RFC 6962);
//! each item carries its path to the root. A batch of one is an ordinary signature.

use rand::CryptoRng;
use sha2::{Digest as _, Sha256};

use super::digest::{Digest, labelled_bytes};
use super::{CryptoError, Identity, PublicIdentity};

/// The most statements that one signature covers.
pub const MAX_BATCH: usize = 64;

/// The exact bytes that are signed: a label and fields, so that no signature has two meanings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement(Vec<u8>);

impl Statement {
    /// `"CR/1 sign " label` behind one byte of length, then each field behind four.
    pub fn new(label: &str, fields: &[&[u8]]) -> Statement {
        Statement(labelled_bytes(&format!("sign {label}"), fields))
    }

    /// What `openssl dgst -verify` must be given.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn of_batch(size: u8, root: &Digest) -> Statement {
        Statement::new("batch", &[&[size], root])
    }
}

/// An RSASSA-PSS signature over one statement, alone or as a leaf of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The RSA signature: over the statement itself, or over the batch's root.
    pub rsa: Vec<u8>,
    /// The statement's place in the batch, from 0.
    pub index: u8,
    /// How many statements the batch has; 1 for an ordinary signature.
    pub size: u8,
    /// The sibling hashes from the leaf to the root.
    pub path: Vec<Digest>,
}

impl Signature {
    /// Checks that `signer` signed `statement`. One error for every cause.
    pub fn verify(&self, signer: &PublicIdentity, statement: &Statement) -> Result<(), CryptoError> {
        signer.verify_bytes(self.signed_statement(statement)?.as_bytes(), &self.rsa)
    }

    /// What the RSA signature is over: the statement itself, or its batch. Two signatures with equal
    /// `rsa` bytes and equal signed statements need one RSA operation only.
    pub fn signed_statement(&self, statement: &Statement) -> Result<Statement, CryptoError> {
        match (self.size, self.index) {
            (1, 0) if self.path.is_empty() => Ok(statement.clone()),
            // A batch of one has no path: the walk refuses any.
            (size, index) if usize::from(size) <= MAX_BATCH && index < size => {
                let root = root_from_path(leaf(statement), index, size, &self.path)?;
                Ok(Statement::of_batch(size, &root))
            }
            _ => Err(CryptoError::BadSignature),
        }
    }
}

/// Signs 1 to [`MAX_BATCH`] statements with one RSA operation; the answers are in the same order.
///
/// # Panics
/// When there are none or more than [`MAX_BATCH`]: the caller cuts its queue.
pub fn sign_batch(
    signer: &Identity,
    statements: &[Statement],
    rng: &mut dyn CryptoRng,
) -> Result<Vec<Signature>, CryptoError> {
    assert!(
        (1..=MAX_BATCH).contains(&statements.len()),
        "a batch has 1 to 64 statements"
    );
    if let [only] = statements {
        let rsa = signer.sign_bytes(only.as_bytes(), rng)?;
        return Ok(vec![Signature {
            rsa,
            index: 0,
            size: 1,
            path: Vec::new(),
        }]);
    }
    let levels = levels(statements.iter().map(leaf).collect());
    let size = statements.len() as u8;
    let rsa = signer.sign_bytes(Statement::of_batch(size, &root(&levels)).as_bytes(), rng)?;
    let sign_leaf = |index| Signature {
        rsa: rsa.clone(),
        index: index as u8,
        size,
        path: path(index, &levels),
    };
    Ok((0..statements.len()).map(sign_leaf).collect())
}

/// RFC 9162, 2.1.1: the hash of a leaf.
fn leaf(statement: &Statement) -> Digest {
    Sha256::new()
        .chain_update([0])
        .chain_update(statement.as_bytes())
        .finalize()
        .into()
}

/// RFC 9162, 2.1.1: the hash of an inner node.
fn node(left: &Digest, right: &Digest) -> Digest {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// RFC 9162, 2.1.1: the tree, level by level from the leaves to the root. Neighbours pair up; a last one
/// without a neighbour moves up as it is, so that every left part is the largest power of two. Each
/// node is hashed once, however many paths go through it.
fn levels(leaves: Vec<Digest>) -> Vec<Vec<Digest>> {
    let mut levels = vec![leaves];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let pair_up = |pair: &[Digest]| match pair {
            [left, right] => node(left, right),
            alone => alone[0],
        };
        let above = below.chunks(2).map(pair_up).collect();
        levels.push(above);
    }
    levels
}

fn root(levels: &[Vec<Digest>]) -> Digest {
    levels.last().map_or([0; 32], |top| top[0])
}

/// RFC 9162, 2.1.3.1: the inclusion path of leaf `index`, from the bottom up.
fn path(index: usize, levels: &[Vec<Digest>]) -> Vec<Digest> {
    let siblings = levels.iter().enumerate();
    siblings
        .filter_map(|(height, level)| level.get((index >> height) ^ 1).copied())
        .collect()
}

/// RFC 9162, 2.1.3.2: walks an inclusion path up to the root.
fn root_from_path(leaf: Digest, index: u8, size: u8, path: &[Digest]) -> Result<Digest, CryptoError> {
    let (mut place, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return Err(CryptoError::BadSignature);
        }
        if place & 1 == 1 || place == last {
            hash = node(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last == 0 {
        Ok(hash)
    } else {
        Err(CryptoError::BadSignature)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{ADA, BOB};
    use super::*;

    fn statements(count: usize) -> Vec<Statement> {
        (0..count)
            .map(|i| Statement::new("test", &[&[i as u8]]))
            .collect()
    }

    #[test]
    fn every_statement_of_every_batch_size_verifies_and_no_other() {
        let leaves = |n| statements(n).iter().map(leaf).collect::<Vec<_>>();
        for size in 2..=MAX_BATCH {
            let leaves = leaves(size);
            let levels = levels(leaves.clone());
            let root = root(&levels);
            for (i, own) in leaves.iter().enumerate() {
                let way = path(i, &levels);
                assert_eq!(root_from_path(*own, i as u8, size as u8, &way), Ok(root));
                let other = (i + 1) % size;
                assert_ne!(root_from_path(leaves[other], i as u8, size as u8, &way), Ok(root));
                assert_ne!(root_from_path(*own, other as u8, size as u8, &way), Ok(root));
                assert!(root_from_path(*own, i as u8, size as u8, &way[1..]).is_err());
            }
        }
    }

    #[test]
    fn one_statement_makes_an_ordinary_signature() {
        let ada = Identity::from_pem(ADA).unwrap();
        let all = statements(1);
        let signature = sign_batch(&ada, &all, &mut rand::rng()).unwrap().remove(0);
        assert_eq!(
            ada.public().verify_bytes(all[0].as_bytes(), &signature.rsa),
            Ok(())
        );
        assert_eq!(signature.verify(ada.public(), &all[0]), Ok(()));
    }

    #[test]
    fn a_place_outside_its_batch_and_a_path_that_does_not_fit_are_refused() {
        let shapes = [
            (0, 0, 0),
            (1, 0, 1),
            (1, 1, 0),
            (2, 0, 0),
            (2, 0, 2),
            (2, 2, 1),
            (5, 5, 3),
            (5, 200, 3),
            (65, 0, 7),
        ];
        for (size, index, length) in shapes {
            let signature = Signature {
                rsa: vec![0; 384],
                index,
                size,
                path: vec![[7; 32]; length],
            };
            assert_eq!(
                signature.signed_statement(&statements(1)[0]),
                Err(CryptoError::BadSignature),
                "{size} {index} {length}"
            );
        }
    }

    #[test]
    fn a_batch_is_bound_to_signer_statement_place_and_size() {
        let (ada, bob) = (Identity::from_pem(ADA).unwrap(), Identity::from_pem(BOB).unwrap());
        let all = statements(5);
        let signed = sign_batch(&ada, &all, &mut rand::rng()).unwrap();
        for (signature, statement) in signed.iter().zip(&all) {
            assert_eq!(signature.verify(ada.public(), statement), Ok(()));
            assert_eq!(
                signature.verify(bob.public(), statement),
                Err(CryptoError::BadSignature)
            );
        }
        assert!(signed[0].verify(ada.public(), &all[1]).is_err());
        for spoiled in [
            Signature {
                index: 1,
                ..signed[0].clone()
            },
            Signature {
                size: 6,
                ..signed[0].clone()
            },
            Signature {
                size: 0,
                ..signed[0].clone()
            },
            Signature {
                size: 1,
                ..signed[0].clone()
            },
            Signature {
                size: 65,
                ..signed[0].clone()
            },
            Signature {
                index: 5,
                ..signed[0].clone()
            },
            Signature {
                path: Vec::new(),
                ..signed[0].clone()
            },
        ] {
            assert_eq!(
                spoiled.verify(ada.public(), &all[0]),
                Err(CryptoError::BadSignature)
            );
        }
    }

    #[test]
    fn the_root_is_the_one_of_rfc_6962() {
        // The eight leaves and the root of the Certificate Transparency reference tree
        // (github.com/google/certificate-transparency, merkletree/merkle_tree_test.cc).
        let inputs: [&[u8]; 8] = [
            &[],
            &[0],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[
                0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
                0x6f,
            ],
        ];
        let leaves: Vec<Digest> = inputs.iter().map(|i| leaf(&Statement(i.to_vec()))).collect();
        let hex: String = root(&levels(leaves)).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
    }
}
