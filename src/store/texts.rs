//! The words of the logs packed for searching: blocks of 256 entries, each one sealed record.
//!
//! Opening a million records one by one takes seconds; their words alone, packed, a tenth of one. A
//! block holds the folded texts of the messages with numbers from `256·b` to `256·b + 255`, and is
//! written together with the last of them. What is not packed yet is looked through entry by entry.

use std::ops::{ControlFlow, Range};

use super::gaps;
use super::log::{LogExtent, LogRow, entries, entry_key, extent};
use super::lost;
use super::{Rows, StoreError, Table, Vault, Writing};
use crate::crypto::Fingerprint;
use crate::protocol::Content;

/// How many entries a block covers.
pub(super) const BLOCK_ENTRIES: u64 = 256;

/// A message that has all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The room's id.
    pub room: [u8; 32],
    /// The number of the entry.
    pub n: u64,
    /// Who wrote it.
    pub author: Fingerprint,
    /// The author's name when it was logged.
    pub name: String,
    /// The author's clock, milliseconds since 1970.
    pub time_ms: u64,
    /// The text.
    pub text: String,
}

/// The words to look for, folded: a message is found when it has all of them, anywhere and in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// Takes the words of a question apart; `None` when there are none.
    pub fn parse(question: &str) -> Option<Words> {
        let mut words: Vec<String> = fold(question).split_whitespace().map(str::to_owned).collect();
        // The longest first: it is the rarest.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        (!words.is_empty()).then_some(Words(words))
    }

    /// Whether a text has all of them.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.all_in(&fold(text))
    }

    fn all_in(&self, folded: &str) -> bool {
        self.0.iter().all(|word| folded.contains(word.as_str()))
    }
}

impl Vault {
    /// Looks through a kept room, newest messages first, and tells each that has all the words. Ends
    /// early when `found` says so. Long: call it on a thread.
    pub fn search(
        &self,
        room: &[u8; 32],
        words: &Words,
        found: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<Searched, StoreError> {
        let searched = self.look_through(room, words, found)?;
        if searched.lost > 0 {
            self.copy_aside_once();
        }
        Ok(searched)
    }

    fn look_through(
        &self,
        room: &[u8; 32],
        words: &Words,
        found: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<Searched, StoreError> {
        self.read(|reading| {
            let mut searched = Searched::default();
            let Some(extent) = extent(reading, room)? else {
                return Ok(searched.to_the_end());
            };
            let gaps = gaps::load(reading, room, &extent)?;
            let packed = extent.next / BLOCK_ENTRIES * BLOCK_ENTRIES;
            let tail = packed.max(extent.first)..extent.next;
            let mut tell = |row: LogRow| match words_of(&row) {
                Some((author, time_ms, text)) if words.are_in(&text) => found(Found {
                    room: *room,
                    n: row.n,
                    author,
                    name: row.name,
                    time_ms,
                    text,
                }),
                _ => ControlFlow::Continue(()),
            };
            let mut look = |numbers: Range<u64>, searched: &mut Searched| {
                let part = lost::part(reading, room, &gaps, numbers)?;
                searched.lost += lost::count(&part.lost);
                let flow = part.rows.into_iter().rev().try_for_each(&mut tell);
                Ok::<bool, StoreError>(flow.is_continue())
            };
            if !look(tail, &mut searched)? {
                return Ok(searched);
            }
            let spans = gaps.spans(extent.first..packed).rev();
            let mut above = None;
            for block in spans.flat_map(|span| blocks_of(&span).rev()) {
                // Spans that are near each other stand in one block.
                if above.replace(block) == Some(block) {
                    continue;
                }
                let first = block * BLOCK_ENTRIES;
                let all = first.max(extent.first)..(first + BLOCK_ENTRIES).min(packed);
                // A block that is damaged or missing hides nothing: its entries are looked through one by one.
                let numbers: Vec<Range<u64>> = match reading.row(Table::Texts, &entry_key(room, block)) {
                    Ok(Some(opened)) => {
                        let found = Block::parse(opened.value()).matches(words);
                        let in_block = found.into_iter().filter(|n| all.contains(n));
                        in_block.map(|n| n..n + 1).collect()
                    }
                    Ok(None) | Err(StoreError::Damaged { .. }) => std::iter::once(all).collect(),
                    Err(error) => return Err(error),
                };
                for numbers in numbers {
                    if !look(numbers, &mut searched)? {
                        return Ok(searched);
                    }
                }
            }
            Ok(searched.to_the_end())
        })
    }
}

/// How a search went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Searched {
    /// Whether it came to the end, rather than being stopped.
    pub ended: bool,
    /// How many entries that it had to read can't be read any more.
    pub lost: u64,
}

impl Searched {
    fn to_the_end(self) -> Searched {
        Searched { ended: true, ..self }
    }
}

impl Writing<'_> {
    /// Packs the words of a block's entries, as they are in the log now. Those that were just written, its newest, are
    /// taken from `at_hand`, in order and folded, rather than opened again.
    pub(super) fn pack_texts(
        &mut self,
        room: &[u8; 32],
        whole: &LogExtent,
        block: u64,
        at_hand: &[(u64, Option<String>)],
    ) -> Result<(), StoreError> {
        let mut packed = Packing::default();
        let numbers = block * BLOCK_ENTRIES..(block + 1) * BLOCK_ENTRIES;
        // They are the newest of the log, so that all others come before them.
        let first_at_hand = at_hand.first().map_or(numbers.end, |(n, _)| *n);
        let earlier = numbers.start.max(whole.first)..first_at_hand.min(numbers.end);
        let gaps = match earlier.is_empty() {
            true => Default::default(),
            false => gaps::load(self, room, whole)?,
        };
        for row in entries(self, room, &gaps, earlier)? {
            if let Some(folded) = folded(&row) {
                packed.push(row.n, &folded);
            }
        }
        for (n, folded) in at_hand.iter().filter(|(n, _)| numbers.contains(n)) {
            if let Some(folded) = folded {
                packed.push(*n, folded);
            }
        }
        self.keep(Table::Texts, &entry_key(room, block), &packed.into_bytes())
    }
}

