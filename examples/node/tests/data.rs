//! The commands on the data, as people and Jobs run them.

mod common;

use common::{Node, alys_node, eventually, run_to_end, text};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

/// A data folder with some blocks in the first format.
fn data() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("ALYS_DATA", folder.path().to_str().unwrap()), ("ALYS_BLOCK_SECONDS", "0.001")];
    let node = Node::start(&variables);
    eventually("blocks are made", || node.get("/chain/20").status == 200);
    drop(node);
    folder
}

fn run(data: &Path, words: &[&str]) -> Output {
    run_to_end(alys_node().args(words).env("ALYS_DATA", data).env("ALYS_VERSION", "v1.0.0"))
}

fn validated(data: &Path, words: &[&str]) -> (Option<i32>, serde_json::Value) {
    let output = run(data, &[&["validate"], words].concat());
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

/// In a process that can write no file beyond 1 KiB, as on a volume without more room.
fn run_without_room(data: &Path, words: &[&str]) -> Output {
    let binary = alys_node().get_program().to_owned();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$@\"", "sh"]).arg(binary).args(words);
    command.env("ALYS_DATA", data).env("ALYS_VERSION", "v1.0.0").env_remove("ALYS_FAULT");
    run_to_end(&mut command)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_phase_forward_keeps_every_block() {
    let data = data();
    let (code, before) = validated(data.path(), &[]);
    assert_eq!(code, Some(0));
    let has = format!("{}:{}", before["height"], before["state_root"].as_str().unwrap());
    for phase in [
        "foundation",
        "actor-core",
        "sync-improvement",
        "lighthouse-migration",
        "governance-integration",
        "complete",
    ] {
        let done = run(data.path(), &["migrate", "--to", phase]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let again = run(data.path(), &["migrate", "--to", phase]);
        assert!(text(&again.stdout).ends_with("nothing was done\n"), "{}", text(&again.stdout));
        let (code, report) = validated(data.path(), &["--phase", phase, "--has", &has]);
        assert_eq!((code, &report["blocks"]), (Some(0), &before["blocks"]), "{phase}: {report}");
    }
}

#[test]
fn a_node_makes_more_blocks_after_a_migration() {
    let data = data();
    let (_, before) = validated(data.path(), &[]);
    run(data.path(), &["migrate", "--to", "sync-improvement"]);
    let node = Node::start(&[
        ("ALYS_DATA", data.path().to_str().unwrap()),
        ("ALYS_PHASE", "sync-improvement"),
        ("ALYS_BLOCK_SECONDS", "0.001"),
    ]);
    let next = format!("/chain/{}", before["height"].as_u64().unwrap() + 1);
    eventually("another block", || node.get(&next).status == 200);
}

#[test]
fn a_node_does_not_start_on_data_of_another_phase() {
    let data = data();
    let mut command = alys_node();
    command.args(["run", "--version=v1", "--listen=127.0.0.1:0", "--phase=complete"]);
    let output = run_to_end(command.env("ALYS_DATA", data.path()));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("alys-node migrate --to complete"), "{}", text(&output.stderr));
}

#[test]
fn a_backup_of_a_running_node_restores_after_it_has_ended() {
    let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().to_str().unwrap();
    let archive = place.path().join("b");
    let archive = archive.to_str().unwrap();
    let node = Node::start(&[("ALYS_DATA", path), ("ALYS_BLOCK_SECONDS", "0.001")]);
    eventually("blocks are made", || node.get("/chain/20").status == 200);
    let backed_up = run(folder.path(), &["backup", "--to", archive]);
    assert!(backed_up.status.success(), "{}", text(&backed_up.stderr));
    let while_running = run(folder.path(), &["restore", "--from", archive]);
    assert!(text(&while_running.stderr).contains("another alys-node is at work"), "it runs");
    drop(node);
    assert!(run(folder.path(), &["restore", "--from", archive]).status.success());
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(Path::new(archive).join("manifest.json")).unwrap()).unwrap();
    let (code, report) = validated(folder.path(), &[]);
    assert_eq!((code, &report["height"]), (Some(0), &manifest["height"]));
    assert_eq!(report["state_root"], manifest["state_root"]);
}

