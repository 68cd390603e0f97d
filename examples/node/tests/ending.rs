//! How a node ends when it is told to.

mod common;

use common::{Answer, Node, eventually};
use rustix::process::Signal;
use std::io::{Read as _, Write as _};

#[test]
fn sigterm_ends_a_node_with_0() {
    let mut node = Node::start(&[]);
    node.signal(Signal::TERM);
    assert_eq!(node.wait().code(), Some(0));
    assert!(node.rest_of_log().ends_with("SIGTERM: draining for 0 s\nended\n"));
}

#[test]
fn sigint_ends_a_node_with_0() {
    let mut node = Node::start(&[]);
    node.signal(Signal::INT);
    assert_eq!(node.wait().code(), Some(0));
}

#[test]
fn sigterm_ends_a_node_that_is_still_starting() {
    let mut node = Node::with_fault("slow-start:600");
    node.signal(Signal::TERM);
    assert_eq!(node.wait().code(), Some(0));
}

#[test]
fn idle_and_silent_connections_do_not_hold_a_node() {
    let mut node = Node::start(&[]);
    let _silent = node.connect().unwrap();
    let mut idle = node.connect().unwrap();
    write!(idle, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 16]).unwrap();
    node.signal(Signal::TERM);
    assert_eq!(node.wait().code(), Some(0));
    assert!(!node.rest_of_log().contains("still open"));
}

#[test]
fn a_request_that_has_begun_is_answered() {
    let mut node = Node::start(&[]);
    let mut begun = node.connect().unwrap();
    write!(begun, "GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
    // Connections are taken in order: once a later one is answered, this one has been read.
    node.get("/health");
    node.signal(Signal::TERM);
    eventually("no new connections", || node.connect().is_none());
    write!(begun, "\r\n").unwrap();
    let answer = Answer::read(&mut begun).expect("an answer");
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    assert_eq!(node.wait().code(), Some(0));
}

#[test]
fn a_request_that_never_ends_does_not_hold_a_node_for_ever() {
    let mut node = Node::start(&[]);
    let mut begun = node.connect().unwrap();
    write!(begun, "GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
    node.get("/health");
    node.signal(Signal::TERM);
    assert_eq!(node.wait().code(), Some(0));
    assert!(node.rest_of_log().contains("connections still open after 5 s: closed"));
}

#[test]
fn a_draining_node_takes_requests_and_sends_their_clients_away() {
    let mut node = Node::start(&[("ALYS_DRAIN_SECONDS", "4")]);
    let mut kept = node.connect().unwrap();
    write!(kept, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    kept.read_exact(&mut [0; 16]).unwrap();
    node.signal(Signal::TERM);
    eventually("not ready", || node.get("/ready").status == 503);
    assert_eq!(node.get("/").status, 200);
    assert_eq!(node.get("/health").status, 200);
    write!(kept, "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut rest = String::new();
    kept.read_to_string(&mut rest).unwrap();
    assert!(rest.to_lowercase().contains("connection: close"), "{rest}");
    assert_eq!(node.wait().code(), Some(0));
}
