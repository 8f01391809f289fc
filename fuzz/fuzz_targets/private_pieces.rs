//! Feeds what libFuzzer finds to the entry point `private_pieces`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cipher_room_fuzz::private_pieces(data));
