//! Mallory's place: a real relay on loopback that holds every frame until she decides.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::hands::{Halt, PATIENCE};
use super::stage::{Direction, Fate, Person, Snapshot, Stage};
use super::thread::spawn_on;

/// Frames that may wait for Mallory; then the sender waits.
const WAITING: usize = 1024;
/// A frame longer than this is not taken.
const MAX_FRAME: usize = 1024 * 1024;

/// What comes to the relay.
#[derive(Debug)]
pub(super) enum Piece {
    /// A frame, whole with its header.
    Frame(Vec<u8>),
    /// The line ended.
    End,
}

/// The relay between Alice and Bob, or a line of Mallory's own to one of them.
pub(super) struct Relay {
    lines: Vec<(Person, TcpStream)>,
    pieces: Receiver<(Person, Piece)>,
    from_lines: Sender<(Person, Piece)>,
    /// What came from somebody whom nobody listened to just then.
    aside: RefCell<VecDeque<(Person, Piece)>>,
    stage: Arc<Stage>,
}

impl Relay {
    pub(super) fn new(stage: &Arc<Stage>) -> Relay {
        let (from_lines, pieces) = bounded(WAITING);
        Relay {
            lines: Vec::new(),
            pieces,
            from_lines,
            aside: RefCell::default(),
            stage: Arc::clone(stage),
        }
    }

    /// Takes a line to somebody.
    pub(super) fn attach(&mut self, person: Person, stream: TcpStream) -> Result<(), Halt> {
        let _ = stream.set_nodelay(true);
        let reading = stream.try_clone()?;
        let sender = self.from_lines.clone();
        spawn_on(&self.stage, &format!("relay from {}", person.name()), move || {
            split(reading, person, &sender);
        })?;
        self.lines.push((person, stream));
        Ok(())
    }

    /// The next frame or end, whoever it is from; what waits aside comes first.
    fn next(&self) -> Result<(Person, Piece), Halt> {
        if let Some(piece) = self.aside.borrow_mut().pop_front() {
            return Ok(piece);
        }
        self.arrival()
    }

    fn arrival(&self) -> Result<(Person, Piece), Halt> {
        let until = Instant::now() + PATIENCE;
        loop {
            if self.stage.halted() {
                return Err(Halt::Stopped);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Halt::Failed("nothing came over the line in time".to_owned()));
            }
            // Short, so that a halt is heard; no message is lost by it.
            if let Ok(piece) = self.pieces.recv_timeout(left.min(Duration::from_millis(200))) {
                return Ok(piece);
            }
        }
    }

    /// The next frame from somebody. What comes from others meanwhile waits aside.
    pub(super) fn next_frame(&self, from: Person) -> Result<Vec<u8>, Halt> {
        let waits = self.aside.borrow().iter().position(|(person, _)| *person == from);
        let waiting = waits.and_then(|place| self.aside.borrow_mut().remove(place));
        let mut piece = match waiting {
            Some(piece) => piece,
            None => self.arrival()?,
        };
        loop {
            match piece {
                (person, Piece::Frame(frame)) if person == from => return Ok(frame),
                (person, Piece::End) if person == from => return Err(Halt::HungUp),
                other => {
                    let mut aside = self.aside.borrow_mut();
                    if aside.len() < WAITING {
                        aside.push_back(other);
                    }
                }
            }
            piece = self.arrival()?;
        }
    }

    /// The next frame from `from` for which `is_it` holds, held; others from there are thrown away. For
    /// lines that lead to Mallory herself.
    pub(super) fn take(&self, from: Person, is_it: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, Halt> {
        loop {
            let frame = self.next_frame(from)?;
            if is_it(&frame) {
                let to = Person::Mallory;
                self.stage.caught(Direction { from, to }, Fate::Held, &frame);
                return Ok(frame);
            }
        }
    }

    /// Passes everything until a frame from `from` for which `is_it` holds; that one is held.
    pub(super) fn hold(&self, from: Person, is_it: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, Halt> {
        loop {
            match self.next()? {
                (person, Piece::Frame(frame)) if person == from && is_it(&frame) => {
                    let to = self.opposite(person);
                    self.stage
                        .caught(Direction { from: person, to }, Fate::Held, &frame);
                    return Ok(frame);
                }
                (person, Piece::End) if person == from => return Err(Halt::HungUp),
                (person, piece) => self.pass_piece(person, piece),
            }
        }
    }

    /// Passes everything until `holds`, or until a check stopped something; gives whether it held.
    pub(super) fn pass_until(&self, holds: impl Fn(&Snapshot) -> bool) -> Result<bool, Halt> {
        let until = Instant::now() + PATIENCE;
        loop {
            let seen = self.stage.snapshot();
            if holds(&seen) {
                return Ok(true);
            }
            if !seen.stops.is_empty() || Instant::now() >= until {
                return Ok(false);
            }
            if self.stage.halted() {
                return Err(Halt::Stopped);
            }
            // The screens change a moment after a frame was passed; ask again soon.
            let waiting = self.aside.borrow_mut().pop_front();
            let arrived = waiting.or_else(|| self.pieces.recv_timeout(Duration::from_millis(5)).ok());
            if let Some((person, piece)) = arrived {
                self.pass_piece(person, piece);
            }
        }
    }

    /// Sends bytes to somebody, in somebody's name.
    pub(super) fn inject(&self, from: Person, to: Person, bytes: &[u8]) {
        self.stage.caught(Direction { from, to }, Fate::Injected, bytes);
        self.write(to, bytes);
    }

    /// Passes a frame that was held.
    pub(super) fn pass(&self, from: Person, bytes: &[u8]) {
        let to = self.opposite(from);
        self.stage.caught(Direction { from, to }, Fate::Passed, bytes);
        self.write(to, bytes);
    }

    /// Ends the line to somebody, as TCP does when a program ends.
    pub(super) fn cut(&self, person: Person) {
        if let Some(stream) = self.line(person) {
            let _ = stream.shutdown(Shutdown::Write);
        }
    }

    fn pass_piece(&self, from: Person, piece: Piece) {
        match piece {
            Piece::Frame(frame) => self.pass(from, &frame),
            Piece::End => self.cut(self.opposite(from)),
        }
    }

    fn write(&self, to: Person, bytes: &[u8]) {
        if let Some(mut stream) = self.line(to) {
            // Who has hung up reads nothing more; its screen says so.
            let _ = stream.write_all(bytes);
        }
    }

    fn line(&self, person: Person) -> Option<&TcpStream> {
        self.lines
            .iter()
            .find(|(whose, _)| *whose == person)
            .map(|(_, stream)| stream)
    }

    /// The other victim, or Mallory herself where there is none.
    fn opposite(&self, person: Person) -> Person {
        let other = self.lines.iter().find(|(whose, _)| *whose != person);
        other.map_or(Person::Mallory, |(whose, _)| *whose)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        for (_, stream) in &self.lines {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn split(mut stream: TcpStream, person: Person, pieces: &Sender<(Person, Piece)>) {
    let mut waiting = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        while let Some(length) = frame_length(&waiting).filter(|length| *length <= waiting.len()) {
            let frame: Vec<u8> = waiting.drain(..length).collect();
            if pieces.send((person, Piece::Frame(frame))).is_err() {
                return;
            }
        }
        if frame_length(&waiting).is_some_and(|length| length > MAX_FRAME) {
            break;
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => waiting.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    let _ = pieces.send((person, Piece::End));
}

/// Both protocols frame alike: a byte for the kind, four for the length of what follows.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let length = bytes.get(1..5)?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    Some(5 + length as usize)
}
