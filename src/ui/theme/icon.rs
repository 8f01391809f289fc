//! The application's icon, for the window and the task bar.

use egui::IconData;
use std::io::Cursor;

/// Decodes the embedded icon, 256 pixels square. `None` should the picture be unreadable.
pub fn app_icon() -> Option<IconData> {
    let mut decoder = png::Decoder::new(Cursor::new(ICON));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut rgba).ok()?;
    rgba.truncate(frame.buffer_size());
    (frame.color_type == png::ColorType::Rgba).then_some(IconData {
        rgba,
        width: frame.width,
        height: frame.height,
    })
}

const ICON: &[u8] = include_bytes!("../../../assets/icon-256.png");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_256_pixels_of_rgba() {
        let icon = app_icon().expect("the embedded picture decodes");
        assert_eq!((icon.width, icon.height), (256, 256));
        assert_eq!(icon.rgba.len(), 256 * 256 * 4);
        assert!(
            icon.rgba.chunks_exact(4).any(|pixel| pixel[3] == 0),
            "the corners are see-through"
        );
    }
}
