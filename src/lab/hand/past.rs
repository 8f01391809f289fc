//! What was, so that it can be taken back and done again.

/// A value with its past and, after undoing, its future.
#[derive(Clone, Debug)]
pub(super) struct Past<T> {
    now: T,
    before: Vec<T>,
    after: Vec<T>,
}

impl<T: Clone + PartialEq> Past<T> {
    pub fn new(now: T) -> Self {
        Self {
            now,
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    pub fn now(&self) -> &T {
        &self.now
    }

    /// Goes on to another value; one that is the same is no step.
    pub fn go(&mut self, next: T) {
        if next != self.now {
            self.before.push(std::mem::replace(&mut self.now, next));
            self.after.clear();
            if self.before.len() > MOST_STEPS {
                self.before.remove(0);
            }
        }
    }

    pub fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.after.is_empty()
    }

    pub fn undo(&mut self) {
        if let Some(before) = self.before.pop() {
            self.after.push(std::mem::replace(&mut self.now, before));
        }
    }

    pub fn redo(&mut self) {
        if let Some(after) = self.after.pop() {
            self.before.push(std::mem::replace(&mut self.now, after));
        }
    }
}

/// Steps that can be taken back.
const MOST_STEPS: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_back_and_done_again() {
        let mut past = Past::new(1);
        past.go(2);
        past.go(2);
        past.go(3);
        past.undo();
        assert_eq!((*past.now(), past.can_redo()), (2, true));
        past.redo();
        assert_eq!((*past.now(), past.can_redo()), (3, false));
        past.undo();
        past.undo();
        assert_eq!((*past.now(), past.can_undo()), (1, false));
        past.undo();
        past.go(9);
        assert_eq!((*past.now(), past.can_redo()), (9, false));
    }
}
