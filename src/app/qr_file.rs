//! QR codes as PNG files: an invitation's or a contact card's, written and read.

use std::io;
use std::path::Path;

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

/// Reads the text of the first QR code in a PNG picture; says what is wrong otherwise.
pub fn read(path: &Path) -> Result<String, String> {
    let file =
        std::fs::File::open(path).map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    read_png(io::BufReader::new(file)).map_err(|why| format!("{}: {why}", path.display()))
}

fn read_png(file: impl io::BufRead + io::Seek) -> Result<String, String> {
    let not_png = |_| "this is not a picture in PNG format".to_owned();
    let mut decoder = png::Decoder::new(file);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(not_png)?;
    let info = reader.info();
    if u64::from(info.width) * u64::from(info.height) > MAX_PIXELS {
        return Err("the picture is too large".to_owned());
    }
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| "the picture is too large".to_owned())?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(not_png)?;
    let (channels, has_color) = match frame.color_type {
        png::ColorType::Grayscale | png::ColorType::Indexed => (1, false),
        png::ColorType::GrayscaleAlpha => (2, false),
        png::ColorType::Rgb => (3, true),
        png::ColorType::Rgba => (4, true),
    };
    let (width, height) = (frame.width as usize, frame.height as usize);
    let gray = |x: usize, y: usize| {
        let at = (y * width + x) * channels;
        let value = |channel: usize| pixels.get(at + channel).copied().unwrap_or(255);
        match has_color {
            // ITU-R BT.601, in whole numbers.
            true => {
                ((u32::from(value(0)) * 299 + u32::from(value(1)) * 587 + u32::from(value(2)) * 114) / 1000)
                    as u8
            }
            false => value(0),
        }
    };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, gray);
    let codes = picture.detect_grids();
    let mut texts = codes
        .iter()
        .filter_map(|code| code.decode().ok())
        .map(|(_, text)| text);
    texts
        .next()
        .ok_or_else(|| "there is no QR code in it that can be read".to_owned())
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
        assert_eq!(read_png(io::Cursor::new(file)), Ok(text.to_owned()));
        assert!(read_png(io::Cursor::new(b"no picture")).is_err());
    }

    #[test]
    fn a_text_that_no_code_can_hold_is_refused() {
        assert!(png(&"x".repeat(5000)).is_err());
    }
}
