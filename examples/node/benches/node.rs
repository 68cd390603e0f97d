//! What the pipelines measure: `--list` names the cases, `--count NAME` runs one once for callgrind to count its
//! instructions, and `--time NAME` prints the nanoseconds that one run takes.

use alys_node::{
    features::{Digest, Features},
    version::Version,
};
use std::{env, fmt::Write as _, hint::black_box, process::ExitCode, time::Instant};

const FLAGS: usize = 100;
const BYTES: usize = 16 * 1024;
/// Runs whose time is taken together, so that the clock's own steps don't show.
const BATCH: u32 = 50;

type Case = (&'static str, fn(&[u8]) -> usize, Vec<u8>);

fn cases() -> [Case; 3] {
    [
        ("features", parse_features, flags()),
        ("digest", digest, vec![0xa5; BYTES]),
        ("version", parse_version, b"v1.0.0-rc.1".to_vec()),
    ]
}

fn flags() -> Vec<u8> {
    let mut text = String::new();
    for number in 0..FLAGS {
        writeln!(text, "flag_{number} = {}", number % 2 == 0).expect("a string takes all");
    }
    text.into_bytes()
}

fn parse_features(bytes: &[u8]) -> usize {
    Features::parse(bytes).map_or(0, |features| features.flags.len())
}

fn digest(bytes: &[u8]) -> usize {
    Digest::of(bytes).as_str().len()
}

fn parse_version(bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.parse::<Version>().map_or(0, |version| version.as_str().len())
}

/// The one function whose instructions are counted: preparing a case and printing are outside of it.
#[inline(never)]
fn alys_counted(case: fn(&[u8]) -> usize, input: &[u8]) -> usize {
    black_box(case(black_box(input)))
}

fn nanoseconds(case: fn(&[u8]) -> usize, input: &[u8]) -> f64 {
    let began = Instant::now();
    for _ in 0..BATCH {
        alys_counted(case, input);
    }
    began.elapsed().as_secs_f64() * 1e9 / f64::from(BATCH)
}

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let found = |name: &str| cases().into_iter().find(|case| case.0 == name);
    match words.as_slice() {
        ["--list"] => {
            for (name, ..) in cases() {
                println!("{name}");
            }
        }
        ["--count", name] if found(name).is_some() => {
            let (_, case, input) = found(name).expect("was found");
            assert!(alys_counted(case, &input) > 0, "{name} did nothing");
        }
        ["--time", name] if found(name).is_some() => {
            let (_, case, input) = found(name).expect("was found");
            println!("{}", nanoseconds(case, &input));
        }
        _ => {
            eprintln!("usage: --list | --count NAME | --time NAME");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
