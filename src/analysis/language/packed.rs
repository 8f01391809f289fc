//! The packed form of a language: named sections, raw or as a zlib stream (RFC 1950). `assets/languages/make.py` writes it.

use std::borrow::Cow;
use std::fmt;

use super::gram::Gram;

/// A language's packed tables, taken apart into sections.
pub(super) struct Packed<'a> {
    unit: f64,
    sections: Vec<([u8; 2], usize, &'a [u8])>,
}

/// A packed table is not what its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a language's table is damaged")
    }
}

impl std::error::Error for Damaged {}

impl<'a> Packed<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Damaged)?;
        let (unit, mut rest) = rest.split_first_chunk::<4>().ok_or(Damaged)?;
        let mut sections = Vec::new();
        while !rest.is_empty() {
            let (name, tail) = rest.split_first_chunk::<2>().ok_or(Damaged)?;
            let (raw, tail) = tail.split_first_chunk::<4>().ok_or(Damaged)?;
            let (packed, tail) = tail.split_first_chunk::<4>().ok_or(Damaged)?;
            let (body, tail) = tail
                .split_at_checked(u32::from_le_bytes(*packed) as usize)
                .ok_or(Damaged)?;
            sections.push((*name, u32::from_le_bytes(*raw) as usize, body));
            rest = tail;
        }
        Ok(Self {
            unit: f64::from(f32::from_le_bytes(*unit)),
            sections,
        })
    }

    /// The bytes of one section. One that is as long packed as it is raw lies there as it is, and costs nothing to read.
    pub(super) fn section(&self, name: &[u8; 2]) -> Result<Cow<'a, [u8]>, Damaged> {
        let (_, raw, body) = self.sections.iter().find(|s| s.0 == *name).ok_or(Damaged)?;
        if body.len() == *raw {
            return Ok(Cow::Borrowed(body));
        }
        let bytes =
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(body, *raw).map_err(|_| Damaged)?;
        (bytes.len() == *raw).then_some(Cow::Owned(bytes)).ok_or(Damaged)
    }

    /// A section of 26 or more little-endian 32-bit floats: the shares of A to Z.
    pub(super) fn shares(&self, name: &[u8; 2]) -> Result<[f64; 26], Damaged> {
        let bytes = self.section(name)?;
        let (floats, _) = bytes.as_chunks::<4>();
        let mut shares = [0.0; 26];
        for (share, float) in shares.iter_mut().zip(floats) {
            *share = f64::from(f32::from_le_bytes(*float));
        }
        Ok(shares)
    }

    pub(super) fn quadgrams(&self, kind: u8, size: usize) -> Result<Gram, Damaged>
    where
        'a: 'static,
    {
        let table = self.section(&[kind, b'4'])?;
        match table.len() == size.pow(4) {
            true => Ok(Gram::new(4, size, self.unit, table)),
            false => Err(Damaged),
        }
    }

    /// Pentagrams are kept as what they add to the quadgrams: for each context the step down to them (`D`), and the
    /// exceptions: the gaps between their places (`G`, 255 goes on) and how far each is from its quadgram (`V`, modulo
    /// 256, 128 is nothing).
    pub(super) fn pentagrams(&self, kind: u8, quadgrams: &Gram) -> Result<Gram, Damaged> {
        let size = quadgrams.size();
        let down = self.section(&[kind, b'D'])?;
        let (gaps, deltas) = (self.section(&[kind, b'G'])?, self.section(&[kind, b'V'])?);
        if down.len() != size.pow(4) {
            return Err(Damaged);
        }
        let mut table = vec![0u8; size.pow(5)];
        let contexts = size.pow(3);
        for (context, row) in table.chunks_exact_mut(size).enumerate() {
            let below = (context % contexts) * size;
            let down = down[context];
            for (weight, &from) in row.iter_mut().zip(&quadgrams.table()[below..below + size]) {
                *weight = from.saturating_sub(down);
            }
        }
        let mut gaps = gaps.iter();
        let mut next = 0usize;
        for delta in deltas.iter() {
            loop {
                let gap = gaps.next().ok_or(Damaged)?;
                next += usize::from(*gap);
                if *gap < 255 {
                    break;
                }
            }
            let below = quadgrams.table()[next % quadgrams.table().len()];
            *table.get_mut(next).ok_or(Damaged)? = below.wrapping_add(*delta).wrapping_sub(128);
            next += 1;
        }
        Ok(Gram::new(5, size, self.unit, Cow::Owned(table)))
    }
}

const MAGIC: &[u8] = b"CRLM\x01";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_short_or_altered_is_refused() {
        let whole = include_bytes!("../../../assets/languages/es.lm");
        assert!(Packed::parse(whole).is_ok());
        assert!(Packed::parse(&whole[..whole.len() - 1]).is_err());
        assert!(Packed::parse(b"CRLM\x02").is_err());
        let mut altered = whole.to_vec();
        let last = altered.len() - 20;
        altered[last] ^= 0x55;
        let packed = Packed::parse(&altered).unwrap();
        assert_eq!(packed.section(b"wF"), Err(Damaged));
    }
}
