//! A small node with the outside of a real Alys node: HTTP health, version and metrics, mounted flags and
//! secrets, a chain of blocks with its migrations and backups, a smoke test, and faults that can be switched on to try out how a release copes with them.
#![forbid(unsafe_code)]

pub mod archive;
pub mod backup;
pub mod chain;
pub mod cli;
pub mod client;
mod data_commands;
pub mod fault;
pub mod features;
pub mod forget;
pub mod growth;
pub mod lifecycle;
pub mod metrics;
pub mod migrate;
pub mod rehearse;
pub mod report;
pub mod restore;
pub mod server;
pub mod smoke;
pub mod validate;
pub mod version;
