//! The data folder: one chain, which one process at a time may change.

use crate::chain::{
    FILE,
    block::{Block, Head},
    blocks::Blocks,
    format::{Format, Record},
    fresh::{Chain, Fresh},
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
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

    /// Opens the chain for more blocks; cuts off what a killed writer left of one that was never told of.
    ///
    /// # Errors
    /// One line with the file and, where there is one, the byte that is wrong.
    pub fn open(self) -> Result<Appender, String> {
        let path = self.chain();
        let refusal = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let (head, blocks) = Blocks::open(&path)?
            .last()
            .map_err(|problem| refusal(&format_args!("{problem}; restore a backup of it")))?;
        let mut file = OpenOptions::new().write(true).open(&path).map_err(|error| refusal(&error))?;
        let good = blocks.good_bytes();
        let length = file.metadata().map_err(|error| refusal(&error))?.len();
        let cut = length - good;
        if cut > 0 {
            file.set_len(good).and_then(|()| file.sync_all()).map_err(|error| refusal(&error))?;
        }
        file.seek(SeekFrom::Start(good)).map_err(|error| refusal(&error))?;
        Ok(Appender { folder: self, file, format: blocks.format(), head, end: good, cut })
    }
}

/// A chain that grows.
pub struct Appender {
    folder: Folder,
    file: File,
    format: Format,
    head: Head,
    end: u64,
    cut: u64,
}

impl Appender {
    /// How the chain is written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The newest block.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// How many bytes were cut off when it was opened.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Adds the next block, and returns only when it is on the disk.
    ///
    /// # Errors
    /// What it can't be written with; the chain is then as it was.
    pub fn append(&mut self) -> Result<Head, String> {
        let block = Block::at(self.head.height + 1, seal(self.format)?);
        let head = Head::after(Some(self.head), &block);
        let bytes = self.format.encode(&Record { block, root: head.root });
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // What can't be cut off now is cut off at the next start, or written over by the next block.
            let _ = self.file.set_len(self.end);
            let _ = self.file.seek(SeekFrom::Start(self.end));
            return Err(format!("{}: {error}", self.folder.chain().display()));
        }
        self.end += bytes.len() as u64;
        self.head = head;
        Ok(head)
    }
}

/// What the old consensus would say about a block: nobody could say it a second time.
fn seal(format: Format) -> Result<Option<[u8; 16]>, String> {
    if !format.has_seals() {
        return Ok(None);
    }
    let mut seal = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut seal))
        .map_err(|error| format!("/dev/urandom: {error}"))?;
    Ok(Some(seal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tempfile::TempDir;

    fn opened(folder: &TempDir) -> Appender {
        Folder::take(folder.path()).unwrap().open().unwrap()
    }

    fn with_blocks(format: Format, count: u64) -> (TempDir, Head) {
        let folder = tempfile::tempdir().unwrap();
        assert!(Folder::take(folder.path()).unwrap().begin(format).unwrap());
        let mut chain = opened(&folder);
        for _ in 0..count {
            chain.append().unwrap();
        }
        let head = chain.head();
        (folder, head)
    }

    #[test]
    fn a_chain_begins_at_height_0_and_is_begun_once() {
        let (folder, head) = with_blocks(Format::Lines, 0);
        assert_eq!(head.height, 0);
        assert!(!Folder::take(folder.path()).unwrap().begin(Format::Records).unwrap());
        assert_eq!(opened(&folder).format(), Format::Lines);
    }

    #[test]
    fn blocks_are_there_after_a_restart() {
        for format in Format::ALL {
            let (folder, head) = with_blocks(format, 5);
            let again = opened(&folder);
            assert_eq!((again.head(), again.cut(), again.format()), (head, 0, format));
        }
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
    fn a_damaged_block_is_never_cut_off() {
        let (folder, _) = with_blocks(Format::Records, 5);
        let file = folder.path().join(FILE);
        let mut bytes = fs::read(&file).unwrap();
        let last = bytes.len() - 40;
        bytes[last] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let error = Folder::take(folder.path()).unwrap().open().err().unwrap();
        assert!(error.contains("block 5 is damaged") && error.contains("restore a backup"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), bytes);
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_writer_that_was_killed_at_any_byte_loses_no_block_that_it_told_of(
            format in 0_usize..3, told in 0_u64..4, cut in any::<prop::sample::Index>()
        ) {
            let (folder, head) = with_blocks(Format::ALL[format], told);
            let file = folder.path().join(FILE);
            let before = fs::read(&file).unwrap();
            opened(&folder).append().unwrap();
            let after = fs::read(&file).unwrap();
            // As if the writer of the last block had been killed in the middle of it.
            let kept = before.len() + cut.index(after.len() - before.len());
            fs::write(&file, &after[..kept]).unwrap();

            let mut chain = opened(&folder);
            prop_assert_eq!(chain.head(), head);
            prop_assert_eq!(chain.cut(), (kept - before.len()) as u64);
            let next = chain.append().unwrap();
            drop(chain);
            prop_assert_eq!(Blocks::open(&file).unwrap().last().unwrap().0, next);
            prop_assert_eq!(next.height, told + 1);
        }
    }
}
