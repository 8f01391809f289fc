//! Alice, Bob and Mallory: their keys for both protocols, made once and used by every exhibit.

use std::sync::Arc;
use std::thread;

use super::hands::Halt;
use super::stage::Person;
use super::textbook::TextbookKey;
use crate::crypto::{Identity, WrapKey};

/// The keys of everybody who plays. They are of the lab alone and never stored.
#[derive(Debug)]
pub struct Cast {
    alice: Player,
    bob: Player,
    mallory: Player,
}

/// One player's keys.
#[derive(Debug)]
pub(super) struct Player {
    pub(super) identity: Identity,
    pub(super) wrap: WrapKey,
    pub(super) textbook: Arc<TextbookKey>,
}

impl Cast {
    /// Makes all keys, each player's on a thread of its own. Takes a second or two: not for the window.
    #[expect(
        clippy::disallowed_methods,
        reason = "they are joined here, and their death told"
    )]
    pub fn generate() -> Result<Cast, Halt> {
        let [alice, bob, mallory] = [Person::Alice, Person::Bob, Person::Mallory].map(|person| {
            thread::Builder::new()
                .name(format!("keys of {}", person.name()))
                .spawn(Player::generate)
        });
        let made = |thread: std::io::Result<thread::JoinHandle<Result<Player, Halt>>>| {
            let died = |_| Halt::Failed("making a key failed".to_owned());
            thread?.join().map_err(died)?
        };
        Ok(Cast {
            alice: made(alice)?,
            bob: made(bob)?,
            mallory: made(mallory)?,
        })
    }

    pub(super) fn player(&self, person: Person) -> &Player {
        match person {
            Person::Alice => &self.alice,
            Person::Bob => &self.bob,
            Person::Mallory => &self.mallory,
        }
    }
}

impl Player {
    fn generate() -> Result<Player, Halt> {
        let failed = |_| Halt::Failed("making a key failed".to_owned());
        let mut rng = rand::rng();
        Ok(Player {
            identity: Identity::generate(&mut rng).map_err(failed)?,
            wrap: WrapKey::generate(&mut rng).map_err(failed)?,
            textbook: Arc::new(TextbookKey::generate()?),
        })
    }
}
