//! The background thread of a bench: takes the newest request, gives one reply for each card, and drops what is stale.
//!
//! Requests lie in a slot that a newer one replaces; replies go through a bounded channel. Built ciphers are kept, since
//! deriving AES's key from a passphrase takes as long as all the rest together; so are replies that still hold.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::bench::{Card, CardId};
use super::figures::{Figures, symbols};
use super::policy::Policy;
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
        std::thread::Builder::new()
            .name("lab".to_owned())
            .spawn(move || {
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
            })?;
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
    /// Works out a request; `reply` says whether anybody still listens. Gives `false` when nobody does.
    pub fn work(
        &mut self,
        request: &Request,
        stale: &dyn Fn() -> bool,
        reply: &mut dyn FnMut(Reply) -> bool,
    ) -> bool {
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
                    let outcome = self.outcome(card, request, &input);
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
mod tests {
    use super::*;
    use crate::lab::bench::Bench;
    use std::time::{Duration, Instant};

    fn request(bench: &Bench, number: u64) -> Request {
        Request {
            number,
            text: Arc::clone(bench.text()),
            direction: bench.direction(),
            policy: bench.policy(),
            cards: bench.cards().to_vec(),
        }
    }

    fn work(desk: &mut Desk, bench: &Bench) -> HashMap<CardId, Outcome> {
        let mut outcomes = HashMap::new();
        desk.work(&request(bench, 1), &|| false, &mut |reply| {
            if let Reply::Card { card, outcome, .. } = reply {
                outcomes.insert(card, outcome);
            }
            true
        });
        outcomes
    }

    #[test]
    fn every_card_gets_its_result() {
        let bench = Bench::default();
        let outcomes = work(&mut Desk::default(), &bench);
        assert_eq!(outcomes.len(), 4);
        let caesar = outcomes[&bench.cards()[0].id].as_ref().unwrap();
        assert!(caesar.text.starts_with("Lw zdv wkh ehvw ri wlphv"));
        assert!((caesar.key_bits - 26f64.log2()).abs() < 1e-9);
        assert_eq!(caesar.links.as_ref().unwrap().outputs_of(3), &[3]);
        assert_eq!(outcomes[&bench.cards()[3].id].as_ref().unwrap().strips.len(), 4);
    }

    #[test]
    fn a_random_nonce_is_not_drawn_again_for_nothing() {
        let mut desk = Desk::default();
        let mut bench = Bench::default();
        let aes = bench.cards()[3].id;
        let before = work(&mut desk, &bench)[&aes].as_ref().unwrap().text.clone();
        bench.set_key(bench.cards()[0].id, Key::new().with("shift", "4"));
        assert_eq!(work(&mut desk, &bench)[&aes].as_ref().unwrap().text, before);
        bench.set_text("Another text");
        assert_ne!(work(&mut desk, &bench)[&aes].as_ref().unwrap().text, before);
    }

    #[test]
    fn wrong_keys_and_altered_texts_are_told_apart() {
        let mut bench = Bench::empty();
        bench.set_text("00ff");
        let caesar = bench.add("caesar").unwrap();
        bench.set_key(caesar, Key::new().with("shift", "three"));
        let aes = bench.add("aes-256-gcm").unwrap();
        bench.set_direction(Direction::Decrypt);
        let outcomes = work(&mut Desk::default(), &bench);
        assert!(matches!(&outcomes[&caesar], Err(CardError::Key(error)) if error.param() == Some("shift")));
        assert!(matches!(&outcomes[&aes], Err(CardError::Text(_))));
    }

    #[test]
    fn links_lead_through_policy_and_groups() {
        let mut bench = Bench::empty();
        bench.set_text("ab cd efg");
        bench.set_policy(Policy {
            strip_spaces: true,
            groups: true,
            ..Default::default()
        });
        let rot13 = bench.add("rot13").unwrap();
        let outcomes = work(&mut Desk::default(), &bench);
        let output = outcomes[&rot13].as_ref().unwrap();
        assert_eq!(output.text, "nopqr st");
        let links = output.links.as_ref().unwrap();
        assert_eq!(links.outputs_of(3), &[2]);
        assert_eq!(links.outputs_of(7), &[6]);
        assert_eq!(links.outputs_of(2), &[] as &[u32]);
        assert_eq!(output.back.as_ref().unwrap().outputs_of(6), &[7]);
    }

    #[test]
    fn stale_work_is_left() {
        let bench = Bench::default();
        let cards = std::cell::Cell::new(0);
        let mut done = false;
        let listens = Desk::default().work(&request(&bench, 1), &|| cards.get() == 2, &mut |reply| {
            match reply {
                Reply::Card { .. } => cards.set(cards.get() + 1),
                Reply::Done { .. } => done = true,
                Reply::Input { .. } => {}
            }
            true
        });
        assert!(listens && !done);
        assert_eq!(cards.get(), 2, "the third card is not begun");
    }

    #[test]
    fn the_last_request_wins() {
        let worker = Worker::start(|| ()).unwrap();
        let mut bench = Bench::default();
        bench.set_text(&"the quick brown fox ".repeat(50_000));
        for number in 1..=20 {
            bench.set_key(bench.cards()[0].id, Key::new().with("shift", &number.to_string()));
            worker.ask(request(&bench, number));
        }
        let ends = Instant::now() + Duration::from_secs(60);
        let mut last = String::new();
        loop {
            match worker.replies().recv_deadline(ends).unwrap() {
                Reply::Card {
                    number: 20,
                    card,
                    outcome,
                } if card == bench.cards()[0].id => {
                    last = outcome.unwrap().text.chars().take(3).collect();
                }
                Reply::Done { number } => {
                    assert_eq!(number, 20, "a stale request is never finished");
                    break;
                }
                _ => {}
            }
        }
        assert_eq!(last, "nby");
    }
}
