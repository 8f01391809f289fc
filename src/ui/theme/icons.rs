//! Names for the icons of the bundled Phosphor subset: each is one character of a private-use code point.
//!
//! Draw one with [`text`], so that it comes in the right family and size; `assets/fonts/icons.txt` decides which exist.

use egui::RichText;

/// An icon as text: in the icon family, at `size` points.
pub fn text(icon: &str, size: f32) -> RichText {
    RichText::new(icon).font(super::fonts::icon(size))
}

/// Verified, secure: `shield-check`.
pub const SHIELD_CHECK: &str = "\u{E40C}";
/// Security, neutral: `shield`.
pub const SHIELD: &str = "\u{E40A}";
/// Security needs attention: `shield-warning`.
pub const SHIELD_WARNING: &str = "\u{E412}";
/// Encrypted: `lock`.
pub const LOCK: &str = "\u{E2FA}";
/// Not encrypted: `lock-open`.
pub const LOCK_OPEN: &str = "\u{E306}";
/// Passphrase: `lock-key`.
pub const LOCK_KEY: &str = "\u{E2FE}";
/// A key: `key`.
pub const KEY: &str = "\u{E2D6}";
/// Fingerprint of an identity: `fingerprint`.
pub const FINGERPRINT: &str = "\u{E23E}";
/// QR code: `qr-code`.
pub const QR_CODE: &str = "\u{E3E6}";
/// Members: `users`.
pub const USERS: &str = "\u{E4D6}";
/// A room of people: `users-three`.
pub const USERS_THREE: &str = "\u{E68E}";
/// One person: `user`.
pub const USER: &str = "\u{E4C2}";
/// Invite somebody: `user-plus`.
pub const USER_PLUS: &str = "\u{E4D0}";
/// Send: `paper-plane-right`.
pub const PAPER_PLANE_RIGHT: &str = "\u{E396}";
/// Sent, join: `paper-plane-tilt`.
pub const PAPER_PLANE_TILT: &str = "\u{E398}";
/// Copy: `copy`.
pub const COPY: &str = "\u{E1CA}";
/// In the room's log, done: `check`.
pub const CHECK: &str = "\u{E182}";
/// Delivered: `checks`.
pub const CHECKS: &str = "\u{E53A}";
/// Success: `check-circle`.
pub const CHECK_CIRCLE: &str = "\u{E184}";
/// Close: `x`.
pub const X: &str = "\u{E4F6}";
/// Failed: `x-circle`.
pub const X_CIRCLE: &str = "\u{E4F8}";
/// Warning: `warning`.
pub const WARNING: &str = "\u{E4E0}";
/// Error: `warning-circle`.
pub const WARNING_CIRCLE: &str = "\u{E4E2}";
/// Notice: `info`.
pub const INFO: &str = "\u{E2CE}";
/// Help, unknown: `question`.
pub const QUESTION: &str = "\u{E3E8}";
/// Settings: `gear`.
pub const GEAR: &str = "\u{E270}";
/// Parameters: `sliders-horizontal`.
pub const SLIDERS_HORIZONTAL: &str = "\u{E434}";
/// Dark theme: `moon`.
pub const MOON: &str = "\u{E330}";
/// Light theme: `sun`.
pub const SUN: &str = "\u{E472}";
/// System theme, this computer: `desktop`.
pub const DESKTOP: &str = "\u{E560}";
/// A room that is open: `door-open`.
pub const DOOR_OPEN: &str = "\u{E7E6}";
/// Leave: `sign-out`.
pub const SIGN_OUT: &str = "\u{E42A}";
/// Join: `sign-in`.
pub const SIGN_IN: &str = "\u{E428}";
/// Stop hosting: `power`.
pub const POWER: &str = "\u{E3DA}";
/// Add, increase: `plus`.
pub const PLUS: &str = "\u{E3D4}";
/// Remove, decrease: `minus`.
pub const MINUS: &str = "\u{E32A}";
/// Arrow down: `arrow-down`.
pub const ARROW_DOWN: &str = "\u{E03E}";
/// Arrow up: `arrow-up`.
pub const ARROW_UP: &str = "\u{E08E}";
/// Arrow left: `arrow-left`.
pub const ARROW_LEFT: &str = "\u{E058}";
/// Arrow right: `arrow-right`.
pub const ARROW_RIGHT: &str = "\u{E06C}";
/// Exchange between two sides: `arrows-left-right`.
pub const ARROWS_LEFT_RIGHT: &str = "\u{E0A0}";
/// Swap input and output: `swap`.
pub const SWAP: &str = "\u{E83C}";
/// Reply: `arrow-bend-up-left`.
pub const ARROW_BEND_UP_LEFT: &str = "\u{E024}";
/// Caret down: `caret-down`.
pub const CARET_DOWN: &str = "\u{E136}";
/// Caret up: `caret-up`.
pub const CARET_UP: &str = "\u{E13C}";
/// Caret left: `caret-left`.
pub const CARET_LEFT: &str = "\u{E138}";
/// Caret right: `caret-right`.
pub const CARET_RIGHT: &str = "\u{E13A}";
/// Search: `magnifying-glass`.
pub const MAGNIFYING_GLASS: &str = "\u{E30C}";
/// Look inside: `magnifying-glass-plus`.
pub const MAGNIFYING_GLASS_PLUS: &str = "\u{E310}";
/// Host, on the air: `broadcast`.
pub const BROADCAST: &str = "\u{E0F2}";
/// Not connected: `plugs`.
pub const PLUGS: &str = "\u{EB56}";
/// Connected: `plugs-connected`.
pub const PLUGS_CONNECTED: &str = "\u{EB5A}";
/// Invitation link: `link`.
pub const LINK: &str = "\u{E2E2}";
/// Network: `network`.
pub const NETWORK: &str = "\u{EDDE}";
/// Share: `share-network`.
pub const SHARE_NETWORK: &str = "\u{E408}";
/// Local network: `wifi-high`.
pub const WIFI_HIGH: &str = "\u{E4EA}";
/// The lab: `flask`.
pub const FLASK: &str = "\u{E79E}";
/// Puzzle: `puzzle-piece`.
pub const PUZZLE_PIECE: &str = "\u{E596}";
/// Frequencies: `chart-bar`.
pub const CHART_BAR: &str = "\u{E150}";
/// Progress of a score: `chart-line-up`.
pub const CHART_LINE_UP: &str = "\u{E156}";
/// Table: `table`.
pub const TABLE: &str = "\u{E476}";
/// Rows: `rows`.
pub const ROWS: &str = "\u{E5A2}";
/// Columns: `columns`.
pub const COLUMNS: &str = "\u{E546}";
/// Layers: `stack`.
pub const STACK: &str = "\u{E466}";
/// Hash, number: `hash`.
pub const HASH: &str = "\u{E2A2}";
/// Route: `path`.
pub const PATH: &str = "\u{E39C}";
/// Differences: `git-diff`.
pub const GIT_DIFF: &str = "\u{E27C}";
/// Text, alphabet: `text-aa`.
pub const TEXT_AA: &str = "\u{E6EE}";
/// Show: `eye`.
pub const EYE: &str = "\u{E220}";
/// Hide: `eye-slash`.
pub const EYE_SLASH: &str = "\u{E224}";
/// Read: `eyeglasses`.
pub const EYEGLASSES: &str = "\u{E7BA}";
/// Attack, analysis: `detective`.
pub const DETECTIVE: &str = "\u{E83E}";
/// Save, import: `download-simple`.
pub const DOWNLOAD_SIMPLE: &str = "\u{E20C}";
/// Export, send a file: `upload-simple`.
pub const UPLOAD_SIMPLE: &str = "\u{E4C0}";
/// Save: `floppy-disk`.
pub const FLOPPY_DISK: &str = "\u{E248}";
/// Choose a file: `folder-open`.
pub const FOLDER_OPEN: &str = "\u{E256}";
/// A file: `file-text`.
pub const FILE_TEXT: &str = "\u{E23A}";
/// A message: `envelope-simple`.
pub const ENVELOPE_SIMPLE: &str = "\u{E218}";
/// Delete: `trash`.
pub const TRASH: &str = "\u{E4A6}";
/// Start: `play`.
pub const PLAY: &str = "\u{E3D0}";
/// Pause: `pause`.
pub const PAUSE: &str = "\u{E39E}";
/// Stop: `stop`.
pub const STOP: &str = "\u{E46C}";
/// One step on: `skip-forward`.
pub const SKIP_FORWARD: &str = "\u{E5A6}";
/// One step back: `skip-back`.
pub const SKIP_BACK: &str = "\u{E5A4}";
/// Shuffle: `shuffle`.
pub const SHUFFLE: &str = "\u{E422}";
/// Random: `dice-five`.
pub const DICE_FIVE: &str = "\u{E1EE}";
/// Time, waiting: `clock`.
pub const CLOCK: &str = "\u{E19A}";
/// Pending: `hourglass-medium`.
pub const HOURGLASS_MEDIUM: &str = "\u{E2B8}";
/// More: `dots-three`.
pub const DOTS_THREE: &str = "\u{E1FE}";
/// Emoji: `smiley`.
pub const SMILEY: &str = "\u{E436}";
/// Start screen: `house`.
pub const HOUSE: &str = "\u{E2C2}";
/// Chat: `chat-circle`.
pub const CHAT_CIRCLE: &str = "\u{E168}";
/// Somebody is typing: `chat-circle-dots`.
pub const CHAT_CIRCLE_DOTS: &str = "\u{E16C}";
/// Conversations: `chats`.
pub const CHATS: &str = "\u{E17C}";
/// Edit: `pencil-simple`.
pub const PENCIL_SIMPLE: &str = "\u{E3B4}";
/// Write: `note-pencil`.
pub const NOTE_PENCIL: &str = "\u{E34C}";
/// Renew, reload: `arrows-clockwise`.
pub const ARROWS_CLOCKWISE: &str = "\u{E094}";
/// Undo, start again: `arrow-counter-clockwise`.
pub const ARROW_COUNTER_CLOCKWISE: &str = "\u{E038}";
/// Menu, log: `list`.
pub const LIST: &str = "\u{E2F0}";
/// Internet, language: `globe`.
pub const GLOBE: &str = "\u{E288}";
/// Terminal: `terminal-window`.
pub const TERMINAL_WINDOW: &str = "\u{EAE8}";
/// Fast: `lightning`.
pub const LIGHTNING: &str = "\u{E2DE}";
/// Activity: `pulse`.
pub const PULSE: &str = "\u{E000}";
/// Pending, off: `circle`.
pub const CIRCLE: &str = "\u{E18A}";
/// Computation: `cpu`.
pub const CPU: &str = "\u{E610}";
/// Bytes: `binary`.
pub const BINARY: &str = "\u{EE60}";
/// A packet: `package`.
pub const PACKAGE: &str = "\u{E390}";
/// Explanation: `book-open`.
pub const BOOK_OPEN: &str = "\u{E0E6}";
/// Lesson: `graduation-cap`.
pub const GRADUATION_CAP: &str = "\u{E62C}";
/// Signature: `certificate`.
pub const CERTIFICATE: &str = "\u{E766}";
/// Signature verified: `seal-check`.
pub const SEAL_CHECK: &str = "\u{E606}";
/// Tampering: `bug`.
pub const BUG: &str = "\u{E5F4}";
/// Attack aimed at a part: `crosshair`.
pub const CROSSHAIR: &str = "\u{E1D6}";
/// Notifications on: `bell`.
pub const BELL: &str = "\u{E0CE}";
/// Notifications off: `bell-slash`.
pub const BELL_SLASH: &str = "\u{E0D4}";
/// Address, mention: `at`.
pub const AT: &str = "\u{E0AC}";
/// Filter: `funnel`.
pub const FUNNEL: &str = "\u{E266}";
/// Favourite: `star`.
pub const STAR: &str = "\u{E46A}";
/// Overview: `map-trifold`.
pub const MAP_TRIFOLD: &str = "\u{E31A}";

