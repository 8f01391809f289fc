//! QR codes as PNG files: an invitation's or a contact card's, written and read.

use std::io;
use std::panic::{UnwindSafe, catch_unwind};
use std::path::Path;

use crate::files::read_file;

/// Side of one module in the picture, in pixels.
const MODULE: usize = 8;
/// Light border around the code, in modules (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// Draws the code, dark on light. Fails when the text is too long for a QR code.
pub fn png(text: &str) -> io::Result<Vec<u8>> {
    let code = qrcode::QrCode::new(text).map_err(|error| io::Error::other(error.to_string()))?;
    let (modules, width) = (code.to_colors(), code.width());
    let side = (width + 2 * QUIET) * MODULE;
    let is_dark = |x: usize, y: usize| {
        let place = |pixel: usize| (pixel / MODULE).checked_sub(QUIET).filter(|at| *at < width);
        let module = place(y)
            .zip(place(x))
            .and_then(|(row, column)| modules.get(row * width + column));
        module == Some(&qrcode::Color::Dark)
    };
    let pixels: Vec<u8> = (0..side * side)
        .map(|i| if is_dark(i % side, i / side) { 0 } else { 255 })
        .collect();
    let size = u32::try_from(side).map_err(io::Error::other)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

/// Most pixels of a picture that is looked through.
const MAX_PIXELS: u64 = 40_000_000;

/// A larger file than any photograph has.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
const READABLE: &str =
    "this is not a picture in PNG or JPEG format; take a screenshot of it, or paste the card as text";
const UNREADABLE: &str = "there is no QR code in it that can be read";

/// A picture in levels of gray, row by row.
struct Gray {
    width: usize,
    height: usize,
    levels: Vec<u8>,
}

/// Reads the text of the first QR code in a PNG or JPEG picture; says what is wrong otherwise.
pub fn read(path: &Path) -> Result<String, String> {
    let file = read_file(path, MAX_FILE_BYTES)
        .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    read_picture(&file, MAX_PIXELS).map_err(|why| format!("{}: {why}", path.display()))
}

/// The same of the bytes of a file, for a picture of at most so many pixels.
pub fn read_picture(file: &[u8], max_pixels: u64) -> Result<String, String> {
    guarded(|| {
        let picture = gray_of(file, max_pixels)?;
        text_in(&picture)
    })
}

/// The decoders are other people's, with assertions of their own: where one of those fails, that is a picture that can't be
/// read, and no fault to be told as ours.
fn guarded<T>(work: impl FnOnce() -> Result<T, String> + UnwindSafe) -> Result<T, String> {
    catch_unwind(work).unwrap_or_else(|_| Err(UNREADABLE.to_owned()))
}

fn gray_of(file: &[u8], max_pixels: u64) -> Result<Gray, String> {
    // The first bytes say which (PNG, section 5.2; JPEG, ITU-T T.81, table B.1: SOI and a marker).
    match file {
        [0x89, b'P', b'N', b'G', ..] => gray_of_png(file, max_pixels),
        [0xff, 0xd8, 0xff, ..] => gray_of_jpeg(file, max_pixels),
        _ => Err(READABLE.to_owned()),
    }
}

fn text_in(picture: &Gray) -> Result<String, String> {
    let level = |x: usize, y: usize| {
        let at = y * picture.width + x;
        picture.levels.get(at).copied().unwrap_or(255)
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, level);
    let codes = prepared.detect_grids();
    let mut texts = codes
        .iter()
        .filter_map(|code| code.decode().ok())
        .map(|(_, text)| text);
    texts.next().ok_or_else(|| UNREADABLE.to_owned())
}

fn gray_of_jpeg(file: &[u8], max_pixels: u64) -> Result<Gray, String> {
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::colorspace::ColorSpace;
    use zune_jpeg::zune_core::options::DecoderOptions;
    let damaged = |error| format!("the JPEG picture can't be read ({error})");
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder
        .decode_headers()
        .map_err(|error| damaged(error.to_string()))?;
    let (width, height) = decoder
        .dimensions()
        .ok_or_else(|| damaged("it has no size".to_owned()))?;
    if width as u64 * height as u64 > max_pixels {
        return Err("the picture is too large".to_owned());
    }
    let levels = decoder.decode().map_err(|error| damaged(error.to_string()))?;
    Ok(Gray {
        width,
        height,
        levels,
    })
}

fn gray_of_png(file: &[u8], max_pixels: u64) -> Result<Gray, String> {
    let damaged = |error: png::DecodingError| format!("the PNG picture can't be read ({error})");
    let mut decoder = png::Decoder::new(io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    if u64::from(info.width) * u64::from(info.height) > max_pixels {
        return Err("the picture is too large".to_owned());
    }
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| "the picture is too large".to_owned())?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(damaged)?;
    let (channels, has_color) = match frame.color_type {
        png::ColorType::Grayscale | png::ColorType::Indexed => (1, false),
        png::ColorType::GrayscaleAlpha => (2, false),
        png::ColorType::Rgb => (3, true),
        png::ColorType::Rgba => (4, true),
    };
    let (width, height) = (frame.width as usize, frame.height as usize);
    let gray = |pixel: &[u8]| match (has_color, pixel) {
        // ITU-R BT.601, in whole numbers.
        (true, [red, green, blue, ..]) => {
            ((u32::from(*red) * 299 + u32::from(*green) * 587 + u32::from(*blue) * 114) / 1000) as u8
        }
        (_, [level, ..]) => *level,
        _ => 255,
    };
    Ok(Gray {
        width,
        height,
        levels: pixels
            .chunks_exact(channels)
            .take(width * height)
            .map(gray)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_square_with_a_light_border() {
        let file = png("cipher-room://192.168.1.20:4747/Den#secret").unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(frame.width, frame.height);
        let side = frame.width as usize;
        assert!(pixels[..side * QUIET * MODULE].iter().all(|pixel| *pixel == 255));
        // The finder pattern's corner.
        let corner = side * QUIET * MODULE + QUIET * MODULE;
        assert_eq!(pixels[corner], 0);
    }

    #[test]
    fn a_picture_that_was_written_reads_back() {
        let text = "cipher-room-contact:Ada#0123456789abcdef";
        let file = png(text).unwrap();
        assert_eq!(read_picture(&file, MAX_PIXELS), Ok(text.to_owned()));
        let said = |file: &[u8], max_pixels| read_picture(file, max_pixels).unwrap_err();
        assert!(said(b"no picture", MAX_PIXELS).contains("PNG or JPEG"));
        assert!(said(&file, 1000).contains("too large"));
    }

    #[test]
    fn a_picture_at_which_a_decoder_panics_is_one_that_cannot_be_read() {
        let outcome: Result<(), String> = guarded(|| panic!("on purpose"));
        assert_eq!(outcome, Err(UNREADABLE.to_owned()));
        assert_eq!(guarded(|| Ok(5)), Ok(5));
    }

    /// A photograph of a screen comes as JPEG. This one was drawn by segno 1 and turned into JPEG by
    /// ImageMagick 6: two other programs.
    const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAEMuMjoyKkM6NjpLR0NPZKZsZFxcZMySmnmm8dT++u3U6eX//////////+Xp////\
        ////////////////////////wAALCABpAGkBAREA/8QAGQAAAwEBAQAAAAAAAAAAAAAAAAMEAgUB/8QAOxAAAgEDAQUEBwYE\
        BwAAAAAAAQIDAAQRIRITMUFhIlFx8BQygZGh0eEFNUJTcsEjQ7HxJDM0RGWSov/aAAgBAQAAPwC+iiiiiiiiiiiiiiueqyTT\
        T/4h41RjzOMa9a93f/If+vrXqLJFfRxtM7ggnUnrSZvSt8+zvtnaOMZxinRW08kYZriRCfwnOnxrUX2gJJArIEB/EW4UFyrO\
        ElMqyHVgdIh3/HpwpE+1EgZLwyHOMBvrTrnePepEkrIGXkfGsmIgkG/wRy2vrWJ0kiiEi3TuCcaE/OulRRUEX++9v71BXTk+\
        84v0fOsXD3UcyqJVxI2F04fCsq1407QiVdpRknAx/TrUs8LQOFcgkjOlMEg2UitwUZxsvngT8etPgt4NswSJmVRkkE4PnPdT\
        JPvOL9HzqC4/1En6z/WnyfdkX6/nXTooqFUuoppWjiUh2zqfrW95ffkp7/rWY0uHu0lljChQRofHrXvpuy0yvsgqSE0OvGp7\
        hRJbrcn13bBA4c/lTEhWD7QiVCSCpOvga1cMQ+1P2ShJix+Lx49O6k3CiS3W5Pru2CBw5/KqbmOf0pJYUDbK41PjRvL78lPf\
        9aVOt5OgV4lABzoR866FFFRTvJblhtNIZs7Iz6vh7+lbs45QBJLI5yCNhs6a0tYSxwt+STyB+tauGjtljDQpIxGrEDJPfzoh\
        njlULJAscXEFvVz7sd9OaDaukm2vVGMY8fnUioJrt97LgJJ2VbXOvAU24UW53hAeMnAiIwAe/wAjnS2nuDOsgglCgYKa4Pwp\
        hkllBkKvCIu1s69vpy7uvGpXnmnlYxGQZ/CpJxXWooqW+eNApdSX1KEcj5xS4riW4jEcbYmGrMQMEeccqzc7m1bESFZcZVuI\
        HvNKnWeTc711beer0zjpVMKRsotJV2mj7Rxw860q0uppLhEd8qc5GB3VhZIY7qVpUZiHyuOWvjTpby2lXZkjcgHPnWnqlzuG\
        BkXe50bkB7vGvEWVIpTcsHXZ4L3c+6p4ijtizUxyY1LcMfHpXQoornvaEm4kkBGMsuCNeNISFZYl3RLTcWXkB5xzqqSe8jQu\
        8SBRxPk0+2kmkUtKiqCAVxz+NT3MqPO0M52Y1wQQNc49vea9vIdudZJMiELhmHLj9K9W3NwoEmRGg/hlTqR1+HdSXtI4pW3p\
        ZYeCtnUnznlXl12lLXHYnA7KjgRn29edPeOGSG2WV2UlQFxz4dKnlsZRIREpZORJFdSiikKNnfneb7idjjjjpzqNZWgnaY25\
        RWGAvAD4dKZn07+buuW7znPPPLyKdHEYUaNrjJcYTOmPDWpLsFE3bIWIP+cR63TyeVMud5NA0rbcQXA3Zzrrx5d/dyryyuNi\
        OUu+dkDZVm8dBTpLlTaJK8QYM2Nknhx6Uu4jWK2dZJBJLoQW9bGff31gQyKbaQuzroeGiDSrZUM8Y3UuzrnaXnTaKKlneO0D\
        FVIeXJyNdfJrFuklyga4YPGdQOBz7PbU9psnsoMXBPZY8APOeVbuJTLLDGp/io2CTwzp+9ULBNIcXTK6cQBpr7hWJDJeodyw\
        WPgQ3HPHr0qZrVopolkKkO2NDReMUkMC6RqQQvdp9a1NPDNcq7KxjC4I58+tereDdyxttFSNmMYGg84768V7iG1R1kAjJwBj\
        Xn0rqUUVF6RcvLIsUaMEbHnWtby+/JT3/WiO4n9JSKZEXaGdP71E6h71lPBpMfGq5Z1tIxFEdplOoYcjr0rdqptbZjN2e1nv\
        7u6qNtd3vM9nG1npUF7K8sYIAMO12W5k4/vyq1jLv1AUbrGrcwfOK5jwSTXE27XOHOdetaW13ZzdZROAIOdfjXVooqCEkG9I\
        OCM6++pN/N+a/wD2NXyfecX6PnWROhuGAtl7L4Z+7XjwrEhPpbyCDfIQAMDI5dDXv2gszSgIHKFdQAcZzSpop44UIeRlZe0u\
        uFHdWN40tssCRklTnI17+XtrS75rV5t+/ZOMZPTr1ryJJAkkjStESMjOm35/eiRJDaJK8rMGbGyeXGutRRXNSeOKa5WRWIdi\
        NPbXm8sfyX9/1raTLP8AaETICAFI18DWmmgDyxRowkkJUnlnh31TbRmKBUYgkZ4eNSQNeToWSVQAcagfKmQNLMtxFI4LAbI0\
        0zrU7MLQbCaTjRmGoI48/Zyq2S2X0Z4oQF2jnUmp936SY4x/I7L55+Hu6VpUV7p7ZhmFBtKvcdOfHmatoooooooooooooooo\
        ooooooooooooor//2Q==";

    #[test]
    fn a_jpeg_picture_is_read_and_a_damaged_one_is_said_to_be() {
        let file = <base64ct::Base64 as base64ct::Encoding>::decode_vec(JPEG).unwrap();
        assert_eq!(
            read_picture(&file, MAX_PIXELS),
            Ok("cipher-room-contact:Ada#0123456789abcdef".to_owned())
        );
        let said = read_picture(&file[..200], MAX_PIXELS).unwrap_err();
        assert!(said.contains("JPEG") || said.contains("no QR code"), "{said}");
    }

    #[test]
    fn a_text_that_no_code_can_hold_is_refused() {
        assert!(png(&"x".repeat(5000)).is_err());
    }
}
