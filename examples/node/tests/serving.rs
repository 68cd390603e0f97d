//! What a node answers, healthy and with each of its faults.

mod common;

use common::{Node, alys_node, eventually, run_to_end, text};
use std::fs;

const ERRORS: &str = "alys_migration_errors_total{version=\"v1.0.0\"}";

/// The status of `/health`, `/ready`, `/version` and `/`.
fn statuses(node: &Node) -> [u16; 4] {
    ["/health", "/ready", "/version", "/"].map(|path| node.get(path).status)
}

fn version(node: &Node) -> serde_json::Value {
    serde_json::from_str(&node.get("/version").body).unwrap()
}

#[test]
fn a_healthy_node_answers_everything() {
    let node = Node::start(&[]);
    assert_eq!(statuses(&node), [200; 4]);
    assert_eq!(node.get("/nowhere").status, 404);
}

#[test]
fn an_empty_fault_is_a_healthy_node() {
    assert_eq!(statuses(&Node::with_fault("")), [200; 4]);
}

#[test]
fn a_node_reports_its_version_flags_pod_and_names_of_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let features = folder.path().join("features.toml");
    let secrets = folder.path().join("secrets");
    fs::write(&features, "fast_sync = true\n").unwrap();
    fs::create_dir(&secrets).unwrap();
    fs::write(secrets.join("rpc-token"), "hush").unwrap();
    let node = Node::start(&[
        ("ALYS_FEATURES", features.to_str().unwrap()),
        ("ALYS_SECRETS", secrets.to_str().unwrap()),
        ("POD_NAME", "alys-node-0"),
    ]);
    assert_eq!(
        version(&node),
        serde_json::json!({
            "version": "v1.0.0",
            "flags": {"fast_sync": true},
            "flags_digest": "25ec5c1a3ad0",
            "pod": "alys-node-0",
            "secrets": ["rpc-token"],
        })
    );
    assert!(node.get("/version").head.contains("content-type: application/json"));
}

#[test]
fn a_healthy_node_serves_the_metrics_of_the_gates() {
    let node = Node::start(&[]);
    node.get("/");
    assert_eq!(node.metric(ERRORS), Some(0.0));
    assert_eq!(node.metric("alys_migration_rollbacks_total{version=\"v1.0.0\"}"), Some(0.0));
    assert_eq!(node.metric("alys_actor_restarts_total{version=\"v1.0.0\"}"), Some(0.0));
    assert_eq!(node.metric("alys_requests_total{version=\"v1.0.0\",code=\"200\"}"), Some(1.0));
    let pace = node.metric("alys_sync_blocks_per_second{version=\"v1.0.0\"}").unwrap();
    assert!((150.0..=200.0).contains(&pace), "{pace}");
    assert!(node.get("/metrics").head.contains("content-type: application/openmetrics-text; version=1.0.0"));
}

#[test]
fn a_node_that_exits_at_start_says_why() {
    let output = run_to_end(alys_node().args(["run", "--version=v1", "--fault=exit-at-start"]));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "alys-node: ended by its fault exit-at-start\n");
}

#[test]
fn a_node_that_is_never_ready_is_alive() {
    assert_eq!(statuses(&Node::with_fault("never-ready")), [200, 503, 200, 200]);
}

#[test]
fn a_node_that_serves_errors_is_ready_and_counts_them() {
    let node = Node::with_fault("serve-errors");
    assert_eq!(statuses(&node), [200, 200, 200, 500]);
    assert_eq!(node.metric("alys_requests_total{version=\"v1.0.0\",code=\"500\"}"), Some(1.0));
    eventually("migration errors rise", || node.metric(ERRORS) > Some(1.0));
}

#[test]
fn a_node_that_crashes_ends_with_1_after_it_has_served() {
    let mut node = Node::with_fault("crash-after:0.5");
    assert_eq!(node.wait().code(), Some(1));
}

#[test]
fn a_slow_start_becomes_ready_in_the_end() {
    let node = Node::with_fault("slow-start:3");
    assert_eq!(statuses(&node), [200, 503, 200, 200]);
    eventually("ready", || node.get("/ready").status == 200);
}

#[test]
fn a_node_that_fails_its_smoke_test_is_ready_and_claims_another_version() {
    let node = Node::with_fault("fails-smoke");
    assert_eq!(statuses(&node), [200; 4]);
    assert_eq!(version(&node)["version"], "v1.0.0-broken");
}

