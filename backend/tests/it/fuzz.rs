//! Parsers under fire: each over its corpus, then over bytes made of it by a seed, so that a failure comes again.
//!
//! `IQRA_FUZZ_ROUNDS` feeds each parser that many inputs instead of the usual number; `cargo xtask fuzz` does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::fuzz::Target;

use crate::support::package;

/// Inputs for each parser: some seconds for all of them together.
const ROUNDS: u64 = 60_000;
/// Longer ones are cut: what they would show, shorter ones show.
const LONGEST: usize = 4096;
const SEED: u64 = 0x1f2a_2026_1122_0005;
/// What parsers stumble over.
const TELLING: [&[u8]; 20] = [
    b"",
    b"\0",
    b"\"",
    b"\\",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"-",
    b"//",
    b"@",
    b"%00",
    b"null",
    b"1e999",
    b"-0",
    b"18446744073709551616",
    "é\u{200f}".as_bytes(),
];

fn targets() -> Vec<(&'static str, Target)> {
    let own: (&str, Target) = ("token", backend::auth::token::fuzz_parse);
    common::fuzz::TARGETS.into_iter().chain([own]).collect()
}

/// splitmix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 where there is none.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }
}

/// A new input: bytes without sense, or one of the corpus with a few things done to it.
fn made(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
    if dice.below(16) == 0 {
        let length = dice.below(200);
        return (0..length).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
    }
    let mut input = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(6) {
        let (from, to) = (dice.below(input.len() + 1), dice.below(input.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        match dice.below(6) {
            0 if !input.is_empty() => {
                let at = dice.below(input.len());
                input[at] ^= 1 << dice.below(8);
            }
            1 => drop(input.drain(from..to)),
            2 => {
                let part = input[from..to].to_vec();
                input.splice(to..to, part);
            }
            3 => {
                let other = &corpus[dice.below(corpus.len())];
                let cut = dice.below(other.len() + 1);
                input.splice(from..to, other[cut..].iter().copied());
            }
            4 => {
                let byte = u8::try_from(dice.below(256)).unwrap();
                input.insert(from, byte);
            }
            _ => drop(input.splice(from..to, TELLING[dice.below(TELLING.len())].iter().copied())),
        }
        input.truncate(LONGEST);
    }
    input
}

fn feed(name: &str, target: Target, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
        panic!(
            "{name} fails on {:?}; keep it in backend/fuzz/corpus/{name}/",
            input.escape_ascii().to_string()
        );
    }
}

#[test]
fn parsers_stand_whatever_comes() {
    let rounds = std::env::var("IQRA_FUZZ_ROUNDS")
        .map_or(ROUNDS, |n| n.parse().expect("IQRA_FUZZ_ROUNDS is a number"));
    for (name, target) in targets() {
        let folder = package().join("fuzz/corpus").join(name);
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let corpus: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
        assert!(corpus.len() >= 3, "{name} has hardly a corpus");
        corpus.iter().for_each(|input| feed(name, target, input));
        let mut dice = Dice(SEED);
        for _ in 0..rounds {
            feed(name, target, &made(&mut dice, &corpus));
        }
    }
}

#[test]
fn a_parser_that_fails_is_found() {
    let fails: Target = |bytes| assert!(!bytes.contains(&b'@'), "found");
    let mut dice = Dice(SEED);
    let found = (0..10_000).any(|_| {
        let input = made(&mut dice, &[b"a".to_vec()]);
        catch_unwind(|| fails(&input)).is_err()
    });
    assert!(found);
}
