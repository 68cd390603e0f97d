//! kill -9 of whatever works on the data, at many moments: the old data or the new, whole, and a rerun converges.

mod common;

use alys_node::chain::{
    FILE,
    block::{Block, Head},
    blocks::Blocks,
    format::Format,
    fresh::{Chain, Fresh},
};
use common::{Node, alys_node, eventually, run_to_end, text};
use rustix::process::Signal;
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    thread::sleep,
    time::Instant,
};
use tempfile::TempDir;

/// Enough that a command is at work for a while.
const BLOCKS: u64 = 800;
const MOMENTS: u32 = 16;

fn write_chain(folder: &Path, format: Format, blocks: u64) {
    let mut fresh = Fresh::new(folder.join("building")).unwrap();
    let mut chain = Chain::begin(&mut fresh, format).unwrap();
    for height in 0..blocks {
        chain.add(Block::at(height, Some([7; 16]))).unwrap();
    }
    fresh.place(&folder.join(FILE)).unwrap();
}

fn data(format: Format, blocks: u64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_chain(folder.path(), format, blocks);
    folder
}

/// A chain that must be whole.
fn head(folder: &Path) -> (Format, Head) {
    let (head, blocks) = Blocks::open(&folder.join(FILE)).unwrap().last().unwrap();
    assert!(!blocks.is_torn());
    (blocks.format(), head)
}

fn command(data: &TempDir, words: &[&str]) -> Command {
    let mut command = alys_node();
    command.args(words).env("ALYS_DATA", data.path()).env("ALYS_VERSION", "v1.0.0").stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn succeeds(command: &mut Command) -> Output {
    let output = run_to_end(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

/// Runs a command again and again and kills it, each time a little later, until past its end.
fn kill_at_many_moments(
    mut prepared: impl FnMut(),
    command: impl Fn() -> Command,
    mut afterwards: impl FnMut(),
) {
    prepared();
    let began = Instant::now();
    succeeds(&mut command());
    let whole = began.elapsed();
    for moment in 0..=MOMENTS {
        prepared();
        let mut child = command().spawn().unwrap();
        sleep(whole * moment / MOMENTS);
        child.kill().unwrap();
        child.wait().unwrap();
        afterwards();
        succeeds(&mut command());
    }
}

#[test]
fn a_node_that_is_killed_again_and_again_loses_no_block_that_it_told_of() {
    for phase in ["foundation", "sync-improvement", "complete"] {
        let data = tempfile::tempdir().unwrap();
        let variables = [
            ("ALYS_DATA", data.path().to_str().unwrap()),
            ("ALYS_PHASE", phase),
            ("ALYS_BLOCK_SECONDS", "0.0001"),
        ];
        let mut told = None;
        for _ in 0..8 {
            let mut node = Node::start(&variables);
            let now = || serde_json::from_str::<Head>(&node.get("/chain").body).unwrap();
            if let Some(Head { height, .. }) = told {
                assert!(now().height >= height, "{phase}");
            }
            let from = now().height;
            eventually("blocks are made", || {
                told = Some(now());
                now().height > from + 5
            });
            node.signal(Signal::KILL);
            node.wait();
            let Head { height, root } = told.unwrap();
            succeeds(&mut command(&data, &["validate", "--has", &format!("{height}:{root}")]));
        }
    }
}

#[test]
fn a_migration_that_is_killed_leaves_the_old_chain_or_the_new_one() {
    let data = data(Format::Lines, BLOCKS);
    let expected = head(data.path()).1;
    kill_at_many_moments(
        || drop(succeeds(&mut command(&data, &["migrate", "--to", "1", "--back"]))),
        || command(&data, &["migrate", "--to", "sync-improvement"]),
        || assert_eq!(head(data.path()).1, expected),
    );
    assert_eq!(head(data.path()), (Format::Records, expected));
}

#[test]
fn a_backup_that_is_killed_is_whole_or_not_there() {
    let (data, place) = (data(Format::Lines, BLOCKS), tempfile::tempdir().unwrap());
    let to = place.path().join("b");
    let there = to.to_str().unwrap();
    kill_at_many_moments(
        || drop(fs::remove_dir_all(&to)),
        || command(&data, &["backup", "--to", there]),
        || {
            if to.exists() {
                succeeds(&mut command(&data, &["validate", "--archive", there]));
            }
        },
    );
    let names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn a_restore_that_is_killed_leaves_the_present_chain_or_the_backup() {
    let (data, place) = (data(Format::Lines, BLOCKS), tempfile::tempdir().unwrap());
    let before = head(data.path());
    let archive = place.path().join("b");
    succeeds(&mut command(&data, &["backup", "--to", archive.to_str().unwrap()]));
    let later = tempfile::tempdir().unwrap();
    write_chain(later.path(), Format::Unsealed, BLOCKS + 9);
    let after = head(later.path());
    kill_at_many_moments(
        || assert!(fs::copy(later.path().join(FILE), data.path().join(FILE)).is_ok()),
        || command(&data, &["restore", "--from", archive.to_str().unwrap()]),
        || assert!([before, after].contains(&head(data.path()))),
    );
    assert_eq!(head(data.path()), before);
}
