//! The background thread of a bench: takes the newest request, gives one reply for each card, and drops what is stale.
//!
//! Requests lie in a slot that a newer one replaces; replies go through a bounded channel. Built ciphers are kept, since
//! deriving AES's key from a passphrase takes as long as all the rest together; so are replies that still hold.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::bench::{Card, CardId};
use super::figures::{Figures, symbols};
use super::policy::Policy;
use super::thread::spawn;
use crate::analysis::{Repeats, Strip, avalanche, repeats};
use crate::ciphers::step::Links;
use crate::ciphers::{Cipher, CipherSpec, Direction, Key, KeyError, TextError, aes_256_gcm};

/// Everything that the cards' results depend on.
#[derive(Clone, Debug)]
pub struct Request {
    /// Grows with every request; a newer one makes this one stale.
    pub number: u64,
    /// The text on the bench.
    pub text: Arc<str>,
    /// Which way.
    pub direction: Direction,
    /// What happens to the text before.
    pub policy: Policy,
    /// The cards.
    pub cards: Vec<Card>,
}

/// What the thread has to say.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The numbers of the text itself.
    Input {
        /// The request's number.
        number: u64,
        /// What was counted.
        figures: Arc<Figures>,
    },
    /// One card is worked out.
    Card {
        /// The request's number.
        number: u64,
        /// The card.
        card: CardId,
        /// What became of it.
        outcome: Outcome,
    },
    /// All cards are worked out.
    Done {
        /// The request's number.
        number: u64,
    },
    /// A fault of this program ended the work, outside any one cipher: no card has a result.
    Failed {
        /// The request's number.
        number: u64,
    },
}

/// What became of a card.
pub type Outcome = Result<Arc<Output>, CardError>;

/// Why a card has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardError {
    /// Its key is not valid.
    Key(KeyError),
    /// Its key is valid, but the text cannot go through it.
    Text(TextError),
    /// A fault of this program; the other cards go on.
    Fault,
    /// A fault of this program before any card's turn had come.
    BenchFault,
}

/// A card's result and everything that is said about it.
#[derive(Clone, Debug)]
pub struct Output {
    /// The result, as it is shown, copied and saved.
    pub text: String,
    /// Its number of characters.
    pub length: usize,
    /// From the characters of the bench's text to those of the result; `None` for long texts.
    pub links: Option<Links>,
    /// The way back.
    pub back: Option<Links>,
    /// The counts and what follows from them.
    pub figures: Figures,
    /// log2 of the number of keys.
    pub key_bits: f64,
    /// A key that builds the same cipher without deriving anything.
    pub resolved: Key,
    /// What a small change does.
    pub strips: Vec<Strip>,
    /// What repeats.
    pub repeats: Option<Repeats>,
}

/// The thread's near end. Dropping it ends the thread.
pub struct Worker {
    shared: Arc<Shared>,
    doorbell: Option<Sender<()>>,
    replies: Receiver<Reply>,
}

struct Shared {
    slot: Mutex<Option<Request>>,
    newest: AtomicU64,
}

impl Worker {
    /// Starts the thread; `wake` is called after each reply. Fails when the system has no thread left.
    pub fn start(wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (doorbell, rung) = bounded::<()>(1);
        let (sender, replies) = bounded(MOST_REPLIES);
        let shared = Arc::new(Shared {
            slot: Mutex::new(None),
            newest: AtomicU64::new(0),
        });
        let theirs = Arc::clone(&shared);
        let work = move || {
            let mut desk = Desk::default();
            while rung.recv().is_ok() {
                let next = theirs.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(request) = next else { continue };
                let stale = || theirs.newest.load(Ordering::Relaxed) != request.number;
                let went = desk.work(&request, &stale, &mut |reply| {
                    let sent = sender.send(reply).is_ok();
                    wake();
                    sent
                });
                if !went {
                    return;
                }
            }
        };
        // All that touches a text answers for itself in `Desk::work`.
        spawn("lab", work, || ())?;
        Ok(Self {
            shared,
            doorbell: Some(doorbell),
            replies,
        })
    }

