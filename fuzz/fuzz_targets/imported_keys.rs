//! Feeds what libFuzzer finds to the entry point `imported_keys`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::imported_keys(data));
