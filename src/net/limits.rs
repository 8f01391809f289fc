//! What a peer, an address, a member and a room may cost, how much may wait and how long, and how often something is done
//! or told: the limits of this program.
//!
//! Another program that speaks CR/1 may choose other ones. Those that both ends must keep are in
//! [`crate::protocol::limits`]; `docs/protocol.md`, section 2, has both as tables and says what happens at each. How large
//! the pieces are into which a thread divides its own work, and how long it waits before it looks or tries again, stands
//! beside that work; what the disk may be asked for stands in `store`.
//!
//! Sizes are in bytes, work is in reckoned microseconds.

use std::time::Duration;

use crate::crypto::MAX_BATCH;

// Who comes in: connections and handshakes.

/// Threads of one room that share its connections.
pub const REACTORS: usize = 2;
/// Connections that a system lets wait to be accepted; the standard library's 128 makes a class wait.
pub const BACKLOG: i32 = 4096;
/// Connections that one reactor holds; more are turned away. Fewer where the system opens fewer files.
pub const MAX_CONNECTIONS: usize = 8192;
/// So many connections each of them takes even where the system says that there are fewer files.
pub const FEWEST_CONNECTIONS: usize = 16;
/// Files that are not for connections: the profile, windows, what is exported.
pub const OTHER_FILES: u64 = 128;
/// So often at most the host is told that no more connections can be opened, or that no more people can wait at its door.
pub const TOLD_INTERVAL: Duration = Duration::from_secs(60);
/// Newcomers that are accepted before those who are there get their turn.
pub const ACCEPTS_PER_TURN: usize = 64;
/// How long after a failed accept the next one is tried.
pub const ACCEPT_RETRY: Duration = Duration::from_millis(100);
/// Steps of handshakes that may wait for the threads that do RSA; more are refused with "full".
pub const WAITING_JOBS: usize = 4096;

/// Connections of one reactor that may be shaking hands at once. When all are taken, the oldest one
/// without a right hello gives way, of that origin which has most of them.
pub const MAX_HANDSHAKES: usize = 1024;
/// Of one origin (an IPv4 address, or a /64 of IPv6) so many of them. When all are taken, the oldest one of the same
/// origin without a right hello gives way: a whole school can stand behind one address, and a stranger among it.
pub const MAX_HANDSHAKES_PER_ORIGIN: usize = 256;
/// Who has an answer to its hello has so long for the proof of its key, where others wait for its place. The longest part
/// is an RSA signature and an unwrap, some 15 ms.
pub const PROOF_PATIENCE: Duration = Duration::from_secs(2);
/// An origin may show so many right hellos at once …
pub const HELLOS_AT_ONCE: u32 = 1024;
/// … and so many a second from then on. Who becomes a member has its hello back, so that who holds an invitation and
/// stays is not counted.
pub const HELLOS_A_SECOND: u32 = 64;
/// Who leaves so soon has not been a member: its hello counts after all, or its ticket when it came back with one.
pub const SHORT_STAY: Duration = Duration::from_secs(60);
/// Origins that are remembered; the others share one account.
pub const MAX_ORIGINS: usize = 8192;
/// Accounts of origins, allowances of members, and pairs of whom one sends private pieces to the other, are looked through
/// so often at most for those that are needed no more.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Hellos with no more than the address behind them that are answered at once, for one origin …
pub const UNINVITED_AT_ONCE: u32 = 64;
/// … and a second from then on. One answer takes at most one RSA signature, 4 ms.
pub const UNINVITED_A_SECOND: u32 = 4;
/// The same for all origins together, at once …
pub const ALL_UNINVITED_AT_ONCE: u32 = 512;
/// … and a second from then on.
pub const ALL_UNINVITED_A_SECOND: u32 = 32;
/// Hellos that are remembered, so that a recorded one is not answered again; twice as many at times.
pub const REMEMBERED_HELLOS: usize = 32 * 1024;

/// Invitations that admit at once.
pub const MAX_INVITATIONS: usize = 256;
/// Sessions that are kept to be resumed; the oldest gives way.
pub const MAX_SESSIONS: usize = 16_384;

/// Strangers of one origin who may wait for the host's answer: a class can stand behind one address …
pub const MAX_KNOCKING_PER_ORIGIN: usize = 64;
/// … and so many in all, because keys cost nothing. So many more may wait whose keys the host has seen before, wherever they
/// come from: strangers don't shut them out.
pub const MAX_KNOCKING: usize = 256;

