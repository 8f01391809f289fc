//! Feeds what libFuzzer finds to the entry point `kept_rows`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::kept_rows(data));
