//! What came while we were away, in words: the same in the window and on a terminal.

/// All that was missed is here; so many messages of others it was.
pub fn caught_up(messages: u64) -> String {
    match messages {
        0 => "Nothing was said while you were away.".to_owned(),
        1 => "That was all: 1 message came while you were away.".to_owned(),
        _ => format!("That was all: {messages} messages came while you were away."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_is_not_several_and_none_is_said_to_be_none() {
        assert_eq!(caught_up(0), "Nothing was said while you were away.");
        assert_eq!(caught_up(1), "That was all: 1 message came while you were away.");
        assert!(caught_up(2).contains("2 messages came"));
    }
}
