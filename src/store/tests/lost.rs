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

/// The places of what waits, and where something can't be read any more.
fn places(vault: &Vault) -> (Vec<u64>, Option<u64>) {
    let Queued { waiting, cut } = vault.outbox(&ROOM).unwrap();
    let waiting = waiting.iter().map(|waiting| waiting.place).collect();
    (waiting, cut.map(|cut| cut.from))
}

fn queue_many(vault: &Vault, room: &[u8; 32], count: usize) {
    let texts: Vec<String> = (0..count).map(|n| format!("waits {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    queue(vault, room, &texts);
}

#[test]
fn what_waits_in_front_of_something_damaged_waits_on_and_the_rest_is_named_and_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    queue_many(&vault, &ROOM, 40);
    queue_many(&vault, &OTHER, 3);
    // The record of places 16 to 31; 16 to 18 wait no more.
    unqueue(&vault, &[2, 16, 17, 18]);
    vault
        .write(|writing| writing.damage(Table::Outbox, &entry_key(&ROOM, 16)))
        .unwrap();
    let waits: Vec<u64> = (0..16).filter(|place| *place != 2).collect();
    assert_eq!(places(&vault), (waits.clone(), Some(19)));
    assert_eq!(copies(folder.path()), 1);
    let behind = vault.outbox(&ROOM).unwrap().cut.unwrap().behind;
    let readable: Vec<u64> = behind.iter().map(|waiting| waiting.place).collect();
    assert_eq!(readable, (32..40).collect::<Vec<_>>());
    vault.write(|writing| writing.cut_outbox(&ROOM, 19)).unwrap();
    assert_eq!(places(&vault), (waits.clone(), None));
    // What is said from here on is read, beside what is left of the damage.
    queue_many(&vault, &ROOM, 20);
    let all: Vec<u64> = waits.into_iter().chain(19..39).collect();
    assert_eq!(places(&vault), (all.clone(), None));
    unqueue(&vault, &all);
    assert_eq!(places(&vault), (Vec::new(), None));
    assert_eq!(waiting(&vault, &OTHER).len(), 3, "what waits for another room");
}

#[test]
fn of_what_waits_a_record_that_is_gone_is_named_like_a_damaged_one() {
    let vault = Vault::in_memory().unwrap();
    queue_many(&vault, &ROOM, 40);
    vault
        .write(|writing| writing.drop_row(Table::Outbox, &entry_key(&ROOM, 0)))
        .unwrap();
    assert_eq!(places(&vault), (Vec::new(), Some(0)));
    vault.write(|writing| writing.cut_outbox(&ROOM, 0)).unwrap();
    assert_eq!(places(&vault), (Vec::new(), None));
    assert_eq!(records(&vault, Table::Outbox), 1, "where the queue stands");
}

#[test]
fn an_outbox_of_which_nobody_knows_where_it_begins_goes_on_behind_all_that_may_lie_there() {
    let vault = Vault::in_memory().unwrap();
    queue_many(&vault, &ROOM, 40);
    queue_many(&vault, &OTHER, 3);
    vault
        .write(|writing| {
            writing.damage(Table::Outbox, &ROOM)?;
            // Nobody can tell any more that this one is of this room.
            writing.damage(Table::Outbox, &entry_key(&ROOM, 16))
        })
        .unwrap();
    assert_eq!(places(&vault), (Vec::new(), Some(0)));
    vault.write(|writing| writing.cut_outbox(&ROOM, 0)).unwrap();
    assert_eq!(places(&vault), (Vec::new(), None));
    let said = queue(&vault, &ROOM, &["one", "two"]);
    assert!(said.start > 40, "{said:?}");
    assert_eq!(places(&vault), (said.collect::<Vec<u64>>(), None));
    assert_eq!(waiting(&vault, &OTHER).len(), 3);
}

const CHANNELS: [[u8; 32]; 2] = [[1; 32], [2; 32]];

fn cem() -> Fingerprint {
    Fingerprint::of_der(b"cem")
}

fn say_privately(vault: &Vault, channel: usize, own: bool, seq: u64) {
    let said = Said {
        own,
        seq,
        time_ms: seq,
        text: format!("private word {seq}"),
        kept_ms: seq * 1000,
    };
    vault
        .write(|writing| writing.add_said(&ROOM, &CHANNELS[channel], (&cem(), "Cem"), &said))
        .unwrap();
}

/// Two conversations. In the first both spoke: of ours what is numbered 5 was confirmed, and 7 was not.
fn with_talks(folder: &Path) -> Vault {
    let vault = vault(folder);
    for (own, seq) in [(true, 5), (false, 6), (true, 7)] {
        say_privately(&vault, 0, own, seq);
    }
    vault
        .write(|writing| writing.confirm_said(&CHANNELS[0], 5))
        .unwrap();
    say_privately(&vault, 1, false, 1);
    vault
}

fn talk_key(channel: usize) -> Vec<u8> {
    [b"private talk ".as_slice(), &CHANNELS[channel]].concat()
}

fn damage_note(vault: &Vault, key: &[u8]) {
    vault.write(|writing| writing.damage(Table::Notes, key)).unwrap();
}

#[test]
fn a_private_conversation_that_cannot_be_read_is_counted_and_the_next_word_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let vault = with_talks(folder.path());
    let before = vault.talks(&ROOM).unwrap();
    damage_note(&vault, &talk_key(0));
    let (talks, lost) = vault.talks_and_lost(&ROOM).unwrap();
    assert_eq!((&talks[..], lost), (&before[1..], 1));
    assert_eq!(copies(folder.path()), 1);
    let words = Words::parse("private word").unwrap();
    let searched = vault
        .search_talks(&ROOM, &words, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(searched.lost, 1);
    for format in [ExportFormat::Text, ExportFormat::Markdown, ExportFormat::Json] {
        let what = Export {
            format,
            with_private: true,
        };
        let path = folder.path().join("export");
        let exported = vault
            .export_room(&kept(), &Default::default(), what, &path)
            .unwrap();
        assert_eq!((exported.messages, exported.lost), (1, 1));
        let file = std::fs::read_to_string(&path).unwrap();
        let is_named = file.contains("a private conversation can't be read any more");
        assert_eq!(is_named, format != ExportFormat::Json, "{file}");
    }
    // That it is confirmed is of no use, and no hindrance for the others.
    vault
        .write(|writing| writing.confirm_said(&CHANNELS[0], 7))
        .unwrap();
    say_privately(&vault, 0, true, 8);
    let mut mended = before;
    (mended[0].next, mended[0].last_seq) = (4, 8);
    assert_eq!(vault.talks_and_lost(&ROOM), Ok((mended, 0)));
    let said = vault.said(&CHANNELS[0], 0..9).unwrap();
    let numbers: Vec<u64> = said.iter().map(|(_, said)| said.seq).collect();
    assert_eq!(numbers, [5, 6, 7, 8]);
}

#[test]
fn conversations_whose_list_cannot_be_read_are_listed_again_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let vault = with_talks(folder.path());
    let before = vault.talks(&ROOM).unwrap();
    damage_note(&vault, &[b"private talks ".as_slice(), &ROOM].concat());
    assert_eq!(vault.talks_and_lost(&ROOM), Ok((Vec::new(), 1)));
    // Heard already: it is kept once, and its conversation is listed all the same.
    say_privately(&vault, 1, false, 1);
    assert_eq!(vault.talks_and_lost(&ROOM), Ok((before[1..].to_vec(), 0)));
    say_privately(&vault, 0, false, 6);
    let both = vault.talks(&ROOM).unwrap();
    assert_eq!(both, [before[1].clone(), before[0].clone()]);
}

#[test]
fn a_conversation_that_cannot_be_read_keeps_no_other_from_growing_old_and_is_dropped_with_all_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let vault = with_talks(folder.path());
    damage_note(&vault, &talk_key(0));
    let pruned = vault.write(|writing| writing.prune_talks(&ROOM, &(4000..=u64::MAX)));
    assert_eq!(pruned, Ok(1), "one of them stays");
    let left = |channel: usize| vault.said(&CHANNELS[channel], 0..9).unwrap().len();
    assert_eq!((left(0), left(1)), (3, 0));
    vault.write(|writing| writing.drop_talks(&ROOM)).unwrap();
    assert_eq!((left(0), left(1)), (0, 0));
    assert_eq!(records(&vault, Table::Notes), 0);
}
