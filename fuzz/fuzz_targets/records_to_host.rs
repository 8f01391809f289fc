//! Feeds what libFuzzer finds to the entry point `records_to_host`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::records_to_host(data));
