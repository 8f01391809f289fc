//! An invitation's QR code as a PNG file.

use std::io;

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
    fn a_text_that_no_code_can_hold_is_refused() {
        assert!(png(&"x".repeat(5000)).is_err());
    }
}
