//! Words to try, sought on a thread of their own: a long text takes longer than the window can wait.

use std::fmt;
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use super::cribs::{Proposal, proposals};
use super::thread::spawn;
use crate::analysis::language::Language;

/// The words that were proposed last, and the search for the next ones.
pub struct Suggestions {
    wake: Arc<dyn Fn() + Send + Sync>,
    at_work: Option<(Question, Receiver<Answer>)>,
    made: Option<(Question, Answer)>,
}

/// The words, or `None` where a fault of this program ended the search for them.
type Answer = Option<Vec<Proposal>>;

/// How far words are, as somebody looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen<'a> {
    /// They are being sought.
    Sought,
    /// These were found, the best first.
    Found(&'a [Proposal]),
    /// A fault of this program ended the search.
    Failed,
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

    /// The words for a text. Asks for them where nobody did, one text at a time; never waits.
    pub fn of(&mut self, cipher: &'static str, text: &str, language: &'static Language) -> Seen<'_> {
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
            return Seen::Sought;
        }
        match &self.made {
            Some((_, Some(words))) => Seen::Found(words),
            Some((_, None)) => Seen::Failed,
            None => Seen::Sought,
        }
    }

    fn take(&mut self) {
        let Some((question, answer)) = self.at_work.take() else {
            return;
        };
        match answer.try_recv() {
            Ok(words) => self.made = Some((question, words)),
            Err(crossbeam_channel::TryRecvError::Empty) => self.at_work = Some((question, answer)),
            // The thread never began.
            Err(crossbeam_channel::TryRecvError::Disconnected) => self.made = Some((question, None)),
        }
    }

    fn ask(&mut self, question: Question) {
        let (sender, answer) = bounded(1);
        let wake = Arc::clone(&self.wake);
        let tell = move |answer| {
            let told = sender.send(answer).is_ok();
            drop(sender);
            if told {
                wake();
            }
        };
        let (theirs, of_the_dead) = (question.clone(), tell.clone());
        let work = move || {
            #[cfg(test)]
            assert!(&*theirs.text != super::job::tests::DEADLY, "on purpose");
            tell(Some(proposals(theirs.cipher, &theirs.text, theirs.language)));
        };
        // Without a thread there is no answer, and the next look takes that for a fault.
        let _ = spawn("words", work, move || of_the_dead(None));
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
    use std::thread;
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
        assert_eq!(suggestions.of("vigenere", &text, english), Seen::Sought);
        let by = woken.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_ne!(by, me);
        let expected = proposals("vigenere", &text, english);
        assert_eq!(
            suggestions.of("vigenere", &text, english),
            Seen::Found(&expected[..])
        );
        assert_eq!(
            suggestions.of("beaufort", &text, english),
            Seen::Sought,
            "another question"
        );
    }

    #[test]
    fn a_search_that_died_does_not_look_like_one_that_found_nothing_and_the_next_is_made() {
        let (sender, woken) = bounded(1);
        let mut suggestions = Suggestions::new(Arc::new(move || sender.send(()).unwrap()));
        let english = Language::english();
        let deadly = crate::lab::job::tests::DEADLY;
        assert_eq!(suggestions.of("vigenere", deadly, english), Seen::Sought);
        woken.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(suggestions.of("vigenere", deadly, english), Seen::Failed);
        assert_eq!(suggestions.of("vigenere", "abc", english), Seen::Sought);
        woken.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(matches!(
            suggestions.of("vigenere", "abc", english),
            Seen::Found(_)
        ));
    }
}
