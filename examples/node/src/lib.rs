//! A small node with the outside of a real Alys node: HTTP health, version and metrics, mounted flags and
//! secrets, a smoke test, and faults that can be switched on to try out how a release copes with them.
#![forbid(unsafe_code)]

pub mod chain;
pub mod cli;
pub mod client;
pub mod fault;
pub mod features;
pub mod lifecycle;
pub mod metrics;
pub mod report;
pub mod server;
pub mod smoke;
pub mod version;
