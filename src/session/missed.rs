//! What came while we were away, in words: the same in the window and on a terminal.

/// All that was missed is here; so many messages it was that were not written on this computer.
pub fn caught_up(messages: u64) -> String {
    match messages {
        0 => "Nothing new was said while you were away.".to_owned(),
        1 => "That was all: 1 message came while you were away.".to_owned(),
        _ => format!("That was all: {messages} messages came while you were away."),
    }
}

/// The same where what one said oneself is counted and not shown: `own` of the messages were said from somewhere else.
pub fn caught_up_with_others(messages: u64, own: u64) -> String {
    let all = caught_up(messages);
    match own {
        0 => all,
        own if own == messages => format!("{all} All of it you said from somewhere else."),
        1 => format!("{all} One of them you said from somewhere else."),
        own => format!("{all} {own} of them you said from somewhere else."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_is_not_several_and_none_is_said_to_be_none() {
        // What the user wrote here, and what was confirmed meanwhile, may stand right above it.
        assert_eq!(caught_up(0), "Nothing new was said while you were away.");
        assert_eq!(caught_up(1), "That was all: 1 message came while you were away.");
        assert!(caught_up(2).contains("2 messages came"));
    }

    #[test]
    fn what_one_said_from_somewhere_else_is_named_where_it_is_not_shown() {
        assert_eq!(caught_up_with_others(2, 0), caught_up(2));
        let end = |messages, own| caught_up_with_others(messages, own).replacen(&caught_up(messages), "", 1);
        assert_eq!(end(1, 1), " All of it you said from somewhere else.");
        assert_eq!(end(3, 1), " One of them you said from somewhere else.");
        assert_eq!(end(3, 2), " 2 of them you said from somewhere else.");
    }
}
