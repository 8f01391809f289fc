//! Feeds what libFuzzer finds to the entry point `card_pictures`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::card_pictures(data));