/// Every icon with its name, for the tests and the gallery.
pub const ALL: &[(&str, &str)] = &[
    ("shield-check", SHIELD_CHECK),
    ("shield", SHIELD),
    ("shield-warning", SHIELD_WARNING),
    ("lock", LOCK),
    ("lock-open", LOCK_OPEN),
    ("lock-key", LOCK_KEY),
    ("key", KEY),
    ("fingerprint", FINGERPRINT),
    ("qr-code", QR_CODE),
    ("users", USERS),
    ("users-three", USERS_THREE),
    ("user", USER),
    ("user-plus", USER_PLUS),
    ("paper-plane-right", PAPER_PLANE_RIGHT),
    ("paper-plane-tilt", PAPER_PLANE_TILT),
    ("copy", COPY),
    ("check", CHECK),
    ("checks", CHECKS),
    ("check-circle", CHECK_CIRCLE),
    ("x", X),
    ("x-circle", X_CIRCLE),
    ("warning", WARNING),
    ("warning-circle", WARNING_CIRCLE),
    ("info", INFO),
    ("question", QUESTION),
    ("gear", GEAR),
    ("sliders-horizontal", SLIDERS_HORIZONTAL),
    ("moon", MOON),
    ("sun", SUN),
    ("desktop", DESKTOP),
    ("door-open", DOOR_OPEN),
    ("sign-out", SIGN_OUT),
    ("sign-in", SIGN_IN),
    ("power", POWER),
    ("plus", PLUS),
    ("minus", MINUS),
    ("arrow-down", ARROW_DOWN),
    ("arrow-up", ARROW_UP),
    ("arrow-left", ARROW_LEFT),
    ("arrow-right", ARROW_RIGHT),
    ("arrows-left-right", ARROWS_LEFT_RIGHT),
    ("swap", SWAP),
    ("arrow-bend-up-left", ARROW_BEND_UP_LEFT),
    ("caret-down", CARET_DOWN),
    ("caret-up", CARET_UP),
    ("caret-left", CARET_LEFT),
    ("caret-right", CARET_RIGHT),
    ("magnifying-glass", MAGNIFYING_GLASS),
    ("magnifying-glass-plus", MAGNIFYING_GLASS_PLUS),
    ("broadcast", BROADCAST),
    ("plugs", PLUGS),
    ("plugs-connected", PLUGS_CONNECTED),
    ("link", LINK),
    ("network", NETWORK),
    ("share-network", SHARE_NETWORK),
    ("wifi-high", WIFI_HIGH),
    ("flask", FLASK),
    ("puzzle-piece", PUZZLE_PIECE),
    ("chart-bar", CHART_BAR),
    ("chart-line-up", CHART_LINE_UP),
    ("table", TABLE),
    ("rows", ROWS),
    ("columns", COLUMNS),
    ("stack", STACK),
    ("hash", HASH),
    ("path", PATH),
    ("git-diff", GIT_DIFF),
    ("text-aa", TEXT_AA),
    ("eye", EYE),
    ("eye-slash", EYE_SLASH),
    ("eyeglasses", EYEGLASSES),
    ("detective", DETECTIVE),
    ("download-simple", DOWNLOAD_SIMPLE),
    ("upload-simple", UPLOAD_SIMPLE),
    ("floppy-disk", FLOPPY_DISK),
    ("folder-open", FOLDER_OPEN),
    ("file-text", FILE_TEXT),
    ("envelope-simple", ENVELOPE_SIMPLE),
    ("trash", TRASH),
    ("play", PLAY),
    ("pause", PAUSE),
    ("stop", STOP),
    ("skip-forward", SKIP_FORWARD),
    ("skip-back", SKIP_BACK),
    ("shuffle", SHUFFLE),
    ("dice-five", DICE_FIVE),
    ("clock", CLOCK),
    ("hourglass-medium", HOURGLASS_MEDIUM),
    ("dots-three", DOTS_THREE),
    ("smiley", SMILEY),
    ("house", HOUSE),
    ("chat-circle", CHAT_CIRCLE),
    ("chat-circle-dots", CHAT_CIRCLE_DOTS),
    ("chats", CHATS),
    ("pencil-simple", PENCIL_SIMPLE),
    ("note-pencil", NOTE_PENCIL),
    ("arrows-clockwise", ARROWS_CLOCKWISE),
    ("arrow-counter-clockwise", ARROW_COUNTER_CLOCKWISE),
    ("list", LIST),
    ("globe", GLOBE),
    ("terminal-window", TERMINAL_WINDOW),
    ("lightning", LIGHTNING),
    ("pulse", PULSE),
    ("circle", CIRCLE),
    ("cpu", CPU),
    ("binary", BINARY),
    ("package", PACKAGE),
    ("book-open", BOOK_OPEN),
    ("graduation-cap", GRADUATION_CAP),
    ("certificate", CERTIFICATE),
    ("seal-check", SEAL_CHECK),
    ("bug", BUG),
    ("crosshair", CROSSHAIR),
    ("bell", BELL),
    ("bell-slash", BELL_SLASH),
    ("at", AT),
    ("funnel", FUNNEL),
    ("star", STAR),
    ("map-trifold", MAP_TRIFOLD),
];