#[test]
fn backups_are_told_as_json() {
    let (data, place) = (data(), tempfile::tempdir().unwrap());
    let archive = place.path().join("before/alys-node-0");
    run(data.path(), &["backup", "--to", archive.to_str().unwrap()]);
    let told = run(data.path(), &["backups", "--in", place.path().to_str().unwrap(), "--timeout", "60"]);
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told[0]["name"], &told[0]["folder"]), (&"before".into(), &"alys-node-0".into()));
    assert_eq!(told[0]["manifest"]["version"], "v1.0.0");
}

#[test]
fn a_backup_that_finds_no_room_says_so_and_leaves_nothing() {
    let (data, place) = (data(), tempfile::tempdir().unwrap());
    let to = place.path().join("before/alys-node-0");
    let output = run_without_room(data.path(), &["backup", "--to", to.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(
        message.contains("there is no room for it") && message.contains("remove old backups"),
        "{message}"
    );
    assert_eq!(names(place.path()), Vec::<String>::new());
}

#[test]
fn a_migration_and_a_restore_that_find_no_room_leave_the_data_as_it_was() {
    let (data, place) = (data(), tempfile::tempdir().unwrap());
    let archive = place.path().join("b");
    let archive = archive.to_str().unwrap();
    assert!(run(data.path(), &["backup", "--to", archive]).status.success());
    let before = fs::read(data.path().join("chain")).unwrap();
    for words in [["migrate", "--to", "2"], ["restore", "--from", archive]] {
        let output = run_without_room(data.path(), &words);
        assert!(text(&output.stderr).contains("no room"), "{}", text(&output.stderr));
        assert_eq!(fs::read(data.path().join("chain")).unwrap(), before);
        assert_eq!(names(data.path()), ["chain", "lock"]);
    }
    let rehearsed = run_without_room(data.path(), &["rehearse", "--from", archive, "--to", "2"]);
    assert!(text(&rehearsed.stderr).contains("no room"), "{}", text(&rehearsed.stderr));
    assert_eq!(names(place.path()), ["b"]);
}

#[test]
fn a_rehearsal_tells_what_a_migration_would_do_and_changes_nothing() {
    let (data, place) = (data(), tempfile::tempdir().unwrap());
    let archive = place.path().join("b");
    let archive = archive.to_str().unwrap();
    run(data.path(), &["backup", "--to", archive]);
    let before = fs::read(data.path().join("chain")).unwrap();
    let done = run(data.path(), &["rehearse", "--from", archive, "--to", "lighthouse-migration"]);
    assert!(text(&done.stdout).contains("migrates to format 3"), "{}", text(&done.stderr));
    assert_eq!(fs::read(data.path().join("chain")).unwrap(), before);
    assert_eq!(names(place.path()), ["b"]);
}

#[test]
fn what_hangs_is_given_up() {
    let data = data();
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("b");
    let words: [(&str, &[&str]); 2] = [
        ("migrate-hangs", &["migrate", "--to", "2", "--timeout", "0.2"]),
        ("backup-hangs", &["backup", "--to", to.to_str().unwrap(), "--timeout", "0.2"]),
    ];
    for (fault, words) in words {
        let mut command = alys_node();
        command.args(words).env("ALYS_DATA", data.path()).env("ALYS_VERSION", "v1").env("ALYS_FAULT", fault);
        let output = run_to_end(&mut command);
        assert_eq!(output.status.code(), Some(1), "{fault}");
        assert!(text(&output.stderr).contains("not done after 0.2 s"), "{}", text(&output.stderr));
    }
    assert!(validated(data.path(), &["--phase", "1"]).1["ok"].as_bool().unwrap());
}

#[test]
fn a_block_that_a_migration_lost_is_seen() {
    let data = data();
    let (_, before) = validated(data.path(), &[]);
    let has = format!("{}:{}", before["height"], before["state_root"].as_str().unwrap());
    let mut lossy = alys_node();
    lossy.args(["migrate", "--to=2"]).env("ALYS_DATA", data.path()).env("ALYS_FAULT", "migrate-loses-block");
    assert!(run_to_end(&mut lossy).status.success());
    let (code, report) = validated(data.path(), &["--has", &has]);
    assert_eq!(code, Some(1));
    assert!(report["problems"][0].as_str().unwrap().contains("missing that was there before"), "{report}");
}
