//! The chain of a running node: a block every so often, each told of once it is on the disk.

use crate::chain::{
    appender::Appender, block::Head, blocks::Blocks, folder::Folder, format::Format, phase::Phase,
};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

/// What a node knows of its chain while that grows.
pub struct Chain {
    file: PathBuf,
    format: Format,
    phase: Option<Phase>,
    head: Mutex<Head>,
}

/// The body of `/chain`.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// The newest block.
    #[serde(flatten)]
    pub head: Head,
    /// The number of the format.
    pub format: u8,
    /// The phase, empty for none.
    pub phase: &'static str,
}

impl Chain {
    /// Opens the chain of a data folder, and begins it in the phase's format where there is none.
    ///
    /// # Errors
    /// One line: the folder, the chain, or a format that isn't the phase's.
    pub fn open(data: &Path, phase: Option<Phase>) -> Result<(Self, Appender), String> {
        let folder = Folder::take(data)?;
        let file = folder.chain();
        folder.begin(phase.map_or(Format::Lines, Phase::format))?;
        let appender = Appender::open(folder)?;
        let format = appender.format();
        if let Some(phase) = phase
            && phase.format() != format
        {
            return Err(format!(
                "{} is in format {format}, and phase {phase} needs {}: alys-node migrate --to {phase}",
                file.display(),
                phase.format()
            ));
        }
        Ok((Self { file, format, phase, head: Mutex::new(appender.head()) }, appender))
    }

    /// The newest block that is on the disk.
    pub fn head(&self) -> Head {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is said about the chain.
    #[must_use]
    pub fn told(&self) -> Told {
        let phase = self.phase.map_or("", Phase::name);
        Told { head: self.head(), format: self.format.number(), phase }
    }

    /// A block that was told of and its state root, read from the disk; none where there is no such block.
    ///
    /// # Errors
    /// What is wrong on the way there.
    pub fn at(&self, height: u64) -> Result<Option<Head>, String> {
        if height > self.head().height {
            return Ok(None);
        }
        let mut blocks = Blocks::open(&self.file)?;
        while let Some(block) = blocks.next() {
            block.map_err(|problem| problem.to_string())?;
            if blocks.head().is_some_and(|head| head.height == height) {
                return Ok(blocks.head());
            }
        }
        Err(format!("block {height} was there and is gone"))
    }

    fn tell(&self, head: Head) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
    }
}

/// Adds blocks until the process ends, however that comes: what was told of is on the disk.
///
/// `told` is given each new head, or what kept a block from being written; the next is tried all the same.
pub fn grow(
    mut appender: Appender,
    every: Duration,
    chain: std::sync::Arc<Chain>,
    told: impl Fn(Result<Head, String>) + Send + 'static,
) {
    // A thread of its own: a disk that is slow must not hold up answers.
    thread::spawn(move || {
        while !every.is_zero() {
            thread::sleep(every);
            let head = appender.append();
            if let Ok(head) = head {
                chain.tell(head);
            }
            told(head);
        }
        // Without blocks to make it still keeps others from the folder.
        loop {
            thread::park();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_volume_gets_a_chain_in_the_format_of_the_phase() {
        let data = tempfile::tempdir().unwrap();
        let (chain, _) = Chain::open(data.path(), Some(Phase::SyncImprovement)).unwrap();
        let told = chain.told();
        assert_eq!((told.head.height, told.format, told.phase), (0, 2, "sync-improvement"));
    }

    #[test]
    fn without_a_phase_any_format_will_do() {
        let data = tempfile::tempdir().unwrap();
        drop(Chain::open(data.path(), Some(Phase::Complete)).unwrap());
        assert_eq!(Chain::open(data.path(), None).unwrap().0.told().format, 3);
    }

    #[test]
    fn data_of_another_phase_is_refused_with_the_command_that_migrates_it() {
        let data = tempfile::tempdir().unwrap();
        drop(Chain::open(data.path(), None).unwrap());
        let error = Chain::open(data.path(), Some(Phase::SyncImprovement)).err().unwrap();
        assert!(error.ends_with("alys-node migrate --to sync-improvement"), "{error}");
    }

    #[test]
    fn any_block_that_was_told_of_can_be_asked_for() {
        let data = tempfile::tempdir().unwrap();
        let (chain, mut appender) = Chain::open(data.path(), None).unwrap();
        let heads: Vec<_> = (0..3).map(|_| appender.append().unwrap()).collect();
        assert_eq!(chain.at(1).unwrap(), None);
        chain.tell(heads[2]);
        assert_eq!(chain.at(2).unwrap(), Some(heads[1]));
        assert_eq!(chain.at(4).unwrap(), None);
    }
}
