//! A picture of a part of the window as PNG.

use std::sync::{Arc, OnceLock};

use egui::{ColorImage, Context, Rect};

/// A picture that was asked for: empty until it is taken.
pub(super) type Asked = Arc<OnceLock<Vec<u8>>>;

/// Asks for a picture of what stands in `part` now; it comes in one of the next frames.
pub(super) fn request(ctx: &Context, part: Rect) -> Asked {
    let asked = Asked::default();
    let given = Arc::clone(&asked);
    let scale = ctx.pixels_per_point();
    let again = ctx.clone();
    // Taken of the next frame: in this one, the menu that asked for it is still open.
    ctx.request_screenshot(move |image: Arc<ColorImage>| {
        if let Some(png) = encode(&image, part, scale) {
            given.get_or_init(|| png);
        }
        again.request_repaint();
    });
    asked
}

/// Cuts a part out of an image and encodes it. `None` for an empty part.
fn encode(image: &ColorImage, part: Rect, scale: f32) -> Option<Vec<u8>> {
    let [width, height] = image.size;
    let left = ((part.left() * scale).max(0.0) as usize).min(width);
    let top = ((part.top() * scale).max(0.0) as usize).min(height);
    let right = ((part.right() * scale).max(0.0).ceil() as usize).min(width);
    let bottom = ((part.bottom() * scale).max(0.0).ceil() as usize).min(height);
    if right <= left || bottom <= top {
        return None;
    }
    let mut bytes = Vec::with_capacity((right - left) * (bottom - top) * 4);
    for row in image.pixels.chunks_exact(width).take(bottom).skip(top) {
        row[left..right]
            .iter()
            .for_each(|pixel| bytes.extend(pixel.to_srgba_unmultiplied()));
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, (right - left) as u32, (bottom - top) as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().ok()?.write_image_data(&bytes).ok()?;
    Some(png)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Color32, pos2};

    #[test]
    fn the_part_that_was_asked_for_is_cut_out() {
        let mut image = ColorImage::filled([4, 3], Color32::BLACK);
        image.pixels[5] = Color32::RED;
        let part = Rect::from_min_max(pos2(0.5, 0.5), pos2(1.5, 1.0));
        let png = encode(&image, part, 2.0).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((frame.width, frame.height), (2, 1));
        assert_eq!(bytes[..4], [255, 0, 0, 255]);
        assert_eq!(encode(&image, Rect::NOTHING, 1.0), None);
    }
}
