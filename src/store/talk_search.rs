//! Looking for words in private conversations, and reading them on: newest first, one record after another.
//!
//! They are not packed like a room's words: two people say little beside a room, and each message is opened by itself.

use std::ops::ControlFlow;

use super::talks::{Talk, said_key, talk};
use super::{Rows as _, Said, Searched, StoreError, Table, Vault, Words};

/// A private message that has all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPrivate {
    /// The conversation that it stands in.
    pub talk: Talk,
    /// Its place there.
    pub place: u64,
    /// What was said.
    pub said: Said,
}

impl Vault {
    /// Looks through the private conversations of a kept room, newest messages first in each, and tells each
    /// message that has all the words. Ends early when `found` says so. Messages that can't be read are counted, and a
    /// conversation of which nothing can, as one. Long: call it on a thread.
    pub fn search_talks(
        &self,
        room: &[u8; 32],
        words: &Words,
        found: &mut dyn FnMut(FoundPrivate) -> ControlFlow<()>,
    ) -> Result<Searched, StoreError> {
        let (talks, lost) = self.talks_and_lost(room)?;
        let mut searched = Searched { ended: true, lost };
        for talk in talks {
            self.read(|reading| {
                reading.looking_up(Table::Notes, &mut |look_up| {
                    for place in (talk.first..talk.next).rev() {
                        let said = match look_up(&said_key(&talk.channel, place)) {
                            Ok(row) => row.and_then(|row| minicbor::decode::<Said>(row.value()).ok()),
                            Err(StoreError::Damaged { .. }) => None,
                            Err(error) => return Err(error),
                        };
                        searched.lost += u64::from(said.is_none());
                        let Some(said) = said.filter(|said| words.are_in(&said.text)) else {
                            continue;
                        };
                        let talk = talk.clone();
                        if found(FoundPrivate { talk, place, said }).is_break() {
                            searched.ended = false;
                            break;
                        }
                    }
                    Ok(())
                })
            })?;
            if !searched.ended {
                break;
            }
        }
        Ok(searched)
    }

    /// One private conversation by the id of its channel.
    pub fn talk(&self, channel: &[u8; 32]) -> Result<Option<Talk>, StoreError> {
        self.read(|reading| talk(reading, channel))
    }
}
