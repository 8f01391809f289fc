//! Signatures in stretches: up to 64 events share one RSA signature, and of those that stand together in a stretch only
//! the first has its bytes.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::crypto::Signature;
use crate::protocol::body::signature::{Parts, encode_beside};

/// Goes along while a stretch is written or read: the RSA bytes of the signature before.
#[derive(Debug, Default)]
pub struct Covering(Option<Vec<u8>>);

impl AsMut<Covering> for Covering {
    fn as_mut(&mut self) -> &mut Covering {
        self
    }
}

/// Writes a signature, without its RSA bytes where they are those of the one before.
pub fn encode<W: Write, C: AsMut<Covering>>(
    signature: &Signature,
    e: &mut Encoder<W>,
    ctx: &mut C,
) -> Result<(), EncodeError<W::Error>> {
    let Covering(before) = ctx.as_mut();
    if before.as_ref() == Some(&signature.rsa) {
        return encode_beside(signature, e);
    }
    *before = Some(signature.rsa.clone());
    signature.encode(e, ctx)
}

/// Writes a signature that is borrowed.
pub fn encode_of<W: Write, C: AsMut<Covering>>(
    signature: &&Signature,
    e: &mut Encoder<W>,
    ctx: &mut C,
) -> Result<(), EncodeError<W::Error>> {
    encode(signature, e, ctx)
}

/// A signature that is read by [`decode`].
pub struct Covered(pub Signature);

impl<'b, C: AsMut<Covering>> Decode<'b, C> for Covered {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Covered, DecodeError> {
        decode(d, ctx).map(Covered)
    }
}

/// Reads what [`encode`] writes.
pub fn decode<C: AsMut<Covering>>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Signature, DecodeError> {
    let mut parts = Parts::decode(d, ctx)?;
    let Covering(before) = ctx.as_mut();
    if let Some(rsa) = parts.rsa.take() {
        *before = Some(rsa.into());
    }
    match before {
        Some(rsa) => Ok(parts.with(rsa.clone())),
        None => Err(DecodeError::message("no signature stands before this one")),
    }
}
