#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| backend::auth::token::fuzz_parse(bytes));