/// Up to so many members a newcomer is let in at once …
pub const ADMITTED_ONE_BY_ONE: usize = 128;
/// … and for each one more, so much time passes between two groups of newcomers.
pub const ADMISSION_INTERVAL_A_MEMBER: Duration = Duration::from_micros(100);
/// Newcomers also wait while so many bytes a member are not written yet on the average …
pub const UNSENT_A_MEMBER: usize = 16 * 1024;
/// … or so many tasks wait for a reactor …
pub const WAITING_BROADCASTS: usize = 256;
/// … but never longer than this: the members may be slow for ever.
pub const ADMISSION_PATIENCE: Duration = Duration::from_secs(5);
/// Where people come and go without a pause, what is said of it is signed at most so often: whoever does it by resumption
/// would otherwise have the host sign for every one of its returns.
pub const COMING_AND_GOING_INTERVAL: Duration = Duration::from_millis(50);

// What a member may cost.

/// A guest of whose events so many were declined is sent away.
pub const MAX_DECLINED: u32 = 256;
/// They are counted further when it comes again within so long after the last one.
pub const DECLINED_REMEMBERED: Duration = Duration::from_secs(60);
/// So often at most the host is told of one guest's events that failed a check: how many more it were.
pub const FAULTS_TOLD_INTERVAL: Duration = Duration::from_secs(10);

/// What one member's messages may cost the host a second, in microseconds of work: a fifth of a core.
pub const MEMBER_WORK_A_SECOND: u32 = 200_000;
/// What they may cost at once. Who wants more is not read from until its time has come.
pub const MEMBER_WORK_AT_ONCE: u32 = 50_000;
/// What the pages of its catch-up may cost at once, some 75 of them; a second as much as its messages. Who missed 10,000
/// messages gets them without a rest.
pub const MEMBER_PAGES_AT_ONCE: u32 = 500_000;
/// Bytes that one member's messages may have written to all hearers together in a second, so that it can't fill the outboxes
/// of those who read slowly …
pub const MEMBER_BYTES_A_SECOND: u32 = 16 * 1024 * 1024;
/// … and at once.
pub const MEMBER_BYTES_AT_ONCE: u32 = 4 * 1024 * 1024;
/// Bytes of long messages that one member may have everybody keep in a second, however few they are, and of private pieces
/// that it may have passed on …
pub const MEMBER_KEPT_A_SECOND: u32 = 1024 * 1024;
/// … and at once.
pub const MEMBER_KEPT_AT_ONCE: u32 = 2 * 1024 * 1024;
/// As much of each message does not count there: what is short is bounded by its work. Private pieces count whole: all of
/// them may be for one member, whose line is slow.
pub const SHORT_MESSAGE: usize = 1024;
/// What the messages of all members together may cost a second, however many keys they have: one core …
pub const ALL_WORK_A_SECOND: u32 = 1_000_000;
/// … and at once. Twenty who talk once a second in a room of 10,000 cost four fifths of it.
pub const ALL_WORK_AT_ONCE: u32 = 1_000_000;
/// While they cost more, each pays so many times as much out of its own allowance.
pub const PRICE_WHILE_STRAINED: u32 = 10;
/// No longer than this after the last of it.
pub const ALL_DEBT: Duration = Duration::from_secs(1);
/// What the pages of all who catch up may cost a second …
pub const ALL_PAGES_A_SECOND: u32 = 1_000_000;
/// … and at once: all that 64 members may have at once, a class that comes back.
pub const ALL_PAGES_AT_ONCE: u32 = 64 * MEMBER_PAGES_AT_ONCE;
/// Who has used up half of what it may cost at once, but for pages, is read from in pieces of so many bytes, so that none
/// costs much more than what is left. So is everybody while half of what all may cost at once is used up.
pub const CAREFUL_READ: usize = 4 * 1024;
/// Reckoned microseconds for taking in a message, or word of how far somebody has the log …
pub const WORK_OF_A_MESSAGE: u32 = 10;
/// … for each message of the host's own that it confirms by that for the first time …
pub const WORK_OF_A_TICK: u32 = 2;
/// … for an RSA signature that is not the one of the message before …
pub const WORK_OF_A_SIGNATURE: u32 = 100;
/// … for each member that it is sent to, for each 2 KiB begun …
pub const WORK_OF_A_DELIVERY: u32 = 4;
/// … for the hello of a private conversation, which whoever gets it answers with RSA …
pub const WORK_OF_A_PRIVATE_HELLO: u32 = 5_000;
/// … and for a page of what it missed, beside its entries and its bytes.
pub const WORK_OF_A_PAGE: u32 = 200;
/// Who owes work for longer than this, and comes again, is let in only when less is left.
pub const MEMBER_DEBT: Duration = Duration::from_secs(30);
/// Members whose debts are remembered by their keys, those who are here among them; beyond, each line has an allowance of its
/// own, and who hangs up and comes again owes nothing. What all cost together is counted all the same.
pub const MAX_ALLOWANCES: usize = 32 * 1024;
/// When there are so many, those who are gone and owe nothing are forgotten.
pub const FEW_ALLOWANCES: usize = 1024;

