//! Numbered records in stretches: what was kept at once stands together, up to 16 in one sealed record.
//!
//! A room's log and its outbox are long and grow in bursts: a record for each message would make each one cost
//! a page of the file. A stretch lies under the room and its first number, and never reaches over a multiple of
//! 16, so that the stretch which holds a number is found by looking at 16 keys at most. One record of a
//! stretch stands as it is; that is also the form that earlier versions wrote. What is read goes by number over
//! what is there, and over a noted gap ([`Gaps`]) in one step.

use std::ops::Range;

use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode};

use super::covered::Covering;
use super::gaps::Gaps;
use super::{LookUp, Rows, StoreError, Table, Writing};

/// The most records in one stretch, and so the most that one damaged record takes along.
pub(super) const STRETCH: u64 = 16;

/// A record with a place among others of its room.
pub(super) trait Numbered {
    /// Its number; rises.
    fn number(&self) -> u64;
}

/// A part of what a walk comes across.
pub(super) enum Piece<T> {
    /// Records that stand together, in order, at least one of which was asked for.
    Records(Vec<T>),
    /// A record is there and can't be read.
    Damaged,
}

/// Goes through the records with these numbers, in order. Those around them that stand in the same stretch are given too.
pub(super) fn walk<T: Numbered + for<'b> Decode<'b, Covering>>(
    rows: &impl Rows,
    table: Table,
    room: &[u8; 32],
    gaps: &Gaps,
    numbers: Range<u64>,
    take: &mut dyn FnMut(Piece<T>),
) -> Result<(), StoreError> {
    rows.looking_up(table, &mut |look_up| {
        let mut at = beginning(look_up, room, numbers.start)?;
        while at < numbers.end {
            match look_up(&stretch_key(room, at)) {
                Ok(None) => at = gaps.end_at(at).unwrap_or(at + 1),
                Ok(Some(opened)) => match decode::<T>(opened.value()) {
                    Some(records) if stand_at(&records, at) => {
                        let last = records.last().map_or(at, Numbered::number);
                        if last >= numbers.start {
                            take(Piece::Records(records));
                        }
                        at = last.max(at).saturating_add(1);
                    }
                    _ => at = damaged(look_up, room, gaps, at, take)?,
                },
                Err(StoreError::Damaged { .. }) => at = damaged(look_up, room, gaps, at, take)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    })
}

/// The key of a stretch: the room and its first number.
pub(super) fn stretch_key(room: &[u8; 32], first: u64) -> Vec<u8> {
    super::log::entry_key(room, first)
}

impl Writing<'_> {
    /// Keeps records whose numbers rise, in stretches without a gap. None of them may be there already.
    pub(super) fn keep_stretches<T: Numbered + Encode<Covering>>(
        &mut self,
        table: Table,
        room: &[u8; 32],
        records: &[T],
    ) -> Result<(), StoreError> {
        let stretches = records
            .chunk_by(|a, b| a.number() / STRETCH == b.number() / STRETCH && a.number() + 1 == b.number());
        self.keep_all(
            table,
            stretches.filter_map(|stretch| {
                let first = stretch.first()?.number();
                let value = match stretch {
                    [alone] => encode(alone),
                    several => encode(&several),
                };
                Some((stretch_key(room, first), value))
            }),
        )
    }

    /// Drops all stretches that begin at these numbers.
    pub(super) fn drop_stretches(
        &mut self,
        table: Table,
        room: &[u8; 32],
        numbers: Range<u64>,
    ) -> Result<(), StoreError> {
        self.drop_rows(table, &mut numbers.map(|n| stretch_key(room, n)))
    }
}

/// Whether records are what can stand under the number of the first: their numbers rise, and stay in its stretch. Others
/// were written by somebody else.
pub(super) fn stand_at<T: Numbered>(records: &[T], first: u64) -> bool {
    let numbers = || records.iter().map(Numbered::number);
    numbers().next() == Some(first)
        && numbers().is_sorted_by(|a, b| a < b)
        && numbers().all(|n| n < end_of_stretch(first))
}

/// Where the stretch that holds a number ends at the latest.
pub(super) fn end_of_stretch(n: u64) -> u64 {
    (n - n % STRETCH).saturating_add(STRETCH)
}

/// Where the stretch that may hold `n` begins.
fn beginning(look_up: &LookUp<'_>, room: &[u8; 32], n: u64) -> Result<u64, StoreError> {
    for first in (n - n % STRETCH..=n).rev() {
        match look_up(&stretch_key(room, first)) {
            Ok(None) => {}
            Ok(Some(_)) | Err(StoreError::Damaged { .. }) => return Ok(first),
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

/// A stretch that can't be read goes as far as the next one, a gap, or as stretches can; gives where that is.
fn damaged<T>(
    look_up: &LookUp<'_>,
    room: &[u8; 32],
    gaps: &Gaps,
    first: u64,
    take: &mut dyn FnMut(Piece<T>),
) -> Result<u64, StoreError> {
    let end = end_of_stretch(first);
    let mut next = first.saturating_add(1);
    while next < end && gaps.end_at(next).is_none() {
        match look_up(&stretch_key(room, next)) {
            Ok(None) => next += 1,
            Ok(Some(_)) | Err(StoreError::Damaged { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    take(Piece::Damaged);
    Ok(next)
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
pub(super) fn encode<T: Encode<Covering>>(value: &T) -> Vec<u8> {
    minicbor::to_vec_with(value, &mut Covering::default()).expect("writing to memory cannot fail")
}

pub(super) fn decode<T: for<'b> Decode<'b, Covering>>(bytes: &[u8]) -> Option<Vec<T>> {
    let mut decoder = Decoder::new(bytes);
    let mut covering = Covering::default();
    match decoder.datatype().ok()? {
        Type::Array => {
            let all: Vec<T> = decoder.decode_with(&mut covering).ok()?;
            (!all.is_empty()).then_some(all)
        }
        _ => decoder.decode_with(&mut covering).ok().map(|alone| vec![alone]),
    }
}
