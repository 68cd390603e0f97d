//! The node's data: a chain of blocks in one file, whose format is another one in some phases.

pub mod appender;
pub mod block;
pub mod blocks;
pub mod folder;
pub mod format;
pub mod fresh;
pub mod phase;

/// The name of the file that holds the chain, in the data folder and in an archive.
pub const FILE: &str = "chain";
