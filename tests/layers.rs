//! The table of layers in `docs/architecture.md`, executed: who may name whom, and what no layer touches.

use std::path::{Path, PathBuf};

/// A layer, the layers that it may name, and words that must not stand in its code.
struct Layer {
    name: &'static str,
    may_name: &'static [&'static str],
    never: &'static [&'static str],
}

const SOCKETS: &[&str] = &["std::net::Tcp", "std::net::Udp", "mio::", "socket2::"];
const FILES: &[&str] = &["std::fs", "File::", "OpenOptions"];
/// Ways to read until memory is gone; `files` has the ones with a limit.
const WHOLE: &[&str] = &["fs::read(", "read_to_string(", "read_to_end("];
const THREADS: &[&str] = &["std::thread", "thread::Builder", "crossbeam_channel"];
const CLOCK: &[&str] = &["Instant::now", "SystemTime::now"];
const WINDOW: &[&str] = &["egui", "eframe"];
/// The ways into states with checks left out, which are the attack lab's alone. Its wish `Removed` is
/// a word of the room too, for members whom a host removed; so it is known by where it comes from, and
/// by its one public value.
const ABLATION: &[&str] = &[
    "start_with(",
    "check_with(",
    "create_with(",
    "join_with(",
    "Checks",
    "Without<",
    "Ablation",
    "ablation",
    "mallory",
    "Removed::NOTHING",
];

const LAYERS: &[(Layer, &[&[&str]])] = &[
    (layer("files", &[]), &[SOCKETS, THREADS, CLOCK, WINDOW]),
    (layer("crypto", &[]), &[SOCKETS, FILES, THREADS, CLOCK, WINDOW]),
    (
        layer("protocol", &["crypto"]),
        &[SOCKETS, FILES, THREADS, CLOCK, WINDOW],
    ),
    (
        layer("store", &["files", "crypto", "protocol"]),
        &[SOCKETS, WHOLE, THREADS, WINDOW, ABLATION],
    ),
    (
        layer("net", &["inspect", "protocol", "crypto", "store"]),
        &[FILES, WINDOW, ABLATION],
    ),
    (
        layer("inspect", &["protocol", "crypto"]),
        &[SOCKETS, FILES, THREADS, CLOCK, WINDOW],
    ),
    (
        layer("mallory", &["inspect", "protocol", "crypto"]),
        &[FILES, WINDOW],
    ),
    (
        layer("session", &["net", "inspect", "protocol", "crypto", "store"]),
        &[SOCKETS, FILES, THREADS, CLOCK, WINDOW, ABLATION],
    ),
    (layer("ciphers", &[]), &[SOCKETS, FILES, THREADS, CLOCK, WINDOW]),
    (
        layer("analysis", &["ciphers"]),
        &[SOCKETS, FILES, THREADS, CLOCK, WINDOW],
    ),
    (layer("lab", &["ciphers", "analysis"]), &[SOCKETS, FILES, WINDOW]),
    (
        layer("ui", &["session", "mallory", "lab", "analysis", "ciphers"]),
        &[SOCKETS, FILES, THREADS, CLOCK],
    ),
    (
        layer(
            "terminal",
            &["session", "net", "mallory", "lab", "analysis", "ciphers", "files"],
        ),
        &[SOCKETS, WHOLE, WINDOW],
    ),
];

