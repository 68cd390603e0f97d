//! The data folder: one chain, which one process at a time may change.

use crate::chain::{
    FILE,
    appender::seal,
    block::Block,
    format::Format,
    fresh::{Chain, Fresh},
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

/// Between two looks whether the folder is free.
const PAUSE: Duration = Duration::from_millis(20);
const LOCK: &str = "lock";
/// A chain that is being written.
const BESIDE: &str = ".chain.new";
/// The chain that a restore is about to replace.
const ASIDE: &str = ".chain.aside";

/// A data folder that this process alone changes until it ends.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder, and takes away what a killed process left beside the chain.
    ///
    /// # Errors
    /// One line with the folder: it isn't there, or another process has it.
    pub fn take(path: &Path) -> Result<Self, String> {
        Self::take_within(path, Duration::ZERO)
    }

    /// Takes the folder as soon as whoever has it lets go of it.
    ///
    /// # Errors
    /// One line with the folder: it isn't there, or another process has it for longer.
    pub fn take_within(path: &Path, wait: Duration) -> Result<Self, String> {
        let end = Instant::now() + wait;
        let shown = path.display();
        let lock = OpenOptions::new().create(true).append(true).open(path.join(LOCK)).map_err(|error| {
            format!("{shown}: {error}; mount a volume there, or give another folder with ALYS_DATA")
        })?;
        while let Err(error) = lock.try_lock() {
            match error {
                TryLockError::WouldBlock if Instant::now() < end => sleep(PAUSE),
                TryLockError::WouldBlock => {
                    return Err(format!("{shown}: another alys-node is at work there; end it first"));
                }
                TryLockError::Error(error) => return Err(format!("{shown}: {error}")),
            }
        }
        let folder = Self { path: path.into(), _lock: lock };
        for left in [folder.beside(), folder.aside()] {
            match fs::remove_file(&left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(format!("{}: {error}", left.display()));
                }
                _ => (),
            }
        }
        Ok(folder)
    }

    /// The file of the chain.
    #[must_use]
    pub fn chain(&self) -> PathBuf {
        self.path.join(FILE)
    }

    /// Where the present chain is kept while another one is put into its place.
    #[must_use]
    pub fn aside(&self) -> PathBuf {
        self.path.join(ASIDE)
    }

    /// Where a chain is written before it takes the place of the present one.
    #[must_use]
    pub fn beside(&self) -> PathBuf {
        self.path.join(BESIDE)
    }

    /// Another file in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether there is a chain.
    ///
    /// # Errors
    /// What keeps that from being known.
    pub fn holds_chain(&self) -> Result<bool, String> {
        self.chain().try_exists().map_err(|error| format!("{}: {error}", self.chain().display()))
    }

    /// Begins a chain with its first block where there is none.
    ///
    /// # Errors
    /// What it can't be written with.
    pub fn begin(&self, format: Format) -> Result<bool, String> {
        if self.holds_chain()? {
            return Ok(false);
        }
        let mut fresh = Fresh::new(self.beside())?;
        Chain::begin(&mut fresh, format)?.add(Block::at(0, seal(format)?))?;
        fresh.place(&self.chain())?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::appender::tests::{opened, with_blocks};

    #[test]
    fn a_chain_begins_at_height_0_and_is_begun_once() {
        let (folder, head) = with_blocks(Format::Lines, 0);
        assert_eq!(head.height, 0);
        assert!(!Folder::take(folder.path()).unwrap().begin(Format::Records).unwrap());
        assert_eq!(opened(&folder).format(), Format::Lines);
    }

    #[test]
    fn a_second_process_is_refused() {
        let (folder, _) = with_blocks(Format::Lines, 0);
        let _first = opened(&folder);
        let error = Folder::take(folder.path()).err().unwrap();
        assert!(error.contains("another alys-node is at work there"), "{error}");
    }

    #[test]
    fn who_waits_gets_the_folder_once_it_is_free() {
        let (folder, _) = with_blocks(Format::Lines, 0);
        let first = opened(&folder);
        let path = folder.path().to_owned();
        let waiting = std::thread::spawn(move || Folder::take_within(&path, Duration::from_secs(60)).is_ok());
        drop(first);
        assert!(waiting.join().unwrap());
    }

    #[test]
    fn a_folder_that_is_missing_is_named_with_the_remedy() {
        let error = Folder::take(Path::new("/nowhere/alys")).err().unwrap();
        assert!(error.starts_with("/nowhere/alys: ") && error.contains("ALYS_DATA"), "{error}");
    }

    #[test]
    fn what_a_killed_process_left_beside_the_chain_is_taken_away() {
        let (folder, _) = with_blocks(Format::Lines, 0);
        for left in [BESIDE, ASIDE] {
            fs::write(folder.path().join(left), "half").unwrap();
        }
        opened(&folder);
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [FILE, LOCK]);
    }
}
