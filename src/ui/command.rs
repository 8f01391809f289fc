//! What the user wants done outside the window. The screens give these back; `app` carries them out.

use std::path::PathBuf;

use super::lab::LabCommand;
use super::screens::file_dialog::FileAct;
use crate::session::{
    Decision, Export, Fingerprint, HostAct, JoinTarget, Look, Passphrase, PastRoom, Retention, RoomKey,
    Settings,
};

/// A wish of the user that the screens cannot fulfil by themselves.
#[derive(Debug, Clone)]
pub enum UiCommand {
    /// Make an identity under this name. The session is already marked as making it.
    CreateIdentity {
        /// The name shown to others, trimmed, not empty.
        name: String,
        /// What locks the profile; `None` when that was skipped.
        passphrase: Option<Passphrase>,
    },
    /// Open the profile. The session is already marked as opening it.
    Unlock {
        /// The passphrase.
        passphrase: Passphrase,
    },
    /// Set, change or take away the passphrase. The session is already marked as changing it.
    ChangePassphrase {
        /// The one that holds now, if there is one.
        current: Option<Passphrase>,
        /// The one that is to hold; `None` for none.
        new: Option<Passphrase>,
    },
    /// Leave all rooms and forget every key.
    Lock,
    /// Put the damaged profile aside and begin with a new one.
    BeginAnew,
    /// Do something with a file and a passphrase.
    File {
        /// What.
        act: FileAct,
        /// The file.
        path: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Tell what is kept of rooms.
    ListKept,
    /// Look for words in all kept rooms.
    SearchKept {
        /// The session's number for this search.
        asked: u64,
        /// The words.
        question: String,
    },
    /// Count what another retention of a room would delete.
    WeighRetention {
        /// The room's id.
        room: [u8; 32],
        /// How long it would be kept.
        retention: Retention,
    },
    /// Choose how long a room's log is kept.
    SetRetention {
        /// The room's id.
        room: [u8; 32],
        /// How long.
        retention: Retention,
    },
    /// Write a kept room into a file that is not encrypted.
    ExportRoom {
        /// The room's id.
        room: [u8; 32],
        /// What of it, and in which form.
        what: Export,
        /// The file.
        path: PathBuf,
    },
    /// Ask the system's dialog for a file; the answer goes to the view.
    ChooseFile {
        /// For saving, the name that is suggested; `None` for opening one that is there.
        suggested_name: Option<String>,
    },
    /// Look for a contact card in a picture; its text goes to the view.
    OpenCardPicture,
    /// Look for a contact card in the picture at a path that was typed.
    ReadCardPicture {
        /// The picture.
        path: PathBuf,
    },
    /// Save a contact card as a picture.
    SaveCardPicture {
        /// The card.
        text: String,
    },
    /// Keep a decision about somebody. The session has taken it over already.
    Decide {
        /// Who.
        fingerprint: Fingerprint,
        /// What.
        decision: Decision,
    },
    /// Take in somebody from a contact card, as verified by it.
    ImportContact {
        /// Its key.
        fingerprint: Fingerprint,
        /// The name on the card.
        name: String,
    },
    /// Forget somebody who was met.
    ForgetContact {
        /// Who.
        fingerprint: Fingerprint,
    },
    /// Open a room here. The screen of `room` is already shown.
    Host {
        /// The key drawn for it from the session.
        room: RoomKey,
        /// The room's name, trimmed, not empty.
        room_name: String,
        /// The port to listen on.
        port: u16,
        /// Whether another port will do when this one is taken.
        or_any_port: bool,
        /// Whether who types the address gets in without an invitation.
        open_to_address: bool,
        /// After how many seconds the invitation ends; `None` while the room is open.
        invite_lifetime_secs: Option<u64>,
    },
    /// Join a room elsewhere. The screen of `room` is already shown.
    Join {
        /// The key drawn for it from the session.
        room: RoomKey,
        /// Where, and with what.
        target: JoinTarget,
    },
    /// The same, in a room to try things out in: nothing of it is kept, and nobody in it is noted.
    JoinTrial {
        /// The key drawn for it from the session.
        room: RoomKey,
        /// Where, and with what.
        target: JoinTarget,
    },
    /// Join again with the room's own target, under the same key: what was said stays.
    Reconnect {
        /// A guest's room that is closed or could not be joined.
        room: RoomKey,
    },
    /// Say something.
    Say {
        /// The room.
        room: RoomKey,
        /// The text, 1 byte to [`MAX_MESSAGE_BYTES`](crate::session::MAX_MESSAGE_BYTES).
        text: String,
    },
    /// Say something to one member alone.
    SayPrivately {
        /// The room.
        room: RoomKey,
        /// To whom.
        to: Fingerprint,
        /// The text.
        text: String,
    },
    /// Begin a private channel, so that its emoji can be compared.
    OpenPrivate {
        /// The room.
        room: RoomKey,
        /// With whom.
        with: Fingerprint,
    },
    /// Read what was said before from the disk.
    ReadEarlier {
        /// The room.
        room: RoomKey,
        /// Its id.
        id: [u8; 32],
        /// The first entry that is here.
        before: u64,
    },
    /// Read what was said before in a private conversation from the disk.
    ReadEarlierPrivate {
        /// The room.
        room: RoomKey,
        /// The id of its channel.
        channel: [u8; 32],
        /// The first place that is here.
        before: u64,
    },
    /// Try a lost room now.
    TryNow {
        /// The room.
        room: RoomKey,
    },
    /// Use a host's power.
    Govern {
        /// A room of ours.
        room: RoomKey,
        /// What.
        act: HostAct,
    },
    /// Open a room of ours again. Its screen is already shown.
    HostAgain {
        /// The key drawn for it from the session.
        room: RoomKey,
        /// Which.
        past: PastRoom,
    },
    /// Return to a room that we were in. Its screen is already shown.
    Return {
        /// The key drawn for it from the session.
        room: RoomKey,
        /// Which.
        past: PastRoom,
    },
    /// Remove the kept rooms that can't be read any more.
    ForgetUnreadable,
    /// Remove a kept room with all that was said in it.
    ForgetPast {
        /// Which.
        id: [u8; 32],
    },
    /// Say goodbye and leave; close the room if it is ours; give up joining.
    Leave {
        /// The room.
        room: RoomKey,
    },
    /// Drop a room that is over, with all that was said in it.
    Forget {
        /// The room.
        room: RoomKey,
    },
    /// The emoji were compared and match. The session is already marked; remember a host on disk.
    MarkVerified {
        /// The room.
        room: RoomKey,
        /// Who was compared.
        fingerprint: Fingerprint,
    },
    /// The user goes on although the host's key changed. The session is already marked.
    AcceptChangedHost {
        /// The room.
        room: RoomKey,
    },
    /// Remember these settings. The session already has them.
    KeepSettings(Settings),
    /// Ask where, and save the QR code of the room's invitation as a picture.
    SaveQr {
        /// A room of ours that is open.
        room: RoomKey,
    },
    /// How the next connection to a room is looked at.
    LookInside {
        /// The room.
        room: RoomKey,
        /// What is wanted.
        look: Look,
    },
    /// Go on with a handshake in slow motion.
    NextHandshakeStep {
        /// The room.
        room: RoomKey,
    },
    /// Save a recording of one's own connection.
    SaveRecording {
        /// The file.
        pcapng: Vec<u8>,
        /// Whether its secrets are in it.
        with_secrets: bool,
    },
    /// Do for the Classical Ciphers what needs a file or a dialog.
    Lab(LabCommand),
    /// Close the window.
    Quit,
}