    /// Asks for a request's work, in place of all before it.
    pub fn ask(&self, request: Request) {
        self.shared.newest.store(request.number, Ordering::Relaxed);
        *self.shared.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        if let Some(doorbell) = &self.doorbell {
            match doorbell.try_send(()) {
                // A full doorbell has been rung already.
                Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
            }
        }
    }

    /// The replies, newest last; some may be stale.
    pub fn replies(&self) -> &Receiver<Reply> {
        &self.replies
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Whatever is under way is stale from here on, and the thread finds the doorbell gone.
        self.shared.newest.store(u64::MAX, Ordering::Relaxed);
        self.doorbell = None;
    }
}

/// The thread's own things: what it built, and what it answered last.
#[derive(Default)]
pub struct Desk {
    built: HashMap<(&'static str, Key), Arc<Built>>,
    answered: HashMap<CardId, Answered>,
}

struct Built {
    cipher: Box<dyn Cipher>,
    /// The key with nothing left to derive.
    resolved: Key,
}

struct Answered {
    cipher: &'static str,
    key: Key,
    text: Arc<str>,
    direction: Direction,
    policy: Policy,
    outcome: Outcome,
}

impl Desk {
    /// Works out a request; `reply` says whether anybody still listens. Gives `false` when nobody does. A fault is
    /// replied, and ends this request only.
    pub fn work(
        &mut self,
        request: &Request,
        stale: &dyn Fn() -> bool,
        reply: &mut dyn FnMut(Reply) -> bool,
    ) -> bool {
        let work = || self.work_out(request, stale, reply);
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
            *self = Desk::default();
            let number = request.number;
            reply(Reply::Failed { number })
        })
    }

    fn work_out(
        &mut self,
        request: &Request,
        stale: &dyn Fn() -> bool,
        reply: &mut dyn FnMut(Reply) -> bool,
    ) -> bool {
        #[cfg(test)]
        assert!(&*request.text != tests::DEADLY, "on purpose");
        let number = request.number;
        let input = match request.direction {
            Direction::Encrypt => request.policy.before(&request.text),
            Direction::Decrypt => Policy::default().before(&request.text),
        };
        let figures = Arc::new(Figures::of(&input.text, crate::analysis::Symbols::Latin));
        if !reply(Reply::Input { number, figures }) {
            return false;
        }
        self.forget(request);
        let mut cards: Vec<&Card> = request.cards.iter().collect();
        // What has still to be derived comes last, so that the others need not wait for it.
        cards.sort_by_key(|card| card.cipher.id == "aes-256-gcm" && !self.is_built(card));
        for card in cards {
            if stale() {
                return true;
            }
            let outcome = match self.known(card, request) {
                Some(outcome) => outcome,
                None => {
                    // A fault in one cipher ends its card, not the thread.
                    let outcome = catch_unwind(AssertUnwindSafe(|| self.outcome(card, request, &input)))
                        .unwrap_or(Err(CardError::Fault));
                    self.answered.insert(
                        card.id,
                        Answered {
                            cipher: card.cipher.id,
                            key: card.key.clone(),
                            text: Arc::clone(&request.text),
                            direction: request.direction,
                            policy: request.policy,
                            outcome: outcome.clone(),
                        },
                    );
                    outcome
                }
            };
            let card = card.id;
            if !reply(Reply::Card {
                number,
                card,
                outcome,
            }) {
                return false;
            }
        }
        stale() || reply(Reply::Done { number })
    }

    /// Drops what this request has no use for.
    fn forget(&mut self, request: &Request) {
        if self.built.len() > MOST_BUILT {
            self.built.retain(|(id, key), _| {
                request
                    .cards
                    .iter()
                    .any(|card| card.cipher.id == *id && card.key == *key)
            });
        }
        self.answered
            .retain(|id, _| request.cards.iter().any(|card| card.id == *id));
    }

    fn is_built(&self, card: &Card) -> bool {
        self.built.contains_key(&(card.cipher.id, card.key.clone()))
    }

    /// The last answer, if nothing that it depends on has changed: a random nonce is not drawn again for nothing.
    fn known(&self, card: &Card, request: &Request) -> Option<Outcome> {
        let last = self.answered.get(&card.id)?;
        let same = last.cipher == card.cipher.id
            && last.key == card.key
            && last.direction == request.direction
            && last.policy == request.policy
            && (Arc::ptr_eq(&last.text, &request.text) || last.text == request.text);
        same.then(|| last.outcome.clone())
    }

    fn built(&mut self, spec: &'static CipherSpec, key: &Key) -> Result<Arc<Built>, KeyError> {
        let name = (spec.id, key.clone());
        if let Some(built) = self.built.get(&name) {
            return Ok(Arc::clone(built));
        }
        let resolved = resolve(spec, key)?;
        let built = Arc::new(Built {
            cipher: spec.build(&resolved)?,
            resolved,
        });
        self.built.insert(name, Arc::clone(&built));
        Ok(built)
    }

    fn outcome(&mut self, card: &Card, request: &Request, input: &super::policy::Applied) -> Outcome {
        let built = self.built(card.cipher, &card.key).map_err(CardError::Key)?;
        let cipher = built.cipher.as_ref();
        let output = cipher
            .apply(request.direction, &input.text)
            .map_err(CardError::Text)?;
        let links = match input.origins.len() <= MOST_LINKED {
            true => cipher.links(request.direction, &input.text).ok(),
            false => None,
        };
        let count = request.text.chars().count();
        let shown = match request.direction {
            Direction::Encrypt => request.policy.after(&output),
            Direction::Decrypt => Policy::default().after(&output),
        };
        let links = links.map(|links| relink(&links, &input.origins, &shown.origins, count));
        let back = links.as_ref().map(|links| links.reversed(shown.origins.len()));
        let plaintext = match request.direction {
            Direction::Encrypt => &input.text,
            Direction::Decrypt => &output,
        };
        let excerpt: String = plaintext.chars().take(avalanche::EXCERPT).collect();
        Ok(Arc::new(Output {
            links,
            back,
            figures: Figures::of(&output, symbols(card.cipher, &card.key, request.direction)),
            key_bits: cipher.key_bits(),
            resolved: built.resolved.clone(),
            strips: avalanche::avalanche(card.cipher, &built.resolved, &excerpt),
            repeats: repeats(cipher, &excerpt).ok(),
            length: shown.origins.len(),
            text: shown.text,
        }))
    }
}