#[test]
fn a_node_without_metrics_is_ready_and_answers_scrapes() {
    let node = Node::with_fault("no-metrics");
    assert_eq!(statuses(&node), [200; 4]);
    let scrape = node.get("/metrics");
    assert_eq!(scrape.status, 200);
    assert!(!scrape.body.contains("alys_"), "{}", scrape.body);
}

#[test]
fn a_node_with_migration_errors_is_healthy_otherwise() {
    let node = Node::with_fault("migration-errors");
    assert_eq!(statuses(&node), [200; 4]);
    eventually("migration errors rise", || node.metric(ERRORS) > Some(1.0));
}

#[test]
fn an_unknown_fault_is_wrong_input() {
    let output = run_to_end(alys_node().arg("run").env("ALYS_VERSION", "v1").env("ALYS_FAULT", "explode"));
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("unknown fault `explode` in ALYS_FAULT; known: exit-at-start,"));
}

#[test]
fn a_missing_version_is_wrong_input() {
    let output = run_to_end(alys_node().arg("run"));
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--version <VERSION>"));
}

#[test]
fn wrong_toml_is_wrong_input_named_in_one_line_with_file_and_position() {
    let folder = tempfile::tempdir().unwrap();
    let features = folder.path().join("features.toml");
    fs::write(&features, "good = true\nbad =\n").unwrap();
    let output = run_to_end(alys_node().args(["run", "--version=v1"]).env("ALYS_FEATURES", &features));
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.starts_with(&format!("alys-node: {}:2:", features.display())), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[test]
fn an_address_in_use_is_named_with_the_remedy() {
    let first = Node::start(&[]);
    let data = tempfile::tempdir().unwrap();
    let mut second = alys_node();
    second.args(["run", "--version=v1", "--listen", &first.address]).env("ALYS_DATA", data.path());
    let output = run_to_end(&mut second);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains(&first.address) && message.contains("ALYS_LISTEN"), "{message}");
}

#[test]
fn a_node_tells_its_chain_and_every_block_of_it() {
    let node = Node::start(&[("ALYS_PHASE", "sync-improvement"), ("ALYS_BLOCK_SECONDS", "0.01")]);
    let chain = || serde_json::from_str::<serde_json::Value>(&node.get("/chain").body).unwrap();
    eventually("blocks are made", || chain()["height"].as_u64() > Some(2));
    assert_eq!((&chain()["format"], &chain()["phase"]), (&2.into(), &"sync-improvement".into()));
    let block: serde_json::Value = serde_json::from_str(&node.get("/chain/1").body).unwrap();
    assert_eq!(block["height"], 1);
    assert_eq!(block["state_root"].as_str().unwrap().len(), 64);
    assert_eq!(node.get("/chain/999999").status, 404);
}

#[test]
fn two_nodes_agree_on_every_block_that_both_have() {
    let nodes = [(); 2].map(|()| Node::start(&[("ALYS_BLOCK_SECONDS", "0.01")]));
    for node in &nodes {
        eventually("block 3", || node.get("/chain/3").status == 200);
    }
    assert_eq!(nodes[0].get("/chain/3").body, nodes[1].get("/chain/3").body);
}

#[test]
fn the_chain_is_in_the_metrics() {
    let node = Node::start(&[("ALYS_BLOCK_SECONDS", "0.01")]);
    let height = "alys_chain_height{version=\"v1.0.0\"}";
    eventually("blocks are made", || node.metric(height) > Some(2.0));
    assert_eq!(node.metric("alys_chain_format{version=\"v1.0.0\"}"), Some(1.0));
    assert_eq!(node.metric("alys_chain_errors_total{version=\"v1.0.0\"}"), Some(0.0));
}

#[test]
fn a_data_folder_that_is_missing_is_named_with_the_remedy() {
    let mut command = alys_node();
    command.args(["run", "--version=v1", "--listen=127.0.0.1:0"]).env("ALYS_DATA", "/nowhere/alys");
    let output = run_to_end(&mut command);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("/nowhere/alys: ") && message.contains("ALYS_DATA"), "{message}");
}

#[test]
fn an_unknown_phase_is_wrong_input() {
    let output = run_to_end(alys_node().args(["run", "--version=v1"]).env("ALYS_PHASE", "sync"));
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the phases are foundation, actor-core,"));
}
