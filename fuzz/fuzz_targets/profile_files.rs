//! Feeds what libFuzzer finds to the entry point `profile_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::profile_files(data));
