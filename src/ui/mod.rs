//! Screens, widgets and theme: reads the session, returns commands.
