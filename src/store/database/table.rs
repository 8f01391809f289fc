//! What records are about.

/// What a record is about. Each has a table and keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Table {
    /// One of a kind: identity, settings, version.
    Own,
    /// Everybody met.
    Contacts,
    /// The rooms that are kept.
    Rooms,
    /// How far each log goes.
    Extents,
    /// Entries of the rooms' logs.
    Log,
    /// The words of the logs, packed for searching.
    Texts,
    /// Messages of ours that wait.
    Outbox,
    /// What a room's threads remember, in their own form.
    RoomStates,
    /// Whatever else, under keys of its owner's choice.
    Notes,
}

impl Table {
    pub(super) const ALL: [Table; 9] = [
        Table::Own,
        Table::Contacts,
        Table::Rooms,
        Table::Extents,
        Table::Log,
        Table::Texts,
        Table::Outbox,
        Table::RoomStates,
        Table::Notes,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Table::Own => "own",
            Table::Contacts => "contacts",
            Table::Rooms => "rooms",
            Table::Extents => "extents",
            Table::Log => "log",
            Table::Texts => "texts",
            Table::Outbox => "outbox",
            Table::RoomStates => "room states",
            Table::Notes => "notes",
        }
    }

    /// For messages about damage.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Table::Own => "the settings or the identity",
            Table::Contacts => "a contact",
            Table::Rooms | Table::Extents | Table::RoomStates => "a kept room",
            Table::Log => "a message of a kept room",
            Table::Texts => "a part of the search index",
            Table::Outbox => "a message that waits",
            Table::Notes => "a private message or a note of the program",
        }
    }
}
