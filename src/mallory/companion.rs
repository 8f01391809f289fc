//! A second person on this computer, for the guided tour: hosts a real room on loopback and answers.
//!
//! It runs CR/1 with every check, under a key of the lab that is made for it and forgotten with it.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::cast::Cast;
use super::cr1::Host;
use super::hands::Halt;
use super::peer::{In, Peer, Play, listen};
use super::run::cast;
use super::stage::{Person, Stage, Wake};
use super::thread::spawn;
use crate::crypto::Secret;
use crate::protocol::{Endpoint, Invite};

/// The companion. Dropping it closes its room.
pub struct Companion {
    invite: Arc<Mutex<Option<Result<String, Halt>>>>,
    over: Arc<AtomicBool>,
    address: Arc<Mutex<Option<SocketAddr>>>,
}

impl Companion {
    /// Opens the room on a thread of its own: keys are made first. `wake` is called when it is open.
    pub fn begin(wake: Wake) -> Result<Companion, Halt> {
        Companion::begin_with(wake, cast)
    }

    /// [`Companion::begin`] with keys from elsewhere.
    fn begin_with(wake: Wake, open: fn() -> Result<Arc<Cast>, Halt>) -> Result<Companion, Halt> {
        let companion = Companion {
            invite: Arc::default(),
            over: Arc::default(),
            address: Arc::default(),
        };
        let (invite, over) = (Arc::clone(&companion.invite), Arc::clone(&companion.over));
        let address = Arc::clone(&companion.address);
        let tell = move |invitation| {
            *invite.lock().unwrap_or_else(PoisonError::into_inner) = Some(invitation);
            wake();
        };
        let of_the_dead = tell.clone();
        let work = move || {
            let opened = open().and_then(|cast| Ok((cast, listen()?)));
            match opened {
                Ok((cast, (listener, at))) => {
                    let secret = Secret::generate(&mut rand::rng());
                    *address.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
                    tell(Ok(invitation(&cast, at, &secret)));
                    serve(&listener, &cast, &secret, &over);
                }
                Err(halt) => tell(Err(halt)),
            }
        };
        spawn("companion", work, move || {
            let reason = "the companion failed, which is a fault of Cipher Room".to_owned();
            of_the_dead(Err(Halt::Failed(reason)));
        })?;
        Ok(companion)
    }

    /// The invitation to its room, once it is open.
    pub fn invite(&self) -> Option<Result<String, Halt>> {
        self.invite.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for callers.
        if let Some(address) = *self.address.lock().unwrap_or_else(PoisonError::into_inner) {
            drop(TcpStream::connect(address));
        }
    }
}

fn invitation(cast: &Cast, address: SocketAddr, secret: &Secret) -> String {
    Invite {
        endpoints: vec![Endpoint {
            host: address.ip().to_string(),
            port: address.port(),
        }],
        room: "Bob's room".to_owned(),
        host: cast.player(Person::Bob).identity.fingerprint(),
        secret: secret.clone(),
        expires_unix: None,
    }
    .to_string()
}

/// Takes callers one after the other; the newest one has the companion's ear.
fn serve(listener: &TcpListener, cast: &Arc<Cast>, secret: &Secret, over: &AtomicBool) {
    let mut guest: Option<(Peer, TcpStream)> = None;
    while let Ok((stream, _)) = listener.accept() {
        if let Some((_, before)) = guest.take() {
            let _ = before.shutdown(Shutdown::Both);
        }
        if over.load(Ordering::Relaxed) {
            return;
        }
        let Ok(copy) = stream.try_clone() else {
            continue;
        };
        let stage = Stage::new(Arc::new(|| {}));
        let host = Host::<0>::new(Person::Bob, secret.clone(), cast, &stage);
        let talker = Box::new(Talker {
            host,
            said: 0,
            stage: Arc::clone(&stage),
        });
        if let Ok(peer) = Peer::start(Person::Bob, stream, &stage, talker) {
            guest = Some((peer, copy));
        }
    }
}

/// A host that says a few things by itself.
struct Talker {
    host: Host<0>,
    said: usize,
    stage: Arc<Stage>,
}

/// What it says: when somebody came, then behind each message.
const LINES: [&str; 4] = [
    "Hello! I am Bob, a second program on your computer. Say something, and then look inside what you said.",
    "That came over a real socket, sealed and signed. Press the magnifying glass to see it as an eavesdropper does.",
    "Nobody on the line could read that, and I could not have written it in your name.",
    "I am only here for the tour. Whenever you like, go on to the next stop.",
];

impl Play for Talker {
    fn take(&mut self, input: In) -> Option<Vec<u8>> {
        let mut out = self.host.take(input)?;
        let seen = self.stage.snapshot().screen(Person::Bob);
        let heard = seen.heard().len();
        let is_in = seen.lines.iter().any(
            |line| matches!(line, super::stage::Shown::Note(note) if note.ends_with("joined the room.")),
        );
        if is_in && self.said <= heard && self.said < LINES.len() {
            let line = LINES.get(self.said).copied().unwrap_or_default();
            self.said += 1;
            out.extend(self.host.take(In::Say(line.to_owned()))?);
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_companion_that_died_is_not_waited_for() {
        let (woken, wakes) = crossbeam_channel::bounded(4);
        let wake = Arc::new(move || woken.send(()).unwrap());
        let companion = Companion::begin_with(wake, || panic!("on purpose")).unwrap();
        wakes.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(matches!(companion.invite(), Some(Err(Halt::Failed(_)))));
    }
}