/// A key that builds the same cipher without deriving anything: AES's passphrase becomes its 32 bytes.
fn resolve(spec: &'static CipherSpec, key: &Key) -> Result<Key, KeyError> {
    if spec.id != "aes-256-gcm" {
        return Ok(key.clone());
    }
    let bytes = aes_256_gcm::key_bytes(key)?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut resolved = key.clone().with("key", &digits);
    resolved.remove("passphrase");
    Ok(resolved)
}

/// Links between the texts as they stand on the screen: before the policy and after it.
fn relink(links: &Links, origins: &[u32], shown: &[u32], count: usize) -> Links {
    // Where each character of the output is shown; a space between groups belongs to nobody.
    let mut places = vec![u32::MAX; shown.iter().map(|&at| at as usize + 1).max().unwrap_or(0)];
    for (place, &at) in shown.iter().enumerate() {
        places[at as usize] = place as u32;
    }
    let mut pairs = Vec::new();
    for input in 0..links.len() {
        let origin = origins.get(input).map_or(input, |&origin| origin as usize);
        for &output in links.outputs_of(input) {
            if let Some(&place) = places.get(output as usize).filter(|&&place| place != u32::MAX) {
                pairs.push((origin, place as usize));
            }
        }
    }
    Links::from_pairs(count, &pairs)
}

const MOST_REPLIES: usize = 64;
const MOST_BUILT: usize = 48;
/// The longest text, in characters, whose letters are linked to those of the results.
pub const MOST_LINKED: usize = 50_000;

#[cfg(test)]
pub(super) mod tests;
