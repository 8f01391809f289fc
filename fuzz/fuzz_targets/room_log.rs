//! Feeds what libFuzzer finds to the entry point `room_log`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::room_log(data));
