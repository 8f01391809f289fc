//! The fuzz targets' entry points, run for a bounded while on spoilt genuine bytes and on noise.
//!
//! `UPDATE_SEEDS=1 cargo test --test foreign_bytes` writes `fuzz/seeds/` anew. What a fuzzer finds one
//! day is kept there too: every file of a target's folder is run.

#[path = "../fuzz/src/lib.rs"]
mod entries;

use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Inputs for each entry point; an RSA operation stands behind some, so that this takes seconds.
const INPUTS: usize = 400;
/// Inputs for those that write files, and stretch a passphrase now and then.
const INPUTS_ON_DISK: usize = 40;
/// Those.
const ON_DISK: [&str; 4] = ["imported_keys", "profile_files", "backups", "kept_rows"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(name)
}

fn kept(name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(name))
        .unwrap_or_else(|_| panic!("fuzz/seeds/{name} is missing"))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A seed with a few bytes changed, cut, doubled or put in; now and then noise.
fn spoilt(seeds: &[Vec<u8>], rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = seeds[rng.random_range(0..seeds.len())].clone();
    if rng.random_ratio(1, 8) {
        bytes = vec![0; rng.random_range(0..300)];
        rng.fill(&mut bytes[..]);
    }
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..=bytes.len());
        match rng.random_range(0..5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
            1 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][rng.random_range(0..5)],
            2 => bytes.truncate(at),
            3 => {
                let end = (at + rng.random_range(0..40)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            _ => bytes.insert(at, rng.random()),
        }
    }
    bytes
}

#[test]
fn no_entry_point_panics_on_spoilt_bytes() {
    for (number, (name, entry)) in entries::ALL.iter().enumerate() {
        let mut rng = StdRng::seed_from_u64(number as u64);
        let seeds = kept(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        seeds.iter().for_each(|seed| entry(seed));
        let inputs = match ON_DISK.contains(name) {
            true => INPUTS_ON_DISK,
            false => INPUTS,
        };
        for _ in 0..inputs {
            entry(&spoilt(&seeds, &mut rng));
        }
        entry(&[]);
    }
}

#[test]
fn every_target_has_its_seeds_and_its_file() {
    for (name, _) in entries::ALL {
        if std::env::var_os("UPDATE_SEEDS").is_some() {
            std::fs::create_dir_all(folder(name)).unwrap();
            for (number, seed) in entries::seeds(name).into_iter().enumerate() {
                std::fs::write(folder(name).join(format!("genuine-{number}")), seed).unwrap();
            }
        }
        assert!(!kept(name).is_empty());
        let target = folder(name).join(format!("../../fuzz_targets/{name}.rs"));
        assert!(
            std::fs::read_to_string(target)
                .unwrap()
                .contains(&format!("::{name}(data)"))
        );
    }
}
