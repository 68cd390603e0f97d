//! The smoke test against real nodes.

mod common;

use common::{Node, alys_node, run_to_end, text};
use std::{fs, net::TcpListener, process::Output};

/// A smoke test that gives up soon.
fn smoke(service: &str, pods: &[&str], more: &[&str]) -> Output {
    let mut command = alys_node();
    command.args(["smoke", "--timeout", "0.5", "--service", service]);
    for pod in pods {
        command.args(["--pod", pod]);
    }
    // As in the Job, where the image's own variables are those of the version under test.
    command.args(more).env("ALYS_FAULT", "exit-at-start").env("ALYS_VERSION", "v9.9.9");
    run_to_end(&mut command)
}

#[test]
fn what_was_deployed_passes_with_a_line_for_each_check() {
    let node = Node::start(&[]);
    let url = node.url();
    let output = smoke(&url, &[&url], &["--version=v1.0.0", "--flags-digest=e3b0c44298fc"]);
    assert_eq!(output.status.code(), Some(0));
    let found = "version v1.0.0, flags e3b0c44298fc";
    assert_eq!(
        text(&output.stdout),
        format!(
            "ok      {url}/ready  status 200\nok      {url}/version  {found}\n\
             ok      {url}/ready  status 200\nok      {url}/version  {found}\n"
        )
    );
}

#[test]
fn a_pod_of_another_version_fails_with_both_versions() {
    let node = Node::start(&[]);
    let output = smoke(&node.url(), &[&node.url()], &["--version=v2.0.0"]);
    assert_eq!(output.status.code(), Some(1));
    let line = format!(
        "FAILED  {}/version  expected version v2.0.0; found version v1.0.0, flags e3b0c44298fc",
        node.url()
    );
    assert!(text(&output.stdout).lines().any(|found| found == line), "{}", text(&output.stdout));
}

#[test]
fn a_service_that_still_answers_with_another_version_passes() {
    let (old, new) = (Node::start(&[]), Node::start(&[("ALYS_VERSION", "v2.0.0")]));
    let output = smoke(&old.url(), &[&new.url()], &["--version=v2.0.0"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn a_pod_with_other_flags_fails() {
    let folder = tempfile::tempdir().unwrap();
    let features = folder.path().join("features.toml");
    fs::write(&features, "fast_sync = true\n").unwrap();
    let node = Node::start(&[("ALYS_FEATURES", features.to_str().unwrap())]);
    let right = ["--version=v1.0.0", "--flags-digest=25ec5c1a3ad0"];
    let wrong = ["--version=v1.0.0", "--flags-digest=e3b0c44298fc"];
    assert_eq!(smoke(&node.url(), &[&node.url()], &right).status.code(), Some(0));
    assert_eq!(smoke(&node.url(), &[&node.url()], &wrong).status.code(), Some(1));
}

#[test]
fn a_version_that_fails_its_smoke_test_is_caught() {
    let node = Node::with_fault("fails-smoke");
    let output = smoke(&node.url(), &[&node.url()], &["--version=v1.0.0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("found version v1.0.0-broken"));
}

#[test]
fn a_version_that_is_never_ready_is_caught() {
    let node = Node::with_fault("never-ready");
    let output = smoke(&node.url(), &[&node.url()], &["--version=v1.0.0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("/ready  expected status 200, found 503"));
}

#[test]
fn a_version_that_serves_errors_is_left_to_the_gates() {
    let node = Node::with_fault("serve-errors");
    assert_eq!(smoke(&node.url(), &[&node.url()], &["--version=v1.0.0"]).status.code(), Some(0));
}

#[test]
fn a_pod_that_needs_a_moment_passes() {
    let node = Node::with_fault("slow-start:2");
    assert_eq!(node.get("/ready").status, 503);
    let mut patient = alys_node();
    patient.args(["smoke", "--version=v1.0.0", "--service", &node.url(), "--pod", &node.url()]);
    assert_eq!(run_to_end(&mut patient).status.code(), Some(0));
}

#[test]
fn a_pod_that_cannot_be_reached_fails_and_the_others_are_still_checked() {
    let node = Node::start(&[]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = smoke(&node.url(), &[&format!("http://{nobody}"), &node.url()], &["--version=v1.0.0"]);
    assert_eq!(output.status.code(), Some(1));
    let lines = text(&output.stdout);
    assert!(lines.contains(&format!("FAILED  http://{nobody}/ready  no answer: ")), "{lines}");
    assert_eq!(lines.lines().filter(|line| line.starts_with("ok ")).count(), 4, "{lines}");
}

#[test]
fn a_pod_that_accepts_and_says_nothing_fails() {
    let node = Node::start(&[]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let output = smoke(&node.url(), &[&url], &["--version=v1.0.0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("no answer within 3 s"), "{}", text(&output.stdout));
}

#[test]
fn a_service_url_with_a_path_is_wrong_input() {
    let output = smoke("http://alys-node/version", &[], &["--version=v1.0.0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("http://HOST:PORT"));
}
