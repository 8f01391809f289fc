//! What one peer, one address and one room may cost a host: every such limit in one place.
//!
//! The limits of the protocol itself, which both sides keep, are in [`crate::protocol::limits`].
//! `docs/protocol.md`, section 2, and `docs/performance.md` say what they are for.

use std::time::Duration;

/// Connections that a system lets wait to be accepted; the standard library's 128 makes a class wait.
pub const BACKLOG: i32 = 4096;
/// Connections that one reactor holds; more are turned away. Fewer where the system opens fewer files.
pub const MAX_CONNECTIONS: usize = 8192;
/// Files that are not for connections: the profile, windows, what is exported.
pub const OTHER_FILES: u64 = 128;
/// So often at most the host is told that no more connections can be opened, or that no more people can wait at its door.
pub const TOLD_INTERVAL: Duration = Duration::from_secs(60);
/// Newcomers that are accepted before those who are there get their turn.
pub const ACCEPTS_PER_TURN: usize = 64;
/// How long after a failed accept the next one is tried.
pub const ACCEPT_RETRY: Duration = Duration::from_millis(100);
/// Bytes read from one socket before the others get their turn.
pub const READ_BUDGET: usize = 256 * 1024;
/// Bytes sealed and written to one socket before the others get their turn.
pub const WRITE_BUDGET: usize = 256 * 1024;

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

/// Strangers of one origin who may wait for the host's answer: a class can stand behind one address …
pub const MAX_KNOCKING_PER_ORIGIN: usize = 64;
/// … and so many in all, because keys cost nothing. So many more may wait whose keys the host has seen before, wherever they
/// come from: strangers don't shut them out.
pub const MAX_KNOCKING: usize = 256;

/// A guest of whose events so many were declined is sent away.
pub const MAX_DECLINED: u32 = 256;
/// They are counted further when it comes again within so long after the last one.
pub const DECLINED_REMEMBERED: Duration = Duration::from_secs(60);
/// So often at most the host is told of one guest's events that failed a check: how many more it were.
pub const FAULTS_TOLD_INTERVAL: Duration = Duration::from_secs(10);

/// Steps of handshakes that may wait for the pool; more are refused with "full".
pub const WAITING_JOBS: usize = 4096;

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
/// Bytes of long messages that one member may have everybody keep in a second, however few they are …
pub const MEMBER_KEPT_A_SECOND: u32 = 1024 * 1024;
/// … and at once.
pub const MEMBER_KEPT_AT_ONCE: u32 = 2 * 1024 * 1024;
/// As much of each message does not count there: what is short is bounded by its work.
pub const SHORT_MESSAGE: usize = 1024;
/// Who has used up half of any of these is read from in pieces of so many bytes, so that none costs much more than what is left.
pub const CAREFUL_READ: usize = 4 * 1024;
/// Reckoned microseconds for taking in a message …
pub const WORK_OF_A_MESSAGE: u32 = 10;
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
/// Members whose debts are remembered by their keys, those who are here among them; beyond, each line has an allowance of its own.
pub const MAX_ALLOWANCES: usize = 32 * 1024;
/// When there are so many, those who are gone and owe nothing are forgotten.
pub const FEW_ALLOWANCES: usize = 1024;

/// A peer that lets so many bytes wait for it is dropped: departed 2, and told so.
pub const OUTBOX_BYTES: usize = 8 * 1024 * 1024;
/// So is one whose socket takes nothing for so long while something waits.
pub const STALL: Duration = Duration::from_secs(20);
/// How long who is dropped for that has to read why.
pub const LAST_WORD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long any other goodbye may take to be written.
pub const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

/// Sessions that are kept to be resumed; the oldest gives way.
pub const MAX_SESSIONS: usize = 16_384;
/// Invitations that admit at once.
pub const MAX_INVITATIONS: usize = 256;
/// Handshakes under way that are noted for the host to look into; the oldest gives way …
pub const WATCHED_HANDSHAKES: usize = 64;
/// … and pieces of each: five frames, what was drawn, and word that the host is asked.
pub const WATCHED_PIECES: usize = 16;
/// Bytes of a recorded connection that may wait for the window; what is beyond is left out, and that is told.
pub const RECORDED_BYTES: usize = 4 * 1024 * 1024;
/// Tasks that may wait for a reactor.
pub const WAITING_TASKS: usize = 16 * 1024;
/// How many inputs wait for the room before the reactors stop reading.
pub const ROOM_INPUTS: usize = 4096;
/// Pages of a catch-up that are under way to one guest.
pub const PAGES_AHEAD: u32 = 2;

/// Members with whom a conversation may be open.
pub const MAX_CHATS: usize = 256;
/// Private messages that may wait for one member.
pub const MAX_WAITING_FOR_ONE: usize = 1024;
/// One member may begin a private channel with us so often in so long: a line that is lost and found again begins anew
/// each time.
pub const MAX_HELLOS: u32 = 8;
/// See there.
pub const HELLO_WINDOW: Duration = Duration::from_secs(8);

/// Most addresses that are tried, after names were looked up.
pub const MAX_ATTEMPTS: usize = 32;
/// Wishes that may wait for a guest's thread.
pub const WAITING_WISHES: usize = 1024;
