//! The toy ciphers: each one file, one line in the list.
