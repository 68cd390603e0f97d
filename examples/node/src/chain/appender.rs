//! A chain that grows, block by block.

use crate::chain::{
    block::{Block, Head},
    blocks::Blocks,
    folder::Folder,
    format::{Format, Record},
};
use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
};

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
    /// Opens the chain for more blocks; cuts off what a killed writer left of one that was never told of.
    ///
    /// # Errors
    /// One line with the file and, where there is one, the byte that is wrong.
    pub fn open(folder: Folder) -> Result<Self, String> {
        let path = folder.chain();
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
        Ok(Self { folder, file, format: blocks.format(), head, end: good, cut })
    }

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
pub(super) fn seal(format: Format) -> Result<Option<[u8; 16]>, String> {
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
pub(crate) mod tests {
    use super::*;
    use crate::chain::FILE;
    use proptest::prelude::*;
    use std::fs;
    use tempfile::TempDir;

    pub(crate) fn opened(folder: &TempDir) -> Appender {
        Appender::open(Folder::take(folder.path()).unwrap()).unwrap()
    }

    pub(crate) fn with_blocks(format: Format, count: u64) -> (TempDir, Head) {
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
    fn blocks_are_there_after_a_restart() {
        for format in Format::ALL {
            let (folder, head) = with_blocks(format, 5);
            let again = opened(&folder);
            assert_eq!((again.head(), again.cut(), again.format()), (head, 0, format));
        }
    }

    #[test]
    fn a_damaged_block_is_never_cut_off() {
        let (folder, _) = with_blocks(Format::Records, 5);
        let file = folder.path().join(FILE);
        let mut bytes = fs::read(&file).unwrap();
        let last = bytes.len() - 40;
        bytes[last] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let error = Appender::open(Folder::take(folder.path()).unwrap()).err().unwrap();
        assert!(error.contains("block 5 is damaged") && error.contains("restore a backup"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), bytes);
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
