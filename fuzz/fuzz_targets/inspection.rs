//! Feeds what libFuzzer finds to the entry point `inspection`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::inspection(data));
