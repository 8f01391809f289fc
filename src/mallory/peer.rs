//! A victim's socket and thread: bytes and wishes come in over one bounded channel, nothing is polled.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::hands::Halt;
use super::stage::{Person, Stage};
use super::thread::spawn_on;

/// Bytes and wishes that may wait for a peer.
const WAITING: usize = 1024;

/// What reaches a peer.
pub(super) enum In {
    /// Bytes from the line.
    Bytes(Vec<u8>),
    /// The line ended.
    End,
    /// The user of this peer says something.
    Say(String),
    /// The user of this peer says goodbye.
    Bye,
}

/// A protocol as one peer runs it: bytes and wishes in, bytes out. It shows on the stage what its user sees.
pub(super) trait Play: Send {
    /// What is sent first.
    fn begin(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// Takes what comes. `None` ends the line.
    fn take(&mut self, input: In) -> Option<Vec<u8>>;
}

/// The way to a running peer. Dropping it ends the peer.
pub(super) struct Peer {
    inputs: Sender<In>,
    stream: TcpStream,
}

impl Peer {
    pub(super) fn say(&self, text: &str) {
        let _ = self.inputs.send(In::Say(text.to_owned()));
    }

    pub(super) fn bye(&self) {
        let _ = self.inputs.send(In::Bye);
    }

    /// Starts a peer on a line.
    pub(super) fn start(
        person: Person,
        stream: TcpStream,
        stage: &Arc<Stage>,
        play: Box<dyn Play>,
    ) -> Result<Peer, Halt> {
        let _ = stream.set_nodelay(true);
        let (inputs, heard) = bounded(WAITING);
        let (reading, writing) = (stream.try_clone()?, stream.try_clone()?);
        let from_line = inputs.clone();
        spawn_on(stage, &format!("{} reads", person.name()), move || {
            read_all(reading, &from_line)
        })?;
        let hangs_up = HangsUp(writing);
        spawn_on(stage, person.name(), move || live(play, &hangs_up.0, &heard))?;
        Ok(Peer { inputs, stream })
    }
}

/// Hangs up when the peer's thread ends, however it does.
struct HangsUp(TcpStream);

impl Drop for HangsUp {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

fn read_all(mut stream: TcpStream, inputs: &Sender<In>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => {
                let bytes = buffer.get(..count).unwrap_or_default().to_vec();
                if inputs.send(In::Bytes(bytes)).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => {
                let _ = inputs.send(In::End);
                return;
            }
        }
    }
}

fn live(mut play: Box<dyn Play>, mut stream: &TcpStream, inputs: &Receiver<In>) {
    if stream.write_all(&play.begin()).is_err() {
        return;
    }
    for input in inputs {
        let ends = matches!(input, In::End);
        let Some(bytes) = play.take(input) else {
            return;
        };
        if ends || stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

/// A loopback listener on a free port.
pub(super) fn listen() -> Result<(TcpListener, SocketAddr), Halt> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
