//! Languages as attacks see them: how likely letters are after one another.

/// One language's statistics. The tables lie packed in the program and are unpacked once, at the first use.
#[derive(Debug)]
pub struct Language {
    /// The ISO 639-1 code.
    pub id: &'static str,
    /// The name shown to people.
    pub name: &'static str,
}