/// Messages of ours of which it is followed who has them; older ones stay as they stood.
pub const MAX_FOLLOWED: usize = 1024;
/// So many names go with a tick; above it is a number alone.
pub const MAX_NAMED: usize = 128;

// What may wait to be read, signed and written, and how long.

/// Bytes read from one socket before the others get their turn.
pub const READ_BUDGET: usize = 256 * 1024;
/// Bytes sealed and written to one socket before the others get their turn.
pub const WRITE_BUDGET: usize = 256 * 1024;
/// A peer that lets so many bytes wait for it, without private pieces, is dropped: departed 2, and told so.
pub const OUTBOX_BYTES: usize = 8 * 1024 * 1024;
/// So is one whose socket takes nothing for so long while something waits.
pub const STALL: Duration = Duration::from_secs(20);
/// Memory in which all this may wait for the members of one reactor. What is said in the room is there once, for whomever
/// it waits; what waits for one alone, as pages and what is sealed, adds up: 8 MiB for each of a thousand keys would be all
/// memory. Those who hold most of it are dropped in the same way …
pub const HELD_BYTES: usize = 256 * 1024 * 1024;
/// … until no more than this is left, so that they are seldom looked for.
pub const HELD_AFTERWARDS: usize = HELD_BYTES / 4 * 3;
/// How long who is dropped for that has to read why, and who came over another connection that this one ends.
pub const LAST_WORD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long any other goodbye may take to be written, at either end.
pub const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long closing a room waits for what the host said last to be signed and sent.
pub const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(2);
/// How long leaving all rooms may take.
pub const LEAVING_TIMEOUT: Duration = Duration::from_secs(3);
/// How long unlocking waits for those who have not let go of the database yet: a little longer than reaching a host may take.
pub const LET_GO_TIMEOUT: Duration = Duration::from_secs(15);

/// A connection on which nothing came for so long is asked by the system whether the peer is there …
pub const KEEPALIVE_SILENCE: Duration = Duration::from_secs(30);
/// … and again after so long.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// What was sent may stay unanswered so long before the line counts as cut, where the system can be told.
pub const KEEPALIVE_UNANSWERED: Duration = Duration::from_secs(40);

/// Tasks that may wait for a reactor; then the room waits.
pub const WAITING_TASKS: usize = 16 * 1024;
/// How many inputs wait for the room before the reactors stop reading.
pub const ROOM_INPUTS: usize = 4096;
/// Pages of a catch-up that are under way to one guest.
pub const PAGES_AHEAD: u32 = 2;
/// Commands that may wait; a window that gives more is told to wait.
pub const WAITING_COMMANDS: usize = 1024;
/// Events that may wait before the background waits for the listener.
pub const WAITING_EVENTS: usize = 4096;
/// The most statements that are signed at once: four batches.
pub const MAX_BURST: usize = 4 * MAX_BATCH;
/// So many bursts may be on their way to be signed at once: the next is signed while the last is put where it belongs.
pub const MAX_UNDER_WAY: usize = 2;
/// The host's own messages that may wait to be signed; the next one is not sent, and that is told.
pub const MAX_TO_WRITE: usize = 4096;

