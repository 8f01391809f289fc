//! Feeds what libFuzzer finds to the entry point `m5`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::m5(data));
