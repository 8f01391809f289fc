//! The forms of a [`Signature`]: whole, and without the RSA bytes where those stand beside it.

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use super::bounded;
use crate::crypto::{Digest, MAX_BATCH, Signature};

impl<C> Encode<C> for Signature {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.map(4)?.u8(0)?.bytes(&self.rsa)?;
        encode_place(self, e)
    }
}

impl<'b, C> Decode<'b, C> for Signature {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Signature, DecodeError> {
        let mut parts = Parts::decode(d, ctx)?;
        let rsa = parts.rsa.take();
        let rsa = rsa.ok_or_else(|| DecodeError::message("a signature without RSA bytes"))?;
        Ok(parts.with(rsa.into()))
    }
}

/// Encodes a signature without its RSA bytes: they stand elsewhere.
pub(crate) fn encode_beside<W: Write>(
    signature: &Signature,
    e: &mut Encoder<W>,
) -> Result<(), EncodeError<W::Error>> {
    e.map(3)?;
    encode_place(signature, e)
}

/// Keys 1 to 3.
fn encode_place<W: Write>(signature: &Signature, e: &mut Encoder<W>) -> Result<(), EncodeError<W::Error>> {
    e.u8(1)?.u8(signature.index)?.u8(2)?.u8(signature.size)?;
    e.u8(3)?.array(signature.path.len() as u64)?;
    for hash in &signature.path {
        e.bytes(hash)?;
    }
    Ok(())
}

/// A signature in either form.
#[derive(Decode)]
#[cbor(map)]
pub(crate) struct Parts {
    /// Its RSA bytes, unless they stand elsewhere.
    #[n(0)]
    pub rsa: Option<ByteVec>,
    #[n(1)]
    index: u8,
    #[n(2)]
    size: u8,
    #[cbor(n(3), decode_with = "merkle_path")]
    path: Vec<ByteArray<32>>,
}

impl Parts {
    /// The signature whose RSA bytes these are.
    pub fn with(self, rsa: Vec<u8>) -> Signature {
        Signature {
            rsa,
            index: self.index,
            size: self.size,
            path: self.path.into_iter().map(Digest::from).collect(),
        }
    }
}

fn merkle_path<'b, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<ByteArray<32>>, DecodeError> {
    bounded(d, ctx, MAX_BATCH.ilog2() as usize)
}
