//! Contact cards as pictures: files that somebody sent. The decoders of PNG, JPEG and QR codes are other people's.

use std::io::Cursor;
use std::sync::OnceLock;

use cipher_room::app::qr_file;
use cipher_room::protocol::ContactCard;

use super::{World, form_of};

/// Far fewer than the program takes: what the decoders do with a picture does not hang on its size.
const MAX_PIXELS: u64 = 1 << 19;

/// Pixels along the side of one module, as the program draws them.
const MODULE: usize = 8;

/// A picture as it came, or the picture of a genuine card of whose modules some are turned over.
pub fn card_pictures(data: &[u8]) {
    let (form, data) = form_of(data);
    let file = match form % 2 {
        0 => data.to_vec(),
        _ => with_modules_turned(data),
    };
    if let Ok(text) = qr_file::read_picture(&file, MAX_PIXELS) {
        super::cards(text.as_bytes());
    }
}

fn card() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let card = ContactCard {
            name: "Ada".to_owned(),
            fingerprint: World::get().ada.fingerprint(),
        };
        qr_file::png(&card.to_string()).expect("a card fits into a code")
    })
}

/// Draws the card's code with the modules turned over that pairs of bytes name: no checksum of the file stands between them
/// and the decoder of the code.
fn with_modules_turned(data: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(Cursor::new(card()))
        .read_info()
        .expect("our own");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it is small")];
    let frame = reader.next_frame(&mut pixels).expect("our own");
    let width = frame.width as usize;
    let modules = width / MODULE;
    for pair in data.chunks_exact(2) {
        let module = usize::from(u16::from_be_bytes([pair[0], pair[1]])) % (modules * modules);
        let (top, left) = (module / modules * MODULE, module % modules * MODULE);
        for row in pixels.chunks_exact_mut(width).skip(top).take(MODULE) {
            row[left..left + MODULE]
                .iter_mut()
                .for_each(|level| *level = 255 - *level);
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, frame.width, frame.height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("into memory");
    writer.write_image_data(&pixels).expect("into memory");
    writer.finish().expect("into memory");
    file
}

/// Beside these a photograph is kept, whole and cut, which other programs made.
pub fn seeds() -> Vec<Vec<u8>> {
    let whole = card();
    assert!(qr_file::read_picture(whole, MAX_PIXELS).is_ok());
    vec![
        [&[0], whole].concat(),
        [&[0], &whole[..whole.len() / 2]].concat(),
        vec![1, 0, 200, 1, 44],
        // The corner of a finder pattern, and the format beside it.
        vec![1, 0, 196, 0, 204, 1, 140],
    ]
}
