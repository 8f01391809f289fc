//! A long text page by page: laying out all of it at every key press would take longer than a frame.

use std::ops::Range;
use std::sync::Arc;

use egui::{DragValue, Ui};

use crate::analysis::keyspace::grouped;
use crate::ui::theme::{icons, text};
use crate::ui::widgets::IconButton;

/// Where the pages of a text begin, and which one is shown.
#[derive(Debug, Default)]
pub(super) struct Pages {
    of: Option<Arc<str>>,
    /// Byte offsets; the first is 0.
    starts: Vec<usize>,
    length: usize,
    at: usize,
    /// Characters before the page that is shown, once they were counted.
    before: Option<usize>,
}

impl Pages {
    /// Takes note of another text: it is divided anew, and its first page is shown.
    pub fn follow(&mut self, text: &Arc<str>) {
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, text)) {
            return;
        }
        *self = Self {
            of: Some(Arc::clone(text)),
            starts: divide(text),
            length: text.len(),
            at: 0,
            before: Some(0),
        };
    }

    /// Takes note of an edit on the page that is shown, which now ends at `end`. The other pages keep their texts.
    pub fn edited(&mut self, text: &Arc<str>, end: usize) {
        let old = self.range().end;
        for start in self.starts.iter_mut().skip(self.at + 1) {
            *start = *start - old + end;
        }
        self.length = text.len();
        self.of = Some(Arc::clone(text));
    }

    /// The number of pages.
    pub fn count(&self) -> usize {
        self.starts.len().max(1)
    }

    /// The bytes of the page that is shown.
    pub fn range(&self) -> Range<usize> {
        let start = self.starts.get(self.at).copied().unwrap_or(0);
        start..self.starts.get(self.at + 1).copied().unwrap_or(self.length)
    }

    /// The number of characters before the page that is shown.
    pub fn characters_before(&mut self, text: &str) -> usize {
        let start = self.range().start;
        *self
            .before
            .get_or_insert_with(|| text.get(..start).map_or(0, |before| before.chars().count()))
    }

    /// Shows another page, counted from 0.
    pub fn show(&mut self, page: usize) {
        self.at = page.min(self.count() - 1);
        self.before = None;
    }

    /// The row with which pages are turned.
    pub fn ui(&mut self, ui: &mut Ui, bytes: usize) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let (first, last) = (self.at == 0, self.at + 1 == self.count());
            let previous = IconButton::new(icons::CARET_LEFT, "Previous page").small();
            if ui.add_enabled(!first, previous).clicked() {
                self.show(self.at - 1);
            }
            ui.label(text::small(ui, "Page"));
            let mut page = self.at + 1;
            let field = ui
                .add(DragValue::new(&mut page).range(1..=self.count()))
                .accessible_name("Page");
            if field.changed() {
                self.show(page - 1);
            }
            ui.label(text::small(ui, format!("of {}", self.count())));
            let next = IconButton::new(icons::CARET_RIGHT, "Next page").small();
            if ui.add_enabled(!last, next).clicked() {
                self.show(self.at + 1);
            }
            let said = format!("{} bytes; all of it is encrypted", grouped(bytes as u64));
            ui.label(text::small(ui, said));
        });
    }
}

/// Pages of about [`PAGE`] bytes that end after a space or a line where there is one; a short text is one page.
fn divide(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    if text.len() <= MOST_EDITED {
        return starts;
    }
    let mut start = 0;
    while text.len() - start > PAGE + PAGE / 4 {
        let end = text.floor_char_boundary(start + PAGE);
        let near = text.floor_char_boundary(end - PAGE / 8);
        let tail = &text[near..end];
        let gap = tail.rfind('\n').or_else(|| tail.rfind(' '));
        start = gap.map_or(end, |gap| near + gap + 1);
        starts.push(start);
    }
    starts
}

/// The longest text that is edited as one page, in bytes.
const MOST_EDITED: usize = 40_000;
/// The length of a page, in bytes.
const PAGE: usize = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(text: &str) -> (Pages, Arc<str>) {
        let text: Arc<str> = text.into();
        let mut pages = Pages::default();
        pages.follow(&text);
        (pages, text)
    }

    #[test]
    fn a_short_text_is_one_page() {
        let (pages, text) = pages("Meet me under the clock.");
        assert_eq!((pages.count(), pages.range()), (1, 0..text.len()));
    }

    #[test]
    fn pages_make_up_the_text_and_end_between_words() {
        for text in ["It was the best of times. ".repeat(4_000), "ä".repeat(60_000)] {
            let (mut pages, text) = pages(&text);
            let mut all = String::new();
            for page in 0..pages.count() {
                pages.show(page);
                assert_eq!(pages.characters_before(&text), all.chars().count());
                all += &text[pages.range()];
                assert!(pages.range().len() <= PAGE + PAGE / 4);
            }
            assert_eq!(all, *text);
        }
        let (mut pages, text) = pages(&"It was the best of times. ".repeat(4_000));
        pages.show(3);
        assert!(text[..pages.range().start].ends_with(' '));
    }

    #[test]
    fn an_edit_on_one_page_leaves_the_others_as_they_are() {
        let (mut pages, text) = pages(&"It was the best of times. ".repeat(4_000));
        pages.show(2);
        let range = pages.range();
        let after = text[range.end..].to_owned();
        let edited: Arc<str> = [&text[..range.start], "short", &after].concat().into();
        pages.edited(&edited, range.start + 5);
        assert_eq!(&edited[pages.range()], "short");
        pages.show(3);
        assert_eq!(edited[pages.range().start..], after);
        // The text that it knows is not divided anew.
        pages.follow(&edited);
        assert_eq!(edited[pages.range().start..], after);
    }
}
