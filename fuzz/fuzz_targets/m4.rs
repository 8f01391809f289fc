//! Feeds what libFuzzer finds to the entry point `m4`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::m4(data));