const fn layer(name: &'static str, may_name: &'static [&'static str]) -> Layer {
    Layer {
        name,
        may_name,
        never: &[],
    }
}

#[test]
fn each_layer_names_only_those_that_it_may() {
    let names: Vec<&str> = LAYERS.iter().map(|(layer, _)| layer.name).collect();
    let mut faults = Vec::new();
    for (layer, _) in LAYERS {
        for (path, code) in sources(layer.name) {
            for other in names
                .iter()
                .filter(|other| **other != layer.name && !layer.may_name.contains(*other))
            {
                for way in [format!("crate::{other}"), format!("cipher_room::{other}")] {
                    if names_module(&code, &way) {
                        faults.push(format!("{}: {} may not name {other}", path.display(), layer.name));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_layer_leaves_alone_what_belongs_to_others() {
    let mut faults = Vec::new();
    for (layer, never) in LAYERS {
        for (path, code) in sources(layer.name) {
            for word in never.iter().flat_map(|words| words.iter()).chain(layer.never) {
                if touches(&code, word) {
                    faults.push(format!("{}: {} may not touch {word}", path.display(), layer.name));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// `app` is no layer, and reads files.
#[test]
fn what_is_read_whole_has_a_limit() {
    let mut faults = Vec::new();
    let main = (
        root().join("main.rs"),
        std::fs::read_to_string(root().join("main.rs")).unwrap(),
    );
    for (path, code) in sources("app").into_iter().chain([main]) {
        for word in WHOLE.iter().filter(|word| touches(&code, word)) {
            faults.push(format!("{}: {word} has no limit", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(
        WHOLE
            .iter()
            .any(|word| touches("let all = std::fs::read(path)?;", word))
    );
}

#[test]
fn every_folder_of_the_source_is_a_layer() {
    for entry in std::fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        // `app` wires all layers and is none itself.
        if path.is_dir() && !path.ends_with("app") {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(
                LAYERS.iter().any(|(layer, _)| layer.name == name),
                "{name} is not in the table"
            );
        }
    }
}

#[test]
fn every_file_says_at_its_top_what_it_is_for() {
    let mut faults = Vec::new();
    for (path, code) in files(&root()) {
        if !code.starts_with("//! ") {
            faults.push(path.display().to_string());
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_test_sees_a_fault_when_there_is_one() {
    assert!(names_module("use crate::net::Node;", "crate::net"));
    assert!(names_module("let x = crate::net::f();", "crate::net"));
    assert!(!names_module("use crate::network::Node;", "crate::net"));
    assert!(!names_module("//! See crate::net for more.", "crate::net"));
    for code in [
        "use crate::mallory::Removed;",
        "use crate::{mallory::{self as lab}, net};",
        "let nothing = Removed::NOTHING;",
        "let log: RoomLog<Without<4>> = made;",
        "let log = RoomLog::join_with(room, host);",
    ] {
        assert!(ABLATION.iter().any(|word| touches(code, word)), "{code}");
    }
    for code in [
        "DepartureReason::Removed => None,",
        "ClosedReason::Removed { banned }",
        "// The host is not mallory.",
    ] {
        assert!(!ABLATION.iter().any(|word| touches(code, word)), "{code}");
    }
    assert_eq!(
        test_modules("mod a;\n#[cfg(test)]\nmod deaths;\nmod b;\n#[cfg(test)]\nmod tests {\nuse x;\n}"),
        ["deaths"]
    );
    assert_eq!(
        without_tests("a\n#[cfg(test)]\nmod tests {\nuse crate::net;\n}"),
        "a"
    );
}

fn touches(code: &str, word: &str) -> bool {
    code.lines()
        .any(|line| !line.trim_start().starts_with("//") && line.contains(word))
}

fn names_module(code: &str, way: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| {
            line.match_indices(way)
                .map(move |(at, _)| &line[at + way.len()..])
        })
        .any(|behind| !behind.starts_with(is_word))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of a layer without their tests.
fn sources(layer: &str) -> Vec<(PathBuf, String)> {
    let all = files(&root().join(layer));
    let for_tests: Vec<String> = all.iter().flat_map(|(_, code)| test_modules(code)).collect();
    let is_for_tests = |path: &Path| {
        let mut parts = path.with_extension("");
        parts = parts.strip_prefix(root()).unwrap_or(&parts).to_owned();
        parts
            .iter()
            .any(|part| for_tests.iter().any(|name| part == name.as_str()))
    };
    all.into_iter()
        .filter(|(path, _)| !is_for_tests(path))
        .map(|(path, code)| (path, without_tests(&code)))
        .collect()
}

/// The files and folders that a file names for tests alone.
fn test_modules(code: &str) -> Vec<String> {
    code.split("#[cfg(test)]\n")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix("mod ")?.split_once(';'))
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.contains('\n'))
        .collect()
}

fn without_tests(code: &str) -> String {
    let end = code.find("\n#[cfg(test)]\nmod tests").unwrap_or(code.len());
    code[..end].to_owned()
}

fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            let code = std::fs::read_to_string(&path).unwrap();
            found.push((path, code));
        }
    }
    found
}
