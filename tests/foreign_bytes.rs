//! The fuzz targets' entry points, run for a bounded while on spoilt genuine bytes and on noise.
//!
//! `UPDATE_SEEDS=1 cargo test --test foreign_bytes` writes `fuzz/seeds/` anew. What a fuzzer finds one
//! day is kept there too: every file of a target's folder is run. A panic of ours that somebody catches counts as well: the
//! vault takes one for a damaged file.

#[path = "../fuzz/src/lib.rs"]
mod entries;

use std::panic::{set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Inputs for each entry point; an RSA operation stands behind some, so that this takes seconds.
const INPUTS: usize = 400;
/// Inputs for those that write files, and stretch a passphrase now and then.
const INPUTS_ON_DISK: usize = 40;
/// Those.
const ON_DISK: [&str; 4] = ["imported_keys", "profile_files", "backups", "kept_rows"];

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn folder(name: &str) -> PathBuf {
    fuzz().join("seeds").join(name)
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

/// Panics in `src/` so far; other crates may panic inside of ours, which says then that the bytes are damaged.
static OUR_PANICS: AtomicUsize = AtomicUsize::new(0);

/// The first that any test does here: an entry point sets a hook before this one, and neither may be lost.
fn count_our_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            let file = panic.location().map(|at| Path::new(at.file()));
            let is_ours = file.is_some_and(|file| file.starts_with("src"));
            OUR_PANICS.fetch_add(usize::from(is_ours), Ordering::Relaxed);
            before(panic);
        }));
    });
}

fn run(name: &str, entry: entries::EntryPoint, input: &[u8]) {
    entry(input);
    let panics = OUR_PANICS.load(Ordering::Relaxed);
    assert_eq!(panics, 0, "{name} with {input:02x?}");
}

#[test]
fn no_entry_point_panics_on_spoilt_bytes() {
    count_our_panics();
    for (number, (name, entry)) in entries::ALL.iter().enumerate() {
        let mut rng = StdRng::seed_from_u64(number as u64);
        let seeds = kept(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        seeds.iter().for_each(|seed| run(name, *entry, seed));
        let inputs = match ON_DISK.contains(name) {
            true => INPUTS_ON_DISK,
            false => INPUTS,
        };
        for _ in 0..inputs {
            run(name, *entry, &spoilt(&seeds, &mut rng));
        }
        run(name, *entry, &[]);
    }
}

#[test]
fn every_target_has_its_seeds_and_its_file() {
    count_our_panics();
    for (name, _) in entries::ALL {
        // Making them also shows that they lead to what they are for.
        let made = entries::seeds(name);
        assert!(!made.is_empty(), "{name}");
        if std::env::var_os("UPDATE_SEEDS").is_some() {
            std::fs::create_dir_all(folder(name)).unwrap();
            for (number, seed) in made.into_iter().enumerate() {
                std::fs::write(folder(name).join(format!("genuine-{number}")), seed).unwrap();
            }
        }
        assert!(!kept(name).is_empty());
        let target = std::fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs")));
        assert!(target.unwrap().contains(&format!("::{name}(data)")));
    }
    let named = |name: &str| format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for (name, _) in entries::ALL {
        assert!(manifest.contains(&named(name)), "fuzz/Cargo.toml lacks {name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), entries::ALL.len());
    let targets = std::fs::read_dir(fuzz().join("fuzz_targets")).unwrap();
    assert_eq!(targets.count(), entries::ALL.len());
}