/// The blocks that these numbers stand in.
pub(super) fn blocks_of(numbers: &Range<u64>) -> Range<u64> {
    numbers.start / BLOCK_ENTRIES..numbers.end.div_ceil(BLOCK_ENTRIES)
}

/// The author, time and text of an entry that is a message and passed its checks.
pub(super) fn words_of(row: &LogRow) -> Option<(Fingerprint, u64, String)> {
    if row.fault.is_some() {
        return None;
    }
    let event: crate::protocol::RoomEvent = minicbor::decode(&row.event).ok()?;
    match event.content {
        Content::Message { text } => Some((event.author, event.time_ms, text)),
        _ => None,
    }
}

/// The words of an entry as they are packed, if it is a message and passed its checks.
pub(super) fn folded(row: &LogRow) -> Option<String> {
    words_of(row).map(|(_, _, text)| fold(&text))
}

/// What case and form don't matter in.
fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// A block being written: a count, `count` pairs of number and end of text, the texts.
#[derive(Default)]
struct Packing {
    index: Vec<(u64, u32)>,
    texts: Vec<u8>,
}

impl Packing {
    #[expect(clippy::expect_used, reason = "our own messages, bounded by the protocol")]
    fn push(&mut self, n: u64, folded: &str) {
        self.texts.extend_from_slice(folded.as_bytes());
        // No word has it, so none is found across two messages.
        self.texts.push(b'\n');
        let end = u32::try_from(self.texts.len()).expect("256 messages are far below 4 GiB");
        self.index.push((n, end));
    }

    #[expect(clippy::expect_used, reason = "counted by ourselves")]
    fn into_bytes(self) -> Vec<u8> {
        let count = u32::try_from(self.index.len()).expect("a block has 256 entries");
        let mut bytes = Vec::with_capacity(4 + 12 * self.index.len() + self.texts.len());
        bytes.extend_from_slice(&count.to_be_bytes());
        for (n, end) in self.index {
            bytes.extend_from_slice(&n.to_be_bytes());
            bytes.extend_from_slice(&end.to_be_bytes());
        }
        bytes.extend_from_slice(&self.texts);
        bytes
    }
}

/// A block being read.
struct Block<'a> {
    index: Vec<(u64, usize)>,
    texts: &'a str,
}

impl Block<'_> {
    /// A block that can't be understood has no messages.
    fn parse(bytes: &[u8]) -> Block<'_> {
        let parse = || {
            let (count, rest) = bytes.split_first_chunk::<4>()?;
            let (index, texts) = rest.split_at_checked(12 * u32::from_be_bytes(*count) as usize)?;
            let index = index
                .chunks_exact(12)
                .filter_map(|pair| {
                    let (n, end) = pair.split_first_chunk::<8>()?;
                    let end: [u8; 4] = end.try_into().ok()?;
                    Some((u64::from_be_bytes(*n), u32::from_be_bytes(end) as usize))
                })
                .collect();
            let texts = std::str::from_utf8(texts).ok()?;
            Some(Block { index, texts })
        };
        parse().unwrap_or(Block {
            index: Vec::new(),
            texts: "",
        })
    }

    /// The numbers of the messages that have all the words, newest first.
    fn matches(&self, words: &Words) -> Vec<u64> {
        let Some(rarest) = words.0.first() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = self.texts.get(from..).and_then(|rest| rest.find(rarest.as_str())) {
            let at = from + at;
            let place = self.index.partition_point(|(_, end)| *end <= at);
            let Some((n, end)) = self.index.get(place) else {
                break;
            };
            let start = place
                .checked_sub(1)
                .and_then(|before| self.index.get(before))
                .map_or(0, |(_, end)| *end);
            let text = self.texts.get(start..*end).unwrap_or_default();
            if words.all_in(text) {
                found.push(*n);
            }
            // One hit a message is enough.
            from = *end;
        }
        found.reverse();
        found
    }
}
