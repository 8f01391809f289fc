//! What can't be read any more is named, wherever one would have read it.

use super::*;
use crate::store::log::entry_key;

fn searched(vault: &Vault, question: &str) -> Searched {
    let words = Words::parse(question).unwrap();
    vault
        .search(&ROOM, &words, &mut |_| ControlFlow::Continue(()))
        .unwrap()
}

fn copies(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().contains("damaged-"))
        .count()
}

#[test]
fn a_part_of_a_log_names_what_of_it_is_damaged_or_gone_and_the_file_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 100);
    assert!(vault.log_part(&ROOM, 1..101).unwrap().lost.is_empty());
    assert_eq!(copies(folder.path()), 0);
    // The record of entries 32 to 47 is damaged, that of 64 to 79 is gone as with a page of the file.
    damage_entry(&vault, 32);
    vault
        .write(|writing| writing.drop_row(Table::Log, &entry_key(&ROOM, 64)))
        .unwrap();
    let part = vault.log_part(&ROOM, 1..101).unwrap();
    assert_eq!(part.lost, [32..48, 64..80]);
    assert_eq!(part.rows.len(), 68);
    assert_eq!(copies(folder.path()), 1);
    assert_eq!(lost_numbers(&vault, 70..75), [70, 71, 72, 73, 74]);
    // What was left out on purpose is not lost.
    vault
        .write(|writing| writing.append(&ROOM, None, &[row(200, "behind a gap")]))
        .unwrap();
    assert!(vault.log_part(&ROOM, 90..201).unwrap().lost.is_empty());
}

#[test]
fn a_search_says_how_much_it_could_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 600);
    assert_eq!(searched(&vault, "message").lost, 0);
    damage_entry(&vault, 32);
    // The words of the block are there, so it is known that these have them.
    assert_eq!(searched(&vault, "message").lost, 16);
    assert_eq!(searched(&vault, "elephant").lost, 0);
    // Without the words of the block its entries are read.
    vault
        .write(|writing| writing.drop_row(Table::Texts, &entry_key(&ROOM, 0)))
        .unwrap();
    assert_eq!(found(&vault, "number 213"), [213]);
    assert_eq!(searched(&vault, "elephant").lost, 16);
}

#[test]
fn an_export_names_what_it_could_not_read_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 40);
    damage_entry(&vault, 16);
    let path = folder.path().join("export");
    for format in [ExportFormat::Text, ExportFormat::Markdown, ExportFormat::Json] {
        let what = Export {
            format,
            with_private: false,
        };
        let exported = vault
            .export_room(&kept(), &Default::default(), what, &path)
            .unwrap();
        assert_eq!((exported.messages, exported.lost), (24, 16));
        let file = std::fs::read_to_string(&path).unwrap();
        if format == ExportFormat::Json {
            let file: serde_json::Value = serde_json::from_str(&file).unwrap();
            assert_eq!(file["unreadable"], serde_json::json!([[16, 31]]));
            assert_eq!(file["messages"].as_array().unwrap().len(), 24);
            continue;
        }
        let place = |text: &str| file.find(text).unwrap_or_else(|| panic!("{text} in {file}"));
        let mark = place("entries 16 to 31 can't be read any more");
        assert!(place("Message number 15") < mark && mark < place("Message number 32"));
    }
}
