//! Words to try, sought on a thread of their own: a long text takes longer than the window can wait.

use std::fmt;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use super::cribs::{Proposal, proposals};
use crate::analysis::language::Language;

/// The words that were proposed last, and the search for the next ones.
pub struct Suggestions {
    wake: Arc<dyn Fn() + Send + Sync>,
    at_work: Option<(Question, Receiver<Vec<Proposal>>)>,
    made: Option<(Question, Vec<Proposal>)>,
}

/// What words are asked for.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    cipher: &'static str,
    language: &'static Language,
    text: Arc<str>,
}

impl Suggestions {
    /// Nothing proposed yet; `wake` is called when something is.
    pub(super) fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self {
            wake,
            at_work: None,
            made: None,
        }
    }

    /// The words for a text, or `None` while they are sought. Asks for them where nobody did, one text at a time; never waits.
    pub fn of(
        &mut self,
        cipher: &'static str,
        text: &str,
        language: &'static Language,
    ) -> Option<&[Proposal]> {
        self.take();
        let wanted = |question: &Question| {
            question.cipher == cipher && question.language == language && &*question.text == text
        };
        if !self.made.as_ref().is_some_and(|(made, _)| wanted(made)) {
            if self.at_work.is_none() {
                self.ask(Question {
                    cipher,
                    language,
                    text: text.into(),
                });
            }
            return None;
        }
        self.made.as_ref().map(|(_, words)| words.as_slice())
    }

    fn take(&mut self) {
        let Some((question, answer)) = self.at_work.take() else {
            return;
        };
        match answer.try_recv() {
            Ok(words) => self.made = Some((question, words)),
            Err(crossbeam_channel::TryRecvError::Empty) => self.at_work = Some((question, answer)),
            // The thread is gone without an answer: then there is none.
            Err(crossbeam_channel::TryRecvError::Disconnected) => self.made = Some((question, Vec::new())),
        }
    }

    fn ask(&mut self, question: Question) {
        let (sender, answer) = bounded(1);
        let (theirs, wake) = (question.clone(), Arc::clone(&self.wake));
        let work = move || {
            let Question {
                cipher,
                text,
                language,
            } = theirs;
            let told = sender.send(proposals(cipher, &text, language)).is_ok();
            drop(sender);
            if told {
                wake();
            }
        };
        // Without a thread there is no answer, and the next look takes that for none.
        let _ = thread::Builder::new().name("words".to_owned()).spawn(work);
        self.at_work = Some((question, answer));
    }
}

impl fmt::Debug for Suggestions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suggestions")
            .field("at_work", &self.at_work)
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ciphers::{Key, find};
    use crate::lab::samples;

    #[test]
    fn words_come_from_a_thread_that_wakes_whoever_asked() {
        let key = Key::new().with("keyword", "LEMON");
        let cipher = find("vigenere").unwrap().build(&key).unwrap();
        let text = cipher.encrypt(samples::ALL[1].text).unwrap();
        let (sender, woken) = bounded(1);
        let me = thread::current().id();
        let wake = move || sender.send(thread::current().id()).unwrap();
        let mut suggestions = Suggestions::new(Arc::new(wake));
        let english = Language::english();
        assert_eq!(suggestions.of("vigenere", &text, english), None);
        let by = woken.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_ne!(by, me);
        let expected = proposals("vigenere", &text, english);
        assert_eq!(suggestions.of("vigenere", &text, english), Some(&expected[..]));
        assert_eq!(
            suggestions.of("beaufort", &text, english),
            None,
            "another question"
        );
    }
}
