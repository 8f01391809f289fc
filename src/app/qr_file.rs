//! Saves an invitation's QR code as a picture, where the user says, or beside other downloads.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::session::{Level, Notice};

/// A dialog that is gone sooner was never shown: this desktop has none.
const SHORTEST_DIALOG: Duration = Duration::from_millis(250);
const FILE_NAME: &str = "cipher-room-invitation.png";
/// Side of one module in the picture, in pixels.
const MODULE: usize = 8;
/// Light border around the code, in modules (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// Asks where and writes the picture. Waits for the user: not for the window's thread. `None` when
/// the user cancelled.
pub fn save(invite: &str) -> Option<Notice> {
    let asked = Instant::now();
    let dialog = rfd::FileDialog::new()
        .set_file_name(FILE_NAME)
        .add_filter("PNG picture", &["png"]);
    let path = match dialog.save_file() {
        Some(path) => path,
        None if asked.elapsed() < SHORTEST_DIALOG => fallback_path(),
        None => return None,
    };
    Some(match write(invite, &path) {
        Ok(()) => Notice {
            level: Level::Note,
            text: format!("The QR code is saved as {}.", path.display()),
        },
        Err(error) => Notice {
            level: Level::Warning,
            text: format!("The QR code could not be saved as {}: {error}.", path.display()),
        },
    })
}

/// A name in the folder for downloads, or the home folder, that is not taken yet.
fn fallback_path() -> PathBuf {
    let folder = directories::UserDirs::new()
        .map(|dirs| dirs.download_dir().unwrap_or(dirs.home_dir()).to_owned())
        .unwrap_or_default();
    let numbered = (1..).map(|n| match n {
        1 => folder.join(FILE_NAME),
        n => folder.join(FILE_NAME.replace(".png", &format!("-{n}.png"))),
    });
    numbered
        .into_iter()
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join(FILE_NAME))
}

fn write(invite: &str, path: &Path) -> io::Result<()> {
    let code = qrcode::QrCode::new(invite).map_err(|error| io::Error::other(error.to_string()))?;
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
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), size, size);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_square_with_a_light_border() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code.png");
        write("cipher-room://192.168.1.20:4747/Den#secret", &path).unwrap();
        let decoder = png::Decoder::new(io::BufReader::new(File::open(&path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
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
    fn a_folder_that_is_not_there_is_reported() {
        assert!(write("x", Path::new("/no/such/folder/code.png")).is_err());
    }
}
