#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| common::fuzz::region_id_of(bytes));
