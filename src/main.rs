//! The program: arguments, then a window or a terminal verb.
fn main() {}