/// Between two signatures over the room's order there is so much time at least: a busy room would otherwise spend a whole
/// core on them.
pub const HEAD_INTERVAL: Duration = Duration::from_millis(200);
/// How far the others are is passed on so often at most to members who wrote …
pub const POSITIONS_INTERVAL: Duration = Duration::from_millis(200);
/// … and in a large room after so long for each member.
pub const POSITIONS_INTERVAL_A_MEMBER: Duration = Duration::from_micros(200);

// Looking into connections.

/// Handshakes under way that are noted for the host to look into; the oldest gives way …
pub const WATCHED_HANDSHAKES: usize = 64;
/// … and pieces of each: five frames, what was drawn, and word that the host is asked.
pub const WATCHED_PIECES: usize = 16;
/// Bytes of a recorded connection that may wait for the window; what is beyond is left out, and that is told.
pub const RECORDED_BYTES: usize = 4 * 1024 * 1024;
/// Pieces of a guest's own handshake that may wait until it is known whether this attempt wins; with more of them its
/// recording ends.
pub const RECORDED_PIECES: usize = 64;
/// Members whose keys are told with a recording, so that their signatures can be checked.
pub const KEYS_OF_A_RECORDING: usize = 256;

// Private conversations.

/// Members with whom a conversation may be open.
pub const MAX_CHATS: usize = 256;
/// Private messages that may wait for one member.
pub const MAX_WAITING_FOR_ONE: usize = 1024;
/// So many bytes of text may be on their way to one member; each confirmation lets more go. A small part of
/// [`OUTBOX_BYTES`]: much may wait for many members, who may all come at once.
pub const MAX_ON_ITS_WAY: usize = 256 * 1024;
/// Bytes of private pieces that may wait at the host for one member. No more are passed on then, and who sends one is told:
/// nobody loses its place because of what others send to it …
pub const MAX_PIECES_FOR_ONE: usize = 4 * 1024 * 1024;
/// … and of them from one sender. Whoever keeps to [`MAX_ON_ITS_WAY`] and [`MAX_WAITING_FOR_ONE`] stays below that with its
/// texts and its confirmations together …
pub const MAX_PIECES_OF_ONE: usize = 768 * 1024;
/// … and for all members. Half of it is for those for whom none wait: who reads gets its pieces beside many who don't.
pub const MAX_PIECES: usize = 128 * 1024 * 1024;
/// Senders and receivers, as pairs, of whom it is noted what waits and whose pieces are not passed on until a channel begins
/// anew. Beyond, who has nothing waiting is forgotten: its other end sees that something is missing, and begins anew.
pub const MAX_PAIRS: usize = 64 * 1024;
/// Changes of conversations that wait in memory while the disk takes none.
pub const MAX_UNKEPT: usize = 8192;
/// One member may begin a private channel with us so often in so long: a line that is lost and found again begins anew
/// each time.
pub const MAX_HELLOS: u32 = 8;
/// The time in which those are counted.
pub const HELLO_WINDOW: Duration = Duration::from_secs(8);

// Guests.

/// An answer that would end the way back, and that anybody can give in the host's place before it has proven itself, is
/// believed when it is the outcome of so many tries in a row. With the pauses between them that takes a minute and a half.
pub const UNPROVEN_ANSWERS: u32 = 8;
/// Most addresses that are tried, after names were looked up.
pub const MAX_ATTEMPTS: usize = 32;
/// Wishes that may wait for a guest's thread.
pub const WAITING_WISHES: usize = 1024;
/// Texts of ours that are taken over before they are written as events.
pub const MAX_TO_SAY: usize = 1024;
/// Messages of ours that may wait for the room; then no more are written.
pub const MAX_OUTBOX: usize = 16 * 1024;
/// So many bytes may wait for the host before we stop adding to them.
pub const MAX_UNWRITTEN: usize = 1024 * 1024;
/// Between two signatures of ours there is so much time at least; what waits is signed together.
pub const SIGN_INTERVAL: Duration = Duration::from_millis(100);
/// What others said is confirmed so soon, if the last confirmation is long ago …
pub const CONFIRM_SOON: Duration = Duration::from_millis(40);
/// … else after so long, because one confirmation covers all before it …
pub const CONFIRM_INTERVAL: Duration = Duration::from_millis(250);
/// … and in a large room after so long for each member.
pub const CONFIRM_INTERVAL_A_MEMBER: Duration = Duration::from_millis(4);
/// Hits of a search that are told; who wants more asks with more words.
pub const MAX_HITS: usize = 500;
