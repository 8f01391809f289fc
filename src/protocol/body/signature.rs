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
        let parts = Parts::decode(d, ctx)?;
        let rsa = parts
            .rsa
            .ok_or_else(|| DecodeError::message("a signature without RSA bytes"))?;
        Ok(parts.place.with(rsa.into()))
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
pub(crate) struct Parts {
    /// Its RSA bytes, unless they stand elsewhere.
    pub rsa: Option<ByteVec>,
    pub place: Place,
}

/// A signature's place under the root that its RSA bytes cover.
pub(crate) struct Place {
    index: u8,
    size: u8,
    path: Vec<ByteArray<32>>,
}

impl Place {
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

impl<'b, C> Decode<'b, C> for Parts {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Parts, DecodeError> {
        let fields = Fields::decode(d, ctx)?;
        Ok(Parts {
            rsa: fields.rsa,
            place: Place {
                index: fields.index,
                size: fields.size,
                path: fields.path,
            },
        })
    }
}

#[derive(Decode)]
#[cbor(map)]
struct Fields {
    #[n(0)]
    rsa: Option<ByteVec>,
    #[n(1)]
    index: u8,
    #[n(2)]
    size: u8,
    #[cbor(n(3), decode_with = "merkle_path")]
    path: Vec<ByteArray<32>>,
}

fn merkle_path<'b, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<ByteArray<32>>, DecodeError> {
    bounded(d, ctx, MAX_BATCH.ilog2() as usize)
}
